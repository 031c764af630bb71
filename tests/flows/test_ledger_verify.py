"""``ledger verify`` names the row that is wrong: each check is shown the fault it is for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from volunteer.ledger import book, verify
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import issued_by, person

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.fixture
def books(session):
    """Two entries and one correction; the guards of the transfers are off, as for somebody with the keys to the machine."""
    for number in (1, 2):
        made = book.move(
            session, Unit.MINUTES, 30 * number, source=issued_by(3, Unit.MINUTES), target=person(number), reason="service",
            key=f"order:{number}", at=NOON,
        )  # fmt: skip
    book.reverse(session, made, note="wrong", at=NOON)
    assert verify.findings(session) == []
    if session.get_bind().dialect.name == "sqlite":
        for table in ("ledger_transfers", "ledger_keys"):
            for act in ("update", "delete"):
                session.execute(text(f"DROP TRIGGER {table}_no_{act}"))
        session.execute(text("PRAGMA ignore_check_constraints = ON"))
    else:
        session.execute(text("ALTER TABLE ledger_transfers DISABLE TRIGGER USER"))
        session.execute(text("ALTER TABLE ledger_keys DISABLE TRIGGER USER"))
    return session


@pytest.mark.parametrize(
    ("fault", "check", "row"),
    [
        ("UPDATE ledger_accounts SET balance = balance + 1 WHERE id = {anna}", "balance", "account {anna} (person:1, minutes)"),
        (
            "UPDATE ledger_transfers SET amount = 31 WHERE id = {first}",
            "balance",
            "account {site} (site:3:minutes-issued, minutes)",
        ),
        ("UPDATE ledger_accounts SET balance = balance - 5 WHERE id = {anna}", "sum", "unit minutes"),
        ("UPDATE ledger_accounts SET floor = 31 WHERE id = {anna}", "floor", "account {anna} (person:1)"),
        ("UPDATE ledger_transfers SET unit = 'points' WHERE id = {first}", "transfer", "transfer {first}"),
        ("UPDATE ledger_transfers SET key = 'order:1' WHERE id = {second}", "key", "transfer {first}"),
        ("INSERT INTO ledger_keys (key) VALUES ('left over')", "key", "key left over"),
        ("UPDATE ledger_transfers SET amount = 1 WHERE id = {third}", "reversal", "transfer {third}"),
    ],
)
def test_a_fault_is_found_and_its_row_named(books, fault, check, row):
    numbers = books.scalars(text("SELECT id FROM ledger_transfers ORDER BY id")).all()
    rows = dict(zip(("first", "second", "third"), numbers, strict=True))
    rows["site"] = books.scalar(text("SELECT id FROM ledger_accounts WHERE owner = 'site:3:minutes-issued'"))
    rows["anna"] = books.scalar(text("SELECT id FROM ledger_accounts WHERE owner = 'person:1'"))
    books.execute(text(fault.format(**rows)))
    found = [finding for finding in verify.findings(books) if finding.check == check]
    assert found
    assert found[0].row == row.format(**rows)


def test_missing_guards_are_found(books):
    missing = {finding.row for finding in verify.findings(books) if finding.check == "guard"}
    assert missing == {"table ledger_transfers", "table ledger_keys"}
