"""Sheets that we write: templates, what is there, and a wrong sheet with its wrong cells marked.

What a spreadsheet would take for a formula is written as text, and ``reading`` gives back the same value.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from volunteer.exchange.cells import Broken, Formula, Raw, looks_worked_out
from volunteer.exchange.checking import MARK_HEADERS
from volunteer.exchange.columns import Column, Fault, Sheet, Type, Values
from volunteer.exchange.hours import write_hours
from volunteer.exchange.reading import Table
from volunteer.kernel.words import ENGLISH, N_

Say = Callable[..., str]
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
HEAD = PatternFill("solid", fgColor="E8EEF4")
MARKED = PatternFill("solid", fgColor="F8C9C4")
VALIDATED = 5_000  # rows below the header that offer a drop-down
LONGEST_LIST = 255  # signs of a drop-down, as Excel allows
WORDS = {True: ("是", "yes"), False: ("否", "no")}
CELL = 32_767


def write_cell(column: Column, value: Any, locale: str) -> str | int | float | date | None:
    """Return a value as a cell that ``read_cell`` turns into the same value."""
    if value is None or value == "" or value == ():
        return None
    if column.type is Type.YES_NO:
        return WORDS[bool(value)][locale == ENGLISH]
    if column.type is Type.CHOICE:
        return next((choice.called(locale) for choice in column.choices if choice.value == value), str(value))
    if column.type is Type.CODES:
        return "、".join(value)
    if column.type is Type.HOURS:
        return write_hours(value, locale)
    if column.type is Type.ANSWERS:
        return "; ".join("=".join(part for part in (one[0], one[1], one[2]) if part) for one in value)
    if column.type is Type.AREA:
        return json.dumps(value, separators=(",", ":"))
    return value  # type: ignore[no-any-return]


def csv_of(sheet: Sheet, rows: Iterable[Values], locale: str) -> bytes:
    """Return a CSV file in UTF-8 with its mark: header and ``rows``."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.called(locale) for column in sheet.columns])
    for values in rows:
        writer.writerow([_guarded(write_cell(column, values.get(column.key), locale)) for column in sheet.columns])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def xlsx_of(
    sheet: Sheet, rows: Iterable[Values], locale: str, say: Say, *, lists: Mapping[str, Sequence[str]] | None = None
) -> bytes:
    """Return an XLSX file: header and ``rows``, drop-downs where there is a choice, a second sheet that explains each column.

    ``say`` translates; ``lists`` offers the words of columns whose choices only the county knows.
    """
    book = Workbook(write_only=True)
    page = book.create_sheet(say(sheet.title)[:31])
    page.freeze_panes = "A2"
    for position, column in enumerate(sheet.columns, start=1):
        width = page.column_dimensions[get_column_letter(position)]
        width.width = 16 if column.longest <= 80 else 28
        if column.type not in {Type.WHOLE, Type.DECIMAL, Type.DATE}:
            width.number_format = "@"  # so that Excel leaves codes and phones as they are typed
        if words := _offered(column, locale, (lists or {}).get(column.key, ())):
            rule = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True, showErrorMessage=False)
            rule.add(f"{get_column_letter(position)}2:{get_column_letter(position)}{VALIDATED}")
            page.data_validations.append(rule)
    page.append([_head(page, column.called(locale) + (" *" if column.required else "")) for column in sheet.columns])
    for values in rows:
        page.append([_cell(page, column, write_cell(column, values.get(column.key), locale)) for column in sheet.columns])
    _explain(book, sheet, locale, say, lists or {})
    return _bytes(book)


def example(sheet: Sheet) -> Values:
    """Return the example row of a template, as text."""
    return {column.key: column.example for column in sheet.columns}


def template_csv(sheet: Sheet, locale: str) -> bytes:
    """Return the empty sheet as CSV, with its example row."""
    return csv_of(_as_text(sheet), [example(sheet)], locale)


def template_xlsx(sheet: Sheet, locale: str, say: Say, lists: Mapping[str, Sequence[str]]) -> bytes:
    """Return the empty sheet as XLSX, with its example row."""
    return xlsx_of(_as_text(sheet), [example(sheet)], locale, say, lists=lists)


