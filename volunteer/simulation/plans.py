"""一键派单 in the demo county: this morning's dispatcher looked at a plan for the whole county and went on by hand."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from volunteer.orders.plans import batching
from volunteer.simulation.settling import World
from volunteer.simulation.stage import Stage

EARLIER, LOOKED = timedelta(minutes=52), timedelta(minutes=4)


def plan_the_morning(session: Session, world: World) -> None:
    """Leave one plan that was made and dropped. Draws no lots, moves no order."""
    dispatcher, at = Stage(session, world).persona("dispatcher"), world.at - EARLIER
    run = batching.start_run(session, dispatcher, world.centre, at=at)
    task = batching.begin_plan(session, run.id, at=at)
    if task is not None:
        batching.keep_plan(session, task, task.answer(), at=at)
    while batching.write_lines(session, run.id, at=at):
        pass
    batching.drop_run(session, dispatcher, run.id, at=at + LOOKED)
