"""Many at once at one board, and a job that goes on where another died: one plan for a desk, one offer for an order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.databases import Database
from volunteer.access import Role
from volunteer.kernel import errands
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.orders.jobs import plan_boards
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import Offer, ServiceOrder
from volunteer.orders.plans import batch_offering, batching, planning
from volunteer.orders.plans.batching import ATTEMPTS, LEASE
from volunteer.orders.plans.lifecycle import LineState, RunState
from volunteer.orders.plans.models_runs import DispatchLine, DispatchRun

SOON = NOON + timedelta(seconds=10)


@pytest.fixture
def stored(database: Database, keyring: Keyring):
    """Write rows of a test in a transaction that stays; errands are run as the job process runs them."""

    def run(build, at=SOON):
        with Session(database.engine, info={"keyring": keyring}, expire_on_commit=False) as session:
            with write(session):
                built = build(session)
            for errand in errands.take(session):
                outcome = errand.go()
                with write(session):
                    errand.settle(session, outcome, at)
            return built

    return run


def a_board(session: Session, orders: int = 12) -> dict[str, object]:
    """A county with two branches, their orders, teams and dispatchers, and a dispatcher of the centre."""
    centre, branch, station = make.a_county(session)
    other = make.a_site(session, centre)
    item = make.an_item(session, centre)
    for place in (station, make.a_site(session, other)):
        make.a_team(session, place, capacity=99)
        for _ in range(orders):
            make.an_order(session, place, item=item, status=Status.VERIFIED)
    desks = [centre, branch, other]
    return {
        "desks": [desk.id for desk in desks],
        "staff": [[make.staff(session, Role.DISPATCHER, desk) for _ in range(4)] for desk in desks],
    }


def work(stored, times: int = 99) -> int:
    """Let the job go on until nothing is left to do; return in how many pieces."""
    return next(n for n in range(times) if not stored(lambda session: plan_boards(session, SOON)))


def test_of_many_who_start_at_one_desk_one_has_a_plan(database, stored, at_once):
    built = stored(a_board)
    branch, staff = built["desks"][1], built["staff"][1]
    acts = [lambda s, who=who: batching.start_run(s, who, branch, at=NOON) for who in staff]
    assert at_once(acts) == {"done": 1, "refused": 3}
    with Session(database.engine) as session:
        assert session.scalar(select(func.count()).select_from(DispatchRun)) == 1


def test_a_desk_and_the_one_above_that_start_at_once_share_no_order(database, stored, at_once):
    built = stored(a_board)
    acts = [
        lambda s, who=who, desk=desk: batching.start_run(s, who, desk, at=NOON)
        for desk, staff in zip(built["desks"], built["staff"], strict=True)
        for who in staff
    ]
    assert at_once(acts)["done"] <= 3
    work(stored)
    with Session(database.engine) as session:
        assert set(session.scalars(select(DispatchRun.state))) == {RunState.READY}
        planned = Counter(session.scalars(select(DispatchLine.order_id)))
        assert set(planned.values()) == {1}
        assert len(planned) == 24


def test_the_request_and_the_job_that_offer_at_once_make_one_offer_for_each_order(database, stored, at_once):
    built = stored(a_board)
    centre, chief = built["desks"][0], built["staff"][0][0]
    run_id = stored(lambda s: batching.start_run(s, chief, centre, at=NOON)).id
    work(stored)
    stored(lambda s: batching.accept_lines(s, chief, run_id, None, at=SOON))
    acts: list[Callable[[Session], object]] = [lambda s: batch_offering.offer_next(s, run_id, at=SOON)] * 20
    at_once(acts + [lambda s: plan_boards(s, SOON)] * 20)
    work(stored)
    with Session(database.engine) as session:
        assert set(Counter(session.scalars(select(Offer.order_id))).values()) == {1}
        assert set(session.scalars(select(DispatchLine.state))) == {LineState.OFFERED}
        assert set(session.scalars(select(ServiceOrder.status))) == {Status.OFFERED}
        assert session.get_one(DispatchRun, run_id).state is RunState.ACCEPTED


def test_the_job_takes_a_plan_that_waits_and_says_how_far_it_is(database, stored, monkeypatch):
    monkeypatch.setattr(batching, "SLICE", 5)
    built = stored(a_board)
    centre, chief = built["desks"][0], built["staff"][0][0]
    run_id = stored(lambda s: batching.start_run(s, chief, centre, at=NOON)).id
    assert stored(lambda s: plan_boards(s, NOON)) == 0  # for a few seconds it is left to the request
    seen = []
    while stored(lambda s: plan_boards(s, SOON)):
        with Session(database.engine) as session:
            run = session.get_one(DispatchRun, run_id)
            seen.append((run.state, run.done))
    assert seen[0] == (RunState.WRITING, 0)
    assert [done for _, done in seen[1:]] == [5, 10, 15, 20, 24]
    assert seen[-1][0] is RunState.READY


def test_who_dies_over_a_plan_is_taken_over_and_not_listened_to_later(database, stored):
    built = stored(a_board)
    centre, chief = built["desks"][0], built["staff"][0][0]
    run_id = stored(lambda s: batching.start_run(s, chief, centre, at=NOON)).id
    late = stored(lambda s: batching.begin_plan(s, run_id, at=NOON))
    assert stored(lambda s: plan_boards(s, SOON)) == 0
    taken = stored(lambda s: batching.begin_plan(s, run_id, at=NOON + LEASE))
    assert stored(lambda s: batching.keep_plan(s, late, late.answer(), at=NOON + LEASE)) is None
    assert stored(lambda s: batching.keep_plan(s, taken, taken.answer(), at=NOON + LEASE)).state is RunState.WRITING


def test_a_plan_over_which_planners_keep_dying_is_given_up_and_its_desk_is_free(database, stored):
    built = stored(a_board)
    branch, staff = built["desks"][1], built["staff"][1]
    run_id = stored(lambda s: batching.start_run(s, staff[0], branch, at=NOON)).id
    for n in range(ATTEMPTS + 1):
        stored(lambda s, n=n: batching.begin_plan(s, run_id, at=NOON + n * LEASE))
    with Session(database.engine) as session:
        run = session.get_one(DispatchRun, run_id)
        assert (run.state, run.fault) == (RunState.FAILED, "planner_died")
    assert stored(lambda s: batching.start_run(s, staff[1], branch, at=NOON + 4 * LEASE)).id != run_id


def test_a_solver_that_fails_says_so_and_frees_the_desk(database, stored, monkeypatch):
    monkeypatch.setattr(planning.Task, "answer", lambda self: ValueError("too many"))
    built = stored(a_board)
    branch, staff = built["desks"][1], built["staff"][1]
    run_id = stored(lambda s: batching.start_run(s, staff[0], branch, at=NOON)).id
    work(stored)
    with Session(database.engine) as session:
        run = session.get_one(DispatchRun, run_id)
        assert (run.state, run.fault) == (RunState.FAILED, "ValueError")
    assert stored(lambda s: batching.start_run(s, staff[1], branch, at=SOON)).id != run_id
