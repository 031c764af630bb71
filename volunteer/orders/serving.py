"""On the way, 签到, 签退, and the record that turns time into minutes: what a team does with an order it has in hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor
from volunteer.attendance import checking, evidence
from volunteer.attendance.evidence import Expected, Proof
from volunteer.attendance.models import Attendance
from volunteer.attendance.working_days import working_days_left
from volunteer.audit.recording import record as audit
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.geo import Point
from volunteer.kernel.words import N_, named
from volunteer.ledger import book, points
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import issued_by, person
from volunteer.media.models import Photo
from volunteer.messaging.outbox import Recipient, tell
from volunteer.orders import telling
from volunteer.orders.accepting import Unfit, led, must_suit_together, team_words
from volunteer.orders.afterwards import following, thanking
from volunteer.orders.dispatching import take_from_team
from volunteer.orders.lifecycle import WITH_TEAM, Action, Status, next_status
from volunteer.orders.models import OrderPhoto, PhotoKind, ServiceOrder
from volunteer.orders.parts import wholes
from volunteer.orders.reasons import NOBODY_CAME
from volunteer.orders.turns import about as about
from volunteer.orders.turns import minutes_key
from volunteer.orders.turns import round_of as round_of
from volunteer.orders.visits.crew import papers_of, task_of
from volunteer.places.models import Holiday
from volunteer.places.policies import clocks_at, hours_at
from volunteer.teams import fit
from volunteer.teams.models import Team

SERVICE = "service"
LATE = N_("Written down too late after the service.")
MOST_PHOTOS = 3  # of each side
MOST_PEOPLE = 100_000
AT_THE_DOOR = (  # read with the order: on a morning with a hundred doors a second each way to the database counts
    joinedload(ServiceOrder.crew),
    joinedload(ServiceOrder.resident),
    joinedload(ServiceOrder.item).options(joinedload(ServiceItem.category), joinedload(ServiceItem.skills)),
)


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """What the team writes after the service: what was done, for how many people, and photos of both sides."""

    words: str
    people: int = 1
    before: tuple[Photo, ...] = ()
    after: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True)
class Private:
    """What only whoever serves may see, and only while they serve."""

    contact: str
    phone: str
    door: str
    words: str


def set_out(session: Session, actor: Actor, order_id: int, *, at: datetime) -> ServiceOrder:
    """The team is on the way; the resident is told, with the start code. Raises Conflict before anybody was chosen."""
    order = led(session, actor, order_id)
    if order.status is Status.UNDER_WAY:
        return order
    next_status(order.status, Action.SET_OUT)
    _must_have_crew(order)

    order.advance(Action.SET_OUT, by=actor, at=at)
    order.reason = "" if order.reason == NOBODY_CAME else order.reason
    telling.tell_resident(session, order, "team_set_out", at=at, team=team_words(order))
    if order.phone and order.start_code:
        code = {"code": order.start_code}
        recipient = Recipient(None, order.phone, order.resident.locale)
        params = {"number": telling.known_as(order, order.resident.locale)}
        tell(session, recipient, "start_code", params, at=at, secret=code, about=about(order))
    return order


def check_in(session: Session, actor: Actor, order_id: int, proof: Proof, *, at: datetime) -> ServiceOrder:
    """签到: the service begins for whoever is present, on the evidence that was handed in.

    A second tap changes nothing. Raises Invalid or Conflict for evidence that does not hold.
    """
    order = led(session, actor, order_id, *AT_THE_DOOR)
    if order.status is Status.IN_SERVICE:
        return order
    next_status(order.status, Action.CHECK_IN)
    present = _present(order, proof)
    _must_still_be_fit(session, order, present, at)
    shown = evidence.judge(replace(proof, ended_at=None), _expected(session, order, at), at=at)

    checking.check_in(session, round_of(order), sorted(present), shown, proof.position, at=at)
    checking.note_tap(session, round_of(order), actor.user_id, proof.device, leaving=False, at=at)
    order.advance(Action.CHECK_IN, by=actor, at=at)
    order.reason = "" if order.reason == NOBODY_CAME else order.reason
    order.due_at = max(order.visit_ends or at, at)
    return order


def check_out(session: Session, actor: Actor, order_id: int, proof: Proof, *, at: datetime) -> ServiceOrder:
    """签退: the service is done; the resident is asked how it was. The weaker evidence of in and out counts.

    When it was forgotten, ``proof.ended_at`` is what the leader says, and counts as written in afterwards.
    """
    order = led(session, actor, order_id)
    if order.status is Status.SERVED:
        return order
    next_status(order.status, Action.CHECK_OUT)
    shown = evidence.judge(proof, _expected(session, order, at), at=at)
    left_at = proof.ended_at or at

    checking.check_out(session, round_of(order), shown, left_at=left_at, at=at)
    checking.note_tap(session, round_of(order), actor.user_id, proof.device, leaving=True, at=at)
    order.served_at = left_at
    order.advance(Action.CHECK_OUT, by=actor, at=at)
    order.due_at = at + timedelta(days=clocks_at(session, order.site_path, at).silent_days)
    if order.part_of_id is None:
        telling.ask_to_rate(session, order, at=at)
    wholes.after_part(session, order, actor, at=at)
    return order


def finish(session: Session, actor: Actor, order_id: int, record: RecordDraft, *, at: datetime) -> ServiceOrder:
    """Write the record, and with it move the minutes of everybody who came into their accounts.

    Late (after the centre's working days) it is taken all the same, and says so. A second tap changes nothing.
    """
    order = led(session, actor, order_id)
    if is_recorded(order):
        return order
    if order.status not in {Status.SERVED, Status.CLOSED} or order.served_at is None:
        raise Conflict("not_served", N_("The record is written after the service. Please check out first."))
    _must_be_complete(record)

    order.record = record.words.strip()
    order.served_people = record.people
    order.recorded_at = at
    for kind, photos in ((PhotoKind.BEFORE, record.before), (PhotoKind.AFTER, record.after)):
        order.photos.extend(OrderPhoto(photo=photo, kind=kind) for photo in photos)
    late = record_days_left(session, order, at=at) < 0
    order.write_down("record", actor, at, LATE if late else "")
    if late:
        audit(session, actor, "record_late", about(order), at=at, site_path=order.site_path)
    credit(session, order, at)
    return order


def nobody_home(session: Session, actor: Actor, order_id: int, reason: str, *, at: datetime) -> ServiceOrder:
    """Nobody opened: the order goes back to the desk, and the resident is told that we came."""
    return _let_go(session, actor, order_id, Action.NOBODY_HOME, "nobody_home", reason, at)


def release(session: Session, actor: Actor, order_id: int, reason: str, *, at: datetime) -> ServiceOrder:
    """The team lets the order go, with a reason; the desk finds another one, and the resident is told."""
    if not reason.strip():
        raise Invalid.field("reason", N_("Please say why, in a few words."))
    return _let_go(session, actor, order_id, Action.RELEASE, "team_released", reason, at)


def private_part(session: Session, actor: Actor, order: ServiceOrder, *, at: datetime, on: str = "visit") -> Private | None:
    """Return the resident's name, phone, door and words to who leads or goes, while the team has the order in hand.

    Each look is written down.

    None before and after: whoever has served needs them no longer.
    """
    goes = any(visitor.volunteer_id == actor.user_id for visitor in order.visitors)
    if order.status not in WITH_TEAM or not (goes or order.team_id in actor.leads):
        return None
    seen = ["contact", "phone", "door", "words"]
    audit(session, actor, "private_seen", about(order), at=at, site_path=order.site_path, fields=seen, on=on)
    return Private(order.contact or "", order.phone or "", order.door or "", order.words or "")


def presence_proof(order: ServiceOrder, at: datetime) -> str:
    """Return what the resident's page shows as a rotating QR."""
    return evidence.qr_proof(order.secret or order.uid, about(order), at)


def is_recorded(order: ServiceOrder) -> bool:
    """Return whether the record of the latest service is written; a reopened order wants another one."""
    return order.recorded_at is not None and (order.served_at is None or order.recorded_at >= order.served_at)


def record_days_left(session: Session, order: ServiceOrder, *, at: datetime) -> int:
    """Return how many working days are left to write the record; negative when it is late."""
    zone = zone_of(session)
    served, today = local_date(order.served_at or at, zone), local_date(at, zone)
    centre = int(order.site_path.strip("/").split("/")[0])
    days = select(Holiday.day, Holiday.works).where(Holiday.site_id == centre, Holiday.day > served, Holiday.day <= today)
    calendar = dict(session.execute(days).tuples().all())
    unit = order.team.site_path if order.team else order.site_path  # whoever books the minutes says within which days
    return working_days_left(served, today, calendar, clocks_at(session, unit, at).record_days)


def came(session: Session, order: ServiceOrder) -> Sequence[Attendance]:
    """Return who came in this turn of service."""
    return checking.attendances(session, round_of(order))


def credit(session: Session, order: ServiceOrder, at: datetime) -> None:
    """Move the minutes of everybody who came, and the points they bring, once for each turn of service."""
    team = load(session, Team, order.team_id)
    what = order.item
    counted = []
    for row in came(session, order):  # everybody is held, in order, before the first account is
        terms = hours_at(session, team.site_path, row.came_at)
        counted.append((row, checking.count_minutes(session, row, terms), terms))
    for row, minutes, terms in sorted(counted, key=lambda one: person(one[0].volunteer_id)):  # as whoever moves between two
        if minutes == 0:
            continue
        booked = book.move(
            session,
            Unit.MINUTES,
            minutes,
            source=issued_by(team.site_id, Unit.MINUTES),
            target=person(row.volunteer_id),
            reason=SERVICE,
            key=minutes_key(order, row.volunteer_id),
            at=at,
            about=about(order),
            day=local_date(row.came_at, zone_of(session)),
            grade=row.grade,
            policy_version=f"hours:{terms.version}",
        )
        points.earn(session, booked, kind=what.category.code if what else "", at=at)
        member = row.volunteer.person
        params = {"item": named(what, member.locale) if what else order.number, "minutes": minutes}
        tell(session, Recipient(member.id, locale=member.locale), "hours_booked", params, at=at, about=about(order))
    if order.rating is not None and following.shows(order.rating):
        thanking.thank(session, order, order.rating, at=at)


def _expected(session: Session, order: ServiceOrder, at: datetime) -> Expected:
    return Expected(
        about=about(order),
        seed=order.secret or order.uid,
        code=order.start_code,
        place=Point(order.latitude, order.longitude),
        fence_metres=hours_at(session, order.site_path, at).fence_metres,
    )


def _present(order: ServiceOrder, proof: Proof) -> frozenset[int]:
    _must_have_crew(order)
    chosen = frozenset(visitor.volunteer_id for visitor in order.visitors)
    present = chosen if proof.present is None else proof.present
    if not present:
        raise Invalid.field("present", N_("Please tick who is here."))
    if not present <= chosen:
        raise Invalid.field("present", N_("Only members who were chosen to go can check in."))
    return present


def _must_still_be_fit(session: Session, order: ServiceOrder, present: frozenset[int], at: datetime) -> None:
    """What the law asks is asked again at the door: a licence may have run out since they were chosen."""
    task, zone = task_of(order, at), zone_of(session)
    mates = [mate for mate in papers_of(session, order, at=at) if mate.id in present]
    if refusals := {mate.id: reasons for mate in mates if (reasons := fit.lawful(mate.member, task, zone))}:
        raise Unfit(refusals, "present")
    must_suit_together(session, mates, task, "present")


def _must_have_crew(order: ServiceOrder) -> None:
    if not order.visitors:
        raise Conflict("no_crew", N_("Please choose who goes first."))


def _must_be_complete(record: RecordDraft) -> None:
    wrong: dict[str, list[str]] = {}
    if not record.words.strip():
        wrong["words"] = [N_("Please write a line or two about what was done.")]
    if not 1 <= record.people <= MOST_PEOPLE:
        wrong["people"] = [N_("Please write how many people were helped.")]
    for name, photos in (("before", record.before), ("after", record.after)):
        if len(photos) > MOST_PHOTOS:
            wrong[name] = [N_("At most three photos, please.")]
    if wrong:
        raise Invalid("record_incomplete", N_("Please check the fields that are marked."), wrong)


def _let_go(
    session: Session, actor: Actor, order_id: int, action: Action, template: str, reason: str, at: datetime
) -> ServiceOrder:
    order = lock(session, ServiceOrder, order_id)
    last = order.events[-1] if order.events else None
    if last is not None and last.what == action and actor.user_id is not None and last.actor_id == actor.user_id:
        return order  # the same tap again: the order is no longer this team's
    order = led(session, actor, order_id)

    team = team_words(order)
    reason = " ".join(reason.split())[:300]
    order.advance(action, by=actor, at=at, note=reason)
    telling.tell_crew(session, order, "visit_off", at=at, but=actor.user_id)
    take_from_team(order, actor, at)
    order.reminded_at = None
    if action is Action.RELEASE:
        order.reason, order.handed_back_at = reason, at
        telling.tell_staff(session, order, "order_handed_back", at=at, team=team)
    order.due_at = at + timedelta(minutes=clocks_at(session, order.desk_path, at).dispatch_minutes)
    telling.tell_resident(session, order, template, at=at, team=team)
    return order
