"""Who could do an order and why, or why not: the order in the matcher's words, and the matcher's answer. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, literal, select, union_all
from sqlalchemy.orm import Session

from volunteer import matching
from volunteer.access import Actor, Permission, Role
from volunteer.catalogue.models import Risk, ServiceItem
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.kernel.geo import geodesic_metres
from volunteer.kernel.words import N_
from volunteer.orders import reach
from volunteer.orders.lifecycle import WITH_TEAM, Action, OfferState, Status
from volunteer.orders.models import Offer, OrderEvent, ServiceOrder, WhenKind
from volunteer.orders.prices.learned import prices_at
from volunteer.orders.rulebook import braking
from volunteer.orders.rulebook.rules import TooMuch
from volunteer.places import policies
from volunteer.teams import queries as teams
from volunteer.teams.queries import TeamCard

SHOWN = 20
BESIDE = 6  # other teams that are kept with an offer, to be compared with
FAR_DOWN = 100  # beyond this place the neighbours of a team chosen by hand are not worth looking for
SOON = timedelta(hours=24)
SOON_URGENCY = 0.5  # "today if you can"; urgent is 1, anything else 0
FRESH_START: frozenset[str] = frozenset({Action.VERIFY, Action.REOPEN, Action.RECALL, Action.RELEASE, Action.NOBODY_HOME})
ANEW: frozenset[str] = frozenset({Action.VERIFY, Action.REOPEN})
ESCALATE, PASS_DOWN = "escalate", "pass_down"  # lines of the diary
ASKED = frozenset({OfferState.OPEN, OfferState.DECLINED, OfferState.LAPSED})
LOADS = (
    select(literal("load"), ServiceOrder.team_id, func.count())
    .where(ServiceOrder.status.in_(sorted(WITH_TEAM)), ServiceOrder.team_id.is_not(None))
    .group_by(ServiceOrder.team_id)
)
KNOWN = (
    select(literal("known"), ServiceOrder.team_id, func.count())
    .where(ServiceOrder.resident_id == bindparam("resident"), ServiceOrder.team_id.is_not(None))
    .where(ServiceOrder.status.in_((Status.SERVED, Status.CLOSED)))
    .group_by(ServiceOrder.team_id)
)
STANDING = union_all(LOADS, KNOWN)  # put together once


@dataclass(frozen=True, slots=True)
class Candidate:
    """A team that can do it. metres: geodesic. asked: its last offer for this order, if it ever had one."""

    card: TeamCard
    match: matching.Match
    metres: float
    asked: Offer | None


@dataclass(frozen=True, slots=True)
class Candidates:
    """The best teams not asked yet in this round, and of how many: ``able`` of ``total`` teams in the desk's reach."""

    shown: list[Candidate]
    able: int
    total: int
    policy_version: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Why a team is not first: what keeps it off the list (nothing, when it is on it), its rank, whether it was asked."""

    card: TeamCard
    obstacles: list[matching.Reason]
    rank: int  # 0: not on the list
    able: int
    paused: bool
    asked: Offer | None
    asked_now: bool  # in this round, so that it will not be asked again
    metres: float
    weighed: matching.Weighed | None  # as it was weighed, when it is on the list
    first: matching.Weighed | None  # the one at the top
    policy: matching.Policy

    @property
    def unlike_first(self) -> bool:
        """Whether there is something to say about what the first on the list has and this one has not."""
        return self.rank > 1 and self.weighed is not None and self.first is not None


@dataclass(frozen=True)
class Look:
    """Everything that one look at an order's possible teams rests on."""

    order: ServiceOrder
    request: matching.Request
    policy: matching.Policy
    directory: teams.Directory
    scope: str
    loads: Mapping[int, int]
    roster: matching.Roster
    ranking: matching.Ranking
    braked: Mapping[int, list[TooMuch]]
    at: datetime

    @cached_property
    def matches(self) -> list[matching.Match]:
        """Every team that can do it, best first; ``best`` is much cheaper when a few are enough."""
        return self.ranking.best(max(1, len(self.roster)))

    @property
    def able(self) -> int:
        """How many teams can do it."""
        return self.ranking.able

    def best(self, k: int, without: Collection[int] = frozenset()) -> list[matching.Match]:
        """Return the ``k`` best that are not in ``without``, each with its place among all."""
        found = self.ranking.best(k + len(without))
        return [match for match in found if match.team_id not in without][:k]

    def beside(self, match: matching.Match | None) -> list[matching.Match]:
        """Return the best teams for an order, and those next to ``match`` when it stands farther down."""
        if match is None or not BESIDE < match.rank <= FAR_DOWN:
            return self._first
        near = self.ranking.best(match.rank + 1)[-3:]
        return [*self._first[: BESIDE - 2], *(other for other in near if other.team_id != match.team_id)]

    @property
    def first(self) -> matching.Weighed | None:
        """The team at the top of the list, as it was weighed."""
        return matching.weighed(self._first[0], self.request.urgency) if self._first else None

    @cached_property
    def _first(self) -> list[matching.Match]:
        return self.ranking.best(BESIDE + 1)

    def match_of(self, team_id: int) -> matching.Match | None:
        """Return the team's place on the list, None when it is not on it."""
        return self.ranking.of(team_id)

    def card(self, team_id: int) -> TeamCard:
        """Return a team of this desk's reach. Raises NotFound for any other."""
        card = self.directory.cards.get(team_id)
        if card is None or not card.site_path.startswith(self.scope):
            raise NotFound("team")
        return card

    def obstacles(self, card: TeamCard) -> list[matching.Reason]:
        """Return what keeps a team off the list."""
        found = matching.why_not(self.request, teams.loaded(card, self.loads), self.policy)
        if not teams.serves(card, self.order.site_path):
            found.append(matching.Reason(matching.Obstacle.NOT_HERE))
        found.extend(braking.reasons(self.braked.get(card.id, [])))
        return found

    def metres(self, card: TeamCard) -> float:
        """Return the geodesic distance from the team to the order."""
        return geodesic_metres(self.request.point, card.point)


