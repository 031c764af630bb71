"""Numbers in addresses: none reaches further than a row's, so none surprises a database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
from flask import Flask
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter as AnyInteger
from werkzeug.routing import Map, ValidationError

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


class Asked(ImmutableMultiDict[str, str]):
    """What an address or a form says; ``get(…, type=int)`` takes a number beyond a row's for none."""

    def get(self, key: str, default: Any = None, type: Callable[[str], Any] | None = None) -> Any:  # type: ignore[override]  # noqa: A002
        """Return the first value, as that type, or the default."""
        found = super().get(key, default, type)  # type: ignore[arg-type]
        return default if type is int and found is not default and isinstance(found, int) and abs(found) > MOST else found


class Request(flask.Request):
    """A request whose numbers are bounded."""

    parameter_storage_class = Asked


def init_app(app: Flask) -> None:
    """Bound every number of an address; before any rule is added."""
    app.request_class = Request
    app.url_map.converters["int"] = IntegerConverter
