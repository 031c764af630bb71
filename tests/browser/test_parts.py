"""Orders on other ways: one in two parts that are rated together, one that a neighbour joins and another county takes. At 360 px."""

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
from tests.support.story import DESK, PHONE, Told, give_login, log_in, somebody
from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.attendance.evidence import Proof
from volunteer.kernel.clock import now
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.orders import accepting, serving
from volunteer.orders.counties.neighbours import NeighbourDraft, add_neighbour
from volunteer.orders.lifecycle import Action, Status
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
        part.advance(Action.OFFER, leader, now())
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


def test_a_neighbour_joins_and_the_resident_is_asked_about_another_county(browser: Browser, county_free_server: Server) -> None:
    say, story = Told("zh"), Parts(county_free_server)
    with Session(county_free_server.database.engine, info={"keyring": story.keyring}) as session, write(session):
        order = session.scalars(select(ServiceOrder).where(ServiceOrder.number == story.number)).one()
        order.latitude, order.longitude = order.site.latitude + 0.0005, order.site.longitude
        centre, there = order.site.parent.parent, builders.a_site(session, name="湖东县", name_en="Hudong")
        for site, role in ((centre, Role.COUNTY_IT), (there, Role.DISPATCHER), (centre, Role.DISPATCHER)):
            person = builders.a_person(session, "邻试")
            give_login(session, person, f"{role}-{site.id}")
            session.add(RoleGrant(person_id=person.id, role=role, site_id=site.id, since=builders.LONG_AGO))
        manager = builders.an_actor(None, (Role.COUNTY_IT, centre))
        draft = NeighbourDraft(
            neighbour_id=there.id, contact="湖东派单台", phone="0512-00000000", agreement="互助", since=now().date()
        )
        add_neighbour(session, manager, centre.id, draft, at=now())
        item, station, boss_login, theirs = order.item.code, order.site_id, f"dispatcher-{centre.id}", f"dispatcher-{there.id}"

    visitor = somebody(browser, county_free_server, "visitor", "joining", "zh", PHONE)
    page = visitor.go(f"/order/new?item={item}")
    given = {
        "site": str(station), "point.latitude": "31.1606", "point.longitude": "120.6401", "point.datum": "wgs84", "address": "5幢",
        "name": "周试", "phone": "13800000009", "words": "楼道灯不亮",
    }  # fmt: skip
    page.evaluate(
        """given => {
          const form = document.querySelector('form[data-wizard]');
          for (const [name, value] of Object.entries(given)) form.elements[name].value = value;
          form.querySelector('input[name=when][value=soon]').checked = true;
          form.elements.consent.checked = true;
          form.submit();
        }""",
        given,
    )
    expect(page.get_by_role("heading", level=1)).to_have_text(say("Is it this one?"))
    narrow(page)
    visitor.shot("asked")
    page.get_by_role("button", name=say("Yes, that is it: join")).click()
    page.wait_for_url(re.compile(r"/j/"))
    narrow(page)
    visitor.shot("joined")

    boss = somebody(browser, county_free_server, "boss", "neighbours", "zh", DESK)
    log_in(boss, boss_login)
    page = boss.go(f"/board/orders/{story.number}")
    expect(page.locator("[data-order]")).to_contain_text("2 户")
    page.get_by_text(say("Hand over to a neighbour county…")).click()
    page.locator("#f-over").fill("这几天没有电工")
    boss.shot("proposing")
    page.get_by_role("button", name=say("Ask the resident")).click()
    expect(page.get_by_text(say("The resident is asked whether they agree."))).to_be_visible()
    boss.shot("proposed")

    resident = somebody(browser, county_free_server, "resident", "neighbours", "zh", PHONE)
    page = resident.go(f"/o/{SECRET}")
    narrow(page)
    resident.shot("asked")
    page.get_by_role("button", name=say("Yes, I agree"), exact=True).click()
    expect(page.get_by_text(say("Thank you. We ask the neighbour county now."))).to_be_visible()

    other = somebody(browser, county_free_server, "neighbour", "neighbours", "zh", PHONE)
    log_in(other, theirs)
    page = other.go("/board/hand-overs")
    narrow(page)
    other.shot("waiting")
    page.get_by_role("button", name=say("We take it")).click()
    page.wait_for_url(re.compile(r"/board/orders/"))
    expect(page.locator("[data-order]")).to_contain_text(story.number)
