"""Keys that sign for the county: one at a time, and what a retired one signed stays good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.support.builders import NOON
from volunteer.kernel.crypto import Keyring, SealBroken
from volunteer.ledger import keys
from volunteer.ledger.models_keys import Purpose

DAY = timedelta(days=1)


def test_the_first_key_is_made_when_it_is_asked_for_and_then_kept(session: Session) -> None:
    key = keys.current(session, Purpose.LEDGER, at=NOON)
    assert keys.current(session, Purpose.LEDGER, at=NOON + DAY) is key
    assert key.kid == keys.name_of(key.public)


def test_each_purpose_has_a_key_of_its_own(session: Session) -> None:
    assert len({keys.current(session, purpose, at=NOON).kid for purpose in Purpose}) == len(Purpose)


def test_a_signature_holds_for_its_message_and_key_only(session: Session) -> None:
    key, other = keys.current(session, Purpose.LEDGER, at=NOON), keys.current(session, Purpose.BADGE, at=NOON)
    signature = keys.sign(session, key, b"what was said")
    assert keys.holds(key.public, signature, b"what was said")
    assert not keys.holds(key.public, signature, b"what was sold")
    assert not keys.holds(other.public, signature, b"what was said")
    assert not keys.holds(key.public, signature[:-1], b"what was said")
    assert not keys.holds(b"short", signature, b"what was said")


def test_a_rotated_key_signs_no_more_and_stays_published_with_its_window(session: Session) -> None:
    old = keys.current(session, Purpose.CERTIFICATE, at=NOON)
    signed = keys.sign(session, old, b"in its time")
    new = keys.rotate(session, Purpose.CERTIFICATE, at=NOON + DAY)
    assert keys.current(session, Purpose.CERTIFICATE, at=NOON + 2 * DAY) is new
    first, second = keys.published(session, Purpose.CERTIFICATE)
    assert (first.kid, first.begins, first.ends) == (old.kid, NOON, NOON + DAY)
    assert (second.kid, second.ends) == (new.kid, None)
    assert keys.holds(first.public, signed, b"in its time")
    assert keys.find(session, old.kid) is old
    assert keys.find(session, "nobody's") is None


def test_a_private_half_opens_with_this_installations_keyring_and_in_its_own_row_only(session: Session) -> None:
    one, other = keys.current(session, Purpose.LEDGER, at=NOON), keys.current(session, Purpose.BADGE, at=NOON)
    assert keys.private_of(session, one).private_bytes_raw() not in one.private_sealed
    kept, one.private_sealed = one.private_sealed, other.private_sealed
    with pytest.raises(SealBroken):
        keys.sign(session, one, b"")
    one.private_sealed = kept
    session.info["keyring"] = Keyring.generate()
    with pytest.raises(SealBroken):
        keys.sign(session, one, b"")
