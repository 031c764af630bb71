"""From the bytes of a file to rows of raw cells. Whatever the file is called, its content decides. No database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from volunteer.exchange.cells import Raw
from volunteer.kernel.words import N_

MOST_BYTES = 20 * 1024 * 1024
MOST_COLUMNS = 100
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
NOT_SHEETS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")


class Unreadable(Exception):
    """The file as a whole cannot be read: ``message`` is a msgid; ``row`` where it stops, if it does at one."""

    def __init__(self, message: str, row: int = 0, /, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.row = row
        self.params = params


@dataclass
class Table:
    """Rows as they stand in the file, each with the number that Excel shows; empty ones are left out.

    ``merged``: ranges of merged cells as (first row, last row, words). ``notes``: (msgid, params) that are no faults.
    """

    rows: list[tuple[int, list[Raw]]]
    merged: list[tuple[int, int, str]] = field(default_factory=list)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def read_table(data: bytes, most: int) -> Table:
    """Return what the file holds, at most ``most`` rows below its header. Raises Unreadable."""
    from volunteer.exchange import reading_csv, reading_shapes, reading_xlsx  # the three readers raise this module's Unreadable

    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Unreadable(N_("This file is empty."))
    if len(data) > MOST_BYTES:
        raise Unreadable(N_("This file is larger than %(most)s MB."), most=MOST_BYTES // 1024 // 1024)
    if data.startswith(OLD_OFFICE):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise Unreadable(
            N_("This file is protected by a password. Please save it without one.")
            if locked
            else N_("This is an old Excel file (.xls). Please open it and save it as .xlsx or CSV.")
        )
    if data.startswith(b"PK"):
        return reading_xlsx.read(data, most)
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(NOT_SHEETS):
        raise Unreadable(N_("This is no sheet. Please upload a CSV or XLSX file."))
    if start[:1] == b"<" and start[:200].lower().startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<head", b"<meta")):
        raise Unreadable(N_("This is a web page that is called a sheet. Please open it in Excel and save it as .xlsx."))
    if start[:1] in (b"{", b"["):
        return reading_shapes.read(data, most)
    return reading_csv.read(data, most)
