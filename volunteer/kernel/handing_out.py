"""Lists handed out as files: CSV, XLSX or lines of JSON, in which no cell is taken for a formula.

Source of the rule: OWASP, "CSV Injection". A text that begins like a formula gets an apostrophe in CSV; in XLSX every
text is stored as text.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

Cell = str | int | float | datetime | None
RISKY = frozenset("=+-@＝＋－＠|%")
BREAKS = frozenset("\t\r\n")
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
IN_MEMORY = 2_000_000  # bytes of a file; more lies on the disk until it is sent
LONGEST = 32_000  # signs of one cell, as Excel allows
BOM = "\ufeff"  # by which Excel knows UTF-8
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson; charset=utf-8",
}


def csv_file(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a CSV file in UTF-8 with a byte order mark."""
    with csv_pile(head, rows) as pile:
        return pile.read()


def csv_pile(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> IO[bytes]:
    """Return the same, at its beginning, as a temporary file: however long it is, memory holds little of it."""
    pile: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 – whoever sends it closes it
    text = io.TextIOWrapper(pile, "utf-8", newline="")
    text.write(BOM)
    writer = csv.writer(text)
    writer.writerow([safe(cell) for cell in head])
    writer.writerows([safe(cell) for cell in row] for row in rows)
    text.detach()
    pile.seek(0)
    return pile


def xlsx_file(head: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str) -> bytes:
    """Return a workbook of one sheet, its first row frozen and bold. Times are local text: a sheet knows no zones."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", ILLEGAL.sub("", title))[:31])
    sheet.freeze_panes = "A2"
    sheet.append([_typed(sheet, cell, bold=True) for cell in head])
    for row in rows:
        sheet.append([_typed(sheet, cell) for cell in row])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def json_lines(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return one JSON object for each row, a line each."""
    return "".join(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n" for row in rows).encode()


def safe(cell: Cell) -> Cell:
    """Return a cell of a CSV file that no spreadsheet takes for a formula; numbers stay numbers."""
    if not isinstance(cell, str):
        return cell
    text = ILLEGAL.sub("", cell)[:LONGEST]
    start = text.lstrip()
    is_risky = start[:1] in RISKY or not BREAKS.isdisjoint(text[: len(text) - len(start)])
    return f"'{text}" if is_risky else text


def _typed(sheet: Any, cell: Cell, *, bold: bool = False) -> Any:
    if not isinstance(cell, str):
        return cell
    typed = WriteOnlyCell(sheet, value=ILLEGAL.sub("", cell)[:LONGEST])
    typed.data_type = "s"
    if bold:
        typed.font = Font(bold=True)
    return typed
