"""Fixtures: two databases, an application, a client; a server and a browser for the stories."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session

from tests.support.databases import KINDS, Database, PostgresFactory, SqliteFactory, borrowed
from tests.support.servers import Server, serving
from tests.support.services import CHROMIUM_FLAGS, chromium, postgres
from tests.support.settings import scratch, settings_for
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.tables import import_all_models

PG_URL, PG_SAYS = "VOLUNTEER_TEST_PG_RUNNING", "VOLUNTEER_TEST_PG_SAYS"
services = ExitStack()
used: list[str] = []

# The same examples in every run; ``--hypothesis-profile=explore`` looks for new ones.
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True, database=None)
hypothesis.settings.register_profile("explore", deadline=None, database=None, max_examples=1000)
hypothesis.settings.load_profile("steady")


def pytest_configure(config: pytest.Config) -> None:
    """A run in parallel has one PostgreSQL, started here, before its workers are; they find it in the environment."""
    import_all_models()
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        start_postgres()


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which database and browser the run uses, when it is one of everything."""
    if not config.getoption("numprocesses", None):
        return []
    import pysqlite3

    return [f"SQLite {pysqlite3.sqlite_version}", os.environ[PG_SAYS], chromium().version]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it too when a few tests were named and needed one of them."""
    for said in used:
        terminalreporter.write_line(f"used: {said}")


def pytest_unconfigure() -> None:
    services.close()
    shutil.rmtree(scratch(), ignore_errors=True)


def start_postgres() -> str:
    """Return the URL of the run's PostgreSQL, started if it is not. Raises Missing: without it nothing is proved."""
    if PG_URL not in os.environ:
        os.environ[PG_URL], os.environ[PG_SAYS] = services.enter_context(postgres())
        services.callback(os.environ.pop, PG_URL)
        used.append(os.environ[PG_SAYS])
    return os.environ[PG_URL]


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    return getattr(request.config, "workerinput", {"workerid": "main"})["workerid"]


@pytest.fixture(scope="session")
def sqlite_factory(tmp_path_factory: pytest.TempPathFactory) -> SqliteFactory:
    return SqliteFactory(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_factory(worker: str) -> Iterator[PostgresFactory]:
    factory = PostgresFactory(start_postgres(), worker)
    yield factory
    factory.close()


@pytest.fixture(scope="session", params=KINDS)
def factory(request: pytest.FixtureRequest) -> SqliteFactory | PostgresFactory:
    """Both kinds in turn; a test that takes ``factory`` or ``database`` runs once on each."""
    return request.getfixturevalue({"sqlite": "sqlite_factory", "postgresql": "postgres_factory"}[request.param])


@pytest.fixture(scope="session")
def shared_database(factory: SqliteFactory | PostgresFactory) -> Iterator[Database]:
    with borrowed(factory) as database:
        yield database


@pytest.fixture
def database(factory: SqliteFactory | PostgresFactory) -> Iterator[Database]:
    """A database of the test's own, on SQLite and on PostgreSQL: for what commits, races or migrates."""
    with borrowed(factory) as database:
        yield database


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring.open(settings_for("").keys_file, create=True)


@pytest.fixture
def session(shared_database: Database, keyring: Keyring) -> Iterator[Session]:
    """A session whose writes vanish after the test, on SQLite and on PostgreSQL: for verbs and queries."""
    with shared_database.engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            session.info["keyring"] = keyring
            yield session
        outer.rollback()


@pytest.fixture
def sqlite(sqlite_factory: SqliteFactory) -> Iterator[Database]:
    """A database of the test's own, on SQLite only: for pages, whose SQL the flows prove on both."""
    with borrowed(sqlite_factory) as database:
        yield database


@pytest.fixture
def app(sqlite: Database) -> Iterator[Flask]:
    """The application over an empty database."""
    yield from running(sqlite)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def server(database: Database) -> Iterator[Server]:
    """The product served over an empty database by a real gunicorn, on SQLite and on PostgreSQL."""
    with serving(database) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; a story opens one context in it for each person."""
    found = chromium()
    used.append(found.version)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found.path, args=CHROMIUM_FLAGS, env={**found.env})
        yield browser
        browser.close()


def running(database: Database, **settings: Any) -> Iterator[Flask]:
    """Yield the application over ``database``; close its connections afterwards."""
    from volunteer.app import create_app  # a page that cannot be imported must not stop the tests of a rule
    from volunteer.kernel.db import db

    app = create_app(settings_for(database.url, **settings))
    app.testing = True
    yield app
    with app.app_context():
        db.engine.dispose()
