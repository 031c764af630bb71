"""Every query of docs/ledger.md is run on a lived-in database: it must find nothing, and find what breaks it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.flows.test_chain import MIDNIGHT, NOON, post
from volunteer.ledger import book, checkpoints
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import held_for, issued_by, merchant, person

DOC = Path(__file__).resolve().parents[2] / "docs/ledger.md"
PROMISE = re.compile(r"\*\*([^*\n]+)\*\*(?:(?!\*\*|```).)*```sql\n(.+?)```", re.DOTALL)
QUERIES = PROMISE.findall(DOC.read_text(encoding="utf-8"))


@pytest.fixture
def lived_in(session):
    """Entries of several kinds, a correction, a closed day."""
    made = [post(session, number) for number in range(1, 8)]
    given = book.move(
        session,
        Unit.POINTS,
        50,
        source=issued_by(3, Unit.POINTS),
        target=person(1),
        reason="any",
        key="points:1",
        at=NOON,
    )
    for number, (source, target) in enumerate(
        [(person(1), held_for(1)), (held_for(1), merchant(1)), (merchant(1), "merchant:1:settled")]
    ):
        book.move(session, Unit.POINTS, 20, source=source, target=target, reason="any", key=f"gift:{number}", at=NOON)
    book.reverse(session, made[2], note="counted twice", at=NOON)
    checkpoints.sign(session, day=NOON.date(), at=MIDNIGHT)
    assert given.id
    return session


def test_there_are_queries():
    assert len(QUERIES) >= 7


@pytest.mark.parametrize(("promise", "query"), QUERIES, ids=[promise for promise, _ in QUERIES])
def test_what_the_book_promises_holds(lived_in, promise, query):
    assert broken(lived_in, query) == [], promise


def broken(session, query):
    """Return what a query of the page finds."""
    statements = [statement for statement in query.split(";") if statement.strip()]
    return [row for statement in statements for row in session.execute(text(statement.replace(":", r"\:"))).all()]
