"""What of an entry goes over to the one that stays: every row that is about the person, in whatever table it stands.

The list is the one by which people get a copy of everything about themselves, so a new table is in it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Table, inspect, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from volunteer.administration.merging.models import Change, Merge
from volunteer.administration.own_data import SECTIONS
from volunteer.kernel.db import Base, UtcDateTime
from volunteer.messaging.models import Message

STAYS = {  # about the person, and yet not carried over: why
    "people.id": "the entry itself",
    "volunteers.id": "the entry itself; see merging.py",
    "web_sessions.person_id": "every log-in of the entry that goes is ended",
    "second_factors.person_id": "belongs to the log-in that ends",
    "certificates.volunteer_id": "frozen: it says for whom it was issued; found through brought_keys",
    "brought_keys.person_id": "written anew, see merging.py",
    "brought_keys.from_id": "written anew, see merging.py",
    "person_pairs.one_id": "the pair is of these two",
    "person_pairs.other_id": "the pair is of these two",
    "person_merges.kept_id": "who went where, went there",
    "person_merges.gone_id": "who went where, went there",
    "recovery_codes.person_id": "belong to the log-in that ends",
    "pending_entries.person_id": "belong to the log-in that ends",
    "reset_links.person_id": "belong to the log-in that ends",
    "benefit_codes.volunteer_id": "gone after ten minutes",
    "check_marks.by_id": "whose device it was then",
    "dispatch_runs.person_id": "a plan is of its day",
    "duty_spots.volunteer_id": "made anew with the duty",
    "holds.person_id": "gone after some minutes",
    "hours_findings.person_id": "answered where it was asked",
    "points_findings.person_id": "answered where it was asked",
    "point_counts.person_id": "counted anew at once, see books.py",
}
ALSO: tuple[tuple[type[Base], str], ...] = ((Message, "person_id"),)  # their own chapter of the copy


def moved_columns() -> list[tuple[Table, str]]:
    """Return every column that is re-written when an entry goes over."""
    listed = [(one.table, one.column) for one in SECTIONS] + list(ALSO)
    tables = [(inspect(kind).local_table, column) for kind, column in listed]
    return [(table, column) for table, column in tables if isinstance(table, Table) and f"{table.name}.{column}" not in STAYS]


def carry_rows(session: Session, merge: Merge) -> int:
    """Write ``merge.kept_id`` wherever ``merge.gone_id`` stood, and keep what was changed. Return how many rows went over.

    A row that the one who stays has already (the same skill, the same team) is left where it is.
    """
    session.flush()  # what was just written goes over too
    count = 0
    for table, column in moved_columns():
        for row in _rows(session, table, column, merge.gone_id):
            if _set(session, table, row, column, merge.kept_id):
                session.add(Change(merge_id=merge.id, table=table.name, row=row, column=column, before=merge.gone_id,
                                   after=merge.kept_id))  # fmt: skip
                count += 1
    session.expire_all()
    return count


def set_value(session: Session, merge: Merge, row: Base, column: str, value: Any) -> None:
    """Set one value of one row, and keep what it was. Values are numbers, texts, dates or moments."""
    table = inspect(type(row)).local_table
    if not isinstance(table, Table):
        raise TypeError(type(row))
    before = getattr(row, column)
    if before == value:
        return
    setattr(row, column, value)
    key = {one.name: getattr(row, one.name) for one in table.primary_key}
    session.add(Change(merge_id=merge.id, table=table.name, row=key, column=column, before=_said(before), after=_said(value)))


def put_back(session: Session, merge: Merge) -> tuple[int, int]:
    """Write back what the merge changed and nobody has changed since, the latest first. Return (written, left alone)."""
    session.flush()  # what is compared is in the database
    written = left = 0
    for change in reversed(merge.changes):
        table = Base.metadata.tables[change.table]
        after, before = _meant(table, change.column, change.after), _meant(table, change.column, change.before)
        row = dict(change.row)
        if change.column in row:
            row[change.column] = after
        held = table.c[change.column]
        here = [table.c[name] == value for name, value in row.items()]
        found = session.scalar(select(held).where(*here))
        done = found == after and _set(session, table, row, change.column, before)
        written, left = written + done, left + (not done)
    session.expire_all()
    return written, left


def _rows(session: Session, table: Table, column: str, person_id: int) -> Sequence[dict[str, Any]]:
    key = list(table.primary_key)
    found = session.execute(select(*key).where(table.c[column] == person_id).order_by(*key))
    return [dict(zip((one.name for one in key), values, strict=True)) for values in found]


def _set(session: Session, table: Table, row: dict[str, Any], column: str, value: Any) -> bool:
    """Write one value; False when a rule of the table forbids it, because there is such a row already."""
    here = [table.c[name] == held for name, held in row.items()]
    values: dict[str, Any] = {column: value}
    try:
        with session.begin_nested():
            session.execute(update(table).where(*here).values(values))
    except IntegrityError:
        return False
    return True


def _said(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _meant(table: Table, column: str, value: Any) -> Any:
    kind = table.c[column].type
    if isinstance(kind, UtcDateTime) and isinstance(value, str):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) and isinstance(value, str) else value
