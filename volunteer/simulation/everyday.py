"""What goes wrong in an ordinary week of the demo county: one cannot come and another is asked, one was missed and is heard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder, Visitor
from volunteer.orders.visits import absences, turnout
from volunteer.orders.visits.crew import crew_of
from volunteer.orders.visits.lifecycle import VisitorAction, VisitorState
from volunteer.orders.visits.turnout import Hindrance
from volunteer.simulation.settling import World
from volunteer.simulation.stage import Stage
from volunteer.teams.models import Team

SOON = timedelta(minutes=30)
HEARD, LATELY = timedelta(days=2), timedelta(days=60)
WORDS = "公交车半路坏了，到的时候大家已经走了，给队长打过电话。"


def live_through(session: Session, world: World) -> None:
    """Let people say that they cannot come, stand by and be missed. Changes no order's status; draws no lots."""
    stage = Stage(session, world)
    coming = _coming(session, world.at)
    _asked(stage, coming)
    _replaced(stage, coming)
    _missed(stage, world.at)


def _asked(stage: Stage, coming: Iterator[ServiceOrder]) -> None:
    """A visit whose member cannot come: a stand-in has been asked and has not answered yet."""
    for order in coming:
        at = stage.world.at - timedelta(minutes=5)
        if _cannot(stage, order, Hindrance.FAMILY, at):
            return


def _replaced(stage: Stage, coming: Iterator[ServiceOrder]) -> None:
    """A visit whose member is excused, and to which another goes instead."""
    for order in coming:
        at = stage.world.at - timedelta(minutes=40)
        if _cannot(stage, order, Hindrance.UNWELL, at):
            asked = next(one for one in order.crew if one.state is VisitorState.ASKED)
            turnout.answer_call(stage.session, stage.actor(asked.volunteer_id), order.id, True, at=at + timedelta(minutes=8))
            return


def _cannot(stage: Stage, order: ServiceOrder, why: Hindrance, at: datetime) -> bool:
    """Whether one of those who go could say that they cannot come, and somebody could be asked."""
    own = set(stage.world.people.values())
    goer = next((one for one in order.visitors if one.volunteer_id not in own), None)
    if goer is None or not _others(stage, order, at):
        return False
    turnout.cannot_come(stage.session, stage.actor(goer.volunteer_id), order.id, why, at=at)
    return any(one.state is VisitorState.ASKED for one in order.crew)


def _missed(stage: Stage, at: datetime) -> None:
    """A member who was to come along the day before yesterday and did not: they have said what happened."""
    lately = (
        ServiceOrder.served_at < at - HEARD,
        ServiceOrder.served_at > at - LATELY,
        ServiceOrder.visit_begins.is_not(None),
    )
    under = Team.site_path.startswith(stage.persona("admin").scopes(Permission.TEAMS_MANAGE)[0])
    found = select(ServiceOrder).join(Team, Team.id == ServiceOrder.team_id).where(*lately, under)
    found = found.where(ServiceOrder.status == Status.CLOSED).order_by(ServiceOrder.served_at.desc(), ServiceOrder.id).limit(20)
    own = set(stage.world.people.values())
    for order in stage.session.scalars(found):
        leader, there = stage.leader(order.team_id), {one.volunteer_id for one in order.crew}
        mates = [mate for mate in crew_of(stage.session, order, at=at) if mate.id not in there | own | {leader.user_id}]
        if not mates or order.visit_begins is None:
            continue
        visitor = Visitor(volunteer_id=mates[0].id, team_id=order.team_id, state=VisitorState.OFF)
        order.crew.append(visitor)
        visitor.advance(VisitorAction.APPOINT, leader, order.visit_begins - timedelta(hours=3))
        stage.session.flush()  # the hearing is about this row
        absence = absences.mark_absent(stage.session, leader, order.id, mates[0].id, at=at - timedelta(hours=20))
        absences.say(stage.session, stage.actor(mates[0].id), absence.id, WORDS, at=at - timedelta(hours=16))
        return


def _coming(session: Session, at: datetime) -> Iterator[ServiceOrder]:
    """Visits to come, the latest first: nothing of today's stories is touched."""
    found = select(ServiceOrder).where(ServiceOrder.status == Status.ACCEPTED, ServiceOrder.visit_begins > at + SOON)
    return iter(session.scalars(found.order_by(ServiceOrder.visit_begins.desc(), ServiceOrder.id).limit(60)).all())


def _others(stage: Stage, order: ServiceOrder, at: datetime) -> bool:
    going = {one.volunteer_id for one in order.visitors}
    return any(mate.id not in going for mate in crew_of(stage.session, order, at=at))
