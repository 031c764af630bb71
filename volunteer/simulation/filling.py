"""Filling an empty, migrated database with the demo county, in one transaction: all of it or nothing."""

from __future__ import annotations

import gc
import heapq
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from volunteer.certificates.issuing import issue
from volunteer.certificates.rules import CertificateDraft
from volunteer.kernel.clock import zone_of
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.ledger.models import Grade
from volunteer.messaging import delivering
from volunteer.messaging.models import Channel, Message
from volunteer.messaging.senders import NotSent
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Mark, Site
from volunteer.simulation import (
    books,
    everyday,
    feedback,
    hours,
    papers,
    parts,
    places,
    plans,
    points,
    recognition,
    residents,
    ruling,
    sheets,
    shops,
    staff,
    trading,
    twins,
    watch,
)
from volunteer.simulation.casting import resident_household, write
from volunteer.simulation.lives import live
from volunteer.simulation.personas import persona
from volunteer.simulation.plots import DAYS, Plot, Writer
from volunteer.simulation.progress import Progress
from volunteer.simulation.remembering import remembered
from volunteer.simulation.settling import World, settle
from volunteer.simulation.sizes import TWINS, Size
from volunteer.simulation.stage import Stage
from volunteer.simulation.volunteers import volunteers_live
from volunteer.teams.models import Volunteer

DEMO = "demo"
DEAD = 2  # phones at which nobody can be reached
CUT_OFF = timedelta(days=9)  # and since when
UNREAD = timedelta(days=2)
POST_EVERY = timedelta(hours=6)
SELDOM = (100_000, 50, 100)  # for gc: a fifth of the time went into looking for garbage where there is hardly any


class WrongCount(AssertionError):
    """The filling left other numbers than it promises."""


def is_filled(session: Session) -> bool:
    """Whether the database says that it is the demo's."""
    return session.get(Mark, DEMO) is not None


def fill(session: Session, size: Size, seed: int, progress: Progress, *, at: datetime) -> World:
    """Fill the county as it stands at ``at``. Raises Conflict for a database in which something else lives."""
    if session.scalar(select(func.count()).select_from(Site)):
        raise Conflict("not_empty", N_("This database is not empty. The demo county is only filled into an empty one."))
    with _garbage_left_lying():
        world = settle(session, seed, size, progress, at=at)
        points.set_rules(session, world)
        with remembered(session):
            play(session, world, size, progress)
        volunteers_live(session, world)
        everyday.live_through(session, world)
        residents.live_on(session, world)
        staff.work_on(session, world)
        places.keep_places(session, world)
        sheets.bring_in(session, world)
        feedback.speak_up(session, world)
        plans.plan_the_morning(session, world)
        ruling.dispatch_by_rules(session, world)
        parts.take_other_ways(session, world)
        watch.stand_by(session, world)
        points.give_and_wish(session, world)
        shops.keep_shop(session, world)
        twins.register_twice(session, world)
        hours.write_in(session, world)
        trading.trade(session, world)
        recognition.honour(session, world)
        papers.certify_many(session, world)
    books.close(session, world)
    _post(session, frozenset(), at=at)
    check(session, size)
    value = {"size": size.name, "seed": seed, "filled_at": at.isoformat(), "certificate": certify(session, world)}
    session.add(Mark(name=DEMO, value=value))
    return world


def play(session: Session, world: World, size: Size, progress: Progress) -> None:
    """Let every order live, all of them in the order of time."""
    writer = Writer(world.seed, world.stations, zone_of(session), world.at)
    one = persona("resident")
    plots = list(write(writer, size.orders, resident_household(world.stations, one.phone, one.name)))
    stage, dead = Stage(session, world), dead_phones(plots, world.at)
    waiting: list[tuple[datetime, int, Iterator[datetime]]] = []
    for plot in plots:
        life = live(stage, plot)
        heapq.heappush(waiting, (next(life), plot.number, life))
    posted, ended = waiting[0][0], 0
    while waiting:
        due, number, life = heapq.heappop(waiting)
        if due > world.at:
            raise WrongCount(f"plot {number} wants to act at {due}, after {world.at}")
        while due - posted >= POST_EVERY:
            posted += POST_EVERY
            _post(session, dead if world.at - posted < CUT_OFF else frozenset(), at=posted)
        wakes = next(life, None)
        if wakes is not None:
            heapq.heappush(waiting, (wakes, number, life))
            continue
        ended += 1
        progress.step("orders", ended, len(plots))
    _post(session, dead, at=world.at)
    for person_id in world.people.values():
        _read_old_mail(session, person_id, world.at - UNREAD)


def dead_phones(plots: list[Plot], at: datetime) -> frozenset[str]:
    """Return the phones of some who were served a few days ago; nobody can be reached there: work for county IT."""
    resident = persona("resident").phone
    lately = (
        plot.home_of.phone
        for plot in plots
        if plot.status is Status.CLOSED and timedelta(days=3) < at - plot.times.begins < timedelta(days=9)
    )
    return frozenset(islice((phone for phone in dict.fromkeys(lately) if phone != resident), DEAD))


def check(session: Session, size: Size) -> None:
    """Raise WrongCount unless exactly the promised number of orders stands at each status, and of volunteers in the list."""
    volunteers = session.scalar(select(func.count()).select_from(Volunteer))
    if volunteers != size.volunteers + TWINS:
        raise WrongCount(f"volunteers (there, promised): {(volunteers, size.volunteers + TWINS)}")
    counted = select(ServiceOrder.status, func.count()).group_by(ServiceOrder.status)
    found: dict[Status, int] = dict(session.execute(counted).tuples().all())
    if found != {status: count for status, count in size.left.items() if count}:
        wrong = {
            status.value: (found.get(status, 0), wanted) for status, wanted in size.left.items() if found.get(status, 0) != wanted
        }
        raise WrongCount(f"orders by status (there, promised): {wrong}")


def certify(session: Session, world: World) -> str:
    """Give the volunteer persona a certificate, for whoever wants to see one checked; return its number."""
    person_id = world.people["volunteer"]
    draft = CertificateDraft(world.today - timedelta(days=DAYS + 5), world.today, frozenset(Grade) - {Grade.D}, "zh_Hans")
    return issue(session, Stage(session, world).actor(person_id), person_id, draft, at=world.at).number


@contextmanager
def _garbage_left_lying() -> Iterator[None]:
    """Look for garbage seldom: a county is made of many small objects that all stay."""
    before = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _post(session: Session, dead: frozenset[str], *, at: datetime) -> None:
    """Do what the job of the outbox would have done by ``at``; nothing leaves the house."""
    session.flush()  # the outbox reads what was just told
    while parcels := delivering.claim(session, at=at):
        for parcel in parcels:
            outcome = NotSent("unreachable") if parcel.address in dead else None
            delivering.settle(session, parcel.message_id, outcome, at)


def _read_old_mail(session: Session, person_id: int, before: datetime) -> None:
    """A persona has seen what they were told until two days ago."""
    mine = (Message.person_id == person_id, Message.channel == Channel.IN_APP, Message.created_at < before)
    session.execute(update(Message).where(*mine).values(read_at=before))
