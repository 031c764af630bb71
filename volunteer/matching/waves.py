"""Whom to ask at once: a few teams that together will hardly all say no, none of them too often, none of them never.

The chance of a yes comes from each team's own answers, shrunk to the centre's mean. Of all sets whose chances together reach
what is wanted, ``next_wave`` finds the cheapest exactly, where a team costs one ask and what its score lacks of the best.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

SURE = 0.995  # nobody is counted on more than this
NEAR_ENOUGH = 1e-9


@dataclass(frozen=True, slots=True)
class Terms:
    """A centre's dated rules of asking.

    wanted, wanted_urgent: the chance that somebody says yes. most: teams asked at once at most. ask_price: what asking one more
    team costs, in score; from 1 up the smallest set always wins. per_day, per_week: asks of one team, the fatigue budget.
    quiet_from, quiet_to: local hours in which nobody is asked unless it is urgent; equal hours are no quiet hours.
    forgotten_days: a team unasked for longer while others are asked comes first, among those at most ``tolerance`` of score
    behind the best. half_life: days after which an answer counts half. prior_answers: so many own answers weigh as much as the
    centre's mean.
    """

    wanted: float = 0.4
    wanted_urgent: float = 0.9
    most: int = 8
    ask_price: float = 0.25
    per_day: int = 3
    per_week: int = 10
    quiet_from: int = 21
    quiet_to: int = 7
    forgotten_days: int = 21
    tolerance: float = 0.05
    half_life: float = 45.0
    prior_answers: float = 4.0
    version: int = 0

    def __post_init__(self) -> None:
        for name in ("wanted", "wanted_urgent"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, not a chance below 1")
        for name in ("ask_price", "tolerance"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} is {getattr(self, name)}, not a number from 0 up")
        for name in ("half_life", "prior_answers"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} is {getattr(self, name)}, not a positive number")
        for name in ("quiet_from", "quiet_to"):
            if not 0 <= getattr(self, name) < 24:
                raise ValueError(f"{name} is {getattr(self, name)}, not an hour of the day")
        if self.most < 1:
            raise ValueError(f"most is {self.most}: nobody could ever be asked")

    def wanted_for(self, *, urgent: bool) -> float:
        """Return the chance of a yes that is wanted."""
        return self.wanted_urgent if urgent else self.wanted


@dataclass(frozen=True, slots=True)
class Answer:
    """What a team made of one offer: asked at the local moment ``asked``; silence until the end is a no."""

    asked: datetime
    yes: bool


class Part(StrEnum):
    """The parts of the week in which people answer differently."""

    WORKDAY = "workday"
    EVENING = "evening"
    NIGHT = "night"
    WEEKEND = "weekend"


def part_of_week(moment: datetime) -> Part:
    """Return the part of the week of a local moment."""
    if moment.hour >= 22 or moment.hour < 7:
        return Part.NIGHT
    if moment.weekday() >= 5:
        return Part.WEEKEND
    return Part.EVENING if moment.hour >= 18 else Part.WORKDAY


def mean_of(yes: int, answers: int, terms: Terms) -> float:
    """Return a centre's share of yes, 0 to 1; one half weighs as much as five teams of ``prior_answers``: never 0 or 1."""
    doubt = 5 * terms.prior_answers
    return (yes + doubt / 2) / (answers + doubt)


def chance_of_yes(answers: Iterable[Answer], mean: float, terms: Terms, *, at: datetime) -> float:
    """Return the chance, 0 to 1, that a team says yes when it is asked at the local moment ``at``.

    Each answer weighs 0.5 ** (days since / half_life). The team's own share is shrunk to ``mean``, and its share in this part
    of the week to the team's own: a team that nobody knows has the mean, one that is never there on weekdays is found out.
    Answers after ``at`` count as of ``at``.
    """
    part = part_of_week(at)
    weight = yes = part_weight = part_yes = 0.0
    for answer in answers:
        counts = 0.5 ** (max(0.0, (at - answer.asked) / timedelta(days=1)) / terms.half_life)
        weight += counts
        yes += counts * answer.yes
        if part_of_week(answer.asked) is part:
            part_weight += counts
            part_yes += counts * answer.yes
    own = (yes + mean * terms.prior_answers) / (weight + terms.prior_answers)
    chance = (part_yes + own * terms.prior_answers) / (part_weight + terms.prior_answers)
    return min(max(chance, 0.0), SURE)


