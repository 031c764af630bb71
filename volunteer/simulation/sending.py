"""How an order finds its team: offers, refusals, silence, the yes, and who goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from volunteer import matching
from volunteer.access import Actor, Permission
from volunteer.orders import accepting, candidates, dispatching, jobs
from volunteer.orders.holding import release_hold
from volunteer.orders.lifecycle import OfferState
from volunteer.orders.models import Offer, ServiceOrder
from volunteer.orders.visits.crew import Mate, crew_of, task_of
from volunteer.simulation.plots import MINUTE, Plot
from volunteer.simulation.stage import Stage, Stuck
from volunteer.simulation.voices import voices
from volunteer.teams import fit

TRIES = 8
LATER = 45 * MINUTE


def offer(stage: Stage, plot: Plot, order: ServiceOrder, at: datetime) -> None:
    """Ask the branch's best team; where it has none, the centre asks the county's best, then the nearest with the skill."""
    centre = stage.persona("dispatcher")
    if plot.home:
        propose(stage, centre, order, stage.world.home_team, at)
        return
    for actor in _desks(stage, plot, order):
        found = candidates.candidates_for(stage.session, actor, order, at=at, k=1)
        if found.shown:
            propose(stage, actor, order, found.shown[0].card.id, at)
            return
    propose(stage, centre, order, _anybody(stage, plot, order, at), at)


def propose(stage: Stage, actor: Actor, order: ServiceOrder, team_id: int, at: datetime) -> None:
    """Offer, and leave the order for others to open."""
    dispatching.offer_to(stage.session, actor, order.id, [team_id], at=at)
    release_hold(stage.session, actor, order.id, at=at)


def _desks(stage: Stage, plot: Plot, order: ServiceOrder) -> list[Actor]:
    """The dispatchers who may act, the nearest first: an order that was passed up is the centre's."""
    both = [stage.desk(plot), stage.persona("dispatcher")]
    return [actor for actor in both if actor.can(Permission.ORDER_DISPATCH, at=order.desk_path)]


def _anybody(stage: Stage, plot: Plot, order: ServiceOrder, at: datetime) -> int:
    found = candidates.look(stage.session, stage.persona("dispatcher"), order, at=at)
    asked = {one.team_id for one in order.offers}
    able = [
        card
        for card in found.directory.cards.values()
        if found.request.skills <= card.able.keys() and matching.is_insured(found.request, card.team) and card.id not in asked
    ]
    if not able:
        raise Stuck(f"nobody can do {plot.item.code}")
    return min(able, key=lambda card: (found.metres(card), card.id)).id


def accept(stage: Stage, plot: Plot, order: ServiceOrder, offered: datetime, answered: datetime) -> Iterator[datetime]:
    """Let as many teams as planned say no, or nothing, then one say yes, at ``answered`` or a little later."""
    at = offered
    if plot.twist == "lapse" and (one := open_offer(order)):
        yield (at := one.expires_at + MINUTE)
        jobs.expire_offers(stage.session, at)
        answered = at + 25 * MINUTE
    for _ in range(plot.declines):
        if (one := open_offer(order)) and one.expires_at > at:
            yield (at := at + min((min(answered, one.expires_at) - at) * 0.5, plot.rng.uniform(2, 30) * MINUTE))
            reason = plot.rng.choice(voices().reasons["decline"])
            accepting.decline_offer(stage.session, stage.leader(one.team_id), one.id, reason, at=at)
    if (one := open_offer(order)) and one.expires_at <= at + MINUTE:  # one of a wave: it runs out while the others say no
        yield (at := at + 2 * MINUTE)
        jobs.expire_offers(stage.session, at)
    if open_offer(order) is None:  # everybody said no: the centre looks farther
        yield (at := at + MINUTE)
        offer(stage, plot, order, at)
    one = open_offer(order)
    if one is None:
        raise Stuck(f"no offer of order {order.number}")
    yield (at := max(at + MINUTE / 2, min(answered, one.expires_at - MINUTE)))
    accepting.accept_offer(stage.session, stage.leader(one.team_id), one.id, at=at)


def choose(stage: Stage, plot: Plot, order: ServiceOrder, begins: datetime, *, backwards: bool = False) -> datetime:
    """Name members who may go, as soon as the team has accepted; return when they begin.

    When nobody can at that hour, a later one is agreed, or an earlier one for ``backwards``.
    """
    at = order.events[-1].at + timedelta(seconds=40)
    mates = crew_of(stage.session, order, at=at)
    for attempt in range(TRIES):
        moment = begins + (-1 if backwards else 1) * attempt * LATER
        if chosen := pick(stage, order, mates, moment, plot.item.people):
            ids = [mate.id for mate in chosen]
            leader = stage.leader(order.team_id)
            accepting.choose_members(stage.session, leader, order.id, ids, moment, at=at, agreed=True, members_agreed=True)
            return moment
    raise Stuck(f"nobody of {order.team.name if order.team else '?'} may go for {plot.item.code} at {begins}")


def pick(stage: Stage, order: ServiceOrder, mates: list[Mate], begins: datetime, people: int) -> list[Mate]:
    """Return members who may go and together bring every skill, the personas first; empty when there are none."""
    task = task_of(order, begins)
    fine = [mate for mate in mates if fit.WAIVABLE.issuperset(fit.obstacles(mate.member, task, stage.zone))]
    own = {stage.world.people["leader"], stage.world.people["volunteer"]}
    fine.sort(key=lambda mate: (mate.id not in own, (mate.id * 7919 + order.id) % 31))
    chosen = fine[:people]
    for mate in fine[people:]:
        missing = fit.uncovered([one.member for one in chosen], task, stage.zone)
        if not missing:
            break
        if fit.usable(mate.member, task, task.ends.astimezone(stage.zone).date()) & missing:
            chosen.append(mate)
    return chosen if chosen and fit.together([one.member for one in chosen], task, stage.zone) is None else []


def open_offer(order: ServiceOrder) -> Offer | None:
    """Return the offer that waits for an answer."""
    return next((one for one in order.offers if one.state is OfferState.OPEN), None)
