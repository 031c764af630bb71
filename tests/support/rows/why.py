"""Who may read why a team was asked."""

from __future__ import annotations

from tests.support.rows import IN, Row
from tests.support.rows.four_steps import board, visit
from volunteer.orders.lifecycle import Status

ROWS: dict[str, Row] = {
    "GET /why/offers/<int:offer_id>": board(Status.OFFERED),
    "GET /inbox/offers/<int:offer_id>/why": visit(Status.OFFERED),
    "GET /inbox/offers": Row("leader", IN, order=Status.OFFERED, hides=True),
}
