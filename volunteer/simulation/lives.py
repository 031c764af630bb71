"""One order's life, played through the verbs by the people whose turn it is. Each ``yield`` is a wait until that moment."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from volunteer.access import NOBODY, Actor, Permission, link_holder
from volunteer.accounts.queries import load_actor
from volunteer.attendance.evidence import Position, Proof
from volunteer.kernel.geo import Point
from volunteer.orders import accepting, candidates, changing, dispatching, jobs, placing, rating, serving
from volunteer.orders.crew import Mate, crew_of, task_of
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import Offer, OfferState, OrderChannel, ServiceOrder, WhenKind
from volunteer.simulation.plots import MINUTE, Household, Plot
from volunteer.simulation.settling import World
from volunteer.simulation.voices import voices
from volunteer.teams import fit
from volunteer.teams.queries import led_by

NOTICE = "1"
TRIES = 8


class Stuck(Exception):
    """The story cannot go on: nobody in the county can do what was asked. The plan or the teams are wrong."""


@dataclass
class Stage:
    """The session, the world, and who is who: everything that the lives share."""

    session: Session
    world: World
    actors: dict[int, Actor] = field(default_factory=dict)

    def actor(self, person_id: int) -> Actor:
        """Return somebody as who they are on the day of filling; read once."""
        if person_id not in self.actors:
            acting = load_actor(self.session, person_id, self.world.at, led_by)
            if acting is None:
                raise Stuck(f"person {person_id} is nobody")
            self.actors[person_id] = acting.actor
        return self.actors[person_id]

    def leader(self, team_id: int) -> Actor:
        """Return who leads a team."""
        return self.actor(self.world.leaders[team_id])

    def desk(self, plot: Plot) -> Actor:
        """Return the dispatcher of the branch where the order is."""
        return self.actor(self.world.desks[plot.home_of.place.branch])

    @property
    def centre(self) -> Actor:
        """The dispatcher of the centre."""
        return self.actor(self.world.people["dispatcher"])


def live(stage: Stage, plot: Plot) -> Iterator[datetime]:
    """Play the plot to its end; yields when the next step is due."""
    yield plot.placed
    order = _place(stage, plot)
    if plot.status is Status.PLACED or (plot.status is Status.WITHDRAWN and plot.twist == "placed"):
        yield from _withdraw(stage, plot, order, plot.placed + 20 * MINUTE)
        return
    yield plot.verified
    if plot.status is Status.REJECTED:
        placing.reject_order(stage.session, stage.desk(plot), order.id, _reason(plot, "reject"), at=plot.verified)
        return
    item = stage.world.items[plot.item.code] if plot.item else None
    placing.verify_order(stage.session, stage.desk(plot), order.id, item_id=item, urgent=plot.urgent, at=plot.verified)
    if plot.status is Status.VERIFIED:
        yield from _waiting(stage, plot, order)
        return
    if plot.status is Status.WITHDRAWN and plot.twist == "verified":
        yield from _withdraw(stage, plot, order, plot.verified + 15 * MINUTE)
        return
    if plot.status is Status.UNMET:
        yield from _give_up(stage, plot, order)
        return
    yield plot.offered
    _offer(stage, plot, order, plot.offered)
    if plot.status is Status.OFFERED:
        return
    if plot.status is Status.WITHDRAWN:
        yield from _withdraw(stage, plot, order, plot.offered + 3 * MINUTE)
        return
    yield from _accept(stage, plot, order, plot.offered, plot.answered)
    if plot.twist == "release":
        yield from _let_go_and_begin_again(stage, plot, order)
    if not plot.chosen:
        return
    _choose(stage, plot, order, _now(plot.answered, order))
    if plot.status is Status.ACCEPTED:
        return
    yield from _serve(stage, plot, order)


def _place(stage: Stage, plot: Plot) -> ServiceOrder:
    home, rng = plot.home_of, plot.rng
    site = stage.world.sites[home.place.code]
    resident = stage.world.people["resident"] if home.name == stage.actor(stage.world.people["resident"]).name else None
    by_clerk = plot.channel is not OrderChannel.WEB and resident is None
    actor = stage.desk(plot) if by_clerk else stage.actor(resident) if resident else NOBODY
    free = plot.twist == "free"
    window = plot.when is WhenKind.WINDOW
    draft = placing.OrderDraft(
        name=home.name,
        phone=home.phone,
        notice=NOTICE,
        item="" if free or plot.item is None else plot.item.code,
        words=plot.words,
        answers={} if free else _answers(plot, rng),
        point=home.point,
        site_id=site.id,
        address=home.door,
        when=plot.when,
        begins=_half_day(plot.begins, stage, first=True) if window else None,
        ends=_half_day(plot.begins, stage, first=False) if window else None,
        channel=plot.channel if by_clerk else OrderChannel.WEB,
    )
    return placing.place_order(stage.session, actor, draft, at=plot.placed)


def _answers(plot: Plot, rng: random.Random) -> dict[str, str]:
    answers: dict[str, str] = {}
    for question in plot.item.questions if plot.item else ():
        if not question.required and rng.random() < 0.3:
            continue
        match question.kind:
            case "choice":
                answers[question.code] = rng.choice(question.choices)[0]
            case "yes_no":
                answers[question.code] = rng.choice(("yes", "yes", "no"))
            case "number":
                answers[question.code] = str(rng.randint(1, 6))
            case _ if question.required:
                answers[question.code] = "到了再说"
            case _:
                pass
    return answers


def _half_day(begins: datetime, stage: Stage, *, first: bool) -> datetime:
    """Return one end of the half-day in which a visit begins."""
    local = begins.astimezone(stage.session.info["zone"])
    morning = local.hour < 12
    hour, minute = ((8, 0) if first else (12, 0)) if morning else ((13, 0) if first else (17, 30))
    return local.replace(hour=hour, minute=minute, second=0, microsecond=0)


def _waiting(stage: Stage, plot: Plot, order: ServiceOrder) -> Iterator[datetime]:
    """What may have happened to an order that still waits for a team."""
    at = plot.verified
    if plot.twist == "recall":
        yield (at := at + 2 * MINUTE)
        _offer(stage, plot, order, at)
        yield (at := at + 2 * MINUTE)
        dispatching.recall(stage.session, stage.desk(plot), order.id, _reason(plot, "recall"), at=at)
    if plot.twist == "escalate":
        yield (at := at + 3 * MINUTE)
        dispatching.escalate(stage.session, stage.desk(plot), order.id, _reason(plot, "hand_over"), at=at)


def _withdraw(stage: Stage, plot: Plot, order: ServiceOrder, at: datetime) -> Iterator[datetime]:
    if plot.status is Status.WITHDRAWN:
        yield at
        changing.withdraw_order(stage.session, _owner(order), order.id, _reason(plot, "withdraw"), at=at)


def _give_up(stage: Stage, plot: Plot, order: ServiceOrder) -> Iterator[datetime]:
    yield (at := plot.verified + 30 * MINUTE)
    dispatching.escalate(stage.session, stage.desk(plot), order.id, _reason(plot, "hand_over"), at=at)
    yield (at := at + plot.rng.uniform(60, 900) * MINUTE)
    dispatching.give_up(stage.session, stage.centre, order.id, _reason(plot, "give_up"), at=at)


def _offer(stage: Stage, plot: Plot, order: ServiceOrder, at: datetime) -> None:
    """Ask the best team; where the branch has none, the centre asks the best of the county, then anybody with the skill."""
    if plot.home:
        dispatching.offer_to(stage.session, stage.centre, order.id, [stage.world.home_team], at=at)
        return
    for actor in (stage.desk(plot), stage.centre):
        shown = [one for one in candidates.candidates_for(stage.session, actor, order, at=at, k=3).shown if one.asked is None]
        if shown and actor.can(Permission.ORDER_DISPATCH, at=order.desk_path):
            dispatching.offer_to(stage.session, actor, order.id, [shown[0].card.id], at=at)
            return
    found = candidates.look(stage.session, stage.centre, order, at=at)
    asked = {offer.team_id for offer in order.offers}
    able = [card for card in found.directory.cards.values() if found.request.skills <= card.able.keys() and card.id not in asked]
    if not able:
        raise Stuck(f"nobody can do {plot.item.code if plot.item else plot.words}")
    nearest = min(able, key=lambda card: (found.metres(card), card.id))
    dispatching.offer_to(stage.session, stage.centre, order.id, [nearest.id], at=at)


def _accept(stage: Stage, plot: Plot, order: ServiceOrder, offered: datetime, answered: datetime) -> Iterator[datetime]:
    """Let some teams say no or nothing, then one say yes, all before ``answered`` (or a little later)."""
    at, rng = offered, plot.rng
    for number in range(plot.declines):
        offer = _open_offer(order)
        if offer is None:
            break
        if number == 0 and rng.random() < 0.25 and answered - offer.expires_at > 5 * MINUTE:
            at = offer.expires_at + MINUTE
            yield at
            jobs.expire_offers(stage.session, at)
        else:
            at += min((answered - at) * 0.5, rng.uniform(2, 30) * MINUTE)
            yield at
            accepting.decline_offer(stage.session, stage.leader(offer.team_id), offer.id, _reason(plot, "decline"), at=at)
    offer = _open_offer(order)
    if offer is None:  # everybody said no: the centre finds somebody
        at += MINUTE
        yield at
        _offer(stage, plot, order, at)
        offer = _open_offer(order)
    if offer is None:
        raise Stuck(f"no offer of order {order.number}")
    at = max(at + MINUTE / 2, min(answered, offer.expires_at - MINUTE))
    yield at
    accepting.accept_offer(stage.session, stage.leader(offer.team_id), offer.id, at=at)


def _let_go_and_begin_again(stage: Stage, plot: Plot, order: ServiceOrder) -> Iterator[datetime]:
    at = _now(plot.answered, order) + 10 * MINUTE
    yield at
    serving.release(stage.session, _leader(stage, order), order.id, _reason(plot, "release"), at=at)
    yield (at := at + 12 * MINUTE)
    _offer(stage, plot, order, at)
    yield from _accept(stage, plot, order, at, at + 40 * MINUTE)


def _choose(stage: Stage, plot: Plot, order: ServiceOrder, at: datetime) -> None:
    """Name members who may go; when nobody can at that hour, ask for a later one."""
    people = plot.item.people if plot.item else 1
    mates = crew_of(stage.session, order, at=at)
    for later in range(TRIES):
        begins = max(plot.begins, at) + later * 45 * MINUTE
        chosen = pick(stage, order, mates, begins, people)
        if chosen:
            accepting.choose_members(
                stage.session,
                _leader(stage, order),
                order.id,
                [mate.id for mate in chosen],
                begins,
                at=at,
                agreed=True,
                members_agreed=True,
            )
            return
    raise Stuck(f"nobody of {order.team.name if order.team else '?'} may go for {plot.item.code if plot.item else ''}")


def pick(stage: Stage, order: ServiceOrder, mates: list[Mate], begins: datetime, people: int) -> list[Mate]:
    """Return members who may go and together bring every skill, the usual faces first; empty when there are none."""
    zone = stage.session.info["zone"]
    task = task_of(order, begins)
    fine = [mate for mate in mates if set(fit.obstacles(mate.member, task, zone)) <= fit.WAIVABLE]
    own = {stage.world.people["leader"], stage.world.people["volunteer"]}
    fine.sort(key=lambda mate: (mate.id not in own, (mate.id * 7919 + order.id) % 31))
    chosen = fine[:people]
    for mate in fine[people:]:
        missing = fit.uncovered([one.member for one in chosen], task, zone)
        if not missing:
            break
        if fit.usable(mate.member, task, begins.astimezone(zone).date()) & missing:
            chosen.append(mate)
    return chosen if chosen and not fit.uncovered([one.member for one in chosen], task, zone) else []


def _serve(stage: Stage, plot: Plot, order: ServiceOrder) -> Iterator[datetime]:
    """From the way there to the stars."""
    session, shift = stage.session, (order.visit_begins or plot.begins) - plot.begins
    came, left = plot.came + shift, plot.left + shift
    rng = plot.rng
    if plot.status is Status.CLOSED or rng.random() < 0.7 or plot.status is Status.UNDER_WAY:
        yield (set_out := came - rng.uniform(9, 25) * MINUTE if plot.status is not Status.UNDER_WAY else plot.came)
        serving.set_out(session, _leader(stage, order), order.id, at=set_out)
    if plot.status is Status.UNDER_WAY:
        return
    yield came
    serving.check_in(session, _leader(stage, order), order.id, _proof(order, rng, came), at=came)
    if plot.status is Status.IN_SERVICE:
        return
    yield left
    serving.check_out(session, _leader(stage, order), order.id, _proof(order, rng, left), at=left)
    written = plot.recorded + shift
    rated = plot.rated + shift
    late = stage.world.at - MINUTE
    if plot.status is Status.SERVED:
        if plot.written:
            yield (at := min(max(written, left + MINUTE), late))
            _record(stage, plot, order, at)
        return
    for at, what in sorted(
        ((min(max(written, left + MINUTE), late), "record"), (min(max(rated, left + 2 * MINUTE), late), "rate"))
    ):
        yield at
        if what == "record":
            _record(stage, plot, order, at)
        elif plot.stars:
            _rate(stage, plot, order, at)
        else:
            jobs.close_silent(session, at)


def _record(stage: Stage, plot: Plot, order: ServiceOrder, at: datetime) -> None:
    category = plot.item.category if plot.item else "company"
    words = plot.rng.choice(voices().records[category])
    people = plot.rng.randint(8, 24) if plot.item and any(q.code == "how_many" for q in plot.item.questions) else 1
    serving.finish(stage.session, _leader(stage, order), order.id, serving.RecordDraft(words, people), at=at)


def _rate(stage: Stage, plot: Plot, order: ServiceOrder, at: datetime) -> None:
    rng = plot.rng
    tags = voices().tags["good" if plot.stars > 3 else "bad"]
    draft = rating.RatingDraft(
        stars=plot.stars,
        tags=tuple(rng.sample(tags, rng.randint(0, 2))),
        words=rng.choice(voices().ratings[str(plot.stars)]),
        by_code=rng.random() < 0.3,
    )
    actor = stage.desk(plot) if plot.channel is not OrderChannel.WEB and rng.random() < 0.5 else _owner(order)
    rating.rate_order(stage.session, actor, order.id, draft, at=at)


def _proof(order: ServiceOrder, rng: random.Random, at: datetime) -> Proof:
    """Return evidence of one of the four ways, the start code with position most often."""
    here = Point(order.latitude + rng.gauss(0, 0.0002), order.longitude + rng.gauss(0, 0.0002))
    way = rng.choices(("both", "code", "qr", "fence", "word"), (46, 24, 8, 8, 14))[0]
    if way == "qr":
        return Proof(qr=serving.presence_proof(order, at))
    code = order.start_code or "" if way in {"both", "code"} else ""
    position = Position(here, rng.uniform(6, 30)) if way in {"both", "fence"} else None
    return Proof(code=code, position=position)


def _open_offer(order: ServiceOrder) -> Offer | None:
    return next((offer for offer in order.offers if offer.state is OfferState.OPEN), None)


def _leader(stage: Stage, order: ServiceOrder) -> Actor:
    if order.team_id is None:
        raise Stuck(f"order {order.number} has no team")
    return stage.leader(order.team_id)


def _owner(order: ServiceOrder) -> Actor:
    return link_holder(order.id, order.site_path)


def _now(planned: datetime, order: ServiceOrder) -> datetime:
    """The moment after the last thing that happened, or the planned one when that is later."""
    return max(planned, order.events[-1].at + timedelta(seconds=20)) if order.events else planned


def _reason(plot: Plot, kind: str) -> str:
    return plot.rng.choice(voices().reasons[kind])


__all__ = ["Household", "Stage", "Stuck", "live"]
