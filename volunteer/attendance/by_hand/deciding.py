"""补录, the second hand: somebody of the site who has no part in it lets the hours through, or says why not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.humans import hand_of
from volunteer.accounts.models import Person
from volunteer.attendance.by_hand import telling
from volunteer.attendance.by_hand.lifecycle import AskAction, AskStatus, next_status
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.attendance.by_hand.queries import approved_in_month, asked_in_month, stays_near
from volunteer.attendance.by_hand.rules import Tie, is_past, month_of, tie_of, too_long_days
from volunteer.attendance.checking import count_minutes, key_of
from volunteer.attendance.models import Attendance, Method
from volunteer.attendance.tariff import Stay
from volunteer.audit.recording import record
from volunteer.kernel.checks import reason_of
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Forbidden
from volunteer.kernel.words import N_
from volunteer.ledger import book, points
from volunteer.ledger.models import Grade, Unit
from volunteer.ledger.rules import issued_by, person
from volunteer.places.policies import by_hand_at, hours_at
from volunteer.teams.models import Volunteer

BY_HAND = "by_hand"
TIES = {
    Tie.OWN: N_("These would be your own hours. Somebody else has to decide."),
    Tie.ASKED: N_("You asked for these hours yourself. Somebody else has to decide."),
    Tie.TEAM: N_("You lead this team. Somebody else has to decide."),
}


def credit_by_hand(session: Session, actor: Actor, ask_id: int, *, at: datetime) -> HoursAsk:
    """Let the hours through: minutes are counted like any others, booked with grade D, and the volunteer is told.

    Of two who decide at once the second hears so; the same person twice changes nothing. Raises Conflict for whoever
    has a part in it, past a limit, and when everything is counted already.
    """
    ask = _second_hand(session, actor, ask_id)
    if ask.status is AskStatus.BOOKED and ask.decided_by == actor.user_id:
        return ask
    next_status(ask.status, AskAction.APPROVE)
    volunteer = lock(session, Volunteer, ask.volunteer_id)
    lock(session, Person, actor.user_id)  # two approvals by one hand count their month one after the other
    with session.begin_nested():  # a refusal leaves no attendance behind
        minutes = _must_count(session, actor, ask, volunteer, at)

    ask.minutes = minutes
    ask.advance(AskAction.APPROVE, by=actor, at=at)
    transfer = book.move(
        session,
        Unit.MINUTES,
        minutes,
        source=issued_by(ask.site_id, Unit.MINUTES),
        target=person(ask.volunteer_id),
        reason=BY_HAND,
        key=key_of(ask.about, ask.volunteer_id),
        at=at,
        about=ask.about,
        day=local_date(ask.began_at, zone_of(session)),
        grade=Grade.D,
        policy_version=f"hours:{hours_at(session, ask.site_path, ask.began_at).version}",
    )
    points.earn(session, transfer, kind=ask.item.category.code if ask.item else "", at=at)
    record(session, actor, "hours_by_hand_approved", ask.about, at=at, site_path=ask.site_path, minutes=minutes)
    telling.tell_volunteer(session, ask, "hours_by_hand_booked", at=at, booked=minutes)
    telling.tell_asker(session, ask, "hours_ask_approved", at=at)
    return ask


def refuse_by_hand(session: Session, actor: Actor, ask_id: int, reason: str, *, at: datetime) -> HoursAsk:
    """Say no, with a reason that volunteer and asker read. The same person twice changes nothing."""
    ask = _second_hand(session, actor, ask_id)
    if ask.status is AskStatus.REFUSED and ask.decided_by == actor.user_id:
        return ask
    next_status(ask.status, AskAction.REFUSE)
    said = reason_of(reason)

    ask.advance(AskAction.REFUSE, by=actor, at=at, reason=said)
    record(session, actor, "hours_by_hand_refused", ask.about, at=at, site_path=ask.site_path)
    telling.tell_volunteer(session, ask, "hours_by_hand_refused", at=at, reason=said)
    telling.tell_asker(session, ask, "hours_ask_refused", at=at, reason=said)
    return ask


def tie_between(session: Session, actor: Actor, ask: HoursAsk) -> Tie | None:
    """Return what keeps this actor from deciding, None when nothing does."""
    hands = (hand_of(session, who) for who in (actor.user_id, ask.asked_by, ask.volunteer_id))
    return tie_of(*hands, leads=ask.team_id is not None and ask.team_id in actor.leads)


def _second_hand(session: Session, actor: Actor, ask_id: int) -> HoursAsk:
    """The request, locked, when this actor may decide about it and has no part in it."""
    ask = lock(session, HoursAsk, ask_id)
    actor.must(Permission.HOURS_APPROVE, at=ask.site_path)
    if actor.user_id is None:
        raise Forbidden(Permission.HOURS_APPROVE.value)  # no machine lets hours through
    if tie := tie_between(session, actor, ask):
        raise Conflict("second_person", TIES[tie], tie=tie.value)
    return ask


def _attendance(session: Session, ask: HoursAsk, volunteer: Volunteer) -> Attendance:
    row = Attendance(
        about=ask.about, volunteer=volunteer, came_at=ask.began_at, came_by=Method.BY_HAND, left_at=ask.ended_at,
        left_by=Method.BY_HAND, grade=Grade.D,
    )  # fmt: skip
    session.add(row)
    session.flush()  # counting asks for everything but this row
    return row


def _must_count(session: Session, actor: Actor, ask: HoursAsk, volunteer: Volunteer, at: datetime) -> int:
    """The minutes that are to be booked. Raises Conflict when there are none, or more than the centre lets through."""
    zone = zone_of(session)
    stay = Stay(ask.began_at, ask.ended_at)
    if too_long_days(stay, stays_near(session, ask.volunteer_id, stay, but=ask.id), zone):
        raise Conflict("by_hand_long_day", N_("Together with what is recorded already that day would have more than 24 hours."))
    minutes = count_minutes(session, _attendance(session, ask, volunteer), hours_at(session, ask.site_path, ask.began_at))
    if minutes == 0:
        raise Conflict("by_hand_counted", N_("All of this time is counted already, or the day is full."))
    terms = by_hand_at(session, ask.site_path, at)
    used = asked_in_month(session, ask.volunteer_id, month_of(ask.began_at, zone), zone, but=ask.id)
    if is_past(terms.person_month, used, minutes):
        raise Conflict(
            "by_hand_person_limit",
            N_("More than this is not written in by hand for one person in one month. Please talk to your station."),
        )
    if is_past(terms.approver_month, approved_in_month(session, actor.user_id, month_of(at, zone), zone), minutes):
        raise Conflict(
            "by_hand_approver_limit", N_("You have let through as much this month as one person may. Please ask a colleague.")
        )
    return minutes
