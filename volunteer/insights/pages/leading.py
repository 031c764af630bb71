"""/teams/<code>/lead: a team as its leader sees it: health, members, who asks, what the team is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from volunteer.access import Permission
from volunteer.insights.team_health import health_of
from volunteer.kernel.clock import end_of_day, local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.teams import membership, running
from volunteer.teams.belonging import members_of
from volunteer.teams.belonging import membership as mine_in
from volunteer.teams.models import MemberRole, Team
from volunteer.teams.models_teams import AskKind
from volunteer.teams.pages.fields import site_called, site_options, team_called
from volunteer.teams.pages.teams import ROLES
from volunteer.teams.queries_people import asks_of_team
from volunteer.teams.schemas import MemberForm, TeamSettingsForm, UntilForm
from volunteer.web import county, forms
from volunteer.web.acting import Errors, complaints
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("leading", __name__, url_prefix="/teams/<code>/lead")
LEAD = Permission.TEAM_LEAD
SAVED = N_("Saved.")


@bp.get("")
@requires(LEAD)
def show(code: str) -> ResponseReturnValue:
    """How the team is doing and what waits for its leader."""
    return _page(code, {})


@bp.post("/invite")
@requires(LEAD)
def invite(code: str) -> ResponseReturnValue:
    """Invite a volunteer by number."""
    return _do(
        code, lambda unit, team, data: membership.invite(unit, current_actor(), team, data["number"], at=now()), N_("Invited.")
    )


@bp.post("/asks/<int:ask_id>")
@requires(LEAD)
def answer(code: str, ask_id: int) -> ResponseReturnValue:
    """Say yes or no to somebody who asks to join."""

    def act(unit: Any, team: int, data: dict[str, Any]) -> object:
        return membership.answer_ask(unit, current_actor(), ask_id, yes=data["yes"], words=data["words"], at=now())

    return _do(code, act, N_("Answered."))


@bp.post("/asks/<int:ask_id>/withdraw")
@requires(LEAD)
def withdraw(code: str, ask_id: int) -> ResponseReturnValue:
    """Take back what the team asked somebody."""
    return _do(code, lambda unit, team, data: membership.withdraw_ask(unit, current_actor(), ask_id, at=now()), N_("Taken back."))


@bp.post("/deputy")
@requires(LEAD)
def deputy(code: str) -> ResponseReturnValue:
    """Make a member a deputy, or a member again."""

    def act(unit: Any, team: int, data: dict[str, Any]) -> object:
        return membership.set_deputy(unit, current_actor(), team, data["member"], deputy=data["deputy"], at=now())

    return _do(code, act, SAVED)


@bp.post("/remove")
@requires(LEAD)
def remove(code: str) -> ResponseReturnValue:
    """Take a member out of the team."""

    def act(unit: Any, team: int, data: dict[str, Any]) -> object:
        return membership.remove_member(unit, current_actor(), team, data["member"], at=now())

    return _do(code, act, SAVED)


@bp.post("/hand-over")
@requires(LEAD)
def hand_over(code: str) -> ResponseReturnValue:
    """Ask a member to take over, or the site to find somebody."""

    def act(unit: Any, team: int, data: dict[str, Any]) -> object:
        if not data["member"]:
            return membership.hand_back(unit, current_actor(), team, data["words"], at=now())
        return membership.ask_to_lead(unit, current_actor(), team, data["member"], leaves=data["leaves"], at=now())

    return _do(code, act, N_("Asked. You stay the leader until somebody has said yes."))


@bp.post("/settings")
@requires(LEAD)
def settings(code: str) -> ResponseReturnValue:
    """What the team does, how far, how much, where."""
    try:
        data = forms.load_form(TeamSettingsForm, request.form)
        with transaction() as unit:
            area = [site_called(unit, site_id) for site_id in data.pop("area")]
            running.change_team(unit, current_actor(), _led(unit, code).id, **data, area=area, at=now())
    except Invalid as error:
        db.session.rollback()
        return _page(code, complaints(error), request.form), 422
    flash(_(SAVED))
    return redirect(url_for(".show", code=code), code=303)


@bp.post("/pause")
@requires(LEAD)
def pause(code: str) -> ResponseReturnValue:
    """A break of the whole team, or its end."""
    try:
        day = forms.load_form(UntilForm, request.form)["until"] if "end" not in request.form else None
        if day is None and "end" not in request.form:
            raise Invalid.field("until", N_("Please write until when."))
        with transaction() as unit:
            until = end_of_day(day, county.zone()) if day else None
            running.pause_team(unit, current_actor(), _led(unit, code).id, until, at=now())
    except (Invalid, OverflowError) as error:
        db.session.rollback()
        wrong = complaints(error) if isinstance(error, Invalid) else {"until": [_("Please write a date.")]}
        return _page(code, wrong), 422
    flash(_(SAVED))
    return redirect(url_for(".show", code=code), code=303)


def _do(code: str, act: Any, said: str) -> ResponseReturnValue:
    try:
        data = forms.load_form(MemberForm, request.form)
        with transaction() as unit:
            act(unit, _led(unit, code).id, data)
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        db.session.rollback()
        return _page(code, complaints(error)), 422 if isinstance(error, Invalid) else 409
    flash(_(said))
    still = team_called(db.session(), code).id
    leads = mine_in(db.session(), still, current_actor().user_id, at=now())
    return redirect(url_for(".show" if leads else "teams.team", code=code), code=303)


def _led(unit: Any, code: str) -> Team:
    team = team_called(unit, code)
    if team.id not in current_actor().leads:
        raise NotFound("team")
    return team


def _page(code: str, errors: Errors, typed: Any = None) -> str:
    unit, at = db.session(), now()
    team = _led(unit, code)
    members = members_of(unit, team.id, at=at)
    mine = next((one for one in members if one.volunteer_id == current_actor().user_id), None)
    asks = asks_of_team(unit, team.id)
    values = MultiDict[str, Any](
        {"about": team.about, "about_en": team.about_en, "reach_km": f"{team.reach_km:g}", "capacity": str(team.capacity)}
    )
    values.setlist("area", [str(site.id) for site in running.area_of(unit, team.id)])
    return render_template(
        "teams/lead.html",
        team=team,
        health=health_of(unit, [team.id], at=at)[team.id],
        members=members,
        is_leader=mine is not None and mine.role is MemberRole.LEADER,
        joins=[ask for ask in asks if ask.kind is AskKind.JOIN],
        sent=[ask for ask in asks if ask.kind is not AskKind.JOIN],
        kinds=AskKind,
        role_words={role.value: _(said) for role, said in ROLES.items()},
        paused=team.paused_until is not None and team.paused_until > at,
        sites=site_options(unit),
        values=typed or values,
        errors=errors,
        today=local_date(at, county.zone()),
    )
