"""Everybody who may knock at a door: each role in its own place, and its twins in the next branch and at another centre."""

from __future__ import annotations

import io
import itertools
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.flows.test_certificates import serve
from tests.support import builders as make
from tests.support.visiting import signed_in
from volunteer.access import Actor, Role
from volunteer.accounts.models import Person, RoleGrant
from volunteer.catalogue.models import ServiceItem
from volunteer.certificates import issuing
from volunteer.certificates.models import Certificate
from volunteer.certificates.rules import CertificateDraft
from volunteer.kernel.clock import SHANGHAI, local_date, now
from volunteer.ledger.models import Grade
from volunteer.media.storing import store
from volunteer.messaging.models import Channel, Message
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import OrderPhoto, PhotoKind, ServiceOrder, Visitor
from volunteer.orders.pages import pictures
from volunteer.orders.placing import hash_secret
from volunteer.places.models import Site
from volunteer.teams.models import Team, Volunteer
from volunteer.web import sessions
from volunteer.web.config import current_settings
from volunteer.web.models import WebSession
from volunteer.web.unit import transaction

STAFF = {
    "clerk": Role.CLERK,
    "dispatcher": Role.DISPATCHER,
    "admin": Role.SITE_ADMIN,
    "director": Role.DIRECTOR,
    "auditor": Role.AUDITOR,
    "it": Role.COUNTY_IT,
    "merchant": Role.MERCHANT,
}
NEXT, ABROAD = "_next", "_abroad"  # the same role in the next branch, and at another centre
HOUR = timedelta(hours=1)
COUNTER = itertools.count(1)


