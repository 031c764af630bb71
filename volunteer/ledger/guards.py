"""Which tables nobody rewrites, and whether this database really stops who tries."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

GUARDED = (  # as in migrations 0002 and 0006
    "ledger_transfers",
    "ledger_keys",
    "ledger_links",
    "ledger_blocks",
    "ledger_checkpoints",
    "certificate_signatures",
    "audit_entries",
)


def missing(session: Session) -> dict[str, list[str]]:
    """Return, for each guarded table that is open to it, what nothing stops there: update, delete, truncate, replace."""
    wanted = {"update", "delete", "replace" if is_lite(session) else "truncate"}
    standing = _lite(session) if is_lite(session) else _postgresql(session)
    there = GUARDED[:3] + GUARDED[6:] if is_older(session) else GUARDED
    found = {table: sorted(wanted - standing.get(table, set())) for table in there}
    return {table: acts for table, acts in found.items() if acts}


def is_older(session: Session) -> bool:
    """Return whether these are the tables of a migration before blocks were sealed: an older backup, say."""
    return str(session.scalar(text("SELECT MAX(version_num) FROM alembic_version"))) < "0005"


def is_lite(session: Session) -> bool:
    """Return whether the database is SQLite."""
    return session.get_bind().dialect.name == "sqlite"


def _lite(session: Session) -> dict[str, set[str]]:
    standing: dict[str, set[str]] = {}
    rows = session.execute(text("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'"))
    for table, name, definition in rows:
        if name.startswith(f"{table}_no_") and "RAISE" in definition.upper():
            standing.setdefault(table, set()).add(name.removeprefix(f"{table}_no_"))
    if session.scalar(text("PRAGMA recursive_triggers")) == 1:  # then REPLACE asks the trigger of DELETE
        for stopped in standing.values():
            if "delete" in stopped:
                stopped.add("replace")
    return standing


def _postgresql(session: Session) -> dict[str, set[str]]:
    standing: dict[str, set[str]] = {}
    rows = session.execute(
        text(
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE NOT t.tgisinternal AND t.tgenabled = 'A' AND n.nspname = current_schema()"
        )
    )
    for table, name in rows:
        if name == f"{table}_no_change":
            standing.setdefault(table, set()).update({"update", "delete"})
        elif name == f"{table}_no_truncate":
            standing.setdefault(table, set()).add("truncate")
    return standing
