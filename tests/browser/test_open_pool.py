"""A rule from its first draft to the team that took the order: written and tried, ordered, verified, taken with one tap on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.four_steps import Story
from tests.support.hands import Finger, tick
from tests.support.pooling import never_quiet
from tests.support.servers import Server
from tests.support.settings import settings_for
from tests.support.story import DESK, PHONE, Somebody, Told, found, give_login, log_in
from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.kernel.clock import now
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.orders.rulebook.jobs_rules import apply_rules
from volunteer.places.models import Site, SiteLevel

pytestmark = pytest.mark.browser
RULE = "小修就近抢单"


def somebody_who_manages(server: Server) -> None:
    """Add the centre's administrator, and let teams be asked at any hour."""
    with a_session(server) as session, write(session):
        centre = session.scalars(select(Site).where(Site.level == SiteLevel.CENTRE)).one()
        never_quiet(session, centre)
        person = make.a_person(session, "顾清")
        give_login(session, person, "manager")
        session.add(RoleGrant(person_id=person.id, role=Role.SITE_ADMIN, site_id=centre.id, since=make.LONG_AGO))


def a_session(server: Server) -> Session:
    keyring = Keyring.open(settings_for("").keys_file, create=True)
    return Session(server.database.engine, info={"keyring": keyring})


def write_a_rule(manager: Somebody, say: Told) -> None:
    page = manager.go("/manage")
    page.locator("a[href='/manage/rules']").click()
    page.get_by_role("link", name=say("Write a rule")).first.click()
    page.locator("input[name=name]").fill(RULE)
    tick(page.locator("input[name=mode][value=pool]"))
    tick(page.locator("input[name=categories][value=repair]"))
    page.locator("input[name=km]").fill("3")
    page.get_by_role("button", name=say("Try it on last month")).click()
    expect(page.locator("#trial")).to_be_visible()
    manager.shot("1-tried")
    page.get_by_role("button", name=say("Write it down")).click()
    expect(page.locator("main")).to_contain_text("水电维修，不限时间，队伍在 3.0 公里内：进抢单池等 30 分钟。")
    manager.shot("2-rules")


def verify(clerk: Somebody, number: str) -> None:
    page = clerk.go(f"/desk/orders/{number}")
    page.locator(f"form[action='/desk/orders/{number}/verify'] button[type=submit]").first.click()
    expect(page.locator(f"form[action='/desk/orders/{number}/verify']")).to_have_count(0)


def test_a_rule_puts_an_order_into_the_pool_and_a_leader_takes_it_on_a_phone(browser: Browser, server: Server) -> None:
    found(server.database)
    somebody_who_manages(server)
    story = Story(browser, server, "zh", Finger(), "open-pool")
    manager = story.person("manager", DESK)
    log_in(manager, "manager")
    write_a_rule(manager, story.say)

    resident = story.person("resident")
    number, _ = story.order(resident)
    clerk = story.person("clerk", DESK)
    log_in(clerk, "clerk")
    verify(clerk, number)
    with a_session(server) as session, write(session):
        assert apply_rules(session, now()) == 1  # what the job process does every few seconds

    dispatcher = story.person("dispatcher", DESK)
    log_in(dispatcher, "dispatcher")
    expect(dispatcher.go("/board").locator("#rows")).to_contain_text("在抢单池")
    dispatcher.shot("3-board")

    leader = story.person("leader", PHONE)
    log_in(leader, "leader")
    page = leader.go("/inbox")
    page.locator("a[href='/pool']").click()
    card = page.locator("article")
    expect(card).to_contain_text("换灯管")
    expect(card).not_to_contain_text("3幢201室")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    leader.shot("4-pool")
    card.get_by_role("button", name=story.say("We take it")).click()
    page.wait_for_url(f"**/inbox/visits/{number}")
    expect(page.locator("main")).to_contain_text("3幢201室")
    expect(dispatcher.go("/board").locator("#rows")).to_have_count(0)
    resident.page.reload()
    expect(resident.page.locator("main")).to_contain_text("松陵电工服务队")