def candidates_for(session: Session, actor: Actor, order: ServiceOrder, *, at: datetime, k: int = SHOWN) -> Candidates:
    """Return the ``k`` best teams that were not asked in this round. Raises NotFound outside the actor's places."""
    return choose(look(session, actor, order, at=at), k)


def choose(found: Look, k: int = SHOWN) -> Candidates:
    """Return the best of a look, with the distances that people are shown."""
    past = last_offers(found.order.offers)
    best = found.best(k, asked_in_round(found.order))
    cards = found.directory.cards
    shown = [Candidate(cards[m.team_id], m, found.metres(cards[m.team_id]), past.get(m.team_id)) for m in best]
    return Candidates(shown, found.able, len(found.roster), found.policy.version)


def why_not(session: Session, actor: Actor, order: ServiceOrder, team_id: int, *, at: datetime) -> Answer:
    """Return why this team is not the proposed one. Raises NotFound for a team or an order of another place."""
    found = look(session, actor, order, at=at)
    return answer(session, found, found.card(team_id))


def answer(session: Session, found: Look, card: TeamCard) -> Answer:
    """Return why a team stands where it stands in a look."""
    match = found.match_of(card.id)
    return Answer(
        card=card,
        obstacles=_licences(session, found, card),
        rank=match.rank if match else 0,
        able=found.able,
        paused=teams.paused(card, found.at),
        asked=last_offers(found.order.offers).get(card.id),
        asked_now=card.id in asked_in_round(found.order),
        metres=found.metres(card),
        weighed=matching.weighed(match, found.request.urgency) if match else None,
        first=found.first,
        policy=found.policy,
    )


