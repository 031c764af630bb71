"""The pages about hours, as people use them: where they come from, missing, wrong, taken away."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from tests.conftest import running
from tests.support.databases import SqliteFactory, borrowed
from tests.support.everybody import County
from tests.support.visiting import send, signed_in
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.attendance.contests.models_contests import HoursContest
from volunteer.attendance.review.lifecycle import FindingKind
from volunteer.attendance.review.models_findings import Finding
from volunteer.audit.models import AuditEntry
from volunteer.kernel.clock import SHANGHAI, now
from volunteer.kernel.db import db
from volunteer.teams.models import Volunteer
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction


class Story(County):
    """A volunteer with one entry, their station's clerk, the site's administrator and the county's director."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self.entry = self.new()["transfer_id"]

    def post(self, who: str, path: str, **data: object):
        return send(self.browsers[who], path, data, follow_redirects=True)

    def see(self, who: str, path: str) -> str:
        answer = self.browsers[who].get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def latest(self, kind: Any) -> int:
        with self.app.app_context():
            return db.session.scalars(select(kind.id).order_by(kind.id.desc())).first()


@pytest.fixture(scope="module")
def story(sqlite_factory: SqliteFactory) -> Iterator[Story]:
    with borrowed(sqlite_factory) as database:
        for app in running(database):
            yield Story(app)


def local(hours: int) -> str:
    return (now() - timedelta(days=2) + timedelta(hours=hours)).astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def test_an_entry_says_where_it_comes_from_and_is_objected_to_and_answered(story):
    assert f"/me/hours/{story.entry}" in story.see("volunteer", "/me")
    page = story.see("volunteer", f"/me/hours/{story.entry}")
    assert "积分" in page
    assert "证据" in page or "启动码" in page or "seal" in page
    answer = story.post("volunteer", f"/me/hours/{story.entry}/contest", words="多记了半小时")
    assert "多记了半小时" in answer.text
    number = story.latest(HoursContest)
    assert "多记了半小时" in story.see("admin", f"/hours/contests/{number}")
    assert story.post("admin", f"/hours/contests/{number}/refuse", reply=" ").status_code == 422
    assert story.post("admin", f"/hours/contests/{number}/refuse", reply="签到签退都在").status_code == 200
    assert "签到签退都在" in story.see("volunteer", f"/me/hours/{story.entry}")
    with story.app.app_context():
        seen = select(AuditEntry.actor_id).where(AuditEntry.subject == f"contest:{number}", AuditEntry.action == "private_seen")
        assert set(db.session.scalars(seen)) == {story.ids["admin"]}


def test_missing_hours_are_asked_for_let_through_and_then_stand_with_grade_d(story):
    form = {"began_at": local(0), "ended_at": local(1), "what": "陪王爷爷看病", "why": "手机没电"}
    token = once()
    for _ in range(2):  # a double tap asks once
        assert story.post("volunteer", "/me/hours/missing", once=token, **form).status_code == 200
    number = story.latest(HoursAsk)
    assert story.see("volunteer", "/me/hours").count("/withdraw") == 1
    assert f"/hours/waiting/{number}" in story.see("admin", "/hours/waiting")
    assert "陪王爷爷看病" in story.see("admin", f"/hours/waiting/{number}")
    assert story.post("admin", f"/hours/waiting/{number}/approve").status_code == 200
    assert story.post("director", f"/hours/waiting/{number}/approve").status_code == 409
    mine = story.see("volunteer", "/me")
    assert "这里只作记录" in mine
    assert f"/hours/waiting/{number}" in story.see("director", "/hours/waiting?tab=decided")


def test_whoever_asked_sees_that_another_must_decide(story):
    with story.app.app_context():
        volunteer = db.session.get_one(Volunteer, story.ids["volunteer"]).number
    form = {"began_at": local(3), "ended_at": local(4), "what": "打扫", "why": "漏签", "number": volunteer}
    assert story.post("admin", "/hours/asked/new", once=once(), **form).status_code == 200
    number = story.latest(HoursAsk)
    page = story.see("admin", f"/hours/waiting/{number}")
    assert "要由别人来核准" in page
    assert f"/hours/waiting/{number}/approve" not in page
    assert story.post("admin", f"/hours/waiting/{number}/approve").status_code == 409
    assert story.post("admin", f"/hours/asked/{number}/withdraw").status_code == 200


def test_odd_input_comes_back_with_words_beside_the_field(story):
    for data in (
        {},
        {"began_at": "gestern", "ended_at": "2026-13-40T99:99", "what": "x" * 5000, "why": "\x00"},
        {"began_at": local(2), "ended_at": local(1), "what": "=1+1", "why": "<script>", "item": "99999999999999999999"},
        {"began_at": "0001-01-01T00:00", "ended_at": "9999-12-31T23:59", "what": "a", "why": "b", "team": "0"},
        {"began_at": local(2), "ended_at": local(3), "what": "a", "why": "b", "team": "99999"},
    ):
        answer = story.post("volunteer", "/me/hours/missing", once=once(), **data)
        assert answer.status_code in {404, 422}, data
    answer = story.post("clerk", "/hours/asked/new", once=once(), number="nobody", began_at=local(2), ended_at=local(3))
    assert answer.status_code == 422
    assert story.post("volunteer", "/me/hours/export", kind="exe").status_code == 404


