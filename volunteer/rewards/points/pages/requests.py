"""/manage/points/requests: corrections and large gifts of pools, which take two people; and claims that wait for somebody."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import Schema, fields
from marshmallow.validate import Length, Range
from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.accounts.humans import accounts_of
from volunteer.accounts.models import Person
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_
from volunteer.rewards.points import requesting
from volunteer.rewards.points.lifecycle import RequestState
from volunteer.rewards.points.models import RequestKind
from volunteer.rewards.points.pages import places
from volunteer.teams.models import Volunteer
from volunteer.web.acting import Errors, acted, saved
from volunteer.web.identity import current_actor, requires

bp = Blueprint("point_requests", __name__, url_prefix="/manage/points/requests")
SEE, MANAGE, APPROVE = Permission.POINTS_SEE, Permission.POINTS_MANAGE, Permission.POINTS_APPROVE
KINDS = {RequestKind.CORRECTION: N_("Correction"), RequestKind.POOL: N_("From the pool to a wish")}
STATES = {
    RequestState.ASKED: (N_("Waits for a second person"), "soon"),
    RequestState.DONE: (N_("Done"), "ok"),
    RequestState.REFUSED: (N_("Refused"), "grey"),
}


class CorrectionForm(Schema):
    """Whose points, by how many, why."""

    site = fields.Integer(required=True)
    number = fields.String(required=True, validate=Length(max=40))
    points = fields.Integer(required=True, validate=Range(min=-requesting.MOST, max=requesting.MOST))
    reason = fields.String(required=True, validate=Length(max=300))


@bp.get("")
@requires(SEE)
def show() -> ResponseReturnValue:
    """What waits first, then what was decided."""
    return _page({}, {})


@bp.post("/correction")
@requires(MANAGE)
def correct() -> ResponseReturnValue:
    """Ask for somebody's points to be corrected."""

    def act(session: Session, form: dict[str, Any]) -> str:
        found = session.scalar(select(Volunteer.id).where(Volunteer.number == form["number"].strip().upper()))
        if found is None:
            raise Invalid.field("number", N_("No volunteer of your sites has this number."))
        requesting.ask_correction(session, current_actor(), form["site"], found, form["points"], form["reason"], at=now())
        return url_for(".show")

    done = _("Written down. A second person has to agree.")
    return saved(CorrectionForm, act, lambda _v, errors: _page(request.form.to_dict(), errors), done)


@bp.post("/<int:request_id>/decide")
@requires(APPROVE)
def decide(request_id: int) -> ResponseReturnValue:
    """Yes or no."""
    yes = request.form.get("answer") == "yes"
    words = request.form.get("words", "")[:300]
    return acted(
        lambda session: requesting.decide(session, current_actor(), request_id, yes, words, at=now()),
        url_for(".show"),
        _("Done.") if yes else _("Refused."),
    )


@bp.post("/claims/<int:claim_id>")
@requires(MANAGE)
def settle(claim_id: int) -> ResponseReturnValue:
    """Take what is there, or let it go."""
    waive = request.form.get("answer") == "waive"
    words = request.form.get("words", "")[:300]
    return acted(
        lambda session: requesting.settle_claim(session, current_actor(), claim_id, waive, words, at=now()),
        url_for(".show"),
        _("Let go.") if waive else _("Taken."),
    )


def _page(values: dict[str, Any], errors: Errors) -> str:
    unit, actor = db.session(), current_actor()
    paths, mine = actor.scopes(SEE), accounts_of(unit, actor.user_id)
    waiting, decided = requesting.waiting(unit, paths), requesting.decided(unit, paths)
    people = {one.asked_by for one in (*waiting, *decided)} | {one.decided_by for one in decided}
    names = {one.id: one.name for one in unit.scalars(select(Person).where(Person.id.in_(people - {None})))}
    return render_template(
        "points/requests.html",
        waiting=waiting,
        decided=decided,
        claims=requesting.claims(unit, paths),
        names=names,
        kinds=KINDS,
        states=STATES,
        may_ask=actor.may(MANAGE),
        may_decide=lambda one: actor.can(APPROVE, at=one.site_path) and mine.isdisjoint({one.asked_by, one.person_id}),
        may_settle=lambda claim: actor.can(MANAGE, at=claim.site_path) and claim.person_id not in mine,
        own=lambda claim: claim.person_id in mine,
        sites=places.options(MANAGE) if actor.may(MANAGE) else [],
        values=values,
        errors=errors,
    )
