"""Thirty broken sheets, and the odd ones that are fine: each is told by row and column, and nothing is worked out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from openpyxl import Workbook, load_workbook

from tests.support.sheets import a_csv, an_xlsx
from volunteer.exchange import importing
from volunteer.exchange.kinds import KINDS, kind_called
from volunteer.exchange.writing import marked_xlsx

Broken = tuple[bytes, int, str]  # the file, the row that is named, words of the first complaint


def say(message: str, /, **params: object) -> str:
    return message % params if params else message


def head(name: str) -> list[str]:
    return [column.name for column in kind_called(name).sheet.columns]


def example(name: str) -> list[str]:
    return [column.example for column in kind_called(name).sheet.columns]


def with_cell(name: str, value: object) -> list[list[object]]:
    """The example with one more row, whose first cell is ``value``."""
    return [[*head(name)], [*example(name)], [value, *example(name)[1:]]]


def repacked(data: bytes, change: Callable[[str, bytes], bytes | None], more: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if (content := change(part, old.read(part))) is not None:
                new.writestr(part, content)
        for part, content in (more or {}).items():
            new.writestr(part, content)
    return out.getvalue()


def bomb(name: str) -> bytes:
    return repacked(an_xlsx([head(name)]), lambda part, content: content, {"xl/media/big.bin": b"\0" * (160 * 1024 * 1024)})


def laughs(part: str, content: bytes) -> bytes:
    if not part.startswith("xl/worksheets/"):
        return content
    entity = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    return content.replace(b"<worksheet", entity + b"<worksheet", 1)


def hidden_only() -> bytes:
    book = Workbook()
    book.active.append(["编号"])
    book.create_sheet("说明").append(["x"])
    book.active.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


CASES: dict[str, Callable[[str], Broken]] = {
    "empty": lambda name: (b"", 0, "empty"),
    "only blanks": lambda name: (b"\xef\xbb\xbf \r\n\r\n", 0, "empty"),
    "only a header": lambda name: (a_csv([head(name)]), 1, "no row below"),
    "only a header in Excel": lambda name: (an_xlsx([head(name)]), 1, "no row below"),
    "no header": lambda name: (a_csv([example(name), example(name)]), 1, "No header"),
    "Latin-1": lambda name: (b"Caf\xe9;na\xefve\xff\n\xe9\xff", 1, "cannot be read"),
    "half a GBK character": lambda name: (a_csv([head(name)], "gbk") + "张".encode("gbk")[:1], 2, "cannot be read"),
    "UTF-16 cut off": lambda name: (a_csv([head(name), example(name)], "utf-16")[:-1], 2, "cannot be read"),
    "UTF-8 cut off": lambda name: (a_csv([head(name)]) + "张".encode()[:2], 2, "cannot be read"),
    "NUL": lambda name: (a_csv(with_cell(name, "a\x00b")), 3, "no text"),
    "a control character": lambda name: (a_csv(with_cell(name, "a\x07b")), 3, "no text"),
    "an open quotation mark": lambda name: (a_csv([head(name)]) + b'"abc,def\n', 2, "quotation mark"),
    "a huge cell": lambda name: (a_csv(with_cell(name, "长" * 40_000)), 3, "far too much text"),
    "a cell that is too long": lambda name: (a_csv(with_cell(name, "x" * 300)), 3, ""),
    "a PDF called xlsx": lambda name: (b"%PDF-1.7 ...", 0, "no sheet"),
    "a picture called csv": lambda name: (b"\x89PNG\r\n\x1a\n....", 0, "no sheet"),
    "a web page called xls": lambda name: (b"<html><table><tr><td>1</td></tr></table></html>", 0, "web page"),
    "an old xls": lambda name: (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + b"W", 0, "old Excel"),
    "a password": lambda name: (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), 0, "password"),
    "a truncated zip": lambda name: (an_xlsx([head(name), example(name)])[:-400], 0, "damaged"),
    "a zip of something else": lambda name: (repacked(an_xlsx([["x"]]), lambda *_: None, {"a.txt": b"x"}), 0, "no Excel file"),
    "a broken part": lambda name: (
        repacked(an_xlsx([head(name)]), lambda part, text: text[: len(text) // 2] if "sheet1" in part else text), 0, "damaged",
    ),
    "entities that swell": lambda name: (repacked(an_xlsx([head(name), example(name)]), laughs), 0, "damaged"),
    "a zip bomb": lambda name: (bomb(name), 0, "far too large"),
    "macros": lambda name: (
        repacked(an_xlsx([head(name)]), lambda part, text: text, {"xl/vbaProject.bin": b"x"}), 0, "macros",
    ),
    "only hidden sheets": lambda name: (hidden_only(), 0, "no sheet in this file"),
    "merged cells": lambda name: (an_xlsx([head(name), example(name), example(name)], merge="A2:A3"), 2, "merged"),
    "a formula": lambda name: (an_xlsx(with_cell(name, "=1+1")), 3, "formula"),
    "an Excel error": lambda name: (an_xlsx(with_cell(name, "#REF!")), 3, "error"),
    "the same row twice": lambda name: (a_csv([head(name), example(name), example(name)]), 3, "same as in row"),
    "a required cell left empty": lambda name: (a_csv([head(name), [""] * (len(head(name)) - 1) + ["x"]]), 2, "must not be empty"),
    "a column missing": lambda name: (a_csv([head(name)[1:], example(name)[1:]]), 1, ""),
    "a column twice": lambda name: (a_csv([[*head(name), head(name)[0]], [*example(name), "x"]]), 1, "there twice"),
    "something beyond the last column": lambda name: (a_csv([head(name), [*example(name), "", "x"]]), 2, "right of the last"),
    "too many columns": lambda name: (a_csv([[*head(name), *(f"c{n}" for n in range(200))]]), 1, "more than"),
    "GeoJSON that is none": lambda name: (b'{"type":"FeatureCollection"', 1, "GeoJSON"),
}  # fmt: skip


@pytest.mark.parametrize("kind", [kind.sheet.name for kind in KINDS])
@pytest.mark.parametrize("case", [name for name in CASES if name != "a zip bomb"])
def test_a_broken_sheet_is_told_by_its_row(kind: str, case: str) -> None:
    data, row, words = CASES[case](kind)
    checked, table = importing.read(kind_called(kind), data)
    assert checked.faults, case
    first = checked.faults[0]
    assert first.row == row
    assert any(
        words.lower() in (fault.message % dict(fault.params) if fault.params else fault.message).lower()
        for fault in checked.faults
    )
    if table is not None:
        kinds = kind_called(kind).sheet
        marked = marked_xlsx(kinds, table, [None] * 20, checked.faults, "en", say)
        assert load_workbook(io.BytesIO(marked)).active.max_row >= 1


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    data, _, words = CASES["a zip bomb"]("sites")
    assert len(data) < 1_000_000
    assert words in importing.read(kind_called("sites"), data)[0].faults[0].message


def test_more_rows_than_a_sheet_may_have_are_refused() -> None:
    checked, _ = importing.read(kind_called("volunteers"), a_csv([head("volunteers"), *([example("volunteers")] * 50_100)]))
    assert [(fault.row, fault.params["most"]) for fault in checked.faults] == [(50_007, 50_000)]


def test_a_million_formatted_rows_without_anything_in_them_are_refused() -> None:
    row = b"".join(b'<row r="%d"><c r="A%d"/></row>' % (number, number) for number in range(2, 201_500))
    data = an_xlsx([head("skills")])
    grown = repacked(data, lambda part, text: text.replace(b"</sheetData>", row + b"</sheetData>") if "sheet1" in part else text)
    assert "empty rows" in importing.read(kind_called("skills"), grown)[0].faults[0].message


GOOD = ["2026-10-01", "2026/10/1", "2026.10.1", "2026年10月1日", "20261001", "２０２６年１０月１日", "46296"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gbk", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_usual_encoding_and_delimiter_is_read(encoding: str, delimiter: str) -> None:
    rows = [["名称", "日期", "是否上班", "别的"], *(["国庆", day, "否", "x"] for day in GOOD[:1])]
    checked, _ = importing.read(kind_called("holidays"), a_csv(rows, encoding, delimiter))
    assert checked.faults == []
    assert checked.drafts[0].values == {"name": "国庆", "day": date(2026, 10, 1), "works": False}
    assert [params["name"] for _, params in checked.notes] == ["别的"]


@pytest.mark.parametrize("day", [*GOOD, 46296, 46296.0, datetime.combine(date(2026, 10, 1), time()), date(2026, 10, 1)])
def test_a_day_is_the_same_day_however_excel_has_it(day: object) -> None:
    checked, _ = importing.read(kind_called("holidays"), an_xlsx([["Day", "Working day *", "Name"], [day, "no", "国庆"]]))
    assert checked.faults == []
    assert checked.drafts[0].values["day"] == date(2026, 10, 1)


@pytest.mark.parametrize("day", ["2026-02-30", "1/2/2026", "10月1日", "26-10-1", "明天", -3, 0.5, True])
def test_a_day_that_is_none_is_told_in_its_cell(day: object) -> None:
    checked, _ = importing.read(kind_called("holidays"), an_xlsx([["日期", "是否上班", "名称"], [day, "否", "x"]]))
    assert [(fault.row, fault.column) for fault in checked.faults] == [(2, "day")]


def test_a_hidden_sheet_is_not_read_and_a_title_above_the_header_does_not_matter() -> None:
    rows = [["某县节假日安排"], [], ["日期", "是否上班", "名称"], ["2026-10-01", "否", "国庆"]]
    checked, _ = importing.read(kind_called("holidays"), an_xlsx(rows, hidden=True, merge="A1:C1"))
    assert checked.faults == []
    assert (checked.drafts[0].row, checked.notes[0][1]["name"]) == (4, "数据")


def test_a_code_that_excel_took_for_a_date_is_told() -> None:
    checked, _ = importing.read(kind_called("skills"), an_xlsx([["编号", "名称"], [date(2026, 3, 1), "电工"]]))
    assert "turned this into a date" in checked.faults[0].message


def test_phones_and_identity_numbers_that_excel_kept_as_numbers() -> None:
    header = ["姓名", "手机号", "身份证号", "所属阵地"]
    rows: list[list[object]] = [
        [*header],
        ["张试", 13800000001, "", "C"],
        ["李试", 13800000002.0, 320525198801011200, "C"],
        ["王试", "1.38E+10", "", "C"],
    ]
    checked, _ = importing.read(kind_called("volunteers"), an_xlsx(rows))
    assert [(fault.row, fault.column) for fault in checked.faults] == [(3, "document"), (4, "phone")]
    assert all("Excel cut" in fault.message for fault in checked.faults)
    assert checked.drafts[0].values["phone"] == "13800000001"
