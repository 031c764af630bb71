"""What a place gave out counts with everything below it; a team's hours count those written in afterwards; names are enough."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests.support import builders as make
from tests.support.visiting import send, signed_in
from volunteer.access import Role
from volunteer.attendance.by_hand import asking, deciding
from volunteer.attendance.by_hand.asking import AskDraft
from volunteer.kernel.clock import now
from volunteer.ledger import book, statements
from volunteer.ledger.models import Grade, Unit
from volunteer.ledger.rules import issued_by, person
from volunteer.web.unit import transaction


class Place:
    """A centre, its branch with two stations of one name; hours were given out at the branch and at both."""

    def __init__(self, app: Flask) -> None:
        with app.app_context(), transaction() as session:
            centre, branch, station = make.a_county(session)
            twin = make.a_site(session, branch, name=station.name)
            who = make.a_volunteer(session, station, "王试")
            for site, minutes in ((branch, 60), (station, 30), (twin, 15)):
                book.move(
                    session, Unit.MINUTES, minutes, source=issued_by(site.id, Unit.MINUTES), target=person(who.id),
                    reason="service", key=f"order:{site.id}", about="", grade=Grade.B, at=now(),
                )  # fmt: skip
            team = make.a_team(session, station, name="灯塔队")
            leader = make.leader_of(session, team)
            member = next(one.volunteer_id for one in team.members if one.volunteer_id != leader.user_id)
            began = now() - timedelta(days=2)
            draft = AskDraft(member, began, began + timedelta(minutes=45), "送餐", "没有信号", team_id=team.id)
            ask = asking.ask_by_hand(session, leader, draft, at=now())
            deciding.credit_by_hand(session, make.staff(session, Role.SITE_ADMIN, branch), ask.id, at=now())
            self.centre, self.branch, self.station, self.twin = (site.code for site in (centre, branch, station, twin))
            self.names = {site.code: site.name for site in (centre, branch, station)}
            ids = [make.staff(session, Role.AUDITOR, site).user_id or 0 for site in (centre, branch)]
        self.auditor, self.of_branch = (signed_in(app, one) for one in ids)

    def gone(self, of: str, code: str) -> str:
        page = self.auditor.get("/books/statement", query_string={"of": of, "code": code})
        assert page.status_code == 200
        return page.text.split("支出")[1].split("<dd")[1].split(">", 1)[1].split("</dd>")[0].strip()


@pytest.fixture
def place(app: Flask) -> Place:
    return Place(app)


def test_a_place_is_read_with_all_below_it_or_alone(place):
    assert place.gone("site", place.centre) == place.gone("site", place.branch) == "2 小时 30 分"
    assert place.gone("alone", place.centre) == "0"
    assert place.gone("alone", place.branch) == "1 小时"


def test_many_accounts_are_asked_for_in_the_question(place, monkeypatch):
    monkeypatch.setattr(statements, "FEW", 1)
    assert place.gone("site", place.centre) == "2 小时 30 分"
    taken = send(place.auditor, "/books/statement.csv", {"of": "site", "code": place.centre, "unit": "minutes"})
    assert taken.text.count("王试") == 3


def test_a_name_is_enough_unless_several_have_it(place):
    assert place.gone("site", place.names[place.branch]) == "2 小时 30 分"
    several = place.auditor.get("/books/statement", query_string={"of": "site", "code": place.names[place.station]})
    assert several.status_code == 422
    assert "同名" in several.text
    foreign = place.of_branch.get("/books/statement", query_string={"of": "site", "code": place.names[place.centre]})
    assert foreign.status_code == 404


def test_the_places_that_one_answers_for_stand_there_to_be_chosen(place):
    page = place.auditor.get("/books/statement").text
    for code in (place.centre, place.branch):
        assert f"code={code}&amp;" in page
    assert f"code={place.centre}&amp;" not in place.of_branch.get("/books/statement").text


def test_what_was_written_in_for_a_team_stands_in_its_statement(place):
    page = place.auditor.get("/books/statement", query_string={"of": "team", "code": "灯塔队"}).text
    assert "45 分钟" in page
    assert "补录" in page
