"""The routes of two entries that may be one person."""

from __future__ import annotations

from typing import Any

from tests.support import builders as make
from tests.support.everybody import County
from tests.support.rows import IN, Row, Values
from volunteer.access import SYSTEM
from volunteer.administration.merging import finding, merging
from volunteer.administration.merging.merging import MergeDraft
from volunteer.kernel.clock import now
from volunteer.places.models import Site
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction


def a_pair(merged: bool = False) -> Any:
    """Two entries of the station made for this row alone."""

    def extra(county: County, values: Values) -> Values:
        with county.app.app_context(), transaction() as session:
            station = session.get_one(Site, county.station)
            one, other = (make.a_volunteer(session, station, "双登记") for _ in range(2))
            day = one.person.born_on = other.person.born_on = now().date().replace(year=1950, month=1, day=1)
            assert day
            session.flush()
            (pair,) = [row for row in finding.suggest(session, [other.person], at=now()) if row.one_id == one.id]
            made = {"pair_id": pair.id, "one": one.number, "other": other.number, "kept": str(one.id)}
            if merged:
                made["merge_id"] = merging.merge(session, SYSTEM, MergeDraft(one.id, other.id, "同一个人"), at=now()).id
            return made

    return extra


def merge_form(values: Values) -> Values:
    return {"kept": values["kept"], "reason": "同一个人", "once": once()}


def numbers(values: Values) -> Values:
    return {"one": values["one"], "other": values["other"], "once": once()}


def reason(_: Values) -> Values:
    return {"reason": "两个人", "once": once()}


ROWS: dict[str, Row] = {
    "GET /manage/duplicates": Row("admin", IN),
    "POST /manage/duplicates/compare": Row("admin", 422, extra=a_pair(), data=numbers),
    "GET /manage/duplicates/pairs/<int:pair_id>": Row("admin", extra=a_pair()),
    "POST /manage/duplicates/pairs/<int:pair_id>/merge": Row("admin", extra=a_pair(), data=merge_form),
    "POST /manage/duplicates/pairs/<int:pair_id>/refuse": Row("admin", extra=a_pair(), data=reason),
    "GET /manage/duplicates/merges/<int:merge_id>": Row("admin", extra=a_pair(merged=True)),
    "POST /manage/duplicates/merges/<int:merge_id>/undo": Row("admin", extra=a_pair(merged=True), data=reason),
}
