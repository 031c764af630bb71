"""未到: a member who did not come, kept apart from excused ones. The other side is heard, a second person decides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.attendance.models import Attendance
from volunteer.audit.recording import record
from volunteer.kernel.clock import zone_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.messaging.outbox import Recipient, tell
from volunteer.orders import telling
from volunteer.orders.accepting import led
from volunteer.orders.models import ServiceOrder, Visitor
from volunteer.orders.serving import round_of
from volunteer.orders.visits.lifecycle import HEARD, MISSABLE, AbsenceAction, AbsenceState, VisitorAction
from volunteer.orders.visits.models_absences import Absence
from volunteer.places.policies import visits_at
from volunteer.teams.models import Team

LONGEST = 1_000
NOTE = 200
OUTCOMES = {
    AbsenceState.STANDS: N_("It stands: they did not come"),
    AbsenceState.EXCUSED: N_("Excused: there was a good reason"),
    AbsenceState.WITHDRAWN: N_("Taken back: it was a mistake"),
}
TOLD = {
    AbsenceState.STANDS: "absence_stands",
    AbsenceState.EXCUSED: "absence_excused",
    AbsenceState.WITHDRAWN: "absence_withdrawn",
}
DECISIONS = {
    AbsenceState.STANDS: AbsenceAction.UPHOLD,
    AbsenceState.EXCUSED: AbsenceAction.EXCUSE,
    AbsenceState.WITHDRAWN: AbsenceAction.TAKE_BACK,
}
CHOOSE = N_("Please choose one of these.")


def mark_absent(session: Session, actor: Actor, order_id: int, volunteer_id: int, *, at: datetime) -> Absence:
    """Write down that somebody who was to go did not come. They are told, and have some days to say what happened.

    A second tap changes nothing. Raises Conflict before the time was up, for who came, and for oneself.
    """
    order = led(session, actor, order_id)
    visitor = next((one for one in order.crew if one.volunteer_id == volunteer_id and one.state in MISSABLE), None)
    if visitor is None:
        raise NotFound("member")
    absence = of_visitor(session, order, volunteer_id)
    if absence is not None and absence.state is not AbsenceState.PROPOSED:
        return absence
    if volunteer_id == actor.user_id:
        raise Conflict("own_absence", N_("Nobody decides about themselves. Please ask a deputy or your site."))
    terms = visits_at(session, order.site_path, at)
    if order.visit_begins is None or at < order.visit_begins + timedelta(minutes=terms.late_minutes):
        raise Conflict("too_early", N_("Please wait a while: they may be on their way."))
    if came(session, order, volunteer_id):
        raise Conflict("was_there", N_("They checked in: they were there."))

    absence = absence or propose(session, order, visitor, at)
    absence.advance(AbsenceAction.OPEN)
    absence.proposed_by, absence.proposed_at = actor.user_id, at
    absence.answer_by = at + timedelta(days=terms.hearing_days)
    order.write_down("absent", actor, at)
    person = visitor.volunteer.person
    by = telling.stamp(absence.answer_by, zone_of(session))
    recipient = Recipient(person.id, person.phone, person.locale)
    tell(session, recipient, "absence_opened", {"number": order.number, "by": by}, at=at, about=about(absence))
    return absence


def propose(session: Session, order: ServiceOrder, visitor: Visitor, at: datetime) -> Absence:
    """Return a new hearing that nobody has opened yet: what the job leaves for the leader to look at."""
    team = load(session, Team, order.team_id)
    absence = Absence(
        order=order,
        volunteer=visitor.volunteer,
        team=team,
        about=round_of(order),
        site_path=team.site_path,
        planned_at=order.visit_begins or at,
        state=AbsenceState.PROPOSED,
        proposed_at=at,
    )
    session.add(absence)
    session.flush()  # messages name it
    return absence


def drop(session: Session, actor: Actor, order_id: int, volunteer_id: int, *, at: datetime) -> Absence:
    """The leader says that what the job proposed was not so. Nobody else hears of it."""
    order = led(session, actor, order_id)
    absence = of_visitor(session, order, volunteer_id)
    if absence is None:
        raise NotFound("absence")
    if absence.state is AbsenceState.PROPOSED:
        absence.advance(AbsenceAction.DROP)
        absence.decided_by, absence.decided_at = actor.user_id, at
    return absence


def say(session: Session, actor: Actor, absence_id: int, words: str, *, at: datetime) -> Absence:
    """The other side: what the volunteer says happened. May be said again until somebody has decided."""
    absence = lock(session, Absence, absence_id)
    if absence.volunteer_id != actor.user_id or absence.state is AbsenceState.PROPOSED:
        raise NotFound("absence")
    if absence.state is not AbsenceState.OPEN:
        raise Conflict("absence_decided", N_("This has been decided already. Your site can look at it again."))
    words = words.strip()
    if not words:
        raise Invalid.field("words", N_("Please say what happened, in a few words."))
    if len(words) > LONGEST:
        raise Invalid.field("words", N_("That is a little long. Please say it in fewer words."))
    absence.said, absence.said_at = words, at
    return absence


def decide(session: Session, actor: Actor, absence_id: int, outcome: AbsenceState, note: str, *, at: datetime) -> Absence:
    """A second person of the site decides, after the volunteer was heard or the days are over. Both sides are told.

    Raises Conflict for whoever reported it, leads the team or is meant, and before the other side had their time.
    """
    absence = lock(session, Absence, absence_id)
    actor.must(Permission.TEAMS_MANAGE, at=absence.site_path)
    if outcome not in OUTCOMES:
        raise Invalid.field("outcome", CHOOSE)
    if absence.state is outcome and absence.decided_by == actor.user_id:
        return absence
    if absence.state is AbsenceState.PROPOSED:
        raise NotFound("absence")
    if actor.user_id in {absence.proposed_by, absence.volunteer_id} or absence.team_id in actor.leads:
        raise Conflict("second_person", N_("Somebody else has to decide this: you are part of it."))
    if outcome is AbsenceState.STANDS and absence.said_at is None and absence.answer_by and at < absence.answer_by:
        raise Conflict("not_heard", N_("The volunteer has not been heard yet. Please wait until their days are over."))
    note = " ".join(note.split())
    if not note or len(note) > NOTE:
        raise Invalid.field("note", N_("Please say why, in a few words."))

    absence.advance(DECISIONS[outcome])
    absence.decided_by, absence.decided_at, absence.note = actor.user_id, at, note
    _settle(absence, actor, at)
    record(session, actor, "absence_decided", about(absence), at=at, site_path=absence.site_path, outcome=outcome.value)
    params = {"number": absence.order.number}
    person = absence.volunteer.person
    recipient = Recipient(person.id, person.phone, person.locale)
    tell(session, recipient, TOLD[outcome], params, at=at, about=about(absence))
    telling.tell_leaders(session, [absence.team_id], "absence_decided", params, absence.order, at=at)
    return absence


def of_visitor(session: Session, order: ServiceOrder, volunteer_id: int) -> Absence | None:
    """Return the hearing about somebody in this turn of service."""
    mine = (Absence.order_id == order.id, Absence.volunteer_id == volunteer_id, Absence.about == round_of(order))
    return session.scalar(select(Absence).where(*mine))


def of_order(session: Session, order: ServiceOrder) -> list[Absence]:
    """Return the hearings of this turn of service."""
    mine = (Absence.order_id == order.id, Absence.about == round_of(order))
    return list(session.scalars(select(Absence).where(*mine).order_by(Absence.id)))


def came(session: Session, order: ServiceOrder, volunteer_id: int) -> bool:
    """Return whether somebody checked in to this turn of service."""
    there = (Attendance.about == round_of(order), Attendance.volunteer_id == volunteer_id)
    return bool(session.scalar(select(func.count()).select_from(Attendance).where(*there)))


def count(session: Session, volunteer_id: int) -> int:
    """Return how many absences of a volunteer stand: nothing else is ever counted."""
    mine = (Absence.volunteer_id == volunteer_id, Absence.state == AbsenceState.STANDS)
    return session.scalar(select(func.count()).select_from(Absence).where(*mine)) or 0


def counts(session: Session, volunteer_ids: Iterable[int]) -> dict[int, int]:
    """Return how many absences of each stand; who has none is left out. One query."""
    mine = (Absence.volunteer_id.in_(list(volunteer_ids)), Absence.state == AbsenceState.STANDS)
    found = select(Absence.volunteer_id, func.count()).where(*mine).group_by(Absence.volunteer_id)
    return dict(session.execute(found).tuples().all())


def about(absence: Absence) -> str:
    """Return the name under which messages and the log keep what belongs to a hearing."""
    return f"absence:{absence.id}"


def _settle(absence: Absence, actor: Actor, at: datetime) -> None:
    """The row of the visit says what was decided, as long as the visit is still the same turn."""
    said = {AbsenceState.STANDS: VisitorAction.MISS, AbsenceState.EXCUSED: VisitorAction.EXCUSE}
    for visitor in absence.order.crew:
        if visitor.volunteer_id == absence.volunteer_id and visitor.state in HEARD and absence.about == round_of(absence.order):
            visitor.advance(said.get(absence.state, VisitorAction.CLEAR), actor, at)
