"""Stand-ins, the waitlist, and 「我来不了」: who steps in when somebody drops out. People are asked, never sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from volunteer.access import SYSTEM, Actor, Permission
from volunteer.kernel.clock import zone_of
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.orders import telling
from volunteer.orders.accepting import Unfit, led, team_words
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder, Visitor
from volunteer.orders.visits.crew import Mate, crew_of, pace_at, task_of
from volunteer.orders.visits.lifecycle import LIVE, OUT, READY, VisitorAction, VisitorState
from volunteer.places.policies import visits_at
from volunteer.teams import fit
from volunteer.teams.models import Membership

SHORTEST = timedelta(minutes=10)  # to think, however near the visit is
BEFORE_SERVICE = frozenset({Status.ACCEPTED, Status.UNDER_WAY})


class Hindrance(StrEnum):
    """Why somebody cannot come. By tap: nobody has to explain themselves."""

    UNWELL = "unwell"
    WORK = "work"
    FAMILY = "family"
    TIME = "time"
    OTHER = "other"


HINDRANCE_WORDS = {
    Hindrance.UNWELL: N_("I am not well"),
    Hindrance.WORK: N_("Work came up"),
    Hindrance.FAMILY: N_("Something at home"),
    Hindrance.TIME: N_("I mixed up the time"),
    Hindrance.OTHER: N_("For another reason"),
}


def cannot_come(session: Session, actor: Actor, order_id: int, why: Hindrance, *, at: datetime) -> Visitor:
    """「我来不了」: excused when it is said before the visit; whoever can step in is asked at once. A second tap changes nothing.

    Raises NotFound for who does not go, Conflict once the service has begun.
    """
    order, visitor = _own(session, actor, order_id)
    if visitor.state in {VisitorState.EXCUSED, VisitorState.LATE}:
        return visitor
    if visitor.state is not VisitorState.GOING:
        raise NotFound("visit")
    _must_be_before(order)

    in_time = order.visit_begins is None or at < order.visit_begins
    visitor.advance(VisitorAction.EXCUSE if in_time else VisitorAction.CANCEL_LATE, actor, at, why.value)
    order.write_down("cannot_come", actor, at, HINDRANCE_WORDS[why])
    telling.tell_team_leaders(session, order, "member_cannot_come", at=at)
    if fill_gaps(session, order, at):
        telling.tell_resident(session, order, "visitor_changes", at=at, team=team_words(order))
    return visitor


def answer_call(session: Session, actor: Actor, order_id: int, yes: bool, *, at: datetime) -> Visitor:
    """Say whether one steps in. With a yes the resident hears who comes instead; with a no the next one is asked.

    A second yes or no changes nothing. Raises Conflict when the time to answer has passed, Unfit for who may not go any more.
    """
    order, visitor = _own(session, actor, order_id)
    if visitor.state is (VisitorState.GOING if yes else VisitorState.DECLINED):
        return visitor
    if visitor.state is not VisitorState.ASKED or (yes and visitor.until is not None and visitor.until <= at):
        raise Conflict("call_over", N_("Thank you! Somebody else has been asked by now."))
    _must_be_before(order)
    if not yes:
        visitor.advance(VisitorAction.DECLINE, actor, at)
        order.write_down("stand_in_no", actor, at)
        fill_gaps(session, order, at)
        return visitor
    _must_be_fit(session, order, visitor.volunteer_id, at)

    visitor.advance(VisitorAction.STEP_IN, actor, at)
    order.write_down("stand_in", actor, at)
    when = telling.stamp(order.visit_begins or at, zone_of(session))
    telling.tell_team_leaders(session, order, "stand_in_found", at=at)
    telling.tell_resident(session, order, "another_comes", at=at, team=team_words(order), when=when)
    return visitor


def wait_for(session: Session, actor: Actor, order_id: int, *, at: datetime) -> Visitor:
    """Put oneself on the waitlist of a visit of one's own team. Raises NotFound for another team's, Unfit with the reasons."""
    order = lock(session, ServiceOrder, order_id)
    if actor.user_id is None or not _is_member(session, order, actor.user_id, at):
        raise NotFound("visit")
    _must_be_own(actor)
    visitor = next((one for one in order.crew if one.volunteer_id == actor.user_id), None)
    if visitor is not None and visitor.state in LIVE:
        return visitor
    if order.status is not Status.ACCEPTED or order.visit_begins is None or order.visit_begins <= at:
        raise Conflict("visit_closed", N_("Nobody can sign up for this visit any more."))
    _must_be_fit(session, order, actor.user_id, at)

    visitor = visitor or _add(order, actor.user_id)
    visitor.advance(VisitorAction.WAIT, actor, at)
    return visitor


def step_back(session: Session, actor: Actor, order_id: int, *, at: datetime) -> Visitor:
    """Leave the waitlist, or stand by no longer. Twice changes nothing."""
    _, visitor = _own(session, actor, order_id)
    if visitor.state is VisitorState.OFF:
        return visitor
    if visitor.state not in READY:
        raise Conflict("call_over", N_("Please look again: something has changed meanwhile."))
    visitor.advance(VisitorAction.LET_OFF, actor, at)
    return visitor


def name_stand_ins(session: Session, actor: Actor, order_id: int, volunteer_ids: Iterable[int], *, at: datetime) -> ServiceOrder:
    """Say who is ready if somebody drops out; they are told. Raises Unfit for who may not, Invalid for a stranger to the team."""
    order = led(session, actor, order_id)
    _must_be_before(order)
    if order.visit_begins is None:
        raise Conflict("no_crew", N_("Please choose who goes first."))
    going = {visitor.volunteer_id for visitor in order.visitors}
    wanted = frozenset(volunteer_ids) - going
    mates = {mate.id: mate for mate in crew_of(session, order, at=at) if mate.id in wanted}
    if len(mates) != len(wanted):
        raise Invalid.field("members", N_("Only members of your team can be chosen."))
    if refusals := {mate.id: left for mate in mates.values() if (left := _left(session, order, mate, at, asked=True))}:
        raise Unfit(refusals)

    known = {visitor.volunteer_id: visitor for visitor in order.crew}
    for visitor in order.crew:
        if visitor.state is VisitorState.STANDBY and visitor.volunteer_id not in wanted:
            visitor.advance(VisitorAction.LET_OFF, actor, at)
    for volunteer_id in sorted(wanted):
        visitor = known.get(volunteer_id) or _add(order, volunteer_id)
        if visitor.state is not VisitorState.STANDBY or not visitor.history:
            visitor.advance(VisitorAction.STAND_BY, actor, at)
            session.flush()  # the row's volunteer is read
            telling.tell_member(session, order, visitor, "stand_in_named", at=at)
    return order


def fill_gaps(session: Session, order: ServiceOrder, at: datetime) -> bool:
    """Ask as many as are missing to step in: stand-ins, then the waitlist, then others who fit. Returns whether any are missing.

    With nobody left to ask, leaders and desk are told, and the resident that it may be later: the team may let the order go.
    """
    if order.visit_begins is None or order.status not in BEFORE_SERVICE:
        return False
    session.flush()  # who goes now, and with them who is free
    mates = {mate.id: mate for mate in crew_of(session, order, at=at)}
    going = [mates[visitor.volunteer_id].member for visitor in order.visitors if visitor.volunteer_id in mates]
    task = task_of(order, order.visit_begins)
    lacking = fit.together(going, task, zone_of(session))
    wanted = order.item.people if order.item else 1
    missing = max(wanted - len(going), 1 if lacking else 0)
    if missing == 0:
        return False
    asked = sum(visitor.state is VisitorState.ASKED for visitor in order.crew)
    able = [mate for mate in _in_turn(session, order, mates, at) if not lacking or _helps(session, going, mate, task)]
    for mate in able[: max(0, missing - asked)]:
        _ask(session, order, mate.id, at)
        asked += 1
    if asked < missing:
        order.write_down("nobody_steps_in", SYSTEM, at)
        telling.tell_team_leaders(session, order, "no_stand_in", at=at)
        telling.tell_staff(session, order, "no_stand_in", at=at)
        telling.tell_resident(session, order, "visit_unsure", at=at, team=team_words(order))
    return True


def lapse_call(session: Session, order: ServiceOrder, at: datetime) -> int:
    """Let the calls of an order that nobody answered in time go to the next; return how many. Called by the job."""
    late = [one for one in order.crew if one.state is VisitorState.ASKED and one.until is not None and one.until <= at]
    for visitor in late:
        visitor.advance(VisitorAction.DECLINE, SYSTEM, at, "no_answer")
    if late:
        fill_gaps(session, order, at)
    return len(late)


def _ask(session: Session, order: ServiceOrder, volunteer_id: int, at: datetime) -> None:
    visitor = next((one for one in order.crew if one.volunteer_id == volunteer_id), None) or _add(order, volunteer_id)
    think = timedelta(minutes=visits_at(session, order.site_path, at).ask_minutes)
    until = max(min(at + think, order.visit_begins or at), at + SHORTEST)
    visitor.advance(VisitorAction.ASK, SYSTEM, at, until=until)
    order.write_down("stand_in_asked", SYSTEM, at)
    session.flush()  # the row's volunteer is read
    telling.tell_member(session, order, visitor, "stand_in_asked", at=at, until=telling.stamp(until, zone_of(session)))


def _in_turn(session: Session, order: ServiceOrder, mates: dict[int, Mate], at: datetime) -> list[Mate]:
    """Who may be asked to step in, the first to be asked first; of the others, who has least on."""
    known = {visitor.volunteer_id: visitor for visitor in order.crew}
    turns: list[tuple[int, datetime, int, int]] = []
    for mate in mates.values():
        visitor = known.get(mate.id)
        state = visitor.state if visitor is not None else VisitorState.OFF
        if state in OUT or state in {VisitorState.GOING, VisitorState.ASKED}:
            continue
        ready = state in READY
        if _left(session, order, mate, at, asked=ready):
            continue
        since = visitor.since if visitor is not None and visitor.since is not None else at
        turns.append((READY.index(state) if ready else len(READY), since, len(mate.member.visits), mate.id))
    return [mates[turn[-1]] for turn in sorted(turns)]


def _helps(session: Session, going: list[fit.Member], mate: Mate, task: fit.Task) -> bool:
    """Whether with this one the crew lacks less: a skill that nobody brings yet, or an adult."""
    zone = zone_of(session)
    before, after = fit.uncovered(going, task, zone), fit.uncovered([*going, mate.member], task, zone)
    return len(after) < len(before) if before else fit.together([*going, mate.member], task, zone) is None


def _left(session: Session, order: ServiceOrder, mate: Mate, at: datetime, *, asked: bool) -> list[fit.Reason]:
    task = task_of(order, order.visit_begins or at)
    found = fit.reasons(mate.member, task, zone_of(session), pace_at(session, order, at))
    return [reason for reason in found if not (asked and reason.obstacle in fit.WAIVABLE)]


def _must_be_fit(session: Session, order: ServiceOrder, volunteer_id: int, at: datetime) -> None:
    mate = next((one for one in crew_of(session, order, at=at) if one.id == volunteer_id), None)
    if mate is None:
        raise NotFound("visit")
    if left := _left(session, order, mate, at, asked=True):
        raise Unfit({mate.id: left})


def _add(order: ServiceOrder, volunteer_id: int) -> Visitor:
    visitor = Visitor(volunteer_id=volunteer_id, team_id=order.team_id, state=VisitorState.OFF)
    order.crew.append(visitor)
    return visitor


def _own(session: Session, actor: Actor, order_id: int) -> tuple[ServiceOrder, Visitor]:
    order = lock(session, ServiceOrder, order_id)
    visitor = next((one for one in order.crew if one.volunteer_id == actor.user_id), None)
    if visitor is None or order.team_id is None or (visitor.team_id or order.team_id) != order.team_id:
        raise NotFound("visit")
    _must_be_own(actor)
    return order, visitor


def _must_be_own(actor: Actor) -> None:
    if not actor.may(Permission.VOLUNTEER_OWN):
        raise Forbidden(Permission.VOLUNTEER_OWN.value)


def _must_be_before(order: ServiceOrder) -> None:
    if order.status not in BEFORE_SERVICE:
        raise Conflict("crew_fixed", N_("Who goes can be changed until the team has checked in."))


def _is_member(session: Session, order: ServiceOrder, volunteer_id: int, at: datetime) -> bool:
    found = exists().where(
        Membership.team_id == order.team_id,
        Membership.volunteer_id == volunteer_id,
        Membership.since <= at,
        Membership.until.is_(None) | (Membership.until > at),
    )
    return order.team_id is not None and bool(session.scalar(select(found)))
