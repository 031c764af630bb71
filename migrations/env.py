"""How Alembic meets our tables: plain column types, batch mode on SQLite, one transaction for each migration.

Runs on the connection it is given (tests, tools) or on the application's engine (``flask db upgrade``).
"""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlalchemy.engine import Connection

from volunteer.kernel import sqlite
from volunteer.kernel.db import WRITES, Base, UtcDateTime
from volunteer.kernel.tables import import_all_models
from volunteer.ledger.guards import GUARDED

import_all_models()


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write our own column types as SQLAlchemy's: a migration must read the same when our code has moved on."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime()"
    if kind == "type" and isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    return False


def compare_type(context: Any, column: Any, ours: Any, theirs_type: Any, ours_type: Any) -> bool | None:
    """Times are stored as plain timestamps and words as text: those are no differences."""
    if isinstance(ours_type, UtcDateTime):
        return not isinstance(theirs_type, sa.DateTime)
    if isinstance(ours_type, sa.Enum):
        return not (isinstance(theirs_type, sa.String) and theirs_type.length == ours_type.length)
    return None


def migrate(connection: Connection) -> None:
    """Run what was asked for."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        compare_type=compare_type,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    from flask import current_app

    with current_app.extensions["migrate"].db.engine.connect().execution_options(**{WRITES: True}) as connection:
        lite = connection.connection.driver_connection if connection.dialect.name == "sqlite" else None
        if lite is not None:
            sqlite.give_rights(lite)
        migrate(connection)
        if lite is not None:
            sqlite.take_rights(lite, GUARDED)
