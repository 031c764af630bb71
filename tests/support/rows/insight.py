"""The pages of those who look after others, and the search of all staff."""

from __future__ import annotations

from tests.support.rows import Row

SEARCHERS = "clerk dispatcher admin director"
ROWS: dict[str, Row] = {
    "GET /search": Row(SEARCHERS, elsewhere=0, query=lambda _: {"q": "huandengguan"}, hides=True),
    "POST /search/phone": Row("clerk dispatcher admin", elsewhere=0, data=lambda _: {"tail": "0001"}),
}
