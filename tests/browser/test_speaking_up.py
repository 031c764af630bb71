"""A complaint on a phone of 360 px, without an account: said, followed by number and code, answered, and closed when content."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.databases import Database
from tests.support.hands import tick
from tests.support.servers import serving
from tests.support.story import PATIENCE, PHONE
from volunteer.access import Role
from volunteer.feedback import handling
from volunteer.feedback.models import Case
from volunteer.kernel.clock import now
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write

pytestmark = pytest.mark.browser
SAID = "说好上午来，下午才到"
ANSWER = "对不起，已经提醒队伍"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_complaint_is_said_followed_and_closed(browser: Browser, sqlite: Database, keyring: Keyring, script: bool) -> None:
    with Session(sqlite.engine, info={"keyring": keyring}) as session, write(session):
        centre, _, station = make.a_county(session)
        director, village = make.staff(session, Role.DIRECTOR, centre), station.name
    with serving(sqlite) as server:
        page = browser.new_context(viewport=PHONE, java_script_enabled=script, locale="zh-CN").new_page()  # type: ignore[arg-type]
        page.set_default_timeout(PATIENCE)
        page.goto(server.url)
        page.locator("footer a[href='/speak']").click()
        tick(page.locator("[name=kind][value=complaint]"))
        expect(page.locator("[name=quotable]")).to_be_hidden()
        page.locator("[name=words]").fill(SAID)
        page.locator("[name=site]").select_option(label=village)
        tick(page.locator("[name=answer][value=no]"))
        expect(page.locator("[name=phone]")).to_be_hidden()
        tick(page.locator("[name=answer][value=yes]"))
        page.locator("[name=name]").fill("李试")
        page.locator("[name=phone]").fill("13800000063")
        tick(page.locator("[name=consent]"))
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        page.locator("form.speak button[type=submit]").click()
        expect(page).to_have_url(re.compile(r"/c/[\w-]+\?new=1$"))
        number, code = (text.replace(" ", "") for text in page.locator(".digits").all_inner_texts())
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

        with Session(sqlite.engine, info={"keyring": keyring}) as session, write(session):
            case = session.scalars(select(Case)).one()
            handling.answer_case(session, director, case.id, ANSWER, at=now())

        page.goto(server.url + "/track")
        page.locator("[name=number]").fill(re.sub(r"\s", "", number))
        page.locator("[name=code]").fill(re.sub(r"\s", "", code))
        page.locator("form[action='/track'] button[type=submit]").click()
        expect(page.locator("#answer")).to_contain_text(ANSWER)
        page.locator("button[name=content][value=yes]").click()
        expect(page.locator("button[name=content]")).to_have_count(0)
        expect(page.locator("main")).to_contain_text("您说：满意")
        page.context.close()
    with Session(sqlite.engine, info={"keyring": keyring}) as session:
        assert session.scalars(select(Case)).one().status == "closed"
