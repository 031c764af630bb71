"""A volunteer registers on a small phone, reads the code from the message, and has a number."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.databases import Database
from tests.support.hands import tick
from tests.support.servers import serving
from tests.support.story import PATIENCE
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.messaging.models import Message

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_somebody_registers_on_a_small_phone(browser: Browser, sqlite: Database, keyring: Keyring, script: bool) -> None:
    with Session(sqlite.engine, info={"keyring": keyring}) as session, write(session):
        station = make.a_county(session)[2].name
    with serving(sqlite) as server:
        context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=script, locale="zh-CN")
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(server.url + "/join")
        page.get_by_label("手机").fill("13800000071")
        page.get_by_role("button", name="发").first.click()
        with Session(sqlite.engine, info={"keyring": keyring}) as session:
            row = session.scalars(select(Message).where(Message.template == "join_code")).one()
            code = json.loads(keyring.unseal(row.sealed, f"messages.sealed:{row.uid}"))["secret"]["code"]
        page.locator("[name=code]").fill(code)
        page.locator("form[action='/join/phone'] button").click()
        page.locator("[name=name]").fill("陈小试")
        page.locator("[name=born_on]").fill("1990-01-02")
        page.locator("[name=site]").select_option(label=station)
        tick(page.locator("[name=consent]"))
        page.locator("form[action='/join'] button.btn-main, form[action='/join'] button[type=submit]").last.click()
        expect(page).to_have_url(re.compile("/me/profile$"))
        expect(page.locator("main")).to_contain_text(re.compile(r"V\d{3}-\d{4}-\d"))
        context.close()
