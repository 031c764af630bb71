"""Is this certificate real? Anybody may ask, by number or by its QR code; what is needed to answer without us is here, too."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.certificates import issuing, offline, queries, signatures
from volunteer.certificates.render import short_digest
from volunteer.certificates.rules import public_facts, tidy_number, typed_number
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.web import county, throttle
from volunteer.web.config import current_settings
from volunteer.web.files import handed_out
from volunteer.web.identity import current_actor, open_to_all, requires
from volunteer.web.unit import transaction

bp = Blueprint("verify", __name__)


@bp.get("/verify")
@open_to_all
def ask() -> ResponseReturnValue:
    """One field for the number, and the camera; a number that cannot be one is said so beside it."""
    typed = request.args.get("number", "").strip()[:80]
    if number := typed_number(typed):
        return redirect(url_for(".show", number=number))
    errors = {"number": [_("This number is incomplete or mistyped. It has 13 digits, in groups of four.")]} if typed else {}
    return render_template("certificates/verify.html", values={"number": typed}, errors=errors), 422 if errors else 200


@bp.get("/V/<number>")
@open_to_all
def scanned(number: str) -> ResponseReturnValue:
    """Where a QR code leads: in capitals the code is smaller. The browser keeps what stands behind ``#``."""
    tidy = tidy_number(number)
    if tidy is None or queries.find(db.session(), tidy) is None:
        return show(number)
    return redirect(url_for(".show", number=tidy))


@bp.get("/verify/<number>")
@open_to_all
def show(number: str) -> ResponseReturnValue:
    """Valid, replaced, revoked or unknown, with the facts masked; a script adds what the scanned signature says."""
    throttle.spend_here(throttle.VERIFY_ADDRESS, now())
    tidy = tidy_number(number)
    found = queries.find(db.session(), tidy) if tidy else None
    keys = signatures.public_keys(db.session())
    if found is None:
        page = render_template("certificates/verified.html", found=None, number=number[:40], keys=keys)
        return page, 404
    return render_template(
        "certificates/verified.html",
        found=found,
        number=found.number,
        facts=public_facts(found.facts),
        keys=keys,
        signed=signatures.of(db.session(), found.id),
        digest=short_digest(found.facts),
        may_revoke=current_actor().can(Permission.CERTIFICATE_REVOKE, at=found.site.path),
        stamp=now().astimezone(county.zone()).strftime("%Y-%m-%d %H:%M"),  # a day in full: the answer may be printed
    )


@bp.get("/verify/keys.json")
@open_to_all
def keys() -> ResponseReturnValue:
    """The public halves of the keys that sign certificates, retired ones with their window."""
    return jsonify(_published())


@bp.get("/verify/status.json")
@open_to_all
def status() -> ResponseReturnValue:
    """What was revoked or replaced, signed; a certificate stands in it as a hash that only its holder can make."""
    at = now()
    throttle.spend_here(throttle.VERIFY_ADDRESS, at)
    return jsonify(signatures.status_list(db.session(), at=at))


@bp.get("/verify/offline.html")
@open_to_all
def page() -> ResponseReturnValue:
    """The page that checks without a connection: one file, with today's keys and list in it, that can send nothing anywhere."""
    at = now()
    throttle.spend_here(throttle.VERIFY_ADDRESS, at)
    known = _published()
    known["status"] = signatures.status_list(db.session(), at=at) if known["keys"] else None
    text, policy = offline.page_with(known)
    response = Response(text, mimetype="text/html")
    response.headers["Content-Security-Policy"] = policy
    if "save" in request.args:
        handed_out(response, "verify-certificates.html", proof=False)
    return response


@bp.post("/verify/<number>/revoke")
@requires(Permission.CERTIFICATE_REVOKE)
def revoke(number: str) -> ResponseReturnValue:
    """Declare a certificate void."""
    with transaction() as session:
        issuing.revoke(session, current_actor(), number, request.form.get("reason", ""), at=now())
    flash(_("The certificate is revoked. Its page says so from now on."))
    return redirect(url_for(".show", number=number), code=303)


def _published() -> dict[str, Any]:
    facts = county.facts()
    return {
        "issuer": [facts.name, facts.name_en or facts.name],
        "address": f"{current_settings().public_url.rstrip('/')}/verify",
        "as_of": now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "keys": signatures.public_keys(db.session()),
    }
