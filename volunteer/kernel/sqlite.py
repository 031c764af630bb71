"""Which SQLite we stand on, and how it is set.

Versions before 3.51.3 can corrupt a WAL database when two connections reset the log at once ("WAL-reset bug",
SQLite release notes 3.51.3; backported to 3.44.6 and 3.50.7). PyPI's pysqlite3 brings a newer library.
"""

from __future__ import annotations

import fcntl
import os
import struct
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


TURN, PATIENCE = ".turn", 10.0  # seconds
LOOK_AGAIN, LONGEST_NAP = 0.0005, 0.1  # seconds
COUNTER, FIRST, SPAN = 8, 16, 2**40  # bytes of the number drawn last; where the bytes begin that stand for numbers; how many
DRAW, LOOK = getattr(fcntl, "F_OFD_SETLK", None), getattr(fcntl, "F_OFD_GETLK", 0)  # Linux: locks that threads wait for too
LOCK = "hhqqi"  # kind, from where it counts, start, length, whose


@contextmanager
def turn(database: str | None, patience: float | None = None) -> Iterator[None]:
    """Hold the turn to write to the database file until the block ends: first come, first served.

    SQLite's own waiting sleeps longer the longer it has waited, so that whoever came last is served first: measured, eight
    writers let one wait for seconds. So does whoever is quick: one that has just written asks again before those who wait
    have looked. Here everybody draws a number, as in a bank, and goes when no lower one is left; the system lets go of the
    number of a process that was killed. After ``patience`` (PATIENCE) one goes on without the turn: the database's own lock still
    decides, and refuses.
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
        _wait(file, time.monotonic() + (PATIENCE if patience is None else patience))
        yield
    finally:
        os.close(file)  # lets go of the number


def _wait(file: int, deadline: float) -> None:
    while not _taken(file):  # held while a number is drawn
        if time.monotonic() >= deadline:
            return
        time.sleep(LOOK_AGAIN)
    drawn = _draw(file)
    if drawn is None:  # then the file itself is the turn, and whoever looks first has it
        return
    fcntl.flock(file, fcntl.LOCK_UN)
    while (before := _before(file, drawn)) and time.monotonic() < deadline:
        time.sleep(min(LOOK_AGAIN * before, LONGEST_NAP))  # numbers that began anew lie far apart


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _draw(file: int) -> int | None:
    """Return the next number, and hold its byte; None where the system or the disk cannot do that."""
    if DRAW is None:
        return None
    try:
        drawn = int.from_bytes(os.pread(file, COUNTER, 0), "little") % SPAN + 1  # never 0: no byte lies before that
        os.pwrite(file, drawn.to_bytes(COUNTER, "little"), 0)
        fcntl.fcntl(file, DRAW, struct.pack(LOCK, fcntl.F_WRLCK, os.SEEK_SET, FIRST + drawn, 1, 0))
    except OSError:
        return None
    return drawn


def _before(file: int, drawn: int) -> int:
    """Return how many numbers lie between ``drawn`` and one before it that is still held; 0 when there is none."""
    asked = struct.pack(LOCK, fcntl.F_RDLCK, os.SEEK_SET, FIRST, drawn, 0)
    kind, _, start, *_ = struct.unpack_from(LOCK, fcntl.fcntl(file, LOOK, asked))
    return 0 if kind == fcntl.F_UNLCK else max(FIRST + drawn - start, 1)
