"""Residents are never rated: no column, no field of a form and no verb gives one of them stars, points or a grade."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy.orm import configure_mappers

from volunteer.kernel.db import Base
from volunteer.kernel.tables import import_all_models

ROOT = Path(__file__).parents[2]
JUDGING = re.compile(r"(^|_)(stars?|ratings?|rated|scores?|grades?|reputation|trust|credit|points?|blacklist(ed)?|level)(_|$)")
SERVICE = {  # what is judged is a service, a team, an hour of work, or where a place stands in the tree
    "ratings", "rating_holds", "cases", "teams", "offers", "attendances", "ledger_transfers", "certificates", "sites",
    "certificate_batches",  # which evidence counts
    "volunteer_skills", "team_skills", "dispatch_lines", "dispatch_rules",  # how well a team fits an order
    "star_standings", "star_eligibilities", "star_awards", "benefits",  # what hours of service reach; no opinion of anybody
    "statements", "statement_lines", "point_worths",  # what a shop is owed
    "gifts", "redemptions",  # what a gift takes
    "ledger_checkpoints",  # how much was moved on a day
    "point_lots", "point_gifts", "point_warnings", "point_requests", "point_claims", "small_wishes",  # points as money is:
    "person_merges",  # what is left, given, owed, gathered for, and went over
}  # fmt: skip
OF_RESIDENTS = ("people", "households", "household", "markers", "cares", "places_kept", "addresses", "standing", "service_orders")
GIVES = re.compile(r"^def (\w+)\(", re.MULTILINE)
TYPED = re.compile(r"stars_input\(\"(\w+)\"|name=\"(stars|rating|score|grade)\"")


def test_no_column_of_a_resident_holds_a_judgement():
    import_all_models()
    configure_mappers()
    judged = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if JUDGING.search(column.name)
    }
    assert {"stars"} <= {column for _, column in judged}
    wrong = {one for one in judged if one[0] not in SERVICE}
    assert wrong == set(), "if this is no judgement of a person, say so in SERVICE"
    assert not [one for one in judged if one[0].startswith(OF_RESIDENTS)]


def test_a_rating_belongs_to_an_order_and_names_nobody_who_is_rated():
    import_all_models()
    people = {
        column.name
        for name in ("ratings", "rating_holds")
        for column in Base.metadata.tables[name].columns
        for key in column.foreign_keys
        if key.column.table.name in {"people", "volunteers"}
    }
    assert people == set()


def test_stars_are_asked_for_only_where_residents_speak():
    asking = {
        path.relative_to(ROOT / "templates").as_posix()
        for path in (ROOT / "templates").rglob("*.html")
        if path.parent.name != "parts" and TYPED.search(path.read_text(encoding="utf-8"))
    }
    assert asking
    assert asking <= {"orders/desk_order.html", "orders/order.html"}


def test_the_only_verb_that_rates_rates_an_order():
    verbs = {
        name
        for path in (ROOT / "volunteer").rglob("*.py")
        for name in GIVES.findall(path.read_text(encoding="utf-8"))
        if re.match(r"(rate|score|grade|judge)_", name)
    }
    assert verbs == {"rate_order", "rate_parts"}
