"""Opening a county, and the hub of those who manage."""

from __future__ import annotations

from tests.support.rows import IN, Row, all_of_us

ROWS: dict[str, Row] = {
    "GET /setup": all_of_us(answer=404),  # this county is open: there is no such page any more
    "POST /setup": all_of_us(answer=404),
    "POST /setup/token": all_of_us(answer=404),
    "GET /manage": Row("admin", IN),
}
