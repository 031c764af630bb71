"""Numbers and texts in addresses and forms: none reaches further than a row's, none holds a NUL, so none surprises a database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
from flask import Flask
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.routing import IntegerConverter as AnyInteger
from werkzeug.routing import Map, UnicodeConverter, ValidationError

MOST = 2**31 - 1
DIGITS = 10


class IntegerConverter(AnyInteger):
    """``<int:…>`` of a rule: a number that no row can have is an address that is not there."""

    def __init__(self, url_map: Map, *given: Any, **named: Any) -> None:
        super().__init__(url_map, *given, **({"max": MOST} | named))

    def to_python(self, value: str) -> Any:
        """Return the number. Thousands of digits are not even read."""
        if len(value) > DIGITS:
            raise ValidationError
        return super().to_python(value)


class TextConverter(UnicodeConverter):
    """``<…>`` of a rule: no text in a database holds a NUL, so such an address is not there."""

    def to_python(self, value: str) -> str:
        """Return the text."""
        if "\0" in value:
            raise ValidationError
        return value


class Asked(ImmutableMultiDict[str, str]):
    """What an address or a form says; ``get(…, type=int)`` takes a number beyond a row's for none. NUL is left out."""

    def __init__(self, mapping: Any = None) -> None:
        said = MultiDict(mapping or ()).items(multi=True)
        super().__init__([(_without_nul(key), _without_nul(value)) for key, value in said])

    def get(self, key: str, default: Any = None, type: Callable[[str], Any] | None = None) -> Any:  # type: ignore[override]  # noqa: A002
        """Return the first value, as that type, or the default."""
        found = super().get(key, default, type)  # type: ignore[arg-type]
        return default if type is int and found is not default and isinstance(found, int) and abs(found) > MOST else found


def _without_nul(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value  # an uploaded file stays what it is


class Request(flask.Request):
    """A request whose numbers and texts are such as a database takes."""

    parameter_storage_class = Asked


def init_app(app: Flask) -> None:
    """Bound every number and text of an address; before any rule is added."""
    app.request_class = Request
    app.url_map.converters |= {"int": IntegerConverter, "string": TextConverter, "default": TextConverter}
