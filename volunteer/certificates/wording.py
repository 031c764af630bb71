"""What the paper says, in Chinese and in English.

These words do not come from the catalogues: a certificate printed again next year must be the same to the byte, so a
change here is a change of the paper and goes with a new FORMAT in statement.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from volunteer.kernel.words import CHINESE, ENGLISH

NUMERALS = "〇一二三四五六七八九"
MONTHS = ("January", "February", "March", "April", "May", "June", "July",
          "August", "September", "October", "November", "December")  # fmt: skip

CHINESE_WORDS: Mapping[str, Any] = {
    "lang": "zh",
    "region": "CN",
    "title": "志愿服务记录证明",
    "subtitle": "Certificate of Volunteer Service",
    "sentence": "兹证明 {name}{known}自 {first}至 {last}，参加志愿服务 {times}，累计 {time}。",
    "known": {"document": "证件号 {}", "number": "志愿者号 {}"},
    "brackets": "（{}）",
    "comma": "，",
    "head": ("服务内容", "次数", "服务时长", "记录方式"),
    "total": "合计",
    "total_note": "时长为实际服务时间，不含路途",
    "legend": "计入的记录方式",
    "grades": {"a": "开始码与定位", "b": "开始码、动态码或定位", "c": "队长点名", "d": "事后补录"},
    "number": "证明编号",
    "check": ("扫码，或到 {site} 输入编号核对",),
    "free": ("免费出具，事实截至签发日；换发、撤销以查验页为准",),
    "signature": "数字签名　密钥 {kid}　摘要 {digest}",
    "unit": "记录单位：",
    "in_charge": "负责人：",
    "handler": "经办：",
    "oneself": "本人自助打印",
    "contact": "联系电话：",
    "seal": "（盖章处）",
    "qr_alt": "查验二维码，网址 {url}",
    "details": "服务记录明细",
    "entry_head": ("序号", "日期", "服务类别", "服务内容", "地点", "时长", "记录方式"),
    "other": "其他 {count} 类",
    "footer": "{name}　志愿服务记录证明　编号 {number}",
    "description": "{name}，志愿服务 {times} 次，累计 {time}",
}

ENGLISH_WORDS: Mapping[str, Any] = {
    "lang": "en",
    "region": "GB",
    "title": "Certificate of Volunteer Service",
    "subtitle": "志愿服务记录证明",
    "sentence": "This is to certify that {name}{known} took part in volunteer service {times}"
    " from {first} to {last}, for a total of {time}.",
    "known": {"document": "identity document\u00a0{}", "number": "volunteer no.\u00a0{}"},
    "brackets": " ({})",
    "comma": ", ",
    "head": ("Service", "Times", "Hours of service", "How it was recorded"),
    "total": "Total",
    "total_note": "Actual time of service, travel not counted",
    "legend": "Counted",
    "grades": {"a": "start code and position", "b": "start code, live QR or position", "c": "roll-call", "d": "entered later"},
    "number": "Certificate number",
    "check": ("Scan the code, or enter the number at", "{site}"),
    "free": ("Free of charge, true on the day of issue;", "the page says if it was replaced or revoked since"),
    "signature": "Signed: key {kid}, digest {digest}",
    "unit": "Recorded by: ",
    "in_charge": "In charge: ",
    "handler": "Handled by: ",
    "oneself": "self-service",
    "contact": "Telephone: ",
    "seal": "(seal)",
    "qr_alt": "QR code of the page that checks this certificate: {url}",
    "details": "Every service in detail",
    "entry_head": ("No.", "Date", "Class", "What was done", "Place", "Time", "How it was recorded"),
    "other": "{count} more classes",
    "footer": "{name} · Certificate of Volunteer Service · No. {number}",
    "description": "{name}: {times} services, {time}",
}

LENT = {  # 互派: somebody served residents of another county
    "zh_Hans": {
        "title": "志愿服务互派证明",
        "subtitle": "Certificate of Volunteer Service Across Counties",
        "sentence": "兹证明 {home}志愿者 {name}{known}自 {first}至 {last}，受派到 {served}参加志愿服务 {times}，累计 {time}。",
        "footer": "{name}　志愿服务互派证明　编号 {number}",
    },
    "en": {
        "title": "Certificate of Service Across Counties",
        "subtitle": "志愿服务互派证明",
        "sentence": "This is to certify that {name}{known}, a volunteer of {home}, was lent to {served}"
        " and served there {times} from {first} to {last}, for a total of {time}.",
        "footer": "{name} · Certificate of Service Across Counties · No. {number}",
    },
}
STAR = {
    "zh_Hans": {
        "title": "星级志愿者证书",
        "subtitle": "Star Volunteer Certificate",
        "sentence": "兹证明 {name}{known}志愿服务时长累计 {time}，经评定并公示，于 {first}被授予 {star}称号。",
        "star": "{}星级志愿者",
        "award": "授星编号 {}",
        "unit": "授予单位：",
        "qr_alt": "查验二维码，网址 {url}",
        "free": ("免费出具；换发、撤销以查验页为准",),
        "footer": "{name}　星级志愿者证书　编号 {number}",
        "description": "{name}，{star}",
    },
    "en": {
        "title": "Star Volunteer",
        "subtitle": "星级志愿者证书",
        "sentence": "This is to certify that {name}{known}, with {time} of volunteer service,"
        " was awarded the title of {star} on {first}, after public notice.",
        "star": "{}-Star Volunteer",
        "award": "Award no. {}",
        "unit": "Awarded by: ",
        "free": ("Free of charge;", "the page says if it was replaced or revoked since"),
        "footer": "{name} · Star Volunteer · No. {number}",
        "description": "{name}: {star}",
    },
}
BY_KIND: Mapping[str, Mapping[str, Mapping[str, Any]]] = {"lent": LENT, "star": STAR}
STARS = {
    "zh_Hans": "〇一二三四五六七八九十",
    "en": ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"),
}


def words(locale: str, kind: str = "service") -> Mapping[str, Any]:
    """Return the vocabulary in ``locale`` of a paper of that kind."""
    common = ENGLISH_WORDS if locale == ENGLISH else CHINESE_WORDS
    return {**common, **BY_KIND[kind][ENGLISH if locale == ENGLISH else CHINESE]} if kind in BY_KIND else common


def star(number: int, locale: str) -> str:
    """Return the title of so many stars: 三星级志愿者, Three-Star Volunteer."""
    chosen = ENGLISH if locale == ENGLISH else CHINESE
    named = STARS[chosen][number] if number < len(STARS[chosen]) else str(number)
    return str(STAR[chosen]["star"]).format(named)


def listed(names: Sequence[str], locale: str) -> str:
    """Return names in a row: 甲县、乙县; A, B and C."""
    if locale != ENGLISH:
        return "、".join(names)
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def pick(pair: Sequence[str], locale: str) -> str:
    """Return the name in ``locale`` of a (Chinese, English) pair; the Chinese one where the English is empty."""
    return (pair[1] or pair[0]) if locale == ENGLISH else pair[0]


def duration(minutes: int, locale: str) -> str:
    """Return whole ``minutes`` in hours and minutes: 126 小时 30 分, 126 h 30 min."""
    hours, rest = divmod(minutes, 60)
    units = ("h", "min") if locale == ENGLISH else ("小时", "分")
    parts = [f"{number} {unit}" for number, unit in zip((hours, rest), units, strict=True) if number]
    return " ".join(parts) or f"0 {units[1]}"


def times(number: int, locale: str) -> str:
    """Return how often: 47 次, 47 times, once."""
    if locale == ENGLISH:
        return "once" if number == 1 else f"{number} times"
    return f"{number} 次"


def day(when: date, locale: str) -> str:
    """Return a day as it stands in a sentence: 2026年11月19日, 19 November 2026."""
    if locale == ENGLISH:
        return f"{when.day} {MONTHS[when.month - 1]} {when.year}"
    return f"{when.year}年{when.month}月{when.day}日"


def signed_day(when: date, locale: str) -> str:
    """Return the day of issue: in Chinese in numerals of the old manner, 二〇二六年十一月二十日."""
    if locale == ENGLISH:
        return day(when, locale)
    year = "".join(NUMERALS[int(digit)] for digit in str(when.year))
    return f"{year}年{_count(when.month)}月{_count(when.day)}日"


def _count(number: int) -> str:
    """Return 1 to 99 in Chinese: 十, 十一, 二十, 二十一."""
    tens, ones = divmod(number, 10)
    return ("" if not tens else "十" if tens == 1 else f"{NUMERALS[tens]}十") + (NUMERALS[ones] if ones else "")


def in_fours(number: str) -> str:
    """Return a certificate's number in groups of four: 2611 0058 3127 4."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def spread(name: str) -> str:
    """Return a two-character Chinese name with a full space between, as papers print it: 沈　明."""
    chinese = len(name) == 2 and all("\u4e00" <= character <= "\u9fff" for character in name)
    return "\u3000".join(name) if chinese else name
