"""Which services count on a certificate, how they add up, who certifies; and the paper's way with words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.certificates import wording
from volunteer.certificates.statement import Entry, as_facts, canonical, common_path, digest, state

FIRST, LAST = date(2025, 11, 20), date(2026, 11, 19)
REPAIR, VISIT = ("水电维修", "Repairs"), ("陪诊就医", "Hospital visits")


def an_entry(**changed):
    given = {
        "day": FIRST, "service": REPAIR, "content": ("换灯管", "New lamp"), "place": ("鲈乡站", "Luxiang"),
        "unit": ("松陵所", "Songling"), "unit_path": "/1/2/", "minutes": 60, "grade": "a",
    }  # fmt: skip
    return Entry(**{**given, **changed})


def test_classes_add_up_by_time_and_grade_the_longest_first():
    statement = state([an_entry(), an_entry(grade="c", minutes=30), an_entry(service=VISIT, minutes=100)], FIRST, LAST, "abcd")
    assert [(line.service, line.times, line.minutes, line.grades) for line in statement.services] == [
        (VISIT, 1, 100, (("a", 100),)),
        (REPAIR, 2, 90, (("a", 60), ("c", 30))),
    ]
    assert (statement.times, statement.minutes) == (3, 190)


def test_both_ends_of_the_period_count_and_nothing_outside():
    day = timedelta(days=1)
    entries = [an_entry(day=when) for when in (FIRST - day, FIRST, LAST, LAST + day)]
    assert [entry.day for entry in state(entries, FIRST, LAST, "a").entries] == [FIRST, LAST]


def test_only_the_grades_asked_for_count():
    entries = [an_entry(grade=grade) for grade in "abcd"]
    assert [entry.grade for entry in state(entries, FIRST, LAST, ["c", "a", "a"]).entries] == ["a", "c"]


@given(st.permutations([an_entry(day=FIRST + timedelta(days=n), minutes=10 * n + 1, grade="abcd"[n % 4]) for n in range(6)]))
def test_the_order_of_the_records_does_not_matter(entries):
    first = as_facts(state(sorted(entries, key=lambda entry: entry.minutes), FIRST, LAST, "abcd"))
    assert canonical(as_facts(state(entries, FIRST, LAST, "abcd"))) == canonical(first)
    assert digest(first) == digest(as_facts(state(entries, FIRST, LAST, "dcba")))


@pytest.mark.parametrize(
    ("paths", "certifies"),
    [
        (["/1/12/140/"], "/1/12/140/"),
        (["/1/12/140/", "/1/12/140/"], "/1/12/140/"),
        (["/1/12/140/", "/1/12/"], "/1/12/"),
        (["/1/12/140/", "/1/12/141/"], "/1/12/"),
        (["/1/12/", "/1/120/"], "/1/"),
        (["/1/12/", "/2/12/"], "/"),
        ([], "/"),
    ],
)
def test_the_one_who_recorded_certifies_and_their_parent_where_there_were_several(paths, certifies):
    assert common_path(paths) == certifies


@pytest.mark.parametrize(
    ("minutes", "chinese", "english"),
    [(7590, "126 小时 30 分", "126 h 30 min"), (60, "1 小时", "1 h"), (5, "5 分", "5 min"), (0, "0 分", "0 min")],
)
def test_hours_are_said_in_hours_and_minutes(minutes, chinese, english):
    assert (wording.duration(minutes, "zh_Hans"), wording.duration(minutes, "en")) == (chinese, english)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 20), "二〇二六年十一月二十日"),
        (date(2030, 10, 31), "二〇三〇年十月三十一日"),
        (date(2027, 1, 1), "二〇二七年一月一日"),
        (date(2027, 12, 12), "二〇二七年十二月十二日"),
    ],
)
def test_the_day_of_issue_is_written_in_the_old_manner(day, words):
    assert wording.signed_day(day, "zh_Hans") == words


def test_days_numbers_names_and_times_are_written_as_people_write_them():
    assert wording.signed_day(date(2026, 11, 20), "en") == "20 November 2026"
    assert wording.in_fours("2611005831274") == "2611 0058 3127 4"
    assert [wording.spread(name) for name in ("沈明", "欧阳明", "Li")] == ["沈　明", "欧阳明", "Li"]
    assert [wording.times(number, "en") for number in (1, 2)] == ["once", "2 times"]
    assert wording.pick(("松陵所", ""), "en") == "松陵所"
    assert set(wording.CHINESE_WORDS) == set(wording.ENGLISH_WORDS)
