"""How an order comes in: what the resident, or the clerk for them, writes into the form."""

from __future__ import annotations

from datetime import datetime, time

from volunteer.access import NOBODY, Actor
from volunteer.media.models import Photo
from volunteer.orders import placing
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import OrderChannel, ServiceOrder, WhenKind
from volunteer.simulation.pictures import photograph
from volunteer.simulation.plots import Plot
from volunteer.simulation.stage import Stage

NOTICE = "1"
MORNING = (time(8, 0), time(12, 0))
PHOTOGRAPHED = 0.6  # of the things that can be
AFTERNOON = (time(13, 0), time(17, 30))


def ask(stage: Stage, plot: Plot) -> ServiceOrder:
    """Place the plot's order at its moment."""
    home = plot.home_of
    by_clerk = plot.channel is not OrderChannel.WEB and not stage.is_resident(plot)
    begins, ends = half_day(plot.times.begins, stage) if plot.when is WhenKind.WINDOW else (None, None)
    draft = placing.OrderDraft(
        name=home.name,
        phone=home.phone,
        notice=NOTICE,
        item="" if plot.twist == "free" else plot.item.code,
        words=plot.words,
        answers={} if plot.twist == "free" else _answers(plot),
        point=home.point,
        site_id=stage.world.sites[home.place.code].id,
        address=home.door,
        when=plot.when,
        begins=begins,
        ends=ends,
        channel=plot.channel if by_clerk else OrderChannel.WEB,
        photos=_photos(stage, plot),
    )
    return placing.place_order(stage.session, _asker(stage, plot, by_clerk=by_clerk), draft, at=plot.times.placed)


def half_day(begins: datetime, stage: Stage) -> tuple[datetime, datetime]:
    """Return the morning or the afternoon in which a visit begins: what a resident chooses."""
    local = begins.astimezone(stage.zone)
    first, last = MORNING if local.time() < MORNING[1] else AFTERNOON
    return datetime.combine(local, first, stage.zone), datetime.combine(local, last, stage.zone)


def _photos(stage: Stage, plot: Plot) -> tuple[Photo, ...]:
    if plot.status is Status.CLOSED or plot.rng.random() > PHOTOGRAPHED:
        return ()
    photo = photograph(stage.session, plot.item.code, plot.rng, broken=True, uploader_id=None, at=plot.times.placed)
    return (photo,) if photo else ()


def _asker(stage: Stage, plot: Plot, *, by_clerk: bool) -> Actor:
    if by_clerk:
        return stage.counter(plot)
    return stage.persona("resident") if stage.is_resident(plot) else NOBODY


def _answers(plot: Plot) -> dict[str, str]:
    """Answer what must be answered, and most of the rest."""
    rng, answers = plot.rng, {}
    for question in plot.item.questions:
        if not question.required and rng.random() < 0.3:
            continue
        match question.kind:
            case "choice":
                answers[question.code] = rng.choice(question.choices)[0]
            case "yes_no":
                answers[question.code] = rng.choice(("yes", "yes", "no"))
            case "number":
                answers[question.code] = str(rng.randint(1, 6))
            case _:
                answers[question.code] = "到了再细说" if question.required else ""
    return answers
