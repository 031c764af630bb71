"""The demo county served for real, filled once for each process that tests; and an empty place for single stories."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.support.databases import Database, SqliteFactory, borrowed
from tests.support.servers import Server, serving
from tests.support.story import PATIENCE

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def county(sqlite_factory: SqliteFactory) -> Iterator[Server]:
    """The demo county on SQLite, filled through the verbs as ``./run demo`` does."""
    with borrowed(sqlite_factory) as database, serving(database) as server:
        server.flask("demo", "fill")
        yield server


@pytest.fixture
def county_free_server(sqlite: Database) -> Iterator[Server]:
    """The product over an empty database, on SQLite only."""
    with serving(sqlite) as server:
        yield server
