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


def test_a_checkpoint_is_signed_kept_and_held_against_the_books(books, tmp_path):
    kept, run = tmp_path / "kept.json", books.test_cli_runner().invoke
    assert run(args=["ledger", "prove", "1"]).exit_code == 1  # not signed yet
    result = run(args=["ledger", "checkpoint", "--to", str(kept)])
    assert (result.exit_code, "1 transfers" in result.output) == (0, True)
    result = run(args=["ledger", "verify", "--against", str(kept)])
    assert (result.exit_code, "1 checkpoints kept elsewhere" in result.output) == (0, True)
    result = run(args=["ledger", "prove", "1", "--to", str(tmp_path / "proof.json")])
    assert result.exit_code == 0
    assert '\\"amount\\":30' in (tmp_path / "proof.json").read_text()
    kept.write_text(kept.read_text().replace("minutes", "points"))
    result = run(args=["ledger", "verify", "--against", str(kept)])
    assert (result.exit_code, "signature" in result.output) == (1, True)


def test_a_key_is_asked_for_at_the_console_and_changed_alone_only_when_said_so(books):
    run = books.test_cli_runner().invoke
    assert run(args=["ledger", "keys", "rotate", "ledger"]).exit_code == 2  # no reason
    result = run(args=["ledger", "keys", "rotate", "ledger", "--reason", "once a year"])
    assert "decides at /manage/keys" in result.output
    assert run(args=["ledger", "keys", "list"]).output == ""
    result = run(args=["ledger", "keys", "rotate", "ledger", "--reason", "it leaked", "--alone"])
    assert "the audit log says so" in result.output
    assert " ledger " in run(args=["ledger", "keys", "list"]).output
