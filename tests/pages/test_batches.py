"""Certificates for a school, played by three browsers: the administrator asks, the volunteer answers, the director releases."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, timedelta

import pypdf
import pytest
from flask import Flask

from tests.flows.test_certificates import serve
from tests.support import builders
from tests.support.sheets import an_xlsx
from tests.support.visiting import send, signed_in
from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.certificates import jobs
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.messaging.models import Message
from volunteer.scheduler import SCHEDULE, run_once
from volunteer.web.unit import transaction

ASK = "/manage/certificates"


@pytest.fixture
def county(app: Flask):
    """Two volunteers with an hour each, an administrator and a director."""
    with app.app_context(), transaction() as session:
        centre, _, station = builders.a_county(session)
        people = [builders.a_volunteer(session, station, name) for name in ("陈晓禾", "王试")]
        days = (now() - builders.NOON).days
        for one in people:
            session.add(RoleGrant(person_id=one.id, role=Role.VOLUNTEER, site_id=centre.id, since=builders.LONG_AGO))
            serve(session, one, station, 60, days_ago=3 - days)
        admin = builders.staff(session, Role.SITE_ADMIN, centre).user_id
        director = builders.staff(session, Role.DIRECTOR, centre).user_id
        return {
            "site": centre.id, "people": [one.id for one in people], "numbers": [one.number for one in people],
            "admin": admin, "director": director,
        }  # fmt: skip


def form(county, client, **changed):
    today = date.fromisoformat(now().date().isoformat())
    return {
        "site": str(county["site"]), "receiver": "演示县第一中学", "purpose": "综合素质评价", "numbers": "\n".join(county["numbers"]),
        "first": (today - timedelta(days=300)).isoformat(), "last": (today - timedelta(days=1)).isoformat(),
        "answer_by": (today + timedelta(days=9)).isoformat(), "grades": ["a", "b", "c"], "locale": "zh_Hans", "once": "x" * 20,
    } | changed  # fmt: skip


def page(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def do_the_job(app):
    with app.app_context():
        run_once(next(job for job in SCHEDULE if job.run is jobs.make_batches))


def test_from_the_schools_wish_to_the_file(app, county):
    admin, director = signed_in(app, county["admin"]), signed_in(app, county["director"])
    asked = send(admin, ASK, form(county, admin))
    assert asked.status_code == 303
    here = asked.headers["Location"]
    assert send(admin, ASK, form(county, admin)).headers["Location"] == here  # the button pressed twice

    first = signed_in(app, county["people"][0])
    mine = page(first, "/me/certificate")
    assert "演示县第一中学" in mine
    assert "综合素质评价" in mine
    row = re.search(r"/me/certificate/asked/(\d+)", mine)[0]
    assert send(first, row, {"answer": "yes"}).status_code == 303
    stranger = signed_in(app, county["people"][1])
    assert send(stranger, row, {"answer": "no"}).status_code == 404

    assert "同意 1" in page(admin, here)
    assert send(admin, f"{here}/start", {}).status_code == 303
    assert "已出具" in page(admin, f"{here}/live")
    do_the_job(app)
    assert "没有同意" in page(admin, here)
    assert send(admin, f"{here}/release", {}).status_code == 409
    assert send(admin, f"{here}/file", {"kind": "zip"}).status_code == 409
    assert send(director, f"{here}/release", {}).status_code == 303
    file = send(admin, f"{here}/file", {"kind": "zip"})
    assert file.mimetype == "application/zip"
    assert "no-store" in file.headers["Cache-Control"]
    packed = file.get_data()
    file.close()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        names = [name for name in archive.namelist() if name.endswith(".pdf")]
        text = pypdf.PdfReader(io.BytesIO(archive.read(names[0]))).pages[0].extract_text()
    assert len(names) == 1
    assert "陈晓禾" in "".join(text.split())
    printed = send(director, f"{here}/file", {"kind": "pdf"})
    assert printed.get_data()[:5] == b"%PDF-"
    printed.close()
    assert "已交给对方" in page(first, "/me/certificate")


def test_what_is_wrong_stands_beside_its_field(app, county):
    admin = signed_in(app, county["admin"])
    answer = send(admin, ASK, form(county, admin, receiver="", numbers="WJ-0000-0000", once="y" * 20))
    assert answer.status_code == 422
    words = answer.get_data(as_text=True)
    assert 'id="receiver-error"' in words or "请填写" in words
    answer = send(admin, ASK, form(county, admin, numbers="WJ-0000-0000", once="z" * 20))
    assert answer.status_code == 422
    assert "WJ-0000-0000" in answer.get_data(as_text=True)


def test_the_form_shows_only_what_the_centre_certifies(app, county):
    words = page(signed_in(app, county["admin"]), f"{ASK}/new")
    assert 'value="c"' in words
    assert 'value="d"' not in words
    mine = page(signed_in(app, county["people"][0]), "/me/certificate")
    assert 'name="grades" value="d"' not in mine
    assert "中心不出证明的" in mine


def test_a_word_without_a_letter_is_said_and_reported(app, county):
    with app.app_context(), transaction() as session:
        session.get_one(builders.Person, county["people"][0]).name = "𠮷田"
    answer = send(signed_in(app, county["people"][0]), "/me/certificate", {"period": "all", "grades": ["a"], "locale": "zh_Hans"})
    assert answer.status_code == 422
    assert "𠮷" in answer.get_data(as_text=True)
    with app.app_context():
        told = db.session.query(Message).filter_by(template="certificate_unprintable").all()
    assert {one.person_id for one in told} == {county["admin"]}


def test_a_schools_sheet_fills_in_the_form_or_says_which_row_is_wrong(app, county):
    admin = signed_in(app, county["admin"])

    def read(rows):
        sent = form(county, admin, numbers="", sheet=(io.BytesIO(an_xlsx([("姓名", "志愿者号"), *rows])), "名单.xlsx"))
        return send(admin, f"{ASK}/list", sent)

    right = read([("陈晓禾", county["numbers"][0]), ("王试", "")])
    text = right.get_data(as_text=True)
    assert right.status_code == 200
    assert "读入了2位志愿者" in text
    assert "\n".join(county["numbers"]) in text
    assert 'value="演示县第一中学"' in text  # what was typed before stays
    wrong = read([("陈晓禾", county["numbers"][0]), ("没有人", "")])
    assert wrong.status_code == 422
    assert "第3行" in re.sub(r"\s", "", wrong.get_data(as_text=True))
    assert county["numbers"][0] not in wrong.get_data(as_text=True)
    with app.app_context():
        assert db.session.query(Message).count() == 0
    unread = send(admin, ASK, form(county, admin, sheet=(io.BytesIO(b"x"), "x.csv")))
    assert unread.status_code == 422
    assert "请先读入表格" in unread.get_data(as_text=True)
