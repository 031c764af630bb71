"""一键派单: one plan for a desk, what it respects, who may have one open, and what becomes of each of its lines. On both databases."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from volunteer.access import Role
from volunteer.audit.models import AuditEntry
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.messaging.models import Message
from volunteer.orders import dispatching, holding
from volunteer.orders.accepting import decline_offer
from volunteer.orders.lifecycle import OfferState, Status
from volunteer.orders.models import Offer, OfferHow
from volunteer.orders.plans import batch_offering, batching, planning, queries_runs
from volunteer.orders.plans.batching import PATIENCE, Wishes
from volunteer.orders.plans.lifecycle import LineState, RunState
from volunteer.orders.plans.models_runs import DispatchClaim, DispatchLine, DispatchRun
from volunteer.orders.prices.models_prices import PriceSet

LATER = NOON + timedelta(minutes=2)


class Desk:
    """A branch with three orders side by side and two teams: the near one has room for two, the far one for two."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.centre, self.branch, self.station = make.a_county(session)
        self.item = make.an_item(session, self.centre)
        self.near = make.a_team(session, self.station, name="近队", latitude=31.165, capacity=2)
        self.far = make.a_team(session, self.station, name="远队", latitude=31.20, capacity=2)
        self.orders = [self.order(latitude=31.16 + n / 1000) for n in range(3)]
        self.dispatcher = make.staff(session, Role.DISPATCHER, self.branch)
        self.colleague = make.staff(session, Role.DISPATCHER, self.branch, name="孙试")
        self.chief = make.staff(session, Role.DISPATCHER, self.centre, name="钱总台")

    def order(self, **values):
        station = values.pop("station", self.station)
        status = values.pop("status", Status.VERIFIED)
        return make.an_order(self.session, station, item=self.item, status=status, **values)

    def start(self, by=None, site=None, at=NOON) -> DispatchRun:
        return batching.start_run(self.session, by or self.dispatcher, (site or self.branch).id, at=at)

    def work(self, run: DispatchRun, at=NOON) -> DispatchRun:
        task = batching.begin_plan(self.session, run.id, at=at)
        assert task is not None
        batching.keep_plan(self.session, task, task.answer(), at=at)
        while batching.write_lines(self.session, run.id, at=at):
            pass
        return run

    def plan(self, **how) -> DispatchRun:
        return self.work(self.start(**how), how.get("at", NOON))

    def again(self, run: DispatchRun, wishes: Wishes, at=LATER) -> DispatchRun:
        return self.work(batching.plan_again(self.session, self.dispatcher, run.id, wishes, at=at), at)

    def lines(self, run: DispatchRun) -> dict[int, DispatchLine]:
        found = select(DispatchLine).where(DispatchLine.run_id == run.id).execution_options(populate_existing=True)
        return {line.order_id: line for line in self.session.scalars(found)}

    def teams(self, run: DispatchRun) -> dict[str, int]:
        return Counter(line.team.name for line in self.lines(run).values() if line.team)

    def states(self, run: DispatchRun) -> dict[str, int]:
        return Counter(line.state.value for line in self.lines(run).values())

    def accept(self, run: DispatchRun, *lines: DispatchLine, by=None, at=LATER) -> None:
        ids = [line.id for line in lines] or None
        batching.accept_lines(self.session, by or self.dispatcher, run.id, ids, at=at)
        while batch_offering.offer_next(self.session, run.id, at=at):
            pass

    def audited(self) -> list[str]:
        return list(
            self.session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("run_")).order_by(AuditEntry.id))
        )


@pytest.fixture
def desk(session: Session) -> Desk:
    return Desk(session)


def test_a_plan_serves_everybody_within_the_capacities_and_sends_nothing(desk, session):
    run = desk.plan()
    assert run.state is RunState.READY
    assert (run.waiting, run.served, run.gap) == (3, 3, 0)
    assert desk.teams(run) == {"近队": 2, "远队": 1}
    assert session.scalar(select(func.count()).select_from(Offer)) == 0
    assert all(order.status is Status.VERIFIED for order in desk.orders)


