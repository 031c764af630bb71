"""The table of legal moves, pair by pair."""

from __future__ import annotations

from volunteer.orders.lifecycle import OPEN, TRANSITIONS, Status

ENDS = {Status.WITHDRAWN}


def test_the_table_is_the_one_that_was_agreed() -> None:
    moves = {(before.value, action.value, after.value) for (before, action), after in TRANSITIONS.items()}
    assert moves == {
        ("placed", "verify", "verified"),
        ("placed", "reject", "rejected"),
        ("placed", "withdraw", "withdrawn"),
        ("rejected", "correct", "placed"),
        ("verified", "offer", "offered"),
        ("verified", "claim", "accepted"),
        ("verified", "give_up", "unmet"),
        ("verified", "hand_over", "verified"),
        ("verified", "withdraw", "withdrawn"),
        ("offered", "accept", "accepted"),
        ("offered", "lapse", "verified"),
        ("offered", "recall", "verified"),
        ("offered", "withdraw", "withdrawn"),
        ("accepted", "set_out", "under_way"),
        ("accepted", "check_in", "in_service"),
        ("accepted", "release", "verified"),
        ("accepted", "recall", "verified"),
        ("accepted", "withdraw", "withdrawn"),
        ("under_way", "check_in", "in_service"),
        ("under_way", "nobody_home", "verified"),
        ("under_way", "release", "verified"),
        ("under_way", "recall", "verified"),
        ("under_way", "withdraw", "withdrawn"),
        ("in_service", "check_out", "served"),
        ("served", "rate", "closed"),
        ("served", "close_silent", "closed"),
        ("closed", "reopen", "verified"),
        ("unmet", "reopen", "verified"),
        ("verified", "split", "in_parts"),
        ("in_parts", "merge", "verified"),
        ("in_parts", "gather", "served"),
        ("in_parts", "give_up", "unmet"),
        ("in_parts", "withdraw", "withdrawn"),
        ("served", "resume", "in_parts"),
        ("closed", "resume", "in_parts"),
        ("unmet", "resume", "in_parts"),
    }


def test_every_status_but_a_withdrawal_has_a_way_on() -> None:
    dead = {status for status in Status if not any(before is status for before, _ in TRANSITIONS)}
    assert dead == ENDS


def test_every_status_can_be_reached_from_a_new_order() -> None:
    reached = {Status.PLACED}
    while more := {after for (before, _), after in TRANSITIONS.items() if before in reached} - reached:
        reached |= more
    assert reached == set(Status)


def test_what_is_open_is_what_somebody_still_waits_for() -> None:
    assert set(Status) - OPEN == {Status.CLOSED, Status.REJECTED, Status.WITHDRAWN, Status.UNMET}
