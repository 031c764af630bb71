"""A browser's flat form becomes the nested data a schema loads, and a schema's complaints become one Invalid.

Names are dotted (``point.latitude``), lists of rows are numbered (``answers.0.code``), plain lists repeat the name.
The schema says what is looked for: anything else that was sent is not even read, so no column can be smuggled in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, ValidationError, fields
from werkzeug.datastructures import MultiDict

from volunteer.kernel.clock import local_date, start_of_day
from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_
from volunteer.web.numbers import MOST

YEARS = range(1800, 3000)  # that people mean
MOST_ROWS = 200  # of a numbered list, so that a hostile form cannot make us count to a billion


class Form(Protocol):
    """What werkzeug's MultiDict offers and we use."""

    def getlist(self, key: str) -> list[str]: ...
    def keys(self) -> Any: ...


def load_form(schema: Schema | type[Schema], form: Form) -> Any:
    """Return what ``schema`` loads from a submitted form. Raises Invalid with every field's translated complaint."""
    schema = schema() if isinstance(schema, type) else schema
    return load_data(schema, unflatten(schema, form))


def load_data(schema: Schema | type[Schema], data: Mapping[str, Any]) -> Any:
    """Return what ``schema`` loads from nested data. Raises Invalid like ``load_form``."""
    schema = schema() if isinstance(schema, type) else schema
    try:
        return schema.load(data, unknown=EXCLUDE)
    except ValidationError as error:
        raise invalid(error) from None


def invalid(error: ValidationError) -> Invalid:
    """Turn marshmallow's tree of messages into one Invalid with dotted names, in the reader's language."""
    return Invalid("invalid", N_("Please check the fields that are marked."), flatten(error.messages))


def flatten(messages: Any, name: str = "") -> dict[str, list[str]]:
    """``{"point": {"latitude": ["…"]}}`` → ``{"point.latitude": ["…"]}``; messages are translated here."""
    if isinstance(messages, Mapping):
        flat: dict[str, list[str]] = {}
        for key, inner in messages.items():
            path = name if key == "_schema" and name else (f"{name}.{key}" if name else str(key))
            for field, words in flatten(inner, path).items():
                flat.setdefault(field, []).extend(words)
        return flat
    listed = messages if isinstance(messages, (list, tuple)) else [messages]
    return {name: [worded(str(words)) for words in listed]}


def unflatten(schema: Schema, form: Form, prefix: str = "") -> dict[str, Any]:
    """Return the nested data that ``schema`` looks for in ``form``; blank values are left out, as if not sent."""
    data: dict[str, Any] = {}
    for name, field in schema.fields.items():
        key = field.data_key or name
        if not field.dump_only and (value := _read(field, form, prefix + key)) is not None:
            data[key] = value
    return data


def _read(field: fields.Field[Any], form: Form, name: str) -> Any:
    if isinstance(field, fields.Nested):
        if field.many:
            return _rows(field.schema, form, name)
        return unflatten(field.schema, form, f"{name}.") if _under(form, name) else None
    if isinstance(field, fields.List):
        if isinstance(field.inner, fields.Nested):
            return _rows(field.inner.schema, form, name)
        values = [value.strip() for value in form.getlist(name) if value.strip()]
        return [_within(field.inner, value, name) for value in values] or None
    if isinstance(field, fields.Dict):
        inside = _under(form, name)
        return {key.removeprefix(f"{name}."): _one(form, key) for key in inside} if inside else None
    value = _one(form, name)
    return None if value is None else _within(field, value, name)


def _within(field: fields.Field[Any], value: str, name: str) -> str:
    """Return the text that was sent. A number without bounds goes no further than a row's can, a day no further than YEARS."""
    if isinstance(field, (fields.Date, fields.DateTime)) and value[:4].isdecimal() and int(value[:4]) not in YEARS:
        raise Invalid.field(name, gettext(A_DATE))  # in another zone it may be a day before the first or after the last one
    if isinstance(field, fields.Integer) and not field.validators:
        try:
            beyond = abs(int(value)) > MOST
        except ValueError:  # no number: the schema says so
            return value
        if beyond:
            raise Invalid.field(name, gettext(NOT_RIGHT))
    return value


