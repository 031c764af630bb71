"""Times, distances and lengths the way people say them, in both languages. Pure: ``now``, locale and zone are arguments.

Written out by language, not translated word by word: the two count days, hours and halves of a day differently.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ENGLISH = "en"
MINUTE, HOUR, DAY = 60, 3_600, 86_400

WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NEAR_ZH = {-1: "昨天", 0: "今天", 1: "明天", 2: "后天"}
NEAR_EN = {-1: "yesterday", 0: "today", 1: "tomorrow"}
HALVES_ZH = {"morning": "上午", "afternoon": "下午", "evening": "晚上", "all day": "全天"}
HALVES_EN = {"morning": "morning", "afternoon": "afternoon", "evening": "evening", "all day": "any time"}


def clock(at: datetime, locale: str, zone: ZoneInfo) -> str:
    """Return the time of day: "15:00", "3 pm"."""
    local = at.astimezone(zone)
    if locale != ENGLISH:
        return f"{local.hour}:{local.minute:02d}"
    if local.hour == 12 and not local.minute:
        return "12 noon"
    minutes = f":{local.minute:02d}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes} {'am' if local.hour < 12 else 'pm'}"


def weekday(day: date, locale: str) -> str:
    """Return "周四", "Thu"."""
    return (WEEKDAYS_EN if locale == ENGLISH else WEEKDAYS_ZH)[day.weekday()]


def calendar_day(day: date, today: date, locale: str) -> str:
    """Return the date in words, its year only where it is not this one: "11月21日", "21 Nov 2025"."""
    if locale == ENGLISH:
        return f"{day.day} {MONTHS_EN[day.month - 1]}" + (f" {day.year}" if day.year != today.year else "")
    return (f"{day.year}年" if day.year != today.year else "") + f"{day.month}月{day.day}日"


def day_of(day: date, today: date, locale: str) -> str:
    """Return the day as seen from ``today``: "今天", "周四", "下周二", "11月21日"; "today", "Thu", "next Tue", "21 Nov"."""
    away = (day - today).days
    near = (NEAR_EN if locale == ENGLISH else NEAR_ZH).get(away)
    if near:
        return near
    if abs(away) > 6:
        return calendar_day(day, today, locale)
    weeks = (_monday(day) - _monday(today)).days // 7
    before = {-1: "last ", 0: "", 1: "next "} if locale == ENGLISH else {-1: "上", 0: "", 1: "下"}
    return before[weeks] + weekday(day, locale)


def moment(at: datetime, now: datetime, locale: str, zone: ZoneInfo) -> str:
    """Return day and time: "今天 15:00", "today 3 pm"."""
    return f"{day_at(at, now, locale, zone)} {clock(at, locale, zone)}"


def stamp(at: datetime, locale: str, zone: ZoneInfo) -> str:
    """Return day, year and time in full, for what is kept or printed: "2026年11月21日 15:00", "21 Nov 2026, 3 pm"."""
    day = at.astimezone(zone).date()
    if locale == ENGLISH:
        return f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}, {clock(at, locale, zone)}"
    return f"{day.year}年{day.month}月{day.day}日 {clock(at, locale, zone)}"


def day_at(at: datetime, now: datetime, locale: str, zone: ZoneInfo) -> str:
    """Return the local day of ``at`` as seen from ``now``."""
    return day_of(at.astimezone(zone).date(), now.astimezone(zone).date(), locale)


def window(start: datetime, end: datetime, now: datetime, locale: str, zone: ZoneInfo) -> str:
    """Return a span of time: "今天下午", "明天 9:00–11:00", "周四到周六"; "this afternoon" is "today, afternoon"."""
    first, last = start.astimezone(zone), (end - timedelta(seconds=1)).astimezone(zone)
    if first.date() != last.date():
        joint = " to " if locale == ENGLISH else "到"
        return joint.join(day_at(at, now, locale, zone) for at in (start, last))
    day = day_at(start, now, locale, zone)
    half = _half(start.astimezone(zone), end.astimezone(zone))
    if half:
        return f"{day}, {HALVES_EN[half]}" if locale == ENGLISH else day + HALVES_ZH[half]
    return f"{day} {clock(start, locale, zone)}–{clock(end, locale, zone)}"


def span(seconds: float, locale: str) -> str:
    """Return a length of waiting in its largest unit, with minutes under three hours: "40 分钟", "2 小时 10 分", "3 天"."""
    seconds = abs(seconds)
    if seconds < 3 * HOUR:
        return hours(max(1, round(seconds / MINUTE)), locale)
    if seconds < 2 * DAY:
        return hours(round(seconds / HOUR) * 60, locale)
    days = round(seconds / DAY)
    return f"{days} days" if locale == ENGLISH else f"{days} 天"


def left(until: datetime, now: datetime, locale: str) -> str:
    """Return what remains until a promise, or by how much it has passed: "还剩 40 分钟", "超时 12 分钟"."""
    seconds = (until - now).total_seconds()
    words = span(seconds, locale)
    if locale == ENGLISH:
        return f"{words} left" if seconds >= 0 else f"{words} late"
    return f"还剩 {words}" if seconds >= 0 else f"超时 {words}"


def ago(at: datetime, now: datetime, locale: str) -> str:
    """Return how long ago: "刚刚", "12 分钟前"; "just now", "12 min ago"."""
    seconds = (now - at).total_seconds()
    if seconds < MINUTE:
        return "just now" if locale == ENGLISH else "刚刚"
    return f"{span(seconds, locale)} ago" if locale == ENGLISH else f"{span(seconds, locale)}前"


def hours(minutes: int, locale: str) -> str:
    """Return minutes of service: "2 小时 10 分", "40 分钟", "33 小时"; "2 h 10 min"."""
    whole, rest = divmod(abs(int(minutes)), 60)
    sign = "−" if minutes < 0 else ""
    if locale == ENGLISH:
        parts = ([f"{whole:,} h"] if whole else []) + ([f"{rest} min"] if rest or not whole else [])
    elif whole:
        parts = [f"{whole:,} 小时"] + ([f"{rest} 分"] if rest else [])
    else:
        parts = [f"{rest} 分钟"]
    return sign + " ".join(parts)


def short_left(seconds: float, locale: str) -> str:
    """Return what fits into a ring: "83分", "3时", "2天"; "83 min", "3 h", "2 d". Nothing left is 0."""
    seconds = max(0, seconds)
    if seconds < 100 * MINUTE:
        return f"{round(seconds / MINUTE)}{' min' if locale == ENGLISH else '分'}"
    if seconds < 2 * DAY:
        return f"{round(seconds / HOUR)}{' h' if locale == ENGLISH else '时'}"
    return f"{round(seconds / DAY)}{' d' if locale == ENGLISH else '天'}"


def distance(metres: float, locale: str) -> str:
    """Return a distance: "350 米", "1.2 公里"; tens of metres under one kilometre, whole kilometres from a hundred."""
    tens = round(metres / 10) * 10
    if tens < 1_000:
        return f"{tens:g} {'m' if locale == ENGLISH else '米'}"
    kilometres = metres / 1_000
    figure = f"{kilometres:.0f}" if kilometres >= 100 else f"{kilometres:.1f}"
    return f"{figure} {'km' if locale == ENGLISH else '公里'}"


def phone_mask(phone: str) -> str:
    """Return a phone number with its middle hidden: "138****0001"; what is too short is hidden whole."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "*" * len(phone)


def phone_spaced(phone: str) -> str:
    """Return an eleven-digit number as it is read out: "138 0000 0001"."""
    return f"{phone[:3]} {phone[3:7]} {phone[7:]}" if len(phone) == 11 else phone


def fours(number: str) -> str:
    """Return a long number in groups of four: "2611 0058 3127 4"."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def greeting(now: datetime, zone: ZoneInfo) -> str:
    """Return the part of the day that a greeting names: "morning" until 11, "noon" until 13, "afternoon" until 18, "evening"."""
    hour = now.astimezone(zone).hour
    return "morning" if 5 <= hour < 11 else "noon" if 11 <= hour < 13 else "afternoon" if 13 <= hour < 18 else "evening"


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _half(start: datetime, end: datetime) -> str | None:
    """Which half of the day the local span is, when it is all of one: at least three hours, inside its bounds."""
    length = end - start
    if length < timedelta(hours=3):
        return None
    ends = end.hour + end.minute / 60 + (24 if end.date() > start.date() else 0)
    if length >= timedelta(hours=7):
        return "all day"
    if start.hour >= 6 and ends <= 12.5:
        return "morning"
    if start.hour >= 12 and ends <= 18.5:
        return "afternoon"
    return "evening" if start.hour >= 17 else None
