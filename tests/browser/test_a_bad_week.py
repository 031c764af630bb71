"""A bad week, played in browsers: each step is one thing that goes wrong, and how people go on. Teams use phones of 360 px."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.bad_week import SECRET, found
from tests.support.hands import tick
from tests.support.servers import Server
from tests.support.story import DESK, PHONE, Somebody, Told, log_in, somebody
from volunteer.kernel.clock import SHANGHAI, now

pytestmark = pytest.mark.browser


class Week:
    """The people of the week, each with a browser of their own, opened when they first do something."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser, self.server = browser, server
        self.say = Told("zh")
        self.number = found(server.database)
        self.people: dict[str, Somebody] = {}

    def at(self, who: str, path: str) -> Page:
        """Open a page as somebody: a phone for those who serve, a desk for staff."""
        if who not in self.people:
            size = DESK if who in {"dispatcher", "admin"} else PHONE
            self.people[who] = somebody(self.browser, self.server, who, "bad-week", "zh", size)
            if who != "resident":
                log_in(self.people[who], who)
        return self.people[who].go(path)

    def shot(self, who: str, what: str) -> None:
        self.people[who].shot(what)

    def dispatch(self, team: str) -> None:
        page = self.at("dispatcher", f"/board/orders/{self.number}")
        label = page.locator("label.candidate", has_text=team)
        label.click()
        page.locator("button[data-key=d]").click()
        expect(page.locator(".asked-open")).to_contain_text(team)

    def accept(self, leader: str) -> Page:
        page = self.at(leader, "/inbox")
        page.get_by_role("button", name=self.say("Accept"), exact=True).click()
        page.wait_for_url(re.compile("/inbox/visits/"))
        return page

    def appoint(self, page: Page, name: str) -> None:
        form = page.locator("form[action$='/members']").first
        for box in form.locator("input[name=members]:visible, .choices > .choice input[name=members]").all():
            label = box.locator("xpath=ancestor::label[1]")
            if box.is_checked() != (name in label.inner_text()):
                label.click()
        begins = (now() + timedelta(hours=3)).astimezone(SHANGHAI)
        form.locator("input[name=begins]").fill(f"{begins:%Y-%m-%dT%H:%M}")
        form.get_by_role("button", name=self.say("Settle it and tell the resident")).click()
        expect(page.get_by_role("button", name=self.say("Set out"))).to_be_visible()


def the_leader_is_ill_and_the_deputy_takes_over(week: Week) -> None:
    week.dispatch("松陵电工服务队")
    page = week.accept("deputy")
    others = page.locator("details", has_text="王队长")
    others.locator("summary").click()
    expect(others).to_contain_text("休息到")  # beside the name stands why
    week.shot("deputy", "1-who-fits")
    week.appoint(page, "陈晓禾")
    page.locator("summary", has_text=week.say("Stand-ins")).click()
    tick(page.locator("form[action$='/stand-ins'] label", has_text="孙立春").locator("input"))
    week.shot("deputy", "2-stand-ins")
    page.get_by_role("button", name=week.say("Save the stand-ins")).click()
    expect(page.locator("#people")).to_contain_text("孙立春")


def a_volunteer_cannot_come_and_a_stand_in_says_yes(week: Week) -> None:
    page = week.at("helper", "/me")
    page.get_by_role("link", name=week.say("My visits"), exact=True).first.click()
    week.shot("helper", "3-my-visits")
    page.locator("a[href^='/me/visits/']").first.click()
    expect(page.locator("main")).to_contain_text("3幢201室")
    cannot(week, page, "4-my-visit")
    expect(page.locator("main")).not_to_contain_text(week.say("You go"))

    page = week.at("ready", "/me/visits")
    page.locator("a[href^='/me/visits/']").first.click()
    expect(page.locator("main")).not_to_contain_text("3幢201室")
    week.shot("ready", "5-could-you")
    page.get_by_role("button", name=week.say("Yes, I go")).click()
    expect(page.locator("main")).to_contain_text(week.say("You go"))
    expect(week.at("resident", f"/o/{SECRET}").locator("main")).to_contain_text("孙师傅")


def nobody_can_step_in_and_the_team_gives_it_back(week: Week) -> None:
    page = week.at("ready", f"/me/visits/{week.number}")
    cannot(week, page, "6-cannot-either")
    page = week.at("deputy", f"/me/visits/{week.number}")  # nobody else is left to ask
    page.get_by_role("button", name=week.say("No, not this time")).click()
    page = week.at("deputy", f"/inbox/visits/{week.number}")
    page.locator("summary", has_text=week.say("We cannot come after all")).click()
    form = page.locator("form[action$='/release']")
    tick(form.locator("input[name=why]").nth(0))
    week.shot("deputy", "7-give-back")
    form.get_by_role("button", name=week.say("Give it back")).click()
    page.wait_for_url(re.compile("/inbox$"))


def the_desk_sees_it_first_and_another_team_takes_it_on(week: Week) -> None:
    page = week.at("dispatcher", "/board")
    expect(page.locator("#rows li").first).to_contain_text(week.say("Nobody of us is free any more"))
    week.shot("dispatcher", "8-board")
    week.dispatch("鲈乡邻里服务队")
    week.appoint(week.accept("other"), "郑小满")
    resident = week.at("resident", f"/o/{SECRET}")
    expect(resident.locator("main")).to_contain_text("鲈乡邻里服务队")
    week.shot("resident", "9-another-team")


def cannot(week: Week, page: Page, shot: str) -> None:
    """One clear button, a reason by tap, and that is all."""
    page.locator("summary", has_text=week.say("I cannot come")).click()
    tick(page.locator("input[name=why][value=unwell]"))
    week.shot(next(who for who, person in week.people.items() if person.page is page), shot)
    page.locator("form[action$='/cannot']").get_by_role("button", name=week.say("Yes, I cannot come")).click()
    page.wait_for_url(re.compile("/me/visits$"))


STEPS = (
    the_leader_is_ill_and_the_deputy_takes_over,
    a_volunteer_cannot_come_and_a_stand_in_says_yes,
    nobody_can_step_in_and_the_team_gives_it_back,
    the_desk_sees_it_first_and_another_team_takes_it_on,
)


def test_a_bad_week_is_lived_through(browser: Browser, county_free_server: Server) -> None:
    week = Week(browser, county_free_server)
    for step in STEPS:
        step(week)
