"""Own words: what they may mean, and the resident's answer."""

from __future__ import annotations

from tests.support.rows import Row, all_of_us

ROWS: dict[str, Row] = {
    "POST /order/guess": all_of_us(data=lambda _: {"words": "厨房的灯不亮了"}),
    "POST /o/<secret>/meant": all_of_us(data=lambda _: {"item": ""}),
}
