"""A sheet comes in: read without a lock, kept with its preview, done in one transaction, or not at all."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.exchange import planning, reading
from volunteer.exchange.checking import check
from volunteer.exchange.columns import Checked, Fault, Values, Wrong, jsonable
from volunteer.exchange.kinds import kind_called
from volunteer.exchange.kinds.base import Kind
from volunteer.exchange.lifecycle import UPLOADED, ImportAction, State
from volunteer.exchange.models import Import, ImportRow, What
from volunteer.exchange.planning import Change, Plan
from volunteer.exchange.reading import Table, Unreadable
from volunteer.exchange.writing import write_cell
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, DomainError, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.places.models import Site

SHOWN = {What.NEW: 40, What.CHANGED: 60, What.SAME: 10}  # rows of the preview
FAULTS = 300  # that the page lists; the marked sheet has all
LONGEST_CELL = 120
OVERTAKEN = N_("Something was changed here since the preview. Nothing was brought in: please upload the sheet again.")


def read(kind: Kind, data: bytes) -> tuple[Checked, Table | None]:
    """Return the sheet as it was understood, and its raw rows if there are any. Looks at no database."""
    try:
        table = reading.read_table(data, kind.sheet.most)
    except Unreadable as problem:
        return Checked(faults=[Fault(problem.row, "", problem.message, problem.params)]), None
    return check(kind.sheet, table), table


def keep(
    session: Session, actor: Actor, kind: Kind, data: bytes, file_name: str, checked: Checked, plan: Plan, *,
    locale: str, at: datetime,
) -> Import:  # fmt: skip
    """Write down an upload with what its preview shows; nothing else changes."""
    scope = must_use(actor, kind)
    row = Import(
        kind=kind.sheet.name,
        site_id=session.scalar(select(Site.id).where(Site.path == scope)),
        state=State.WRONG if plan.faults else State.READ,
        file_name=file_name[-120:],
        made_by=actor.user_id,
        uploaded_at=at,
        news=plan.count(What.NEW),
        changes=plan.count(What.CHANGED),
        sames=plan.count(What.SAME),
        faults=len(plan.faults),
        digest=plan.digest,
    )
    keyring = session.info["keyring"]
    row.file_sealed = keyring.seal(b64encode(data).decode(), f"sheet_imports.file:{row.uid}")
    row.report_sealed = keyring.seal(json.dumps(_report(kind, checked, plan, locale)), f"sheet_imports.report:{row.uid}")
    session.add(row)
    session.flush()  # its id goes into the address of the preview
    return row


def report_of(session: Session, row: Import) -> dict[str, Any] | None:
    """Return what the preview shows, None when it was dropped."""
    if row.report_sealed is None:
        return None
    found: dict[str, Any] = json.loads(session.info["keyring"].unseal(row.report_sealed, f"sheet_imports.report:{row.uid}"))
    return found


def file_of(session: Session, row: Import) -> bytes:
    """Return the uploaded bytes. Raises Conflict when they were dropped."""
    if row.file_sealed is None:
        raise Conflict("sheet_gone", N_("This file is not kept any more. Please upload it again."))
    return b64decode(session.info["keyring"].unseal(row.file_sealed, f"sheet_imports.file:{row.uid}"))


def apply(session: Session, actor: Actor, import_id: int, checked: Checked, *, at: datetime) -> Import:
    """Bring the sheet in: every row, or none. ``checked`` is what ``read`` gives for the kept file.

    Raises Conflict when it does not do any more what its preview said. Done twice it is no error.
    """
    row = lock(session, Import, import_id)
    kind = kind_called(row.kind)
    must_use(actor, kind)
    if row.made_by != actor.user_id:
        raise NotFound("sheet")
    if row.state is State.DONE:
        return row
    if row.state is not State.READ:
        raise Conflict("sheet_not_ready", N_("This sheet cannot be brought in."))
    plan = planning.plan(session, actor, kind, checked, at=at)
    if plan.faults or plan.digest != row.digest:
        raise Conflict("sheet_overtaken", OVERTAKEN)

    things = _write(kind, plan)
    kept = [_row(kind, row.id, change, things[change.row]) for change in plan.changes if change.what is not What.SAME]
    if kept:
        session.execute(insert(ImportRow), kept)
    row.advance(ImportAction.BRING_IN)
    row.done_at, row.file_sealed, row.report_sealed = at, None, None
    counts = {"news": row.news, "changes": row.changes}
    record(session, actor, "sheet_imported", f"import:{row.id}", at=at, site_path=row.site_path, kind=row.kind, **counts)
    return row


def drop(session: Session, actor: Actor, import_id: int, *, at: datetime) -> Import:
    """Forget an upload that was not brought in."""
    row = lock(session, Import, import_id)
    must_use(actor, kind_called(row.kind))
    if row.made_by != actor.user_id:
        raise NotFound("sheet")
    if row.state in UPLOADED:
        row.advance(ImportAction.DROP)
        row.file_sealed, row.report_sealed = None, None
    return row


def must_use(actor: Actor, kind: Kind) -> str:
    """Return the widest place over which the actor may use this kind of sheet. Raises NotFound."""
    found = scopes(actor, kind)
    if not found:
        raise NotFound("page")
    return found[0]


def scopes(actor: Actor, kind: Kind) -> list[str]:
    """Return the places over which the actor may use sheets and this kind of thing."""
    return [path for path in actor.scopes(kind.permission) if actor.can(Permission.SHEETS_USE, at=path)]


def imports_of(session: Session, actor: Actor, kinds: Sequence[Kind], limit: int = 30) -> list[Import]:
    """Return the latest imports that were done under the actor's places, and the actor's own uploads."""
    paths = {path for kind in kinds for path in scopes(actor, kind)}
    done = Import.state.in_([State.DONE, State.UNDONE])
    mine = (Import.made_by == actor.user_id) & (Import.state != State.DROPPED)
    found = select(Import).where(Import.kind.in_([kind.sheet.name for kind in kinds]), done | mine)
    rows = session.scalars(found.order_by(Import.id.desc()).limit(limit * 4))
    return [row for row in rows if row.made_by == actor.user_id or any(row.site_path.startswith(path) for path in paths)][:limit]


def visible(session: Session, actor: Actor, import_id: int) -> Import:
    """Return an import that this actor may look at. Raises NotFound."""
    row = session.get(Import, import_id)
    if row is None:
        raise NotFound("sheet")
    paths = scopes(actor, kind_called(row.kind))
    mine = row.made_by == actor.user_id and bool(paths)
    if not mine and (row.state not in {State.DONE, State.UNDONE} or not any(row.site_path.startswith(path) for path in paths)):
        raise NotFound("sheet")
    return row


def _write(kind: Kind, plan: Plan) -> dict[int, str]:
    """Make and change; return by row what each is called in a record."""
    things: dict[int, str] = {}
    new = kind.order([change for change in plan.changes if change.what is What.NEW])
    row = 0
    try:
        for start in range(0, len(new), kind.at_once):
            some = new[start : start + kind.at_once]
            row = some[0].row
            made = kind.make(plan.context, [(change.row, change.values) for change in some])
            things |= {change.row: thing for change, thing in zip(some, made, strict=True)}
        for change in plan.changes:
            if change.what is What.CHANGED and change.existing is not None:
                row = change.row
                kind.change(plan.context, change.existing, change.values, change.columns)
                things[row] = change.existing.thing
        kind.after(plan.context)
    except (DomainError, Wrong) as error:
        words = N_("Row %(row)s was refused, so nothing was brought in. Please upload the sheet again; the preview will say why.")
        raise Invalid("sheet_row_refused", words, row=row) from error
    return things


def _row(kind: Kind, import_id: int, change: Change, thing: str) -> dict[str, Any]:
    columns = [one for one in kind.sheet.columns if not one.private and one.key in change.values]
    if change.what is What.CHANGED and change.existing is not None:
        columns = [one for one in columns if one.key in change.columns]
        before: Values = {one.key: jsonable(change.existing.values.get(one.key)) for one in columns}
    else:
        before = {}
    label = kind.sheet.column(kind.sheet.label)
    return {
        "import_id": import_id,
        "row": change.row,
        "what": change.what,
        "thing": thing,
        "label": "" if label.private else str(change.values.get(label.key) or "")[:120],
        "before": before,
        "after": {one.key: jsonable(change.values[one.key]) for one in columns},
    }


def _report(kind: Kind, checked: Checked, plan: Plan, locale: str) -> dict[str, Any]:
    """What the preview shows, small enough to be kept beside the file."""
    sheet = kind.sheet
    keys = [column.key for column in sheet.columns if column.key in checked.columns and column.key != "datum"]
    left = dict(SHOWN)
    rows = []
    for change in plan.changes:
        if left[change.what] > 0 and (change.what is not What.SAME or sum(left.values()) > 0):
            left[change.what] -= 1
            cells = {key: _short(sheet.column(key), change.values.get(key), locale) for key in keys}
            if site := plan.context.places.by_code.get(cells.get("site", "")):
                cells["site"] = f"{site.name} ({site.code})"
            was = {
                key: _short(sheet.column(key), change.existing.values.get(key), locale) if change.existing else ""
                for key in sorted(change.columns)
            }
            rows.append({"row": change.row, "what": change.what.value, "cells": cells, "was": was})
    faults = [[one.row, one.column, one.message, dict(one.params)] for one in plan.faults[:FAULTS]]
    return {"columns": keys, "rows": rows, "faults": faults, "notes": [[words, params] for words, params in checked.notes[:20]]}


def _short(column: Any, value: Any, locale: str) -> str:
    cell = write_cell(column, value, locale)
    text = "" if cell is None else str(cell)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"
