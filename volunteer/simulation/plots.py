"""The sixty days on paper: for each order what is asked, by whom, when, and where it stands in the end. No database.

All times are aware; orders that are over are laid out forwards from the day they are placed, those still open backwards from
now, so that every clock that a visitor sees is fresh on the day of filling.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from volunteer.kernel.geo import Point
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import OrderChannel, WhenKind
from volunteer.simulation import people
from volunteer.simulation.menu import Item, menu
from volunteer.simulation.personas import HOME_STATION
from volunteer.simulation.settling import Place
from volunteer.simulation.voices import voices

DAYS = 60
SLOTS = (time(8, 30), time(9, 0), time(9, 30), time(10, 0), time(13, 30), time(14, 0), time(15, 0), time(16, 0))
POPULAR = {"repair": 10, "company": 5, "home": 5, "health": 6, "digital": 7, "daily": 6, "learning": 4, "community": 3}
AT_ONCE = 60  # a service with so short a reply clock in minutes is urgent
NEIGHBOURS = 12  # households in the clerk's own village
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Household:
    """Who orders: name and phone, the village, the door and the point near it."""

    name: str
    phone: str
    place: Place
    door: str
    point: Point


class Visit(NamedTuple):
    """When somebody came and left."""

    came: datetime
    left: datetime


class Times(NamedTuple):
    """When each step is taken; those that an order never reaches mean nothing."""

    placed: datetime
    verified: datetime
    offered: datetime
    answered: datetime
    begins: datetime
    came: datetime
    left: datetime
    recorded: datetime
    rated: datetime


@dataclass(frozen=True, slots=True)
class Plot:
    """One order's course.

    ``declines``: teams that say no first. ``home``: the personas' own team gets it. ``chosen``: members are named.
    ``written``: the record is there. ``stars`` 0: silence. ``twist``: free (words only), placed, verified, offered
    (when withdrawn), lapse, release, nobody_home, reopen, forgot (to check out), escalate, recall, nudge, or none of these.
    """

    number: int
    status: Status
    item: Item
    times: Times
    words: str
    home_of: Household
    channel: OrderChannel
    when: WhenKind
    urgent: bool
    declines: int
    stars: int
    rng: random.Random = field(compare=False)
    home: bool = False
    chosen: bool = True
    written: bool = True
    twist: str = ""


class Writer:
    """Writes plots for one county, the same for the same seed and moment."""

    def __init__(self, seed: int, stations: Sequence[Place], zone: ZoneInfo, at: datetime) -> None:
        """Remember where and when the story plays."""
        self.rng = random.Random(f"orders {seed}")  # noqa: S311 - an invented story
        self.seed, self.zone, self.at = seed, zone, at
        self.today = at.astimezone(zone).date()
        self.stations = list(stations)
        self.households = [self._household(number) for number in range(1, 211)]
        self.items = [item for item in menu().items if item.people <= 4]
        self.number = 0

    def household(self, station: str | None = None) -> Household:
        """Return somebody; of one village when it is named."""
        if station is None:
            return self.rng.choice(self.households)
        return self.rng.choice([one for one in self.households if one.place.name == station])

    def some_item(self) -> Item:
        """Return a service, the popular ones more often."""
        return self.rng.choices(self.items, [POPULAR[item.category] for item in self.items])[0]

    def local(self, days: int, clock: time) -> datetime:
        """Return a local time ``days`` from today."""
        return datetime.combine(self.today + timedelta(days=days), clock, tzinfo=self.zone)

    def finished(self, status: Status, days_ago: int, **fixed: Any) -> Plot:
        """Lay out an order that was placed ``days_ago`` (at least 3) and is over."""
        rng, item = self.rng, fixed.pop("item", None) or self.some_item()
        first = self._first_steps(-days_ago, item)
        wait = rng.randint(1, max(1, min(3, days_ago - 2)))
        begins = self.local(wait - days_ago, rng.choice(SLOTS))
        visit = self._visit(begins, item)
        rest = self.at - visit.left
        recorded = visit.left + min(rng.uniform(20, 4 * 1440) * MINUTE, rest * 0.8)
        stars = rng.choices((5, 4, 3, 2, 1, 0), (66, 16, 5, 3, 2, 10))[0] if rest > 8 * DAY else rng.choice((5, 5, 5, 4, 4, 3))
        rated = visit.left + (7 * DAY + 30 * MINUTE if not stars else min(rng.uniform(15, 3 * 1440) * MINUTE, rest * 0.9))
        stars = fixed.pop("stars", stars)
        return self._plot(status, item, Times(*first, begins, visit.came, visit.left, recorded, rated), stars, fixed)

    def waiting(self, status: Status, ago: float, **fixed: Any) -> Plot:
        """Lay out an order that nobody has in hand yet: placed, verified or offered ``ago`` minutes before now."""
        rng, item = self.rng, fixed.pop("item", None) or self.some_item()
        last = self.at - ago * MINUTE
        verified = last - (rng.uniform(5, 50) * MINUTE if status is Status.OFFERED else timedelta())
        placed = last if status is Status.PLACED else verified - rng.uniform(10, 120) * MINUTE
        begins = fixed.pop("begins", None) or self.local(rng.randint(1, 5), rng.choice(SLOTS))
        return self._plot(status, item, Times(placed, verified, last, last, begins, begins, begins, begins, begins), 0, fixed)

    def accepted(self, begins: datetime, **fixed: Any) -> Plot:
        """Lay out an order that a team will come for at ``begins``, today or later; agreed on one of the days before."""
        rng, item = self.rng, fixed.pop("item", None) or self.some_item()
        first = self._first_steps(-rng.randint(1, 3), item)
        return self._plot(Status.ACCEPTED, item, Times(*first, begins, begins, begins, begins, begins), 0, fixed)

    def going_on(self, status: Status, ago: float, **fixed: Any) -> Plot:
        """Lay out an order whose team set out, or has begun, ``ago`` minutes before now."""
        rng, item = self.rng, fixed.pop("item", None) or self.some_item()
        first = self._first_steps(-rng.randint(2, 3), item)
        begins = self.at - ago * MINUTE
        return self._plot(status, item, Times(*first, begins, begins, begins, begins, begins), 0, fixed)

    def served(self, begins: datetime, **fixed: Any) -> Plot:
        """Lay out an order that was served at ``begins``, some days ago, and waits for its record or its rating."""
        rng, item = self.rng, fixed.pop("item", None) or self.some_item()
        day = (begins.astimezone(self.zone).date() - self.today).days
        first = self._first_steps(day - rng.randint(1, 2), item)
        visit = self._visit(begins, item)
        recorded = visit.left + (self.at - visit.left) * rng.uniform(0.2, 0.7)
        return self._plot(Status.SERVED, item, Times(*first, begins, visit.came, visit.left, recorded, self.at), 0, fixed)

    def _first_steps(self, day: int, item: Item) -> tuple[datetime, datetime, datetime, datetime]:
        """When it is placed, verified, offered and answered: all on one day, by the late evening."""
        rng = self.rng
        placed = self.local(day, time(rng.randint(8, 16), rng.randint(0, 59)))
        verified = placed + min(item.reply * rng.uniform(0.1, 0.9), rng.uniform(8, 150)) * MINUTE
        offered = verified + rng.uniform(3, 70) * MINUTE
        return placed, verified, offered, offered + rng.uniform(4, 100) * MINUTE

    def _visit(self, begins: datetime, item: Item) -> Visit:
        came = begins + self.rng.uniform(-6, 14) * MINUTE
        return Visit(came, came + max(12.0, item.minutes * self.rng.uniform(0.65, 1.35)) * MINUTE)

    def _plot(self, status: Status, item: Item, times: Times, stars: int, fixed: dict[str, Any]) -> Plot:
        rng = self.rng
        self.number += 1
        values: dict[str, Any] = {
            "words": rng.choice(voices().wishes[item.code]),
            "home_of": self.household(),
            "channel": rng.choices((OrderChannel.WEB, OrderChannel.PHONE, OrderChannel.COUNTER), (58, 24, 18))[0],
            "when": rng.choices((WhenKind.WINDOW, WhenKind.FLEXIBLE, WhenKind.SOON), (50, 36, 14))[0],
            "urgent": item.reply <= AT_ONCE or rng.random() < 0.04,
            "declines": rng.choices((0, 1, 2), (74, 20, 6))[0],
        }
        chance = random.Random(f"{self.seed} {self.number}")  # noqa: S311 - an invented story
        return Plot(number=self.number, status=status, item=item, times=times, stars=stars, rng=chance, **(values | fixed))

    def _household(self, number: int) -> Household:
        rng = self.rng
        near_home = number <= NEIGHBOURS
        place = next(one for one in self.stations if one.name == HOME_STATION) if near_home else rng.choice(self.stations)
        point = Point(
            round(place.point.latitude + rng.gauss(0, 0.002), 5), round(place.point.longitude + rng.gauss(0, 0.0024), 5)
        )
        door = f"{rng.randint(1, 28)}幢{rng.randint(1, 4)}单元{rng.randint(1, 6)}0{rng.randint(1, 4)}室"
        return Household(people.resident_name(rng), people.resident_phone(number), place, door, point)
