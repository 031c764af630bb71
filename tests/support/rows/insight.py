"""The pages of those who look after others, and the search of all staff."""

from __future__ import annotations

from tests.support.rows import EVERYBODY, IN, Row

SEARCHERS = "clerk dispatcher admin director"
OVERSEERS = "admin director auditor"
ROWS: dict[str, Row] = {
    "GET /search": Row(SEARCHERS, IN, query=lambda _: {"q": "huandengguan"}, hides=True),
    "POST /search/phone": Row("clerk dispatcher admin", IN, data=lambda _: {"tail": "0001"}),
    "GET /overview/orders": Row(OVERSEERS, IN, hides=True),
    "POST /overview/orders.csv": Row(OVERSEERS, IN, hides=True),
    "POST /overview/orders.xlsx": Row(OVERSEERS, IN),
    "GET /overview/idle/teams": Row(OVERSEERS, IN, hides=True),
    "GET /overview/idle/volunteers": Row(OVERSEERS, IN),
    "POST /audit.csv": Row("auditor", IN, hides=True),
    "POST /audit.xlsx": Row("auditor", IN),
    "POST /audit.jsonl": Row("auditor", IN, hides=True),
    "GET /system/state": Row("it", IN),
    "POST /system/messages/again": Row("it", IN),  # messages lie under no site
    "GET /me/looks": Row(EVERYBODY, IN, hides=True),
}