@dataclass(frozen=True, slots=True)
class Choice:
    """A team that could be asked. net: what ranks it. unasked_days: since it was last asked (or came to be)."""

    team_id: int
    net: float
    chance: float
    asked_today: int = 0
    asked_week: int = 0
    unasked_days: float = 0.0


class Why(StrEnum):
    """Why a team is in a wave, or not."""

    NEEDED = "needed"  # part of the cheapest set
    FORGOTTEN = "forgotten"  # unasked for longest
    LAST_RESORT = "last_resort"  # over its budget, but it is urgent and without it the chance is too small
    BY_HAND = "by_hand"  # a person chose it
    DAY_FULL = "day_full"  # asked often enough today
    WEEK_FULL = "week_full"


@dataclass(frozen=True, slots=True)
class Wave:
    """Whom to ask now, best first, and how likely one of them, or of those asked before, says yes.

    why: by team id, of everybody chosen. passed_over: those whose budget is used up; they are asked again when it is not.
    """

    team_ids: tuple[int, ...]
    together: float
    wanted: float
    why: dict[int, Why]
    passed_over: dict[int, Why]


def together(chances: Iterable[float]) -> float:
    """Return the chance that at least one says yes: 1 - Π (1 - p)."""
    return 1 - math.prod(1 - chance for chance in chances)


def over_budget(choice: Choice, terms: Terms) -> Why | None:
    """Return which budget a team has used up, None when it may be asked."""
    if choice.asked_today >= terms.per_day:
        return Why.DAY_FULL
    return Why.WEEK_FULL if choice.asked_week >= terms.per_week else None


def next_wave(choices: Iterable[Choice], terms: Terms, *, urgent: bool = False, waiting: Sequence[float] = ()) -> Wave:
    """Return the next teams to ask. ``waiting``: the chances of those that were asked and have not answered.

    Nobody is asked as long as those waiting are enough: a refusal takes a chance away, and the next wave brings it back. At
    least one is asked when nobody is waiting. Where even ``most`` at once do not reach what is wanted, the likeliest are asked.
    Ties go to the higher net score, then to the lower team id, whatever the order of ``choices``.
    """
    wanted = terms.wanted_for(urgent=urgent)
    have = together(waiting)
    everybody = sorted(choices, key=lambda one: (-one.net, one.team_id))
    full = {one.team_id: used for one in everybody if (used := over_budget(one, terms))}
    room = terms.most - len(waiting)
    if room < 1 or (waiting and have >= wanted - NEAR_ENOUGH):
        return Wave((), have, wanted, {}, full)

    free = [one for one in everybody if one.team_id not in full]
    chosen: list[Choice] = []
    why: dict[int, Why] = {}
    if any(one.unasked_days <= terms.forgotten_days for one in everybody) and (forgotten := _forgotten(free, terms)):
        chosen.append(forgotten)
        why[forgotten.team_id] = Why.FORGOTTEN
        free.remove(forgotten)
    missing = _bits(wanted) - sum(map(_bits, waiting)) - sum(_bits(one.chance) for one in chosen)
    for one in cheapest(free, missing, terms.ask_price, room - len(chosen)) if missing > NEAR_ENOUGH or not chosen else ():
        chosen.append(one)
        why[one.team_id] = Why.NEEDED
        missing -= _bits(one.chance)
    if urgent and missing > NEAR_ENOUGH:
        tired = sorted((one for one in everybody if one.team_id in full), key=lambda o: (o.asked_today, o.asked_week, -o.net))
        for one in tired[: room - len(chosen)]:
            chosen.append(one)
            why[one.team_id] = Why.LAST_RESORT
            missing -= _bits(one.chance)
            if missing <= NEAR_ENOUGH:
                break
    chosen.sort(key=lambda one: (-one.net, one.team_id))
    left = {team_id: reason for team_id, reason in full.items() if team_id not in why}
    return Wave(
        tuple(one.team_id for one in chosen), together([*waiting, *(one.chance for one in chosen)]), wanted, why, left
    )  # fmt: skip


