"""One order in two parts: split on the board, two teams serve, the resident sees one page at 360 px and rates both in one go."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders
from tests.support.bad_week import SECRET, found
from tests.support.servers import Server
from tests.support.settings import settings_for
from tests.support.story import DESK, PHONE, Told, log_in, somebody
from volunteer.attendance.evidence import Proof
from volunteer.kernel.clock import now
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.orders import accepting, dispatching, serving
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Site
from volunteer.teams.models import Membership, Team

pytestmark = pytest.mark.browser
MINUTE = timedelta(minutes=1)


class Parts:
    """The order and its two teams, who act through the verbs: their own pages are other stories."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.keyring = Keyring.open(settings_for("").keys_file, create=True)
        self.number = found(server.database)
        with Session(server.database.engine, info={"keyring": self.keyring}) as session, write(session):
            centre = session.scalars(select(Site).where(Site.parent_id.is_(None))).one()
            builders.an_item(session, centre, name="搬抬重物", name_en="Move heavy things", skills=())

    def every_team(self, *acts: str) -> None:
        """Let one team after the other do something with its part."""
        with Session(self.server.database.engine, info={"keyring": self.keyring}) as session, write(session):
            whole = session.scalars(select(ServiceOrder).where(ServiceOrder.number == self.number)).one()
            teams = session.scalars(select(Team).order_by(Team.id)).all()
            for part, team in zip(whole.parts, teams, strict=True):
                leader = builders.leader_of(session, team)
                for act in acts:
                    getattr(self, act)(session, part, team, leader)

    def go(self, session, part, team, leader) -> None:
        offer = builders.an_offer(session, part, team, made_at=now(), expires_at=now() + 60 * MINUTE)
        part.advance(dispatching.Action.OFFER, leader, now())
        accepting.accept_offer(session, leader, offer.id, at=now())
        begins = now() + MINUTE
        mate = session.scalars(
            select(Membership.volunteer_id).where(Membership.team_id == team.id).order_by(Membership.id)
        ).all()[-1]
        accepting.choose_members(session, leader, part.id, [mate], begins, at=now(), agreed=True, members_agreed=True)
        serving.set_out(session, leader, part.id, at=now())

    def serve(self, session, part, team, leader) -> None:
        serving.check_in(session, leader, part.id, Proof(code=part.start_code), at=now())
        serving.check_out(session, leader, part.id, Proof(code=part.start_code), at=now())


def narrow(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_two_teams_do_their_parts_and_the_resident_rates_them_together(browser: Browser, county_free_server: Server) -> None:
    say, story = Told("zh"), Parts(county_free_server)
    boss = somebody(browser, county_free_server, "dispatcher", "parts", "zh", DESK)
    log_in(boss, "dispatcher")
    page = boss.go(f"/board/orders/{story.number}")
    page.get_by_role("link", name=say("Split into parts…")).click()
    page.locator("select[name=item-2]").select_option(label="搬抬重物")
    page.locator("textarea[name=words-2]").fill("衣柜从一楼搬到三楼")
    boss.shot("split")
    page.get_by_role("button", name=say("Split it")).click()
    page.wait_for_url(re.compile(r"/board/orders/[\d-]+$"))
    expect(page.locator("[data-order]")).to_contain_text("2 项里做完了 0 项")
    boss.shot("whole")

    resident = somebody(browser, county_free_server, "resident", "parts", "zh", PHONE)
    page = resident.go(f"/o/{SECRET}")
    expect(page.locator("#parts h3")).to_have_count(2)
    narrow(page)
    story.every_team("go")
    page = resident.go(f"/o/{SECRET}")
    expect(page.get_by_text(say("Start code only for this part"))).to_have_count(2)
    narrow(page)
    resident.shot("codes")
    page.locator("#parts a", has_text=say("More about this part")).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("搬抬重物")
    narrow(page)
    resident.shot("one-part")

    story.every_team("serve")
    page = resident.go(f"/o/{SECRET}")
    page.get_by_role("button", name=say("Send the ratings")).click()
    expect(page.get_by_role("alert")).to_be_visible()  # nothing was chosen yet
    for number, stars in ((1, 5), (2, 4)):
        page.locator(f"input[name=stars-{number}][value='{stars}']").locator("xpath=ancestor::label[1]").click()
    narrow(page)
    resident.shot("rating")
    page.get_by_role("button", name=say("Send the ratings")).click()
    expect(page.get_by_text(say("Thank you for your rating."))).to_be_visible()
    with Session(county_free_server.database.engine) as session:
        rows = session.scalars(select(ServiceOrder).order_by(ServiceOrder.id)).all()
        assert {row.status for row in rows} == {Status.CLOSED}
        assert [row.rating.stars for row in rows if row.rating] == [5, 4]
