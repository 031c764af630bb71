"""抢单: a team takes an order from the open pool by itself; or teams apply for it, and the dispatcher chooses one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.kernel.checks import Checks
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.kernel.words import N_
from volunteer.matching import Ranking
from volunteer.orders import dispatching, reach, telling
from volunteer.orders.accepting import bind
from volunteer.orders.candidates import Look, look
from volunteer.orders.holding import grip
from volunteer.orders.lifecycle import WITH_TEAM, Action, Status
from volunteer.orders.models import Offer, OfferHow, ServiceOrder
from volunteer.orders.rulebook import automatic, braking
from volunteer.orders.rulebook.lifecycle import ApplicationAction, ApplicationState
from volunteer.orders.rulebook.models_rules import Application, Handled, Handling, Outcome
from volunteer.orders.rulebook.queries_pool import waiting
from volunteer.teams import queries as teams
from volunteer.teams.models import Team

LONGEST = 120
FASTER = N_("Another team was a moment faster. Thank you for being ready: the next one may be yours.")
GONE = N_("This one is no longer in the pool. Thank you for looking.")
UNABLE = N_("Your team cannot take this one just now: the skill, the distance, the time or the room does not fit.")


def claim(session: Session, actor: Actor, order_id: int, team_id: int, *, at: datetime) -> ServiceOrder:
    """Give an order of the pool to the team that took it first.

    A second tap of the same team changes nothing. Raises NotFound for a team that one does not lead, Conflict with a kind
    word when another was faster, when the team cannot do it, or when it has too much open.
    """
    order = lock(session, ServiceOrder, order_id)
    _must_lead(actor, order, team_id)
    if order.team_id == team_id and order.status in WITH_TEAM:
        return order
    handling = _there(session, order, Handled.POOL, at)
    found = _able(session, handling, order, team_id, at)

    _give(session, actor, handling, found, team_id, Outcome.TAKEN, at)
    return order


def apply_for(session: Session, actor: Actor, order_id: int, team_id: int, words: str, *, at: datetime) -> Application:
    """Say that the team would like to take the order, with a few words; said again the words are replaced."""
    order = lock(session, ServiceOrder, order_id)
    _must_lead(actor, order, team_id)
    handling = _there(session, order, Handled.CHOOSE, at)
    _able(session, handling, order, team_id, at)
    checks = Checks()
    tidy = checks.text("words", words, LONGEST)
    checks.done()

    application = _own(handling, team_id)
    if application is None:
        team = load(session, Team, team_id)
        application = Application(team=team, state=ApplicationState.WITHDRAWN, made_at=at)
        handling.applications.append(application)
    if application.state is not ApplicationState.OPEN:
        order.write_down("applied", actor, at, application.team.name)
    application.advance(ApplicationAction.APPLY)
    application.words, application.made_by, application.made_at = tidy, actor.user_id, at
    order.due_at = handling.until
    return application


def withdraw_application(session: Session, actor: Actor, order_id: int, team_id: int, *, at: datetime) -> None:
    """Take an application back. It costs nothing; taking it back twice changes nothing."""
    order = lock(session, ServiceOrder, order_id)
    _must_lead(actor, order, team_id)
    handling = waiting(session, order)
    application = _own(handling, team_id) if handling is not None else None
    if application is not None and application.state is ApplicationState.OPEN:
        application.advance(ApplicationAction.WITHDRAW)
        order.write_down("applied_no_more", actor, at, application.team.name)


def choose_applicant(session: Session, actor: Actor, order_id: int, team_id: int, *, at: datetime) -> ServiceOrder:
    """Give the order to one of the teams that applied: it has said yes already. The others are told."""
    order = lock(session, ServiceOrder, order_id)
    dispatching.must_dispatch(actor, order)
    if order.team_id == team_id and order.status in WITH_TEAM:
        return order
    grip(session, actor, order, at)
    handling = waiting(session, order)
    application = _own(handling, team_id) if handling is not None else None
    if handling is None or application is None or application.state is not ApplicationState.OPEN:
        raise Conflict("not_applied", N_("This team has not applied, or no longer. Please choose another one."))
    found = look(session, handling.ruler, order, at=at)
    dispatching.must_be_askable(found, [team_id])
    found = _answering(found, team_id)

    application.advance(ApplicationAction.CHOOSE)
    _give(session, actor, handling, found, team_id, Outcome.CHOSEN, at)
    telling.tell_leaders(session, [team_id], "pool_chosen", {"number": order.number}, order, at=at)
    return order


def _must_lead(actor: Actor, order: ServiceOrder, team_id: int) -> None:
    if team_id not in actor.leads:
        raise NotFound("team")
    reach.must(actor, Permission.OFFER_ANSWER, order)


def _there(session: Session, order: ServiceOrder, kind: Handled, at: datetime) -> Handling:
    """What keeps the order in the pool, while its time lasts."""
    handling = waiting(session, order)
    if handling is not None and handling.kind is kind and handling.until is not None and handling.until > at:
        return handling
    if order.status in WITH_TEAM or order.status is Status.OFFERED:
        raise Conflict("pool_taken", FASTER)
    raise Conflict("pool_gone", GONE)


def _able(session: Session, handling: Handling, order: ServiceOrder, team_id: int, at: datetime) -> Look:
    """The machine's look at the order, if the team is on its list. Raises Conflict with what stands in the way."""
    braking.must_be_free(braking.braked_at(session, order.desk_path, at=at), team_id)
    found = look(session, handling.ruler, order, at=at)
    card = found.card(team_id)
    against = [reason for reason in found.obstacles(card) if not braking.is_silence(reason)]
    if against or teams.paused(card, at):
        raise Conflict("team_unable", UNABLE)
    return _answering(found, team_id)


def _answering(found: Look, team_id: int) -> Look:
    """Put a team that only its silence kept off the list where it belongs: taking an order is its answer."""
    braked = found.braked.get(team_id, [])
    if not braked or braking.stops_taking(braked) or not teams.serves(found.card(team_id), found.order.site_path):
        return found
    ranking = Ranking(found.request, found.roster, found.policy, found.ranking.without - {team_id})
    return replace(found, ranking=ranking, braked={one: why for one, why in found.braked.items() if one != team_id})


def _give(session: Session, actor: Actor, handling: Handling, found: Look, team_id: int, outcome: Outcome, at: datetime) -> None:
    """Write down the acceptance as an offer that was made and taken at once, with its reasons like any other."""
    order = found.order
    wave = max((offer.wave for offer in order.offers), default=0) + 1
    offer: Offer = dispatching.offer_row(found, team_id, actor, OfferHow.POOL, wave, at, at)
    offer.policy_version = f"rule:{handling.rule_id}"
    offer.team = load(session, Team, team_id)
    order.offers.append(offer)
    handling.end(outcome, at)
    order.reason, order.handed_back_at = "", None
    bind(session, actor, offer, Action.CLAIM, at)
    automatic.pass_by(session, handling, order, at)


def _own(handling: Handling, team_id: int) -> Application | None:
    return next((one for one in handling.applications if one.team_id == team_id), None)
