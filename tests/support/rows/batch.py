"""Who may have a plan made for a whole board, look at it, send it and drop it."""

from __future__ import annotations

from sqlalchemy import select

from tests.support.everybody import County
from tests.support.rows import IN, Row, Values
from volunteer.accounts.queries import load_actor
from volunteer.kernel.clock import now
from volunteer.orders.lifecycle import Status
from volunteer.orders.plans import batching
from volunteer.orders.plans.lifecycle import UNDER_HAND, LineState
from volunteer.orders.plans.models_runs import DispatchLine, DispatchRun
from volunteer.places.models import Site
from volunteer.web.unit import transaction


def free(county: County, values: Values) -> Values:
    """No plan is open; the id of the branch."""
    with county.app.app_context(), transaction() as session:
        acting = load_actor(session, county.ids["dispatcher"], now())
        assert acting
        for run_id in session.scalars(select(DispatchRun.id).where(DispatchRun.state.in_(sorted(UNDER_HAND)))).all():
            batching.drop_run(session, acting.actor, run_id, at=now())
        station = session.get_one(Site, county.station)
        return {"branch": station.parent_id}


def a_run(county: County, values: Values) -> Values:
    """The dispatcher's plan for the branch, ready; the id of one of its lines."""
    branch = free(county, values)["branch"]
    with county.app.app_context(), transaction() as session:
        acting = load_actor(session, county.ids["dispatcher"], now())
        assert acting
        run = batching.start_run(session, acting.actor, branch, at=now())
        task = batching.begin_plan(session, run.id, at=now())
        assert task
        batching.keep_plan(session, task, task.answer(), at=now())
        while batching.write_lines(session, run.id, at=now()):
            pass
        proposed = (DispatchLine.run_id == run.id, DispatchLine.state == LineState.PROPOSED)
        line = session.scalars(select(DispatchLine.id).where(*proposed)).first()
        return {"run_id": run.id, "line": line}


def nobody_found(county: County, values: Values) -> Values:
    """A plan with a line for which there is nobody."""
    made = a_run(county, values)
    with county.app.app_context(), transaction() as session:
        line = session.get_one(DispatchLine, made["line"])
        line.state, line.team_id = LineState.UNSERVED, None
    return made


def plan(**more) -> Row:
    return Row("dispatcher", order=Status.VERIFIED, extra=a_run, **more)


ROWS: dict[str, Row] = {
    "GET /board/all": Row("dispatcher", IN, hides=True),
    "POST /board/all": Row("dispatcher", order=Status.VERIFIED, extra=free, data=lambda values: {"site": str(values["branch"])}),
    "GET /board/all/<int:run_id>": plan(),
    "GET /board/all/<int:run_id>/live": plan(),
    "GET /board/all/<int:run_id>/ways": plan(),
    "POST /board/all/<int:run_id>/accept": plan(data=lambda values: {"line": str(values["line"])}),
    "POST /board/all/<int:run_id>/again": plan(),
    "POST /board/all/<int:run_id>/up": plan(data=lambda values: {"up": str(values["line"]), "reason": "人手不够"})._replace(
        extra=nobody_found
    ),
    "POST /board/all/<int:run_id>/drop": plan(),
}
