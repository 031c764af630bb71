"""Asking for a new signing key, and saying yes as the second person."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.accounts.humans import accounts_of
from volunteer.accounts.models import Person
from volunteer.accounts.pages import door
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Invalid
from volunteer.ledger import keys, rotating
from volunteer.ledger.models_chain import KeyRequest
from volunteer.ledger.models_keys import Loss, Purpose
from volunteer.ledger.pages.books import LOSSES, PURPOSES
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, current_person, requires
from volunteer.web.unit import transaction

bp = Blueprint("rotating", __name__)


@bp.get("/manage/keys")
@requires(Permission.KEYS_APPROVE)
def show() -> ResponseReturnValue:
    """The keys in force, what waits for a second person, and what was decided."""
    rotating.must_hold(current_actor(), Permission.KEYS_APPROVE)
    return _page({})


@bp.post("/manage/keys")
@requires(Permission.KEYS_ROTATE)
def ask() -> ResponseReturnValue:
    """Ask for a new key."""
    purpose = request.form.get("purpose", "")
    errors = {} if purpose in set(Purpose) else {"purpose": [_("Please choose which key.")]}
    if errors := errors or _proof_missing():
        return _page(errors), 422
    try:
        with transaction() as session:
            rotating.ask(session, current_actor(), Purpose(purpose), request.form.get("reason", "")[:400], at=now())
    except Invalid as wrong:
        return _page({name: [_(words) for words in said] for name, said in wrong.fields.items()}), 422
    flash(_("Asked. A second person decides now."))
    return redirect(url_for(".show"), code=303)


@bp.post("/manage/keys/revoke")
@requires(Permission.KEYS_ROTATE)
def ask_to_revoke() -> ResponseReturnValue:
    """Ask that a key which leaked be believed no more."""
    form, at = request.form, now()
    since, why = _moment(form.get("since", "")[:20]), form.get("why", "")
    errors = {} if why in set(Loss) else {"why": [_("Please choose one of these.")]}
    errors |= {} if since else {"since": [_("Please choose a day and a time.")]}
    if (errors := errors or _proof_missing()) or since is None:
        return _page(errors), 422
    try:
        with transaction() as session:
            draft = rotating.RevokeDraft(form.get("kid", "")[:16], since, Loss(why), form.get("reason", "")[:400])
            rotating.ask_to_revoke(session, current_actor(), draft, at=at)
    except Invalid as wrong:
        return _page({name: [_(words) for words in said] for name, said in wrong.fields.items()}), 422
    flash(_("Asked. A second person decides now."))
    return redirect(url_for(".show"), code=303)


@bp.post("/manage/keys/<int:request_id>/yes")
@requires(Permission.KEYS_APPROVE)
def agree(request_id: int) -> ResponseReturnValue:
    """Change the key, or revoke it, as the second person."""
    return _decide(request_id, True, _("Done. Everybody can read it at once among the keys."))


@bp.post("/manage/keys/<int:request_id>/no")
@requires(Permission.KEYS_APPROVE)
def refuse(request_id: int) -> ResponseReturnValue:
    """Leave the key as it is, as the second person."""
    return _decide(request_id, False, _("The request was refused."))


def _decide(request_id: int, yes: bool, said: str) -> ResponseReturnValue:
    if errors := _proof_missing():
        return _page(errors), 422
    with transaction() as session:
        rotating.decide(session, current_actor(), request_id, yes, at=now())
    flash(said)
    return redirect(url_for(".show"), code=303)


def _moment(typed: str) -> datetime | None:
    try:
        return datetime.strptime(typed, "%Y-%m-%dT%H:%M").replace(tzinfo=zone())
    except ValueError:
        return None


def _proof_missing() -> dict[str, list[str]]:
    return door.complaint_about_proof(request.form.get("password", ""), now())


def _page(errors: dict[str, list[str]]) -> str:
    session, at, actor = db.session(), now(), current_actor()
    published = keys.published(session)
    waiting, decided = rotating.waiting(session, at=at), rotating.decided(session)
    return render_template(
        "ledger/rotating.html",
        keys=[key for key in published if key.ends is None],
        to_revoke=[(key.kid, f"{_(PURPOSES[key.purpose])} · {key.kid}") for key in reversed(published)],
        losses=LOSSES,
        purposes=PURPOSES,
        waiting=waiting,
        decided=decided,
        names=_names([*waiting, *decided]),
        may_ask=actor.may(Permission.KEYS_ROTATE),
        mine=accounts_of(session, actor.user_id),
        values=request.form,
        errors=errors,
        ask_password=not door.is_fresh(at),
        has_password=current_person().password_hash is not None,
    )


def _names(requests: list[KeyRequest]) -> dict[int, str]:
    ids = {person_id for one in requests for person_id in (one.asked_by, one.decided_by) if person_id}
    return {person.id: person.name for person in db.session().scalars(db.select(Person).where(Person.id.in_(ids)))}
