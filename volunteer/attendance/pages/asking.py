"""/hours/asked: leaders for their members and the staff of a site ask for hours to be written in; somebody else decides."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.attendance.by_hand import asking, queries
from volunteer.attendance.by_hand.asking import AskDraft
from volunteer.attendance.pages.fields import local_input, menu_options
from volunteer.attendance.pages.states import ask_states
from volunteer.attendance.schemas import AskForm
from volunteer.kernel.clock import now
from volunteer.kernel.db import db, load
from volunteer.kernel.errors import Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.teams.belonging import members_of
from volunteer.teams.models import Team, Volunteer
from volunteer.teams.pages.photos import photo_sent
from volunteer.web import filters, forms
from volunteer.web.acting import Errors, saved_once
from volunteer.web.asked import page_asked
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("hours_asking", __name__, url_prefix="/hours/asked")
ADD = Permission.HOURS_ADD
PAGE = 20
CONTENT = {"lang": "zh-Hans"}  # names are as people write them
NOBODY = N_("No volunteer of your sites has this number.")


@bp.get("")
@requires(ADD)
def show() -> ResponseReturnValue:
    """What I asked for others."""
    page = page_asked()
    rows = queries.asks_by(db.session(), current_actor(), page=page, size=PAGE)
    return render_template(
        "attendance/asked.html", rows=rows[:PAGE], more=len(rows) > PAGE, page=page, ask_states=ask_states(), state="asked"
    )


@bp.get("/new")
@requires(ADD)
def new() -> ResponseReturnValue:
    """The form: a member of my team, or a volunteer by number."""
    return _form({"number": request.args.get("number", "")[:20]}, {})


@bp.post("/new")
@requires(ADD)
def ask() -> ResponseReturnValue:
    """Ask for hours of somebody else."""

    def act(unit: Session) -> str:
        typed = forms.load_form(AskForm(zone()), request.form)
        volunteer_id, team_id = _whom(unit, typed)
        draft = AskDraft(
            volunteer_id, typed["began_at"], typed["ended_at"], typed["what"], typed["why"], item_id=typed["item"],
            team_id=team_id, photo=photo_sent(unit),
        )  # fmt: skip
        try:
            asking.ask_by_hand(unit, current_actor(), draft, at=now())
        except NotFound:
            raise Invalid.field("number", NOBODY) from None
        return url_for(".show")

    return saved_once("hours-ask-for", act, _form, _("Asked for. Somebody else of the site decides."))


@bp.post("/<int:ask_id>/withdraw")
@requires(ADD)
def withdraw(ask_id: int) -> ResponseReturnValue:
    """Take a request back."""
    with transaction() as unit:
        asking.withdraw_ask(unit, current_actor(), ask_id, at=now())
    return redirect(url_for(".show"), code=303)


def _whom(unit: Session, typed: dict[str, Any]) -> tuple[int, int | None]:
    """Return the volunteer and the team that the form means. Raises Invalid beside the field."""
    if typed["member"] is not None:
        team = next((team for team, people in _led(unit) for person in people if person[0] == typed["member"]), None)
        if team is None:
            raise Invalid.field("member", N_("Please choose one of these."))
        return typed["member"], team
    found = unit.scalar(select(Volunteer.id).where(Volunteer.number == typed["number"])) if typed["number"] else None
    if found is None:
        raise Invalid.field("number", NOBODY)
    return found, typed["team"]


def _led(unit: Session) -> list[tuple[int, list[tuple[int, str]]]]:
    """Return the teams that I lead, each with its members but me."""
    actor, at = current_actor(), now()
    return [
        (team, [(one.volunteer_id, one.volunteer.person.name) for one in members_of(unit, team, at=at)])
        for team in sorted(actor.leads)
    ]


def _form(values: Any, errors: Errors) -> str:
    unit, me = db.session(), current_actor().user_id
    members = [
        (filters.named(load(unit, Team, team)), [(str(number), name, CONTENT) for number, name in people if number != me])
        for team, people in _led(unit)
    ]
    return render_template(
        "attendance/ask.html",
        values=values,
        errors=errors,
        members=members,
        by_number=asking.is_staff_anywhere(current_actor()),
        items=menu_options(unit),
        latest=local_input(now()),
    )
