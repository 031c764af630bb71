"""A team is closed, a volunteer leaves: what still depends on them is shown, and has to be settled first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.orders.lifecycle import WITH_TEAM, OfferState
from volunteer.orders.models import Offer, ServiceOrder, Visitor
from volunteer.orders.visits.lifecycle import VisitorState
from volunteer.teams import profiling, running, telling
from volunteer.teams.belonging import members_of, teams_of
from volunteer.teams.models import MemberRole, Membership, Standing, Team, Volunteer


@dataclass(frozen=True, slots=True)
class TeamWork:
    """What hangs on a team: orders in hand, offers without an answer, members."""

    orders: list[ServiceOrder]
    offers: int
    members: int


@dataclass(frozen=True, slots=True)
class VolunteerWork:
    """What hangs on a volunteer: visits they are expected at, teams they lead."""

    visits: list[ServiceOrder]
    leads: list[Membership]


def work_of_team(session: Session, team_id: int, *, at: datetime) -> TeamWork:
    """Return what a team has in hand."""
    orders = select(ServiceOrder).where(ServiceOrder.team_id == team_id, ServiceOrder.status.in_(sorted(WITH_TEAM)))
    waiting = select(func.count()).select_from(Offer).where(Offer.team_id == team_id, Offer.state == OfferState.OPEN)
    members = len(members_of(session, team_id, at=at))
    return TeamWork(list(session.scalars(orders.order_by(ServiceOrder.id))), session.scalar(waiting) or 0, members)


def work_of_volunteer(session: Session, volunteer_id: int, *, at: datetime) -> VolunteerWork:
    """Return what a volunteer has promised."""
    visits = (
        select(ServiceOrder)
        .join(Visitor, Visitor.order_id == ServiceOrder.id)
        .where(
            Visitor.volunteer_id == volunteer_id, Visitor.state == VisitorState.GOING, ServiceOrder.status.in_(sorted(WITH_TEAM))
        )
        .order_by(ServiceOrder.visit_begins, ServiceOrder.id)
    )
    leads = [one for one in teams_of(session, volunteer_id, at=at) if one.role is MemberRole.LEADER]
    return VolunteerWork(list(session.scalars(visits)), leads)


def close_team(session: Session, actor: Actor, team_id: int, *, at: datetime) -> Team:
    """Close a team that has nothing in hand. Raises Conflict while orders or offers depend on it."""
    team = lock(session, Team, team_id)
    actor.must(Permission.TEAMS_MANAGE, at=team.site_path)
    work = work_of_team(session, team.id, at=at)
    if team.closed_at is None and (work.orders or work.offers):
        raise Conflict("team_has_work", N_("This team still has requests in hand. Let it finish or take them back first."))
    return running.close_team(session, actor, team.id, at=at)


def leave_register(session: Session, actor: Actor, *, at: datetime) -> Volunteer:
    """Leave for good by oneself: teams and role end, hours and certificates stay. Raises Conflict while visits are promised."""
    volunteer = profiling.own(session, actor)
    _must_be_free(session, volunteer, at)
    profiling.end_standing(session, volunteer, Standing.LEFT, "", at=at)
    telling.tell_person(session, volunteer.person, "volunteer_left", at=at)
    record(session, actor, "volunteer_left", f"person:{volunteer.id}", at=at, site_path=volunteer.site.path)
    return volunteer


def close_volunteer(session: Session, actor: Actor, volunteer_id: int, reason: str, *, at: datetime) -> Volunteer:
    """The site closes a volunteer, with a reason that they read."""
    volunteer = lock(session, Volunteer, volunteer_id)
    actor.must(Permission.TEAMS_MANAGE, at=load(session, Volunteer, volunteer_id).site.path)
    if volunteer.standing is Standing.CLOSED:
        return volunteer
    if not reason.strip():
        raise Invalid.field("words", N_("Please write the reason. They will read it."))
    _must_be_free(session, volunteer, at)
    profiling.end_standing(session, volunteer, Standing.CLOSED, reason, at=at)
    telling.tell_person(session, volunteer.person, "volunteer_closed", at=at, reason=volunteer.standing_words)
    record(session, actor, "volunteer_closed", f"person:{volunteer.id}", at=at, site_path=volunteer.site.path)
    return volunteer


def _must_be_free(session: Session, volunteer: Volunteer, at: datetime) -> None:
    if work_of_volunteer(session, volunteer.id, at=at).visits:
        raise Conflict("visits_promised", N_("Visits are promised still. Please give them to somebody else first."))
