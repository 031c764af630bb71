"""Staff: who works where, and inviting a colleague."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import STAFF, Actor, Permission, Role
from volunteer.accounts import inviting, staff
from volunteer.accounts.models_entering import Invitation
from volunteer.accounts.staff import Show
from volunteer.accounts.wording import ROLES, role_word
from volunteer.administration.schemas_people import InvitationForm
from volunteer.kernel.clock import now
from volunteer.kernel.db import db, load
from volunteer.kernel.errors import Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.places import queries as places
from volunteer.places.models import Site, SiteLevel
from volunteer.web import filters, forms, idempotency
from volunteer.web.acting import field_errors
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("people", __name__)
Errors = dict[str, list[str]]
INVITED = "invited"
SHOWS = {
    Show.WORKING.value: N_("Working here"),
    Show.ENDING.value: N_("Ending soon"),
    Show.WITHOUT_FACTOR.value: N_("Without second factor"),
    INVITED: N_("Invited"),
    Show.GONE.value: N_("Gone"),
}


@bp.app_context_processor
def _words() -> dict[str, Callable[[Role], str]]:
    return {"role_word": lambda role: _(role_word(role))}


@bp.get("/manage/people")
@requires(Permission.PEOPLE_MANAGE)
def listing() -> ResponseReturnValue:
    """Everybody who works at my sites."""
    unit, at, paths = db.session(), now(), current_actor().scopes(Permission.PEOPLE_MANAGE)
    words, shown = request.args.get("q", "").strip()[:40], request.args.get("show", "")
    counts: dict[str, int] = {show.value: number for show, number in staff.counts(unit, paths, at=at).items()}
    invitations = inviting.pending(unit, paths, at=at)
    counts[INVITED] = len(invitations)
    shown = shown if shown in SHOWS else Show.WORKING.value
    found = None
    if shown != INVITED:
        page = request.args.get("page", 1, type=int)
        found = staff.listing(unit, paths, at=at, show=Show(shown), words=words, page=min(max(page, 1), 9999))
    return render_template(
        "administration/people.html",
        found=found,
        invitations=invitations,
        at=at,
        shown=shown,
        words=words,
        tabs_of=[
            {"label": _(label), "href": url_for(".listing", show=name), "count": counts[name], "current": name == shown}
            for name, label in SHOWS.items()
        ],
        around={
            step: url_for(".listing", show=shown, q=words or None, page=found.page + step)
            for step in (-1, 1)
            if found is not None and 1 <= found.page + step <= found.pages
        },
    )


@bp.get("/manage/people/invite")
@requires(Permission.PEOPLE_MANAGE)
def invitation_form() -> ResponseReturnValue:
    """Whom to invite, as what, where."""
    return _form({})


@bp.post("/manage/people/invite")
@requires(Permission.PEOPLE_MANAGE)
def invite() -> ResponseReturnValue:
    """Invite, and show the link this once."""
    actor, at = current_actor(), now()
    try:
        draft = forms.load_form(InvitationForm(zone()), request.form)
        with transaction() as unit:
            before = idempotency.claim(
                unit, request.form.get("once", ""), idempotency.fingerprint(request.form), at, purpose="invite"
            )
            if before is not None:
                return redirect(before, code=303)
            invitation, link = inviting.invite(unit, actor, draft, at=at)
            idempotency.settle(unit, url_for(".invitation", invitation_id=invitation.id))
    except Invalid as error:
        if not error.fields:
            raise
        return _form(field_errors(error)), 422
    except NotFound:
        return _form({"site": [_("Please choose one of these.")]}), 422
    return _invitation(invitation.id, link)


@bp.get("/manage/people/invitations/<int:invitation_id>")
@requires(Permission.PEOPLE_MANAGE)
def invitation(invitation_id: int) -> ResponseReturnValue:
    """One invitation, without its link: that was shown once."""
    return _invitation(invitation_id, None)


@bp.post("/manage/people/invitations/<int:invitation_id>/renew")
@requires(Permission.PEOPLE_MANAGE)
def renew(invitation_id: int) -> ResponseReturnValue:
    """A new link; the old one is dead."""
    with transaction() as unit:
        _found, link = inviting.renew(unit, current_actor(), invitation_id, at=now())
    return _invitation(invitation_id, link)


@bp.post("/manage/people/invitations/<int:invitation_id>/withdraw")
@requires(Permission.PEOPLE_MANAGE)
def withdraw(invitation_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    with transaction() as unit:
        inviting.withdraw(unit, current_actor(), invitation_id, at=now())
    flash(_("The invitation is withdrawn. Its link opens nothing any more."))
    return redirect(url_for(".listing", show=INVITED), code=303)


def role_options(actor: Actor) -> list[tuple[str, str, str]]:
    """Return the roles that ``actor`` may give somewhere: value, word, what it does."""
    paths = actor.scopes(Permission.PEOPLE_MANAGE)
    given = [role for role in ROLES if role in STAFF and any(actor.may_give(role, at=path) for path in paths)]
    return [(role.value, _(ROLES[role][0]), _(ROLES[role][1])) for role in given]


def site_options(unit: Session, actor: Actor) -> list[tuple[str, list[tuple[int, str]]]]:
    """Return the open sites that ``actor`` manages people of, in groups: the centre, then each branch with its stations."""
    groups: dict[str, tuple[str, list[tuple[int, str]]]] = {}
    for path in actor.scopes(Permission.PEOPLE_MANAGE):
        for site in _by_tree(places.open_sites(unit, under=path)):
            head = "/".join(site.path.split("/")[:3]) if site.level is not SiteLevel.CENTRE else site.path
            name = filters.named(site)
            groups.setdefault(head, (name, []))[1].append((site.id, name))
    return list(groups.values())


def _by_tree(sites: Sequence[Site]) -> list[Site]:
    order = {SiteLevel.CENTRE: 0, SiteLevel.BRANCH: 1, SiteLevel.STATION: 2}
    return sorted(sites, key=lambda site: (order[site.level], site.code))


def _form(errors: Errors) -> str:
    actor = current_actor()
    values: dict[str, Any] = forms.typed(request.form) if request.method == "POST" else {"site": request.args.get("site", "")}
    return render_template(
        "administration/invite.html",
        errors=errors,
        values=values,
        roles=role_options(actor),
        sites=site_options(db.session(), actor),
    )


def _invitation(invitation_id: int, link: str | None) -> str:
    unit, at = db.session(), now()
    found = load(unit, Invitation, invitation_id)
    current_actor().must(Permission.PEOPLE_MANAGE, at=found.site.path)
    return render_template(
        "administration/invitation.html",
        invitation=found,
        link=link,
        phone=inviting.phone_of(unit, found),
        open=found.used_at is None and found.withdrawn_at is None,
        late=found.expires_at <= at,
    )