def _one(form: Form, name: str) -> str | None:
    """One value. Sent twice with different content it is refused: which one was checked by whom?"""
    values = {value.strip() for value in form.getlist(name)} - {""}
    if len(values) > 1:
        raise Invalid.field(name, gettext("This was sent twice."))
    return values.pop() if values else None


def _rows(schema: Schema, form: Form, name: str) -> list[dict[str, Any]] | None:
    heads = (key[len(name) + 1 :].split(".", 1)[0] for key in _under(form, name))
    numbers = sorted({int(head) for head in heads if head.isascii() and head.isdigit() and len(head) < 7})[:MOST_ROWS]
    return [unflatten(schema, form, f"{name}.{number}.") for number in numbers] or None


def _under(form: Form, name: str) -> list[str]:
    return [key for key in form.keys() if key.startswith(f"{name}.")]  # noqa: SIM118 - a MultiDict, not a dict


def typed(form: MultiDict[str, str]) -> dict[str, str]:
    """Return what was typed, to be shown again beside the complaints; never the secrets."""
    return {key: value for key, value in form.items() if "password" not in key and key not in {"csrf_token", "once"}}


FILL_IN = N_("Please fill this in.")


def first_moment(form: MultiDict[str, str], name: str, at: datetime, zone: ZoneInfo) -> datetime:
    """Return when a day that was typed begins for a rule: at once when it is today. Raises Invalid beside the field."""
    try:
        day = date.fromisoformat(form.get(name, "")[:10])
        return at if day == local_date(at, zone) else start_of_day(day, zone)
    except (ValueError, OverflowError):
        raise Invalid.field(name, A_DATE) from None


A_NUMBER = N_("Please write a number.")
A_DATE = N_("Please write a date.")
NOT_RIGHT = N_("This is not right yet.")
MARSHMALLOW = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"Missing data for required field\.|Field may not be null\.", FILL_IN),
        (r"Shorter than minimum length (?P<min>\d+)\.", N_("Please write at least %(min)s characters.")),
        (r"Longer than maximum length (?P<max>\d+)\.", N_("Please write at most %(max)s characters.")),
        (r"Length must be between (?P<min>\d+) and (?P<max>\d+)\.", N_("Please write %(min)s to %(max)s characters.")),
        (r"Length must be (?P<equal>\d+)\.", N_("Please write exactly %(equal)s characters.")),
        (r"Must be greater than or equal to (?P<min>\S+) and less than or equal to (?P<max>\S+)\.",
         N_("Please choose a number from %(min)s to %(max)s.")),
        (r"Must be greater than or equal to (?P<min>\S+)\.", N_("Please choose %(min)s or more.")),
        (r"Must be less than or equal to (?P<max>\S+)\.", N_("Please choose %(max)s or less.")),
        (r"Must be greater than (?P<min>\S+)\.", N_("Please choose more than %(min)s.")),
        (r"Must be less than (?P<max>\S+)\.", N_("Please choose less than %(max)s.")),
        (r"Must be one of: .*\.|Not a valid (list|choice|tuple)\.", N_("Please choose one of these.")),
        (r"Not a valid number\.|Special numeric values .*|Number too large\.", A_NUMBER),
        (r"Not a valid integer\.", N_("Please write a whole number.")),
        (r"Not a valid boolean\.", N_("Please choose yes or no.")),
        (r"Not a valid string\.|Not a valid utf-8 string\.", N_("Please write text.")),
        (r"Not a valid date\.|.* cannot be formatted as a date\.", A_DATE),
        (r"Not a valid time\.|.* cannot be formatted as a time\.", N_("Please write a time.")),
        (r"Not a valid (naive |aware )?datetime\.|.* cannot be formatted as a datetime\.",
         N_("Please write a date and a time.")),
        (r"Not a valid email address\.", N_("This does not look like an e-mail address.")),
        (r"String does not match expected pattern\.", N_("This does not look right.")),
        (r"Invalid value\.|Invalid type\.|Invalid input type\.|Not a valid .*\.|Unknown field\.", NOT_RIGHT),
    )
)  # fmt: skip


def worded(message: str) -> str:
    """Return a complaint in the reader's language: marshmallow's own by the table above, ours by the catalogue."""
    for pattern, words in MARSHMALLOW:
        if found := pattern.fullmatch(message):
            inside = found.groupdict()
            return str(gettext(words, **inside) if inside else gettext(words))
    return str(gettext(message))
