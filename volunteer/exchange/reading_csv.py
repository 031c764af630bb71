"""CSV as it really comes: UTF-8 with and without mark, UTF-16, GBK; commas, semicolons, tabs."""

from __future__ import annotations

import codecs
import csv
import io
import re

from volunteer.exchange.cells import Raw, looks_worked_out
from volunteer.exchange.reading import MOST_COLUMNS, Table, Unreadable
from volunteer.kernel.words import N_

DELIMITERS = (",", ";", "\t", "，", "；", "|")
TOO_MANY = N_("There are more than %(most)s rows. Please cut the sheet into several.")
TOO_WIDE = N_("There are more than %(most)s columns.")
csv.field_size_limit(4_000_000)


def read(data: bytes, most: int) -> Table:
    """Return the rows of a CSV file. Raises Unreadable, with the row where it stops."""
    text = decoded(data)
    if "\x00" in text:
        row = text.count("\n", 0, text.index("\x00")) + 1
        raise Unreadable(N_("There are signs in this file that are no text (row %(row)s). Is it really a sheet?"), row, row=row)
    lines = io.StringIO(text, newline="")
    if text[:4].lower() == "sep=":
        lines.readline()
    first = lines.readline() if text[:4].lower() == "sep=" else text.split("\n", 1)[0]
    delimiter = _delimiter(first)
    if text[:4].lower() == "sep=":
        lines.seek(0)
        lines.readline()
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[Raw]]] = []
    number = 0
    try:
        for number, cells in enumerate(reader, start=2 if text[:4].lower() == "sep=" else 1):
            if any(cell and not cell.isspace() for cell in cells):
                if len(cells) > MOST_COLUMNS and any(cells[MOST_COLUMNS:]):
                    raise Unreadable(TOO_WIDE, number, most=MOST_COLUMNS)
                if len(rows) > most + 5:
                    raise Unreadable(TOO_MANY, number, most=most)
                rows.append((number, [_unguarded(cell) for cell in cells[:MOST_COLUMNS]]))
    except csv.Error:
        raise Unreadable(N_("Row %(row)s cannot be read: a quotation mark is not closed."), number + 1, row=number + 1) from None
    return Table(rows)


def decoded(data: bytes) -> str:
    """Return the text of the file by its mark, else as UTF-8, else as GB 18030. Raises Unreadable, naming the row."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return _strictly(data[len(mark) :], name)
    if (wide := _wide(data[:2000])) is not None:
        return _strictly(data, wide)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as broken:
        as_utf8 = broken.start
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError as broken:
        row = data.count(b"\n", 0, max(as_utf8, broken.start)) + 1
        raise _undecodable(row) from None


def _strictly(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as broken:
        line = "\n".encode(name)
        raise _undecodable(data.count(line, 0, broken.start) + 1) from None


def _undecodable(row: int) -> Unreadable:
    message = N_("The text of row %(row)s cannot be read. Please save the file as “CSV UTF-8” or as .xlsx.")
    return Unreadable(message, row, row=row)


def _wide(start: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of a header's separators is empty."""
    for name in ("utf-16-le", "utf-16-be"):
        wide = [sign.encode(name) for sign in (",", ";", "\t", "\n")]
        if start.count(b"\x00") >= 2 and any(sign in start for sign in wide):
            try:
                text = start[: len(start) // 2 * 2].decode(name)
            except UnicodeDecodeError:
                continue
            if "\x00" not in text and any(sign in text for sign in ",;\t\n"):
                return name
    return None


def _delimiter(line: str) -> str:
    bare = re.sub(r'"[^"]*"', "", line)
    return max(DELIMITERS, key=lambda sign: (bare.count(sign), -DELIMITERS.index(sign)))


def _unguarded(cell: str) -> str:
    """Take off the quote that we put before what a spreadsheet would work out."""
    return cell[1:] if cell.startswith("'") and looks_worked_out(cell) else cell
