"""The sixty days on paper: for each order what is asked, by whom, when, and where it stands in the end. No database.

All times are aware; orders that are over are laid out forwards from the day they are placed, those still open backwards from
now, so that every clock that a visitor sees is fresh on the day of filling.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
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


@dataclass(frozen=True, slots=True)
class Plot:
    """One order's course. ``declines``: teams that say no first. ``chosen``: whether members are named.

    ``home``: the personas' own team gets it. ``written``: the record is there. ``stars`` 0: silence.
    """

    number: int
    status: Status
    item: Item | None
    words: str
    home_of: Household
    channel: OrderChannel
    when: WhenKind
    placed: datetime
    verified: datetime
    offered: datetime
    answered: datetime
    begins: datetime
    came: datetime
    left: datetime
    recorded: datetime
    rated: datetime
    urgent: bool = False
    home: bool = False
    chosen: bool = True
    written: bool = True
    declines: int = 0
    stars: int = 5
    twist: str = ""  # release, nobody_home, reopen, escalate, recall
    rng: random.Random = field(default_factory=random.Random, compare=False)


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
        placed = self.local(-days_ago, time(rng.randint(8, 18), rng.randint(0, 59)))
        verified = placed + min(item.reply * rng.uniform(0.1, 0.9), rng.uniform(8, 150)) * MINUTE
        offered = verified + rng.uniform(3, 70) * MINUTE
        answered = offered + rng.uniform(4, 100) * MINUTE
        wait = rng.randint(1, max(1, min(3, days_ago - 2)))
        begins = self.local(wait - days_ago, rng.choice(SLOTS))
        came = begins + rng.uniform(-6, 14) * MINUTE
        left = came + max(12.0, item.minutes * rng.uniform(0.65, 1.35)) * MINUTE
        rest = self.at - left
        recorded = left + min(rng.uniform(20, 4 * 1440) * MINUTE, rest * 0.8)
        stars = rng.choices((5, 4, 3, 2, 1, 0), (66, 16, 5, 3, 2, 10))[0] if rest > 8 * DAY else rng.choice((5, 5, 5, 4, 4, 3))
        rated = left + (7 * DAY + 30 * MINUTE if not stars else min(rng.uniform(15, 3 * 1440) * MINUTE, rest * 0.9))
        return self._plot(status, item, placed, verified, offered, answered, begins, came, left, recorded, rated, stars, **fixed)

    def open(self, status: Status, **fixed: Any) -> Plot:
        """Lay out an order that stands at ``status`` now."""
        rng, at = self.rng, self.at
        item = fixed.pop("item", None) or self.some_item()
        ago = fixed.pop("ago", None) or rng.uniform(6, 100)  # minutes since the last step
        day = fixed.pop("day", None)
        begins = self.local(day if isinstance(day, int) else rng.randint(1, 5), rng.choice(SLOTS))
        begins = fixed.pop("begins", None) or begins
        last = at - ago * MINUTE
        came, left = last, last
        match status:
            case Status.PLACED:
                placed = verified = offered = answered = last
            case Status.VERIFIED:
                verified = offered = answered = last
                placed = verified - rng.uniform(10, 120) * MINUTE
            case Status.OFFERED:
                offered = answered = last
                verified = offered - rng.uniform(5, 50) * MINUTE
                placed = verified - rng.uniform(10, 120) * MINUTE
            case Status.ACCEPTED:
                answered = at - rng.uniform(60, 1400) * MINUTE
            case Status.UNDER_WAY | Status.IN_SERVICE:
                begins = last
                answered = begins - rng.uniform(200, 1500) * MINUTE
            case _:  # SERVED
                left = last
                came = left - item.minutes * rng.uniform(0.7, 1.3) * MINUTE
                begins = came - rng.uniform(-8, 8) * MINUTE
                answered = begins - rng.uniform(300, 2000) * MINUTE
        if status in {Status.ACCEPTED, Status.UNDER_WAY, Status.IN_SERVICE, Status.SERVED}:
            answered = min(answered, begins - 90 * MINUTE, at - 5 * MINUTE)
            offered = answered - rng.uniform(5, 100) * MINUTE
            verified = offered - rng.uniform(5, 50) * MINUTE
            placed = verified - rng.uniform(10, 120) * MINUTE
        recorded = left + (at - left) * rng.uniform(0.2, 0.7)
        return self._plot(status, item, placed, verified, offered, answered, begins, came, left, recorded, at, 0, **fixed)

    def _plot(
        self, status: Status, item: Item, placed: datetime, verified: datetime, offered: datetime, answered: datetime,
        begins: datetime, came: datetime, left: datetime, recorded: datetime, rated: datetime, stars: int, **fixed: Any,
    ) -> Plot:  # fmt: skip
        rng = self.rng
        self.number += 1
        wishes = voices().wishes
        free = rng.random() < 0.06
        values: dict[str, Any] = {
            "item": item,
            "words": rng.choice(wishes[item.code]),
            "home_of": self.household(),
            "channel": rng.choices((OrderChannel.WEB, OrderChannel.PHONE, OrderChannel.COUNTER), (58, 24, 18))[0],
            "when": rng.choices((WhenKind.WINDOW, WhenKind.FLEXIBLE, WhenKind.SOON), (50, 36, 14))[0],
            "urgent": item.reply <= 60 or rng.random() < 0.04,
            "declines": rng.choices((0, 1, 2), (74, 20, 6))[0],
            "rng": random.Random(f"{self.seed} {self.number}"),  # noqa: S311
        }
        if free and "item" not in fixed and status is not Status.PLACED:
            values["words"] = f"{values['words']}，不知道该点哪一项"
        values |= fixed
        return Plot(
            number=self.number, status=status, placed=placed, verified=verified, offered=offered, answered=answered,
            begins=begins, came=came, left=left, recorded=recorded, rated=rated, stars=stars, **values,
        )  # fmt: skip

    def _household(self, number: int) -> Household:
        rng = self.rng
        near_home = number <= 12
        place = next(one for one in self.stations if one.name == HOME_STATION) if near_home else rng.choice(self.stations)
        point = Point(
            round(place.point.latitude + rng.gauss(0, 0.002), 5), round(place.point.longitude + rng.gauss(0, 0.0024), 5)
        )
        door = f"{rng.randint(1, 28)}幢{rng.randint(1, 4)}单元{rng.randint(1, 6)}0{rng.randint(1, 4)}室"
        return Household(people.resident_name(rng), people.resident_phone(number), place, door, point)
