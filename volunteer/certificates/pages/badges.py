"""Open Badges: a volunteer takes their certificate away as one; other programs read who issues and what was revoked."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from volunteer.access import Permission
from volunteer.certificates import queries
from volunteer.certificates.badges import credential as badges
from volunteer.certificates.badges import publishing
from volunteer.certificates.wording import pick
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import NotFound
from volunteer.web import county, throttle
from volunteer.web.config import current_settings
from volunteer.web.files import handed_out
from volunteer.web.identity import current_actor, open_to_all, requires
from volunteer.web.locale import chosen

bp = Blueprint("badges", __name__)
MOST_LISTS = 10_000


@bp.get("/me/certificates/<number>.badge.svg")
@requires(Permission.CERTIFICATE_ISSUE_OWN)
def mine(number: str) -> ResponseReturnValue:
    """One's own certificate as a picture that carries the credential; with ``?as=jwt`` the credential alone."""
    found = queries.own(db.session(), current_actor().user_id, number)
    token = publishing.badge_of(db.session(), found, issuer=_issuer())
    title = pick(badges.NAMES[badges.slug_of(found.facts)], found.locale)
    bare = request.args.get("as") == "jwt"
    response = Response(token if bare else badges.baked(token, title), mimetype="application/vc+jwt" if bare else "image/svg+xml")
    return handed_out(response, f"badge-{number}.{'jwt' if bare else 'svg'}", proof=False)


@bp.get("/badges/did.json")
@open_to_all
def did() -> ResponseReturnValue:
    """The issuer's keys, as did:web asks for them."""
    return jsonify(publishing.did_document(db.session()))


@bp.get("/badges/issuer")
@open_to_all
def issuer() -> ResponseReturnValue:
    """Who issues: for people, and for programs that ask for JSON."""
    home = current_settings().public_url
    if _wants_json():
        return jsonify({"@context": badges.CONTEXT} | badges.profile(home, _issuer(), chosen()))
    return render_template("certificates/badge_issuer.html", did=badges.did_of(home), names=badges.NAMES, pick=pick)


@bp.get("/badges/achievements/<slug>")
@open_to_all
def achievement(slug: str) -> ResponseReturnValue:
    """What a badge stands for."""
    if slug not in badges.NAMES:
        raise NotFound("achievement")
    said = badges.achievement(current_settings().public_url, slug, chosen())
    if _wants_json():
        return jsonify({"@context": badges.CONTEXT} | said)
    return render_template("certificates/badge_achievement.html", said=said)


@bp.get("/badges/status/<int:number>")
@open_to_all
def status(number: int) -> ResponseReturnValue:
    """One list of what was revoked, signed."""
    if number >= MOST_LISTS:
        raise NotFound("list")
    at = now()
    throttle.spend_here(throttle.VERIFY_ADDRESS, at)
    return Response(publishing.status_list(db.session(), number, at=at), mimetype="application/vc+jwt")


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/ld+json"])
    return best in {"application/json", "application/ld+json"}


def _issuer() -> tuple[str, str]:
    facts = county.facts()
    return facts.name, facts.name_en or facts.name
