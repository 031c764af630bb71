"""Help that comes again: made from a request that was made before, skipped, changed, paused, ended; and placed day by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from volunteer.access import SYSTEM, Actor, Permission
from volunteer.audit.recording import record
from volunteer.kernel.clock import local_date, start_of_day, zone_of
from volunteer.kernel.db import insert_into, lock
from volunteer.kernel.errors import Conflict, DomainError, Invalid, NotFound
from volunteer.kernel.geo import Point
from volunteer.kernel.words import N_, named
from volunteer.messaging.outbox import Recipient, tell
from volunteer.orders.households import weekly
from volunteer.orders.households.lifecycle import StandingAction, StandingState
from volunteer.orders.households.models_standing import DayState, StandingDay, StandingOrder
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import OrderChannel, ServiceOrder, WhenKind
from volunteer.orders.placing import MOST_WORDS, OrderDraft, place_order
from volunteer.places.models import Holiday
from volunteer.places.policies import clocks_at

FURTHEST = timedelta(days=366 * 2)
MOST_TIMES = 200
LATEST = timedelta(hours=1)  # a day is not placed any more when less than this is left of its window
LOOK_AGAIN = timedelta(hours=1)  # after something went wrong that may pass
FAILED = N_("The service or the place is closed. Please ask your station.")
COUNT_REACHED = N_("All times have taken place.")
END_REACHED = N_("The last day has come.")
PLEASE_CHECK = N_("Please check the fields that are marked.")


@dataclass(frozen=True, kw_only=True)
class RhythmDraft:
    """When it comes: weekdays from 0 (Monday), minutes of the local day; ``ends`` or ``most`` or neither."""

    weekdays: frozenset[int]
    from_minute: int
    to_minute: int
    begins: date
    every_weeks: int = 1
    ends: date | None = None
    most: int | None = None


def start_standing(
    session: Session, actor: Actor, order_id: int, draft: RhythmDraft, *, notice: str, at: datetime
) -> StandingOrder:
    """Let the help of an order come again: same service, place, words, answers and contact.

    By the resident, by the helper who asked for it, or by a clerk of the place for a caller. Raises Invalid with every
    complaint at once, Conflict when it comes again already, NotFound for somebody else's order.
    """
    order = lock(session, ServiceOrder, order_id)
    care = order.care if order.care is not None and order.care.ended_at is None else None
    helper = care.helper_id if care is not None else None
    _must_be_theirs(actor, order.resident_id, helper, order.site_path)
    if order.item is None:
        raise Conflict("not_sorted", N_("Your station first has to say which service this is."))
    wrong = complaints(draft, local_date(at, zone_of(session)))
    if not notice:
        wrong["consent"] = [N_("We need your consent to keep this. Please tick the box.")]
    if wrong:
        raise Invalid("rhythm_invalid", PLEASE_CHECK, wrong)
    if (known := _same(session, order, draft)) is not None:
        return known

    by_staff = actor.user_id not in (order.resident_id, helper)
    standing = StandingOrder(
        resident=order.resident, care=care, made_by=actor.user_id, made_at=at, notice=notice,
        channel=OrderChannel.PHONE if by_staff else OrderChannel.WEB,
        item=order.item, answers=order.answers, site=order.site, site_path=order.site_path,
        latitude=order.latitude, longitude=order.longitude, state=StandingState.ACTIVE, look_at=at,
        since_on=local_date(at, zone_of(session)),
    )  # fmt: skip
    _set_rhythm(standing, draft)
    session.add(standing)
    standing.words, standing.contact, standing.phone, standing.door = order.words, order.contact, order.phone, order.door
    session.flush()  # the audit log and the messages name its id
    record(session, actor, "standing_begun", f"standing:{standing.id}", at=at, site_path=standing.site_path)
    _tell(session, standing, "standing_begun", at=at, day=draft.begins.isoformat())
    return standing


def change_standing(
    session: Session, actor: Actor, standing_id: int, draft: RhythmDraft, words: str, *, at: datetime
) -> StandingOrder:
    """Change when it comes and what is said about it. What was placed already stays as it is."""
    standing = _own(session, actor, standing_id)
    _must_go_on(standing)
    wrong = complaints(draft, min(standing.begins_on, local_date(at, zone_of(session))))
    if len(words) > MOST_WORDS:
        wrong["words"] = [N_("This is too long. Please keep it shorter.")]
    if wrong:
        raise Invalid("rhythm_invalid", PLEASE_CHECK, wrong)
    _set_rhythm(standing, draft)
    standing.words, standing.since_on = words.strip(), local_date(at, zone_of(session))
    _wake(standing, at)
    record(session, actor, "standing_changed", f"standing:{standing.id}", at=at, site_path=standing.site_path)
    return standing


def skip_day(session: Session, actor: Actor, standing_id: int, day: date, *, at: datetime) -> StandingOrder:
    """Leave out one day that is still to come. Twice changes nothing. Raises Conflict when it was placed: withdraw that order."""
    standing = _own(session, actor, standing_id)
    _must_go_on(standing)
    today = local_date(at, zone_of(session))
    if not today <= day <= today + FURTHEST or not standing.rhythm.falls_on(day):
        raise Invalid.field("day", N_("Nothing is planned on that day."))
    state = _decide(session, standing, day, DayState.SKIPPED, actor, at)
    if state is DayState.PLACED:
        raise Conflict("placed_already", N_("That day is a request already. You can withdraw it on its own page."))
    about = f"standing:{standing.id}"
    record(session, actor, "standing_skipped", about, at=at, site_path=standing.site_path, day=day.isoformat())
    return standing


def unskip_day(session: Session, actor: Actor, standing_id: int, day: date, *, at: datetime) -> StandingOrder:
    """Take a day in again that was left out, while it can still be placed."""
    standing = _own(session, actor, standing_id)
    _must_go_on(standing)
    found = [one for one in standing.days if one.day == day and one.state is DayState.SKIPPED]
    if found and standing.rhythm.window(day, zone_of(session))[1] - LATEST > at:
        session.delete(found[0])
        _wake(standing, at)
        session.flush()  # the days are read anew
        session.expire(standing, ["days"])
    return standing


def pause_standing(session: Session, actor: Actor, standing_id: int, until: date | None, *, at: datetime) -> StandingOrder:
    """Pause it, until a day (that day it comes again) or until somebody lets it go on. What is placed already stays."""
    standing = _own(session, actor, standing_id)
    _must_go_on(standing)
    today = local_date(at, zone_of(session))
    if until is not None and not today < until <= today + FURTHEST:
        raise Invalid.field("until", N_("Please choose a day in the future."))
    standing.advance(StandingAction.PAUSE)
    standing.paused_until, standing.reason = until, ""
    standing.look_at = start_of_day(until, zone_of(session)) if until else None
    record(session, actor, "standing_paused", f"standing:{standing.id}", at=at, site_path=standing.site_path)
    return standing


def resume_standing(session: Session, actor: Actor, standing_id: int, *, at: datetime) -> StandingOrder:
    """Let it go on from now. Twice changes nothing."""
    standing = _own(session, actor, standing_id)
    _must_go_on(standing)
    if standing.state is StandingState.PAUSED:
        _go_on(standing, local_date(at, zone_of(session)), at)
        record(session, actor, "standing_resumed", f"standing:{standing.id}", at=at, site_path=standing.site_path)
    return standing


def end_standing(session: Session, actor: Actor, standing_id: int, *, at: datetime) -> StandingOrder:
    """End it for good. What was placed already stays until it is withdrawn. Twice changes nothing."""
    standing = _own(session, actor, standing_id)
    if standing.state is not StandingState.ENDED:
        _end(standing, actor.user_id, "", at)
        record(session, actor, "standing_ended", f"standing:{standing.id}", at=at, site_path=standing.site_path)
    return standing


def place_due(session: Session, standing: StandingOrder, *, at: datetime) -> int:
    """Decide every day that has come near: place it as an ordinary order, once, or say why not. Returns how many days.

    The row is locked. A second run, or one after the clock was set back, finds the days decided and does nothing.
    """
    zone = zone_of(session)
    today = local_date(at, zone)
    if standing.state is StandingState.PAUSED and standing.paused_until and standing.paused_until <= today:
        _go_on(standing, standing.paused_until, at)
    if not standing.goes_on:
        standing.look_at = None
        return 0
    ahead = timedelta(days=clocks_at(session, standing.site_path, at).standing_days)
    decided = {one.day for one in standing.days}
    since = max(standing.begins_on, standing.since_on)
    holidays = holidays_at(session, standing.site_path, since, today + ahead)
    done = 0
    for day in list(weekly.undecided(standing.rhythm, since, today + ahead, decided)):
        if standing.most is not None and _times(session, standing) >= standing.most:
            break
        done += 1
        if not _place_day(session, standing, day, holidays, at):
            return done
    if standing.most is not None and _times(session, standing) >= standing.most:
        _end(standing, None, COUNT_REACHED, at)
    elif standing.ends_on is not None and today > standing.ends_on:
        _end(standing, None, END_REACHED, at)
    else:
        standing.look_at = start_of_day(today + timedelta(days=1), zone)
    return done


def holidays_at(session: Session, site_path: str, since: date, until: date) -> dict[date, str]:
    """Return the days without service at a place, by name: its own and those of the sites above it."""
    above = [int(part) for part in site_path.strip("/").split("/") if part]
    found = select(Holiday).where(Holiday.site_id.in_(above), Holiday.day >= since, Holiday.day <= until)
    return {row.day: row.name for row in session.scalars(found.order_by(Holiday.site_id)) if not row.works}


def complaints(draft: RhythmDraft, earliest: date) -> dict[str, list[str]]:
    """Return what is wrong with a rhythm, by field."""
    ends_well = draft.ends is None or draft.begins <= draft.ends <= draft.begins + FURTHEST
    checks = (
        ("weekdays", bool(draft.weekdays) and draft.weekdays <= set(range(7)), N_("Please choose at least one day of the week.")),
        ("half", 0 <= draft.from_minute < draft.to_minute < 24 * 60, N_("Please choose a time.")),
        ("every_weeks", 1 <= draft.every_weeks <= weekly.MOST_WEEKS, N_("Please choose one of these.")),
        ("begins", earliest <= draft.begins <= earliest + FURTHEST, N_("Please choose a day from today on.")),
        ("ends", ends_well, N_("The end must come after the beginning, within two years.")),
        ("most", draft.most is None or 1 <= draft.most <= MOST_TIMES, N_("Please write a number from 1 to 200.")),
    )
    return {field: [words] for field, right, words in checks if not right}


def _place_day(session: Session, standing: StandingOrder, day: date, holidays: Mapping[date, str], at: datetime) -> bool:
    """Decide one day. Returns False when nothing more can be placed."""
    begins, ends = standing.rhythm.window(day, zone_of(session))
    if ends - LATEST <= at:
        _decide(session, standing, day, DayState.MISSED, SYSTEM, at)
        return True
    if day in holidays:
        if _decide(session, standing, day, DayState.HOLIDAY, SYSTEM, at) is None:
            _tell(session, standing, "standing_holiday", at=at, day=day.isoformat())
        return True
    try:
        with session.begin_nested():
            if _decide(session, standing, day, DayState.PLACED, SYSTEM, at) is not None:
                return True
            row = session.scalars(select(StandingDay).where(StandingDay.standing_id == standing.id, StandingDay.day == day)).one()
            order = place_order(session, SYSTEM, _draft(standing, begins, ends), at=at)
    except DomainError:
        _decide(session, standing, day, DayState.FAILED, SYSTEM, at)
        standing.advance(StandingAction.PAUSE)
        standing.reason, standing.look_at = FAILED, None
        _tell(session, standing, "standing_failed", at=at, day=day.isoformat())
        return False
    row.order_id = order.id
    return True


def _draft(standing: StandingOrder, begins: datetime, ends: datetime) -> OrderDraft:
    return OrderDraft(
        name=standing.contact or standing.resident.name,
        phone=standing.phone or "",
        notice=standing.notice,
        item=standing.item.code,
        words=standing.words or "",
        answers={answer["code"]: answer["value"] for answer in standing.answers},
        point=Point(standing.latitude, standing.longitude),
        site_id=standing.site_id,
        address=standing.door or "",
        when=WhenKind.WINDOW,
        begins=begins,
        ends=ends,
        on_behalf=standing.care is not None and standing.care.ended_at is None,
        care_id=standing.care_id if standing.care is not None and standing.care.ended_at is None else None,
        owner_id=standing.resident_id,
        channel=standing.channel,
    )


def _decide(session: Session, standing: StandingOrder, day: date, state: DayState, actor: Actor, at: datetime) -> DayState | None:
    """Write down what becomes of a day, once. Returns None when it was decided now, else what was decided before."""
    values = {"standing_id": standing.id, "day": day, "state": state, "by": actor.user_id, "at": at}
    statement = insert_into(session, StandingDay).values(**values).on_conflict_do_nothing(index_elements=["standing_id", "day"])
    if session.scalar(statement.returning(StandingDay.id)) is not None:
        session.expire(standing, ["days"])
        return None
    return session.scalar(select(StandingDay.state).where(StandingDay.standing_id == standing.id, StandingDay.day == day))


def _times(session: Session, standing: StandingOrder) -> int:
    """How often it came, or will: what was withdrawn or rejected does not count."""
    gone = (Status.WITHDRAWN, Status.REJECTED)
    counted = select(func.count()).select_from(StandingDay).join(ServiceOrder, ServiceOrder.id == StandingDay.order_id)
    return session.scalar(counted.where(StandingDay.standing_id == standing.id, ServiceOrder.status.not_in(gone))) or 0


def _go_on(standing: StandingOrder, since: date, at: datetime) -> None:
    """Go on, without making up for the days of the pause."""
    standing.advance(StandingAction.RESUME)
    standing.paused_until, standing.reason, standing.since_on, standing.look_at = None, "", since, at


def _set_rhythm(standing: StandingOrder, draft: RhythmDraft) -> None:
    standing.weekdays = sum(1 << day for day in draft.weekdays)
    standing.every_weeks, standing.from_minute, standing.to_minute = draft.every_weeks, draft.from_minute, draft.to_minute
    standing.begins_on, standing.ends_on, standing.most = draft.begins, draft.ends, draft.most


def _wake(standing: StandingOrder, at: datetime) -> None:
    if standing.state is StandingState.ACTIVE:
        standing.look_at = at


def _end(standing: StandingOrder, by: int | None, reason: str, at: datetime) -> None:
    standing.advance(StandingAction.END)
    standing.look_at, standing.reason, standing.ended_at, standing.ended_by = None, reason, at, by


def _own(session: Session, actor: Actor, standing_id: int) -> StandingOrder:
    standing = lock(session, StandingOrder, standing_id)
    _must_be_theirs(actor, standing.resident_id, helper_of(standing), standing.site_path)
    return standing


def helper_of(standing: StandingOrder) -> int | None:
    """Return who may look after it for the resident, while the consent holds."""
    return standing.care.helper_id if standing.care is not None and standing.care.ended_at is None else None


def _must_be_theirs(actor: Actor, resident_id: int, helper_id: int | None, site_path: str) -> None:
    if actor.user_id is not None and actor.user_id in (resident_id, helper_id):
        return
    if not actor.can(Permission.ORDER_PLACE_FOR_OTHERS, at=site_path):
        raise NotFound("standing")


def _must_go_on(standing: StandingOrder) -> None:
    if standing.state is StandingState.ENDED:
        raise Conflict("standing_ended", N_("This has ended. You can begin it anew from any of its requests."))


def _same(session: Session, order: ServiceOrder, draft: RhythmDraft) -> StandingOrder | None:
    """The same help in the same rhythm that goes on already: a second tap."""
    found = select(StandingOrder).where(
        StandingOrder.resident_id == order.resident_id,
        StandingOrder.item_id == order.item_id,
        StandingOrder.state != StandingState.ENDED,
        StandingOrder.weekdays == sum(1 << day for day in draft.weekdays),
        StandingOrder.from_minute == draft.from_minute,
        StandingOrder.begins_on == draft.begins,
    )
    return session.scalars(found).first()


def _tell(session: Session, standing: StandingOrder, template: str, *, at: datetime, **params: str) -> None:
    person = standing.resident
    values = {"item": named(standing.item, person.locale), **params}
    helper = helper_of(standing)
    told = [Recipient(person.id, standing.phone if helper is None else person.phone, person.locale)]
    if helper is not None and standing.care is not None:
        told.append(Recipient(helper, standing.phone, standing.care.helper.locale))
    for recipient in told:
        tell(session, recipient, template, values, at=at, about=f"standing:{standing.id}")
