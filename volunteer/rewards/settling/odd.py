"""Patterns of points worth a person's look, as pure functions. A pattern is no proof, and nothing follows from it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Odd(StrEnum):
    """What a pattern is."""

    SAME_PAIR = "same_pair"  # one person and one shop, again and again
    OWN_TILL = "own_till"  # staff of the shop, or their family, at their own till
    GIVEN_ON = "given_on"  # points of many gathered by gifts, then spent at one shop
    BURST = "burst"  # many within minutes
    CLOSED = "closed"  # while the shop is closed, or at night
    NO_STOCK = "no_stock"  # much is collected of what is never stocked up


@dataclass(frozen=True, slots=True)
class Collected:
    """One gift that was handed over; ``local`` is the time on the wall."""

    id: int
    merchant_id: int
    person_id: int
    gift_id: int
    points: int
    local: datetime
    by: int | None  # who stood at the till


@dataclass(frozen=True, slots=True)
class Given:
    """Points that one person gave to another."""

    id: int
    giver_id: int
    receiver_id: int
    points: int
    local: datetime


@dataclass(frozen=True)
class Shop:
    """What is known of a merchant."""

    id: int
    staff: frozenset[int] = frozenset()
    family: frozenset[int] = frozenset()  # who looks after somebody of the staff, or is looked after
    is_open: Callable[[datetime], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class Stocked:
    """A gift as it stands: how many are left, and how many its merchant ever said there were."""

    gift_id: int
    merchant_id: int
    left: int
    changes: int  # how often stock was filled up


@dataclass(frozen=True)
class Facts:
    """Everything of some weeks that the detectors look at."""

    collected: Sequence[Collected] = ()
    given: Sequence[Given] = ()
    shops: Mapping[int, Shop] = field(default_factory=dict)
    stock: Sequence[Stocked] = ()


@dataclass(frozen=True)
class Thresholds:
    """From when on a pattern is told."""

    pair: int = 6  # collections of one person at one shop
    pair_share: float = 0.4  # of all that the shop handed over, from ``pair_least`` on
    pair_least: int = 10
    givers: int = 3
    given_share: float = 0.6  # of what was spent at the shop
    given_days: int = 7
    burst: int = 5
    burst_minutes: int = 10
    closed: int = 3
    night: tuple[int, int] = (23, 6)
    unstocked: int = 15


@dataclass(frozen=True)
class Finding:
    """One pattern: whom it is about, and what was seen. ``mark`` tells it from every other."""

    kind: Odd
    merchant_id: int | None
    person_id: int | None
    local: datetime
    evidence: dict[str, Any]

    def mark(self) -> str:
        """The same pattern of the same month has the same mark."""
        return f"{self.kind.value}:{self.merchant_id or 0}:{self.person_id or 0}:{self.local:%Y-%m}"


def find(facts: Facts, limits: Thresholds = Thresholds()) -> list[Finding]:
    """Return everything that looks odd, in a fixed order."""
    found = [one for look in LOOKS for one in look(facts, limits)]
    return sorted(found, key=lambda one: (one.kind.value, one.merchant_id or 0, one.person_id or 0))


def _same_pair(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    of_shop = Counter(one.merchant_id for one in facts.collected)
    for (merchant, person), rows in _grouped(facts.collected, lambda one: (one.merchant_id, one.person_id)):
        share = len(rows) / of_shop[merchant]
        many = len(rows) >= limits.pair
        most = of_shop[merchant] >= limits.pair_least and share >= limits.pair_share and len(rows) >= limits.pair // 2
        if many or most:
            yield _finding(Odd.SAME_PAIR, merchant, person, rows, share=round(share, 2))


def _own_till(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    for (merchant, person), rows in _grouped(facts.collected, lambda one: (one.merchant_id, one.person_id)):
        shop = facts.shops.get(merchant)
        if shop is None:
            continue
        if person in shop.staff:
            yield _finding(Odd.OWN_TILL, merchant, person, rows, who="staff", by_self=sum(row.by == person for row in rows))
        elif person in shop.family:
            yield _finding(Odd.OWN_TILL, merchant, person, rows, who="family")


def _given_on(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    given: dict[int, list[Given]] = defaultdict(list)
    for one in facts.given:
        given[one.receiver_id].append(one)
    for (merchant, person), rows in _grouped(facts.collected, lambda one: (one.merchant_id, one.person_id)):
        spent, last = sum(row.points for row in rows), max(row.local for row in rows)
        since = min(row.local for row in rows) - timedelta(days=limits.given_days)
        before = [one for one in given.get(person, ()) if since <= one.local <= last]
        givers = {one.giver_id for one in before}
        got = sum(one.points for one in before)
        if len(givers) >= limits.givers and got >= limits.given_share * spent:
            yield _finding(
                Odd.GIVEN_ON, merchant, person, rows, givers=len(givers), given=got, gifts=[one.id for one in before][:20]
            )


def _burst(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    window = timedelta(minutes=limits.burst_minutes)
    for merchant, rows in _grouped(facts.collected, lambda one: one.merchant_id):
        ordered, first = sorted(rows, key=lambda row: (row.local, row.id)), 0
        best: list[Collected] = []
        for last, row in enumerate(ordered):
            while row.local - ordered[first].local > window:
                first += 1
            if last - first + 1 > len(best):
                best = ordered[first : last + 1]
        if len(best) >= limits.burst:
            people = len({row.person_id for row in best})
            minutes = int((best[-1].local - best[0].local).total_seconds() // 60)
            yield _finding(Odd.BURST, merchant, None, best, people=people, minutes=minutes)


def _closed(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    late, early = limits.night
    for merchant, rows in _grouped(facts.collected, lambda one: one.merchant_id):
        shop = facts.shops.get(merchant)
        at_night = [row for row in rows if row.local.hour >= late or row.local.hour < early]
        shut = [row for row in rows if shop is not None and not shop.is_open(row.local)]
        odd = {row.id: row for row in (*at_night, *shut)}
        if len(odd) >= limits.closed:
            listed = sorted(odd.values(), key=lambda row: row.id)
            yield _finding(Odd.CLOSED, merchant, None, listed, night=len(at_night), shut=len(shut))


def _no_stock(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    of_gift: dict[int, list[Collected]] = defaultdict(list)
    for row in facts.collected:
        of_gift[row.gift_id].append(row)
    for one in facts.stock:
        rows = of_gift.get(one.gift_id, [])
        if len(rows) >= limits.unstocked and one.changes == 0:
            yield _finding(Odd.NO_STOCK, one.merchant_id, None, rows, gift=one.gift_id, left=one.left)


def _finding(kind: Odd, merchant: int, person: int | None, rows: Sequence[Collected], **more: Any) -> Finding:
    evidence = {"count": len(rows), "points": sum(row.points for row in rows), "ids": [row.id for row in rows][:20]}
    return Finding(kind, merchant, person, max(row.local for row in rows), evidence | more)


def _grouped(rows: Iterable[Collected], key: Callable[[Collected], Any]) -> list[tuple[Any, list[Collected]]]:
    groups: dict[Any, list[Collected]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return sorted(groups.items())


LOOKS: tuple[Callable[[Facts, Thresholds], Iterator[Finding]], ...] = (
    _same_pair,
    _own_till,
    _given_on,
    _burst,
    _closed,
    _no_stock,
)
