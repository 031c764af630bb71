"""What a volunteer sees of visits: where they are expected, asked, or could help, and when they were missed. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Exists, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.errors import NotFound
from volunteer.orders.lifecycle import WITH_TEAM, Status
from volunteer.orders.models import ServiceOrder, Visitor
from volunteer.orders.visits.lifecycle import AbsenceState, VisitorState
from volunteer.orders.visits.models_absences import Absence
from volunteer.places.models import Site
from volunteer.teams.models import Membership

MOST = 50
COMING = (VisitorState.GOING, VisitorState.STANDBY, VisitorState.WAITING, VisitorState.ASKED)


@dataclass(frozen=True)
class Mine:
    """Everything on a volunteer's page of visits. ``open``: of their teams, to which they could still come."""

    asked: list[Visitor]
    going: list[Visitor]
    ready: list[Visitor]
    open: Sequence[ServiceOrder]
    absences: Sequence[Absence]

    @property
    def is_empty(self) -> bool:
        """Nothing to show at all."""
        return not (self.asked or self.going or self.ready or self.open or self.absences)


def visits_of_mine(session: Session, person_id: int, *, at: datetime) -> Mine:
    """Return a volunteer's coming visits, the next first. Three queries."""
    rows = session.scalars(
        select(Visitor)
        .join(Visitor.order)
        .options(joinedload(Visitor.order).options(*_shown()))
        .where(
            Visitor.volunteer_id == person_id,
            Visitor.state.in_(COMING),
            ServiceOrder.status.in_(sorted(WITH_TEAM)),
            ServiceOrder.team_id.is_not(None),
        )
        .order_by(ServiceOrder.visit_begins, ServiceOrder.id)
        .limit(MOST)
    ).unique()
    mine = list(rows)
    return Mine(
        asked=[row for row in mine if row.state is VisitorState.ASKED],
        going=[row for row in mine if row.state is VisitorState.GOING],
        ready=[row for row in mine if row.state in {VisitorState.STANDBY, VisitorState.WAITING}],
        open=_open(session, person_id, at),
        absences=absences_of(session, person_id),
    )


def my_visit(session: Session, actor: Actor, number: str, *, at: datetime) -> tuple[ServiceOrder, Visitor | None]:
    """Return a visit with what this volunteer is to it; None for a member of its team who is nothing yet.

    Raises NotFound for everybody else, and once the visit is over.
    """
    if not actor.may(Permission.VOLUNTEER_OWN):
        raise NotFound("visit")
    found = select(ServiceOrder).options(*_shown(), joinedload(ServiceOrder.crew)).where(ServiceOrder.number == number)
    order = session.scalars(found).unique().one_or_none()
    if order is None or order.team_id is None or order.status not in WITH_TEAM:
        raise NotFound("visit")
    mine = next((one for one in order.crew if one.volunteer_id == actor.user_id), None)
    if mine is None and session.scalar(select(_member_of(order.team_id, actor.user_id or 0, at))) is not True:
        raise NotFound("visit")
    return order, mine


def absences_of(session: Session, person_id: int) -> Sequence[Absence]:
    """Return the hearings about a volunteer that are open or decided, the newest first; what the job only asks about is not."""
    found = select(Absence).options(joinedload(Absence.order).options(*_shown()), joinedload(Absence.team))
    found = found.where(Absence.volunteer_id == person_id, Absence.state != AbsenceState.PROPOSED)
    return session.scalars(found.order_by(Absence.id.desc()).limit(10)).unique().all()


def absences_for(session: Session, actor: Actor, tab: str, page: int, size: int) -> tuple[Sequence[Absence], dict[str, int]]:
    """Return a page (and one row more) of the hearings that this site decides, and how many each tab has."""
    mine = or_(*(Absence.site_path.startswith(path, autoescape=True) for path in actor.scopes(Permission.TEAMS_MANAGE)))
    is_open = Absence.state == AbsenceState.OPEN
    decided = Absence.state.in_((AbsenceState.STANDS, AbsenceState.EXCUSED, AbsenceState.WITHDRAWN))
    counts = {
        name: session.scalar(select(func.count()).select_from(Absence).where(mine, inside)) or 0
        for name, inside in (("open", is_open), ("decided", decided))
    }
    found = select(Absence).options(joinedload(Absence.order).options(*_shown()), joinedload(Absence.team))
    found = found.where(mine, is_open if tab == "open" else decided)
    order = [Absence.said_at.is_(None), Absence.answer_by, Absence.id] if tab == "open" else [Absence.decided_at.desc()]
    return session.scalars(found.order_by(*order).offset((page - 1) * size).limit(size + 1)).unique().all(), counts


def absence_for(session: Session, actor: Actor, absence_id: int) -> Absence:
    """Return one hearing that this site decides. Raises NotFound for other places."""
    absence = session.get(Absence, absence_id)
    if absence is None or absence.state is AbsenceState.PROPOSED:
        raise NotFound("absence")
    actor.must(Permission.TEAMS_MANAGE, at=absence.site_path)
    return absence


def _open(session: Session, person_id: int, at: datetime) -> Sequence[ServiceOrder]:
    """Visits of their teams that are to come and in which they have no part yet."""
    part = exists().where(
        Visitor.order_id == ServiceOrder.id, Visitor.volunteer_id == person_id, Visitor.state != VisitorState.OFF
    )
    member = and_(
        Membership.team_id == ServiceOrder.team_id,
        Membership.volunteer_id == person_id,
        Membership.since <= at,
        or_(Membership.until.is_(None), Membership.until > at),
    )
    found = select(ServiceOrder).join(Membership, member).options(*_shown(), joinedload(ServiceOrder.crew))
    found = found.where(ServiceOrder.status == Status.ACCEPTED, ServiceOrder.visit_begins > at, ~part)
    return session.scalars(found.order_by(ServiceOrder.visit_begins, ServiceOrder.id).limit(10)).unique().all()


def _member_of(team_id: int, person_id: int, at: datetime) -> Exists:
    return exists().where(
        Membership.team_id == team_id,
        Membership.volunteer_id == person_id,
        Membership.since <= at,
        or_(Membership.until.is_(None), Membership.until > at),
    )


def _shown() -> list[Any]:
    return [
        joinedload(ServiceOrder.item).options(joinedload(ServiceItem.skills), joinedload(ServiceItem.category)),
        joinedload(ServiceOrder.site).defer(Site.area),
        joinedload(ServiceOrder.team),
    ]
