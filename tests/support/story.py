"""The people and the place of the stories, and what they say in either language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import polib
from playwright.sync_api import Browser, Page
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support import builders
from tests.support.databases import Database
from tests.support.looking import shot
from tests.support.servers import Server
from tests.support.services import ROOT
from tests.support.settings import settings_for
from tests.support.visiting import PASSWORD
from volunteer.access import Role
from volunteer.accounts import passwords
from volunteer.accounts.models import Person, RoleGrant
from volunteer.attendance.models import Attendance
from volunteer.catalogue.models import Question, QuestionKind
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.teams.models import Availability, MemberRole, Membership

CATALOGUE = ROOT / "volunteer/translations/zh_Hans/LC_MESSAGES/messages.po"
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 800}
PATIENCE = 60_000  # milliseconds: a busy machine is slow, not wrong


@cache
def chinese() -> dict[str, str]:
    """Return every msgid's Chinese."""
    return {entry.msgid: entry.msgstr for entry in polib.pofile(str(CATALOGUE))}


@dataclass(frozen=True)
class Told:
    """One language: says a msgid as its reader sees it."""

    language: str

    def __call__(self, msgid: str, **values: object) -> str:
        words = chinese()[msgid] if self.language == "zh" else msgid
        return words % values if values else words


@dataclass
class Somebody:
    """A person with a browser of their own."""

    name: str
    page: Page
    server: Server
    story: str

    def go(self, path: str) -> Page:
        self.page.goto(self.server.url + path)
        return self.page

    def shot(self, what: str) -> None:
        shot(self.page, f"{self.story}-{what}")


def somebody(browser: Browser, server: Server, name: str, story: str, language: str, size: dict[str, int]) -> Somebody:
    """Open a browser context for ``name``, in ``language``."""
    context = browser.new_context(viewport=size, locale="zh-CN" if language == "zh" else "en-GB")  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    person = Somebody(name, page, server, story)
    if language == "en":
        person.go("/track").locator('form[action="/language"] button').click()
    return person


def log_in(person: Somebody, login_name: str) -> None:
    """Log in with name and password, on the page."""
    page = person.go("/login")
    page.locator("input[name=name]").fill(login_name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:has(input[name=password]) button[type=submit]").click()
    page.wait_for_url(lambda url: "/login" not in url)


def found(database: Database) -> None:
    """Found a small county: a centre, a branch, a station, one service, one team of two, a clerk and a dispatcher."""
    keyring = Keyring.open(settings_for("").keys_file, create=True)
    with Session(database.engine, info={"keyring": keyring}) as session, write(session):
        centre = builders.a_site(session, name="演示中心", name_en="Demo Centre")
        branch = builders.a_site(session, centre, name="松陵街道", name_en="Songling")
        station = builders.a_site(session, branch, name="鲈乡二村", name_en="Luxiang Second Village")
        item = builders.an_item(session, centre, name="换灯管", name_en="Replace a lamp")
        session.add(
            Question(
                item_id=item.id, code="ladder", kind=QuestionKind.YES_NO, name="家里有梯子吗？", name_en="Is there a ladder?"
            )
        )
        team = builders.a_team(session, branch, name="松陵电工服务队", name_en="Songling Electricians")
        for row in session.scalars(select(Membership).where(Membership.team_id == team.id)).all():
            for weekday in range(7):
                session.add(Availability(volunteer_id=row.volunteer_id, weekday=weekday, begins=0, ends=1440))
            leads = row.role is MemberRole.LEADER
            person = session.get_one(Person, row.volunteer_id)
            person.name = "王队长" if leads else "陈晓禾"
            person.document = "440524188001010014"
            give_login(session, person, "leader" if leads else "helper")
            session.add(RoleGrant(person_id=person.id, role=Role.VOLUNTEER, site_id=branch.id, since=builders.LONG_AGO))
        for login_name, role, site, name in (
            ("clerk", Role.CLERK, station, "吴桂芳"),
            ("dispatcher", Role.DISPATCHER, centre, "赵岚"),
            ("second", Role.DISPATCHER, centre, "钱澜"),
        ):
            person = builders.a_person(session, name)
            give_login(session, person, login_name)
            session.add(RoleGrant(person_id=person.id, role=role, site_id=site.id, since=builders.LONG_AGO))


def an_hour_passes(database: Database) -> None:
    """Make everybody who is at work have come an hour earlier: the one thing a story cannot wait for."""
    with Session(database.engine) as session, write(session):
        rows = session.scalars(select(Attendance).where(Attendance.left_at.is_(None))).all()
        for row in rows:
            session.execute(update(Attendance).where(Attendance.id == row.id).values(came_at=row.came_at - timedelta(minutes=60)))


def give_login(session: Session, person: Person, login_name: str) -> None:
    """Let a person log in with that name and the password of all tests."""
    person.login_name = login_name
    person.password_hash = passwords.hash_password(PASSWORD, 1)
    session.flush()  # a grant follows