def cheapest(choices: Sequence[Choice], missing: float, ask_price: float, most: int) -> list[Choice]:
    """Return the cheapest set of at most ``most`` whose bits of chance reach ``missing``; at least one when there is one.

    A set costs ``ask_price`` for each team and what its score lacks of the best one's; at equal cost the smaller set, then the
    better scores. Exact: sets that are no cheaper and no likelier than another of no more teams are dropped, nothing else is.
    When none reaches ``missing``, the likeliest ``most`` are returned.
    """
    ranked = sorted(choices, key=lambda one: (-one.net, one.team_id))
    if not ranked or most < 1:
        return []
    best = ranked[0].net
    likeliest = sorted(ranked, key=lambda one: (-one.chance, -one.net, one.team_id))[:most]
    if sum(_bits(one.chance) for one in likeliest) < missing - NEAR_ENOUGH:
        return sorted(likeliest, key=lambda one: (-one.net, one.team_id))

    worth = [one for one in _worth_a_look(ranked, most) if one.chance > 0] or ranked[:1]
    kept: list[tuple[float, int, float, tuple[int, ...]]] = [(0.0, 0, 0.0, ())]  # cost, teams, -bits (at most missing), rows
    for row, one in enumerate(worth):
        grown = [
            (cost + ask_price + best - one.net, size + 1, max(bits - _bits(one.chance), -missing), (*rows, row))
            for cost, size, bits, rows in kept
            if size < most and (not rows or bits > -missing + NEAR_ENOUGH)
        ]
        kept = _undominated(kept + grown)
    done = [state for state in kept if state[3] and state[2] <= -missing + NEAR_ENOUGH]
    _cost, _size, _there, rows = min(done, key=lambda state: (round(state[0], 9), state[1], state[3]))
    return [worth[row] for row in rows]


def is_quiet(moment: datetime, terms: Terms) -> bool:
    """Return whether nobody is asked at this local moment unless it is urgent."""
    if terms.quiet_from == terms.quiet_to:
        return False
    hour = moment.hour
    if terms.quiet_from < terms.quiet_to:
        return terms.quiet_from <= hour < terms.quiet_to
    return hour >= terms.quiet_from or hour < terms.quiet_to


def end_of_quiet(moment: datetime, terms: Terms) -> datetime:
    """Return when the quiet hours that ``moment`` (local) lies in are over; the moment itself when it is not quiet."""
    if not is_quiet(moment, terms):
        return moment
    day = moment.date() + timedelta(days=1) if moment.hour >= terms.quiet_to else moment.date()
    return datetime.combine(day, time(terms.quiet_to), tzinfo=moment.tzinfo)


def answer_by(asked: datetime, minutes: float, terms: Terms, *, urgent: bool = False) -> datetime:
    """Return until when a team may answer that is asked at the local moment ``asked``: quiet hours do not count."""
    left = timedelta(minutes=minutes)
    if urgent or terms.quiet_from == terms.quiet_to:
        return asked + left
    moment = end_of_quiet(asked, terms)
    while True:
        quiet = datetime.combine(moment.date(), time(terms.quiet_from), tzinfo=moment.tzinfo)
        if quiet <= moment:
            quiet += timedelta(days=1)
        if moment + left <= quiet:
            return moment + left
        left -= quiet - moment
        moment = end_of_quiet(quiet, terms)


def _bits(chance: float) -> float:
    """Return how much a chance adds: -log2(1 - p), so that chances of independent answers add up."""
    return -math.log2(1 - min(chance, SURE))


def _forgotten(free: Sequence[Choice], terms: Terms) -> Choice | None:
    """Return who was unasked for longest and too long, among those hardly worse than the best."""
    if not free or not terms.forgotten_days:
        return None
    close = [o for o in free if o.unasked_days > terms.forgotten_days and o.net >= free[0].net - terms.tolerance - NEAR_ENOUGH]
    return min(close, key=lambda one: (-one.unasked_days, -one.net, one.team_id), default=None)


def _worth_a_look(ranked: Sequence[Choice], most: int) -> list[Choice]:
    """Leave out those that ``most`` others beat in both score and chance: one of these could always stand in."""
    worth: list[Choice] = []
    likeliest: list[float] = []  # chances of those before, which all have a better score
    for one in ranked:
        if sum(chance >= one.chance for chance in likeliest) < most:
            worth.append(one)
        likeliest.append(one.chance)
    return worth


def _undominated(
    states: list[tuple[float, int, float, tuple[int, ...]]],
) -> list[tuple[float, int, float, tuple[int, ...]]]:
    """Keep, for each size, only what no cheaper set of that size or less equals in chance."""
    kept: list[tuple[float, int, float, tuple[int, ...]]] = []
    best_bits: dict[int, float] = {}
    for state in sorted(states):
        _cost, size, bits, _rows = state
        if all(bits < there for teams, there in best_bits.items() if teams <= size):
            kept.append(state)
            best_bits[size] = bits
    return kept
