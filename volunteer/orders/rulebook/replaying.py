"""The past played again: what a rule would have done last month, and what other figures of matching would change. Reads only.

Orders are taken as they stood when they were verified: the teams' orders in hand and acquaintances of that day, but skills,
places, hours, ratings and learned prices of today. Of many orders a fixed sample is looked at, chosen by their ids: the same
every time.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload, load_only

from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.clock import zone_of
from volunteer.matching import Match, Policy, Ranking, Request, Roster
from volunteer.orders.candidates import centre_of, request_of
from volunteer.orders.models import Offer, OfferHow, ServiceOrder
from volunteer.orders.prices.learned import learned_at, shared
from volunteer.orders.rulebook.rules import Case, Miss, RuleMode, Terms, fitting, lacking, takes
from volunteer.places import policies
from volunteer.places.terms import Matching
from volunteer.teams import queries as teams
from volunteer.teams.queries import Directory, Prices, TeamCard

SPAN = timedelta(days=30)
MOST = 300  # orders that are played again
EXAMPLES = 8
LITTLE = 0.005  # of score: less is not worth telling
LOOKED_AT = 50  # of the best teams, before all are
AS_VERIFIED = (
    select(ServiceOrder)
    .options(
        load_only(
            ServiceOrder.number, ServiceOrder.urgent, ServiceOrder.latitude, ServiceOrder.longitude, ServiceOrder.when_kind,
            ServiceOrder.window_begins, ServiceOrder.window_ends, ServiceOrder.verified_at, ServiceOrder.site_path,
            ServiceOrder.desk_path, ServiceOrder.resident_id, ServiceOrder.team_id,
        ),
        joinedload(ServiceOrder.item).options(joinedload(ServiceItem.skills), joinedload(ServiceItem.category)),
    )
    .order_by(ServiceOrder.id)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Past:
    """An order as it stood when it was verified. chosen: the team that was asked first, or went; by_hand: a person asked it."""

    number: str
    item: ServiceItem
    case: Case
    request: Request
    desk_path: str
    site_path: str
    at: datetime
    loads: dict[int, int]
    chosen: int | None
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """The orders that are played again, by id, and how many there were."""

    orders: list[Past]
    total: int


class Seen(NamedTuple):
    """A team that would have come first."""

    card: TeamCard
    match: Match


@dataclass(frozen=True, slots=True)
class Taken:
    """One order that a rule would have taken: by whom, or by how many in the pool, and whom a person asked."""

    past: Past
    first: Seen
    able: int
    chosen: TeamCard | None


@dataclass(frozen=True)
class Trial:
    """What a rule would have done. left: how many it would have left, by why. compared: taken ones for which a person chose."""

    looked: int
    total: int
    taken: list[Taken] = field(default_factory=list)
    left: Counter[Miss] = field(default_factory=Counter)

    @property
    def metres(self) -> float | None:
        """The mean distance of the first team."""
        return _mean([one.first.match.metres for one in self.taken])

    @property
    def able(self) -> float | None:
        """How many teams the rule would have accepted, on average."""
        return _mean([one.able for one in self.taken])

    @property
    def compared(self) -> list[Taken]:
        """Those for which a person chose a team."""
        return [one for one in self.taken if one.past.by_hand and one.chosen is not None]

    @property
    def same(self) -> int:
        """For how many of these a person chose the same team."""
        return sum(one.chosen is not None and one.chosen.id == one.first.card.id for one in self.compared)


@dataclass(frozen=True, slots=True)
class Change:
    """An order for which another team would come first. gains: in what it is ahead by the new figures, most first."""

    past: Past
    before: Seen | None
    after: Seen | None
    gains: tuple[str, ...] = ()  # skill, near, rated, continuity, load, learned


@dataclass(frozen=True)
class Preview:
    """What other figures of matching would change. Means are over the orders that have a first team."""

    looked: int
    total: int
    changes: list[Change]
    metres: tuple[float | None, float | None]  # before, after
    rating: tuple[float | None, float | None]
    without: tuple[int, int]  # orders for which nobody would be able

    @property
    def examples(self) -> list[Change]:
        """Some of the changes, spread over all of them."""
        step = max(1, len(self.changes) // EXAMPLES)
        return self.changes[::step][:EXAMPLES]


class Held(NamedTuple):
    """How teams are ranked at a desk, and how much of the learned prices is taken there."""

    policy: Policy
    share: float


class Stage:
    """Teams and learned prices of today, laid out once for each desk, with the loads of another day over them."""

    def __init__(self, session: Session, site_path: str, at: datetime) -> None:
        self.directory: Directory = teams.directory(session)
        self.learned: Prices = learned_at(session, centre_of(site_path), at=at)
        self._grounds: dict[str, Roster] = {}

    def ranking(self, past: Past, held: Held, scope: str = "") -> Ranking:
        """Return the ranking of the teams of a site path, else of the desk's, for an order of the past."""
        scope = scope or past.desk_path
        if scope not in self._grounds:
            self._grounds[scope] = Roster([card.team for card in self.directory.under(scope)])
        roster = self._grounds[scope].over(loads=past.loads, prices=shared(self.learned, held.share).by_team)
        return Ranking(past.request, roster, held.policy, self.directory.elsewhere(scope, past.site_path))


