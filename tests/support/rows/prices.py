"""Who may read which teams are sought after."""

from __future__ import annotations

from tests.support.rows import IN, Row

ROWS: dict[str, Row] = {"GET /manage/prices": Row("admin it", IN)}
