"""The four steps in a browser, one method a step; who does it how is said when the story begins."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.support.hands import Hands
from tests.support.servers import Server
from tests.support.story import PHONE, Somebody, Told, an_hour_passes, somebody
from volunteer.kernel.clock import SHANGHAI, now


class Story:
    """The whole story, step by step; who does it how is said when it begins."""

    def __init__(self, browser: Browser, server: Server, language: str, hands: Hands, name: str) -> None:
        self.browser, self.server, self.hands, self.name = browser, server, hands, name
        self.say = Told(language)

    def person(self, who: str, size: dict[str, int] = PHONE) -> Somebody:
        return somebody(self.browser, self.server, who, self.name, self.say.language, size)

    def order(self, resident: Somebody) -> tuple[str, str]:
        """Order from the first page; return number and code as the answer page shows them."""
        page, hands, say = resident.go("/"), self.hands, self.say
        resident.shot("1-home")
        hands.press(page.get_by_role("link", name="水电维修" if say.language == "zh" else "Repairs"))
        hands.press(page.locator("a[href*='item=']").first)
        self.fill_in(resident)
        return self.read_number(resident)

    def fill_in(self, who: Somebody) -> None:
        page, hands, say = who.page, self.hands, self.say
        hands.tick(page.locator("input[name='answers.ladder'][value=yes]"))
        hands.write(page.locator("textarea[name=words]"), "厨房的灯一闪一闪")
        who.shot("2-what")
        forward = page.get_by_role("button", name="下一步" if say.language == "zh" else "Next", exact=True)
        hands.press(forward)
        hands.choose(page.locator("select[name=site]"), "鲈乡二村" if say.language == "zh" else "Luxiang Second Village")
        hands.write(page.locator("input[name=address]"), "3幢201室")
        who.shot("3-where")
        hands.press(forward)
        hands.tick(page.locator("input[name=when][value=flexible]"))
        who.shot("4-when")
        hands.press(forward)
        hands.write(page.locator("input[name=name]"), "李奶奶")
        hands.write(page.locator("input[name=phone]"), "13800001111")
        hands.tick(page.locator("input[name=consent]"))
        who.shot("5-who")
        hands.press(page.get_by_role("button", name=say("Send the request")))

    def read_number(self, who: Somebody) -> tuple[str, str]:
        number = who.page.locator(".digits").nth(0)
        expect(number).to_be_visible()
        who.shot("6-number-and-code")
        words = [re.sub(r"[^\d-]", "", who.page.locator(".digits").nth(index).inner_text()) for index in (0, 1)]
        return words[0], words[1]

    def dispatch(self, dispatcher: Somebody, number: str, *, verify: bool = True) -> None:
        page, hands, say = dispatcher.go(f"/board/orders/{number}"), self.hands, self.say
        if verify:
            hands.press(page.get_by_role("button", name=say("Mark as verified")))
            expect(page.get_by_role("button", name=say("Mark as verified"))).to_have_count(0)
            page.goto(f"{self.server.url}/board/orders/{number}")
        expect(page.locator(".candidate").first).to_contain_text("松陵电工" if say.language == "zh" else "Songling")
        dispatcher.shot("7-board")
        hands.press(page.locator("button[data-key=d]"))
        expect(page.locator(".asked-open")).to_be_visible()

    def serve(self, leader: Somebody, resident: Somebody, start_code_page: str) -> None:
        page, hands, say = leader.go("/inbox"), self.hands, self.say
        leader.shot("8-inbox")
        hands.press(page.get_by_role("button", name=say("Accept"), exact=True))
        page.wait_for_url(re.compile("/inbox/visits/"))
        expect(page.locator("main")).to_contain_text("3幢201室")
        for member in page.locator("form[action$='/members'] input[name=members]").all():
            hands.tick(member)
        soon = now().astimezone(SHANGHAI)
        hands.write(page.locator("input[name=begins]").first, f"{soon:%Y-%m-%dT%H:%M}")
        leader.shot("9-members")
        hands.press(page.get_by_role("button", name=say("Settle it and tell the resident")).first)
        hands.press(page.get_by_role("button", name=say("Set out")))
        expect(page.locator("input[name=code]")).to_be_visible()
        follows = resident.go(start_code_page)
        expect(follows.locator(".digits").first).to_be_visible()
        code = re.sub(r"\D", "", follows.locator(".digits").first.inner_text())
        resident.shot("10-on-the-way")
        assert len(code) == 4
        hands.write(page.locator("input[name=code]"), code)
        leader.shot("11-arrive")
        hands.press(page.get_by_role("button", name=say("I have arrived")))
        expect(page.get_by_role("button", name=say("We are done"))).to_be_visible()
        an_hour_passes(self.server.database)
        hands.write(page.locator("form[action$='/leave'] input[name=code]"), code)
        leader.shot("12-at-work")
        hands.press(page.get_by_role("button", name=say("We are done")))
        hands.write(page.locator("textarea[name=words]"), "换好了厨房的灯管，试过都亮。")
        leader.shot("13-record")
        hands.press(page.get_by_role("button", name=say("Save the record")))
        expect(page.locator("main")).to_contain_text(say("All done. The hours are in everybody's account."))
        leader.shot("14-done")

    def rate(self, resident: Somebody, path: str) -> None:
        page, hands, say = resident.go(path), self.hands, self.say
        hands.tick(page.locator("input[name=stars][value='5']"))
        resident.shot("15-rate")
        hands.press(page.get_by_role("button", name=say("Send the rating")))
        expect(page.locator("input[name=stars]")).to_have_count(0)
        resident.shot("16-closed")

    def certificate(self, volunteer: Somebody) -> str:
        page, hands, say = volunteer.go("/me"), self.hands, self.say
        expect(page.locator("main")).to_contain_text("1 小时" if say.language == "zh" else "1 h")
        volunteer.shot("17-my-hours")
        page.goto(self.server.url + "/me/certificate")
        hands.press(page.get_by_role("button", name=say("Issue the certificate")))
        link = page.locator("a[href$='.pdf']").first
        expect(link).to_be_visible()
        volunteer.shot("18-certificate")
        address = link.get_attribute("href") or ""
        answer = page.request.get(self.server.url + address)
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.body().startswith(b"%PDF")
        return address.removesuffix(".pdf").rsplit("/", 1)[1]

    def check(self, stranger: Somebody, number: str) -> None:
        page = stranger.go(f"/verify/{number}")
        expect(page.locator(".verdict-ok")).to_be_visible()
        expect(page.locator("main")).not_to_contain_text("440524188001010014")
        stranger.shot("19-verified")