def test_everything_is_taken_away_as_a_table_without_formulas_or_as_json(story):
    browser = signed_in(story.app, story.ids["volunteer"])
    rows = list(csv.reader(io.StringIO(send(browser, "/me/hours/export", {"kind": "csv"}).data.decode("utf-8-sig"))))
    assert len(rows) >= 2
    assert len({len(row) for row in rows}) == 1
    book = load_workbook(io.BytesIO(send(browser, "/me/hours/export", {"kind": "xlsx"}).data))
    assert not [cell for row in book.active for cell in row if cell.data_type == "f"]
    data = json.loads(send(browser, "/me/hours/export", {"kind": "json"}).data)
    assert {entry["grade"] for entry in data["entries"]} >= {"D"}
    assert any(one["what"] == "陪王爷爷看病" for one in data["asked"])
    assert data["objections"][0]["reply"] == "签到签退都在"
    assert [one["stars_count"] for one in data["entries"] if one["grade"] == "D"] == [False]


def test_taking_it_away_wants_a_fresh_proof_and_is_written_down(story):
    browser = signed_in(story.app, story.ids["volunteer"])
    with time_machine.travel(now() + timedelta(minutes=15), tick=True):
        answer = send(browser, "/me/hours/export", {"kind": "csv"})
        assert answer.status_code == 422
    with story.app.app_context():
        acts = select(AuditEntry.detail).where(AuditEntry.action == "own_hours_taken").order_by(AuditEntry.id)
        assert [one["kind"] for one in db.session.scalars(acts)] == ["csv", "xlsx", "json"]


def odd(story: Story, kind: FindingKind, **evidence: object) -> int:
    with story.app.app_context(), transaction() as session:
        path = session.get_one(Volunteer, story.ids["volunteer"]).site.path
        row = Finding(
            kind=kind, key=f"test:{kind}", site_path=path, person_id=story.ids["volunteer"], evidence=evidence, found_at=now()
        )
        session.add(row)
        session.flush()
        return row.id


SEEN: dict[FindingKind, tuple[dict[str, Any], str]] = {
    FindingKind.TRAVEL: ({"metres": 14_000, "minutes": 6}, "14"),
    FindingKind.NIGHT: ({"night": "2026-03-04", "entries": 12}, "12"),
    FindingKind.SHARE: ({"by_hand": 40, "entries": 80, "share": 50, "others": 2}, "50"),
    FindingKind.UNRATED: ({"services": 30, "usual": 67}, "67"),
    FindingKind.PAIR: ({"times": 5, "minutes": 45}, "45"),
}


@pytest.mark.parametrize("kind", FindingKind)
def test_every_kind_of_odd_hours_says_why_in_both_languages(story, kind):
    evidence, word = SEEN.get(kind, ({"count": 3, "people": [story.ids["leader"]], "orders": [1]}, "3"))
    number = odd(story, kind, **evidence)
    for locale in ("en", "zh_Hans"):
        send(story.browsers["admin"], "/language", {"locale": locale, "next": "/"})
        assert word in story.see("admin", f"/hours/review/{number}")
        assert f"/hours/review/{number}" in story.see("admin", f"/hours/review?kind={kind.value}")


def test_two_places_at_once_and_a_decision_with_its_reason(story):
    with story.app.app_context(), transaction() as session:
        row = session.scalars(select(Finding).where(Finding.kind == FindingKind.TRAVEL)).one()
        row.evidence = {"metres": 14_000, "minutes": -30, "transfers": [story.entry]}
        number = row.id
    assert "同一时间" in story.see("admin", f"/hours/review/{number}")
    decide = f"/hours/review/{number}/decide"
    assert send(story.browsers["admin"], decide, {"state": "taken_back", "transfers": ["²", "9" * 5_000]}).status_code == 422
    assert story.post("admin", decide, state="", note="x").status_code == 422
    assert story.post("admin", decide, state="taken_back", note="没去过").status_code == 422  # which?
    assert story.post("admin", decide, state="fine", note=" ").status_code == 422
    assert "没去过" not in story.see("volunteer", "/me")
    answer = story.post("admin", decide, state="taken_back", note="没去过", transfers=str(story.entry))
    assert answer.status_code == 200
    assert "没去过" in story.see("volunteer", "/me")
    assert story.post("director", decide, state="fine", note="没事").status_code == 409
    assert story.browsers["auditor"].get(f"/hours/review/{number}").status_code == 200
    with story.app.app_context():
        seen = select(AuditEntry.actor_id).where(AuditEntry.action == "finding_seen", AuditEntry.subject == f"finding:{number}")
        assert story.ids["auditor"] in set(db.session.scalars(seen))
