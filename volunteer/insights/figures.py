"""What each figure of the overview means, once: as a pure function, with its words for the page beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from statistics import median

from volunteer.kernel.words import N_
from volunteer.orders.lifecycle import Status
from volunteer.teams.ratings import mean


class Fate(StrEnum):
    """What became of what was asked."""

    MET = "met"
    OPEN = "open"
    LATE = "late"
    UNMET = "unmet"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


FATES: dict[Status, Fate] = {
    Status.PLACED: Fate.OPEN,
    Status.VERIFIED: Fate.OPEN,
    Status.OFFERED: Fate.OPEN,
    Status.ACCEPTED: Fate.OPEN,
    Status.UNDER_WAY: Fate.OPEN,
    Status.IN_SERVICE: Fate.OPEN,
    Status.IN_PARTS: Fate.OPEN,
    Status.SERVED: Fate.MET,
    Status.CLOSED: Fate.MET,
    Status.REJECTED: Fate.REFUSED,
    Status.WITHDRAWN: Fate.WITHDRAWN,
    Status.UNMET: Fate.UNMET,
}

MEANINGS: dict[str, str] = {
    "asked": N_("Requests placed in this period, whatever became of them."),
    "met": N_("Of these: served by now."),
    "open": N_("Of these: still on their way and within the promise."),
    "late": N_("Of these: still on their way, and the next step was promised for a time that has passed."),
    "unmet": N_("Of these: given up because no team could be found."),
    "refused": N_("Of these: refused when verified, with a reason."),
    "withdrawn": N_("Of these: taken back by whoever asked."),
    "share": N_("Met, out of those that are decided: met or given up."),
    "times": N_("Time from one step to the next, for requests placed in this period that came so far. "
                "Median: half took less. Nine of ten took no longer than the second figure."),
    "stars": N_("Mean of the ratings, drawn towards the county's mean as if ten more people had given that: "
                "a few ratings prove little. Below five ratings nothing is shown."),
    "idle_teams": N_("Open teams, not paused, that were offered nothing in the last 30 days."),
    "idle_volunteers": N_("Volunteers, not paused, who went on no visit in the last 90 days."),
    "gaps": N_("Services asked for in this period in villages from which no able team is within its reach."),
}  # fmt: skip


def fate(status: Status, *, overdue: bool) -> Fate:
    """Return what became of an order; ``overdue``: the moment promised for the next step has passed."""
    found = FATES[status]
    return Fate.LATE if found is Fate.OPEN and overdue else found


def statuses_of(wanted: Fate) -> frozenset[Status]:
    """Return the states that an order of that fate may stand in."""
    kind = Fate.OPEN if wanted is Fate.LATE else wanted
    return frozenset(status for status, found in FATES.items() if found is kind)


@dataclass
class Tally:
    """How many met which fate."""

    by_fate: dict[Fate, int] = field(default_factory=dict)

    def add(self, found: Fate, count: int = 1) -> None:
        """Count some more."""
        self.by_fate[found] = self.by_fate.get(found, 0) + count

    def count(self, name: str) -> int:
        """Return one figure by its name: a fate, or "asked"."""
        return self.asked if name == "asked" else self.by_fate.get(Fate(name), 0)

    @property
    def asked(self) -> int:
        """All of them."""
        return sum(self.by_fate.values())

    @property
    def share(self) -> float | None:
        """Met out of decided, 0 to 1; None while nothing is decided."""
        met, unmet = self.count("met"), self.count("unmet")
        return met / (met + unmet) if met + unmet else None


class Stage(StrEnum):
    """A step of an order's way, named after the moment that ends it."""

    VERIFIED = "verified"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    SERVED = "served"
    RATED = "rated"


STAGES = tuple(Stage)


def stage_seconds(placed: datetime, moments: Mapping[Stage, datetime | None]) -> dict[Stage, float]:
    """Return how long each step took. A step that was skipped, or that was taken again later, says nothing."""
    took: dict[Stage, float] = {}
    previous: datetime | None = placed
    for stage in STAGES:
        reached = moments.get(stage)
        if previous is not None and reached is not None and reached >= previous:
            took[stage] = (reached - previous).total_seconds()
        previous = reached
    return took


@dataclass(frozen=True)
class Times:
    """How long a step took: how many, and in seconds the median and what nine of ten stayed below."""

    count: int
    middle: float
    ninety: float


def times(seconds: Sequence[float]) -> Times | None:
    """Return the summary of some durations; None without any. The 90 % is the nearest rank, so it was really measured."""
    if not seconds:
        return None
    ranked = sorted(seconds)
    return Times(len(ranked), median(ranked), ranked[math.ceil(0.9 * len(ranked)) - 1])


@dataclass(frozen=True)
class Stars:
    """What ratings of a place say: how many, and their mean (1 to 5) drawn towards everybody's."""

    count: int
    mean: float | None


def stars(given: Iterable[int], everybody: float) -> Stars:
    """Return the mean of ``given``, shrunk towards the mean of ``everybody``; no mean below ENOUGH ratings."""
    ratings = list(given)
    return Stars(len(ratings), mean(sum(ratings), len(ratings), everybody))