def _licences(session: Session, found: Look, card: TeamCard) -> list[matching.Reason]:
    """What keeps a team off the list, with the skills apart that somebody has, but without a licence in date."""
    reasons = found.obstacles(card)
    licensed = {skill.code for skill in found.order.item.skills if skill.licensed} if found.order.item else set()
    for at, reason in enumerate(reasons):
        lacking = reason.facts.get("skills", ()) if reason.obstacle is matching.Obstacle.MISSING_SKILL else ()
        if isinstance(lacking, tuple) and (asked := licensed.intersection(lacking)):
            held = teams.unlicensed(session, card.id, asked, at=found.at)
            rest = tuple(code for code in lacking if code not in held)
            split = ((matching.Obstacle.MISSING_SKILL, rest), (matching.Obstacle.NO_LICENCE, held))
            reasons[at : at + 1] = [matching.Reason(kind, {"skills": codes}) for kind, codes in split if codes]
    return reasons


def look(session: Session, actor: Actor, order: ServiceOrder, *, at: datetime) -> Look:
    """Rank every team in the desk's reach for an order that has a line of the menu.

    Raises NotFound or Forbidden outside the actor's places, Conflict for free words that nobody has sorted yet.
    """
    reach.must(actor, Permission.ORDER_DISPATCH, order)
    if order.item is None:
        raise Conflict("order_unsorted", N_("First say which service this is: only then can we tell who can do it."))
    scope = scope_of(actor, order)
    loads, known = standing(session, order.resident_id)
    directory = teams.directory(session)
    centre = centre_of(order.desk_path)
    policy = policies.matching_at(session, order.desk_path, at, mean=directory.mean_rating(centre))
    prices = prices_at(session, centre, order.desk_path, at=at)
    request = request_of(order, order.item, known, at=at, zone=zone_of(session))
    roster = directory.roster(scope, loads, at=at, prices=prices)
    braked = braking.braked_at(session, order.desk_path, at=at, loads=loads)
    ranking = matching.Ranking(request, roster, policy, directory.elsewhere(scope, order.site_path) | braked.keys())
    return Look(order, request, policy, directory, scope, loads, roster, ranking, braked, at)


def centre_of(path: str) -> str:
    """Return the path of the centre over a site: ``/1/12/140/`` → ``/1/``."""
    return f"/{path.strip('/').split('/')[0]}/"


def request_of(
    order: ServiceOrder, item: ServiceItem, known: Mapping[int, int], *, at: datetime, zone: ZoneInfo
) -> matching.Request:
    """Return the order in the matcher's words; ``known``: how often each team served this resident."""
    urgency = 1.0 if order.urgent else SOON_URGENCY if order.when_kind is WhenKind.SOON else 0.0
    return matching.Request(
        id=order.id,
        point=(order.latitude, order.longitude),
        skills=frozenset(skill.code for skill in item.skills),
        window=hours_wanted(order, at, zone),
        urgency=urgency,
        continuity=dict.fromkeys(known, 1.0),
        risky_on=day_wanted(order, at, zone) if item.risk is Risk.HIGH else None,
    )


def day_wanted(order: ServiceOrder, at: datetime, zone: ZoneInfo) -> date:
    """Return the local day on which somebody may come at the earliest."""
    begins = order.window_begins if order.when_kind is WhenKind.WINDOW else None
    return local_date(max(begins, at) if begins else at, zone)


def hours_wanted(order: ServiceOrder, at: datetime, zone: ZoneInfo) -> matching.Week | None:
    """Return the local hours of the week in which somebody may come; None for any time, and when the window has passed."""
    if order.when_kind is WhenKind.SOON:
        begins, ends = at, at + SOON
    elif order.when_kind is WhenKind.WINDOW and order.window_begins and order.window_ends:
        begins, ends = max(order.window_begins, at), order.window_ends
    else:
        return None
    return matching.hours_of_week(begins.astimezone(zone), ends.astimezone(zone)) if ends > begins else None


def standing(session: Session, resident_id: int) -> tuple[dict[int, int], dict[int, int]]:
    """Return the orders in hand by team, and how often each team served this resident. One query."""
    found: dict[str, dict[int, int]] = {"load": {}, "known": {}}
    for what, team_id, count in session.execute(STANDING, {"resident": resident_id}):
        found[what][team_id] = count
    return found["load"], found["known"]


