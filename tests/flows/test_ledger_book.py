"""The only writers of the ledger, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from volunteer.kernel.errors import Conflict, Invalid
from volunteer.ledger import book, queries, verify
from volunteer.ledger.models import Grade, Transfer, TransferKey, Unit
from volunteer.ledger.rules import issued_by, person

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
SITE = issued_by(3, Unit.MINUTES)
ANNA, BEN = person(12), person(13)


def post(session, amount=90, key="order:88:minutes:12", **changed):
    given = {"source": SITE, "target": ANNA, "reason": "service", "key": key, "about": "order:88", "grade": Grade.A, "at": NOON}
    return book.move(session, Unit.MINUTES, amount, **{**given, **changed})


def test_minutes_arrive_and_the_site_has_issued_them(session):
    transfer = post(session, day=date(2026, 11, 19), policy_version="hours:2")
    assert queries.balance(session, ANNA, Unit.MINUTES) == 90
    assert queries.issued(session, 3, Unit.MINUTES) == 90
    assert (transfer.grade, transfer.day, transfer.policy_version) == (Grade.A, date(2026, 11, 19), "hours:2")
    assert verify.findings(session) == []


def test_units_do_not_mix(session):
    post(session)
    assert queries.balance(session, ANNA, Unit.POINTS) == 0


def test_the_same_key_with_the_same_content_is_harmless(session):
    first = post(session)
    again = post(session, at=NOON + timedelta(hours=1))
    assert again is first
    assert queries.balance(session, ANNA, Unit.MINUTES) == 90


@pytest.mark.parametrize(
    "other", [{"amount": 91}, {"target": BEN}, {"about": "order:89"}, {"grade": Grade.C}, {"reason": "gift"}], ids=str
)
def test_the_same_key_with_other_content_is_refused(session, other):
    post(session)
    with pytest.raises(Conflict, match="booked differently"):
        post(session, **other)
    assert queries.balance(session, ANNA, Unit.MINUTES) == 90


def test_a_key_taken_without_a_transfer_is_refused(session):
    session.add(TransferKey(key="order:88:minutes:12"))
    session.flush()  # as another writer left it
    with pytest.raises(Conflict):
        post(session)


@pytest.mark.parametrize("amount", [0, -1, True, 1.0, 1.5, "5", None, 2**31, float("nan")], ids=repr)
def test_only_whole_numbers_above_zero_are_moved(session, amount):
    with pytest.raises(Invalid):
        post(session, amount)


def test_nothing_is_moved_within_one_account(session):
    with pytest.raises(Invalid):
        post(session, source=ANNA)


def test_nobody_gives_more_than_they_have_and_a_refusal_leaves_nothing(session):
    post(session, 60)
    with pytest.raises(Conflict, match="too low"):
        post(session, 61, key="gift", source=ANNA, target=BEN)
    assert queries.balance(session, BEN, Unit.MINUTES) == 0
    assert queries.count(session) == 1
    assert verify.findings(session) == []
    post(session, 60, key="gift", source=ANNA, target=BEN)  # the key was not burnt by the refusal
    assert queries.balance(session, ANNA, Unit.MINUTES) == 0


def test_a_mistake_is_taken_back_by_its_mirror(session):
    first = post(session, day=date(2026, 11, 19))
    back = book.reverse(session, first, note="The visit was counted twice", at=NOON)
    assert (back.source_id, back.target_id, back.amount) == (first.target_id, first.source_id, 90)
    assert (back.reverses_id, back.grade, back.day, back.about) == (first.id, Grade.A, first.day, "order:88")
    assert queries.balance(session, ANNA, Unit.MINUTES) == 0
    assert queries.entries(session, ANNA, Unit.MINUTES) == []
    assert [t.id for t in queries.movements(session, ANNA, Unit.MINUTES)] == [back.id, first.id]
    assert verify.findings(session) == []


def test_taking_back_twice_is_harmless(session):
    first = post(session)
    assert book.reverse(session, first, note="twice", at=NOON) is book.reverse(session, first, note="again", at=NOON)
    assert queries.balance(session, ANNA, Unit.MINUTES) == 0


def test_a_correction_needs_a_reason_and_is_not_corrected_itself(session):
    first = post(session)
    with pytest.raises(Invalid, match="say why"):
        book.reverse(session, first, note="  ", at=NOON)
    back = book.reverse(session, first, note="wrong person", at=NOON)
    with pytest.raises(Conflict, match="itself a correction"):
        book.reverse(session, back, note="hm", at=NOON)


def test_what_was_spent_cannot_be_taken_back(session):
    first = post(session)
    post(session, key="gift", source=ANNA, target=BEN)
    with pytest.raises(Conflict, match="too low"):
        book.reverse(session, first, note="too late", at=NOON)


def test_standing_entries_are_what_was_received_and_not_taken_back(session):
    first = post(session)
    second = post(session, key="order:89:minutes:12", about="order:89", at=NOON + timedelta(days=1))
    book.reverse(session, first, note="wrong", at=NOON + timedelta(days=2))
    assert [t.id for t in queries.entries(session, ANNA, Unit.MINUTES)] == [second.id]
    assert session.get(Transfer, first.id) is first


def test_after_an_act_was_rolled_back_its_number_may_go_to_the_next_entry(session):
    post(session, key="a", amount=1)
    part = session.begin_nested()
    gone = post(session, key="b")
    part.rollback()
    stays = post(session, key="c", amount=30)
    assert (gone in session, stays in session) == (stays.id != gone.id, True)  # SQLite takes the number again
    assert queries.balance(session, ANNA, Unit.MINUTES) == 31
    assert verify.findings(session) == []
