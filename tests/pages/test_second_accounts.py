"""A second account of one human being sees no button that would refuse, and reads why; a colleague sees it."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.settling import FEBRUARY, IN_FEBRUARY, a_counter, hand_over
from tests.support.visiting import signed_in
from volunteer.access import Actor, Role
from volunteer.accounts.humans import accounts_of, same_person
from volunteer.accounts.models import Person
from volunteer.kernel.clock import now
from volunteer.ledger import rotating
from volunteer.ledger.models_keys import Purpose
from volunteer.places.models import Site
from volunteer.rewards.merchants import refunding
from volunteer.rewards.merchants.refunding import RefundDraft
from volunteer.rewards.settling import deciding, preparing


def again(session: Session, role: Role, site: Site, whose: Actor) -> Actor:
    """Another account over ``site`` of the person behind ``whose``: it has the same telephone."""
    other = make.staff(session, role, site, "另一个")
    session.get_one(Person, other.user_id).phone_index = session.get_one(Person, whose.user_id).phone_index
    session.flush()  # the rule asks the database
    return other


class Place:
    """A month at a shop, with what waits for a second person; a second account of whoever asked, of the clerk, and a colleague."""

    def __init__(self, app: Flask) -> None:
        from volunteer.web.unit import transaction

        with app.app_context(), transaction() as session:
            counter = a_counter(session)
            given = hand_over(session, counter.street, IN_FEBRUARY)
            centre, first, till = counter.street.centre, counter.first, counter.till
            made = preparing.prepare(session, first, counter.shop, FEBRUARY, at=now())
            deciding.accept(session, till, made.id, made.digest, at=now())
            deciding.approve(session, first, made.id, made.digest, at=now())
            preparing.propose_worth(session, first, centre.id, 10, 90, date(2040, 1, 1), at=now())
            given.collected_at = now()
            refunding.ask(session, till, given.id, RefundDraft("bad"), at=now())
            second_of_first, clerk = again(session, Role.DIRECTOR, centre, first), again(session, Role.SITE_ADMIN, centre, till)
            it = make.staff(session, Role.COUNTY_IT, centre, "机房")
            rotating.ask(session, it, Purpose.LEDGER, "一年一换", at=now())
            second_it = again(session, Role.COUNTY_IT, centre, it)
            auditor = make.staff(session, Role.AUDITOR, centre, "审计")
            self.statement = f"/manage/settlements/{made.id}"
            for mine in (first, till, it, counter.second):
                everybody = [one for one in range(1, (auditor.user_id or 0) + 1) if same_person(session, mine.user_id, one)]
                assert accounts_of(session, mine.user_id) == set(everybody)
        people = (second_of_first, clerk, counter.second, second_it, auditor)
        self.first, self.clerk, self.colleague, self.it, self.auditor = (signed_in(app, one.user_id or 0) for one in people)


@pytest.fixture
def place(app: Flask) -> Place:
    return Place(app)


def test_a_second_account_approves_no_statement_and_agrees_to_no_worth_of_its_own(place):
    page = place.first.get(place.statement).text
    assert f"{place.statement}/approve" not in page
    assert "您已经同意过，还" in page
    page = place.first.get("/manage/settlements").text
    assert 'name="answer" value="yes"' not in page
    assert f"{place.statement}/approve" in place.colleague.get(place.statement).text
    assert 'name="answer" value="yes"' in place.colleague.get("/manage/settlements").text


def test_a_clerks_account_at_the_site_decides_nothing_about_the_shop(place):
    page = place.clerk.get("/manage/merchants/refunds").text
    assert "/yes" not in page
    assert "要由同事同意" in page
    assert "/yes" in place.colleague.get("/manage/merchants/refunds").text
    assert f"{place.statement}/approve" not in place.clerk.get(place.statement).text


def test_a_second_account_changes_no_key_that_the_first_one_asked_for(place):
    page = place.it.get("/manage/keys").text
    assert "/manage/keys/1/yes" not in page
    assert "/manage/keys/1/yes" in place.auditor.get("/manage/keys").text
