"""Automatic dispatch: a centre's rules take verified orders that nobody has in hand, offer them or put them into the pool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from volunteer.access import SYSTEM
from volunteer.kernel.clock import zone_of
from volunteer.kernel.db import lock
from volunteer.matching import Match
from volunteer.orders import telling
from volunteer.orders.candidates import ESCALATE, PASS_DOWN, Look, look
from volunteer.orders.dispatching import propose
from volunteer.orders.lifecycle import Action, OfferState, Status
from volunteer.orders.models import Hold, Offer, OfferHow, OrderEvent, ServiceOrder
from volunteer.orders.rulebook import queries_pool
from volunteer.orders.rulebook.lifecycle import ApplicationAction, ApplicationState
from volunteer.orders.rulebook.models_rules import Application, DispatchRule, Handled, Handling, Outcome, RuleMode, ruler
from volunteer.orders.rulebook.rules import Case, Miss, fitting, lacking, takes
from volunteer.orders.rulebook.ruling import rules_for
from volunteer.orders.waves.asking import histories, next_wave
from volunteer.places.policies import asking_at, clocks_at

BATCH = 20
AGAIN = timedelta(minutes=10)  # after which an order that no rule took is looked at anew
LOOKED_AT = 50  # of the best teams, before all are
TOLD = 10  # of the best teams hear that there is something in the pool
BY_HAND = frozenset(
    {Action.REOPEN, Action.RECALL, Action.RELEASE, Action.HAND_OVER, ESCALATE, PASS_DOWN}
)  # after these an order is a person's to decide


def waiting(at: datetime, rules: Sequence[DispatchRule]) -> list[ColumnElement[bool]]:
    """Return the conditions of an order that rules may look at now."""
    looked = and_(Handling.order_id == ServiceOrder.id, or_(Handling.kind != Handled.LEFT, Handling.at > at - AGAIN))
    by_hand = and_(OrderEvent.order_id == ServiceOrder.id, OrderEvent.what.in_(BY_HAND))
    paths = {rule.site.path for rule in rules}
    return [
        ServiceOrder.status == Status.VERIFIED,
        ServiceOrder.item_id.is_not(None),
        or_(*(ServiceOrder.site_path.startswith(path) for path in sorted(paths))),
        ~exists().where(looked),
        ~exists().where(Offer.order_id == ServiceOrder.id),
        ~exists().where(Hold.order_id == ServiceOrder.id, Hold.until > at),  # a dispatcher has it open
        ~exists().where(by_hand),
    ]


def next_orders(session: Session, rules: Sequence[DispatchRule], at: datetime) -> Sequence[ServiceOrder]:
    """Return the next few orders that rules may look at, held; the urgent ones first."""
    due = select(ServiceOrder).where(*waiting(at, rules))
    due = due.order_by(ServiceOrder.urgent.desc(), ServiceOrder.verified_at, ServiceOrder.id).limit(BATCH)
    return session.scalars(due.with_for_update(skip_locked=True, key_share=True)).all()


def asked_now(session: Session) -> Counter[int]:
    """Return how many offers each team has to answer: by a rule no team is asked for more than it has room for."""
    found = select(Offer.team_id, func.count()).where(Offer.state == OfferState.OPEN).group_by(Offer.team_id)
    return Counter(dict(session.execute(found).tuples().all()))


def dispatch_by_rule(
    session: Session, order: ServiceOrder, rules: Sequence[DispatchRule], asked: Counter[int], at: datetime
) -> Handling:
    """Let the first of the rules that takes the order do so; an order that none takes stays with the dispatcher.

    ``asked``: offers that teams have to answer; one is added for a team that is asked.
    """
    assert order.item is not None  # noqa: S101 - what is waited for has one
    case = Case(order.item.category.code, order.item.code, order.urgent, at.astimezone(zone_of(session)))
    looks: dict[str, Look] = {}
    misses: dict[str, str] = {}
    for rule in rules_for(rules, order.site_path):
        miss: Miss | None = takes(rule.terms, case)
        if miss is None:
            scope = scope_of(rule, order)
            if scope not in looks:
                looks[scope] = look(session, ruler(scope), order, at=at)
            found = looks[scope]
            accepted = _accepted(rule, found)
            free = accepted if rule.mode is not RuleMode.OFFER else _may_be_asked(session, found, accepted, asked, at)
            if free:
                handling = _take(session, order, rule, found, free, at)
                asked.update(offer.team_id for offer in order.offers if offer.state is OfferState.OPEN)
                return handling
            miss = Miss.ALL_ASKED if accepted else lacking(rule.terms, found.matches)
        misses[str(rule.id)] = (miss or Miss.NOBODY_ABLE).value
    return leave(session, order, misses, at)


def scope_of(rule: DispatchRule, order: ServiceOrder) -> str:
    """Return whose teams a rule may ask: those of its own site, of the order's desk where that is wider."""
    return min(rule.site.path, order.desk_path, key=len)