def try_rule(session: Session, site_path: str, terms: Terms, *, at: datetime, most: int = MOST) -> Trial:
    """Return what a rule at that site would have done with the orders of the last thirty days, had it been the only one."""
    sample, stage = sample_of(session, site_path, at=at, most=most), Stage(session, site_path, at)
    rules = _policies(session, sample.orders, stage, at)
    trial = Trial(len(sample.orders), sample.total)
    for past in sample.orders:
        miss = takes(terms, past.case)
        accepted: list[Match] = []
        if miss is None:
            ranking = stage.ranking(past, rules[past.desk_path], min(site_path, past.desk_path, key=len))
            accepted = fitting(terms, ranking.best(LOOKED_AT)) if terms.mode is RuleMode.OFFER else []
            every = [] if accepted else ranking.best(max(1, len(ranking.roster)))
            accepted = accepted or fitting(terms, every)
            miss = None if accepted else lacking(terms, every)
        if miss is not None:
            trial.left[miss] += 1
            continue
        cards = stage.directory.cards
        first = Seen(cards[accepted[0].team_id], accepted[0])
        trial.taken.append(Taken(past, first, len(accepted), cards.get(past.chosen or 0)))
    return trial


def preview(session: Session, site_path: str, draft: Matching, *, at: datetime, most: int = MOST) -> Preview:
    """Return what would change if ``draft`` held at that site and below: the orders of the last thirty days, ranked both ways."""
    sample, stage = sample_of(session, site_path, at=at, most=most), Stage(session, site_path, at)
    held = _policies(session, sample.orders, stage, at)
    wanted = Held(policies.as_policy(draft, stage.directory.mean_rating(centre_of(site_path))), draft.learned)
    changes: list[Change] = []
    pairs: list[tuple[Seen | None, Seen | None]] = []
    for past in sample.orders:
        before, after = (_first(stage, past, rules) for rules in (held[past.desk_path], wanted))
        pairs.append((before, after))
        if (before and before.card.id) != (after and after.card.id):
            changes.append(Change(past, before, after, _gains(stage.ranking(past, wanted), before, after)))
    sides = [[pair[side] for pair in pairs] for side in (0, 1)]
    return Preview(
        looked=len(sample.orders),
        total=sample.total,
        changes=changes,
        metres=(_metres(sides[0]), _metres(sides[1])),
        rating=(_rating(sides[0]), _rating(sides[1])),
        without=(sides[0].count(None), sides[1].count(None)),
    )


def sample_of(session: Session, site_path: str, *, at: datetime, most: int = MOST) -> Sample:
    """Return at most ``most`` orders of the last thirty days at a site and below, by id; six queries."""
    mine = (
        ServiceOrder.site_path.startswith(site_path),
        ServiceOrder.verified_at >= at - SPAN,
        ServiceOrder.verified_at < at,
        ServiceOrder.item_id.is_not(None),
    )
    ids = session.scalars(select(ServiceOrder.id).where(*mine)).all()
    chosen = sorted(sorted(ids, key=lambda one: (zlib.crc32(str(one).encode()), one))[:most])
    orders = session.scalars(AS_VERIFIED.where(ServiceOrder.id.in_(chosen))).unique().all()
    loads = _Loads(session, centre_of(site_path), at)
    known = _known(session, {order.resident_id for order in orders})
    first = _first_asked(session, chosen)
    zone = zone_of(session)
    past: list[Past] = []
    for order in orders:
        if order.item is None or order.verified_at is None:
            continue
        then = order.verified_at
        friends = {team: 1 for team, served in known.get(order.resident_id, ()) if served < then}
        asked, how = first.get(order.id, (order.team_id, None))
        past.append(
            Past(
                number=order.number,
                item=order.item,
                case=Case(order.item.category.code, order.item.code, order.urgent, then.astimezone(zone)),
                request=request_of(order, order.item, friends, at=then, zone=zone),
                desk_path=order.desk_path,
                site_path=order.site_path,
                at=then,
                loads=loads.at(then),
                chosen=asked,
                by_hand=how is OfferHow.BY_HAND,
            )
        )
    return Sample(past, len(ids))


