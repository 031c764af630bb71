"""Which SQLite we stand on, and how it is set.

Versions before 3.51.3 can corrupt a WAL database when two connections reset the log at once ("WAL-reset bug",
SQLite release notes 3.51.3; backported to 3.44.6 and 3.50.7). PyPI's pysqlite3 brings a newer library.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pysqlite3.dbapi2 as _pysqlite3

module: ModuleType = _pysqlite3

SAFE_SINCE = (3, 51, 3)
BACKPORTS = frozenset({(3, 44, 6), (3, 50, 7)})

# FULL loses no acknowledged commit at a power cut; recursive triggers catch INSERT OR REPLACE.
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "recursive_triggers=ON",
    "busy_timeout=15000",
)


class Unsafe(RuntimeError):
    """This SQLite may corrupt the database; the message says what to do."""


def unsafe_reason(version: tuple[int, int, int]) -> str | None:
    """Return why ``version`` must not be used with WAL, in words for the person who installs it; None when it is fine."""
    if version >= SAFE_SINCE or version in BACKPORTS:
        return None
    return (
        f"SQLite {'.'.join(map(str, version))} can corrupt a database in WAL mode when two processes write. "
        "Install the package pysqlite3 0.6.1 or newer (./run setup does), which carries its own SQLite, "
        "or use PostgreSQL by setting VOLUNTEER_DATABASE_URL."
    )


def refuse_unsafe() -> None:
    """Raise Unsafe when the SQLite in use has the WAL race."""
    if reason := unsafe_reason(module.sqlite_version_info):
        raise Unsafe(reason)


KEEPS_OFF = frozenset({"recursive_triggers", "writable_schema"})  # pragmas that would open a way around the triggers


def take_rights(connection: Any, tables: Collection[str]) -> None:
    """Let this connection refuse to change, remove, alter or unguard ``tables``, whatever the statement and its triggers.

    What GRANT is on a server: SQLite has no roles, so every connection of the application is told what it may not do (the
    authorizer, asked while a statement is prepared: about 10 microseconds more for a statement with 60 columns).
    """
    kept = frozenset(tables)

    def decide(action: int, first: str | None, second: str | None, *_: Any) -> int:
        if action in (module.SQLITE_UPDATE, module.SQLITE_DELETE, module.SQLITE_DROP_TABLE):
            refused = first in kept
        elif action in (module.SQLITE_DROP_TRIGGER, module.SQLITE_ALTER_TABLE):
            refused = second in kept
        else:
            refused = action == module.SQLITE_PRAGMA and first in KEEPS_OFF and second is not None
        return int(module.SQLITE_DENY if refused else module.SQLITE_OK)

    connection.set_authorizer(decide)


def give_rights(connection: Any) -> None:
    """Let this connection change everything again: for migrations."""
    connection.set_authorizer(None)


TURN, LOOK_AGAIN, PATIENCE = ".turn", 0.001, 10.0  # seconds


@contextmanager
def turn(database: str | None) -> Iterator[None]:
    """Hold the turn to write to the database file until the block ends.

    SQLite's own waiting sleeps longer the longer it has waited, so that whoever came last is served first: measured, eight
    writers let one wait for seconds. Here all who wait look again every millisecond. After PATIENCE one goes on without the
    turn: the database's own lock still decides, and refuses.
    """
    if not database or database == ":memory:":
        yield
        return
    try:
        file = os.open(f"{database}{TURN}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:  # a place where nothing can be written: the transaction will say so
        yield
        return
    try:
        deadline = time.monotonic() + PATIENCE
        while not _taken(file) and time.monotonic() < deadline:
            time.sleep(LOOK_AGAIN)
        yield
    finally:
        os.close(file)  # lets go of the lock


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
