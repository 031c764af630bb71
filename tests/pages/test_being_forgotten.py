"""The page on which somebody has their own data destroyed."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from flask import Flask

from tests.support import builders as make
from tests.support.visiting import PASSWORD, register, send, signed_in
from volunteer.access import Role
from volunteer.accounts.models import Person
from volunteer.administration import forgetting
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Site
from volunteer.web.unit import transaction

PATH = "/me/data/forget"


def test_a_resident_is_forgotten_after_a_tick_and_logged_out(app: Flask) -> None:
    me = register(app, "zhou", Role.RESIDENT)
    browser, elsewhere = signed_in(app, me), signed_in(app, me)
    assert send(browser, PATH).status_code == 422
    assert send(browser, PATH, {"sure": "1"}).status_code == 422
    assert send(browser, PATH, {"sure": "yes"}).status_code == 303
    for device in (browser, elsewhere):
        assert "/login" in device.get("/me/data").headers["Location"]
    with app.app_context():
        person = db.session.get(Person, me)
        assert (person.name, person.login_name, person.password_hash) == ("–", None, None)
        assert person.uid in forgetting.noted_in(app.config["FORGOTTEN_FILE"])
    assert send(app.test_client(), "/login", {"name": "zhou", "password": PASSWORD}).status_code == 422


def test_an_old_log_in_takes_the_password_first(app: Flask) -> None:
    me = register(app, "zhou", Role.RESIDENT)
    browser = signed_in(app, me)
    with time_machine.travel(now() + timedelta(minutes=30), tick=False):
        for data in ({"sure": "yes"}, {"sure": "yes", "password": "not this one"}):
            assert send(browser, PATH, data).status_code == 422
        with app.app_context():
            assert not db.session.get(Person, me).is_forgotten
        assert send(browser, PATH, {"sure": "yes", "password": PASSWORD}).status_code == 303


def test_whoever_has_something_open_reads_what_comes_first_and_a_forged_form_is_refused(app: Flask) -> None:
    me = register(app, "zhou", Role.RESIDENT)
    with app.app_context(), transaction() as session:
        make.an_order(session, session.query(Site).one(), resident=session.get_one(Person, me))
    browser = signed_in(app, me)
    page = browser.get("/me/data").text
    assert "还有求助没有办结" in page
    assert PATH not in page
    assert send(browser, PATH, {"sure": "yes"}).status_code == 409
    staff = signed_in(app, register(app, "clerk", Role.CLERK))
    assert "先办理卸任" in staff.get("/me/data").text
    assert send(staff, PATH, {"sure": "yes"}).status_code == 409


def test_county_it_forgets_a_caller_without_an_account_by_the_number_of_their_request(app: Flask) -> None:
    register(app, "clerk", Role.CLERK)
    with app.app_context(), transaction() as session:
        order = make.an_order(session, session.query(Site).one(), status=Status.CLOSED)
        number, person_id = order.number, order.resident_id
    with app.app_context():
        runner = app.test_cli_runner()
        assert runner.invoke(args=["county", "forget", "--order", "none", "--yes"]).exit_code == 1
        said = runner.invoke(args=["county", "forget", "--order", number, "--yes"])
        assert said.exit_code == 0, said.output
        assert db.session.get(Person, person_id).is_forgotten
        assert db.session.query(ServiceOrder).one().place == ""
