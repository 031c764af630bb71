"""A household that joined another's request: its link travels by SMS only."""

from __future__ import annotations

from tests.support.visits import Visit

VISITS: dict[str, tuple[Visit, ...]] = {}
NOT_PAGES: dict[str, str] = {"/j/<secret>": "its link travels by SMS; tests/browser/test_parts.py opens it"}
