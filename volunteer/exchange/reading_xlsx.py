"""XLSX through openpyxl's reading mode: nothing is worked out, nothing outside is fetched, nothing swells beyond its limits."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from volunteer.exchange.cells import Broken, Formula, Raw
from volunteer.exchange.reading import MOST_COLUMNS, Table, Unreadable
from volunteer.exchange.reading_csv import TOO_MANY, TOO_WIDE
from volunteer.kernel.words import N_

UNPACKED = 150 * 1024 * 1024
PARTS = 1_000
BLANKS = 200_000  # formatted rows without anything in them
CHUNK = 1 << 20
MERGE = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*?\bref=[\"']([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)[\"']")
OTHERS = frozenset({"说明", "Explanation", "填写说明"})
BROKEN = N_("This file is damaged or cut off. Please open it in Excel, save it anew, and upload it again.")
NOT_XLSX = N_("This is no Excel file, whatever it is called. Please upload a CSV or XLSX file.")
TROUBLE = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, ValueError, TypeError, IndexError, AttributeError,
    ParseError, DefusedXmlException, InvalidFileException, NotImplementedError, RuntimeError, OverflowError,
)  # fmt: skip


def read(data: bytes, most: int) -> Table:
    """Return the rows of the first sheet that people see. Raises Unreadable."""
    _look_at_the_box(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False, rich_text=False)
    except TROUBLE:
        raise Unreadable(BROKEN) from None
    try:
        return _first_sheet(book, data, most)
    except Unreadable:
        raise
    except TROUBLE:
        raise Unreadable(BROKEN) from None
    finally:
        book.close()


def _look_at_the_box(data: bytes) -> None:
    """Refuse what is no workbook, what carries macros, and what would swell up."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as box:
            parts = box.infolist()
            names = {part.filename for part in parts}
            kinds = box.read("[Content_Types].xml", pwd=None)[:CHUNK] if "[Content_Types].xml" in names else b""
    except TROUBLE:
        raise Unreadable(BROKEN) from None
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(N_("This file is protected by a password. Please save it without one."))
    if sum(part.file_size for part in parts) > UNPACKED or len(parts) > PARTS:
        raise Unreadable(N_("This file is far too large when it is unpacked."))
    if not any(name.startswith("xl/worksheets/") for name in names) or not kinds:
        raise Unreadable(NOT_XLSX)
    if any(name.lower().endswith("vbaproject.bin") for name in names) or b"macroEnabled" in kinds:
        raise Unreadable(N_("This workbook has macros. Please save it as an ordinary .xlsx."))


def _first_sheet(book: Any, data: bytes, most: int) -> Table:
    seen = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible" and sheet.title not in OTHERS]
    if not seen:
        raise Unreadable(N_("There is no sheet in this file that can be seen."))
    sheet = seen[0]
    table = Table([], merged=_merged(data, sheet._worksheet_path))
    skipped = [one.title for one in book.worksheets if one is not sheet and one.title not in OTHERS]
    if skipped:
        words = {"name": sheet.title, "others": "、".join(skipped[:5])}
        table.notes.append((N_("Only the sheet “%(name)s” was read, not: %(others)s."), words))
    blank = 0
    for number, cells in _rows(sheet):
        if not cells:
            blank += 1
            if blank > BLANKS:
                raise Unreadable(N_("There are too many empty rows. Please delete them below the last line."), number)
            continue
        if len(cells) > MOST_COLUMNS:
            raise Unreadable(TOO_WIDE, number, most=MOST_COLUMNS)
        if len(table.rows) > most + 5:
            raise Unreadable(TOO_MANY, number, most=most)
        table.rows.append((number, cells))
    return table


def _rows(sheet: Any) -> Iterator[tuple[int, list[Raw]]]:
    sheet.reset_dimensions()  # what a file says about its own size is often wrong
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
        cells = [_raw(cell) for cell in islice(row, MOST_COLUMNS + 1)]
        while cells and (cells[-1] is None or cells[-1] == ""):
            cells.pop()
        yield number, cells


def _raw(cell: Any) -> Raw:
    value = cell.value
    if value is None or (type(value) is str and cell.data_type in {"s", "str", "inlineStr"}):
        return value
    if cell.data_type == "f":
        return Formula(str(value)[:100])
    if cell.data_type == "e":
        return Broken(str(value))
    return value if isinstance(value, str | int | float | bool) or hasattr(value, "isoformat") else str(value)


def _merged(data: bytes, path: str) -> list[tuple[int, int, str]]:
    """The merged ranges, which stand at the end of a sheet's part."""
    found: list[tuple[int, int, str]] = []
    rest = b""
    with zipfile.ZipFile(io.BytesIO(data)) as box, box.open(path.lstrip("/")) as part:
        while piece := part.read(CHUNK):
            text = rest + piece
            for left, top, right, bottom in MERGE.findall(text):
                found.append((int(top), int(bottom), f"{left.decode()}{top.decode()}:{right.decode()}{bottom.decode()}"))
            rest = text[text.rfind(b"<") :] if b"<" in text[-200:] else b""
            if MERGE.match(rest):
                rest = b""
    return list(dict.fromkeys(found))
