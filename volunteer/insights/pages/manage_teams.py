"""/manage/teams: every team of one's places with its health, applications, leaders wanted, closing and opening."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from volunteer.access import Permission
from volunteer.insights.team_health import Health, health_of
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.orders.visits import letting_go
from volunteer.teams import founding, membership, running
from volunteer.teams.belonging import members_of
from volunteer.teams.models import Team, Volunteer
from volunteer.teams.pages.fields import team_called
from volunteer.teams.pages.teams import ROLES
from volunteer.teams.queries_people import applications_at, asks_of_team, leaders_wanted, teams_at, waiting_at
from volunteer.teams.schemas import MemberForm
from volunteer.web import forms
from volunteer.web.acting import Errors, complaints
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("manage_teams", __name__, url_prefix="/manage/teams")
MANAGE = Permission.TEAMS_MANAGE
PAGE = 30
SORTS: dict[str, tuple[str, Callable[[Team, Health], Any]]] = {
    "name": (N_("Name of the team"), lambda team, health: team.search),
    "slow": (N_("Slow to answer"), lambda team, health: (health.few, -(health.answer_minutes or 0), team.search)),
    "silent": (N_("Silent"), lambda team, health: (health.few, -health.silent_share, team.search)),
    "declined": (N_("Declines often"), lambda team, health: (health.few, -health.declined_share, team.search)),
    "idle": (N_("Little to do"), lambda team, health: (health.minutes, team.search)),
    "papers": (N_("Papers ending"), lambda team, health: (-health.expiring, team.search)),
}


@bp.get("")
@requires(MANAGE)
def show() -> ResponseReturnValue:
    """The list, sorted and searched; applications and teams without a leader on top."""
    unit, actor, at = db.session(), current_actor(), now()
    words, closed = request.args.get("q", "")[:60].strip(), request.args.get("tab") == "closed"
    sort = request.args.get("sort", "name")
    sort = sort if sort in SORTS else "name"
    teams = list(teams_at(unit, actor, words, closed=closed))
    if sort == "name":
        page, count = _page_number(len(teams)), len(teams)
        teams = sorted(teams, key=lambda team: team.search)[(page - 1) * PAGE : page * PAGE]
        health = health_of(unit, [team.id for team in teams], at=at)
    else:
        health = health_of(unit, [team.id for team in teams], at=at)
        page, count = _page_number(len(teams)), len(teams)
        teams = sorted(teams, key=lambda team: SORTS[sort][1](team, health[team.id]))[(page - 1) * PAGE : page * PAGE]
    return render_template(
        "teams/manage_teams.html",
        teams=teams,
        health=health,
        words=words,
        closed=closed,
        sort=sort,
        sorts=[(key, _(said)) for key, (said, _key) in SORTS.items()],
        page=page,
        pages=-(-count // PAGE),
        count=count,
        applications=applications_at(unit, actor) if page == 1 else [],
        wanted=leaders_wanted(unit, actor) if page == 1 else [],
        waiting=waiting_at(unit, actor),
    )


@bp.post("/applications/<int:application_id>")
@requires(MANAGE)
def answer(application_id: int) -> ResponseReturnValue:
    """Found the team, or say no and why."""
    data = forms.load_form(MemberForm, request.form)
    try:
        with transaction() as unit:
            founding.answer_application(unit, current_actor(), application_id, yes=data["yes"], words=data["words"], at=now())
    except Invalid as error:
        flash(" ".join(complaints(error).popitem()[1]), "late")
        return redirect(url_for(".show"), code=303)
    flash(_("Founded. Its leader has been told.") if data["yes"] else _("Refused. The applicant has been told why."))
    return redirect(url_for(".show"), code=303)


@bp.get("/<code>")
@requires(MANAGE)
def team(code: str) -> ResponseReturnValue:
    """One team: health, members, and what hangs on it."""
    return _page(code, {})


@bp.post("/<code>/close")
@requires(MANAGE)
def close(code: str) -> ResponseReturnValue:
    """Close it, when nothing is in hand."""
    return _do(
        code, lambda unit, team, data: letting_go.close_team(unit, current_actor(), team, at=now()), N_("The team is closed.")
    )


@bp.post("/<code>/open")
@requires(MANAGE)
def open_again(code: str) -> ResponseReturnValue:
    """Open it again."""
    return _do(
        code, lambda unit, team, data: running.open_team(unit, current_actor(), team, at=now()), N_("The team is open again.")
    )


@bp.post("/<code>/leader")
@requires(MANAGE)
def leader(code: str) -> ResponseReturnValue:
    """Give it another leader, who has agreed: a member, or any volunteer by number."""

    def act(unit: Any, team: int, data: dict[str, Any]) -> object:
        chosen = data["member"]
        if data["number"]:
            chosen = unit.scalar(select(Volunteer.id).where(Volunteer.number == data["number"].strip().upper()))
            if chosen is None:
                raise Invalid.field("number", N_("There is no active volunteer with this number."))
        if not chosen:
            raise Invalid.field("member", N_("Please choose a member of the team."))
        return membership.appoint_leader(unit, current_actor(), team, chosen, agreed=data["agreed"], at=now())

    return _do(code, act, N_("The team has another leader now."))


def _do(code: str, act: Callable[[Any, int, dict[str, Any]], object], said: str) -> ResponseReturnValue:
    try:
        data = forms.load_form(MemberForm, request.form)
        with transaction() as unit:
            act(unit, _ours(unit, code).id, data)
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        db.session.rollback()
        return _page(code, complaints(error)), 422 if isinstance(error, Invalid) else 409
    flash(_(said))
    return redirect(url_for(".team", code=code), code=303)


def _ours(unit: Any, code: str) -> Team:
    team = team_called(unit, code)
    current_actor().must(MANAGE, at=team.site_path)
    return team


def _page_number(count: int) -> int:
    return min(max(request.args.get("page", 1, type=int) or 1, 1), max(1, -(-count // PAGE)))


def _page(code: str, errors: Errors) -> str:
    unit, at = db.session(), now()
    found = _ours(unit, code)
    return render_template(
        "teams/manage_team.html",
        team=found,
        health=health_of(unit, [found.id], at=at)[found.id],
        members=members_of(unit, found.id, at=at),
        asks=asks_of_team(unit, found.id),
        work=letting_go.work_of_team(unit, found.id, at=at),
        area=running.area_of(unit, found.id),
        paused=found.paused_until is not None and found.paused_until > at,
        role_words={role.value: _(said) for role, said in ROLES.items()},
        values=request.form,
        errors=errors,
    )
