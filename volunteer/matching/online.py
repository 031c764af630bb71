"""Orders that should not wait: each goes to the team with the highest score less the price of one of its seats.

The price of a seat is what it will be worth to the rest of the day. It is found from finished days and from the seats that are
left now, by the dual of the assignment of what is still to come, over several sizes that the day may turn out to have:

1. Sizes. A day is like the same day of the last weeks and like the recent days of its kind (working day or quiet day), give or
   take; with some doubt like any recent day. Given that so many orders came already, this says how many may still come.
2. Futures. A few equally likely sizes of the rest. Each is a fluid: the orders of the remembered days, thinned to that size.
3. Prices. For each future, prices at which the teams are asked for as many orders as they have seats. Whom an order asks is
   softened (a logit over score less price), because an average of days is smoother than any day: hard duals of one sample jump
   from corner to corner and mislead. A team's price is the mean over the futures: the expected worth of the seat.
4. Between two solutions, which come every so many orders, prices move with what happens: a seat that is taken makes the
   team's others dearer by ``steep * softness * log(seats / (seats - 1))``, and every order that has come makes all of them
   cheaper, because fewer are still to come. That is the same logit, solved for one team at a time; it costs nothing.

An order is left unserved only when every free team's price is above its score. Without any finished day all prices are 0 and
the best score wins. Deterministic; no clock; ties go to the first team. What it uses: the orders of finished days, the sizes of
those days in their order, and of today the seats left and how many orders came. Never what is still to come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.float32]

NEVER = np.float32(-9.0)  # the score of a pair that cannot be: no price brings it back
LARGEST = 20_000  # orders of a day that are thought of
WEEK = 7
RECENT = 14  # days that say what a usual day is
EARLY = 0.4  # by how much (as a logarithm) the part of a day that is over may differ from usual
QUIET = 0.5  # a day with less than this part of the usual orders is of the quiet kind


@dataclass(frozen=True, slots=True)
class Learning:
    """How it learns. The same figures everywhere; they were chosen on other months and teams than those they are proved on.

    days: finished days that are remembered. sample: orders of them that a future is made of. futures: sizes of the rest of a
    day that are thought of. softness: of whom an order asks, in score. every: orders after which prices are solved anew.
    steep: how much more than one team's own logit a taken seat makes the others dearer.
    spread: of a day's size around its like, as the deviation of its logarithm. doubt: weight of its being like any recent day.
    first, again: rounds of the first solution of a day and of the later ones, which begin where the last ended.
    """

    days: int = 28
    sample: int = 1600
    futures: int = 5
    softness: float = 0.03
    steep: float = 2.0
    every: int = 25
    spread: float = 0.25
    doubt: float = 0.15
    first: int = 25
    again: int = 4

    def __post_init__(self) -> None:
        for name in ("days", "sample", "futures", "softness", "steep", "every", "spread", "first", "again"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} is {getattr(self, name)}, not a positive number")
        if not 0 <= self.doubt <= 1:
            raise ValueError(f"doubt is {self.doubt}, not between 0 and 1")


class OnlineDispatch:
    """Decides order by order and learns from each finished day."""

    def __init__(self, terms: Learning | None = None) -> None:
        """Begin with no history: the plain score."""
        self.terms = terms or Learning()
        self.sizes: list[int] = []
        self._slope = self.terms.steep * self.terms.softness
        self._days: list[Numbers] = []
        self._arrived = self._solved = 0
        self._hour: int | None = None
        self._hours: list[NDArray[np.int64]] = []  # orders by hour of the remembered days
        self._sample = np.zeros((0, 0), np.float32)  # (orders, teams) of the remembered days
        self._chances = np.zeros(0)
        self._futures = np.zeros((self.terms.futures, 0), np.float32)  # (futures, teams) prices
        self._rest = np.zeros(0)  # orders still to come in each future
        self.prices: Numbers | None = None  # (teams,) of a seat now; None as long as nothing was learned

    def start(self, capacity: NDArray[np.int64]) -> None:
        """Begin a day on which each team can take so many orders."""
        self._arrived = self._solved = 0
        self._hour = None
        if not self._days:
            return
        orders = np.concatenate(self._days)
        if len(orders) > self.terms.sample:
            orders = orders[np.linspace(0, len(orders) - 1, self.terms.sample).astype(np.intp)]
        self._sample = orders
        self._chances = size_chances(self.sizes, self.terms)
        if self._futures.shape[1] != len(capacity):
            self._futures = np.zeros((self.terms.futures, len(capacity)), np.float32)
        self._solve(capacity, self.terms.first)

    def choose(self, scores: NDArray[np.float64], able: NDArray[np.bool_], left: NDArray[np.int64]) -> int:
        """Return the team for an order that has just come, -1 to leave it. All are (teams,): scores, able, seats left."""
        self._arrived += 1
        free = able & (left > 0)
        if self.prices is None:
            return int(np.where(free, scores, -1.0).argmax()) if free.any() else -1
        self._refresh(left, coming=1)
        net = np.where(free, scores - self.prices, -1.0)
        team = int(net.argmax())
        if not net[team] > 0:
            team = -1
        self._move(1, {team: int(left[team])} if team >= 0 else {})
        return team

    def choose_many(
        self, scores: NDArray[np.float64], able: NDArray[np.bool_], left: NDArray[np.int64], hour: int | None = None
    ) -> NDArray[np.int64]:
        """Return the team (or -1) of each of some orders that were collected: the best together at the prices of the seats.

        (orders, teams) scores and able. A team's second seat is dearer than its first by as much as taking the first makes it.
        hour: they came before the end of this hour of the day, 0 to 23: how much of a usual day is over says how large it gets.
        """
        from scipy.optimize import linear_sum_assignment  # a quarter of a second to load, and only batches need it

        count = len(scores)
        self._arrived += count
        self._hour = hour
        chosen = np.full(count, -1, np.int64)
        if not count:
            return chosen
        prices = np.zeros(scores.shape[1], np.float32)
        if self.prices is not None:
            self._refresh(left, coming=count)
            self._move(count, {})
            prices = self.prices
        useful = np.flatnonzero(able.any(axis=0) & (left > 0))
        seats = np.repeat(useful, np.minimum(left[useful], count))
        place = np.concatenate([np.arange(n) for n in np.minimum(left[useful], count)]) if len(useful) else np.zeros(0)
        dearer = (
            self.terms.softness * self.terms.steep * np.log(left[seats] / (left[seats] - place))
            if self.prices is not None
            else 0.0
        )
        net = np.where(able[:, seats], scores[:, seats] - prices[seats] - dearer, -1.0)
        rows, columns = linear_sum_assignment(np.maximum(net, 0.0), maximize=True)
        taken = net[rows, columns] > 0
        chosen[rows[taken]] = seats[columns[taken]]
        for team in chosen[chosen >= 0].tolist():
            self._move(0, {team: int(left[team])})
            left = left.copy()
            left[team] -= 1
        return chosen

    def finish(
        self,
        scores: NDArray[np.float64],
        able: NDArray[np.bool_],
        capacity: NDArray[np.int64],
        hours: NDArray[np.int64] | None = None,
    ) -> None:
        """Learn from a day that is over: (orders, teams) scores and able of all that came; (orders,) hours in which, if known."""
        self.sizes.append(len(scores))
        if hours is not None:
            self._hours = [*self._hours, np.bincount(hours, minlength=24)[:24]][-self.terms.days :]
        self._days = [*self._days, np.where(able, scores, NEVER).astype(np.float32)][-self.terms.days :]

    def _refresh(self, left: NDArray[np.int64], *, coming: int) -> None:
        if self._arrived - coming - self._solved >= self.terms.every:
            self._solve(left, self.terms.again, coming)

    def _solve(self, left: NDArray[np.int64], rounds: int, coming: int = 0) -> None:
        """Find the prices anew; ``coming``: so many of those that arrived are still to be decided."""
        if self._hour is not None and self._hours:
            by_hour = np.sum(self._hours, axis=0)
            chances = at_this_hour(self._chances, self._arrived, by_hour[: self._hour + 1].sum() / max(1, by_hour.sum()))
            self._rest = rests(chances, self._arrived, self.terms.futures) + coming
        else:
            self._rest = rests(self._chances, self._arrived - coming, self.terms.futures)
        free = np.flatnonzero(left > 0)
        orders, seats = self._sample[:, free], left[free]
        for future, rest in zip(self._futures, self._rest, strict=True):
            future[free] = soft_prices(orders, seats, rest, future[free], rounds, self.terms.softness)
        self.prices = self._futures.mean(axis=0)
        self._solved = self._arrived - coming

    def _move(self, came: int, taken: dict[int, int]) -> None:
        """Let prices follow what happened; ``taken``: seats that the teams had, before they gave one away."""
        if self.prices is None:
            return
        if came:
            after = np.maximum(self._rest - came, 1.0)
            fall = self.terms.softness * np.log(np.maximum(self._rest, 1.0) / after)
            self._futures -= fall.astype(np.float32)[:, None]
            np.maximum(self._futures, 0.0, out=self._futures)
            self._rest = after
        for team, seats in taken.items():
            if seats > 1:
                self._futures[:, team] += np.float32(self._slope * np.log(seats / (seats - 1)))
        self.prices = self._futures.mean(axis=0)


def soft_prices(orders: Numbers, seats: NDArray[np.int64], count: float, start: Numbers, rounds: int, softness: float) -> Numbers:
    """Return (teams,) prices at which ``count`` orders like these ask each team for at most as many as it has seats.

    orders: (n, teams) scores, NEVER where a team cannot; seats: at least 1 each. An order asks team t with the weight
    ``exp((score - price) / softness)`` among all teams and staying unserved (weight 1). Each round multiplies a team's weight
    by seats / asked, which is the exact answer for one team alone; prices stay between 0 and 1.
    """
    wish = orders / np.float32(softness)
    price = (start / softness).astype(np.float32)
    each = np.float32(count / len(orders))
    for _ in range(rounds):
        weight = wish - price
        best = weight.max(axis=1, initial=0.0)
        weight -= best[:, None]
        np.exp(weight, out=weight)
        asked = (each / (weight.sum(axis=1) + np.exp(-best))) @ weight
        price = np.clip(price + np.log(np.maximum(asked, 1e-9) / seats), 0.0, 1.0 / softness).astype(np.float32)
    return (price * np.float32(softness)).astype(np.float32)


def size_chances(sizes: Sequence[int], terms: Learning) -> NDArray[np.float64]:
    """Return the chance of each size of the next day, from 0, given the sizes of all days so far (oldest first, at least one)."""
    past = np.maximum(np.asarray(sizes, dtype=np.float64), 1.0)
    recent = past[-RECENT:]
    like = past
    if len(past) >= WEEK:
        usual = float(np.median(recent))
        quiet = past[-WEEK] < QUIET * usual
        same_kind = recent[(recent < QUIET * usual) == quiet]
        like = np.concatenate([past[-WEEK::-WEEK][:4], same_kind])
    top = int(min(LARGEST, 3 * past[-4 * WEEK :].max() + 10))
    size = np.arange(1, top + 1, dtype=np.float64)

    def around(middles: NDArray[np.float64]) -> NDArray[np.float64]:
        away = (np.log(size) - np.log(middles)[:, None]) / terms.spread
        hills = np.exp(-0.5 * away * away) / size
        total = hills.sum(axis=1, keepdims=True)
        return np.asarray((hills / np.where(total > 0, total, 1.0)).mean(axis=0))

    return np.concatenate([[0.0], (1 - terms.doubt) * around(like) + terms.doubt * around(recent)])


def at_this_hour(chances: NDArray[np.float64], arrived: int, gone: float) -> NDArray[np.float64]:
    """Return the chances of the day's size when so many orders came in a part of the day that usually brings ``gone`` of all."""
    size = np.arange(len(chances))
    wide = EARLY**2 * (1 - gone) + 1.0 / (arrived + 1)
    away = np.log((arrived + 1) / (size * gone + 1))
    return np.asarray(chances * np.exp(-0.5 * away * away / wide) + 1e-12)


def rests(chances: NDArray[np.float64], arrived: int, count: int) -> NDArray[np.float64]:
    """Return ``count`` equally likely numbers of orders still to come.

    chances: of each size of the whole day, from 0. arrived: so many came already.
    """
    chances = chances.cumsum()
    known = float(chances[min(arrived, len(chances) - 1)])
    alive = float(chances[-1]) - known
    if alive < 1e-6:
        return np.full(count, 10.0)  # a day larger than any: a few more, as always
    wanted = known + (np.arange(count) + 0.5) / count * alive
    return np.asarray(np.maximum(np.searchsorted(chances, wanted) - arrived, 1), dtype=np.float64)
