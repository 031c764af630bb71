"""One order's life, played through the verbs by the people whose turn it is. Each ``yield`` waits until that moment."""

from __future__ import annotations

import random
from collections.abc import Generator, Iterator
from datetime import datetime, timedelta

from volunteer.attendance.evidence import Position, Proof
from volunteer.kernel.geo import Point
from volunteer.media.models import Photo
from volunteer.orders import changing, dispatching, jobs, placing, rating, serving
from volunteer.orders.holding import release_hold
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import OrderChannel, ServiceOrder
from volunteer.simulation.asking import ask
from volunteer.simulation.pictures import photograph
from volunteer.simulation.plots import DAY, MINUTE, Plot, Times
from volunteer.simulation.sending import accept, choose, offer
from volunteer.simulation.stage import Stage
from volunteer.simulation.voices import voices

GOING_ON = frozenset({Status.UNDER_WAY, Status.IN_SERVICE})
WITHDRAWN_AFTER = 12 * MINUTE
PHOTOGRAPHED = timedelta(days=16)  # records of late have photos
GOOD = 4  # stars from which on people are pleased


def live(stage: Stage, plot: Plot) -> Iterator[datetime]:
    """Play the plot to its end; yields when the next step is due."""
    yield plot.times.placed
    order = ask(stage, plot)
    if not (yield from _comes_to_the_desk(stage, plot, order)):
        return
    offered = max(plot.times.offered, order.events[-1].at + MINUTE)
    yield offered
    offer(stage, plot, order, offered)
    if plot.status is Status.OFFERED:
        return
    if plot.status is Status.WITHDRAWN:
        yield from _withdraw(stage, plot, order)
        return
    yield from accept(stage, plot, order, offered, plot.times.answered)
    yield from _with_a_team(stage, plot, order)


def _comes_to_the_desk(stage: Stage, plot: Plot, order: ServiceOrder) -> Generator[datetime, None, bool]:
    """Verified or not; returns whether a team is to be found."""
    if plot.status is Status.PLACED:
        return False
    if plot.status is Status.WITHDRAWN and plot.twist == "placed":
        yield from _withdraw(stage, plot, order)
        return False
    yield (at := plot.times.verified)
    if plot.status is Status.REJECTED:
        placing.reject_order(stage.session, stage.counter(plot), order.id, _reason(plot, "reject"), at=at)
        return False
    item_id = stage.world.items[plot.item.code]
    placing.verify_order(stage.session, stage.counter(plot), order.id, item_id=item_id, urgent=plot.urgent, at=at)
    yield from _waits(stage, plot, order)
    if plot.status is Status.UNMET:
        yield from _give_up(stage, plot, order)
    if plot.status is Status.WITHDRAWN and plot.twist == "verified":
        yield from _withdraw(stage, plot, order)
    return order.status is Status.VERIFIED and plot.status is not Status.VERIFIED


def _with_a_team(stage: Stage, plot: Plot, order: ServiceOrder) -> Iterator[datetime]:
    """From the first yes to the end, with what goes wrong in between."""
    times = plot.times
    if plot.twist == "release":
        yield from _release(stage, plot, order)
    if plot.twist == "nobody_home":
        yield from _in_vain(stage, plot, order)
        times = later(times, DAY)
    if plot.chosen:
        yield from _visit(stage, plot, order, times)
    if plot.twist == "reopen":
        yield from _again(stage, plot, order, later(times, order.events[-1].at - times.begins + 2 * DAY))


def later(times: Times, by: timedelta) -> Times:
    """Return the same course, so much later, at the same hour of the day."""
    days = timedelta(days=round(by / DAY))
    return Times(*(moment + days for moment in times))


