"""A crew's day: visits never overlap, windows and promises are kept, what does not fit is named, and nothing better exists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volunteer.matching.dayplan import GRID, Binding, DayPlan, Stop, minutes_between, plan_day

NINE = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)  # 9:00 in Shanghai
HOME = (31.16, 120.64)


def at(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def stop(number: int, earliest: int, latest: int | None = None, *, minutes: int = 40, km: float = 0.0) -> Stop:
    spot = (HOME[0] + km / 111.2, HOME[1])
    return Stop(number, spot, minutes, at(earliest), at(earliest if latest is None else latest), promised=latest is None)


STOPS = st.lists(
    st.tuples(
        st.integers(0, 120).map(lambda five: five * 5),
        st.one_of(st.none(), st.integers(0, 240)),
        st.integers(10, 120),
        st.floats(0, 12, allow_nan=False),
    ),
    min_size=1,
    max_size=6,
).map(
    lambda rows: [stop(n + 1, a, None if w is None else a + w, minutes=m, km=round(k, 2)) for n, (a, w, m, k) in enumerate(rows)]
)


def check(plan: DayPlan, stops: list[Stop], home=None, starts=None) -> None:
    """Everything that a plan promises."""
    by_id = {one.id: one for one in stops}
    assert sorted([leg.stop_id for leg in plan.legs] + [one.stop_id for one in plan.left_out]) == sorted(by_id)
    before, ended = home, starts
    for leg in plan.legs:
        one = by_id[leg.stop_id]
        assert one.earliest <= leg.begins <= (one.earliest if one.promised else one.latest)
        assert leg.ends - leg.begins == timedelta(minutes=one.minutes)
        way = minutes_between(before, one.spot) if before is not None else 0
        assert leg.travel == way
        if ended is not None:
            assert leg.begins >= ended + timedelta(minutes=way)
        before, ended = one.spot, leg.ends


def brute_force(stops: list[Stop], home=None) -> tuple[int, int, int]:
    best = (0, 0, 0)
    for size in range(len(stops) + 1):
        for row in permutations(stops, size):
            before, ended, travel = home, None, 0
            for one in row:
                way = 0 if before is None else minutes_between(before, one.spot)
                begins = one.earliest if ended is None else max(one.earliest, ended + timedelta(minutes=way))
                if not one.promised:
                    late = int(begins.timestamp() // 60) % GRID
                    begins += timedelta(minutes=(GRID - late) % GRID)
                if begins > (one.earliest if one.promised else one.latest):
                    break
                before, ended, travel = one.spot, begins + timedelta(minutes=one.minutes), travel + way
            else:
                best = min(best, (-sum(one.promised for one in row), -len(row), travel))
    return best


@settings(max_examples=80, deadline=None)
@given(STOPS, st.sampled_from([None, HOME]))
def test_nothing_better_exists_than_the_plan(stops, home) -> None:
    plan = plan_day(stops, home=home)
    check(plan, stops, home)
    made = [one for one in stops if one.id in {leg.stop_id for leg in plan.legs}]
    assert (-sum(one.promised for one in made), -len(made), plan.travel) == brute_force(stops, home)


@settings(max_examples=60, deadline=None)
@given(STOPS, st.randoms(use_true_random=False))
def test_the_same_visits_in_another_order_make_the_same_plan(stops, chance) -> None:
    shuffled = stops[:]
    chance.shuffle(shuffled)
    assert plan_day(shuffled) == plan_day(stops)


def test_two_promises_at_the_same_time_are_named_and_neither_is_dropped_silently() -> None:
    plan = plan_day([stop(1, 0), stop(2, 20)])
    assert [leg.stop_id for leg in plan.legs] == [1]
    (left,) = plan.left_out
    assert (left.stop_id, left.why, left.other) == (2, Binding.OVERLAP, 1)


def test_too_far_to_be_there_in_time_says_from_where_and_when_at_the_soonest() -> None:
    plan = plan_day([stop(1, 0), stop(2, 45, km=8)])
    (left,) = plan.left_out
    assert (left.stop_id, left.why, left.other) == (2, Binding.TRAVEL, 1)
    assert left.soonest == at(40 + minutes_between(HOME, stop(2, 0, km=8).spot))


def test_a_promise_stands_and_the_others_go_around_it() -> None:
    plan = plan_day([stop(1, 60), stop(2, 0, 200), stop(3, 0, 200, km=2)])
    times = {leg.stop_id: leg.begins for leg in plan.legs}
    assert times[1] == at(60)
    assert not plan.left_out


def test_a_visit_over_midnight_keeps_the_next_one_waiting() -> None:
    late = stop(1, 14 * 60 + 30, minutes=60)  # 23:30
    plan = plan_day([late, stop(2, 14 * 60, 16 * 60, minutes=45)])
    assert [(leg.stop_id, leg.begins) for leg in plan.legs] == [(1, at(870)), (2, at(930))]


def test_what_is_too_far_from_home_or_too_late_says_so() -> None:
    plan = plan_day([stop(1, 0, 30, km=20), stop(2, 60, 10), stop(3, -300, -200)], home=HOME, starts=at(0))
    assert {left.stop_id: left.why for left in plan.left_out} == {1: Binding.HOME, 2: Binding.WINDOW, 3: Binding.WINDOW}


def test_a_full_day_says_that_it_is_full() -> None:
    plan = plan_day([stop(n, 0, 120, minutes=60) for n in range(1, 6)])
    assert len(plan.legs) == 3
    assert {left.why for left in plan.left_out} <= {Binding.FULL, Binding.OVERLAP}


def test_an_empty_day_is_an_empty_plan() -> None:
    assert plan_day([]) == DayPlan((), (), 0)


def test_bad_visits_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="twice"):
        plan_day([stop(1, 0), stop(1, 60)])
    with pytest.raises(ValueError, match="visit 1"):
        plan_day([stop(1, 0, minutes=0)])
    with pytest.raises(ValueError, match="visit 1"):
        plan_day([Stop(1, (float("nan"), 120.0), 40, NINE, NINE)])


def a_long_day(count: int) -> list[Stop]:
    """Visits here and there, from a fixed rule."""
    return [
        stop(n, (n * 37) % 300, None if n % 4 == 0 else (n * 37) % 300 + 180, minutes=15 + n % 3 * 10, km=(n * 53 % 90) / 10)
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize("count", [9, 12, 20])
def test_a_long_day_is_routed_and_keeps_every_rule(count: int) -> None:
    stops = a_long_day(count)
    plan = plan_day(stops, home=HOME)
    check(plan, stops, HOME)
    assert plan == plan_day(list(reversed(stops)), home=HOME)


def test_routing_keeps_every_promise_and_comes_close_to_the_exact_plan() -> None:
    made = best = 0
    for shift in range(4):
        stops = a_long_day(8 + shift)[shift:]
        exact, routed = plan_day(stops, home=HOME), plan_day(stops, home=HOME, exact=6)
        check(routed, stops, HOME)
        promised = {one.id for one in stops if one.promised}
        assert promised & {leg.stop_id for leg in exact.legs} == promised & {leg.stop_id for leg in routed.legs}
        made, best = made + len(routed.legs), best + len(exact.legs)
    assert made >= best - 1
