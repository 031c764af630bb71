"""How large the demo county is made."""

from __future__ import annotations

from dataclasses import dataclass

from volunteer.orders.lifecycle import Status

# What the sixty days leave behind, at the size "demo"; larger sizes have more that is closed. Asserted after filling.
LEFT: dict[Status, int] = {
    Status.CLOSED: 236,
    Status.SERVED: 16,
    Status.IN_SERVICE: 4,
    Status.UNDER_WAY: 3,
    Status.ACCEPTED: 30,
    Status.OFFERED: 18,
    Status.VERIFIED: 14,
    Status.PLACED: 12,
    Status.REJECTED: 9,
    Status.WITHDRAWN: 12,
    Status.UNMET: 6,
}
OTHER_WAYS = {Status.IN_PARTS: 1, Status.ACCEPTED: 1}  # one order more is in parts: one of them with a team, one waits

VENUES, BROUGHT = 500, 3  # cultural venues of the county; so many of them come in by a sheet
TWINS = 3  # were registered twice, beside the volunteers that a size promises
NEWCOMERS = 3  # of the volunteers register by themselves, after the others were settled


@dataclass(frozen=True, slots=True)
class Size:
    """Volunteers and teams of a county; ``closed`` is how many orders have run their whole course."""

    name: str
    volunteers: int
    teams: int
    closed: int = LEFT[Status.CLOSED]

    @property
    def settled(self) -> int:
        """How many volunteers are there before the first newcomer."""
        return self.volunteers - NEWCOMERS

    @property
    def orders(self) -> dict[Status, int]:
        """How many orders the story leaves where."""
        return LEFT | {Status.CLOSED: self.closed}

    @property
    def left(self) -> dict[Status, int]:
        """How many orders stand where when the filling is done, parts of orders counted too."""
        return self.orders | {status: LEFT.get(status, 0) + more for status, more in OTHER_WAYS.items()}


SIZES = {
    size.name: size
    for size in (Size("demo", 6_000, 420), Size("nanxi", 55_900, 2_000, 536), Size("shouguang", 232_700, 4_000, 836))
}
