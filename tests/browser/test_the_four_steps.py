"""点单 → 派单 → 接单 → 评单, played by people in browsers of their own, from the first page to the checked certificate."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.support.four_steps import Story
from tests.support.hands import Finger, Keys
from tests.support.servers import Server
from tests.support.story import DESK, PATIENCE, PHONE, found, log_in

pytestmark = pytest.mark.browser


def play(story: Story, size: dict[str, int] = PHONE) -> None:
    """Play the story with everybody at ``size``."""
    found(story.server.database)
    resident = story.person("resident", size)
    number, code = story.order(resident)
    assert len(code) == 6
    secret = re.sub(r"\?.*", "", resident.page.url).removeprefix(story.server.url)

    dispatcher = story.person("dispatcher", size)
    log_in(dispatcher, "dispatcher")
    story.dispatch(dispatcher, number)
    leader = story.person("leader", size)
    log_in(leader, "leader")
    story.serve(leader, resident, secret)
    story.rate(resident, secret)
    volunteer = story.person("volunteer", size)
    log_in(volunteer, "helper")
    paper = story.certificate(volunteer)
    story.check(story.person("stranger", size), paper)
    assert "The books are right" in story.server.flask("ledger", "verify")


def test_five_people_play_the_whole_story_on_phones_in_chinese(browser: Browser, server: Server) -> None:
    play(Story(browser, server, "zh", Finger(), f"zh-{server.database.kind}"))


def test_the_story_can_be_played_with_the_keyboard_alone(browser: Browser, county_free_server: Server) -> None:
    play(Story(browser, county_free_server, "zh", Keys(), "keys"), DESK)


def test_a_clerk_orders_for_a_caller_and_the_story_goes_on_in_english(browser: Browser, county_free_server: Server) -> None:
    server = county_free_server
    story = Story(browser, server, "en", Finger(), "en")
    found(server.database)
    clerk = story.person("clerk", DESK)
    log_in(clerk, "clerk")
    clerk.shot("1-desk")
    page = clerk.page
    page.get_by_role("link", name=story.say("Order for a caller")).first.click()
    page.locator("a[href*='item=']").first.click()
    story.fill_in(clerk)
    page.wait_for_url(re.compile(r"/desk/orders/"))
    number = re.search(r"\d{4}-\d{4,}-\d", page.url + page.inner_text("main"))
    assert number
    clerk.shot("6-after-ordering")
    page.goto(f"{server.url}/desk/orders/{number[0]}/slip")
    printed, code = story.read_number(clerk)
    assert printed == number[0]
    assert len(code) == 6
    page.goto(f"{server.url}/desk/orders/{number[0]}")
    page.get_by_role("button", name=story.say("It is real, pass it on")).click()
    expect(page.get_by_role("button", name=story.say("It is real, pass it on"))).to_have_count(0)

    dispatcher = story.person("dispatcher", DESK)
    log_in(dispatcher, "dispatcher")
    story.dispatch(dispatcher, number[0], verify=False)
    resident = story.person("resident")
    followed = resident.go("/track")
    followed.locator("input[name=number]").fill(number[0])
    followed.locator("input[name=code]").fill(code)
    followed.get_by_role("button", name=story.say("Show me")).click()
    followed.wait_for_url(re.compile(r"/o/"))
    secret = followed.url.removeprefix(server.url)
    leader = story.person("leader")
    log_in(leader, "leader")
    story.serve(leader, resident, secret)
    story.rate(resident, secret)
    volunteer = story.person("volunteer")
    log_in(volunteer, "helper")
    story.check(story.person("stranger"), story.certificate(volunteer))


def test_two_dispatchers_never_work_on_the_same_order(browser: Browser, county_free_server: Server) -> None:
    server = county_free_server
    story = Story(browser, server, "zh", Finger(), "two")
    found(server.database)
    number, _ = story.order(story.person("resident"))
    first, second = story.person("first", DESK), story.person("second", DESK)
    log_in(first, "dispatcher")
    log_in(second, "second")
    first.go(f"/board/orders/{number}")
    watching = second.go("/board?tab=placed")
    assert float(watching.locator("[data-live][data-every]").first.get_attribute("data-every") or 99) <= 5
    expect(watching.locator("body")).to_contain_text("赵岚", timeout=PATIENCE)
    page = second.go(f"/board/orders/{number}")
    expect(page.locator("body")).to_contain_text("赵岚")
    second.shot("held")
    assert page.get_by_role("button", name=story.say("Mark as verified")).count() == 0

    first.page.locator("[data-close]").first.click()
    verify = page.get_by_role("button", name=story.say("Mark as verified"))
    for _ in range(30):  # letting go travels by itself
        second.go(f"/board/orders/{number}")
        if verify.count():
            break
        page.wait_for_timeout(300)
    expect(verify).to_be_visible()
