"""A bad week, played in browsers: each step is one thing that goes wrong, and how people go on. Teams use phones of 360 px."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.away import a_photo, controlled, write_in
from tests.support.bad_week import SECRET, found
from tests.support.hands import tick
from tests.support.servers import Server
from tests.support.story import DESK, PHONE, Somebody, Told, an_hour_passes, log_in, somebody
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
            size = DESK if who in {"dispatcher", "second", "admin"} else PHONE
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


def a_photo_is_sent_from_a_cellar_without_signal(week: Week, folder: Path) -> None:
    neighbour = somebody(week.browser, week.server, "neighbour", "bad-week", "zh", PHONE)
    page = controlled(neighbour)
    page.context.set_offline(True)
    write_in(page, a_photo(folder))
    page.get_by_role("button", name=week.say("Send the request")).click()
    page.wait_for_url(re.compile("/offline"))
    neighbour.shot("10-no-signal")
    page.context.set_offline(False)
    expect(page.locator("[data-waiting]")).to_contain_text("已送出")


def the_service_goes_badly_and_the_rating_is_low(week: Week) -> None:
    page = week.at("other", f"/inbox/visits/{week.number}")
    page.get_by_role("button", name=week.say("Set out")).click()
    expect(page.locator("input[name=code]")).to_be_visible()
    code = re.sub(r"\D", "", week.at("resident", f"/o/{SECRET}").locator(".digits").first.inner_text())
    page.locator("input[name=code]").fill(code)
    page.get_by_role("button", name=week.say("I have arrived")).click()
    expect(page.get_by_role("button", name=week.say("We are done"))).to_be_visible()
    an_hour_passes(week.server.database)
    page.locator("form[action$='/leave'] input[name=code]").fill(code)
    page.get_by_role("button", name=week.say("We are done")).click()
    page.locator("textarea[name=words]").fill("换过灯管，还在闪，要换镇流器。")
    page.get_by_role("button", name=week.say("Save the record")).click()
    expect(page.locator("main")).to_contain_text(week.say("All done. The hours are in everybody's account."))

    page = week.at("resident", f"/o/{SECRET}")
    tick(page.locator("input[name=stars][value='1']"))
    page.locator("textarea[name=words]").last.fill("灯还在闪")
    week.shot("resident", "11-rates-low")
    page.get_by_role("button", name=week.say("Send the rating")).click()
    expect(page.locator("input[name=stars]")).to_have_count(0)


def the_centre_calls_back_before_the_rating_shows(week: Week) -> None:
    page = week.at("dispatcher", "/cases")
    page.locator("a.item-title[href^='/cases/']").first.click()
    expect(page.locator("main")).to_contain_text("灯还在闪")
    week.shot("dispatcher", "12-follow-up")


def it_was_not_solved_and_the_same_order_opens_again(week: Week) -> None:
    page = week.at("resident", f"/o/{SECRET}")
    form = page.locator("form[action$='/reopen']")
    form.locator("input[name=words]").fill("灯又闪了")
    week.shot("resident", "13-not-solved")
    form.locator("button[type=submit]").click()
    expect(week.at("dispatcher", "/board").locator(f"#rows a[href*='{week.number}']").first).to_be_visible()


def a_colleague_leaves_and_her_work_goes_on(week: Week) -> None:
    week.at("dispatcher", f"/board/orders/{week.number}")  # it is in her hands
    page = week.at("admin", "/manage/people?q=zhaolan")
    page.locator("#rows a").first.click()
    page.get_by_role("link", name=week.say("Hand over and end")).click()
    for choice in page.locator("select[name^='to.']").all():
        choice.select_option(label="钱澜")
    week.shot("admin", "14-hand-over")
    page.get_by_role("button", name=week.say("Hand over and end the roles")).click()
    expect(page.get_by_text(week.say("No role any more"))).to_be_visible()
    assert "/login" in week.at("dispatcher", "/board").url


def a_station_is_closed_and_its_neighbour_takes_over(week: Week) -> None:
    page = week.at("admin", "/manage/sites?q=鲈乡二村")
    page.locator("a[href^='/manage/sites/']", has_text="鲈乡二村").first.click()
    page.locator("a[href$='/close']").click()
    heir = page.locator("select[name=heir] option", has_text="梅石社区").first
    page.locator("select[name=heir]").select_option(heir.get_attribute("value"))
    week.shot("admin", "15-close")
    page.locator("form[action$='/close'] button[type=submit]").last.click()
    expect(week.at("second", f"/board/orders/{week.number}").locator("main")).to_contain_text("梅石社区")
    week.shot("second", "16-goes-on")


STEPS = (
    the_leader_is_ill_and_the_deputy_takes_over,
    a_volunteer_cannot_come_and_a_stand_in_says_yes,
    nobody_can_step_in_and_the_team_gives_it_back,
    the_desk_sees_it_first_and_another_team_takes_it_on,
    the_service_goes_badly_and_the_rating_is_low,
    the_centre_calls_back_before_the_rating_shows,
    it_was_not_solved_and_the_same_order_opens_again,
    a_colleague_leaves_and_her_work_goes_on,
    a_station_is_closed_and_its_neighbour_takes_over,
)


def test_a_bad_week_is_lived_through(browser: Browser, county_free_server: Server, tmp_path: Path) -> None:
    week = Week(browser, county_free_server)
    a_photo_is_sent_from_a_cellar_without_signal(week, tmp_path)
    for step in STEPS:
        step(week)