def _waits(stage: Stage, plot: Plot, order: ServiceOrder) -> Iterator[datetime]:
    """What may happen to an order that waits for a team."""
    at, session = plot.times.verified, stage.session
    match plot.twist:
        case "nudge":
            yield (at := at + 6 * MINUTE)
            changing.nudge(session, stage.owner(plot, order), order.id, at=at)
        case "recall":
            yield (at := at + 2 * MINUTE)
            offer(stage, plot, order, at)
            yield (at := at + 3 * MINUTE)
            recaller = stage.persona("dispatcher") if plot.home else stage.desk(plot)
            dispatching.recall(session, recaller, order.id, _reason(plot, "recall"), at=at)
            release_hold(session, recaller, order.id, at=at)
        case "escalate":
            yield (at := at + 4 * MINUTE)
            _pass_up(stage, plot, order, at)
        case _:
            pass


def _withdraw(stage: Stage, plot: Plot, order: ServiceOrder) -> Iterator[datetime]:
    yield (at := order.events[-1].at + WITHDRAWN_AFTER)
    changing.withdraw_order(stage.session, stage.owner(plot, order), order.id, _reason(plot, "withdraw"), at=at)


def _give_up(stage: Stage, plot: Plot, order: ServiceOrder) -> Iterator[datetime]:
    yield (at := plot.times.verified + 30 * MINUTE)
    _pass_up(stage, plot, order, at)
    yield (at := at + plot.rng.uniform(60, 900) * MINUTE)
    centre = stage.persona("dispatcher")
    dispatching.give_up(stage.session, centre, order.id, _reason(plot, "give_up"), at=at)
    release_hold(stage.session, centre, order.id, at=at)


def _pass_up(stage: Stage, plot: Plot, order: ServiceOrder, at: datetime) -> None:
    dispatching.escalate(stage.session, stage.desk(plot), order.id, _reason(plot, "hand_over"), at=at)
    release_hold(stage.session, stage.desk(plot), order.id, at=at)


def _release(stage: Stage, plot: Plot, order: ServiceOrder) -> Iterator[datetime]:
    """The team cannot come after all; another one is found."""
    yield (at := order.events[-1].at + 9 * MINUTE)
    serving.release(stage.session, stage.leader(order.team_id), order.id, _reason(plot, "release"), at=at)
    yield from _another(stage, plot, order, at)


def _in_vain(stage: Stage, plot: Plot, order: ServiceOrder) -> Iterator[datetime]:
    """They came and nobody opened; somebody comes the next day."""
    begins = choose(stage, plot, order, plot.times.begins)
    yield (at := begins - 15 * MINUTE)
    serving.set_out(stage.session, stage.leader(order.team_id), order.id, at=at)
    yield (at := begins + 18 * MINUTE)
    serving.nobody_home(stage.session, stage.leader(order.team_id), order.id, _reason(plot, "nobody_home"), at=at)
    yield from _another(stage, plot, order, at)


def _again(stage: Stage, plot: Plot, order: ServiceOrder, times: Times) -> Iterator[datetime]:
    """It was not solved: the same order, another visit."""
    yield (at := order.events[-1].at + 5 * 60 * MINUTE)
    rating.reopen(stage.session, stage.owner(plot, order), order.id, _reason(plot, "reopen"), at=at)
    yield from _another(stage, plot, order, at)
    yield from _visit(stage, plot, order, times)


def _another(stage: Stage, plot: Plot, order: ServiceOrder, at: datetime) -> Iterator[datetime]:
    yield (at := at + 20 * MINUTE)
    offer(stage, plot, order, at)
    yield from accept(stage, plot, order, at, at + 40 * MINUTE)


