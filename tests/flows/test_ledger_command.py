"""``flask ledger verify``: what an administrator sees, and the nightly job."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.conftest import running
from tests.support.builders import NOON
from volunteer.ledger import book, jobs
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import issued_by, person
from volunteer.web.unit import transaction


@pytest.fixture
def books(database):
    for app in running(database):
        with app.app_context():
            with transaction() as session:
                book.move(
                    session, Unit.MINUTES, 30, source=issued_by(3, Unit.MINUTES), target=person(1), reason="service",
                    key="order:1", at=NOON,
                )  # fmt: skip
            yield app


def test_right_books_are_said_to_be_right(books):
    result = books.test_cli_runner().invoke(args=["ledger", "verify"])
    assert result.exit_code == 0
    assert "1 transfers" in result.output


def test_wrong_books_name_the_first_broken_row_and_fail(books):
    with transaction() as session:
        session.execute(text("UPDATE ledger_accounts SET balance = 29 WHERE owner = 'person:1'"))
    result = books.test_cli_runner().invoke(args=["ledger", "verify"])
    assert result.exit_code == 1
    assert "person:1" in result.output
    assert "stored 29, transfers sum to 30" in result.output


def test_the_nightly_proof_logs_what_is_wrong_and_changes_nothing(books, capsys):
    with transaction() as session:
        session.execute(text("UPDATE ledger_accounts SET balance = 29 WHERE owner = 'person:1'"))
        assert jobs.audit_books(session, NOON) == 0
        assert session.scalar(text("SELECT balance FROM ledger_accounts WHERE owner = 'person:1'")) == 29
    assert "ledger_broken" in "".join(capsys.readouterr())
