"""Taking back an import: what it made goes if nothing was built on it, what it changed gets its old values again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor
from volunteer.audit.recording import record
from volunteer.exchange.columns import Column, Sheet, Type, jsonable, same
from volunteer.exchange.importing import must_use, visible
from volunteer.exchange.kinds import kind_called
from volunteer.exchange.kinds.base import Context, Existing, Kind
from volunteer.exchange.lifecycle import ImportAction, State
from volunteer.exchange.models import Import, ImportRow, What
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, DomainError
from volunteer.kernel.words import N_

MOST = 100  # obstacles that are named


@dataclass(frozen=True)
class Obstacle:
    """Why a row cannot be taken back: ``message`` (msgid) with its own words in ``params``, translated there too."""

    row: int
    label: str
    message: str
    things: tuple[tuple[str, int], ...] = ()


class InTheWay(Conflict):
    """An import cannot be undone; ``obstacles`` say what is in the way."""

    def __init__(self, obstacles: Sequence[Obstacle]) -> None:
        super().__init__("import_in_use", N_("This cannot be undone: something was built on it since. Nothing was changed."))
        self.obstacles = list(obstacles)


def undo(session: Session, actor: Actor, import_id: int, *, at: datetime) -> Import:
    """Take an import back, all of it. Raises InTheWay with everything that is in the way. Undone twice is no error."""
    visible(session, actor, import_id)
    row = lock(session, Import, import_id)
    kind = kind_called(row.kind)
    must_use(actor, kind)
    if row.state is State.UNDONE:
        return row
    if row.state is not State.DONE:
        raise Conflict("sheet_not_done", N_("This sheet was not brought in, so there is nothing to undo."))

    rows = session.scalars(select(ImportRow).where(ImportRow.import_id == row.id).order_by(ImportRow.id)).all()
    obstacles = _take_back(session, actor, kind, rows, at)
    if obstacles:
        raise InTheWay(obstacles)
    row.advance(ImportAction.UNDO)
    row.undone_at, row.undone_by = at, actor.user_id
    record(session, actor, "sheet_undone", f"import:{row.id}", at=at, site_path=row.site_path, kind=row.kind, rows=len(rows))
    return row


def typed(column: Column, value: Any) -> Any:
    """Return a value as it was before JSON kept it."""
    if value is None:
        return None
    if column.type is Type.DATE:
        return date.fromisoformat(value)
    if column.type in {Type.CODES, Type.HOURS, Type.ANSWERS}:
        return tuple(tuple(part) if isinstance(part, list) else part for part in value)
    return value


def _take_back(session: Session, actor: Actor, kind: Kind, rows: Sequence[ImportRow], at: datetime) -> list[Obstacle]:
    context, there = kind.found(session, actor, [row.thing for row in rows], at)
    obstacles: list[Obstacle] = []
    for row in reversed(rows):
        if len(obstacles) >= MOST:
            break
        if (obstacle := _one(context, kind, row, there.get(row.thing))) is not None:
            obstacles.append(obstacle)
    if not obstacles:
        kind.after(context)
        session.flush()  # the old values, before everything is read anew
        session.expire_all()
    return obstacles[::-1]


def _one(context: Context, kind: Kind, row: ImportRow, existing: Existing | None) -> Obstacle | None:
    if existing is None or not existing.mine:
        return Obstacle(row.row, row.label, N_("It is not there any more."))
    if existing.closed:
        return Obstacle(row.row, row.label, N_("It was closed since."))
    if not all(same(jsonable(existing.values.get(name)), value) for name, value in _compared(kind.sheet, row.after).items()):
        return Obstacle(row.row, row.label, N_("It was changed since."))
    if row.what is What.CHANGED:
        before = {name: typed(kind.sheet.column(name), value) for name, value in row.before.items()}
        try:
            kind.change(context, existing, existing.values | before, frozenset(before))
        except DomainError as error:
            return Obstacle(row.row, row.label, error.message)
        return None
    if users := kind.in_the_way(context, row.thing):
        return Obstacle(row.row, row.label, N_("Something was built on it:"), tuple(users))
    kind.unmake(context, row.thing)
    return None


def _compared(sheet: Sheet, after: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if name != "datum"}
