"""A small county with a menu, a desk and a resident, for the pages of ordering."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.support import builders as make
from tests.support.visiting import TOKEN
from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.catalogue.models import Question, QuestionKind
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.orders.lifecycle import Action
from volunteer.orders.models import ServiceOrder
from volunteer.web.unit import transaction

ONCE = re.compile(r'name="once" value="([^"]+)"')


class Town:
    """A county with a menu of one dangerous service, a clerk, a neighbour's clerk, a resident and a team."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context(), transaction() as session:
            centre, branch, station = make.a_county(session)
            item = make.an_item(
                session, centre, name="换灯管", summary="灯不亮、灯管闪", stopper="正在冒火花吗？", stopper_call="119"
            )
            item.search += " 灯不亮、灯管闪"
            choices = [{"value": "tube", "name": "灯管", "name_en": "Tube"}]
            item.questions.append(
                Question(code="lamp", kind=QuestionKind.CHOICE, name="哪种灯？", choices=choices, required=True, position=1)
            )
            self.clerk = make.staff(session, Role.CLERK, station, name="钱文员").user_id
            self.stranger = make.staff(session, Role.CLERK, make.a_site(session, centre), name="孙文员").user_id
            resident = make.a_person(session, "李居民", phone="19900002222")
            session.add(RoleGrant(person_id=resident.id, role=Role.RESIDENT, site_id=centre.id, since=make.LONG_AGO))
            team = make.a_team(session, station, name="松陵电工服务队")
            session.flush()
            self.resident, self.station, self.item, self.team = resident.id, station.id, item.code, team.id

    def form(self, client: FlaskClient, where: str | None = None, **changed: str) -> dict[str, str]:
        page = client.get(where or f"/order/new?item={self.item}").text
        values = {
            "csrf_token": TOKEN.search(page)[1], "once": ONCE.search(page)[1], "item": self.item, "channel": "web",
            "danger": "no", "answers.lamp": "tube", "words": "厨房灯不亮", "point.latitude": "", "point.longitude": "",
            "point.datum": "", "site": str(self.station), "address": "3幢201室", "when": "soon", "name": "李试",
            "phone": "13800000001", "consent": "yes",
        }  # fmt: skip
        return values | changed

    def order(self) -> ServiceOrder:
        return db.session.scalars(select(ServiceOrder).order_by(ServiceOrder.id.desc())).first()


def placed(town: Town, client: FlaskClient, **changed: str) -> str:
    return client.post("/order/new", data=town.form(client, **changed)).location.split("?")[0]


def advance(town: Town, *actions: Action, **values: object) -> None:
    """Bring the newest order on, without the people whom this test is not about."""
    with town.app.app_context(), transaction() as session:
        order = session.scalars(select(ServiceOrder).order_by(ServiceOrder.id.desc())).first()
        for action in actions:
            order.advance(action, make.an_actor(), now())
        for name, value in values.items():
            setattr(order, name, value)


TO_ACCEPTED = (Action.VERIFY, Action.OFFER, Action.ACCEPT)
TO_SERVED = (*TO_ACCEPTED, Action.CHECK_IN, Action.CHECK_OUT)
