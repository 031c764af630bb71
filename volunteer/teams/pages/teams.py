"""/teams: my teams, teams to join, one team for everybody, founding one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import DomainError, NotFound
from volunteer.kernel.words import N_
from volunteer.teams import founding, membership, running
from volunteer.teams.belonging import members_of, teams_of
from volunteer.teams.belonging import membership as mine_in
from volunteer.teams.models import MemberRole, Volunteer
from volunteer.teams.models_teams import AskKind
from volunteer.teams.pages.fields import listed, site_called, site_options, team_called
from volunteer.teams.queries_people import applications_of, asks_for, open_skills, open_teams, rated_as, team_classes
from volunteer.teams.schemas import MemberForm, TeamForm, Words
from volunteer.web import filters, forms
from volunteer.web.acting import Errors, complaints, done_once
from volunteer.web.identity import current_actor, current_person, open_to_all, requires
from volunteer.web.unit import transaction

bp = Blueprint("teams", __name__, url_prefix="/teams")
OWN = Permission.VOLUNTEER_OWN
ROLES = {MemberRole.LEADER: N_("Leader"), MemberRole.DEPUTY: N_("Deputy"), MemberRole.MEMBER: N_("Member")}


@bp.get("")
@requires(OWN)
def show() -> ResponseReturnValue:
    """My teams, what I am asked, and teams that I could join."""
    person, words = current_person(), request.args.get("q", "")[:60].strip()
    after = request.args.get("after", 0, type=int) or 0
    return render_template(
        "teams/teams.html",
        mine=teams_of(db.session(), person.id, at=now()),
        asks=asks_for(db.session(), person.id),
        applications=applications_of(db.session(), person.id),
        found=open_teams(db.session(), words, after=min(max(after, 0), 2**31)),
        words=words,
        first=after <= 0,
        kinds=AskKind,
        role_words={role.value: _(said) for role, said in ROLES.items()},
    )


@bp.get("/apply")
@requires(OWN)
def apply() -> ResponseReturnValue:
    """The form for a team to be."""
    return _apply({"reach_km": "5", "capacity": "3"}, {})


@bp.post("/apply")
@requires(OWN)
def send() -> ResponseReturnValue:
    """Apply."""

    def act(unit: Session) -> str:
        draft = founding.ApplicationDraft(
            **data, site=site_called(unit, site), point=point, members=listed([request.form.get("members", "")])
        )
        founding.apply_for_team(unit, current_actor(), draft, at=now())
        return url_for(".show")

    try:
        data = forms.load_form(TeamForm, request.form)
        site, point = data.pop("site"), data.pop("point")
        data.pop("members")
        where = done_once("team", act)
    except NotFound:
        raise
    except DomainError as error:
        db.session.rollback()
        return _apply(request.form, complaints(error)), 422
    flash(_("Thank you. Your site answers you soon."))
    return redirect(where, code=303)


@bp.post("/applications/<int:application_id>/withdraw")
@requires(OWN)
def withdraw(application_id: int) -> ResponseReturnValue:
    """Take an application back."""
    with transaction() as unit:
        founding.withdraw_application(unit, current_actor(), application_id, at=now())
    return redirect(url_for(".show"), code=303)


@bp.get("/<code>")
@open_to_all
def team(code: str) -> ResponseReturnValue:
    """One team as everybody may see it; a member sees who else is in it."""
    unit, at = db.session(), now()
    found = team_called(unit, code)
    actor = current_actor()
    mine = mine_in(unit, found.id, actor.user_id, at=at) if actor.user_id else None
    is_volunteer = actor.may(OWN) and unit.get(Volunteer, actor.user_id) is not None
    asks = [ask for ask in asks_for(unit, actor.user_id) if ask.team_id == found.id] if is_volunteer and actor.user_id else []
    return render_template(
        "teams/team.html",
        team=found,
        mine=mine,
        members=members_of(unit, found.id, at=at) if mine else [],
        count=len(members_of(unit, found.id, at=at)),
        asks=asks,
        may_ask=is_volunteer and mine is None and not asks and found.closed_at is None,
        leads=found.id in actor.leads,
        area=running.area_of(unit, found.id),
        rated=rated_as(unit, found),
        paused=found.paused_until is not None and found.paused_until > at,
        kinds=AskKind,
        role_words={role.value: _(said) for role, said in ROLES.items()},
    )


@bp.post("/<code>/ask")
@requires(OWN)
def ask(code: str) -> ResponseReturnValue:
    """Ask to be let in."""
    words = forms.load_form(Words, request.form)["words"]
    with transaction() as unit:
        membership.ask_to_join(unit, current_actor(), team_called(unit, code).id, words, at=now())
    flash(_("Asked. The leader answers you."))
    return redirect(url_for(".team", code=code), code=303)


@bp.post("/<code>/leave")
@requires(OWN)
def leave(code: str) -> ResponseReturnValue:
    """Leave at once."""
    with transaction() as unit:
        membership.leave_team(unit, current_actor(), team_called(unit, code).id, at=now())
    flash(_("You have left the team. Thank you for your help."))
    return redirect(url_for(".show"), code=303)


@bp.post("/asks/<int:ask_id>/answer")
@requires(OWN)
def answer(ask_id: int) -> ResponseReturnValue:
    """Say yes or no to a team that asks me."""
    data = forms.load_form(MemberForm, request.form)
    with transaction() as unit:
        membership.answer_ask(unit, current_actor(), ask_id, yes=data["yes"], words=data["words"], at=now())
    flash(_("Said yes.") if data["yes"] else _("Said no. No harm done."))
    return redirect(url_for(".show"), code=303)


@bp.post("/asks/<int:ask_id>/withdraw")
@requires(OWN)
def withdraw_ask(ask_id: int) -> ResponseReturnValue:
    """Take back what I asked."""
    with transaction() as unit:
        membership.withdraw_ask(unit, current_actor(), ask_id, at=now())
    flash(_("Taken back."))
    return redirect(url_for(".show"), code=303)


def _apply(values: Any, errors: Errors) -> str:
    return render_template(
        "teams/apply.html",
        values=values,
        errors=errors,
        sites=site_options(db.session()),
        classes=[(one.code, filters.named(one)) for one in team_classes(db.session())],
        skills=[(one.code, filters.named(one)) for one in open_skills(db.session())],
    )
