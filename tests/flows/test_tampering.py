"""Somebody with every right over the database changes what was written: the check names the first row that is wrong."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tests.flows.test_chain import MIDNIGHT, NOON, post
from volunteer.ledger import book, chaining, checkpoints, guards, keys, outside, verify
from volunteer.ledger.models import Account, Link, Transfer
from volunteer.ledger.models_chain import Block, Checkpoint
from volunteer.ledger.models_keys import Purpose

LAST = MIDNIGHT + timedelta(days=1)


@pytest.fixture
def books(session, monkeypatch, tmp_path):
    """Two days of entries, in blocks of four, each day signed and kept elsewhere, too; the guards are gone."""
    monkeypatch.setattr(chaining, "BATCH", 4)
    for number in range(1, 12):
        post(session, number)
    checkpoints.sign(session, day=NOON.date(), at=MIDNIGHT)
    for number in range(12, 20):
        post(session, number)
    book.reverse(session, session.scalars(select(Transfer).order_by(Transfer.id)).all()[5], note="twice", at=LAST)
    checkpoints.sign(session, day=NOON.date() + timedelta(days=1), at=LAST)
    for checkpoint in session.scalars(select(Checkpoint)):
        file = tmp_path / f"{checkpoint.number}.json"
        file.write_text(json.dumps(checkpoints.exported(session, checkpoint, blocks=True)))
    assert verify.findings(session, outside.read([tmp_path]), at=LAST) == []
    if guards.is_lite(session):
        for table in guards.GUARDED:
            for act in ("update", "delete", "replace"):
                session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{act}"))
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
    else:
        for table in guards.GUARDED:
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
    return tmp_path


def ids(session):
    return session.scalars(select(Transfer.id).order_by(Transfer.id)).all()


def first_of(session, kept=None):
    session.expire_all()
    found = [one for one in verify.findings(session, kept, at=LAST) if one.check != "guard"]
    return found[0].row if found else None


def run(session, *statements):
    for statement in statements:
        session.execute(text(statement))


EDITS = {
    "amount": "amount = amount + 1", "unit": "unit = 'points'", "reason": "reason = 'gift'", "about": "about = 'order:999'",
    "day": "day = '2020-01-01'", "grade": "grade = 'd'", "policy_version": "policy_version = 'x'", "note": "note = 'x'",
    "at": "at = '2020-01-01 00:00:00'", "source": "source_id = target_id, target_id = source_id", "reverses": "reverses_id = NULL",
}  # fmt: skip


@pytest.mark.parametrize("column", sorted(EDITS))
def test_an_edited_entry_is_named(session, books, column):
    number = ids(session)[-1 if column == "reverses" else 6]
    run(session, f"UPDATE ledger_transfers SET {EDITS[column]} WHERE id = {number}")
    assert first_of(session) == f"transfer {number}"


def test_an_account_given_to_somebody_else_is_seen_in_its_entries(session, books):
    """The rows of the entries stay as they were; whose account they moved is part of what was hashed."""
    mine = session.scalar(select(Account.id).where(Account.owner == "person:2"))
    run(session, f"UPDATE ledger_accounts SET owner = 'person:77' WHERE id = {mine}")
    assert first_of(session) == f"transfer {ids(session)[1]}"


def test_a_removed_entry_is_named(session, books):
    number = ids(session)[8]
    run(session, f"DELETE FROM ledger_transfers WHERE id = {number}")
    assert first_of(session) == f"transfer {number}"


def test_two_swapped_entries_are_named_by_the_first(session, books):
    one, other = ids(session)[3], ids(session)[9]
    run(
        session,
        *(f"UPDATE ledger_transfers SET id = {new} WHERE id = {old}" for old, new in ((one, 9999), (other, one), (9999, other))),
    )
    assert first_of(session) == f"transfer {one}"


def test_an_entry_and_its_link_removed_are_named_by_the_gap(session, books):
    number = ids(session)[8]
    run(session, "DELETE FROM ledger_links WHERE number = 9", f"DELETE FROM ledger_transfers WHERE id = {number}")
    assert first_of(session) == "link 9"


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ("UPDATE ledger_links SET hash = previous_hash WHERE number = 7", "transfer {7}"),
        ("UPDATE ledger_links SET previous_hash = hash WHERE number = 7", "link 7"),
        ("UPDATE ledger_links SET at = '2020-01-01 00:00:00' WHERE number = 7", "transfer {7}"),
        ("UPDATE ledger_blocks SET root = hash WHERE number = 2", "block 2"),
        ("UPDATE ledger_blocks SET at = '2020-01-01 00:00:00' WHERE number = 2", "block 2"),
        ("UPDATE ledger_blocks SET highest_transfer = 1 WHERE number = 2", "block 2"),
        ("DELETE FROM ledger_blocks WHERE number = 2", "block 2"),
        ("UPDATE ledger_checkpoints SET minutes = minutes + 1 WHERE number = 1", "checkpoint 1"),
        ("UPDATE ledger_checkpoints SET day = '2020-01-01' WHERE number = 1", "checkpoint 1"),
        ("UPDATE ledger_checkpoints SET signature = root WHERE number = 2", "checkpoint 2"),
        ("UPDATE ledger_checkpoints SET kid = 'nobody' WHERE number = 2", "checkpoint 2"),
        ("DELETE FROM ledger_checkpoints WHERE number = 1", "checkpoint 1"),
        ("DELETE FROM ledger_links WHERE number > 17", "link 18"),
        ("DELETE FROM ledger_links WHERE number > 17; DELETE FROM ledger_blocks WHERE last_link > 17", "link 18"),
    ],
)
def test_whatever_else_is_changed_is_named(session, books, change, row):
    if not guards.is_lite(session):
        session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    if "DELETE FROM ledger_blocks WHERE last_link" in change:
        change += "; DELETE FROM ledger_links WHERE number > 15"
        row = "link 16"
    numbers = ids(session)
    run(session, *change.split("; "))
    assert first_of(session) == row.replace("{7}", str(numbers[6]))


def cut_off(session, numbers, after):
    """Everything behind ``after`` entries goes, and what is left is tidy: blocks, checkpoints, balances."""
    gone = ", ".join(str(number) for number in numbers[after:])
    run(
        session, f"DELETE FROM ledger_links WHERE number > {after}", f"DELETE FROM ledger_blocks WHERE last_link > {after}",
        f"DELETE FROM ledger_checkpoints WHERE links > {after}",
        f"UPDATE ledger_accounts SET balance = balance - COALESCE((SELECT SUM(amount) FROM ledger_transfers WHERE target_id = ledger_accounts.id AND id IN ({gone})), 0)"
        f" + COALESCE((SELECT SUM(amount) FROM ledger_transfers WHERE source_id = ledger_accounts.id AND id IN ({gone})), 0)",
        f"DELETE FROM ledger_transfers WHERE id IN ({gone})",
        "DELETE FROM ledger_keys WHERE NOT EXISTS (SELECT 1 FROM ledger_transfers t WHERE t.key = ledger_keys.key)",
    )  # fmt: skip


def test_a_cut_off_end_is_found_by_what_was_kept_elsewhere(session, books):
    cut_off(session, ids(session), 11)
    assert first_of(session) is None  # the books alone are whole again: only somebody outside can know
    assert first_of(session, outside.read([books])) == "link 12"


def test_a_rewritten_book_is_found_and_its_first_row_named(session, books, monkeypatch):
    """All hashes, blocks and checkpoints are made anew, with a key of the forger's own."""
    numbers = ids(session)
    run(
        session,
        "DELETE FROM ledger_links",
        "DELETE FROM ledger_blocks",
        "DELETE FROM ledger_checkpoints",
        "DELETE FROM signing_keys",
    )
    target = session.scalar(select(Transfer.target_id).where(Transfer.id == numbers[6]))
    source = session.scalar(select(Transfer.source_id).where(Transfer.id == numbers[6]))
    run(
        session, f"UPDATE ledger_transfers SET amount = amount + 600 WHERE id = {numbers[6]}",
        f"UPDATE ledger_accounts SET balance = balance + 600 WHERE id = {target}",
        f"UPDATE ledger_accounts SET balance = balance - 600 WHERE id = {source}",
    )  # fmt: skip
    session.expire_all()
    checkpoints.sign(session, day=NOON.date(), at=MIDNIGHT)
    assert first_of(session) is None
    rewritten = [one for one in verify.findings(session, outside.read([books])) if one.check == "outside"]
    assert {link.number for link in session.scalars(select(Link))} == set(range(1, 21))
    assert rewritten
    kept_early = MIDNIGHT  # the first day's links were made at that moment, so the forger can make them as they were
    assert session.scalar(select(Link.at).where(Link.number == 1)) == kept_early
    assert rewritten[0].row == f"transfer {numbers[6]}"


def test_a_file_that_was_changed_is_no_evidence(session, books):
    file = books / "1.json"
    file.write_text(file.read_text().replace("2026-11-20", "2026-11-19"))
    with pytest.raises(outside.Unreadable, match="signature"):
        outside.read([books])


def test_a_retired_key_keeps_its_window_and_what_it_signed_stays_good(session, books):
    old = session.scalar(select(Checkpoint.kid))
    keys.rotate(session, Purpose.LEDGER, at=LAST + timedelta(hours=1))
    post(session, 30)
    checkpoints.sign(session, day=NOON.date() + timedelta(days=2), at=LAST + timedelta(days=1))
    newest = session.scalar(select(Checkpoint).order_by(Checkpoint.number.desc()))
    assert newest.kid != old
    assert first_of(session, outside.read([books])) is None
    assert [key.kid for key in keys.published(session) if key.ends is not None] == [old]
    assert session.scalar(select(Block.number).order_by(Block.number.desc())) == 7
