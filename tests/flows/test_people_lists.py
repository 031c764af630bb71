"""A school's list of names and numbers as a sheet: whom it means, and what each broken row is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.builders import a_county, a_volunteer, staff
from tests.support.sheets import a_csv, an_xlsx
from volunteer.access import Role
from volunteer.exchange import people_lists
from volunteer.teams.models import Standing

HEAD = ("志愿者号", "姓名")


@pytest.fixture
def county(session):
    return a_county(session)


@pytest.fixture
def admin(session, county):
    return staff(session, Role.SITE_ADMIN, county[0])


@pytest.fixture
def people(session, county):
    return [a_volunteer(session, county[2], name) for name in ("陈晓禾", "王试", "李试")]


@pytest.mark.parametrize("as_file", [a_csv, an_xlsx])
@pytest.mark.parametrize(
    "rows",
    [
        lambda one, two: [HEAD, (one.number, "陈晓禾"), (two.number, "王试")],
        lambda one, two: [("学生姓名", "班级", "志愿者编号"), ("陈晓禾", "三班", one.number.lower()), ("王 试", "", two.number)],
        lambda one, two: [("志愿者号",), (one.number,), (two.number,)],
        lambda one, two: [("姓名",), ("陈晓禾",), ("王试",)],
        lambda one, two: [("演示县第一中学名单",), HEAD, ("", "陈晓禾"), (two.number, "")],
    ],
)
def test_numbers_and_names_are_read_in_their_order(session, admin, people, as_file, rows: Callable[..., list[tuple[str, ...]]]):
    read = people_lists.read(session, admin, as_file(rows(*people[:2])))
    assert (list(read.numbers), read.faults) == ([people[0].number, people[1].number], [])


BROKEN = {
    "an unknown number": (lambda one, two: [HEAD, (one.number, ""), ("V99999", "")], 3, "number", "Nobody of your places"),
    "an unknown name": (lambda one, two: [HEAD, ("", "没有人")], 2, "name", "Nobody of your places"),
    "another's number": (lambda one, two: [HEAD, (one.number, "王试")], 2, "name", "another name"),
    "the same number twice": (lambda one, two: [HEAD, (one.number, ""), (one.number, "")], 3, "number", "same as in row"),
    "a name and its number": (lambda one, two: [HEAD, (one.number, ""), ("", "陈晓禾")], 3, "", "same person"),
    "neither": (lambda one, two: [(*HEAD, "班级"), ("", "", "三班"), (one.number, "", "")], 2, "", "number or a name"),
    "no header": (lambda one, two: [(one.number, "陈晓禾")], 1, "", "No header"),
    "only a header": (lambda one, two: [HEAD], 1, "", "no row below"),
    "a formula": (lambda one, two: [HEAD, ("=1+1", "")], 2, "number", ""),
}


@pytest.mark.parametrize("as_file", [a_csv, an_xlsx])
@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_row_is_named_with_what_to_do_and_nobody_is_taken(session, admin, people, case, as_file):
    rows, row, column, words = BROKEN[case]
    read = people_lists.read(session, admin, as_file(rows(*people[:2])))
    assert not read.numbers
    assert any((one.row, one.column) == (row, column) and words in one.message for one in read.faults), read.faults


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "empty"), (b"%PDF-1.7", "no sheet"), (an_xlsx([HEAD])[:-300], "damaged"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "old Excel")],
)  # fmt: skip
def test_what_is_no_sheet_is_refused_as_a_whole(session, admin, people, data, words):
    read = people_lists.read(session, admin, data)
    assert [words in one.message for one in read.faults] == [True]


def test_two_of_one_name_need_a_number_and_strangers_are_nobody(session, admin, county, people):
    a_volunteer(session, county[2], "王试")
    elsewhere = a_volunteer(session, a_county(session)[2], "外县人")
    gone = a_volunteer(session, county[2], "已退出")
    gone.standing = Standing.REFUSED
    session.flush()
    rows = [HEAD, ("", "王试"), (elsewhere.number, ""), ("", "外县人"), (gone.number, "")]
    faults = people_lists.read(session, admin, a_csv(rows)).faults
    assert [(one.row, "Several" in one.message) for one in faults] == [(2, True), (3, False), (4, False), (5, False)]
    assert people[1].number in faults[0].params["numbers"]


@pytest.mark.parametrize(
    ("registered", "listed"),
    [
        ("李明", "李\u3000明"), ("李 明", "李明"), ("李\u3000明", "李  明"), ("买买提·艾力", "买买提•艾力"),
        ("买买提．艾力", "买买提・艾力"), ("买买提艾力", "买买提·艾力"), ("Zhang Wei", "ＺＨＡＮＧ ＷＥＩ"), ("Ｌｉ Ming", "li ming"),
        ("重阳", " 重 阳 "),
    ],
)  # fmt: skip
def test_a_name_is_the_same_in_any_width_with_any_sign_between_its_parts(session, admin, county, registered, listed):
    one = a_volunteer(session, county[2], registered)
    read = people_lists.read(session, admin, a_csv([("姓名",), (listed,)]))
    assert (list(read.numbers), read.faults) == ([one.number], [])