def _visit(stage: Stage, plot: Plot, order: ServiceOrder, times: Times) -> Iterator[datetime]:
    """From choosing who goes to the stars."""
    begins = choose(stage, plot, order, times.begins, backwards=plot.status in GOING_ON)
    serving.private_part(stage.session, stage.leader(order.team_id), order, at=order.events[-1].at)  # to call and agree
    if plot.status is Status.ACCEPTED:
        return
    session, leader, rng = stage.session, stage.leader(order.team_id), plot.rng
    shift = begins - times.begins
    came, left = times.came + shift, times.left + shift
    if plot.status is not Status.IN_SERVICE:
        yield (at := came if plot.status is Status.UNDER_WAY else came - rng.uniform(9, 25) * MINUTE)
        serving.set_out(session, leader, order.id, at=at)
    if plot.status is Status.UNDER_WAY:
        return
    yield came
    serving.check_in(session, leader, order.id, _proof(order, rng, came), at=came)
    if plot.status is Status.IN_SERVICE:
        return
    if plot.twist == "forgot":  # nobody checked out; the leader says afterwards when they left
        yield (at := left + 70 * MINUTE)
        serving.check_out(session, leader, order.id, Proof(ended_at=left), at=at)
    else:
        yield (at := left)
        serving.check_out(session, leader, order.id, _proof(order, rng, left), at=at)
    yield from _afterwards(stage, plot, order, times, shift)


def _afterwards(stage: Stage, plot: Plot, order: ServiceOrder, times: Times, shift: timedelta) -> Iterator[datetime]:
    """The record and the rating, whichever comes first."""
    soonest, latest = order.events[-1].at + 2 * MINUTE, stage.world.at - MINUTE
    written = min(max(times.recorded + shift, soonest), latest)
    rated = min(max(times.rated + shift, soonest + MINUTE), latest)
    steps = [(written, "record")] if plot.written else []
    if plot.status is Status.CLOSED:
        steps.append((rated, "rate" if plot.stars else "silence"))
    for at, what in sorted(steps):
        yield at
        match what:
            case "record":
                _record(stage, plot, order, at)
            case "rate":
                _rate(stage, plot, order, at)
            case _:
                jobs.close_silent(stage.session, at)


def _record(stage: Stage, plot: Plot, order: ServiceOrder, at: datetime) -> None:
    words = plot.rng.choice(voices().records[plot.item.category])
    many = any(question.code == "how_many" for question in plot.item.questions)
    leader = stage.leader(order.team_id)
    sides: list[tuple[Photo, ...]] = []
    for broken in (True, False):
        photo = None
        if stage.world.at - at < PHOTOGRAPHED:
            photo = photograph(stage.session, plot.item.code, plot.rng, broken=broken, uploader_id=leader.user_id, at=at)
        sides.append((photo,) if photo else ())
    draft = serving.RecordDraft(words, plot.rng.randint(8, 24) if many else 1, *sides)
    serving.finish(stage.session, leader, order.id, draft, at=at)


def _rate(stage: Stage, plot: Plot, order: ServiceOrder, at: datetime) -> None:
    rng = plot.rng
    reopened = any(event.what == "reopen" for event in order.events)
    stars = 2 if plot.twist == "reopen" and not reopened else plot.stars
    tags = voices().tags["good" if stars >= GOOD else "bad"]
    draft = rating.RatingDraft(
        stars=stars,
        tags=tuple(rng.sample(tags, rng.randint(0, 2))),
        words=rng.choice(voices().ratings[str(stars)]),
        by_code=rng.random() < 0.3,
    )
    by_clerk = plot.channel is not OrderChannel.WEB and not stage.is_resident(plot) and rng.random() < 0.5
    rating.rate_order(stage.session, stage.counter(plot) if by_clerk else stage.owner(plot, order), order.id, draft, at=at)


def _proof(order: ServiceOrder, rng: random.Random, at: datetime) -> Proof:
    """Return evidence in one of the four ways, the start code with the position most often."""
    here = Point(order.latitude + rng.gauss(0, 0.0002), order.longitude + rng.gauss(0, 0.0002))
    way = rng.choices(("both", "code", "qr", "fence", "word"), (50, 22, 8, 8, 12))[0]
    if way == "qr":
        return Proof(qr=serving.presence_proof(order, at))
    code = order.start_code or "" if way in {"both", "code"} else ""
    position = Position(here, rng.uniform(6, 30)) if way in {"both", "fence"} else None
    return Proof(code=code, position=position)


def _reason(plot: Plot, kind: str) -> str:
    return plot.rng.choice(voices().reasons[kind])
