"""From the books to the detectors: what was booked since the last look, and the last weeks as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, joinedload

from volunteer.accounts.models import Brought
from volunteer.accounts.queries import selves_of, stayed
from volunteer.attendance.by_hand.lifecycle import AskStatus
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.attendance.checking import key_of
from volunteer.attendance.models import Attendance
from volunteer.attendance.review import plausibility
from volunteer.attendance.review.models_findings import CheckMark
from volunteer.attendance.review.plausibility import Approver, Odd, Rated, Visit, Written
from volunteer.attendance.review.reviewing import write_down
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import insert_into, lock
from volunteer.kernel.geo import Point
from volunteer.ledger.models import Transfer, Unit
from volunteer.ledger.rules import person_of, site_of
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import OrderEvent, ServiceOrder
from volunteer.orders.models_rating import Rating
from volunteer.places.models import Mark, Site
from volunteer.teams.models import Team

SEEN = "hours_seen"  # up to which entry everything was looked at
BATCH = 200
SETTLED = timedelta(minutes=5)  # numbers are given out before commits: what is younger may still get company below it
AROUND = timedelta(days=1)
PAIR_DAYS = timedelta(days=60)
WEEK, QUARTER = timedelta(days=7), timedelta(days=90)
BOOKED = ("service", "by_hand")
RECORD = "record"
ENDED = (Status.SERVED, Status.CLOSED)


def look_at_new(session: Session, *, at: datetime) -> int:
    """Look at the next entries of minutes that nobody has looked at; return how many there were."""
    session.execute(insert_into(session, Mark).values(name=SEEN, value=0).on_conflict_do_nothing())
    mark = lock(session, Mark, SEEN)  # of two that look at once the second goes on behind the first
    found = select(Transfer).where(
        Transfer.id > int(mark.value), Transfer.at <= at - SETTLED, Transfer.unit == Unit.MINUTES, Transfer.reason.in_(BOOKED)
    )
    whole = (joinedload(Transfer.source), joinedload(Transfer.target))
    new = session.scalars(found.options(*whole).order_by(Transfer.id).limit(BATCH)).all()
    if not new:
        return 0
    odd = [*plausibility.impossible_travel(_around(session, new)), *plausibility.same_pair(_with_residents(session, new))]
    odd += plausibility.night_bulk(_written(session, new), zone_of(session))
    write_down(session, odd, _paths(session, odd, new), at=at)
    mark.value = new[-1].id
    return len(new)


def look_back(session: Session, *, at: datetime) -> int:
    """Look at the last week's devices and the last quarter's approvers and teams; return how much was new and odd."""
    day = local_date(at, zone_of(session))
    week = "{}-{:02}".format(*day.isocalendar()[:2])
    odd = [
        *plausibility.one_device(_taps(session, at), week),
        *plausibility.share_by_hand(_approvers(session, at), f"{day:%Y-%m}"),
        *plausibility.never_rated(_rated(session, at), f"{day:%Y-%m}"),
    ]
    return write_down(session, odd, _paths(session, odd, []), at=at)


def _around(session: Session, new: Sequence[Transfer]) -> list[Visit]:
    """Every visit of these volunteers around the new ones, with its place."""
    people = _people(session, new)
    days = [one.day for one in new if one.day is not None]
    if not days:
        return []
    first = datetime.combine(min(days), datetime.min.time(), tzinfo=zone_of(session)) - AROUND
    last = datetime.combine(max(days), datetime.max.time(), tzinfo=zone_of(session)) + AROUND
    return _visits(session, Attendance.volunteer_id.in_(people), Attendance.came_at.between(first, last))


def _with_residents(session: Session, new: Sequence[Transfer]) -> list[Visit]:
    """Every visit of these volunteers to the residents of the new ones, in the last weeks."""
    about = {int(number) for one in new if (number := one.about.removeprefix("order:")).isdecimal()}
    residents = set(session.scalars(select(ServiceOrder.resident_id).where(ServiceOrder.id.in_(about))))
    people = _people(session, new)
    days = [one.day for one in new if one.day is not None]
    if not days or not residents:
        return []
    first = datetime.combine(min(days), datetime.min.time(), tzinfo=zone_of(session)) - PAIR_DAYS
    orders = select(ServiceOrder.id).where(ServiceOrder.resident_id.in_(residents), ServiceOrder.served_at >= first)
    names = [f"order:{number}" for number in session.scalars(orders.limit(5_000))]
    return _visits(session, Attendance.volunteer_id.in_(people), Attendance.about.in_(names))


def _people(session: Session, new: Sequence[Transfer]) -> set[int]:
    """Whose entries these are now: what was booked for an entry that has been merged since is of the one who stayed."""
    people = {number for one in new if (number := person_of(one.target.owner)) is not None}
    went = dict(session.execute(stayed().where(Brought.from_id.in_(people))).tuples().all())
    return {went.get(number, number) for number in people}


def _visits(session: Session, *where: object) -> list[Visit]:
    rows = session.scalars(select(Attendance).where(*where, Attendance.minutes > 0, Attendance.left_at.is_not(None))).all()  # type: ignore[arg-type]
    undone = aliased(Transfer)
    everybody = selves_of(session, {row.volunteer_id for row in rows})  # entries of a merged person keep their keys
    keys = {row.id: [key_of(row.about, who) for who in everybody[row.volunteer_id]] for row in rows}
    booked = select(Transfer.key, Transfer.id).where(
        Transfer.key.in_([key for several in keys.values() for key in several]),
        ~select(undone.id).where(undone.reverses_id == Transfer.id).exists(),
    )
    numbers = dict(session.execute(booked).tuples().all())
    ids = {int(row.about.split(":")[1]) for row in rows if row.about.startswith("order:")}
    places = select(ServiceOrder.id, ServiceOrder.latitude, ServiceOrder.longitude, ServiceOrder.resident_id)
    orders = {row.id: row for row in session.execute(places.where(ServiceOrder.id.in_(ids)))}
    visits = []
    for row in rows:
        number = next((numbers[key] for key in keys[row.id] if key in numbers), None)
        order = orders.get(int(row.about.split(":")[1])) if row.about.startswith("order:") else None
        if number is None or row.left_at is None:
            continue
        point = Point(order.latitude, order.longitude) if order else None
        if row.came_latitude is not None and row.came_longitude is not None:
            point = Point(row.came_latitude, row.came_longitude)
        resident = order.resident_id if order else None
        visits.append(Visit(number, row.volunteer_id, row.came_at, row.left_at, point, resident))
    return visits


def _written(session: Session, new: Sequence[Transfer]) -> list[Written]:
    """Who wrote down what, of the new entries and those of the same night before them."""
    since = min(one.at for one in new) - timedelta(hours=8)
    until = max(one.at for one in new)
    records = (
        select(Transfer.id, OrderEvent.actor_id, Transfer.at)
        .join(OrderEvent, (OrderEvent.what == RECORD) & (OrderEvent.at == Transfer.at))
        .join(ServiceOrder, ServiceOrder.id == OrderEvent.order_id)
        .where(OrderEvent.at.between(since, until), Transfer.unit == Unit.MINUTES, Transfer.reason == BOOKED[0])
        .where(Transfer.about == func.concat("order:", OrderEvent.order_id))
    )
    hands = (
        select(Transfer.id, HoursAsk.decided_by, Transfer.at)
        .join(HoursAsk, Transfer.about == func.concat("by_hand:", HoursAsk.id))
        .where(HoursAsk.decided_at.between(since, until), Transfer.unit == Unit.MINUTES, Transfer.reason == BOOKED[1])
    )
    rows = [*session.execute(records).tuples(), *session.execute(hands).tuples()]
    return [Written(number, by, when) for number, by, when in rows if by is not None]


def _taps(session: Session, at: datetime) -> list[tuple[str, int, int]]:
    many = (
        select(CheckMark.device)
        .where(CheckMark.device.is_not(None), CheckMark.at > at - WEEK)
        .group_by(CheckMark.device)
        .having(func.count(CheckMark.by_id.distinct()) >= plausibility.DEVICE_PEOPLE)
    )
    found = select(CheckMark.device, CheckMark.by_id, CheckMark.about).where(CheckMark.device.in_(many), CheckMark.at > at - WEEK)
    rows = session.execute(found).tuples()
    return [(device or "", by, int(about.split(":")[1])) for device, by, about in rows if by is not None]


def _approvers(session: Session, at: datetime) -> list[Approver]:
    """Entries by hand of each approver, beside all entries of the units they approved for, over the last quarter."""
    since = at - QUARTER
    decided = (HoursAsk.status == AskStatus.BOOKED, HoursAsk.decided_at > since)
    rows = session.execute(
        select(HoursAsk.decided_by, HoursAsk.site_id, func.count())
        .where(*decided)
        .group_by(HoursAsk.decided_by, HoursAsk.site_id)
    ).tuples()
    by_hand: dict[int, int] = {}
    sites: dict[int, set[int]] = {}
    for who, site_id, count in rows:
        if who is not None:
            by_hand[who] = by_hand.get(who, 0) + count
            sites.setdefault(who, set()).add(site_id)
    booked = _booked_by_site(session, since) if by_hand else {}
    return [
        Approver(who, count, max(count, sum(booked.get(site, 0) for site in sites[who])))
        for who, count in sorted(by_hand.items())
    ]


def _booked_by_site(session: Session, since: datetime) -> dict[int, int]:
    counted = select(Transfer.source_id, func.count()).where(
        Transfer.at > since, Transfer.unit == Unit.MINUTES, Transfer.reason.in_(BOOKED)
    )
    source = Transfer.source.property.mapper.class_
    counts = dict(session.execute(counted.group_by(Transfer.source_id)).tuples().all())
    owners = session.execute(select(source.id, source.owner).where(source.id.in_(counts))).tuples()
    return {site_of(owner) or 0: counts[number] for number, owner in owners}


def _rated(session: Session, at: datetime) -> list[Rated]:
    """Services of each team that ended long enough ago to be rated, and how many were."""
    counted = (
        select(ServiceOrder.team_id, func.count(ServiceOrder.id), func.count(Rating.id))
        .outerjoin(Rating, Rating.order_id == ServiceOrder.id)
        .where(ServiceOrder.served_at > at - QUARTER, ServiceOrder.served_at < at - WEEK, ServiceOrder.status.in_(ENDED))
        .where(ServiceOrder.team_id.is_not(None))
        .group_by(ServiceOrder.team_id)
    )
    return [Rated(team, served, rated) for team, served, rated in session.execute(counted).tuples() if team is not None]


def _paths(session: Session, odd: Iterable[Odd], new: Sequence[Transfer]) -> dict[str, str]:
    """For whose eyes each is: the unit that booked its latest entry, the team's site, or the approver's."""
    known = {one.id: site_of(one.source.owner) for one in new}
    paths: dict[str, str] = {}
    for one in odd:
        site_id: int | None = None
        if one.team_id is not None:
            paths[one.key] = session.get_one(Team, one.team_id).site_path
            continue
        if numbers := one.evidence.get("transfers"):
            last = max(numbers)
            site_id = known.get(last) or site_of(session.get_one(Transfer, last).source.owner)
        elif orders := one.evidence.get("orders"):
            team = session.get_one(ServiceOrder, orders[-1]).team
            site_id = team.site_id if team else None
        elif one.person_id is not None:
            latest = select(HoursAsk.site_id).where(HoursAsk.decided_by == one.person_id).order_by(HoursAsk.decided_at.desc())
            site_id = session.scalar(latest.limit(1))
        site = session.get(Site, site_id) if site_id is not None else None
        paths[one.key] = site.path if site else "/"
    return paths
