"""A team leader's phone over a county where the team is asked for one order."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from tests.support import builders as make
from tests.support.visiting import send, signed_in
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.clock import SHANGHAI, now
from volunteer.kernel.db import db
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Site
from volunteer.teams.models import Membership
from volunteer.web.unit import transaction

HOUR = timedelta(hours=1)
BLANK = {f"position.{part}": "" for part in ("latitude", "longitude", "accuracy", "datum")}  # a browser sends them all


class Phone:
    """A leader's browser over a county where the team is asked for one order."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context(), transaction() as session:
            centre, _, self.station = make.a_county(session)
            item = make.an_item(session, centre, bring="36W 灯管", bring_en="a 36 W tube")
            team = make.a_team(session, self.station, name="松陵电工服务队", members=3)
            other = make.a_team(session, self.station)
            self.item_id, self.team_id, self.station_id = item.id, team.id, self.station.id
            self.leader_id = make.leader_of(session, team).user_id
            self.stranger_id = make.leader_of(session, other).user_id
            self.members = list(
                session.scalars(select(Membership.volunteer_id).where(Membership.team_id == team.id).order_by(Membership.id))
            )
            order = self.order(session, Status.OFFERED)
            self.offer_id = make.an_offer(session, order, team, made_at=now(), expires_at=now() + HOUR).id
            make.an_offer(session, order, other, made_at=now(), expires_at=now() + HOUR)
            self.number, self.order_id = order.number, order.id
        self.client = signed_in(app, self.leader_id)
        self.stranger = signed_in(app, self.stranger_id)
        self.at = f"/inbox/visits/{self.number}"

    def order(self, session, status, **values):
        station = session.get_one(Site, self.station_id)
        order = make.an_order(session, station, item=session.get_one(ServiceItem, self.item_id), status=status, **values)
        order.words = "请找王阿婆"
        order.secret = f"secret-{order.number}"
        return order

    def see(self, path, client=None):
        answer = (client or self.client).get(path)
        assert answer.status_code == 200, answer.status
        return answer.get_data(as_text=True)

    def post(self, path, client=None, **data):
        return send(client or self.client, path, data)

    def accept(self):
        return self.post(f"/inbox/offers/{self.offer_id}/accept")

    def choose(self, *members, **more):
        begins = (now() + HOUR).astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
        return self.post(f"{self.at}/members", members=[str(m) for m in members or self.members[:2]], begins=begins, **more)

    def read(self, what):
        with self.app.app_context():
            return db.session.scalar(what)

    def status(self):
        return self.read(select(ServiceOrder.status).where(ServiceOrder.id == self.order_id))

    def code(self):
        with self.app.app_context():
            return db.session.get(ServiceOrder, self.order_id).start_code

    def start(self):
        self.accept()
        self.choose()
        self.post(f"{self.at}/set-out")

    def serve(self):
        self.start()
        assert self.post(f"{self.at}/arrive", code=self.code(), **BLANK).status_code == 303
        assert self.post(f"{self.at}/leave", code="", **BLANK).status_code == 303
