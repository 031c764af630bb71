"""Who was asked how often, and who is on duty."""

from __future__ import annotations

from tests.support.rows import IN, Row

ROWS: dict[str, Row] = {
    "GET /asking": Row("dispatcher admin director", IN, hides=True),
    "GET /me/duty": Row("volunteer", IN),
    "POST /me/duty": Row("volunteer", IN, data=lambda _: {"hours": "2"}),
    "POST /me/duty/end": Row("volunteer", IN),
}
