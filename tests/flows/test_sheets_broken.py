"""A broken sheet leaves the database as it was, byte for byte, whatever kind it is of."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select, text

from tests.rules.test_broken_sheets import CASES
from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.sheets import look
from volunteer.access import Role
from volunteer.exchange import importing
from volunteer.exchange.kinds import KINDS, kind_called
from volunteer.exchange.lifecycle import State
from volunteer.kernel.db import Base
from volunteer.kernel.errors import Conflict

HERE = (
    "half a GBK character",
    "a formula",
    "merged cells",
    "the same row twice",
    "a required cell left empty",
    "a truncated zip",
)


def contents(session) -> str:
    """A hash of every row of every table, without the uploads themselves."""
    digest = hashlib.sha256()
    for table in Base.metadata.sorted_tables:
        if table.name != "sheet_imports":
            rows = session.execute(select(table)).all()
            digest.update(f"{table.name}{sorted(map(repr, rows))}".encode())
    return digest.hexdigest()


@pytest.fixture
def centre(session):
    return make.a_site(session)


@pytest.fixture
def admin(session, centre):
    return make.staff(session, Role.SITE_ADMIN, centre)


@pytest.mark.parametrize("kind", [kind.sheet.name for kind in KINDS])
@pytest.mark.parametrize("case", HERE)
def test_a_broken_sheet_changes_nothing_and_cannot_be_brought_in(session, admin, kind, case):
    data, row, _ = CASES[case](kind)
    session.execute(text("SELECT 1"))
    before = contents(session)
    kept, plan = look(session, admin, kind, data, at=NOON)
    assert kept.state is State.WRONG
    assert row in {fault.row for fault in plan.faults}
    with pytest.raises(Conflict, match="cannot be brought in"):
        importing.apply(session, admin, kept.id, importing.read(kind_called(kind), data)[0], at=NOON)
    assert contents(session) == before


@pytest.mark.parametrize("kind", [kind.sheet.name for kind in KINDS])
def test_a_template_with_its_example_is_refused_or_read_but_never_half(session, admin, centre, kind):
    """The example names things that are not here: each kind says so by row and column."""
    from volunteer.exchange import writing

    before = contents(session)
    _, plan = look(session, admin, kind, writing.template_csv(kind_called(kind).sheet, "zh_Hans"), at=NOON)
    assert {fault.row for fault in plan.faults} <= {2}
    assert all(fault.column or fault.message for fault in plan.faults)
    assert contents(session) == before
