"""Choosing another password: only who knows the old one, every other device is out, and it is written down."""

from __future__ import annotations

import time_machine
from flask import Flask
from sqlalchemy import select

from tests.conftest import running
from tests.support.databases import Database
from tests.support.visiting import PASSWORD, log_in, register, send, signed_in
from volunteer.access import Role
from volunteer.accounts.models import Person
from volunteer.audit.models import AuditEntry
from volunteer.kernel.clock import now
from volunteer.kernel.db import db

NEW = "eight green kites"


def typed(**changed: str) -> dict[str, str]:
    return {"old": PASSWORD, "new": NEW, "again": NEW} | changed


def test_the_new_password_holds_and_other_devices_are_out(app: Flask) -> None:
    person = register(app, "zhou")
    here, there = signed_in(app, person), signed_in(app, person)
    with here.session_transaction() as cookie:
        before = dict(cookie)
    assert "/me/password" in here.get("/me/sessions").text
    assert send(here, "/me/password", typed()).location == "/me/sessions"
    assert here.get("/me/sessions").status_code == 200
    assert there.get("/me/sessions").status_code == 302
    with app.test_client() as thief:
        with thief.session_transaction() as planted:
            planted.update(before)
        assert thief.get("/me/sessions").status_code == 302  # this browser, too, has a new session
    assert log_in(app.test_client(), "zhou").status_code == 422
    assert log_in(app.test_client(), "zhou", NEW).status_code == 303
    with app.app_context():
        assert "password_changed" in db.session.scalars(select(AuditEntry.action)).all()


def test_what_is_wrong_is_said_beside_its_field_and_changes_nothing(app: Flask) -> None:
    browser = signed_in(app, register(app, "zhou"))
    for wrong, words in (
        (typed(old="not mine at all"), "密码不对。"),
        (typed(again="eight green kite"), "两次填的不一样。"),
        (typed(new="short", again="short"), "至少"),
        (typed(new="zhou zhou 99", again="zhou zhou 99"), "登录名"),
        ({}, "密码不对。"),
    ):
        answer = send(browser, "/me/password", wrong)
        assert answer.status_code == 422
        assert words in answer.text
        assert NEW not in answer.text
        assert "密码和验证码不保留" in answer.text  # and it is not promised that they are kept
        assert "您填的内容都还在" not in answer.text
    assert log_in(app.test_client(), "zhou").status_code == 303
    with app.app_context():
        assert db.session.scalars(select(AuditEntry.action).where(AuditEntry.action == "sign_in_failed")).all()


def test_whoever_comes_in_by_phone_has_none_to_change(app: Flask) -> None:
    person = register(app, "zhou", Role.VOLUNTEER, phone="13800000001")
    with app.app_context():
        row = db.session.get(Person, person)
        row.password_hash = None
        db.session.commit()
    browser = signed_in(app, person)
    assert "不需要密码" in browser.get("/me/password").text
    assert send(browser, "/me/password", typed()).status_code == 422


def test_a_borrowed_browser_cannot_guess_the_old_one(sqlite: Database) -> None:
    for app in running(sqlite, throttle=True):
        with time_machine.travel(now().replace(minute=1), tick=False):
            browser = signed_in(app, register(app, "zhou"))
            codes = [send(browser, "/me/password", typed(old=f"guess {n}")).status_code for n in range(11)]
        assert codes == [422] * 10 + [429]


def test_a_file_that_needs_no_password_gives_no_tries_back(sqlite: Database) -> None:
    for app in running(sqlite, throttle=True):
        with time_machine.travel(now().replace(minute=1), tick=False):
            browser = signed_in(app, register(app, "zhou", Role.VOLUNTEER))
            codes = []
            for n in range(11):
                codes.append(send(browser, "/me/password", typed(old=f"guess {n}")).status_code)
                if n in (3, 6):
                    for file in ("/me/data", "/me/statement.csv"):
                        assert "attachment" in send(browser, file).headers["Content-Disposition"]
        assert codes == [422] * 10 + [429]
