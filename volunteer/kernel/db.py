"""One database behind everything: column types, the base of all tables, and what a transaction is.

SQLite is driven by a library of our own choosing (see kernel/sqlite.py) with the driver's own transactions off; a
writing transaction begins IMMEDIATE, because a reader that turns writer loses with "database is locked".
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    String,
    TypeDecorator,
    create_engine,
    event,
    false,
    or_,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as lite
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, Session, mapped_column, registry
from sqlalchemy.orm.interfaces import ORMOption

from volunteer.kernel import sqlite
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.kernel.words import N_

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
WRITES, PATIENCE = "volunteer_writes", "volunteer_patience"
BEYOND = 2**31  # no row has that number
Row = TypeVar("Row", bound="Base")


class UtcDateTime(TypeDecorator[datetime]):
    """Aware in Python, naive UTC in the database, the same on SQLite and PostgreSQL."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime reached the database")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


WORD = Enum(StrEnum, native_enum=False, length=32, values_callable=lambda kind: [member.value for member in kind])


class Base(DeclarativeBase):
    """Every table's parent. Enums are stored as their lower-case words, times as UTC."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={
            datetime: UtcDateTime(),
            StrEnum: WORD,
            dict[str, Any]: JSON(),
            list[str]: JSON(),
            list[dict[str, Any]]: JSON(),
        },
    )


class Identified:
    """Mixin: a random identity that exists before the row is stored; sealed columns are bound to it."""

    uid: Mapped[str] = mapped_column(String(32), unique=True, default=lambda: uuid.uuid4().hex)

    def __init__(self, **values: Any) -> None:
        values.setdefault("uid", uuid.uuid4().hex)
        super().__init__(**values)


db = SQLAlchemy(model_class=Base, session_options={"autoflush": True})


def engine_options(url: str) -> dict[str, Any]:
    """Return ``create_engine`` arguments for ``url``. Raises sqlite.Unsafe for an SQLite library with the WAL race."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return {"pool_pre_ping": True, "connect_args": {"prepare_threshold": None}}
    sqlite.refuse_unsafe()
    return {"module": sqlite.module, "connect_args": {"check_same_thread": False, "timeout": 15}}


def make_engine(url: str) -> Engine:
    """Return an engine set up as the application's own: for tests, tools and benchmarks."""
    return create_engine(url, **engine_options(url))


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, record: Any) -> None:
    if not isinstance(connection, sqlite.module.Connection):
        return
    connection.isolation_level = None  # transactions are begun below, not by the driver
    for pragma in sqlite.PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        options = connection.get_execution_options()
        if not options.get(WRITES):
            connection.exec_driver_sql("BEGIN")
        elif (patience := options.get(PATIENCE)) is None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            _begin_soon(connection, patience)


def _begin_soon(connection: Connection, patience: float) -> None:
    usual = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
    connection.exec_driver_sql(f"PRAGMA busy_timeout={round(patience * 1000)}")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={usual}")


@contextmanager
def write(session: Session, *, patience: float | None = None) -> Iterator[Session]:
    """One unit of work: ends whatever was being read, commits at the end, rolls back when anything is raised.

    ``patience``: seconds to wait for other writers, for what may as well be left; else as long as the database is set to.
    """
    session.rollback()
    with _turn(session, patience):
        try:
            session.connection(execution_options={WRITES: True, PATIENCE: patience})
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise


def _turn(session: Session, patience: float | None) -> AbstractContextManager[None]:
    """On SQLite one writes after the other anyway: this only makes waiting fair."""
    engine = session.get_bind().engine
    return sqlite.turn(engine.url.database, patience) if engine.dialect.name == "sqlite" else nullcontext()


def insert_into(session: Session, kind: type[Base]) -> lite.Insert | postgresql.Insert:
    """Return an INSERT that can say what to do on conflict: both databases can, each by its own construct."""
    return lite.insert(kind) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(kind)


def load(session: Session, kind: type[Row], key: Any) -> Row:
    """Return the row with that primary key or raise NotFound, named after its table."""
    row = None if isinstance(key, int) and not 0 <= key < BEYOND else session.get(kind, key)
    if row is None:
        raise NotFound(kind.__name__.lower())
    return row


def lock(session: Session, kind: type[Row], key: Any, *with_it: ORMOption) -> Row:
    """Return the row as it is now, held until the transaction ends: of two who change it the second waits and sees.

    Every verb locks what it is about before anything that hangs on it, so that no two wait for each other. Rows that
    only refer to it may be written meanwhile. ``with_it``: loader options for what is read in the same go, and not held.
    """
    is_beyond = isinstance(key, int) and not 0 <= key < BEYOND
    held = {"key_share": True, "of": kind}
    row = None if is_beyond else session.get(kind, key, options=with_it, with_for_update=held, populate_existing=True)
    if row is None:
        raise NotFound(kind.__name__.lower())
    return row


def unchanged(session: Session, kind: type[Row], key: Any, seen: int | None) -> Row:
    """Return the row, held, if its ``version`` is still the one that was ``seen`` when the form was opened.

    Raises Conflict when somebody else was faster; None has seen nothing and takes what there is.
    """
    row = lock(session, kind, key)
    if seen is not None and row.version != seen:  # type: ignore[attr-defined]
        raise Conflict(
            "changed_meanwhile",
            N_("Somebody else changed this while you were writing. Please look at it again; nothing of yours was saved."),
        )
    return row


def under(paths: Iterable[str], *columns: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Return the condition that one of the stored site paths lies at or below one of ``paths``; no path lets nothing through."""
    return or_(false(), *(column.startswith(path) for path in paths for column in columns))
