"""Databases for one run of a bench: a file in a temporary folder, and a PostgreSQL that forgets nothing it has acknowledged."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url

from tests.support.databases import Database
from tests.support.services import postgres
from volunteer.kernel.db import make_engine
from volunteer.settings import full_url


@contextmanager
def sqlite() -> Iterator[Database]:
    """Yield a place for a database file; it goes with the block."""
    with tempfile.TemporaryDirectory(prefix="volunteer-bench-") as folder:
        yield Database("sqlite", f"sqlite:///{Path(folder)}/county.sqlite3")


@contextmanager
def postgresql(url: str | None = None) -> Iterator[Database]:
    """Yield an empty database on the server at ``url``, or on one that is started here, with fsync. Raises Missing."""
    if url:
        os.environ["VOLUNTEER_TEST_PG_URL"] = url
    with postgres(fsync="on", synchronous_commit="on", shared_buffers="256MB") as (server, says):
        print(says, flush=True)
        name = f"volunteer_bench_{uuid.uuid4().hex[:8]}"
        admin(full_url(server), f'CREATE DATABASE "{name}" TEMPLATE template0')
        try:
            yield Database("postgresql", make_url(full_url(server)).set(database=name).render_as_string(hide_password=False))
        finally:
            for one in (name, f"{name}_grown"):
                admin(full_url(server), f'DROP DATABASE IF EXISTS "{one}" WITH (FORCE)')


def admin(url: str, statement: str) -> None:
    """Say something to a PostgreSQL server that concerns a whole database."""
    engine = make_engine(make_url(url).set(database="postgres").render_as_string(hide_password=False))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()