def test_each_line_has_the_reasons_of_an_offer_by_hand_and_who_else_could(desk):
    run = desk.plan()
    changed = [line for line in desk.lines(run).values() if line.team_id != line.first_team_id]
    assert run.changed == len(changed) == 1
    (line,) = changed
    assert (line.team.name, line.first_team.name) == ("远队", "近队")
    assert (line.rank, line.candidates) == (2, 2)
    assert line.reasons["parts"]["skill"] == pytest.approx(0.9)
    assert line.metres > 3000
    assert [other["team"] for other in line.others] == [desk.near.id]


def test_who_finds_nobody_hears_why(desk):
    for team in (desk.near, desk.far):
        team.capacity = 1
    run = desk.plan()
    (unserved,) = [line for line in desk.lines(run).values() if line.state is LineState.UNSERVED]
    assert unserved.obstacle
    assert run.served == 2
    assert len(unserved.others) == 2  # who could do it, were they not needed elsewhere


def test_an_order_that_is_with_a_team_stays_there_and_keeps_its_place(desk):
    dispatching.offer_to(desk.session, desk.dispatcher, desk.orders[0].id, [desk.near.id], at=NOON)
    run = desk.plan()
    assert desk.lines(run)[desk.orders[0].id].state is LineState.KEPT
    assert (run.kept, run.served) == (1, 2)
    assert desk.teams(run)["近队"] == 2  # the kept one and one more


def test_a_team_that_said_no_is_not_asked_again(desk, session):
    (offer,) = dispatching.offer_to(session, desk.dispatcher, desk.orders[0].id, [desk.near.id], at=NOON)
    decline_offer(session, make.leader_of(session, desk.near), offer.id, "没空", at=NOON)
    again = [one for one in desk.orders[0].offers if one.state is OfferState.OPEN]
    assert [one.team.name for one in again] == ["远队"]
    decline_offer(session, make.leader_of(session, desk.far), again[0].id, "没空", at=NOON)
    run = desk.plan(by=desk.chief, site=desk.centre)
    line = desk.lines(run)[desk.orders[0].id]
    assert (line.state, line.team_id) == (LineState.UNSERVED, None)


def test_a_wish_is_a_lock_and_the_rest_is_planned_around_it(desk):
    run = desk.plan()
    farther = next(line for line in desk.lines(run).values() if line.team.name == "远队")
    nearer = next(line for line in desk.lines(run).values() if line.team.name == "近队")
    orders = farther.order_id, nearer.order_id
    run = desk.again(run, Wishes({farther.id: desk.near.id, nearer.id: desk.far.id}))
    lines = desk.lines(run)
    assert [lines[one].team.name for one in orders] == ["近队", "远队"]
    assert [lines[one].wished for one in orders] == [True, True]
    assert desk.teams(run) == {"近队": 2, "远队": 1}


def test_what_is_left_out_frees_its_place_and_may_come_back(desk):
    run = desk.plan()
    nearer = next(line for line in desk.lines(run).values() if line.team.name == "近队")
    order_id = nearer.order_id
    run = desk.again(run, Wishes({}, frozenset({nearer.id})))
    assert desk.lines(run)[order_id].state is LineState.LEFT_OUT
    assert desk.teams(run) == {"近队": 2}
    run = desk.again(run, Wishes({}, back=frozenset({desk.lines(run)[order_id].id})))
    assert desk.states(run) == {"proposed": 3}


def test_only_teams_that_were_proposed_instead_may_be_wished(desk, session):
    run = desk.plan()
    line = next(iter(desk.lines(run).values()))
    stranger = make.a_team(session, desk.station, skills=("haircut",))
    with pytest.raises(Invalid):
        batching.plan_again(session, desk.dispatcher, run.id, Wishes({line.id: stranger.id}), at=LATER)
    with pytest.raises(NotFound):
        batching.plan_again(session, desk.dispatcher, run.id, Wishes({10**8: desk.near.id}), at=LATER)


