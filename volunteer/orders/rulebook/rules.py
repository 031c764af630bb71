"""Which orders a rule of automatic dispatch takes and which teams it accepts, and when a team gets nothing new. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from volunteer.matching import Match


class RuleMode(StrEnum):
    """What happens to an order that a rule takes."""

    OFFER = "offer"  # it is offered to the best team
    POOL = "pool"  # 抢单: the first team that takes it has it
    CHOOSE = "choose"  # teams apply, the dispatcher chooses


class Miss(StrEnum):
    """Why a rule leaves an order, in the order in which it is asked."""

    OTHER_SERVICE = "other_service"
    OTHER_HOURS = "other_hours"
    URGENT = "urgent"  # it cannot wait in a pool
    NOBODY_ABLE = "nobody_able"
    TOO_FAR = "too_far"
    TOO_WEAK = "too_weak"
    ALL_ASKED = "all_asked"  # whoever could has as many open questions as room, or was asked often enough lately
    QUIET = "quiet"  # at this hour nobody is asked


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule asks of an order and of a team.

    categories, items: codes; an order of either is taken, neither given takes every service. days: weekdays from Monday 0,
    none is every day; begins, ends: local hours of these days. km: the team's distance at most; score: of its match at least.
    """

    mode: RuleMode
    categories: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    days: frozenset[int] = frozenset()
    begins: int = 0
    ends: int = 24
    km: float | None = None
    score: float | None = None


class Case(NamedTuple):
    """What a rule looks at of an order. local: the moment, in local time, at which it is looked at."""

    category: str
    item: str
    urgent: bool
    local: datetime


def takes(terms: Terms, case: Case) -> Miss | None:
    """Return why the rule leaves this order whatever teams there are; None when it may take it."""
    if (terms.categories or terms.items) and case.category not in terms.categories and case.item not in terms.items:
        return Miss.OTHER_SERVICE
    if (terms.days and case.local.weekday() not in terms.days) or not terms.begins <= case.local.hour < terms.ends:
        return Miss.OTHER_HOURS
    if case.urgent and terms.mode is not RuleMode.OFFER:
        return Miss.URGENT
    return None


def fitting(terms: Terms, matches: Sequence[Match]) -> list[Match]:
    """Return the matches that the rule accepts, in the order given."""
    return [match for match in matches if near_enough(terms, match.metres) and good_enough(terms, match.score)]


def lacking(terms: Terms, matches: Sequence[Match]) -> Miss | None:
    """Return what kept every team from being accepted; None when one is."""
    if not matches:
        return Miss.NOBODY_ABLE
    near = [match for match in matches if near_enough(terms, match.metres)]
    if not near:
        return Miss.TOO_FAR
    return None if any(good_enough(terms, match.score) for match in near) else Miss.TOO_WEAK


def near_enough(terms: Terms, metres: float) -> bool:
    """Whether a team at that distance may be asked by the rule."""
    return terms.km is None or metres <= 1000 * terms.km


def good_enough(terms: Terms, score: float) -> bool:
    """Whether a match of that score may be asked by the rule."""
    return terms.score is None or score >= terms.score


class Limits(NamedTuple):
    """From how much on a team gets nothing new; 0 sets no limit."""

    open_orders: int = 0
    late_records: int = 0
    unanswered: int = 0


class Owing(NamedTuple):
    """What a team has open: orders in hand, records past their day, offers in a row that it did not answer."""

    open_orders: int = 0
    late_records: int = 0
    unanswered: int = 0


class TooMuch(NamedTuple):
    """One limit that is reached: the name of the figure, what the team has, and the limit."""

    what: str
    have: int
    most: int


def too_much(owing: Owing, limits: Limits, *, but: Iterable[str] = ()) -> list[TooMuch]:
    """Return every limit that the team has reached, but for those named in ``but``; empty when it may have more."""
    found = (TooMuch(name, getattr(owing, name), getattr(limits, name)) for name in Limits._fields)
    return [one for one in found if one.most and one.have >= one.most and one.what not in but]
