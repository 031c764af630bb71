"""The pages of director, auditor and county IT as they are served: figures lead to rows, files are safe, secrets stay."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import fields

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from tests.support import builders
from tests.support.counting import counting
from tests.support.visiting import register, send, signed_in
from volunteer.access import SYSTEM, Role
from volunteer.audit.models import AuditEntry
from volunteer.audit.recording import record
from volunteer.insights import installation
from volunteer.insights.wording import ACTS
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.messaging.models import Channel, Message
from volunteer.orders.lifecycle import Status
from volunteer.settings import Settings
from volunteer.web import accidents
from volunteer.web.unit import transaction

FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def county(app: Flask) -> Iterator[Flask]:
    """Two orders of today in one branch; the place of one begins like a formula."""
    with app.app_context(), transaction() as session:
        centre, _branch, station = builders.a_county(session)
        item = builders.an_item(session, centre)
        for status in (Status.CLOSED, Status.UNMET):
            builders.an_order(session, station, item=item, status=status, place=FORMULA, placed_at=now())
        record(session, SYSTEM, "private_seen", "order:1", at=now(), site_path=station.path)
    yield app


def overview_links(page: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'href="(/overview/orders\?[^"]+)"', page)]


def test_every_figure_of_the_overview_opens_its_rows(county: Flask) -> None:
    client = signed_in(county, register(county, "chief", Role.DIRECTOR))
    links = overview_links(client.get("/overview").text)
    assert len(links) > 8
    for link in dict.fromkeys(links):
        assert client.get(link).status_code == 200, link
    unmet = next(link for link in links if "fate=unmet" in link)
    assert len(re.findall(r'href="/overview/orders/[\d-]+"', client.get(unmet).text)) == 1


def test_the_numbers_stand_in_tables_that_need_no_script(county: Flask) -> None:
    page = signed_in(county, register(county, "chief", Role.DIRECTOR)).get("/overview").text
    for name in re.findall(r'data-chart="([\w-]+)"', page):
        assert re.search(rf'<table class="table table-links" id="{name}">.*?data-series', page, re.DOTALL), name
    assert "2 单里 1 单没找到队" in page


@pytest.mark.parametrize("query", ["site=999999", "span=century", "day=2026-02-31", "day=9999-12-31&span=quarter", "site=x", "fate=odd&item=-1&stage=x", "item=99999999999999999999", "before=x"])  # fmt: skip
def test_odd_addresses_are_answered_in_words(county: Flask, query: str) -> None:
    client = signed_in(county, register(county, "chief", Role.DIRECTOR))
    for path in ("/overview", "/overview/orders", "/overview/idle/teams", "/overview/idle/volunteers"):
        assert client.get(f"{path}?{query}").status_code == (404 if query == "site=999999" else 200)


def test_a_place_of_another_centre_is_not_there(county: Flask) -> None:
    with county.app_context(), transaction() as session:
        other = builders.a_site(session).id
    client = signed_in(county, register(county, "chief", Role.DIRECTOR))
    for path in ("/overview", "/overview/orders", "/overview/idle/teams"):
        assert client.get(f"{path}?site={other}").status_code == 404
    assert send(client, f"/overview/orders.csv?site={other}").status_code == 404


def test_the_overview_takes_the_same_few_queries_whatever_there_is(county: Flask) -> None:
    client = signed_in(county, register(county, "chief", Role.DIRECTOR))
    client.get("/overview")
    numbers = []
    for _ in range(2):
        with county.app_context():
            with counting(db.engine) as sent:
                client.get("/overview")
            numbers.append(len(sent))
            with transaction() as session:
                station = session.scalars(select(builders.Site).order_by(builders.Site.id.desc())).first()
                for _ in range(6):
                    builders.an_order(session, station, status=Status.VERIFIED, placed_at=now())
                    builders.a_site(session, station.parent)
    assert numbers[0] == numbers[1] <= 32


def test_orders_are_taken_away_without_formulas_or_anything_private_and_it_is_written_down(county: Flask) -> None:
    client = signed_in(county, register(county, "chief", Role.DIRECTOR))
    answer = send(client, "/overview/orders.csv?fate=unmet")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert len(rows) == 2
    assert rows[1][3] == f"'{FORMULA}"
    for secret in ("19900000000", "李奶奶", "3幢201室"):
        assert secret not in answer.text
    sheet = load_workbook(io.BytesIO(send(client, "/overview/orders.xlsx").data)).active
    assert sheet is not None
    assert [cell.data_type for cell in sheet["D"][1:]] == ["s", "s"]
    with county.app_context():
        assert len(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "orders_exported")).all()) == 2


def test_the_auditor_takes_the_filtered_lines_away_and_that_is_a_line_too(county: Flask) -> None:
    client = signed_in(county, register(county, "audit", Role.AUDITOR))
    lines = send(client, "/audit.jsonl", {"action": "private_seen"}).text.splitlines()
    assert [json.loads(line)["act"] for line in lines] == ["private_seen"]
    for kind in ("csv", "xlsx"):
        assert send(client, f"/audit.{kind}", {"action": "private_seen"}).status_code == 200
    page = client.get("/audit?action=audit_exported").text
    assert page.count("下载了操作日志") >= 3
    assert send(client, "/audit.csv", {"site": "999999"}).status_code == 404
    assert client.get("/audit?site=x").status_code == 404


def test_a_person_finds_who_looked(county: Flask) -> None:
    person = register(county, "helper", Role.VOLUNTEER)
    client = signed_in(county, person)
    assert "还没有人看过" in client.get("/me/looks").text
    with county.app_context(), transaction() as session:
        clerk = builders.staff(session, Role.CLERK, builders.a_site(session), "赵敏")
        record(session, clerk, "hours_seen", f"person:{person}", at=now())
    assert "赵敏" in client.get("/me/looks").text


def test_every_setting_is_shown_or_marked_secret() -> None:
    known = {field.name for field in fields(Settings)}
    assert known - installation.SHOWN - installation.SECRET == set(), "say in insights/installation.py whether it may be shown"
    assert (installation.SHOWN | installation.SECRET) - known == set()
    assert set() == installation.SHOWN & installation.SECRET


def test_a_password_in_an_address_is_never_shown() -> None:
    given = {"VOLUNTEER_DATABASE_URL": "postgresql://me:hunter22@db/volunteer", "VOLUNTEER_PROXIES": "1"}
    shown = installation.settings_shown(Settings.from_env(given), given)
    assert "hunter22" not in repr(shown)
    assert {setting.name for setting in shown if setting.given} == set(given)


def test_county_it_sees_jobs_accidents_and_backups_and_sends_everything_again(county: Flask) -> None:
    client = signed_in(county, register(county, "it", Role.COUNTY_IT))
    with county.app_context(), transaction() as session:
        for _ in range(2):
            accidents.count(session, "ValueError", "board.show", "ab12", at=now())
            session.add(
                Message(
                    channel=Channel.SMS, template="order_verified", created_at=now(), failed_at=now(), attempts=8, sealed=b"x"
                )
            )
    page = client.get("/system").text
    for words in ("messaging.deliver", "ValueError", "board.show", "county backup", "VOLUNTEER_SMS_SENDER", "0006"):
        assert words in page, words
    state = client.get("/system/state")
    assert client.get("/system/state", headers={"If-None-Match": state.headers["ETag"]}).status_code in {200, 304}
    for _ in range(2):
        assert send(client, "/system/messages/again").status_code == 303
    with county.app_context():
        waiting = db.session.scalars(select(Message).where(Message.due_at.is_not(None))).all()
        assert len(waiting) == 2
        assert len(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "messages_send_again")).all()) == 1


def test_an_accident_is_counted_by_kind_and_route_without_what_was_handled(app: Flask) -> None:
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.get("/breaks")
    def breaks() -> str:
        raise ValueError("13800000001 lives at 3幢201室")

    breaks.required_permission = "anyone"  # type: ignore[attr-defined]
    app.view_functions["breaks"] = breaks
    for _ in range(2):
        assert app.test_client().get("/breaks").status_code == 500
    with app.app_context():
        [row] = db.session.execute(db.text("SELECT * FROM accidents")).mappings().all()
    assert (row["kind"], row["place"], row["count"]) == ("ValueError", "breaks", 2)
    assert "13800000001" not in repr(dict(row))


def test_staff_find_each_other_in_the_top_bar_and_others_do_not(county: Flask) -> None:
    assert 'action="/search"' in signed_in(county, register(county, "desk", Role.CLERK)).get("/desk").text
    assert 'action="/search"' not in signed_in(county, register(county, "helper", Role.VOLUNTEER)).get("/me").text


def test_words_of_acts_say_what_was_done() -> None:
    assert all(words and "_" not in words for words in ACTS.values())
