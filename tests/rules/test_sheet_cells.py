"""What is written is read back the same, and a spreadsheet works nothing of it out."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from volunteer.exchange import importing, writing
from volunteer.exchange.columns import Wrong
from volunteer.exchange.hours import read_hours, write_hours
from volunteer.exchange.kinds import KINDS, kind_called

TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u200b\u200c\u200d\ufeff\u2060\xa0\u3000"), max_size=30
)
NAME = TEXT.map(lambda text: " ".join(text.split())).filter(lambda text: bool(text) and text.isprintable())
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "''-x", "=cmd|' /C calc'!A0", "＝1", '"quoted"', "a,b;c", "多\n行"]


def say(message: str, /, **params: object) -> str:
    return message % params if params else message


def both(name: str, rows: list[dict[str, Any]], locale: str) -> list[bytes]:
    sheet = kind_called(name).sheet
    return [writing.csv_of(sheet, rows, locale), writing.xlsx_of(sheet, rows, locale, say)]


@pytest.mark.parametrize("locale", ["zh_Hans", "en"])
@pytest.mark.parametrize("text", DANGEROUS)
def test_what_looks_like_a_formula_stays_text_and_comes_back(text: str, locale: str) -> None:
    rows = [{"day": date(2026, 10, 1), "works": False, "name": text, "name_en": text, "site": "C1"}]
    for data in both("holidays", rows, locale):
        checked, _ = importing.read(kind_called("holidays"), data)
        assert (checked.faults, [draft.values for draft in checked.drafts]) == ([], rows)
    cells = next(iter(csv.reader(io.StringIO(both("holidays", rows, locale)[0].decode("utf-8-sig").split("\r\n", 1)[1]))))
    assert not any(cell.startswith(("=", "+", "-", "@", "＝")) for cell in cells)
    sheet = load_workbook(io.BytesIO(both("holidays", rows, locale)[1])).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "d", "n", "inlineStr"}


@given(st.lists(st.tuples(NAME, NAME), min_size=1, max_size=4))
def test_any_name_comes_back(names: list[tuple[str, str]]) -> None:
    rows = [
        {"day": date(2026, 1, 1 + n), "works": True, "name": name, "name_en": name_en, "site": "C1"}
        for n, (name, name_en) in enumerate(names)
    ]
    for data in both("holidays", rows, "zh_Hans"):
        checked, _ = importing.read(kind_called("holidays"), data)
        assert (checked.faults, [draft.values for draft in checked.drafts]) == ([], rows)


@pytest.mark.parametrize("locale", ["zh_Hans", "en"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.sheet.name)
def test_a_template_is_read_as_it_is_with_its_example(kind, locale: str) -> None:
    for data in (writing.template_csv(kind.sheet, locale), writing.template_xlsx(kind.sheet, locale, say, {})):
        checked, _ = importing.read(kind, data)
        assert checked.faults == []
        assert len(checked.drafts) == 1
        assert set(checked.columns) == {column.key for column in kind.sheet.columns}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.sheet.name)
def test_no_header_means_two_columns(kind) -> None:
    from volunteer.exchange.checking import fold

    seen: dict[str, str] = {}
    for column in kind.sheet.columns:
        for name in {fold(name) for name in (column.key, column.name, column.name_en, *column.also)}:
            assert seen.setdefault(name, column.key) == column.key, name


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("周一 9:00-11:30", [(0, 540, 690)]),
        ("星期日14点-18点", [(6, 840, 1080)]),
        ("周一至周三 9-11", [(0, 540, 660), (1, 540, 660), (2, 540, 660)]),
        ("周末 14:00—18:00；工作日 19:00~21:00", [(d, 1140, 1260) for d in range(5)] + [(5, 840, 1080), (6, 840, 1080)]),
        ("Mon 9:00-10:00, 14:00-15:00; Sunday 8:00-24:00", [(0, 540, 600), (0, 840, 900), (6, 480, 1440)]),
        ("每天 8:00 至 9:00", [(d, 480, 540) for d in range(7)]),
    ],
)
def test_weekly_hours_are_read_as_people_write_them(text: str, spans: list[tuple[int, int, int]]) -> None:
    assert list(read_hours(text)) == spans
    assert read_hours(write_hours(tuple(spans), "zh_Hans")) == read_hours(write_hours(tuple(spans), "en")) == tuple(spans)


@pytest.mark.parametrize(
    "text", ["随时", "周八 9-10", "周一", "周一 11:00-9:00", "周一 9:70-10:00", "周一 9-11; 周一 10-12", "周三至周一 9-10"]
)
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(Wrong):
        read_hours(text)
