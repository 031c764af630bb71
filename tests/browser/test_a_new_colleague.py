"""A colleague comes, is invited by link, sets up a second factor, loses the phone, and takes over who leaves."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders
from tests.support.databases import SqliteFactory, borrowed
from tests.support.factors import code_now
from tests.support.hands import tick
from tests.support.looking import complaints
from tests.support.servers import Server, serving
from tests.support.settings import settings_for
from tests.support.story import DESK, PHONE, Somebody, Told, found, log_in, somebody
from tests.support.visiting import PASSWORD
from volunteer.access import Role
from volunteer.accounts import passwords
from volunteer.accounts.models import Person, RoleGrant
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.places.models import Site

pytestmark = pytest.mark.browser
say = Told("zh")
NEW = "eight green kites"


def an_administrator(server: Server) -> None:
    """Give the small county of the stories an administrator of the centre."""
    keyring = Keyring.open(settings_for("").keys_file, create=True)
    with Session(server.database.engine, info={"keyring": keyring}) as session, write(session):
        person = builders.a_person(session, "顾清")
        person.login_name, person.password_hash = "boss", passwords.hash_password(PASSWORD, 1)
        centre = session.scalars(select(Site).order_by(Site.id)).first()
        session.add(RoleGrant(person_id=person.id, role=Role.SITE_ADMIN, site_id=centre.id, since=builders.LONG_AGO))


def clean(page: Page) -> None:
    assert complaints(page, language="zh", elder=False) == []


def test_a_colleague_is_invited_gets_a_second_factor_loses_the_phone_and_takes_over(
    browser: Browser, sqlite_factory: SqliteFactory
) -> None:
    with borrowed(sqlite_factory) as database, serving(database, second_factor_roles="site_admin") as server:
        found(database)
        an_administrator(server)
        boss = somebody(browser, server, "顾清", "colleague", "zh", DESK)
        log_in(boss, "boss")
        set_up(boss)
        link = invite(boss)

        mei = somebody(browser, server, "梅晓", "colleague", "zh", PHONE)
        join(mei, link)
        codes = set_up(mei)
        expect(mei.page).to_have_url(re.compile("/overview"))

        lost = somebody(browser, server, "梅晓", "colleague", "zh", PHONE)
        page = lost.go("/login")
        page.locator("input[name=name]").fill("meixiao")
        page.locator("input[name=password]").fill(NEW)
        page.locator("form:has(input[name=password]) button[type=submit]").click()
        page.wait_for_url("**/login/second**")
        clean(page)
        lost.shot("second-door")
        page.locator("input[name=code]").fill(codes[0])
        page.locator("form:has(input[name=code]) button").click()
        page.wait_for_url("**/overview**")
        expect(page.get_by_text(say("That recovery code is used up. You have %(left)s more.", left=9))).to_be_visible()

        hand_over(boss)


def invite(boss: Somebody) -> str:
    """Invite a second administrator of the branch; return the link that is shown once."""
    page = boss.go("/manage/people/invite")
    clean(page)
    page.locator("input[name=name]").fill("梅晓")
    tick(page.locator("input[name=role][value=site_admin]"))
    page.locator("select[name=site]").select_option(label="松陵街道")
    boss.shot("invite")
    page.locator("form:has(input[name=role]) button[type=submit]").click()
    link = page.locator(".link-text").inner_text()
    clean(page)
    boss.shot("link")
    return link.split("/", 3)[3]


def join(mei: Somebody, path: str) -> None:
    """Choose a name and a password behind the link."""
    page = mei.go(f"/{path}")
    clean(page)
    page.locator("input[name=login_name]").fill("meixiao")
    for name in ("new", "again"):
        page.locator(f"input[name={name}]").fill(NEW)
    tick(page.locator("input[name=agree]"))
    mei.shot("invited")
    page.locator("form:has(input[name=agree]) button[type=submit]").click()


def set_up(person: Somebody) -> list[str]:
    """Whoever must have a second factor is led there; return the recovery codes."""
    page = person.page
    page.wait_for_url("**/me/second-factor")
    page.get_by_role("button", name=say("Set it up")).click()
    secret = page.locator("p[translate=no]").inner_text().replace(" ", "")
    clean(page)
    person.shot("second-factor")
    page.locator("input[name=code]").fill(code_now(secret))
    page.get_by_role("button", name=say("Use it from now on")).click()
    expect(page.locator(".codes li")).to_have_count(10)
    clean(page)
    person.shot("recovery-codes")
    codes = page.locator(".codes li").all_inner_texts()
    page.get_by_role("link", name=say("I have written them down")).click()
    return codes


def hand_over(boss: Somebody) -> None:
    """The station's only clerk leaves; the new colleague takes the post."""
    page = boss.go("/manage/people?q=wuguifang")
    page.locator("#rows a").first.click()
    page.wait_for_url(re.compile(r"/manage/people/\d+$"))
    clean(page)
    boss.shot("person")
    page.get_by_role("link", name=say("Hand over and end")).click()
    page.wait_for_url("**/hand-over**")
    clean(page)
    page.locator("select[name^='to.post']").select_option(label="梅晓")
    boss.shot("hand-over")
    page.get_by_role("button", name=say("Hand over and end the roles")).click()
    expect(page.get_by_text(say("No role any more"))).to_be_visible()
    with Session(boss.server.database.engine) as session:
        mei = session.scalars(select(Person.id).where(Person.login_name == "meixiao")).one()
        roles = session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == mei)).all()
    assert set(roles) == {Role.SITE_ADMIN, Role.CLERK}
