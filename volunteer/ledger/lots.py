"""Which of somebody's points run out when: lots, made from the transfers in their order. No I/O here.

What is spent is taken from what runs out first. Points that were only held, or given and sent back, return to the lots
they came from, with their old dates; so nothing gets younger by going to and fro.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

NEVER = date.max


@dataclass(frozen=True, slots=True)
class Step:
    """One transfer as its account sees it: ``points`` above zero came in, below went out.

    ``tag`` names what it was for ("order:88", "redemption:12"); ``returns``: it gives back what went out under that tag.
    ``born``, ``runs_out``, ``site`` and ``version`` are of points that came in.
    """

    points: int
    tag: str = ""
    returns: bool = False
    born: date = date.min
    runs_out: date | None = None
    site: int | None = None
    version: str = ""


@dataclass(frozen=True, slots=True)
class Lot:
    """Points that came in together and run out together."""

    points: int
    tag: str
    born: date
    runs_out: date | None
    site: int | None
    version: str

    @property
    def turn(self) -> tuple[date, date]:
        """Whose turn it is to be spent: what runs out first, then the oldest."""
        return self.runs_out or NEVER, self.born


def lots(steps: Iterable[Step]) -> list[Lot]:
    """Return what is left, what runs out first in front. The points of all lots together are the sum of ``steps``.

    Raises ValueError when more went out than there was.
    """
    left: list[Lot] = []
    gone: dict[str, list[Lot]] = {}
    for step in steps:
        if step.points > 0:
            rest = step.points
            if step.returns and step.tag in gone:
                back, gone[step.tag] = take(gone[step.tag][::-1], rest)
                gone[step.tag].reverse()
                left += back
                rest -= sum(lot.points for lot in back)
            if rest:
                left.append(Lot(rest, step.tag, step.born, step.runs_out, step.site, step.version))
        else:
            own = [lot for lot in left if step.tag and lot.tag == step.tag]
            others = [lot for lot in left if not (step.tag and lot.tag == step.tag)]
            taken, left = take(sorted(own, key=_turn) + sorted(others, key=_turn), -step.points)
            if sum(lot.points for lot in taken) != -step.points:
                raise ValueError("more went out than there was")
            gone.setdefault(step.tag, []).extend(taken)
    return sorted(left, key=_turn)


def take(found: Sequence[Lot], points: int) -> tuple[list[Lot], list[Lot]]:
    """Return ``points`` taken from the front of ``found``, and what is left of it, in its order; less when there is less."""
    taken: list[Lot] = []
    left: list[Lot] = []
    for lot in found:
        part = min(lot.points, points)
        points -= part
        if part:
            taken.append(replace(lot, points=part))
        if lot.points > part:
            left.append(replace(lot, points=lot.points - part))
    return taken, left


def by_day(found: Iterable[Lot]) -> dict[tuple[date | None, int | None], Lot]:
    """Return lots put together that run out on the same day and come from the same site; the oldest birth stands."""
    sums: dict[tuple[date | None, int | None], Lot] = {}
    for lot in found:
        key = (lot.runs_out, lot.site)
        one = sums.get(key)
        sums[key] = lot if one is None else replace(one, points=one.points + lot.points, born=min(one.born, lot.born))
    return sums


def _turn(lot: Lot) -> tuple[date, date]:
    return lot.turn
