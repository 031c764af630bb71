"""Pages of exchange: two people for a rate and a secret, a person who links an account and moves points."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support import builders as make
from tests.support.exchanging import agreed, somebody
from tests.support.visiting import send, signed_in
from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.kernel.clock import now
from volunteer.rewards.partners import linking
from volunteer.rewards.partners.models import Exchange, Partner, PartnerAccount, PartnerCall, PartnerChange, PartnerRate
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction

FORM = {
    "name": "惠民银行·试",
    "code": "bank",
    "address": "https://bank.example/points",
    "person_daily": "500",
    "total_daily": "5000",
    "gives": "yes",
    "takes": "yes",
}


class Place:
    """A centre with two who manage, an auditor of nothing, and a resident with points."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context(), transaction() as session:
            partner, self.secret, first, second = agreed(session)
            self.partner, self.site = partner.id, partner.site_id
            who = somebody(session, partner)
            session.add(RoleGrant(person_id=who.user_id, role=Role.RESIDENT, site_id=partner.site_id, since=make.LONG_AGO))
            ids = [first.user_id, second.user_id, who.user_id]
        self.first, self.second, self.resident = (signed_in(app, number or 0) for number in ids)

    def rows(self, kind):
        with self.app.app_context(), transaction() as session:
            found = list(session.scalars(select(kind).order_by(kind.id)))
            session.expunge_all()
            return found


@pytest.fixture
def place(app: Flask) -> Place:
    return Place(app)


def change_id(place: Place) -> int:
    return place.rows(PartnerChange)[-1].id


def test_a_platform_is_written_down_and_waits_for_two(place):
    answer = send(place.first, "/manage/partners", FORM | {"once": once()}, follow_redirects=True)
    assert answer.status_code == 200
    made = place.rows(Partner)[-1]
    assert (made.code, made.active) == ("bank", False)
    refused = send(place.first, f"/manage/partners/{made.id}/active", {"active": "yes"}, follow_redirects=True)
    assert "先" in refused.get_data(as_text=True) or "first" in refused.get_data(as_text=True)
    assert not place.rows(Partner)[-1].active


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "http://bank.example"},
        {"address": "https://u:p@bank.example"},
        {"code": "Bank!"},
        {"name": " "},
        {"person_daily": "x"},
        {"person_daily": "6000"},
    ],
)
def test_a_wrong_field_has_its_words_beside_it(place, wrong):
    answer = send(place.first, "/manage/partners", FORM | {"once": once()} | wrong)
    assert answer.status_code == 422
    assert "field-wrong" in answer.get_data(as_text=True)


def test_nobody_agrees_to_their_own_rate_and_a_colleague_does_once(place):
    send(
        place.first,
        f"/manage/partners/{place.partner}/rate",
        {"once": once(), "ours": "20", "theirs": "1", "first": "2030-01-01"},
    )
    change = change_id(place)
    send(place.first, f"/manage/partners/changes/{change}", {"answer": "yes"})
    assert len(place.rows(PartnerRate)) == 1
    send(place.second, f"/manage/partners/changes/{change}", {"answer": "yes"})
    send(place.second, f"/manage/partners/changes/{change}", {"answer": "yes"})
    assert [rate.ours for rate in place.rows(PartnerRate)] == [10, 20]


def test_a_new_secret_is_shown_to_the_second_person_once(place):
    send(place.first, f"/manage/partners/{place.partner}/secret")
    shown = send(place.second, f"/manage/partners/changes/{change_id(place)}", {"answer": "yes"})
    secret = re.search(r"whsec_[A-Za-z0-9+/=]{44}", shown.get_data(as_text=True))
    assert secret
    assert shown.headers["Cache-Control"] == "no-store"
    again = send(place.second, f"/manage/partners/changes/{change_id(place)}", {"answer": "yes"}, follow_redirects=True)
    for page in (again, place.first.get(f"/manage/partners/{place.partner}")):
        assert "whsec_" not in page.get_data(as_text=True)


def test_somebody_links_an_account_and_moves_points_once(place):
    with place.app.app_context(), transaction() as session:
        link = session.scalars(select(PartnerAccount)).one()
        who = make.an_actor(link.person, (Role.RESIDENT, session.get_one(Partner, place.partner).site))
        linking.end_link(session, who, link.id, at=now())
    form = {"once": once(), "account": "6222020000001234", "agree": "yes"}
    assert send(place.resident, f"/points/exchange/{place.partner}/link", {**form, "agree": ""}).status_code == 422
    assert send(place.resident, f"/points/exchange/{place.partner}/link", form).status_code == 303
    page = place.resident.get("/points/exchange").get_data(as_text=True)
    assert "****1234" in page
    assert "6222020000001234" not in page
    link = place.rows(PartnerAccount)[-1]
    with place.app.app_context(), transaction() as session:
        linking.verified(session, session.get_one(PartnerAccount, link.id), True, at=now())
    sent = {"once": once(), "link": str(link.id), "points": "100"}
    for _ in range(2):
        assert send(place.resident, "/points/exchange/send", sent).status_code == 303
    assert len(place.rows(Exchange)) == 1
    odd = send(place.resident, "/points/exchange/send", {"once": once(), "link": str(link.id), "points": "105"})
    assert odd.status_code == 422
    exchange = place.rows(Exchange)[0]
    assert send(place.resident, f"/points/exchange/{exchange.id}/back").status_code == 303
    assert place.rows(Exchange)[0].status == "returned"


def test_what_is_somebody_elses_is_not_there(place):
    with place.app.app_context(), transaction() as session:
        link = session.scalars(select(PartnerAccount)).one()
        other = make.a_person(session, "外人")
        elsewhere = make.a_site(session)
        session.add(RoleGrant(person_id=other.id, role=Role.RESIDENT, site_id=elsewhere.id, since=make.LONG_AGO))
        admin = make.staff(session, Role.SITE_ADMIN, elsewhere)
        other_id, link_id, admin_id = other.id, link.id, admin.user_id or 0
    stranger, abroad = signed_in(place.app, other_id), signed_in(place.app, admin_id)
    assert send(stranger, "/points/exchange/send", {"once": once(), "link": str(link_id), "points": "100"}).status_code == 404
    assert send(stranger, f"/points/exchange/links/{link_id}/end").status_code == 404
    form = {"once": once(), "account": "6222020000001234", "agree": "yes"}
    assert send(stranger, f"/points/exchange/{place.partner}/link", form).status_code == 404
    assert abroad.get(f"/manage/partners/{place.partner}").status_code == 404
    assert send(abroad, f"/manage/partners/{place.partner}/secret").status_code == 404


def test_no_account_number_waits_in_a_call(place):
    assert all("account" not in call.data for call in place.rows(PartnerCall))