def test_everything_accepted_is_offered_and_the_plan_is_over(desk, session):
    run = desk.plan()
    desk.accept(run)
    offers = session.scalars(select(Offer)).all()
    assert [(one.how, one.run_id, one.made_by) for one in offers] == [(OfferHow.BATCH, run.id, desk.dispatcher.user_id)] * 3
    assert all(one.reasons["plan"]["run"] == run.id and one.rank for one in offers)
    assert run.state is RunState.ACCEPTED
    assert session.scalar(select(func.count()).select_from(DispatchClaim)) == 0
    assert session.scalar(select(func.count()).select_from(Message).where(Message.template == "offer_made")) >= 2
    assert desk.audited() == ["run_started", "run_accepted"]


def test_some_accepted_leave_the_rest_open_and_twice_is_once(desk, session):
    run = desk.plan()
    first = desk.lines(run)[desk.orders[0].id]
    desk.accept(run, first)
    desk.accept(run, first)
    assert desk.states(run) == {"offered": 1, "proposed": 2}
    assert session.scalar(select(func.count()).select_from(Offer)) == 1
    batching.drop_run(session, desk.dispatcher, run.id, at=LATER)
    assert run.state is RunState.PART
    assert desk.audited() == ["run_started", "run_accepted", "run_dropped"]


def test_after_some_were_sent_the_rest_can_be_planned_again(desk):
    run = desk.plan()
    desk.accept(run, desk.lines(run)[desk.orders[0].id])
    run = desk.again(run, Wishes({}))
    assert desk.states(run) == {"offered": 1, "proposed": 2}


def test_an_order_that_moved_on_is_reported_and_does_not_stop_the_others(desk, session):
    run = desk.plan()
    dispatching.give_up(session, desk.dispatcher, desk.orders[0].id, "居民搬走了", at=LATER)
    holding.take_hold(session, desk.colleague, desk.orders[1].id, at=LATER)
    assert queries_runs.moved(session, run) == (1, 0)
    desk.accept(run)
    assert [desk.lines(run)[order.id].state for order in desk.orders] == [LineState.MOVED_ON, LineState.HELD, LineState.OFFERED]
    assert desk.lines(run)[desk.orders[1].id].facts["name"] == "孙试"
    assert run.state is RunState.PART


def test_a_team_that_filled_up_meanwhile_is_not_asked(desk, session):
    run = desk.plan()
    for _ in range(2):
        desk.order(team_id=desk.near.id, status=Status.ACCEPTED)
    desk.accept(run)
    assert desk.states(run) == {"moved_on": 2, "offered": 1}


def test_a_new_order_and_a_changed_one_are_told(desk, session):
    run = desk.plan()
    assert not queries_runs.moved(session, run)
    desk.order()
    desk.orders[0].nudges += 1
    session.flush()  # the figures come from the database
    assert queries_runs.moved(session, run) == (1, 1)


def test_a_second_plan_for_the_same_desk_is_refused_by_name_and_one_s_own_is_shown_again(desk):
    run = desk.start()
    assert desk.start().id == run.id
    with pytest.raises(Conflict, match="has a plan open"):
        desk.start(by=desk.colleague)
    batching.drop_run(desk.session, desk.colleague, run.id, at=NOON)  # any dispatcher of the desk may
    assert desk.start(by=desk.colleague).id != run.id


def test_a_plan_above_leaves_out_the_desk_below_that_has_its_own(desk, session):
    other_branch = make.a_site(session, desk.centre)
    elsewhere = desk.order(station=make.a_site(session, other_branch))
    below = desk.plan()
    above = desk.plan(by=desk.chief, site=desk.centre)
    assert set(desk.lines(above)) == {elsewhere.id}
    assert not set(desk.lines(above)) & set(desk.lines(below))
    assert above.skipped == [desk.branch.path]
    with pytest.raises(Conflict, match="has a plan open"):
        desk.start(by=make.staff(session, Role.DISPATCHER, other_branch), site=other_branch)


