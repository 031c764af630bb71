"""Sending more than a form asks for: every column's name in every form changes nothing that the form is not about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from tests.conftest import running
from tests.pages.test_routes_by_role import IN, PEOPLE, TABLE, expected, knock, values_for
from tests.support.databases import SqliteFactory, borrowed
from tests.support.everybody import County
from volunteer.kernel.db import db

# What says who somebody is, what they may do, whose a thing is, and what it is worth.
KEPT = {
    "people": "uid, name, wrapped_key, phone_index, document_index, born_on, login_name, disabled_at, registered_at",
    "role_grants": "person_id, role, site_id, since, until, granted_by",
    "service_orders": "uid, number, secret_hash, resident_id, placed_by, channel, site_id, site_path, placed_at, latitude, longitude",
    "offers": "order_id, team_id, made_at, expires_at, score, rank",
    "teams": "site_id, site_path, code, capacity, reach_km, rating_sum, rating_count",
    "volunteers": "number, site_id, insured_until",
    "memberships": "team_id, volunteer_id, role, since, until",
    "ledger_transfers": "source_id, target_id, amount, unit, grade, day",
    "certificates": "number, volunteer_id, site_id, facts, digest, issued_at",
    "sites": "path, level, parent_id",
}
READ = {"tags", "words", "code", "phone", "reason", "note", "number", "ended_at", "by", "on_behalf", "answers"}  # by some form
READ |= {"licence", "contact", "stock", "points", "opens", "closes", "active", "why"}  # of a shop and its gifts
READ |= {"minutes", "categories", "items"}  # of a rule: how long an order waits for teams, and which it takes
READ |= {"about"}  # a signed word that says what somebody speaks about
READ |= {"began_at"}  # of hours that are missing or wrong
READ |= {"unit", "of"}  # of a statement: of what, and whose
READ |= {"weekdays", "every_weeks", "begins", "ends", "most", "until", "relation", "how"}  # of help that comes again, of consents
READ |= {
    "first",
    "last",
    "area",
    "skills",
    "choices",
    "since",
    "likes",
    "site_id",
    "kind",
    "document",
    "born_on",
    "item_id",
    "members",
}
ABOUT = {  # whose form is about a table that is kept: a role's end, a team's people
    "/grants/<int:grant_id>/until": "role_grants", "/grants/<int:grant_id>/end": "role_grants", "/manage/people/<int:person_id>/hand-over": "role_grants",
    "/manage/people/<int:person_id>/disable": "people", "/lead/deputy": "memberships", "/lead/remove": "memberships",
    "/lead/settings": "teams", "/manage/teams/<code>/leader": "memberships",
    "/manage/duplicates/pairs/<int:pair_id>/merge": "people", "/manage/duplicates/merges/<int:merge_id>/undo": "people",
}  # fmt: skip
GRANTS = (
    "/grants",
    "/grants/<int:grant_id>/until",
    "/grants/<int:grant_id>/end",
    "/hand-over",
    "/manage/volunteers/new",
    "/manage/volunteers/<int:volunteer_id>/open",
)
MAKES_PEOPLE = {"/order/new", "/my/people", "/manage/volunteers/new"}
NEW_LINKS = ("/care/end", "/my/people/<int:care_id>/end")  # a consent that ends gives an order another link
RATED = "rating_sum, rating_count"  # which rating is about


@pytest.fixture(scope="module")
def county(sqlite_factory: SqliteFactory) -> Iterator[County]:
    with borrowed(sqlite_factory) as database:
        for app in running(database):
            app.config["WTF_CSRF_ENABLED"] = False
            yield County(app)


@pytest.mark.parametrize(
    "name", [name for name in TABLE if name.startswith("POST") and "log" not in name and "/me/pass" not in name]
)
def test_nothing_is_written_that_the_form_is_not_about(county: County, name: str) -> None:
    row, (method, rule) = TABLE[name], name.split(" ")
    who = next((who for who in PEOPLE[1:] if expected(row, who) == IN), None)
    if who is None:
        return  # open to nobody
    values = values_for(county, row)
    before = kept(county, rated="rate" in name)
    extra = {column.name: "1" for table in db.metadata.sorted_tables for column in table.columns}
    asked = row.data(values)
    more = {field: value for field, value in extra.items() if field not in READ}
    nested = {
        f"{prefix}.{field}": "1" for prefix in ("order", "person", "resident") for field in ("role", "status", "site_id", "id")
    }
    answer = knock(county, who, method, rule, row._replace(data=lambda _: more | nested | asked), values)
    assert answer.status_code < 400, re.findall(r'class="(?:field-error|notice).*', answer.text)
    after = kept(county, rated="rate" in name)
    changed = {table for table, rows in before.items() if not rows <= after[table]}
    about = {table for ending, table in ABOUT.items() if rule.endswith(ending)}
    assert changed == (about or ({"service_orders"} if rule.endswith(NEW_LINKS) else set()))
    if (
        rule not in MAKES_PEOPLE and "people" not in about and not rule.endswith("/replace")
    ):  # these make people, the second in the test's own builder
        assert after["people"] == before["people"]
    if not rule.endswith(GRANTS):
        assert after["role_grants"] == before["role_grants"]


def test_a_new_order_is_what_the_form_says_and_nothing_else(county: County) -> None:
    row, values = TABLE["POST /order/new"], values_for(county, TABLE["POST /order/new"])
    sent = row.data(values) | {
        "status": "closed", "number": "2611-0001-0", "secret": "mine", "team_id": str(county.team), "resident_id": "1", "urgent": "yes",
        "placed_by": "1", "verified_at": "2026-01-01", "desk_id": "1", "version": "99", "role": "county_it",
    }  # fmt: skip
    assert county.browsers["visitor"].post("/order/new", data=sent).status_code == 303
    with county.app.app_context():
        newest = "SELECT status, team_id, placed_by, urgent, verified_at, version FROM service_orders ORDER BY id DESC LIMIT 1"
        found = db.session.execute(text(newest)).one()
    assert tuple(found) == ("placed", None, None, 0, None, 1)


def kept(county: County, *, rated: bool) -> dict[str, set[Any]]:
    """The protected columns of every row that there is."""
    with county.app.app_context():
        columns = {name: words.replace(f", {RATED}", "") if rated else words for name, words in KEPT.items()}
        return {
            name: {tuple(row) for row in db.session.execute(text(f"SELECT id, {words} FROM {name}"))}
            for name, words in columns.items()
        }
