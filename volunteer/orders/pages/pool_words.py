"""What a rule is doing with an order, for the board: a chip in the list; in the panel who has applied, or why no rule took it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.kernel.words import N_
from volunteer.orders import candidates
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.pages import explaining
from volunteer.orders.pages.explaining import Bar
from volunteer.orders.rulebook import queries_pool
from volunteer.orders.rulebook.models_rules import Application, DispatchRule, Handled, Handling
from volunteer.orders.rulebook.rules import Miss
from volunteer.web import filters

MISSES = {
    Miss.OTHER_SERVICE: N_("another service"),
    Miss.OTHER_HOURS: N_("outside its hours"),
    Miss.URGENT: N_("urgent: that does not wait"),
    Miss.NOBODY_ABLE: N_("nobody was able"),
    Miss.TOO_FAR: N_("nobody near enough"),
    Miss.TOO_WEAK: N_("nobody who fits well enough"),
    Miss.ALL_ASKED: N_("whoever could is asked for others already, or was asked often enough"),
    Miss.QUIET: N_("at this hour nobody is asked"),
}


@dataclass(frozen=True, slots=True)
class Applicant:
    """A team that would like to take the order, with its words and its place on the list."""

    team_id: int
    name: str
    words: str
    note: str
    rank: int  # 0: not on the list
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Pooled:
    """What the panel says about rules. rule: the name of the one that acts, nothing when none does."""

    rule: str
    words: str
    applicants: list[Applicant]
    left: list[tuple[str, str]]  # by name of the rule: why it did not take the order


def chips(session: Session, orders: Sequence[ServiceOrder], at: datetime) -> dict[int, str]:
    """Return what to say in the list about the orders that a rule has in hand. One query, or none."""
    mine = [order for order in orders if order.status in {Status.VERIFIED, Status.OFFERED}]
    handled = queries_pool.handled_now(session, [order.id for order in mine]) if mine else {}
    return {order.id: words for order in mine if (words := _chip(order, handled.get(order.id), at))}


def on_board(session: Session, order: ServiceOrder, at: datetime) -> Pooled | None:
    """Return what the panel of an opened order says about rules; None when there is nothing to say."""
    if order.status is not Status.VERIFIED or order.item is None:
        return None
    handling = queries_pool.handled_now(session, [order.id]).get(order.id)
    if handling is None:
        return None
    there = queries_pool.waiting(session, order) if handling.kind in queries_pool.WAITING else None
    if there is None or there.rule is None:
        said = _left(session, handling.misses) if handling.kind is Handled.LEFT and handling.misses else []
        return Pooled("", "", [], said) if said else None
    applied = queries_pool.applicants(there)
    found = candidates.look(session, there.ruler, order, at=at) if applied else None
    rows = sorted((_applicant(one, found) for one in applied if found), key=lambda one: (not one.rank, one.rank, one.team_id))
    return Pooled(there.rule.name, _words(there, at), rows, [])


def _chip(order: ServiceOrder, handling: Handling | None, at: datetime) -> str:
    if handling is None:
        return ""
    if order.status is Status.OFFERED:
        return _("by a rule") if handling.kind is Handled.OFFER else ""
    if handling.kind is Handled.POOL and handling.until is not None:
        return _("in the pool until %(time)s", time=filters.clock(handling.until))
    return _("teams apply") if handling.kind is Handled.CHOOSE else ""


def _words(handling: Handling, at: datetime) -> str:
    until = filters.moment(handling.until) if handling.until else ""
    if handling.kind is Handled.POOL:
        return str(
            _("Until %(until)s any team that fits may take it. If you send it to a team, it leaves the pool.", until=until)
        )
    if handling.until is not None and handling.until <= at:
        return str(_("The time to apply is over. Choose one of the teams."))
    return str(_("Teams may apply until %(until)s. You may choose one before.", until=until))


def _applicant(one: Application, found: candidates.Look) -> Applicant:
    card, match = found.directory.cards.get(one.team_id), found.match_of(one.team_id)
    if card is None or match is None:
        return Applicant(one.team_id, filters.named(one.team), one.words, _("not on the list any more"), 0, [])
    seen = explaining.choice(candidates.Candidate(card, match, found.metres(card), None))
    note = f"{_('number %(rank)s of %(able)s', rank=match.rank, able=found.able)} · {seen.distance} · {seen.note}"
    return Applicant(one.team_id, seen.name, one.words, note, match.rank, seen.bars)


def _left(session: Session, misses: Mapping[str, object]) -> list[tuple[str, str]]:
    names = select(DispatchRule.id, DispatchRule.name).where(DispatchRule.id.in_([int(number) for number in misses]))
    known = {miss.value: words for miss, words in MISSES.items()}
    rules = {str(number): name for number, name in session.execute(names)}
    shown = [(rules[number], str(why)) for number, why in misses.items() if number in rules and why != Miss.OTHER_SERVICE.value]
    return [(name, _(known[why])) for name, why in shown if why in known]
