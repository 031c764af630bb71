"""One cell: what somebody typed, or what Excel made of it, to the value that the column wants. Pure."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from volunteer.accounts import documents, rules
from volunteer.exchange.columns import Column, Type, Wrong
from volunteer.exchange.hours import read_hours
from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_
from volunteer.places.rules import shape_of

LONGEST = 32_767  # of any cell, as in Excel
AREA_LONGEST = 2_000_000
INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x202A, 0x202C, 0x202D, 0x202E, 0x200E, 0x200F))
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|_x000[0-8]_")
SCIENTIFIC = re.compile(r"[+-]?\d(?:\.\d+)?E[+]?\d{1,3}", re.IGNORECASE)
NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,12})?")
SEVERAL = re.compile(r"[、,，;；|\n]+")
DATES = (
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]0?0:00(?::00)?)?"),
    re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(?: 0?0:00(?::00)?)?"),
    re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})"),
    re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
)
YES = frozenset({"是", "有", "对", "要", "上班", "yes", "y", "true", "1", "√", "✓", "v", "work", "works"})
NO = frozenset({"否", "无", "没有", "不", "不是", "不要", "放假", "休息", "no", "n", "false", "0", "×", "x", "✗", "off"})
EPOCH = date(1899, 12, 30)
RISKY = frozenset("=+-@\t\r\n＝＋－＠")
EXACT = 10**15  # from here on Excel has lost digits
TELEPHONE = re.compile(r"[0-9+()\-\s]{3,30}")

LOST = N_("Excel cut this number down (it shows 1.38E+10 or ends in 000). Make the column text, and type the number again.")
A_FORMULA = N_("There is a formula here. Please put its value in the cell.")


@dataclass(frozen=True)
class Formula:
    """A cell with a formula. Nobody here works it out."""

    text: str


@dataclass(frozen=True)
class Broken:
    """A cell with an Excel error, like #REF!."""

    text: str


Raw = str | int | float | bool | datetime | date | time | Formula | Broken | None


def read_cell(column: Column, raw: Raw) -> Any:
    """Return the column's value of a raw cell, None for an empty one. Raises Wrong, with words for the person."""
    if isinstance(raw, Formula):
        raise Wrong(A_FORMULA)
    if isinstance(raw, Broken):
        raise Wrong(N_("Excel shows an error here: %(text)s."), text=raw.text[:20])
    if isinstance(raw, str):
        raw = clean(raw, AREA_LONGEST if column.type is Type.AREA else LONGEST)
    if raw is None or raw == "":
        if column.required:
            raise Wrong(N_("This must not be empty."))
        return column.default
    return READERS[column.type](column, raw)


def clean(text: str, longest: int) -> str:
    """Return ``text`` without what nobody sees at its ends. Raises Wrong for what is too long or no text."""
    if len(text) > longest:
        raise Wrong(N_("There is far too much text in this cell (%(count)s characters)."), count=len(text))
    if CONTROL.search(text):
        raise Wrong(N_("There are signs in this cell that are no text. Please type it again."))
    return text.translate(INVISIBLE).replace("\u00a0", " ").replace("\r\n", "\n").replace("\r", "\n").strip(" \t\n\u3000")


