"""The flow is the largest and proved; pairs that were cut are proved away or added; exchanges put it right."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.boards import POLICY, a_county
from volunteer.matching import (
    assign,
    optimum,
    pricing,
    score,
)
from volunteer.matching.board import GRAIN
from volunteer.matching.certificate import NotTheLargest, bound, duals, proves
from volunteer.matching.flow import Flow, network, solve, value
from volunteer.matching.optimum import LEVELS
from volunteer.matching.repair import Exchange


def all_pairs(requests, teams, policy, most_first):
    """Return the network of every possible pair, valued by ``score`` alone."""
    found = [
        (row, col, round(match.score * GRAIN))
        for row, request in enumerate(requests)
        for col, team in enumerate(teams)
        if (match := score(request, team, policy))
    ]
    rows, cols, gains = (np.array(column) for column in zip(*found, strict=True))
    room = np.array([max(0, team.capacity - team.load) for team in teams])
    seats = [GRAIN * policy.load_price * (load / t.capacity) ** 2 for t in teams for load in range(t.load, t.capacity)]
    bypass = [10**9 * (1 + math.ceil(LEVELS * request.urgency)) if most_first else 0 for request in requests]
    prices = np.rint(seats).astype(np.int64)
    return network(rows, cols, gains, room, bypass=np.array(bypass), seat_prices=prices)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("most_first", [True, False])
@pytest.mark.parametrize("near", [1, 4, 50])
def test_what_was_cut_is_proved_away_for_a_whole_county(seed, most_first, near):
    requests, teams = a_county(seed)
    plan = assign(requests, teams, POLICY, near=near, most_first=most_first)
    net = all_pairs(requests, teams, POLICY, most_first)
    assert plan.gap == 0
    if most_first:
        flow = solve(net)
        assert levels_of(requests, plan.teams) == levels_of(requests, [requests[at].id for at in np.flatnonzero(flow.arc >= 0)])
    best = value(net, solve(net)) - sum(int(net.bypass[at]) for at, one in enumerate(requests) if one.id in plan.teams)
    assert plan.total == pytest.approx(best / GRAIN, abs=1e-3)
    assert proves(plan.best.net, plan.best.flow, plan.best.proof)


def levels_of(requests, served):
    """Return how urgent those are who are served."""
    return sorted(math.ceil(LEVELS * request.urgency) for request in requests if request.id in set(served))


def test_very_many_better_pairs_are_added_a_few_at_a_time(monkeypatch):
    requests, teams = a_county(9)
    whole = assign(requests, teams, POLICY)
    monkeypatch.setattr(pricing, "MANY", 8)
    monkeypatch.setattr(pricing, "ENOUGH", 2)
    monkeypatch.setattr(pricing, "LOOKED_AT", 3)
    monkeypatch.setattr(pricing, "PAIRS", 5)
    few = assign(requests, teams, POLICY, near=1)
    assert few.total == pytest.approx(whole.total)
    assert (few.gap, few.served) == (0, whole.served)


def test_a_gap_that_is_left_bounds_the_best(monkeypatch):
    requests, teams = a_county(3)
    best = assign(requests, teams, POLICY, most_first=False)
    monkeypatch.setattr(optimum, "ROUNDS", 0)
    cut = assign(requests, teams, POLICY, near=2, most_first=False)
    assert cut.gap > 0
    assert cut.total < best.total <= cut.bound


@st.composite
def networks(draw):
    """Any small network: gains below 0, teams without seats, dear seats, orders that are dear to leave out."""
    teams = draw(st.integers(1, 4))
    orders = draw(st.integers(1, 6))
    pairs = draw(st.sets(st.tuples(st.integers(0, orders - 1), st.integers(0, teams - 1))))
    rows, cols = (np.array([pair[at] for pair in sorted(pairs)], dtype=np.int64) for at in (0, 1))
    gains = np.array([draw(st.integers(-3, 12)) for _ in pairs], dtype=np.int64)
    capacities = np.array([draw(st.integers(0, 3)) for _ in range(teams)], dtype=np.int64)
    seats = [price for room in capacities for price in sorted(draw(st.integers(0, 6)) for _ in range(room))]
    bypass = np.array([draw(st.sampled_from((0, 0, 3, 10_000))) for _ in range(orders)], dtype=np.int64)
    return network(rows, cols, gains, capacities, bypass=bypass, seat_prices=np.array(seats, dtype=np.int64))


@settings(max_examples=200, deadline=None)
@given(networks())
def test_the_prices_prove_the_flow(net):
    flow = solve(net)
    proof = duals(net, flow)
    assert proves(net, flow, proof)
    assert bound(net, proof) == value(net, flow)
    slack = proof.surplus[net.rows] + proof.prices[net.cols] - net.gains - net.bypass[net.rows]
    assert (slack[flow.arc[flow.arc >= 0]] == 0).all()  # whoever is served pays what it is worth
    assert (proof.surplus[flow.arc < 0] == 0).all()
    assert (flow.taken <= net.seats).all()


@settings(max_examples=200, deadline=None)
@given(networks(), st.data())
def test_more_arcs_are_put_right_by_exchanges_alone(net, data):
    kept = np.array([data.draw(st.booleans()) for _ in net.rows], dtype=bool)
    part = replace(net, rows=net.rows[kept], cols=net.cols[kept], gains=net.gains[kept])
    flow = solve(part)
    proof = duals(part, flow)
    wide = flow.arc.copy()
    wide[flow.arc >= 0] = np.flatnonzero(kept)[flow.arc[flow.arc >= 0]]
    worth = net.bypass[net.rows] + net.gains
    better = np.unique(net.rows[worth > proof.surplus[net.rows] + proof.prices[net.cols]])
    after, proved = Exchange(net, Flow(wide, flow.col, flow.taken), proof).again(better.tolist(), 10**6)
    assert value(net, after) == value(net, solve(net))
    assert proves(net, after, proved)


def test_a_flow_that_is_not_the_largest_cannot_be_proved():
    arcs = np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([5, 4, 5])
    net = network(*arcs, np.array([1, 1]))
    poor = Flow(np.array([0, -1]), np.array([0, -1], dtype=np.int32), np.array([1, 0]))
    with pytest.raises(ValueError, match="not the largest"):
        duals(net, poor)


def test_gains_that_do_not_fit_are_refused():
    with pytest.raises(OverflowError):
        solve(network(np.array([0]), np.array([0]), np.array([1 << 60]), np.array([1])))


def test_a_long_chain_of_exchanges_is_worth_serving_one_more():
    """Everybody has a team at the door, one more wants the first: all move on by one, to teams that are good for nothing."""
    count = 3 * optimum.SPANS
    rows = [*range(count), *range(count), count]
    cols = [*range(count), *range(1, count + 1), 0]
    gains = np.array([10] * count + [0] * count + [0])
    bypass = np.full(count + 1, 1000 * count)
    net = network(np.array(rows), np.array(cols), gains, np.ones(count + 1, np.int64), bypass=bypass)
    flow, proof = optimum.solved(net)
    assert flow.served == count + 1
    assert proves(net, flow, proof)
    gentle = solve(replace(net, bypass=np.full(count + 1, optimum.SPANS * 11)))
    with pytest.raises(NotTheLargest):
        duals(net, gentle)
