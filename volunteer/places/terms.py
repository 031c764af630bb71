"""The figures that a centre may set, one class for each kind, with the defaults of a centre that set none. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from volunteer import matching
from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_
from volunteer.matching import waves
from volunteer.places.models import PolicyKind

ROUNDINGS = frozenset({"down", "nearest", "up"})
GRADES = frozenset("abcd")


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """Within which time each party answers, and when silence means something. Days are calendar days unless said."""

    reply_minutes: int = 240  # verified or rejected, where the menu's line says nothing
    dispatch_minutes: int = 60  # a verified order is offered to a team
    offer_minutes: int = 120  # a team answers an offer
    urgent_offer_minutes: int = 20
    waves: int = 3  # waves of offers without success before the order goes up to the next site
    hold_minutes: int = 10  # a dispatcher's grip on an order
    nudge_minutes: int = 60  # between two nudges of a resident
    nudges_a_day: int = 3
    remind_minutes: int = 120  # before a visit begins
    silent_days: int = 7  # without a rating an order closes by itself
    reopen_days: int = 30  # after closing the resident may say "not solved"
    record_days: int = 10  # working days in which the record is written (MCA Order 67, Art 11)
    standing_days: int = 5  # so long before its day help that comes again becomes an order
    moves_most: int = 3  # so often a resident may ask for another time
    move_minutes: int = 120  # before a visit begins; later a resident calls instead
    alike_metres: int = 150  # so near and so soon after one another two requests of one kind may be the same; 0: never
    alike_days: int = 5
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Matching:
    """How teams are ranked; the meaning of each figure stands in matching.Policy and matching.Weights."""

    skill: float = matching.Weights().skill
    near: float = matching.Weights().near
    rated: float = matching.Weights().rated
    continuity: float = matching.Weights().continuity
    scale_km: float = matching.Policy().scale_km
    reach_km: float = matching.Policy().reach_km
    prior: float = 0.0  # 0: the mean of the centre's own ratings, as soon as there are some
    prior_ratings: float = matching.Policy().prior_ratings
    load_price: float = matching.Policy().load_price
    urgent_pull: float = matching.Policy().urgent_pull
    learned: float = 1.0  # how much of the prices learned from finished days is taken; 0: none
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Hours:
    """From time spent to minutes that count. In minutes; a cap of 0 caps nothing. There is no national figure."""

    round_to: int = 1
    rounding: str = "down"  # down, nearest, up
    max_per_activity: int = 480
    max_per_day: int = 720
    break_minutes: int = 0  # taken off a stay of more than four hours
    fence_metres: int = 150  # so near to the door a phone's position counts as being there
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Cases:
    """Complaints, praise and the follow-up of low ratings: within how many days what is answered, asked and shown."""

    low_stars: int = 2  # a rating of so many stars or fewer opens a follow-up before it shows
    hold_days: int = 14  # calendar days after which it shows although the follow-up is still open
    follow_up_days: int = 3  # working days in which the centre calls back about a low rating
    answer_days: int = 7  # working days in which a complaint, a suggestion or praise is answered
    team_days: int = 3  # calendar days in which a team that was asked may say its side
    content_days: int = 10  # calendar days after which silence about an answer closes the case
    solved_days: int = 14  # calendar days after closing until "is it really solved?" is asked; 0 never asks
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Visits:
    """Who goes on a visit: how people get about, how long somebody who is to step in may think, how an absence is heard."""

    travel_kmh: int = 20  # between two visits, as the crow flies
    travel_minutes: int = 5  # to leave one door and to find the next
    ask_minutes: int = 60  # a stand-in answers
    late_minutes: int = 30  # after the promised time: a resident may say that nobody came, a leader that somebody did not
    hearing_days: int = 7  # calendar days in which somebody who did not come may say what happened
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Joining:
    """How somebody becomes a volunteer. Figures of 0 and 1 are no and yes."""

    approval: int = 0  # 1: the site says yes before a new volunteer is put on anything
    document: int = 0  # 1: nobody registers without an identity number
    youngest: int = 8  # completed years
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Brake:
    """From how much open work on a team gets nothing new until it has caught up. A limit of 0 sets none."""

    open_orders: int = 0  # in hand; beside the team's own capacity
    late_records: int = 3  # visits whose record is still to be written
    record_days: int = 14  # calendar days after the visit from which on its record is late
    unanswered: int = 6  # offers in a row that ran out without an answer
    unanswered_days: int = 14  # calendar days in which these are counted
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Asking:
    """How many teams are asked at once, how often each and at which hours; each figure's meaning stands in waves.Terms."""

    wanted: float = waves.Terms().wanted
    wanted_urgent: float = waves.Terms().wanted_urgent
    most: int = waves.Terms().most
    ask_price: float = waves.Terms().ask_price
    per_day: int = waves.Terms().per_day
    per_week: int = waves.Terms().per_week
    quiet_from: int = waves.Terms().quiet_from
    quiet_to: int = waves.Terms().quiet_to
    forgotten_days: int = waves.Terms().forgotten_days
    tolerance: float = waves.Terms().tolerance
    half_life: float = waves.Terms().half_life
    prior_answers: float = waves.Terms().prior_answers
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The weakest evidence that counts, "a" to "d": an entry of this grade or a stronger one earns. "d" takes them all."""

    points: str = "c"
    stars: str = "c"
    certificates: str = "c"
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """Hours written in afterwards: how far back, and how much of it for one person and by one approver. 0 limits nothing."""

    days_back: int = 30  # calendar days after the service
    person_month: int = 600  # minutes of one volunteer whose service was in one month
    approver_month: int = 6000  # minutes that one person lets through in one month
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Stars:
    """From which minutes of service on each star is reached, and how long an award hangs in public. No national figure."""

    one: int = 6_000  # the usual 100, 300, 600, 1,000, 1,500 hours
    two: int = 18_000
    three: int = 36_000
    four: int = 60_000
    five: int = 90_000
    notice_days: int = 7  # calendar days in which anybody may object; 0: an award stands at once
    version: int = 0

    @property
    def thresholds(self) -> tuple[int, ...]:
        """The minutes of each star, rising."""
        return self.one, self.two, self.three, self.four, self.five


@dataclass(frozen=True, kw_only=True)
class Homes:
    """每户每月一小时: what a home sets itself for a month."""

    goal_minutes: int = 60
    most_members: int = 12
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Rewards:
    """Gifts for points: how long one is kept, how many somebody may reserve, and when taking one back needs two people."""

    hold_hours: int = 72  # a reserved gift waits so long, where the gift itself says nothing
    open_most: int = 5  # gifts that wait for one person at once; 0 limits nothing
    per_day: int = 10  # reservations of one person in a day; 0 limits nothing
    second_from: int = 300  # points from which on two people take a gift back; 0: one is enough
    refund_days: int = 30  # calendar days after which nothing is taken back
    version: int = 0


Terms = Clocks | Matching | Hours | Cases | Visits | Joining | Brake | Asking | Evidence | ByHand | Stars | Homes | Rewards
Values = TypeVar("Values", bound=Terms)

KINDS: dict[PolicyKind, type[Terms]] = {
    PolicyKind.CLOCKS: Clocks,
    PolicyKind.MATCHING: Matching,
    PolicyKind.HOURS: Hours,
    PolicyKind.CASES: Cases,
    PolicyKind.VISITS: Visits,
    PolicyKind.JOINING: Joining,
    PolicyKind.BRAKE: Brake,
    PolicyKind.ASKING: Asking,
    PolicyKind.EVIDENCE: Evidence,
    PolicyKind.REWARDS: Rewards,
    PolicyKind.BY_HAND: ByHand,
    PolicyKind.STARS: Stars,
    PolicyKind.HOMES: Homes,
}
CHOICES = {"rounding": ROUNDINGS, "points": GRADES, "stars": GRADES, "certificates": GRADES}  # figures that are words


def typed(kind: type[Values], values: Mapping[str, Any]) -> Values:
    """Return stored or typed-in values as a policy. Raises Invalid for an unknown name, a wrong kind or a negative figure."""
    defaults = asdict(kind())
    for name, value in values.items():
        if name not in defaults:
            raise Invalid.field(name, N_("There is no such rule."))
        wanted = type(defaults[name])
        if isinstance(value, bool) or not isinstance(value, (int, float) if wanted is float else wanted):
            raise Invalid.field(name, N_("Please write a number."))
        if value not in CHOICES[name] if name in CHOICES else value < 0:
            raise Invalid.field(name, N_("Please choose one of these."))
    return kind(**values)