def plain(raw: Raw) -> str:
    """Return a raw cell as text in NFKC: full-width digits become plain ones."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e18:
        raw = int(raw)
    return unicodedata.normalize("NFKC", str(raw)).strip()


def looks_worked_out(text: str) -> bool:
    """Return whether a spreadsheet could take the text for a formula, quotes in front of it left aside."""
    return text.lstrip("'")[:1] in RISKY


def _text(column: Column, raw: Raw) -> str:
    if isinstance(raw, datetime | date | time):
        raise Wrong(N_("Excel turned this into a date. Make the column text, and type it again."))
    text = raw if isinstance(raw, str) else plain(raw)
    if len(text) > column.longest:
        raise Wrong(N_("Please write at most %(most)s characters; here are %(count)s."), most=column.longest, count=len(text))
    return text


def _code(column: Column, raw: Raw) -> str:
    text = plain(_text(column, raw))
    if (SCIENTIFIC.fullmatch(text) and "." in text) or (
        isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) >= EXACT
    ):
        raise Wrong(LOST)
    if re.search(r"\s", text):
        raise Wrong(N_("A code has no spaces in it."))
    return text


def _too_long(raw: Raw) -> bool:
    return isinstance(raw, int | float) and abs(raw) >= EXACT


def _codes(column: Column, raw: Raw) -> tuple[str, ...]:
    parts = [plain(part) for part in SEVERAL.split(_text(column, raw))]
    return tuple(dict.fromkeys(part for part in parts if part))


def _number(column: Column, raw: Raw) -> float:
    if isinstance(raw, datetime | date | time):
        raise Wrong(N_("Excel turned this into a date. A number is wanted here."))
    if isinstance(raw, bool):
        raise Wrong(N_("Please write a number."))
    if isinstance(raw, str):
        text = plain(raw).replace(",", "")
        if not NUMBER.fullmatch(text):
            raise Wrong(N_("This is no number: %(text)s."), text=text[:20])
        raw = float(text)
    value = float(raw)  # type: ignore[arg-type]
    if not math.isfinite(value):
        raise Wrong(N_("Please write a number."))
    if (column.least is not None and value < column.least) or (column.most is not None and value > column.most):
        raise Wrong(N_("This must be from %(least)s to %(most)s."), least=_short(column.least), most=_short(column.most))
    return value


def _short(limit: float | None) -> str:
    return "…" if limit is None else f"{limit:g}"


def _whole(column: Column, raw: Raw) -> int:
    value = _number(column, raw)
    if not value.is_integer():
        raise Wrong(N_("Please write a whole number."))
    return int(value)


def _decimal(column: Column, raw: Raw) -> float:
    return round(_number(column, raw), 7)


def _date(column: Column, raw: Raw) -> date:
    if isinstance(raw, datetime):
        return _in_our_time(raw.date())
    if isinstance(raw, date):
        return _in_our_time(raw)
    text = plain(raw)
    if isinstance(raw, int | float) and not isinstance(raw, bool) and 1 <= raw < 1_000_000:  # a day as Excel counts them
        return _in_our_time(EPOCH + timedelta(days=int(raw)))
    if text.isdecimal() and len(text) == 5:
        return _in_our_time(EPOCH + timedelta(days=int(text)))
    for form in DATES:
        if found := form.fullmatch(text):
            try:
                return _in_our_time(date(*(int(part) for part in found.groups())))
            except ValueError:
                raise Wrong(N_("There is no such day: %(text)s."), text=text[:20]) from None
    raise Wrong(N_("Please write the day like 2026-03-01; this is %(text)s."), text=text[:20])


def _in_our_time(day: date) -> date:
    if not 1900 <= day.year <= 2100:
        raise Wrong(N_("There is no such day: %(text)s."), text=day.isoformat())
    return day


def _yes_no(column: Column, raw: Raw) -> bool:
    word = plain(raw).lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise Wrong(N_("Please write yes or no."))


def _choice(column: Column, raw: Raw) -> str:
    word = plain(raw).lower()
    for choice in column.choices:
        if word in {plain(name).lower() for name in (choice.value, choice.name, choice.name_en)}:
            return choice.value
    raise Wrong(
        N_("Please choose one of these: %(words)s."),
        words=" / ".join(f"{choice.name} ({choice.name_en})" for choice in column.choices),
    )


def _digits(raw: Raw) -> str:
    """A number that is a name: as typed, or as Excel kept it."""
    if isinstance(raw, datetime | date | time):
        raise Wrong(N_("Excel turned this into a date. Make the column text, and type it again."))
    text = plain(raw)
    if SCIENTIFIC.fullmatch(text) or (_too_long(raw)):
        raise Wrong(LOST)
    return text


def _mobile(column: Column, raw: Raw) -> str:
    number = rules.mobile(_digits(raw))
    if number is None:
        raise Wrong(N_("Please write a mobile number with 11 digits."))
    return number


def _phone(column: Column, raw: Raw) -> str:
    text = _digits(raw)
    if not TELEPHONE.fullmatch(text):
        raise Wrong(N_("This is no telephone number."))
    return text


def _document(column: Column, raw: Raw) -> str:
    text = re.sub(r"\s", "", _digits(raw)).upper()
    if not re.fullmatch(r"\d{17}[\dX]", text):
        raise Wrong(N_("An identity number has 18 signs; this has %(count)s."), count=len(text))
    if documents.check_character(text[:17]) != text[-1]:
        if text.endswith("000"):
            raise Wrong(LOST)
        raise Wrong(N_("This identity number cannot be right: its last sign does not fit. Please compare it with the card."))
    if documents.born_on(text) is None:
        raise Wrong(N_("There is no such birthday in this identity number."))
    return text


def _hours(column: Column, raw: Raw) -> tuple[tuple[int, int, int], ...]:
    return read_hours(_text(column, raw))


def _area(column: Column, raw: Raw) -> dict[str, Any]:
    try:
        return shape_of(json.loads(raw) if isinstance(raw, str) else raw).geometry
    except Invalid as error:
        raise Wrong(error.message) from None
    except (ValueError, RecursionError):
        raise Wrong(N_("This is no GeoJSON shape.")) from None


def _answers(column: Column, raw: Raw) -> tuple[tuple[str, str, str], ...]:
    found = []
    for part in re.split(r"[;；\n]+", _text(column, raw)):
        if part.strip():
            bits = [bit.strip() for bit in re.split(r"[=＝]", part)]
            if len(bits) > 3 or not bits[0]:
                raise Wrong(N_("Please write answers like: tap=水龙头=Tap; pipe=水管=Pipe"))
            found.append((bits[0], bits[1] if len(bits) > 1 else bits[0], bits[2] if len(bits) > 2 else ""))
    if len({value for value, _, _ in found}) != len(found):
        raise Wrong(N_("One answer is there twice."))
    return tuple(found)


READERS: dict[Type, Callable[[Column, Raw], Any]] = {
    Type.TEXT: _text,
    Type.CODE: _code,
    Type.CODES: _codes,
    Type.WHOLE: _whole,
    Type.DECIMAL: _decimal,
    Type.DATE: _date,
    Type.YES_NO: _yes_no,
    Type.CHOICE: _choice,
    Type.MOBILE: _mobile,
    Type.PHONE: _phone,
    Type.DOCUMENT: _document,
    Type.HOURS: _hours,
    Type.AREA: _area,
    Type.ANSWERS: _answers,
}