class _Loads:
    """When each team of a centre had an order in hand."""

    def __init__(self, session: Session, centre: str, at: datetime) -> None:
        ended = func.coalesce(ServiceOrder.served_at, ServiceOrder.closed_at)
        held: tuple[ColumnElement[bool], ...] = (
            ServiceOrder.site_path.startswith(centre),
            ServiceOrder.team_id.is_not(None),
            ServiceOrder.accepted_at < at,
            ended.is_(None) | (ended > at - SPAN),
        )
        rows = session.execute(
            select(ServiceOrder.team_id, ServiceOrder.accepted_at, ServiceOrder.served_at, ServiceOrder.closed_at).where(*held)
        )
        self.spans = [(team, begun, served or closed or at) for team, begun, served, closed in rows if team and begun]

    def at(self, then: datetime) -> dict[int, int]:
        """Return the orders in hand by team."""
        return dict(Counter(team for team, begun, ended in self.spans if begun <= then < ended))


def _known(session: Session, residents: set[int]) -> dict[int, list[tuple[int, datetime]]]:
    """By resident: which teams served them, and when."""
    served = select(ServiceOrder.resident_id, ServiceOrder.team_id, ServiceOrder.served_at)
    served = served.where(ServiceOrder.resident_id.in_(residents), ServiceOrder.served_at.is_not(None))
    found: dict[int, list[tuple[int, datetime]]] = {}
    for resident, team, when in session.execute(served):
        if team is not None and when is not None:
            found.setdefault(resident, []).append((team, when))
    return found


def _first_asked(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, OfferHow]]:
    """By order: the team that was asked first, and which way that came about."""
    offers = select(Offer.order_id, Offer.team_id, Offer.how).where(Offer.order_id.in_(ids)).order_by(Offer.id.desc())
    return {order: (team, how) for order, team, how in session.execute(offers)}


def _policies(session: Session, orders: Sequence[Past], stage: Stage, at: datetime) -> dict[str, Held]:
    """By desk: how teams are ranked there now."""
    paths = sorted({past.desk_path for past in orders})
    means = {path: stage.directory.mean_rating(centre_of(path)) for path in paths}
    return {
        path: Held(
            policies.matching_at(session, path, at, mean=means[path]),
            policies.terms_at(session, path, Matching, at).learned,
        )
        for path in paths
    }


def _first(stage: Stage, past: Past, held: Held) -> Seen | None:
    best = stage.ranking(past, held).best(1)
    return Seen(stage.directory.cards[best[0].team_id], best[0]) if best else None


def _gains(ranking: Ranking, before: Seen | None, after: Seen | None) -> tuple[str, ...]:
    """In what the new first team is ahead of the old one by the new figures; nothing when one of them is not on the list."""
    old = ranking.of(before.card.id) if before else None
    if old is None or after is None:
        return ()
    weights, one, other = ranking.policy.weights, after.match, old
    ahead = {
        name: getattr(weights, name) * (getattr(one.reasons.parts, name) - getattr(other.reasons.parts, name))
        for name in ("skill", "near", "rated", "continuity")
    } | {name: other.reasons.prices.get(name, 0.0) - one.reasons.prices.get(name, 0.0) for name in ("load", "learned")}
    return tuple(name for name, more in sorted(ahead.items(), key=lambda pair: -pair[1]) if more > LITTLE)


def _metres(seen: Sequence[Seen | None]) -> float | None:
    return _mean([one.match.metres for one in seen if one is not None])


def _rating(seen: Sequence[Seen | None]) -> float | None:
    return _mean([one.match.reasons.rating for one in seen if one is not None and one.match.reasons.ratings])


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
