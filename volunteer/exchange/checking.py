"""From rows of raw cells to drafts and faults: headers in any order and either language, each cell by its column. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from volunteer.exchange.cells import Raw, read_cell
from volunteer.exchange.columns import Checked, Column, Draft, Fault, Sheet, Wrong
from volunteer.exchange.reading import Table
from volunteer.exchange.reading_csv import TOO_MANY
from volunteer.kernel.words import N_

HEAD_ROWS = 5  # a title may stand above the header
MOST_FAULTS = 2_000
MARK_HEADERS = ("哪里不对", "What is wrong")  # the column that we put beside a sheet with faults
DECORATION = re.compile(r"[\s*＊:：_\-()（）\[\]【】]|必填|选填|required|optional")


def check(sheet: Sheet, table: Table) -> Checked:
    """Return everything that can be said about the sheet without looking at the county."""
    checked = Checked(notes=list(table.notes))
    if not table.rows:
        checked.faults.append(Fault(1, "", N_("This sheet is empty.")))
        return checked
    head = _header(sheet, table)
    if head is None:
        wanted = "、".join(f"{column.name} ({column.name_en})" for column in sheet.columns if column.required)
        message = N_("No header with the names of the columns was found. The first row must have: %(names)s.")
        checked.faults.append(Fault(table.rows[0][0], "", message, {"names": wanted}))
        return checked

    at, columns = head
    number, header = table.rows[at]
    _judge_header(sheet, number, header, columns, checked)
    below = table.rows[at + 1 :]
    for top, bottom, words in table.merged:
        if bottom >= number and len(checked.faults) < MOST_FAULTS:
            message = N_("The cells %(words)s are merged. Please split them and fill in each one.")
            checked.faults.append(Fault(max(top, number), "", message, {"words": words}))
    if not below:
        checked.faults.append(Fault(number, "", N_("There is a header, but no row below it.")))
    if len(below) > sheet.most:
        checked.faults.append(Fault(below[sheet.most][0], "", TOO_MANY, {"most": sheet.most}))
        below = below[: sheet.most]
    checked.columns = tuple(column.key for column in columns if column)
    for row, cells in below:
        if len(checked.faults) >= MOST_FAULTS:
            break
        _read_row(row, cells, columns, checked)
    _find_twins(sheet, checked)
    return checked


def fold(header: Raw) -> str:
    """Return a header as headers are compared: without spaces, stars and brackets, in lower case."""
    return DECORATION.sub("", unicodedata.normalize("NFKC", str(header or "")).lower())


def columns_of(sheet: Sheet, table: Table) -> list[str | None]:
    """Return the key of each column of a table, None for those that are not ours."""
    head = _header(sheet, table)
    return [column.key if column else None for column in head[1]] if head else []


def _header(sheet: Sheet, table: Table) -> tuple[int, list[Column | None]] | None:
    """The first row that names two of our columns (or the one that there is), with the column of each of its cells."""
    names = {fold(name): column for column in sheet.columns for name in (column.key, column.name, column.name_en, *column.also)}
    for at, (_, cells) in enumerate(table.rows[:HEAD_ROWS]):
        columns = [names.get(fold(cell)) if isinstance(cell, str) else None for cell in cells]
        if sum(1 for column in columns if column) >= min(2, len(sheet.columns)):
            return at, columns
    return None


def _judge_header(sheet: Sheet, number: int, header: list[Raw], columns: list[Column | None], checked: Checked) -> None:
    seen: set[str] = set()
    for position, column in enumerate(columns):
        if column is None:
            if header[position] not in (None, "") and not str(header[position]).startswith(MARK_HEADERS):
                name = str(header[position])[:40]
                checked.notes.append((N_("The column “%(name)s” is not known and was not read."), {"name": name}))
        elif column.key in seen:
            checked.faults.append(Fault(number, column.key, N_("This column is there twice.")))
            columns[position] = None
        else:
            seen.add(column.key)
    for column in sheet.columns:
        if column.required and column.key not in seen:
            checked.faults.append(Fault(number, column.key, N_("This column is missing.")))


def _read_row(row: int, cells: list[Raw], columns: list[Column | None], checked: Checked) -> None:
    values: dict[str, Any] = {}
    for position, column in enumerate(columns):
        raw = cells[position] if position < len(cells) else None
        if column is not None:
            try:
                values[column.key] = read_cell(column, raw)
            except Wrong as wrong:
                checked.faults.append(Fault(row, column.key, wrong.message, wrong.params))
    if any(cell not in (None, "") for cell in cells[len(columns) :]):
        checked.faults.append(Fault(row, "", N_("There is something to the right of the last column.")))
    checked.drafts.append(Draft(row, values))


def _find_twins(sheet: Sheet, checked: Checked) -> None:
    first: dict[tuple[Any, ...], int] = {}
    for draft in checked.drafts:
        key = tuple(_comparable(draft.values.get(name)) for name in sheet.key)
        if any(part is None for part in key):
            continue
        if key in first:
            message = N_("This is the same as in row %(other)s.")
            checked.faults.append(Fault(draft.row, sheet.key[0], message, {"other": first[key]}))
        else:
            first[key] = draft.row


def _comparable(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
