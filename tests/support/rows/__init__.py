"""Who may use a route: a row for each, in one module for each part of the application.

A route that no module knows fails the test: whoever adds one says here who may use it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.support.everybody import ABROAD, NEXT, STAFF, County
from volunteer.orders.lifecycle import Status

IN = 0  # let in: the page, or a redirect to where one goes on
ROLES = ("resident", "volunteer", "leader", *STAFF)
EVERYBODY = " ".join(ROLES)
PEOPLE = ("visitor", *(role + place for role in ROLES for place in ("", NEXT, ABROAD)))
Values = dict[str, Any]


class Row(NamedTuple):
    """What a route answers: to ``own`` roles of the place, to the same roles ``elsewhere``, to ``others``, to a visitor."""

    own: str
    elsewhere: int = 404
    others: int = 403
    visitor: int = 302  # asked to log in
    but: dict[str, int] = {}
    order: Status = Status.PLACED
    data: Callable[[Values], Values] = lambda _: {}
    query: Callable[[Values], Values] = lambda _: {}
    hides: bool = False  # a list: elsewhere it is another list, without what is ours
    extra: Callable[[County, Values], Values] = (
        lambda county, values: {}
    )  # makes, in a transaction of its own, what the route is about


def all_of_us(
    order: Status = Status.PLACED, data: Callable[[Values], Values] = lambda _: {}, answer: int = IN, **more: Any
) -> Row:
    """A route that is open: whoever knows the number, the code or the link needs no account."""
    return Row(EVERYBODY, answer, answer, answer, dict.fromkeys(PEOPLE, answer), order, data, **more)


LINK = all_of_us()


def because(_: Values) -> Values:
    return {"reason": "试一试"}


def every_row() -> dict[str, Row]:
    """Return the rows of every module of this package; a route stands in one of them."""
    rows: dict[str, Row] = {}
    for module in pkgutil.iter_modules(__path__):
        more: dict[str, Row] = importlib.import_module(f"{__name__}.{module.name}").ROWS
        assert not set(more) & set(rows), set(more) & set(rows)
        rows |= more
    return rows