def test_nobody_of_another_place_starts_sees_or_drops_it(desk, session):
    run = desk.plan()
    stranger = make.staff(session, Role.DISPATCHER, make.a_site(session, desk.centre))
    for act in (
        lambda: batching.start_run(session, stranger, desk.branch.id, at=NOON),
        lambda: queries_runs.run_of(session, stranger, run.id),
        lambda: batching.plan_again(session, stranger, run.id, Wishes({}), at=NOON),
        lambda: batching.accept_lines(session, stranger, run.id, None, at=NOON),
        lambda: batching.drop_run(session, stranger, run.id, at=NOON),
    ):
        with pytest.raises(NotFound):
            act()


def test_an_empty_board_has_no_plan_and_unsorted_orders_are_none(desk, session):
    for order in desk.orders:
        order.item = None
    session.flush()  # the count is the database's
    with pytest.raises(Conflict, match="Nothing waits"):
        desk.start()


def test_a_plan_that_nobody_decides_about_gives_the_desk_back(desk, session):
    run = desk.plan()
    assert batching.end_stale(session, at=NOON + PATIENCE - timedelta(seconds=1)) == 0
    assert batching.end_stale(session, at=NOON + PATIENCE) == 1
    assert run.state is RunState.STALE
    with pytest.raises(Conflict, match="over"):
        batching.accept_lines(session, desk.dispatcher, run.id, None, at=LATER)
    assert desk.start(by=desk.colleague).id != run.id


def test_a_team_that_later_orders_will_want_is_spared(desk, session):
    values = {"made_at": NOON, "orders": 300, "days": 20, "used": True}
    session.add(PriceSet(site=desk.centre, day=NOON.date(), prices={str(desk.near.id): 0.9}, **values))
    run = desk.plan()
    assert run.learned
    assert desk.teams(run)["远队"] == 2
    assert any(line.price >= 0.9 for line in desk.lines(run).values())


def test_no_teams_at_all_is_a_plan_in_which_nobody_is_found(desk, session):
    for team in (desk.near, desk.far):
        team.closed_at = NOON
    run = desk.plan()
    assert (run.served, desk.states(run)) == (0, {"unserved": 3})


def test_the_most_pressing_orders_come_first_when_a_board_is_larger_than_a_plan(desk, monkeypatch):
    monkeypatch.setattr(planning, "MOST", 2)
    desk.orders[2].urgent = True
    run = desk.plan()
    assert (run.waiting, len(desk.lines(run))) == (3, 2)
    assert desk.orders[2].id in desk.lines(run)


def test_who_finds_nobody_goes_up_with_the_reason_and_out_of_the_plan(desk, session):
    for team in (desk.near, desk.far):
        team.capacity = 1
    run = desk.plan()
    (line,) = [line for line in desk.lines(run).values() if line.state is LineState.UNSERVED]
    with pytest.raises(Invalid):
        batch_offering.pass_up_lines(session, desk.dispatcher, run.id, [line.id], " ", at=LATER)
    for _ in range(2):
        batch_offering.pass_up_lines(session, desk.dispatcher, run.id, [line.id], "本所人手不够", at=LATER)
    assert line.state is LineState.PASSED_UP
    assert line.order.desk_path == desk.centre.path
    assert [event.what for event in line.order.events] == ["escalate"]
    assert not queries_runs.moved(session, run)


def test_an_order_that_cannot_go_up_says_why_and_the_others_do(desk, session):
    for team in (desk.near, desk.far):
        team.capacity = 0
    run = desk.plan()
    holding.take_hold(session, desk.colleague, desk.orders[0].id, at=LATER)
    ids = [line.id for line in desk.lines(run).values()]
    batch_offering.pass_up_lines(session, desk.dispatcher, run.id, ids, "本所人手不够", at=LATER)
    assert desk.states(run) == {"held": 1, "passed_up": 2}


def test_lines_that_have_a_team_are_not_passed_up_nor_those_of_another_plan(desk, session):
    run = desk.plan()
    line = next(iter(desk.lines(run).values()))
    for ids in ([line.id], [10**8]):
        with pytest.raises(NotFound):
            batch_offering.pass_up_lines(session, desk.dispatcher, run.id, ids, "试", at=LATER)