def marked_xlsx(
    sheet: Sheet, table: Table, columns: Sequence[str | None], faults: Sequence[Fault], locale: str, say: Say
) -> bytes:
    """Return what was uploaded with its wrong cells coloured, and a last column that says what is wrong in each row.

    ``columns``: the key of each column of the upload, None for those that are not ours.
    """
    book = Workbook(write_only=True)
    page = book.create_sheet(say(sheet.title)[:31])
    by_row: dict[int, list[Fault]] = {}
    for fault in faults:
        by_row.setdefault(fault.row, []).append(fault)
    width = max((len(cells) for _, cells in table.rows), default=0)
    said_header, previous = False, 0
    for number, cells in table.rows:
        for _ in range(min(number - previous - 1, 50)):
            page.append([])
        previous = number
        here = by_row.get(number, [])
        wrong: dict[str, list[str]] = {}
        for fault in here:
            wrong.setdefault(fault.column, []).append(say(fault.message, **fault.params))
        line = []
        for position in range(width):
            raw = cells[position] if position < len(cells) else None
            cell = _raw(page, raw)
            key = columns[position] if position < len(columns) else None
            if key is not None and key in wrong:
                cell.fill = MARKED
                cell.comment = Comment(" ".join(wrong[key])[:500], "–", width=280, height=90)
            line.append(cell)
        words = [_fault_words(sheet, fault, locale, say) for fault in here]
        if not said_header:
            said_header = True
            line.append(_head(page, MARK_HEADERS[locale == ENGLISH] + ("" if not words else f"\n{' '.join(words)}")))
        elif words:
            cell = WriteOnlyCell(page, _legal(" ".join(words))[:CELL])
            cell.data_type, cell.fill = "s", MARKED
            line.append(cell)
        page.append(line)
    return _bytes(book)


def _fault_words(sheet: Sheet, fault: Fault, locale: str, say: Say) -> str:
    where = f"{sheet.column(fault.column).called(locale)}: " if fault.column else ""
    return where + say(fault.message, **fault.params)


def _as_text(sheet: Sheet) -> Sheet:
    """The same sheet with every cell text: an example is written as it should be typed."""
    from dataclasses import replace

    return replace(sheet, columns=tuple(replace(c, type=Type.TEXT) if c.type not in _TYPED else c for c in sheet.columns))


_TYPED = frozenset({Type.TEXT, Type.CODE})


def _offered(column: Column, locale: str, more: Sequence[str]) -> str:
    words = [choice.called(locale) for choice in column.choices] or list(more)
    if column.type is Type.YES_NO:
        words = [WORDS[True][locale == ENGLISH], WORDS[False][locale == ENGLISH]]
    if any("," in word or '"' in word for word in words):
        return ""
    text = ",".join(words)
    return text if len(text) <= LONGEST_LIST else ""


def _explain(book: Any, sheet: Sheet, locale: str, say: Say, lists: Mapping[str, Sequence[str]]) -> None:
    page = book.create_sheet("Explanation" if locale == ENGLISH else "说明")
    for letter, width in zip("ABCDE", (20, 10, 60, 40, 30), strict=True):
        page.column_dimensions[letter].width = width
    heads = (N_("Column"), N_("Needed"), N_("What to write"), N_("Choices"), N_("Example"))
    page.append([_head(page, say(words)) for words in heads])
    for column in sheet.columns:
        words = [choice.called(locale) for choice in column.choices] or list(lists.get(column.key, ()))[:60]
        needed = say(N_("yes")) if column.required else say(N_("no"))
        note = say(column.note) if column.note else ""
        line = []
        for text in (column.called(locale), needed, note, "、".join(words), column.example):
            cell = WriteOnlyCell(page, _legal(text)[:CELL])
            cell.data_type, cell.alignment = "s", Alignment(wrap_text=True, vertical="top")
            line.append(cell)
        page.append(line)


def _head(page: Any, text: str) -> Any:
    cell = WriteOnlyCell(page, text)
    cell.font, cell.fill = Font(bold=True), HEAD
    return cell


def _cell(page: Any, column: Column, value: str | float | date | None) -> Any:
    if isinstance(value, str):
        value = _legal(value)[:CELL]
    cell: Any = WriteOnlyCell(page, value)  # type: ignore[arg-type]
    if isinstance(value, str):
        cell.data_type = "s"
        cell.number_format = "@"
        if looks_worked_out(value):
            cell.quotePrefix = True
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    return cell


def _raw(page: Any, raw: Raw) -> Any:
    if isinstance(raw, Formula | Broken):
        raw = raw.text
    value = _legal(raw)[:CELL] if isinstance(raw, str) else raw
    cell: Any = WriteOnlyCell(page, value)  # type: ignore[arg-type]
    if isinstance(value, str):
        cell.data_type = "s"
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    return cell


def _legal(text: str) -> str:
    return ILLEGAL.sub("\ufffd", text)


def _guarded(value: str | float | date | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if looks_worked_out(value) else value
    return value.isoformat() if isinstance(value, date) else repr(value)


def _bytes(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
