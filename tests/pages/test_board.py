"""The dispatcher's board in a browser without script: the list, an opened order, every button, and how few queries it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.support import builders as make
from tests.support.counting import counting
from tests.support.visiting import TOKEN, signed_in
from volunteer.access import Role
from volunteer.audit.models import AuditEntry
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.text import search_text
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import Hold, Offer, ServiceOrder
from volunteer.teams.changing import roster_changed
from volunteer.web.unit import transaction


@dataclass
class Desk:
    """A county with two branches, three teams, and two dispatchers of the first branch."""

    app: Flask
    at: datetime = field(default_factory=now)

    def __post_init__(self) -> None:
        with self.app.app_context(), transaction() as session:
            centre, branch, station = make.a_county(session)
            elsewhere = make.a_site(session, make.a_site(session, centre))
            item = make.an_item(session, centre, name="换灯管", category_id=None)
            self.teams = [make.a_team(session, station, name=f"灯火{n}队", latitude=31.16 + n / 200).id for n in range(3)]
            self.unskilled = make.a_team(session, station, name="理发队", skills=()).id
            self.anna = make.staff(session, Role.DISPATCHER, branch, name="赵调度").user_id
            self.bert = make.staff(session, Role.DISPATCHER, branch, name="孙调度").user_id
            self.chief = make.staff(session, Role.DISPATCHER, centre, name="钱总台").user_id
            self.station, self.elsewhere, self.item, self.branch = station.id, elsewhere.id, item.id, branch.id
            roster_changed(session)
        self.browser = signed_in(self.app, self.anna)

    def order(self, status: Status = Status.VERIFIED, *, item: bool = True, station: int | None = None, **values) -> str:
        with self.app.app_context(), transaction() as session:
            from volunteer.catalogue.models import ServiceItem
            from volunteer.places.models import Site

            order = make.an_order(
                session,
                session.get_one(Site, station or self.station),
                item=session.get(ServiceItem, self.item) if item else None,
                status=status,
                placed_at=self.at - timedelta(hours=1),
                due_at=values.pop("due_at", self.at + timedelta(minutes=30)),
                **values,
            )
            order.words = "厨房的灯坏了"
            return order.number

    def page(self, path: str, client: FlaskClient | None = None) -> str:
        answer = (client or self.browser).get(path)
        assert answer.status_code == 200, path
        return answer.get_data(as_text=True)

    def do(self, number: str, verb: str, client: FlaskClient | None = None, **data):
        client = client or self.browser
        found = TOKEN.search(client.get("/board").get_data(as_text=True))
        return client.post(f"/board/orders/{number}/{verb}", data={"csrf_token": found[1], **data})

    def status(self, number: str) -> Status:
        with self.app.app_context():
            return db.session.scalars(select(ServiceOrder.status).where(ServiceOrder.number == number)).one()


@pytest.fixture
def desk(app: Flask) -> Desk:
    return Desk(app)


def titles(page: str) -> int:
    return len(re.findall(r'class="item-title"', page))


def test_an_empty_board_says_that_nothing_waits(desk):
    assert "empty" in desk.page("/board")


def test_each_tab_counts_and_lists_its_own(desk):
    for status, many in (
        (Status.PLACED, 1),
        (Status.VERIFIED, 3),
        (Status.OFFERED, 2),
        (Status.IN_SERVICE, 1),
        (Status.CLOSED, 1),
    ):
        for _ in range(many):
            desk.order(status)
    desk.order(Status.VERIFIED, due_at=desk.at - timedelta(minutes=12))
    counts = [int(n) for n in re.findall(r'class="tab-count">(\d+)<', desk.page("/board"))]
    assert counts == [1, 4, 2, 1, 1]
    for tab, many in (("placed", 1), ("verified", 4), ("offered", 2), ("working", 1), ("late", 1), ("done", 1)):
        assert titles(desk.page(f"/board?tab={tab}")) == many, tab


def test_the_most_pressing_stands_first(desk):
    calm, late, stuck = (
        desk.order(due_at=desk.at + timedelta(days=1)),
        desk.order(due_at=desk.at - timedelta(minutes=5)),
        desk.order(),
    )
    with desk.app.app_context(), transaction() as session:
        found = session.scalars(select(ServiceOrder).where(ServiceOrder.number == stuck)).one()
        from volunteer.orders.reasons import NOBODY_AT_ALL

        found.reason = NOBODY_AT_ALL
    page = desk.page("/board")
    assert page.index(stuck) < page.index(late) < page.index(calm)


@pytest.mark.parametrize("words", ["换灯管", "hdg", "huandengguan", "鲈乡"])
def test_search_finds_by_service_place_and_pinyin(desk, words):
    desk.order()
    assert titles(desk.page("/board?q=" + words)) == 1
    assert titles(desk.page("/board?q=" + words + "没有")) == 0


def test_search_finds_a_number_written_any_way(desk):
    number = desk.order()
    desk.order()
    for typed in (number, number.replace("-", ""), number.replace("-", " ")):
        assert titles(desk.page(f"/board?q={typed}")) == 1


def test_filters_narrow_and_nonsense_in_the_address_is_ignored(desk):
    desk.order()
    desk.order(urgent=True)
    assert titles(desk.page("/board?urgent=1")) == 1
    assert titles(desk.page(f"/board?site={desk.branch}")) == 2
    assert titles(desk.page("/board?site=999999")) == 0
    assert titles(desk.page("/board?category=repair")) == 2
    assert titles(desk.page("/board?category=none")) == 0
    assert titles(desk.page("/board?tab=x&site=x&page=x&q=%00")) in {0, 2}


def test_a_long_list_has_pages(desk):
    for _ in range(32):
        desk.order()
    assert titles(desk.page("/board")) == 30
    assert titles(desk.page("/board?page=2")) == 2
    assert titles(desk.page("/board?page=3")) == 0


def test_orders_of_another_branch_are_not_there(desk):
    foreign = desk.order(station=desk.elsewhere)
    assert titles(desk.page("/board")) == 0
    assert desk.browser.get(f"/board/orders/{foreign}").status_code == 404
    assert desk.browser.get(f"/board/orders/{foreign}/live").status_code == 404
    for verb in ("reveal", "verify", "reject", "offer", "recall", "escalate", "give-up", "release"):
        assert desk.do(foreign, verb).status_code == 404, verb
    assert titles(desk.page("/board", signed_in(desk.app, desk.chief))) == 1


def test_the_map_gets_the_pins_of_the_list(desk):
    desk.order(due_at=desk.at - timedelta(minutes=1))
    desk.order(Status.OFFERED)
    (found,) = desk.browser.get("/board/pins").json["pins"]
    assert found["tone"] == "late"
    assert found["href"].startswith("/board/orders/")
    assert desk.browser.get("/board/pins?tab=offered").json["pins"][0]["tone"] == "info"


def test_an_opened_order_proposes_the_best_team_with_its_reasons(desk):
    page = desk.page(f"/board/orders/{desk.order()}")
    assert re.findall(r'class="candidate-name">([^<]+)<', page) == ["灯火0队", "灯火1队", "灯火2队"]
    checked = re.findall(r'name="team" value="(\d+)" checked', page)
    assert checked == [str(desk.teams[0])]
    assert page.count('class="bar" tabindex') == 12
    assert "厨房的灯坏了" in page


def test_offering_from_the_page_asks_the_chosen_team(desk):
    number = desk.order()
    answer = desk.do(number, "offer", team=str(desk.teams[1]))
    assert answer.status_code == 303
    assert desk.status(number) is Status.OFFERED
    page = desk.page(answer.location)
    assert "灯火1队" in page


def test_several_teams_can_be_asked_at_once(desk):
    number = desk.order()
    assert 'type="checkbox" name="team"' in desk.page(f"/board/orders/{number}?wave=1")
    desk.do(number, "offer", team=[str(team) for team in desk.teams])
    with desk.app.app_context():
        assert len(db.session.scalars(select(Offer)).all()) == 3


def test_a_refused_act_shows_the_order_again_with_the_reason(desk):
    number = desk.order()
    answer = desk.do(number, "offer", team=str(desk.unskilled))
    assert answer.status_code == 409
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert desk.do(number, "offer").status_code == 422
    assert desk.do(number, "give-up", reason=" ").status_code == 422
    assert desk.status(number) is Status.VERIFIED


def test_who_opens_first_holds_and_the_other_reads_who_it_is(desk):
    number, other = desk.order(), signed_in(desk.app, desk.bert)
    desk.page(f"/board/orders/{number}")
    assert "赵调度" in desk.page("/board/rows", other)
    page = desk.page(f"/board/orders/{number}", other)
    assert "赵调度" in page
    assert "data-pick" not in page
    refused = desk.do(number, "offer", other, team=str(desk.teams[0]))
    assert refused.status_code == 409
    assert "赵调度" in refused.get_data(as_text=True)
    assert desk.do(number, "verify", other).status_code == 409
    for moment in ("x", "2026-11-21T10:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"):
        assert desk.do(number, f"release?until={quote(moment)}").status_code == 303
        assert "赵调度" in desk.page("/board/rows", other), "another hold than the one that is meant"
    assert desk.do(number, "release").status_code == 303
    assert "赵调度" not in desk.page("/board/rows", other)
    assert desk.do(number, "offer", other, team=str(desk.teams[0])).status_code == 303


def test_the_live_line_says_who_holds_it_and_that_it_moved_on(desk):
    number, other = desk.order(), signed_in(desk.app, desk.bert)
    path = re.search(r'data-live="(/board/orders/[^"]+)"', desk.page(f"/board/orders/{number}", other))[1].replace("&amp;", "&")
    assert "notice" not in desk.page(path, other)
    desk.do(number, "release", other)
    desk.page(f"/board/orders/{number}")
    assert "赵调度" in desk.page(path, other)
    desk.do(number, "offer", team=str(desk.teams[0]))
    assert "notice-soon" in desk.page(path, other)


def test_name_phone_and_door_appear_only_after_a_look_that_is_written_down(desk):
    number = desk.order()
    page = desk.page(f"/board/orders/{number}")
    assert "201室" not in page
    assert "199" not in page
    revealed = desk.do(number, "reveal").get_data(as_text=True)
    assert "3幢201室" in revealed
    assert "199 0000 0000" in revealed
    with desk.app.app_context():
        entries = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [entry for entry in entries if entry in {"order_opened", "private_seen"}] == ["order_opened", "private_seen"]


def test_free_words_are_sorted_and_verified_on_the_board(desk):
    number = desk.order(Status.PLACED, item=False)
    assert desk.do(number, "verify").status_code == 422
    assert desk.do(number, "verify", item=str(desk.item), urgent="yes").status_code == 303
    assert desk.status(number) is Status.VERIFIED
    other = desk.order(Status.PLACED)
    assert desk.do(other, "reject", reason="不是我们能做的").status_code == 303
    assert desk.status(other) is Status.REJECTED


def test_recall_escalate_and_give_up_from_the_page(desk):
    number = desk.order()
    desk.do(number, "offer", team=str(desk.teams[0]))
    assert desk.do(number, "recall", reason="地址改了").status_code == 303
    page = desk.page(f"/board/orders/{number}")
    assert "地址改了" in page
    assert desk.do(number, "escalate", reason="本所都忙").status_code == 303
    assert desk.do(number, "offer", team=str(desk.teams[0])).status_code == 409  # the centre's now
    chief = signed_in(desk.app, desk.chief)
    desk.do(number, "release")
    assert desk.do(number, "give-up", chief, reason="没有设备").status_code == 303
    assert desk.status(number) is Status.UNMET


def test_a_team_that_was_just_recalled_is_not_preselected_again(desk):
    number = desk.order()
    chosen = re.compile(r'name="team" value="(\d+)" checked')
    first = chosen.search(desk.page(f"/board/orders/{number}"))
    assert first
    desk.do(number, "offer", team=first[1])
    desk.do(number, "recall", reason="换一支队伍")
    again = chosen.search(desk.page(f"/board/orders/{number}"))
    assert again
    assert again[1] != first[1]


def test_why_not_says_what_is_in_the_way_of_any_team(desk):
    number = desk.order()
    with desk.app.app_context(), transaction() as session:
        from volunteer.teams.models import Team

        session.get_one(Team, desk.unskilled).search = search_text("理发队")
        roster_changed(session)
    for words in ("理发", "lifa", "lfd"):
        assert "理发队" in desk.page(f"/board/orders/{number}?why={words}")
    assert "理发队" not in desk.page(f"/board/orders/{number}?why=没有这支")


def test_the_list_is_sent_again_only_when_something_changed(desk):
    desk.order()
    first = desk.browser.get("/board/rows")
    again = desk.browser.get("/board/rows", headers={"If-None-Match": first.headers["ETag"]})
    if desk.at.minute == now().minute:
        assert again.status_code == 304
        assert again.data == b""
    desk.order()
    assert desk.browser.get("/board/rows", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_the_script_gets_the_panel_alone(desk):
    answer = desk.browser.get(f"/board/orders/{desk.order()}", headers={"X-Panel": "1"}).get_data(as_text=True)
    assert "<html" not in answer
    assert "data-pick" in answer


def test_a_page_without_rights_is_not_shown(desk):
    assert desk.app.test_client().get("/board").status_code == 302
    with desk.app.app_context(), transaction() as session:
        from volunteer.places.models import Site

        clerk = make.staff(session, Role.CLERK, session.get_one(Site, desk.branch)).user_id
    assert signed_in(desk.app, clerk).get("/board").status_code == 403


def queries(desk: Desk, path: str, **headers: str) -> int:
    desk.browser.get(path)  # warms what a process keeps
    with desk.app.app_context():
        engine = db.engine
    with counting(engine) as sent:
        assert desk.browser.get(path, headers=headers).status_code in {200, 304}
    return len(sent)


def test_the_board_takes_eight_queries_at_most_however_many_rows(desk):
    paths = ("/board", "/board?tab=late", "/board/rows", "/board/pins")
    for _ in range(4):
        desk.order(due_at=desk.at - timedelta(minutes=1))
    few = [queries(desk, path) for path in paths]
    for _ in range(26):
        desk.order(due_at=desk.at - timedelta(minutes=1))
    with desk.app.app_context(), transaction() as session:
        for order in session.scalars(select(ServiceOrder).limit(9)):
            until = desk.at + timedelta(minutes=9)
            session.add(Hold(order_id=order.id, person_id=desk.bert, since=desk.at, until=until))
    many = [queries(desk, path) for path in paths]
    assert few == many
    assert max(many) <= 8, many


def test_an_opened_order_takes_the_same_queries_with_more_teams_and_offers(desk):
    number = desk.order()
    few = queries(desk, f"/board/orders/{number}", **{"X-Panel": "1"})
    with desk.app.app_context(), transaction() as session:
        from volunteer.orders.lifecycle import OfferState
        from volunteer.places.models import Site

        station = session.get_one(Site, desk.station)
        order = session.scalars(select(ServiceOrder)).one()
        for n in range(12):
            team = make.a_team(session, station, name=f"又{n}队")
            make.an_offer(session, order, team, state=OfferState.RECALLED, answered_at=desk.at)
        roster_changed(session)
    assert queries(desk, f"/board/orders/{number}", **{"X-Panel": "1"}) == few
    assert few <= 21  # four of them take the hold
