"""Who points at a row: asked of the tables themselves, so that nothing that is in use is ever taken away."""

from __future__ import annotations

from typing import cast

from sqlalchemy import delete, func, inspect, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.schema import Table

from volunteer.kernel.db import Base
from volunteer.kernel.words import N_
from volunteer.ledger.models import Account

WORDS = {
    "sites": N_("places below it"),
    "teams": N_("teams"),
    "people": N_("people"),
    "volunteers": N_("volunteers"),
    "venues": N_("venues"),
    "grids": N_("grids"),
    "holidays": N_("days of its calendar"),
    "policies": N_("rules of its own"),
    "role_grants": N_("people with a role there"),
    "service_items": N_("services"),
    "item_skills": N_("services that need it"),
    "questions": N_("questions"),
    "orders": N_("orders"),
    "service_orders": N_("orders"),
    "offers": N_("offers"),
    "memberships": N_("members"),
    "volunteer_skills": N_("volunteers who can do it"),
    "team_skills": N_("teams that can do it"),
    "web_sessions": N_("log-ins"),
    "ledger": N_("booked hours or points"),
}
OTHER = N_("other records")


def users(session: Session, model: type[Base], number: int, thing: str, own: frozenset[str]) -> list[tuple[str, int]]:
    """Return what points at the row, as (msgid, how many); rows of ``own`` tables do not count."""
    table = _table(model)
    found: dict[str, int] = {}
    for other in Base.metadata.sorted_tables:
        columns = [key.parent for key in other.foreign_keys if key.column.table is table]
        if not columns or other.name in own:
            continue
        count = session.scalar(select(func.count()).select_from(other).where(or_(*(column == number for column in columns)))) or 0
        if count:
            words = WORDS.get(other.name, OTHER)
            found[words] = found.get(words, 0) + count
    booked = Account.owner.in_([thing]) | Account.owner.startswith(f"{thing}:", autoescape=True)
    if count := session.scalar(select(func.count()).select_from(Account).where(booked)) or 0:
        found[WORDS["ledger"]] = count
    return sorted(found.items())


def remove(session: Session, model: type[Base], number: int, own: frozenset[str]) -> None:
    """Delete the row, and the rows of ``own`` tables that point at it."""
    session.flush()  # rows are deleted beside the session's own knowledge
    table = _table(model)
    for other in reversed(Base.metadata.sorted_tables):
        if other.name in own:
            columns = [key.parent for key in other.foreign_keys if key.column.table is table]
            session.execute(delete(other).where(or_(*(column == number for column in columns))))
    session.execute(delete(table).where(table.c.id == number))


def _table(model: type[Base]) -> Table:
    table = inspect(model).local_table
    return cast("Table", table)
