"""On PostgreSQL the application's role may add to the books and read them, and nothing else, whatever became of the triggers."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from tests.conftest import running
from tests.flows.test_chain import MIDNIGHT, NOON, post
from volunteer.kernel.db import make_engine, write
from volunteer.ledger import checkpoints, guards, rights, verify

ROLE = "volunteer_app"


@pytest.fixture
def owner(database, keyring):
    if database.kind != "postgresql":
        pytest.skip("SQLite knows no roles")
    with Session(database.engine, info={"keyring": keyring}) as session:
        with write(session):
            if not session.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": ROLE}):
                session.execute(text(f"CREATE ROLE {ROLE} LOGIN"))
            post(session, 1)
        yield session
        session.rollback()
        with write(session):
            session.execute(text(f"DROP OWNED BY {ROLE}"))


def test_a_role_of_its_own_adds_but_never_rewrites(owner, database, keyring):
    with write(owner):
        rights.apply(owner, rights.statements(owner, ROLE))
        for table in guards.GUARDED:
            owner.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))  # the guards are gone
    engine = make_engine(make_url(database.url).set(username=ROLE).render_as_string(hide_password=False))
    with Session(engine, info={"keyring": keyring}) as session:
        with write(session):
            post(session, 2)
            checkpoints.sign(session, day=NOON.date(), at=MIDNIGHT)
        assert rights.notes(session) == []
        assert [one for one in verify.findings(session) if one.check != "guard"] == []
        for table in guards.GUARDED:
            column = inspect(database.engine).get_columns(table)[0]["name"]
            for act in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE",
                        f"ALTER TABLE {table} ENABLE TRIGGER USER", f"DROP TABLE {table} CASCADE"):  # fmt: skip
                with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
                    session.execute(text(act))
                session.rollback()
    engine.dispose()
    assert rights.notes(owner) != []  # whoever owns the tables is told


def test_a_role_that_nothing_holds_back_is_refused(owner):
    for role, why in (("postgres", "owns the tables"), ("nobody_of_that_name", "no role"), ("x; DROP TABLE sites", "plain name")):
        with pytest.raises(ValueError, match=why):
            rights.statements(owner, role)


def test_on_sqlite_the_command_says_so(sqlite):
    for app in running(sqlite):
        with app.app_context():
            result = app.test_cli_runner().invoke(args=["ledger", "rights", "somebody"])
        assert result.exit_code == 1
        assert "SQLite knows no roles" in result.output
