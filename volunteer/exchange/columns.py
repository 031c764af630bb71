"""What a sheet is made of: its columns, said as data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from volunteer.kernel.words import ENGLISH

Values = dict[str, Any]


class Type(StrEnum):
    """How a cell of the column is read and written."""

    TEXT = "text"
    CODE = "code"
    CODES = "codes"  # several, separated by 、 or ;
    WHOLE = "whole"
    DECIMAL = "decimal"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    MOBILE = "mobile"
    PHONE = "phone"
    DOCUMENT = "document"
    HOURS = "hours"  # weekly: 周一 9:00-11:30
    AREA = "area"  # a GeoJSON geometry
    ANSWERS = "answers"  # value=Chinese=English; …


@dataclass(frozen=True)
class Choice:
    """One value that a choice column may have."""

    value: str
    name: str
    name_en: str

    def called(self, locale: str) -> str:
        """Return its word in ``locale``."""
        return self.name_en if locale == ENGLISH else self.name


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. ``also``: other headers that mean it; ``note`` (msgid) explains it on the template's second sheet.

    ``private`` values are never kept beside the record of an import; an empty cell of a ``kept`` column changes nothing.
    """

    key: str
    name: str
    name_en: str
    type: Type = Type.TEXT
    required: bool = False
    longest: int = 80
    least: float | None = None
    most: float | None = None
    choices: tuple[Choice, ...] = ()
    also: tuple[str, ...] = ()
    note: str = ""
    example: str = ""
    default: Any = None
    private: bool = False
    kept: bool = False

    def called(self, locale: str) -> str:
        """Return its header in ``locale``."""
        return self.name_en if locale == ENGLISH else self.name


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One kind of sheet. ``key`` are the columns that say which thing a row is about; ``most`` rows are read."""

    name: str
    title: str  # msgid
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ("code",)
    most: int = 5_000
    label: str = "name"  # the column that a row is called by

    def column(self, key: str) -> Column:
        """Return the column of that key."""
        return next(column for column in self.columns if column.key == key)


@dataclass(frozen=True)
class Fault:
    """Something wrong at a row (as Excel numbers them) and, where it is one cell, a column's key."""

    row: int
    column: str
    message: str  # msgid
    params: Mapping[str, Any] = field(default_factory=dict)


class Wrong(Exception):
    """A cell cannot be what its column wants: ``message`` is a msgid."""

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.params = params


@dataclass(frozen=True)
class Draft:
    """A row as it was understood: the values of the columns that the sheet has."""

    row: int
    values: Values


@dataclass
class Checked:
    """A whole sheet as it was understood. ``columns`` are the keys it has; ``notes`` (msgid, params) are no faults."""

    columns: tuple[str, ...] = ()
    drafts: list[Draft] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def same(one: Any, other: Any) -> bool:
    """Whether two values of a column are the same when stored and read again."""
    return bool(jsonable(one) == jsonable(other)) or (one in (None, "", (), []) and other in (None, "", (), []))


def jsonable(value: Any) -> Any:
    """Return a value as JSON keeps it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [jsonable(part) for part in value]
    if isinstance(value, Mapping):
        return {str(name): jsonable(part) for name, part in value.items()}
    return value
