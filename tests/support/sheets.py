"""Sheets for tests: written as people write them, brought in as pages bring them in."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from sqlalchemy.orm import Session

from volunteer.access import Actor
from volunteer.exchange import importing, planning
from volunteer.exchange.kinds import kind_called
from volunteer.exchange.models import Import

Rows = Sequence[Sequence[Any]]


def a_csv(rows: Rows, encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    """A CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def an_xlsx(rows: Rows, *, merge: str = "", hidden: bool = False) -> bytes:
    """An Excel file; ``hidden`` puts a hidden sheet with rubbish before it."""
    book = Workbook()
    page = book.active
    if hidden:
        page.append(["secret"])
        page.sheet_state = "hidden"
        page = book.create_sheet("数据")
        book.active = 1
    for row in rows:
        page.append(list(row))
    if merge:
        page.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def look(session: Session, actor: Actor, name: str, data: bytes, *, at: Any) -> tuple[Import, planning.Plan]:
    """Upload a sheet; return what was kept and what it would do."""
    kind = kind_called(name)
    checked, _ = importing.read(kind, data)
    plan = planning.plan(session, actor, kind, checked, at=at)
    return importing.keep(session, actor, kind, data, f"{name}.csv", checked, plan, locale="zh_Hans", at=at), plan


def bring(session: Session, actor: Actor, name: str, rows: Rows | bytes, *, at: Any) -> Import:
    """Upload a sheet without faults and bring it in."""
    data = rows if isinstance(rows, bytes) else a_csv(rows)
    row, plan = look(session, actor, name, data, at=at)
    assert plan.faults == []
    return importing.apply(session, actor, row.id, importing.read(kind_called(name), data)[0], at=at)


def faults(session: Session, actor: Actor, name: str, rows: Rows | bytes, *, at: Any) -> list[tuple[int, str, str]]:
    """Upload a sheet; return what is wrong with it."""
    data = rows if isinstance(rows, bytes) else a_csv(rows)
    _, plan = look(session, actor, name, data, at=at)
    return [(one.row, one.column, one.message) for one in plan.faults]
