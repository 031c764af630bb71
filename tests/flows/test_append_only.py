"""The database itself refuses to rewrite what happened, whoever asks and however."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.support.services import ROOT
from volunteer.audit.models import AuditEntry
from volunteer.kernel.db import WRITES
from volunteer.ledger import book, checkpoints, guards, verify
from volunteer.ledger.models import Link, Unit
from volunteer.ledger.rules import issued_by, person

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)

CHANGES = [
    "UPDATE ledger_transfers SET amount = 1",
    "UPDATE ledger_transfers SET note = note",
    "DELETE FROM ledger_transfers",
    "UPDATE ledger_keys SET key = 'other'",
    "DELETE FROM ledger_keys",
    "UPDATE ledger_links SET number = 2",
    "DELETE FROM ledger_links",
    "UPDATE ledger_blocks SET root = root",
    "DELETE FROM ledger_blocks",
    "UPDATE ledger_checkpoints SET minutes = 0",
    "DELETE FROM ledger_checkpoints",
    "UPDATE audit_entries SET actor_id = 1",
    "DELETE FROM audit_entries",
    (
        "INSERT INTO ledger_transfers (id, source_id, target_id, unit, amount, reason, key, about, policy_version, note, at)"
        " SELECT id, source_id, target_id, unit, 1, reason, key, about, policy_version, note, at FROM ledger_transfers WHERE true"
        " ON CONFLICT (id) DO UPDATE SET amount = excluded.amount"
    ),
    "INSERT INTO ledger_keys (key) SELECT key FROM ledger_keys WHERE true ON CONFLICT (key) DO UPDATE SET key = 'other'",
    (
        "INSERT INTO audit_entries (id, at, actor_name, action, subject, site_path, detail)"
        " SELECT id, at, actor_name, 'other', subject, site_path, detail FROM audit_entries WHERE true"
        " ON CONFLICT (id) DO UPDATE SET action = excluded.action"
    ),
]
LITE = [
    (
        "REPLACE INTO ledger_transfers (id, source_id, target_id, unit, amount, reason, key, about, policy_version, note, at)"
        " SELECT id, source_id, target_id, unit, 1, reason, key, about, policy_version, note, at FROM ledger_transfers"
    ),
    "UPDATE OR REPLACE ledger_transfers SET amount = 2",
    "REPLACE INTO ledger_keys (key) SELECT key FROM ledger_keys",
    (
        "REPLACE INTO audit_entries (id, at, actor_name, action, subject, site_path, detail)"
        " SELECT id, at, actor_name, 'other', subject, site_path, detail FROM audit_entries"
    ),
    (
        "REPLACE INTO ledger_links (number, transfer_id, previous_hash, hash, at)"
        " SELECT 7, transfer_id, hash, hash, at FROM ledger_links"
    ),
    (
        "REPLACE INTO ledger_blocks (number, first_link, last_link, highest_transfer, last_hash, root, previous_hash, hash, at)"
        " SELECT 7, first_link, 9, highest_transfer, hash, root, previous_hash, hash, at FROM ledger_blocks"
    ),
    (
        "REPLACE INTO ledger_checkpoints"
        " (number, day, block, links, root, minutes, points, previous_hash, at, kid, signature)"
        " SELECT number, day, block, links, root, 0, points, previous_hash, at, kid, signature FROM ledger_checkpoints"
    ),
]
PG = [
    "TRUNCATE ledger_transfers CASCADE",
    "TRUNCATE ledger_keys CASCADE",
    "TRUNCATE ledger_links",
    "TRUNCATE ledger_blocks",
    "TRUNCATE ledger_checkpoints CASCADE",
    "TRUNCATE audit_entries",
    "SET session_replication_role = replica; DELETE FROM ledger_transfers",
    "MERGE INTO ledger_transfers t USING (SELECT 1 AS one) o ON true WHEN MATCHED THEN UPDATE SET amount = 1",
]


def write_something(session):
    transfer = book.move(
        session, Unit.MINUTES, 30, source=issued_by(3, Unit.MINUTES), target=person(1), reason="service", key="order:1", at=NOON
    )
    checkpoints.sign(session, day=NOON.date(), at=NOON)
    assert session.scalar(select(Link.transfer_id)) == transfer.id
    session.add(AuditEntry(at=NOON, action="look", subject="order:1"))
    session.flush()  # the statements below are plain SQL


def changes(kind):
    return CHANGES + (LITE if kind == "sqlite" else PG)


def refused(session, statement):
    with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
        session.connection().exec_driver_sql(statement)


def test_what_was_written_can_neither_be_changed_nor_removed_nor_replaced(session):
    write_something(session)
    for statement in changes(session.get_bind().dialect.name):
        refused(session, statement)
    assert verify.findings(session) == []


def test_a_client_without_recursive_triggers_cannot_replace_either(sqlite, keyring):
    with Session(sqlite.engine, info={"keyring": keyring}) as session:
        session.execute(text("PRAGMA recursive_triggers = OFF"))
        write_something(session)
        for statement in (statement for statement in LITE if "ledger_keys" not in statement):
            refused(session, statement)
        weak = [str(finding) for finding in verify.findings(session)]
    assert weak == ["guard: table ledger_keys: nothing stops replace"]  # where a row says nothing but its own key


def test_the_guards_are_back_after_going_down_and_up(database, keyring):
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    for act, target in (
        (command.downgrade, "0001"),
        (command.upgrade, "head"),
        (command.downgrade, "base"),
        (command.upgrade, "head"),
    ):
        with database.engine.connect().execution_options(**{WRITES: True}) as connection:
            config.attributes["connection"] = connection
            act(config, target)
    with Session(database.engine, info={"keyring": keyring}) as session:
        write_something(session)
        for statement in changes(database.kind):
            refused(session, statement)
        assert verify.findings(session) == []


def test_without_their_migrations_no_guard_is_believed_to_stand(database):
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    with database.engine.connect().execution_options(**{WRITES: True}) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    with Session(database.engine) as session:
        assert set(guards.missing(session)) == set(guards.GUARDED) - {
            "ledger_blocks",
            "ledger_checkpoints",
            "certificate_signatures",
        }
