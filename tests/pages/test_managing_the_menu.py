"""Pages of whoever keeps the menu: services with their questions, categories, skills; closed, never deleted."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support import builders as make
from tests.support.visiting import send, signed_in
from volunteer.access import Role
from volunteer.catalogue.models import Question, ServiceCategory, ServiceItem, Skill
from volunteer.orders.lifecycle import Status
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction

LAMP = {
    "code": "lamp2", "category": "repair", "name": "换灯泡", "minutes": "40", "people": "1", "risk": "medium", "reply_minutes": "240",
}  # fmt: skip


class Keeper:
    """Whoever keeps the menu of the only centre."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context(), transaction() as session:
            centre, _, station = make.a_county(session)
            self.centre, self.station = centre.id, station.id
            admin = make.staff(session, Role.SITE_ADMIN, centre).user_id or 0
        self.browser = signed_in(app, admin)
        self.post("/manage/categories/new", code="repair", name="水电维修", icon="lightbulb")
        self.post("/manage/skills/new", code="electric", name="电工", licensed="yes")

    def get(self, path: str):
        return self.browser.get(path)

    def post(self, path: str, /, **data):
        return send(self.browser, path, {"once": once()} | data)

    def one(self, kind, *where):
        with self.app.app_context(), transaction() as session:
            row = session.scalars(select(kind).where(*where)).unique().one()
            session.refresh(row)
            session.expunge_all()
            return row


@pytest.fixture
def keeper(app: Flask) -> Keeper:
    return Keeper(app)


def test_a_service_is_put_on_the_menu_changed_and_taken_off(keeper: Keeper) -> None:
    answer = keeper.post("/manage/services/new", site=str(keeper.centre), **LAMP, skills=["electric"])
    assert answer.status_code == 303, answer.get_data(as_text=True)
    item = keeper.one(ServiceItem, ServiceItem.code == "lamp2")
    page = keeper.get(f"/manage/services/{item.id}").get_data(as_text=True)
    assert 'value="electric" checked' in page
    form = LAMP | {"seen": str(item.version), "name": "换灯", "skills": ["electric"]}
    assert keeper.post(f"/manage/services/{item.id}", **form).status_code == 303
    assert keeper.post(f"/manage/services/{item.id}", **form).status_code == 409  # seen before somebody's change
    assert keeper.post(f"/manage/services/{item.id}/close").status_code == 303
    assert keeper.one(ServiceItem, ServiceItem.code == "lamp2").closed_at is not None
    assert "换灯" in keeper.get("/manage/services?closed=1").get_data(as_text=True)
    assert keeper.post(f"/manage/services/{item.id}/open").status_code == 303
    assert keeper.one(ServiceItem, ServiceItem.code == "lamp2").closed_at is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"minutes": "0"}, "minutes"),
        ({"minutes": "99999999999999999999"}, "minutes"),
        ({"name": "灯" * 61}, "name"),
        ({"risk": "deadly"}, "risk"),
        ({"stopper": "冒火花吗？"}, "stopper_call"),
        ({"stopper_call": "119"}, "stopper"),
        ({"category": "magic"}, "category"),
        ({"skills": ["magic"]}, "skills"),
        ({"site": ""}, "site"),
    ],
)
def test_a_service_that_cannot_be_is_refused_beside_its_field(keeper: Keeper, wrong: dict[str, Any], field: str) -> None:
    answer = keeper.post("/manage/services/new", **{"site": str(keeper.centre)} | LAMP | wrong)
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.get_data(as_text=True)