class County:
    """Two centres, the first with two branches; one person for each role in each place, each with a browser."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.ids: dict[str, int] = {}
        with app.app_context(), transaction() as session:
            centre, branch, station = make.a_county(session)
            next_station = make.a_site(session, make.a_site(session, centre))
            abroad = make.a_county(session)
            item = make.an_item(session, centre, name="换灯管")
            self.station, self.item, self.item_code = station.id, item.id, item.code
            teams = (make.a_team(session, station, name="本队"), make.a_team(session, station), make.a_team(session, abroad[2]))
            self.team = teams[0].id
            for name, team in zip(("leader", "leader_next", "leader_abroad"), teams, strict=True):
                self.ids[name] = make.leader_of(session, team).user_id or 0
            for name, role in STAFF.items():
                own = {"clerk": station, "director": centre, "auditor": centre, "it": centre}.get(name, branch)
                self.ids[name] = make.staff(session, role, own, name=f"{name}甲").user_id or 0
                beside = next_station if name == "clerk" else next_station.parent or next_station
                self.ids[name + NEXT] = make.staff(session, role, beside, name=f"{name}乙").user_id or 0
                self.ids[name + ABROAD] = make.staff(session, role, abroad[0], name=f"{name}丙").user_id or 0
            for name, place in (("", station), (NEXT, next_station), (ABROAD, abroad[2])):
                volunteer = make.a_volunteer(session, place, f"志愿者{'甲乙丙'[('', NEXT, ABROAD).index(name)]}")
                resident = make.a_person(session, f"居民{name}")
                for role, person in ((Role.VOLUNTEER, volunteer.person), (Role.RESIDENT, resident)):
                    session.add(RoleGrant(person_id=person.id, role=role, site_id=place.id, since=make.LONG_AGO))
                self.ids["volunteer" + name], self.ids["resident" + name] = volunteer.id, resident.id
        self.browsers: dict[str, FlaskClient] = {"visitor": app.test_client()}
        self.browsers |= {name: signed_in(app, person) for name, person in self.ids.items()}

    def new(self, status: Status = Status.PLACED, **wanted: Any) -> dict[str, Any]:
        """Make one of everything that an address can name, the order in ``status``; return the values by name."""
        with self.app.app_context(), transaction() as session:
            order = self._order(session, status, **wanted)
            team = session.get_one(Team, self.team)
            asked = status not in {Status.PLACED, Status.VERIFIED}
            offer = make.an_offer(session, order, team, made_at=now(), expires_at=now() + HOUR) if asked else None
            photo = self._photo(session)
            order.photos.append(OrderPhoto(photo=photo, kind=PhotoKind.ASKED))
            stray = self._photo(session)
            holder = session.get_one(Volunteer, self.ids["volunteer"])
            transfer = serve(session, holder, order.site, days_ago=-(now() - make.NOON).days + 1)
            certificate = self._certificate(session, holder)
            message = Message(
                channel=Channel.SMS, template="order_verified", params={"number": order.number}, sealed=b"x",
                created_at=now(), failed_at=now(), error="NotSent",
            )  # fmt: skip
            session.add(message)
            login = self._login(session)
            session.flush()
            return {
                "order_id": order.id, "number": order.number, "secret": order.secret, "code": order.code,
                "start_code": order.start_code, "offer_id": offer.id if offer else 0, "token": photo.token, "stray": stray.token,
                "name": pictures.sign(stray.token), "certificate": certificate.number, "transfer_id": transfer.id,
                "message_id": message.id, "session_id": login, "volunteer": holder.number,
                "member": order.visitors[0].volunteer_id if order.visitors else self.ids["leader"],
            }  # fmt: skip

    def more_hours(self) -> None:
        """Book one more service: the certificate may then be replaced."""
        with self.app.app_context(), transaction() as session:
            holder = session.get_one(Volunteer, self.ids["volunteer"])
            serve(session, holder, session.get_one(Site, self.station), 7, days_ago=-(now() - make.NOON).days + 2)

    def _order(self, session: Session, status: Status, **wanted: Any) -> ServiceOrder:
        team = session.get_one(Team, self.team)
        with_team = status in {Status.ACCEPTED, Status.UNDER_WAY, Status.IN_SERVICE, Status.SERVED, Status.CLOSED}
        begins = now() + HOUR if with_team else None
        done = now() if status in {Status.SERVED, Status.CLOSED} else None
        order = make.an_order(
            session, session.get_one(Site, self.station), item=session.get_one(ServiceItem, self.item), status=status,
            resident=session.get_one(Person, self.ids["resident"]), placed_by=self.ids["clerk"], placed_at=now(),
            team=team if with_team else None, visit_begins=begins, visit_ends=begins and begins + HOUR,
            served_at=done, **wanted,
        )  # fmt: skip
        if with_team:
            order.crew.append(Visitor(volunteer_id=self.ids["leader"]))
        order.secret = f"a-link-of-{next(COUNTER)}"
        order.secret_hash = hash_secret(order.secret)
        return order

    def _photo(self, session: Session) -> Any:
        data = io.BytesIO()
        Image.new("RGB", (8, 8), "red").save(data, "PNG")
        data.seek(0)
        return store(session, current_settings().media_folder, data, uploader_id=None, at=now())

    def _certificate(self, session: Session, holder: Volunteer) -> Certificate:
        """The volunteer's standing certificate, issued anew when none is valid."""
        found = select(Certificate).where(Certificate.revoked_at.is_(None), Certificate.replaced_by_id.is_(None))
        if (valid := session.scalars(found.order_by(Certificate.id.desc())).first()) is not None:
            return valid
        today = local_date(now(), SHANGHAI)
        draft = CertificateDraft(today - timedelta(days=300), today, frozenset(Grade) - {Grade.D}, "zh_Hans")
        actor = Actor(holder.id, frozenset({(Role.VOLUNTEER, holder.site.path)}), name=holder.person.name)
        return issuing.issue(session, actor, holder.id, draft, at=now())

    def _login(self, session: Session) -> int:
        limits = sessions.Limits(HOUR, timedelta(days=1))
        sessions.start(session, self.ids["volunteer"], limits, device="old phone", at=now())
        session.flush()
        found = select(WebSession.id).where(WebSession.person_id == self.ids["volunteer"]).order_by(WebSession.id.desc())
        return session.scalars(found).first() or 0
