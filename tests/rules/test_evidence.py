"""Every way of showing that the team was there, and its forged twin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.attendance.evidence import Expected, Position, Proof, judge, next_proof_at, qr_proof, weaker
from volunteer.attendance.models import Method
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.geo import Datum, Point, from_wgs84, to_wgs84
from volunteer.ledger.models import Grade

NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
HOUSE = Point(31.160, 120.640)
STREET = Point(31.161, 120.640)  # 111 m north
TOWN = Point(31.190, 120.640)  # 3.3 km north
SEED = "a-secret-that-only-the-residents-page-knows"
EXPECTED = Expected(about="order:88", seed=SEED, code="4711", place=HOUSE, fence_metres=150)


def here(accuracy=12.0, point=STREET):
    return Position(point, accuracy)


def shows(proof, at=NOON):
    return judge(proof, EXPECTED, at=at)


def test_the_start_code_with_the_position_is_an_a():
    shown = shows(Proof(code="4711", position=here()))
    assert (shown.method, shown.grade) == (Method.CODE_AND_POSITION, Grade.A)


def test_the_start_code_without_a_position_is_a_b():
    assert shows(Proof(code="4711")).grade is Grade.B


@pytest.mark.parametrize("position", [here(point=TOWN), here(accuracy=0.0), here(accuracy=5000.0), here(accuracy=float("nan"))])
def test_the_start_code_with_a_position_that_does_not_hold_is_only_a_b(position):
    shown = shows(Proof(code="4711", position=position))
    assert (shown.method, shown.grade) == (Method.CODE, Grade.B)


@pytest.mark.parametrize("code", ["4712", "471", "04711", "４７１１"])
def test_a_wrong_start_code_is_refused_even_at_the_door(code):
    with pytest.raises(Invalid, match="start code"):
        shows(Proof(code=code, position=here()))


def test_an_order_without_a_code_takes_none():
    with pytest.raises(Invalid):
        judge(Proof(code="4711"), Expected("order:88", SEED, None, HOUSE, 150), at=NOON)


def test_the_rotating_qr_is_a_b():
    shown = shows(Proof(qr=qr_proof(SEED, "order:88", NOON)), at=NOON + timedelta(seconds=40))
    assert (shown.method, shown.grade) == (Method.QR, Grade.B)
    assert shown.step is not None


@pytest.mark.parametrize(
    "forged",
    [
        qr_proof("another secret", "order:88", NOON),
        qr_proof(SEED, "order:89", NOON),
        qr_proof(SEED, "order:88", NOON)[:-1],
        qr_proof(SEED, "order:88", NOON) + "A",
        "9" * 40 + ".x",
        "٣.x",
        ".",
        "x",
    ],
)
def test_a_forged_qr_is_refused(forged):
    with pytest.raises(Invalid, match="not for this visit"):
        shows(Proof(qr=forged))


@pytest.mark.parametrize("late", [timedelta(seconds=91), timedelta(minutes=10), timedelta(days=1)])
def test_an_old_qr_is_refused(late):
    with pytest.raises(Conflict, match="run out"):
        shows(Proof(qr=qr_proof(SEED, "order:88", NOON)), at=NOON + late)


def test_a_qr_from_the_future_is_refused():
    with pytest.raises(Conflict, match="run out"):
        shows(Proof(qr=qr_proof(SEED, "order:88", NOON + timedelta(minutes=5))))


@given(st.integers(0, 29))
def test_the_qr_stays_for_thirty_seconds_and_then_changes(second):
    at = NOON + timedelta(seconds=second)
    assert qr_proof(SEED, "order:88", at) == qr_proof(SEED, "order:88", NOON)
    assert qr_proof(SEED, "order:88", next_proof_at(at)) != qr_proof(SEED, "order:88", at)


def test_the_position_alone_is_a_b():
    shown = shows(Proof(position=here()))
    assert (shown.method, shown.grade) == (Method.FENCE, Grade.B)


def test_the_phones_own_doubt_widens_the_fence_a_little():
    edge = Point(31.1623, 120.640)  # 255 m
    assert shows(Proof(position=Position(edge, 110))).grade is Grade.B
    with pytest.raises(Invalid, match="not there yet"):
        shows(Proof(position=Position(edge, 20)))


def test_a_position_far_away_is_refused():
    with pytest.raises(Invalid, match="not there yet"):
        shows(Proof(position=here(point=TOWN)))


@pytest.mark.parametrize("accuracy", [0.0, -5.0, 0.5, float("nan"), float("inf")])
def test_a_position_with_an_impossible_accuracy_is_refused(accuracy):
    with pytest.raises(Invalid, match="cannot be right"):
        shows(Proof(position=here(accuracy=accuracy)))


def test_a_position_that_is_anywhere_in_town_is_refused():
    with pytest.raises(Invalid, match="not sure"):
        shows(Proof(position=Position(TOWN, 5000)))


def test_a_shifted_map_would_miss_the_fence_and_a_converted_one_does_not():
    shifted = from_wgs84(HOUSE, Datum.GCJ02)
    with pytest.raises(Invalid, match="not there yet"):
        shows(Proof(position=Position(Point(*shifted), 10)))
    assert shows(Proof(position=Position(to_wgs84(shifted, Datum.GCJ02), 10))).grade is Grade.B


def test_the_leaders_roll_call_is_a_c():
    shown = shows(Proof())
    assert (shown.method, shown.grade) == (Method.ROLL_CALL, Grade.C)


def test_what_is_said_afterwards_is_a_d():
    assert shows(Proof(code="4711", position=here(), ended_at=NOON)).grade is Grade.D


@pytest.mark.parametrize(("one", "other"), [(a, b) for a in Grade for b in Grade])
def test_the_weaker_of_in_and_out_counts(one, other):
    assert weaker(one, other) == weaker(other, one) == max(one.value, other.value)