def test_questions_are_asked_in_order_and_old_answers_keep_their_words(keeper: Keeper) -> None:
    keeper.post("/manage/services/new", site=str(keeper.centre), **LAMP)
    item = keeper.one(ServiceItem, ServiceItem.code == "lamp2")
    which = {"code": "which", "kind": "choice", "name": "哪种灯？", "choices": "tube | 灯管 | Tube\nbulb | 灯泡"}
    assert keeper.post(f"/manage/services/{item.id}/questions/new", **which).status_code == 303
    stale = keeper.post(f"/manage/services/{item.id}/questions/new", **which | {"code": "late", "seen": str(item.version)})
    assert stale.status_code == 409  # the service was changed by the first question
    assert (
        keeper.post(f"/manage/services/{item.id}/questions/new", code="high", kind="yes_no", name="很高吗？").status_code == 303
    )
    high, asked = keeper.one(Question, Question.code == "high"), keeper.one(Question, Question.code == "which")
    assert asked.position < high.position
    assert keeper.post(f"/manage/services/questions/{high.id}/up").status_code == 303
    assert keeper.one(Question, Question.code == "high").position < keeper.one(Question, Question.code == "which").position

    changed = which | {"choices": "tube | 日光灯管 | Tube"}
    assert keeper.post(f"/manage/services/questions/{asked.id}", **changed).status_code == 303
    kept = keeper.one(Question, Question.code == "which")
    assert [(one["value"], bool(one.get("closed"))) for one in kept.choices] == [("tube", False), ("bulb", True)]
    assert keeper.post(f"/manage/services/questions/{asked.id}/close").status_code == 303
    page = keeper.browser.get("/order/new?item=lamp2").get_data(as_text=True)
    assert "很高吗" in page
    assert "哪种灯" not in page


@pytest.mark.parametrize(
    "wrong",
    [{"choices": ""}, {"choices": "灯管"}, {"choices": "a|甲\na|乙"}, {"choices": "空格 码|甲"}, {"kind": "magic"}, {"name": ""}],
)
def test_a_question_that_cannot_be_is_refused(keeper: Keeper, wrong: dict[str, Any]) -> None:
    keeper.post("/manage/services/new", site=str(keeper.centre), **LAMP)
    item = keeper.one(ServiceItem, ServiceItem.code == "lamp2")
    form = {"code": "which", "kind": "choice", "name": "哪种灯？", "choices": "tube|灯管"}
    assert keeper.post(f"/manage/services/{item.id}/questions/new", **form | wrong).status_code == 422


def test_what_services_use_is_not_closed(keeper: Keeper) -> None:
    keeper.post("/manage/services/new", site=str(keeper.centre), **LAMP, skills=["electric"])
    item = keeper.one(ServiceItem, ServiceItem.code == "lamp2")
    category, skill = keeper.one(ServiceCategory), keeper.one(Skill)
    keeper.post(f"/manage/categories/{category.id}/close")
    keeper.post(f"/manage/skills/{skill.id}/close")
    assert keeper.one(ServiceCategory).closed_at is None
    assert keeper.one(Skill).closed_at is None
    keeper.post(f"/manage/services/{item.id}/close")
    keeper.post(f"/manage/categories/{category.id}/close")
    keeper.post(f"/manage/skills/{skill.id}/close")
    assert keeper.one(ServiceCategory).closed_at is not None
    assert keeper.one(Skill).closed_at is not None
    keeper.post(f"/manage/services/{item.id}/open")
    assert keeper.one(ServiceItem).closed_at is not None  # its category and its skill are closed


def test_open_orders_of_a_service_are_counted_before_it_leaves_the_menu(keeper: Keeper) -> None:
    keeper.post("/manage/services/new", site=str(keeper.centre), **LAMP)
    with keeper.app.app_context(), transaction() as session:
        item = session.scalars(select(ServiceItem)).one()
        make.an_order(session, make.a_site(session, item.site), item=item, status=Status.VERIFIED)
        item_id = item.id
    assert "1" in keeper.get(f"/manage/services/{item_id}").get_data(as_text=True)


def test_lists_of_the_menu_have_their_pages(keeper: Keeper) -> None:
    for path in ("/manage/services", "/manage/services?q=x&page=99", "/manage/services/new", "/manage/categories", "/manage/skills",
                 "/manage/skills?q=dian", "/manage/categories/new", "/manage/skills/new"):  # fmt: skip
        assert keeper.get(path).status_code == 200, path