def end_of_pool(session: Session, handling: Handling, at: datetime) -> None:
    """Take an order out of the pool whose time is over, or that went another way: it is the dispatcher's then."""
    order = lock(session, ServiceOrder, handling.order_id)
    session.refresh(handling, ["closed_at", "outcome"])  # somebody may have taken it meanwhile
    if handling.closed_at is not None:
        return
    there = queries_pool.waiting(session, order)
    if there is None or there.id != handling.id:
        handling.end(Outcome.GONE, at)
    else:
        handling.end(Outcome.LAPSED, at)
        order.write_down("pool_over", SYSTEM, at, handling.rule.name if handling.rule else "")
        order.due_at = at + timedelta(minutes=clocks_at(session, order.desk_path, at).dispatch_minutes)
    pass_by(session, handling, order, at)


def over(session: Session, at: datetime) -> Sequence[Handling]:
    """Return the next few orders of the pool whose time is over; while teams have applied, the dispatcher chooses."""
    applied = exists().where(Application.handling_id == Handling.id, Application.state == ApplicationState.OPEN)
    late = and_(Handling.until <= at, or_(Handling.kind == Handled.POOL, ~applied))
    found = (
        select(Handling)
        .join(Handling.order)
        .where(Handling.closed_at.is_(None), Handling.kind.in_(queries_pool.WAITING))
        .where(or_(late, ~queries_pool.still_waits()))
        .order_by(Handling.id)
        .limit(BATCH)
    )
    return session.scalars(found).all()


def pass_by(session: Session, handling: Handling, order: ServiceOrder, at: datetime) -> None:
    """Tell the teams that had applied that it went another way."""
    open_ones = [one for one in handling.applications if one.state is ApplicationState.OPEN]
    for one in open_ones:
        one.advance(ApplicationAction.GO_BY)
    telling.tell_leaders(session, [one.team_id for one in open_ones], "pool_passed", {"number": order.number}, order, at=at)


def _accepted(rule: DispatchRule, found: Look) -> list[Match]:
    """The matches that the rule accepts, best first; all teams are looked at only when none of the best will do."""
    return fitting(rule.terms, found.best(LOOKED_AT)) or fitting(rule.terms, found.matches)


def _may_be_asked(session: Session, found: Look, accepted: list[Match], asked: Counter[int], at: datetime) -> list[Match]:
    """Those that could take it if they said yes to all they are asked now, and were not asked often enough lately."""
    free = [one for one in accepted if one.reasons.load + asked[one.team_id] < one.reasons.capacity][:LOOKED_AT]
    if found.order.urgent or not free:
        return free
    terms, known = asking_at(session, found.order.desk_path, at), histories(session, [one.team_id for one in free], at=at)
    return [one for one in free if known[one.team_id].today < terms.per_day and known[one.team_id].week < terms.per_week]


def _take(
    session: Session, order: ServiceOrder, rule: DispatchRule, found: Look, accepted: list[Match], at: datetime
) -> Handling:
    handling = Handling(order=order, rule=rule, kind=Handled(rule.mode.value), scope=scope_of(rule, order), at=at)
    session.add(handling)
    if rule.mode is RuleMode.OFFER:
        handling.closed_at = at
        order.write_down("by_rule", SYSTEM, at, rule.name)
        team_ids, notes = _at_once(session, found, accepted, at)
        for offer in propose(session, SYSTEM, found, team_ids, at, how=OfferHow.RULE, notes=notes):
            offer.policy_version = f"rule:{rule.id}"
        return handling
    handling.until = order.due_at = at + timedelta(minutes=rule.minutes)
    order.write_down(f"in_{rule.mode.value}", SYSTEM, at, rule.name)
    telling.tell_of_pool(session, [match.team_id for match in accepted[:TOLD]], order, handling.until, at=at)
    return handling


def _at_once(
    session: Session, found: Look, accepted: list[Match], at: datetime
) -> tuple[Sequence[int], Mapping[int, Mapping[str, Any]]]:
    """Return whom to ask: the best team; where it is urgent, as many as the wanted chance of a yes needs."""
    best = [accepted[0].team_id]
    if not found.order.urgent:
        return best, {}
    others = {match.team_id for match in found.matches} - {match.team_id for match in accepted}
    following = next_wave(session, found, at=at, without=others)
    team_ids = following.wave.team_ids
    return (team_ids, {team_id: following.note(team_id) for team_id in team_ids}) if team_ids else (best, {})


def leave(session: Session, order: ServiceOrder, misses: dict[str, str], at: datetime) -> Handling:
    """Write down that no rule took the order, and why, by the rules' ids; it is looked at again after a while."""
    left = select(Handling).where(Handling.order_id == order.id, Handling.kind == Handled.LEFT)
    handling = session.scalars(left).first()
    if handling is None:
        handling = Handling(order=order, kind=Handled.LEFT, at=at, misses=misses)
        session.add(handling)
    handling.at, handling.misses = at, misses
    return handling
