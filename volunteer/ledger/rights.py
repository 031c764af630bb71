"""Append-only by rights, too: on PostgreSQL the application's role cannot rewrite the books even where a trigger is gone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import func, literal, select, text
from sqlalchemy.orm import Session

from volunteer.ledger.guards import GUARDED, is_lite

NAME = re.compile(r"[a-z_][a-z0-9_$]{0,62}")
REWRITING = "UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"


def statements(session: Session, role: str) -> list[str]:
    """Return what gives ``role`` every table but lets it only read and add where the books are.

    Raises ValueError on SQLite, for a name that is none, for a role that does not exist, and for one that no right can hold
    back: the tables' owner, or whoever may everything.
    """
    if is_lite(session):
        raise ValueError("SQLite knows no roles: there the application's own connections refuse to rewrite the books.")
    if not NAME.fullmatch(role):
        raise ValueError(f"{role!r} is no plain name of a role.")
    found = session.execute(text("SELECT rolsuper FROM pg_roles WHERE rolname = :role"), {"role": role}).one_or_none()
    if found is None:
        raise ValueError(f"There is no role {role}. Make it first: CREATE ROLE {role} LOGIN")
    owners = set(session.scalars(text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = current_schema()")))
    if found.rolsuper or role in owners:
        raise ValueError(
            f"{role} owns the tables or may do everything, so no right holds it back. The application needs another role."
        )
    schema = session.scalar(select(func.quote_ident(func.current_schema())))
    everything = f"ALL TABLES IN SCHEMA {schema}"
    return [
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"REVOKE ALL ON {everything} FROM {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {everything} TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        *(f"REVOKE {REWRITING} ON {schema}.{table} FROM {role}, PUBLIC" for table in GUARDED),
    ]


def apply(session: Session, given: Iterable[str]) -> None:
    """Run the statements in the caller's transaction: all or none."""
    for statement in given:
        session.execute(text(statement))


def too_many(session: Session) -> Sequence[str]:
    """Return the guarded tables that whoever is connected may rewrite by right; only triggers stop them there."""
    if is_lite(session):
        return []
    may = [
        func.has_table_privilege(literal(table), literal(act)) for table in GUARDED for act in ("UPDATE", "DELETE", "TRUNCATE")
    ]
    held = list(session.execute(select(*may)).one())
    return [table for number, table in enumerate(GUARDED) if any(held[number * 3 : number * 3 + 3])]


def notes(session: Session) -> list[str]:
    """Return what an administrator should know, though nothing is wrong."""
    if too_many(session):
        return ["Note: this role could drop the guards of the books. Serve as one that cannot: ./run flask ledger rights ROLE"]
    return []