def scope_of(actor: Actor, order: ServiceOrder) -> str:
    """Return the subtree whose teams may be asked: the wider of the desk's and the actor's own; jobs stay at the desk's."""
    if order.is_away or any(role is Role.SYSTEM for role, _ in actor.grants):
        return order.desk_path
    mine = [path for path in actor.scopes(Permission.ORDER_DISPATCH) if order.site_path.startswith(path)]
    return min([order.desk_path, *mine], key=len)


def asked_in_round(order: ServiceOrder) -> set[int]:
    """Return the teams that were asked and stay asked: a recall, a release or a closed door begins a new round."""
    since = _last(order.events, FRESH_START)
    return {offer.team_id for offer in order.offers if offer.state in ASKED and (since is None or offer.made_at >= since)}


def asked_since_verified(order: ServiceOrder) -> set[int]:
    """Return every team that had an offer since the order was verified or reopened: nobody is asked twice by the job."""
    since = _last(order.events, ANEW)
    return {offer.team_id for offer in order.offers if since is None or offer.made_at >= since}


def waves_here(order: ServiceOrder) -> int:
    """Return how many waves of offers this desk has sent out for the order since it came here."""
    since = _last(order.events, ANEW | {ESCALATE, PASS_DOWN})
    return len({offer.wave for offer in order.offers if since is None or offer.made_at >= since})


def last_offers(offers: Sequence[Offer]) -> dict[int, Offer]:
    """Return the latest offer by team."""
    return {offer.team_id: offer for offer in offers}


def reasons_of(found: Look, card: TeamCard, match: matching.Match | None) -> dict[str, Any]:
    """Return what is stored with an offer, so that "why this team, why not that one" can be answered for ever.

    The parts of its score, the facts and the prices, the rules of that day, the best of the others, and what was overridden.
    """
    kept: dict[str, Any] = facts_of(match) if match else {}
    kept |= {"rank": match.rank if match else 0, "able": found.able, "total": len(found.roster)}
    kept["policy"] = _written(found.policy)
    kept["urgency"] = found.request.urgency
    kept["beside"] = [beside(found, other) for other in found.beside(match) if other.team_id != card.id][:BESIDE]
    if obstacles := found.obstacles(card):
        kept["overridden"] = [{"obstacle": reason.obstacle.value, "facts": dict(reason.facts)} for reason in obstacles]
    return kept


def facts_of(match: matching.Match) -> dict[str, Any]:
    """Return the reasons of a match as they are written down."""
    reasons = match.reasons
    return {
        "parts": _parts(reasons.parts),
        "skills": dict(reasons.skills),
        "reach_km": reasons.reach_km,
        "capacity": reasons.capacity,
        "load": reasons.load,
        "rating": reasons.rating,
        "ratings": reasons.ratings,
        "hours_free": reasons.hours_free,
        "hours_asked": reasons.hours_asked,
        "prices": dict(reasons.prices),
        "policy_version": reasons.policy_version,
    }


def _parts(parts: matching.Parts) -> dict[str, float]:
    return {"skill": parts.skill, "near": parts.near, "rated": parts.rated, "continuity": parts.continuity}


@lru_cache(maxsize=64)
def _written(policy: matching.Policy) -> dict[str, Any]:
    return asdict(policy)


def beside(found: Look, match: matching.Match) -> dict[str, Any]:
    """Return what is kept of another team that could have been asked."""
    card, reasons = found.directory.cards[match.team_id], match.reasons
    return {
        "team_id": card.id,
        "rank": match.rank,
        "score": round(match.score, 6),
        "prices": {name: round(price, 6) for name, price in reasons.prices.items()},
        "metres": round(match.metres, 1),
        "parts": {name: round(part, 6) for name, part in _parts(reasons.parts).items()},
        "load": reasons.load,
        "capacity": reasons.capacity,
        "rating": round(reasons.rating, 4),
        "ratings": reasons.ratings,
    }


def _last(events: Sequence[OrderEvent], kinds: frozenset[str]) -> datetime | None:
    return max((event.at for event in events if event.what in kinds), default=None)
