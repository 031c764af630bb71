"""A volunteer and a shop read their own account as of any minute, and take it along; nobody reads another's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests.flows.test_certificates import serve
from tests.support import builders as make
from tests.support.gifts import a_merchant, at_the_till
from tests.support.settling import IN_FEBRUARY, a_counter, hand_over
from tests.support.visiting import send, signed_in
from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.kernel import handing_out
from volunteer.kernel.clock import SHANGHAI
from volunteer.ledger import book, statements
from volunteer.web.unit import transaction


def minute(at) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


class Place:
    """A volunteer with two entries of which the first was taken back, and a shop that was owed for two gifts."""

    def __init__(self, app: Flask) -> None:
        with app.app_context(), transaction() as session:
            counter = a_counter(session)
            for hours in (0, 2):
                hand_over(session, counter.street, IN_FEBRUARY + timedelta(hours=hours))
            self.shop = f"/merchant/{counter.shop}/account"
            station = counter.street.station
            who = make.a_volunteer(session, station, "陈晓禾")
            session.add(RoleGrant(person_id=who.id, role=Role.VOLUNTEER, site_id=station.id, since=make.LONG_AGO))
            serve(session, who, station, 90)
            book.reverse(session, serve(session, who, station, 60), note="=1+1", at=make.NOON + timedelta(hours=1))
            other = at_the_till(session, a_merchant(session, counter.street.branch, "别家"), "外人")
            resident = make.a_person(session, "居民")
            session.add(RoleGrant(person_id=resident.id, role=Role.RESIDENT, site_id=station.id, since=make.LONG_AGO))
            ids = [who.id, counter.till.user_id or 0, other.user_id or 0, resident.id]
        self.volunteer, self.till, self.other, self.resident = (signed_in(app, one) for one in ids)


@pytest.fixture
def place(app: Flask) -> Place:
    return Place(app)


def balance(page: str) -> str:
    return page.split("当时余额")[1].split("<dd")[1].split(">", 1)[1].split("</dd>")[0].strip()


def test_hours_stand_as_they_were_at_the_minute_that_is_asked_for(place):
    def at(moment) -> str:
        return balance(place.volunteer.get(f"/me/statement?until={minute(moment)}").text)

    assert at(make.NOON - timedelta(minutes=1)) == "0"
    assert at(make.NOON) == "2 小时 30 分"
    assert at(make.NOON + timedelta(hours=1)) == "1 小时 30 分"
    assert balance(place.volunteer.get("/me/statement").text) == "1 小时 30 分"


def test_the_file_says_the_same_and_holds_no_formula(place):
    asked = {"until": minute(make.NOON + timedelta(hours=1)), "unit": "minutes"}
    answer = send(place.volunteer, "/me/statement.csv", asked)
    assert answer.status_code == 200
    lines = answer.get_data(as_text=True).strip().splitlines()
    assert len(lines) == 4
    assert ",90," in lines[1]  # the newest first, with the balance behind it
    assert "'=1+1" in lines[1]
    assert len(send(place.volunteer, "/me/statement.csv", asked | {"until": minute(make.NOON)}).text.strip().splitlines()) == 3


def test_a_shop_reads_what_it_was_owed_and_no_other_shop_does(place):
    first = IN_FEBRUARY + timedelta(minutes=5)
    assert balance(place.till.get(f"{place.shop}?until={minute(first)}").text) == "40"
    assert balance(place.till.get(place.shop).text) == "80"
    taken = send(place.till, f"{place.shop}.csv", {"until": minute(first)})
    assert len(taken.get_data(as_text=True).strip().splitlines()) == 2
    assert place.other.get(place.shop).status_code == 404
    assert send(place.other, f"{place.shop}.csv", {"until": minute(first)}).status_code == 404


def test_what_is_no_moment_is_said_beside_the_field_and_a_resident_has_points_only(place):
    assert place.volunteer.get("/me/statement?until=gestern").status_code == 422
    assert send(place.volunteer, "/me/statement.csv", {"until": "x"}).status_code == 422
    assert place.volunteer.get("/me/statement?unit=x").status_code == 404
    assert place.resident.get("/me/statement").status_code == 200
    assert place.resident.get("/me/statement?unit=minutes").status_code == 404


def test_a_file_is_whole_however_many_lines_there_are(place, monkeypatch):
    asked = {"until": minute(make.NOON + timedelta(hours=1)), "unit": "minutes"}
    before = send(place.volunteer, "/me/statement.csv", asked)
    for module, name in ((statements, "AT_ONCE"), (statements, "SIZE"), (handing_out, "IN_MEMORY")):
        monkeypatch.setattr(module, name, 1)
    again = send(place.volunteer, "/me/statement.csv", asked)
    assert again.data == before.data
    assert again.headers["Content-Length"] == str(len(again.data))
    assert again.text.count("\r\n") == 4
