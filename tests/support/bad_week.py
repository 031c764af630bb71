"""The people of the bad week: two teams at one branch, whose first leader is ill, and an order that waits to be dispatched."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders
from tests.support.databases import Database
from tests.support.settings import settings_for
from tests.support.story import give_login
from volunteer.access import Role
from volunteer.accounts.models import Person, RoleGrant
from volunteer.kernel.clock import SHANGHAI, local_date, now
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.orders.lifecycle import Status
from volunteer.orders.placing import hash_secret
from volunteer.places.models import Site
from volunteer.teams.models import MemberRole, Membership, Team, Volunteer

SECRET = "a-link-of-the-bad-week-that-nobody-guesses"
FIRST = ("leader 王队长", "deputy 刘副队长", "helper 陈晓禾", "ready 孙立春")
SECOND = ("other 周队长", "member 郑小满")
STAFF = (("dispatcher", Role.DISPATCHER, "赵岚"), ("second", Role.DISPATCHER, "钱澜"), ("admin", Role.SITE_ADMIN, "何站长"))


def found(database: Database) -> str:
    """Found the place; return the number of an order that was verified and waits. Log-ins are the words before the names."""
    keyring = Keyring.open(settings_for("").keys_file, create=True)
    with Session(database.engine, info={"keyring": keyring}) as session, write(session):
        centre = builders.a_site(session, name="演示中心", name_en="Demo Centre")
        branch = builders.a_site(session, centre, name="松陵街道", name_en="Songling")
        station = builders.a_site(session, branch, name="鲈乡二村", name_en="Luxiang Second Village")
        builders.a_site(session, branch, name="梅石社区", name_en="Meishi")
        item = builders.an_item(session, centre, name="换灯管", name_en="Replace a lamp")
        for name, people in (("松陵电工服务队", FIRST), ("鲈乡邻里服务队", SECOND)):
            _people(session, builders.a_team(session, branch, name=name, members=len(people)), branch, people)
        for login, role, name in STAFF:
            person = builders.a_person(session, name)
            give_login(session, person, login)
            session.add(RoleGrant(person_id=person.id, role=role, site_id=branch.id, since=builders.LONG_AGO))
        placed, due = now() - timedelta(minutes=20), now() + timedelta(hours=1)
        order = builders.an_order(
            session, station, item=item, status=Status.VERIFIED, placed_at=placed, verified_at=placed, due_at=due
        )
        order.secret, order.secret_hash = SECRET, hash_secret(SECRET)
        return order.number


def _people(session: Session, team: Team, branch: Site, people: tuple[str, ...]) -> None:
    rows = session.scalars(select(Membership).where(Membership.team_id == team.id).order_by(Membership.id)).all()
    for row, words in zip(rows, people, strict=True):
        login, name = words.split()
        person = session.get_one(Person, row.volunteer_id)
        person.name = name
        give_login(session, person, login)
        session.add(RoleGrant(person_id=person.id, role=Role.VOLUNTEER, site_id=branch.id, since=builders.LONG_AGO))
        if login == "deputy":
            row.role = MemberRole.DEPUTY
        if login == "leader":  # ill since yesterday
            session.get_one(Volunteer, row.volunteer_id).paused_until = local_date(now(), SHANGHAI) + timedelta(days=7)
