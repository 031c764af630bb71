"""The routes of what residents say weeks after a service."""

from __future__ import annotations

from tests.support.rows import Row, all_of_us
from volunteer.orders.lifecycle import Status

ROWS: dict[str, Row] = {"POST /o/<secret>/solved": all_of_us(Status.CLOSED, lambda _: {"solved": "yes"})}
