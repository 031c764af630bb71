"""Times, distances and lengths are said the way people say them, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from volunteer.web import wording

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 19, 2, 0, tzinfo=UTC)  # a Thursday, ten in the morning in Shanghai
TODAY = date(2026, 11, 19)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "chinese", "english"),
    [
        (local(19, 15), "今天 15:00", "today 3 pm"),
        (local(20, 9), "明天 9:00", "tomorrow 9 am"),
        (local(21, 8, 30), "后天 8:30", "Sat 8:30 am"),
        (local(18, 16, 20), "昨天 16:20", "yesterday 4:20 pm"),
        (local(24, 0, 5), "下周二 0:05", "next Tue 12:05 am"),
        (local(14, 12), "上周六 12:00", "last Sat 12 noon"),
        (local(30, 12, 0), "11月30日 12:00", "30 Nov 12 noon"),
        (datetime(2025, 12, 31, 16, 30, tzinfo=UTC), "1月1日 0:30", "1 Jan 12:30 am"),
        (datetime(2025, 6, 1, 4, 0, tzinfo=UTC), "2025年6月1日 12:00", "1 Jun 2025 12 noon"),
    ],
)
def test_a_moment_is_said_from_where_the_reader_stands(at, chinese, english):
    assert wording.moment(at, NOW, "zh_Hans", ZONE) == chinese
    assert wording.moment(at, NOW, "en", ZONE) == english


@pytest.mark.parametrize(
    ("start", "end", "chinese", "english"),
    [
        (local(19, 13), local(19, 17), "今天下午", "today, afternoon"),
        (local(20, 8), local(20, 12), "明天上午", "tomorrow, morning"),
        (local(20, 18), local(20, 21), "明天晚上", "tomorrow, evening"),
        (local(20, 9), local(20, 11), "明天 9:00–11:00", "tomorrow 9 am–11 am"),
        (local(19, 8), local(19, 18), "今天全天", "today, any time"),
        (local(19, 0), local(20, 0), "今天全天", "today, any time"),
        (local(19, 10), local(21, 18), "今天到后天", "today to Sat"),
    ],
)
def test_a_window_is_a_half_of_a_day_where_it_is_one(start, end, chinese, english):
    assert wording.window(start, end, NOW, "zh_Hans", ZONE) == chinese
    assert wording.window(start, end, NOW, "en", ZONE) == english


@pytest.mark.parametrize(
    ("minutes", "chinese", "english"),
    [
        (40, "还剩 40 分钟", "40 min left"),
        (130, "还剩 2 小时 10 分", "2 h 10 min left"),
        (300, "还剩 5 小时", "5 h left"),
        (3 * 1440, "还剩 3 天", "3 days left"),
        (-12, "超时 12 分钟", "12 min late"),
        (-1500, "超时 25 小时", "25 h late"),
    ],
)
def test_late_is_time_past_the_promise(minutes, chinese, english):
    until = NOW + timedelta(minutes=minutes)
    assert wording.left(until, NOW, "zh_Hans") == chinese
    assert wording.left(until, NOW, "en") == english


def test_how_long_ago():
    assert wording.ago(NOW - timedelta(seconds=20), NOW, "zh_Hans") == "刚刚"
    assert wording.ago(NOW - timedelta(minutes=12), NOW, "zh_Hans") == "12 分钟前"
    assert wording.ago(NOW - timedelta(hours=5), NOW, "en") == "5 h ago"


@pytest.mark.parametrize(
    ("minutes", "chinese", "english"),
    [
        (130, "2 小时 10 分", "2 h 10 min"),
        (40, "40 分钟", "40 min"),
        (1980, "33 小时", "33 h"),
        (0, "0 分钟", "0 min"),
        (-60, "−1 小时", "−1 h"),
    ],
)
def test_minutes_of_service_are_said_in_hours(minutes, chinese, english):
    assert wording.hours(minutes, "zh_Hans") == chinese
    assert wording.hours(minutes, "en") == english


@pytest.mark.parametrize(
    ("metres", "chinese", "english"),
    [(348, "350 米", "350 m"), (996, "1.0 公里", "1.0 km"), (1_234, "1.2 公里", "1.2 km"), (123_400, "123 公里", "123 km")],
)
def test_distances_are_metres_until_a_kilometre(metres, chinese, english):
    assert wording.distance(metres, "zh_Hans") == chinese
    assert wording.distance(metres, "en") == english


def test_a_ring_says_it_in_few_signs():
    assert [wording.short_left(seconds, "zh_Hans") for seconds in (83 * 60, 4 * 3600, 3 * 86400, -5)] == [
        "83分",
        "4时",
        "3天",
        "0分",
    ]
    assert wording.short_left(83 * 60, "en") == "83 min"


def test_numbers_are_hidden_spaced_and_grouped():
    assert wording.phone_mask("13800000001") == "138****0001"
    assert wording.phone_mask("123") == "***"
    assert wording.phone_spaced("13800000001") == "138 0000 0001"
    assert wording.fours("2611005831274") == "2611 0058 3127 4"


def test_the_greeting_follows_the_local_hour():
    assert [wording.greeting(local(19, hour), ZONE) for hour in (3, 8, 12, 15, 20)] == [
        "evening",
        "morning",
        "noon",
        "afternoon",
        "evening",
    ]


def test_what_is_kept_or_printed_names_day_and_year_in_full():
    assert wording.stamp(local(19, 15), "zh_Hans", ZONE) == "2026年11月19日 15:00"
    assert wording.stamp(local(19, 15), "en", ZONE) == "19 Nov 2026, 3 pm"
