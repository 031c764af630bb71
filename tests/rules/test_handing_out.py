"""No cell that we hand out is taken for a formula, and none breaks the file."""

from __future__ import annotations

import csv
import io
import json

import pytest
from openpyxl import load_workbook

from volunteer.kernel.handing_out import Cell, csv_file, json_lines, xlsx_file

PAYLOADS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1+1", "＝1+1", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://x\")", "%0A=1", "|calc"]  # fmt: skip


def cells_of_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_looks_like_a_formula_is_text_in_csv_and_in_a_workbook(payload: str) -> None:
    assert cells_of_csv(csv_file(["a"], [[payload]]))[1][0].startswith("'")
    sheet = load_workbook(io.BytesIO(xlsx_file(["a"], [[payload]], title="t\x0b"))).active
    assert sheet is not None
    assert sheet["A2"].data_type in {"s", "inlineStr"}


def test_plain_words_numbers_and_empty_cells_stay_as_they_are() -> None:
    rows: list[list[Cell]] = [['陆晓岚, "晓"\n二', 12, 1.5, None, "\x00a\x0b"]]
    assert cells_of_csv(csv_file(list("abcde"), rows))[1] == ['陆晓岚, "晓"\n二', "12", "1.5", "", "a"]
    sheet = load_workbook(io.BytesIO(xlsx_file(list("abcde"), rows, title="审计/日志"))).active
    assert sheet is not None
    assert [cell.value for cell in sheet[2]] == ['陆晓岚, "晓"\n二', 12, 1.5, None, "a"]


def test_lines_of_json_are_one_object_each() -> None:
    lines = json_lines(["a", "b"], [["=1", {"x": 1}], ["二\n行", None]]).decode().splitlines()
    assert [json.loads(line) for line in lines] == [{"a": "=1", "b": {"x": 1}}, {"a": "二\n行", "b": None}]
