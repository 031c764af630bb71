"""Points in the browser: given to the right neighbour only, worked out in words, and rules that one person alone cannot change."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.support import pointing
from tests.support.everybody import County
from tests.support.visiting import send
from volunteer.accounts.models import Person
from volunteer.kernel.clock import SHANGHAI, local_date, now
from volunteer.ledger import points, queries
from volunteer.ledger.lifecycle import RuleState
from volunteer.ledger.models import Grade, Unit
from volunteer.ledger.models_points import PointRule
from volunteer.ledger.point_rules import Terms
from volunteer.ledger.rules import issued_by, person
from volunteer.places.models import Site
from volunteer.web.unit import transaction

ONCE = re.compile(r'name="once" value="([^"]+)"')
TOKENS = re.compile(r'name="csrf_token" value="[^"]+"')
SIGNED = re.compile(r'name="token" value="([^"]+)"')


@pytest.fixture
def county(app):
    made = County(app)
    with app.app_context(), transaction() as session:
        site = session.get_one(Site, made.station)
        rule = pointing.a_rule(
            session, site.parent.parent, Terms(categories={"repair": 1500}, grades={"b": 800}, per_activity=15)
        )
        pointing.earn(session, made.ids["volunteer"], site, 100, rule, at=now())
    return made


def balance(county, who):
    with county.app.app_context(), transaction() as session:
        return queries.balance(session, person(county.ids[who]), Unit.POINTS)


def test_a_neighbour_is_found_by_number_and_name_and_given_once(county):
    browser = county.browsers["volunteer"]
    with county.app.app_context(), transaction() as session:
        phone = session.get_one(Person, county.ids["resident"]).phone
    answers = {}
    for number, first in ((phone, "王"), ("19900000000", "居"), ("19900000000", "王"), ("无", "居")):
        page = send(browser, "/points/give", {"number": number, "first": first, "points": "7"})
        assert page.status_code == 422
        kept = page.text.replace(f'value="{number}"', "").replace(f'value="{first}"', "")
        answers[TOKENS.sub("", kept)] = number
    assert len(answers) == 1  # nothing tells a known number from an unknown one
    page = send(browser, "/points/give", {"number": phone, "first": "居", "points": "7"})
    assert page.status_code == 200
    assert phone not in page.text
    assert "居民" not in page.text
    form = {"token": SIGNED.search(page.text)[1], "once": ONCE.search(page.text)[1]}
    for _ in range(2):
        assert send(browser, "/points/give/confirm", form).status_code == 303
    assert (balance(county, "volunteer"), balance(county, "resident")) == (93, 7)
    stolen = send(county.browsers["volunteer_next"], "/points/give/confirm", form)
    assert stolen.status_code == 404
    assert send(browser, "/points/give/confirm", form | {"token": form["token"] + "x"}).status_code == 409
    assert "志愿者甲" not in county.browsers["resident"].get("/points").text  # nor does the receiver learn who


def test_every_movement_says_how_it_was_worked_out_and_goes_into_a_sheet(county):
    from volunteer.ledger import book

    with county.app.app_context(), transaction() as session:
        order = county_order(county, session)
        minutes = book.move(
            session, Unit.MINUTES, 90, source=issued_by(county.station, Unit.MINUTES), target=person(county.ids["volunteer"]),
            reason="service", key="a-service", at=now(), about=f"order:{order}", day=local_date(now(), SHANGHAI), grade=Grade.B,
        )  # fmt: skip
        assert points.earn(session, minutes, kind="repair", at=now()).amount == 15  # 18 without the cap
    text = county.browsers["volunteer"].get("/points").text
    for said in ("90 分钟 × 每小时 10 分 × 服务系数 1.5 × 证据系数 0.8", "超过上限的 3 分", "换灯管"):
        assert said in text
    sheet = send(county.browsers["volunteer"], "/points/export")
    assert sheet.headers["Content-Type"].startswith("text/csv")
    assert sheet.text.startswith("\ufeff")
    assert len(sheet.text.strip().splitlines()) == 3


def county_order(county, session):
    from volunteer.orders.models import ServiceOrder

    return session.scalar(select(ServiceOrder.id)) or county._order(session, "closed").id


def test_the_author_of_a_draft_does_not_publish_it(county):
    admin, director = county.browsers["admin"], county.browsers["director"]
    form = admin.get("/manage/points/new").text
    day = local_date(now(), SHANGHAI) + timedelta(days=3)
    site = re.search(r'<option value="(\d+)"', form)[1]
    data = {"site": site, "per_hour": "12", "category_repair": "1.25", "grade_c": "0.5", "months": "12", "warn_first": "60",
            "warn_second": "14", "wish_most": "100", "valid_from": day.isoformat(), "once": ONCE.search(form)[1]}  # fmt: skip
    assert send(admin, "/manage/points/new", data | {"grade_c": "1e999999"}).status_code == 422
    wrong = send(admin, "/manage/points/new", data | {"grade_c": "viel", "per_hour": "-1", "category_repair": "1.23456"})
    assert wrong.status_code == 422
    assert wrong.text.count("field-error") >= 3
    there = send(admin, "/manage/points/new", data).headers["Location"]
    assert send(admin, f"{there}/try").status_code == 303
    assert "试算" in admin.get(there).text
    send(admin, f"{there}/publish", {"seen": "1"})
    with county.app.app_context(), transaction() as session:
        rule = session.scalars(select(PointRule).order_by(PointRule.id.desc())).first()
        assert (rule.state, rule.values["categories"], rule.values["grades"]) == (RuleState.DRAFT, {"repair": 1250}, {"c": 500})
        version = rule.version
    send(director, f"{there}/publish", {"seen": str(version)})
    assert "已发布" in director.get(there).text
    for page in ("/manage/points", "/manage/points/owed", "/manage/points/requests"):
        assert county.browsers["auditor"].get(page).status_code == 200


def test_a_county_reads_its_own_word_for_points(county):
    admin = county.browsers["admin"]
    with county.app.app_context(), transaction() as session:
        centre = session.get_one(Site, county.station).parent.parent.id
        branch = session.get_one(Site, county.station).parent.id
    form = {"name": "文明良票", "name_en": "Civic tickets", "once": "a-form-of-mine"}
    assert send(admin, "/manage/points/word", form | {"site": str(centre)}).status_code in (403, 404)
    assert send(admin, "/manage/points/word", form | {"site": str(branch), "name": ""}).status_code == 422
    assert send(admin, "/manage/points/word", form | {"site": str(branch)}).status_code == 303
    assert "文明良票" in county.browsers["volunteer"].get("/points").text
