"""What is sealed: read by its holder's key only, nothing when that key was destroyed, an alarm when somebody moved it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.support import builders as make
from volunteer.kernel.crypto import SealBroken


def test_what_is_sealed_is_read_through_the_row_and_lies_closed_in_it(session: Session) -> None:
    order = make.an_order(session, make.a_county(session)[2])
    session.expire_all()
    assert (order.contact, order.phone, order.door) == ("李奶奶", "19900000000", "3幢201室")
    assert b"19900000000" not in (order.phone_sealed or b"")
    order.door = None
    assert (order.door, order.door_sealed) == (None, None)


def test_the_same_words_are_never_sealed_alike(session: Session) -> None:
    order = make.an_order(session, make.a_county(session)[2])
    seen = set()
    for _ in range(50):
        order.door = "3幢201室"
        seen.add(order.door_sealed)
    assert len({sealed[:12] for sealed in seen}) == 50


def test_whoever_is_forgotten_reads_as_nothing_and_can_hold_nothing_new(session: Session) -> None:
    order = make.an_order(session, make.a_county(session)[2])
    assert not order.resident.is_forgotten
    order.resident.wrapped_key = None
    session.flush()  # as a dump of the database would see it
    session.expire_all()
    assert order.resident.is_forgotten
    assert [getattr(order, name) for name in ("contact", "phone", "door", "code", "secret")] == [None] * 5
    assert order.resident.phone is None
    with pytest.raises(SealBroken):
        order.door = "4幢"


def test_bytes_moved_to_another_row_column_or_person_raise_an_alarm(session: Session) -> None:
    station = make.a_county(session)[2]
    one, two = make.an_order(session, station), make.an_order(session, station)
    one.door_sealed, kept = one.contact_sealed, one.door_sealed
    with pytest.raises(SealBroken):
        _ = one.door
    two.door_sealed = kept
    with pytest.raises(SealBroken):
        _ = two.door
    one.door_sealed = kept[:-1] + bytes([kept[-1] ^ 1])
    with pytest.raises(SealBroken):
        _ = one.door
    one.resident.wrapped_key = two.resident.wrapped_key
    with pytest.raises(SealBroken):
        _ = one.phone
