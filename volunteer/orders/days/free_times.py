"""Before a team says yes: has it anybody free in the time that the resident named, and if not, when is the nearest time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from volunteer.access import Actor
from volunteer.kernel.clock import zone_of
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.orders.lifecycle import WITH_TEAM, OfferState
from volunteer.orders.models import Offer, ServiceOrder, Visitor, WhenKind
from volunteer.orders.queries_inbox import open_offer
from volunteer.orders.visits.crew import Mate, crew_of, pace_at, task_of
from volunteer.orders.visits.lifecycle import VisitorState
from volunteer.teams import fit
from volunteer.teams.models import Membership

STEP = timedelta(minutes=15)
AHEAD = timedelta(days=7)  # so far a free time is looked for
FIRST, LAST = time(8, 0), time(20, 0)  # nobody is proposed a visit at night
AROUND = timedelta(days=1)
BY_TIME = frozenset({fit.Obstacle.OVERLAP, fit.Obstacle.TRAVEL, fit.Obstacle.OUT_OF_HOURS})
BUSY = (
    select(Visitor.order_id)
    .join(ServiceOrder, ServiceOrder.id == Visitor.order_id)
    .join(Membership, Membership.volunteer_id == Visitor.volunteer_id)
    .where(
        Membership.team_id == bindparam("team"),
        Membership.until.is_(None),
        Visitor.state == VisitorState.GOING,
        ServiceOrder.status.in_(sorted(WITH_TEAM)),
        ServiceOrder.visit_begins > bindparam("since"),
        ServiceOrder.visit_begins < bindparam("until"),
    )
    .limit(1)
)
Span = tuple[datetime, datetime]


class NoTime(Conflict):
    """Everybody who could do it is on another visit. ``nearest``: the nearest time at which enough are free, or None."""

    def __init__(self, nearest: datetime | None) -> None:
        super().__init__("no_free_time", N_("Everybody of your team who could do this is on another visit at that time."))
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody who could do it: the spans in which a visit of theirs, with the way to and from it, forbids to begin."""

    spans: tuple[Span, ...]

    def is_free(self, begins: datetime) -> bool:
        """Whether they can begin then."""
        return all(begins <= first or begins >= last for first, last in self.spans)


def must_have_time(session: Session, actor: Actor, offer_id: int, *, at: datetime) -> None:
    """Raise NoTime when nobody who could do it can begin within the window that the resident named.

    An order without a window, or a team without other visits about that time, costs one query and never raises.
    """
    offer = open_offer(session, actor, offer_id, at=at)
    order = offer.order
    if offer.state is not OfferState.OPEN or order.when_kind is not WhenKind.WINDOW:
        return
    if order.window_begins is None or order.window_ends is None or order.window_ends <= at:
        return
    about = {"team": offer.team_id, "since": order.window_begins - AROUND, "until": order.window_ends + AROUND}
    if session.scalar(BUSY, about) is None:
        return
    able = _able(session, offer, order, at)
    people = max(1, min(order.item.people if order.item else 1, len(able)))
    if not able or any(_enough(able, begins, people) for begins in _steps(max(order.window_begins, at), order.window_ends)):
        return
    raise NoTime(nearest(able, people, (order.window_begins, order.window_ends), at, zone_of(session)))


def nearest(able: Sequence[Busy], people: int, window: Span, at: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the time nearest to ``window``, by day and within AHEAD, at which ``people`` of ``able`` are free; pure."""
    ends = window[1] + AHEAD
    found = (begins for begins in _steps(max(at, window[0] - AHEAD), ends) if FIRST <= begins.astimezone(zone).time() <= LAST)
    free = [begins for begins in found if _enough(able, begins, people)]
    return min(free, key=lambda begins: (_away(begins, window), begins), default=None)


def busy(visits: Iterable[fit.Visit], task: fit.Task, pace: fit.Pace) -> Busy:
    """Return when ``task`` cannot begin because of other visits and the ways to and from them; pure."""
    lasts = task.ends - task.begins
    spans = []
    for visit in visits:
        way = fit.travel_time(visit.point, task.point, pace)
        spans.append((visit.begins - way - lasts, visit.ends + way))
    return Busy(tuple(spans))


def _able(session: Session, offer: Offer, order: ServiceOrder, at: datetime) -> list[Busy]:
    """Those of the team who could do it but for the time."""
    begins = order.window_begins or at
    task, pace, zone = task_of(order, begins), pace_at(session, order, at), zone_of(session)
    mates: list[Mate] = crew_of(session, order, at=at, team_id=offer.team_id)
    able = [mate for mate in mates if {reason.obstacle for reason in fit.reasons(mate.member, task, zone, pace)} <= BY_TIME]
    return [busy(mate.member.visits, task, pace) for mate in able]


def _enough(able: Sequence[Busy], begins: datetime, people: int) -> bool:
    return sum(one.is_free(begins) for one in able) >= people


def _steps(since: datetime, until: datetime) -> list[datetime]:
    step = STEP.total_seconds()
    first = datetime.fromtimestamp(-(-since.timestamp() // step) * step, since.tzinfo)
    return [first + n * STEP for n in range(max(0, -(-(until - first) // STEP)))]


def _away(begins: datetime, window: Span) -> timedelta:
    return max(window[0] - begins, begins - window[1], timedelta())
