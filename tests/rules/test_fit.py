"""Who may go on a visit, and what each refusal says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from volunteer.kernel.geo import Point
from volunteer.teams.fit import (
    WAIVABLE,
    WORDS,
    Member,
    Obstacle,
    Pace,
    Task,
    Visit,
    lawful,
    obstacles,
    reasons,
    together,
    travel_time,
    uncovered,
    years_old,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # Wednesday 12:00
HOUSE = Point(31.160, 120.640)
TOWN = Point(31.190, 120.640)  # 3.3 km: 10 minutes and 5
TASK = Task(frozenset({"electric"}), frozenset({"electric"}), True, NOON, NOON + timedelta(minutes=40), HOUSE)
FIT = Member(1, {"electric": date(2026, 3, 4)}, born_on=date(2008, 3, 4), insured_until=date(2026, 3, 4), hours=((2, 720, 760),))


def why(task=TASK, **changes):
    return obstacles(replace(FIT, **changes), task, SHANGHAI)


def test_who_has_everything_to_the_day_may_go():
    assert why() == []


@pytest.mark.parametrize(
    ("changes", "obstacle"),
    [
        ({"skills": {}}, Obstacle.NO_SKILL),
        ({"skills": {"haircut": date(2030, 1, 1)}}, Obstacle.NO_SKILL),
        ({"skills": {"electric": None}}, Obstacle.NO_LICENCE),
        ({"skills": {"electric": date(2026, 3, 3)}}, Obstacle.NO_LICENCE),
        ({"insured_until": None}, Obstacle.NOT_INSURED),
        ({"insured_until": date(2026, 3, 3)}, Obstacle.NOT_INSURED),
        ({"born_on": date(2008, 3, 5)}, Obstacle.NOT_ADULT),
        ({"born_on": None}, Obstacle.NOT_ADULT),
        ({"paused_until": date(2026, 3, 4)}, Obstacle.PAUSED),
        ({"hours": ((2, 730, 760),)}, Obstacle.OUT_OF_HOURS),
        ({"hours": ((2, 720, 759),)}, Obstacle.OUT_OF_HOURS),
        ({"hours": ((3, 720, 760),)}, Obstacle.OUT_OF_HOURS),
    ],
)
def test_each_thing_that_is_missing_is_named(changes, obstacle):
    assert why(**changes) == [obstacle]


def test_every_obstacle_has_words():
    assert set(WORDS) == set(Obstacle)


def test_everything_is_said_at_once():
    assert why(skills={}, insured_until=None, born_on=None, hours=((0, 0, 60),)) == [
        Obstacle.NO_SKILL, Obstacle.NOT_INSURED, Obstacle.NOT_ADULT, Obstacle.OUT_OF_HOURS,
    ]  # fmt: skip


def test_safe_work_needs_no_insurance_and_no_age():
    assert why(replace(TASK, risky=False), insured_until=None, born_on=date(2012, 1, 1)) == []


def test_work_without_a_licence_needs_none():
    assert why(replace(TASK, licensed=frozenset()), skills={"electric": None}) == []


def test_who_never_said_when_is_free():
    assert why(hours=()) == []


def test_two_hours_that_meet_cover_the_visit():
    assert why(hours=((2, 600, 740), (2, 740, 800))) == []
    assert why(hours=((2, 600, 740), (2, 741, 800))) == [Obstacle.OUT_OF_HOURS]


def test_hours_reach_over_midnight_and_over_sunday_night():
    night = replace(TASK, begins=NOON + timedelta(hours=11), ends=NOON + timedelta(hours=13), risky=False, licensed=frozenset())
    assert why(night, hours=((2, 1380, 1440), (3, 0, 60))) == []
    assert why(night, hours=((2, 1380, 1440),)) == [Obstacle.OUT_OF_HOURS]
    sunday = replace(night, begins=night.begins + timedelta(days=4), ends=night.ends + timedelta(days=4))
    assert why(sunday, hours=((6, 1380, 1440), (0, 0, 60))) == []


def visit(begin, length, point=HOUSE):
    return Visit(NOON + timedelta(minutes=begin), NOON + timedelta(minutes=begin + length), point)


def test_two_visits_do_not_share_time():
    assert why(visits=(visit(30, 60),)) == [Obstacle.OVERLAP]
    assert why(visits=(visit(-600, 1300),)) == [Obstacle.OVERLAP]


def test_visits_next_door_may_follow_each_other():
    assert why(visits=(visit(40, 30), visit(-30, 30))) == []


def test_the_way_between_two_visits_takes_its_time():
    assert why(visits=(visit(54, 30, TOWN),)) == [Obstacle.TRAVEL]
    assert why(visits=(visit(56, 30, TOWN),)) == []
    assert why(visits=(visit(-44, 30, TOWN),)) == [Obstacle.TRAVEL]
    assert why(visits=(visit(-46, 30, TOWN),)) == []


def test_a_visit_over_midnight_blocks_the_early_morning():
    late = Visit(datetime(2026, 3, 3, 15, 0, tzinfo=UTC), datetime(2026, 3, 3, 17, 0, tzinfo=UTC), HOUSE)  # 23:00 to 1:00
    early = replace(TASK, begins=datetime(2026, 3, 3, 16, 30, tzinfo=UTC), ends=datetime(2026, 3, 3, 17, 30, tzinfo=UTC))
    assert why(early, hours=(), visits=(late,)) == [Obstacle.OVERLAP]


def test_the_way_is_whole_minutes_and_nothing_next_door():
    assert travel_time(HOUSE, Point(31.161, 120.640)) == timedelta()
    assert travel_time(HOUSE, TOWN) == timedelta(minutes=15)


def test_together_they_must_bring_every_skill():
    both = replace(TASK, skills=frozenset({"electric", "plumbing"}))
    plumber = Member(2, {"plumbing": None})
    assert uncovered([FIT], both, SHANGHAI) == {"plumbing"}
    assert uncovered([FIT, plumber], both, SHANGHAI) == frozenset()


def test_a_birthday_counts_on_the_day():
    assert years_old(date(2008, 3, 4), date(2026, 3, 4)) == 18
    assert years_old(date(2008, 3, 5), date(2026, 3, 4)) == 17


def facts(task=TASK, **changes):
    return [(reason.obstacle, dict(reason.facts)) for reason in reasons(replace(FIT, **changes), task, SHANGHAI)]


def test_a_reason_says_since_when():
    assert facts(skills={"electric": date(2026, 3, 3)}) == [
        (Obstacle.NO_LICENCE, {"skill": "electric", "until": date(2026, 3, 3)})
    ]
    assert facts(skills={"electric": None}) == [(Obstacle.NO_LICENCE, {"skill": "electric"})]
    assert facts(insured_until=date(2026, 3, 3)) == [(Obstacle.NOT_INSURED, {"until": date(2026, 3, 3)})]
    assert facts(paused_until=date(2026, 3, 9)) == [(Obstacle.PAUSED, {"until": date(2026, 3, 9)})]
    other = visit(30, 60)
    assert facts(visits=(other,)) == [(Obstacle.OVERLAP, {"begins": other.begins, "ends": other.ends})]


def test_days_off_keep_away_and_an_extra_day_makes_free():
    assert why(away=((date(2026, 3, 1), date(2026, 3, 4)),)) == [Obstacle.AWAY]
    assert why(away=((date(2026, 3, 5), date(2026, 3, 9)),)) == []
    assert why(hours=((3, 0, 60),), extra=((date(2026, 3, 4), 700, 800),)) == []
    assert why(hours=((3, 0, 60),), extra=((date(2026, 3, 5), 700, 800),)) == [Obstacle.OUT_OF_HOURS]


def test_wishes_are_told_and_may_be_waived_by_whoever_was_asked():
    assert why(replace(TASK, kind="repair"), unwished=frozenset({"repair"})) == [Obstacle.UNWISHED]
    assert why(home=TOWN, reach_km=3.0) == [Obstacle.TOO_FAR]
    assert why(home=TOWN, reach_km=4.0) == []
    assert {Obstacle.UNWISHED, Obstacle.TOO_FAR, Obstacle.OUT_OF_HOURS} == WAIVABLE
    assert lawful(replace(FIT, home=TOWN, reach_km=3.0), TASK, SHANGHAI) == []


def test_the_young_need_a_guardian_and_company():
    easy = replace(TASK, risky=False)
    young = replace(FIT, born_on=date(2010, 1, 1))
    assert obstacles(young, easy, SHANGHAI) == []
    assert obstacles(replace(young, guarded=False), easy, SHANGHAI) == [Obstacle.NO_CONSENT]
    assert together([young], easy, SHANGHAI) is Obstacle.NOT_ADULT
    assert together([young, FIT], easy, SHANGHAI) is None
    assert together([], replace(easy, skills=frozenset()), SHANGHAI) is None
    assert together([replace(FIT, skills={})], easy, SHANGHAI) is Obstacle.NO_SKILL


def test_the_centre_says_how_people_get_about():
    assert travel_time(HOUSE, TOWN, Pace(10, 0)) == timedelta(minutes=20)
    assert travel_time(HOUSE, TOWN, Pace(0, 0)) > timedelta(hours=3)
    assert obstacles(replace(FIT, visits=(visit(56, 30, TOWN),)), TASK, SHANGHAI, Pace(10, 0)) == [Obstacle.TRAVEL]
