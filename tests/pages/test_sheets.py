"""The pages of sheets: from the empty sheet to the undone import, as a site administrator does it."""

from __future__ import annotations

import io
import re

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from tests.support.sheets import a_csv, an_xlsx
from tests.support.visiting import log_in, register, send
from volunteer.access import Role
from volunteer.exchange import importing
from volunteer.exchange.kinds import KINDS, kind_called
from volunteer.exchange.lifecycle import State
from volunteer.exchange.models import Import
from volunteer.places.models import Site
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction

HEADER = ["编号", "名称", "上级", "纬度", "经度"]


@pytest.fixture
def admin(app, client):
    register(app, "gu", Role.SITE_ADMIN)
    log_in(client, "gu")
    return client


def upload(client, data: bytes, kind: str = "sites", key: str | None = None, name: str = "表.csv"):
    return send(client, f"/manage/sheets/{kind}", {"once": key or once(), "sheet": (io.BytesIO(data), name)})


def text(answer) -> str:
    return answer.get_data(as_text=True)


def test_every_kind_has_a_page_a_template_and_what_is_there(admin):
    home = text(admin.get("/manage/sheets"))
    for kind in KINDS:
        assert f'href="/manage/sheets/{kind.sheet.name}"' in home
        assert admin.get(f"/manage/sheets/{kind.sheet.name}").status_code == 200
        for form in ("csv", "xlsx"):
            empty = admin.get(f"/manage/sheets/{kind.sheet.name}/template.{form}")
            there = send(admin, f"/manage/sheets/{kind.sheet.name}/export", {"form": form})
            for answer in (empty, there):
                assert answer.status_code == 200
                assert answer.headers["Content-Disposition"].startswith("attachment")
                faults = importing.read(kind, answer.data)[0].faults
                assert [fault.message for fault in faults] in ([], ["There is a header, but no row below it."])


def test_a_template_explains_each_column_and_offers_choices(admin):
    book = load_workbook(io.BytesIO(admin.get("/manage/sheets/services/template.xlsx").data))
    assert [sheet.title for sheet in book.worksheets] == ["服务", "说明"] or book.worksheets[1].title == "说明"
    assert len(list(book.worksheets[1].rows)) == len(kind_called("services").sheet.columns) + 1
    offered = [rule.formula1 for rule in book.worksheets[0].data_validations.dataValidation]
    assert '"低,中,高"' in offered


def test_a_sheet_is_shown_brought_in_and_undone(app, admin):
    answer = upload(admin, a_csv([HEADER, ["N1", "北镇", "C", 31, 120]]))
    page = answer.headers["Location"]
    shown = text(admin.get(page))
    assert "北镇" in shown
    with app.app_context(), transaction() as session:
        assert session.scalar(select(Site).where(Site.code == "N1")) is None
    send(admin, f"{page}/apply")
    send(admin, f"{page}/apply")
    assert "/undo" in text(admin.get(page))
    with app.app_context(), transaction() as session:
        assert session.scalar(select(Site).where(Site.code == "N1")).name == "北镇"
    send(admin, f"{page}/undo")
    with app.app_context(), transaction() as session:
        assert session.scalar(select(Site).where(Site.code == "N1")) is None


def test_mistakes_are_listed_and_marked_in_the_same_sheet(admin):
    page = upload(admin, an_xlsx([HEADER, ["N1", "北镇", "C", "三十一", 120], ["N2", "", "没有", 31, 120]])).headers["Location"]
    shown = text(admin.get(page))
    assert "第 2 行" in shown
    assert "第 3 行" in shown
    assert f"{page}/apply" not in shown
    marked = load_workbook(io.BytesIO(send(admin, f"{page}/marked.xlsx").data)).worksheets[0]
    assert marked["D2"].fill.fgColor.rgb.endswith("F8C9C4")
    assert marked["D2"].comment is not None
    assert "三十一" in marked["F2"].value
    again = io.BytesIO()
    marked.parent.save(again)
    assert [fault.row for fault in importing.read(kind_called("sites"), again.getvalue())[0].faults] == [2, 3]


def test_a_double_tap_uploads_once_and_another_file_under_the_same_key_is_refused(app, admin):
    key, data = once(), a_csv([HEADER, ["N1", "北镇", "C", 31, 120]])
    first, second = upload(admin, data, key=key), upload(admin, data, key=key)
    assert first.headers["Location"] == second.headers["Location"]
    assert upload(admin, a_csv([HEADER, ["N2", "南镇", "C", 31, 120]]), key=key).status_code == 422
    with app.app_context(), transaction() as session:
        assert len(session.scalars(select(Import)).all()) == 1


def test_no_file_an_unknown_kind_and_an_unknown_import(admin):
    assert send(admin, "/manage/sheets/sites", {"once": once()}).status_code == 422
    assert upload(admin, b"", name="").status_code == 422
    assert admin.get("/manage/sheets/nothing").status_code == 404
    assert admin.get("/manage/sheets/sites/template.pdf").status_code == 404
    assert admin.get("/manage/sheets/imports/99999").status_code == 404


def test_an_upload_is_kept_sealed_and_forgotten_when_it_is_dropped(app, admin):
    rows = [["姓名", "手机号", "所属站点"], ["张试", "13800000001", "C"]]
    page = upload(admin, a_csv(rows), "volunteers").headers["Location"]
    assert "13800000001" in text(admin.get(page))
    with app.app_context(), transaction() as session:
        row = session.scalars(select(Import)).one()
        assert b"13800000001" not in row.file_sealed
        assert b"13800000001" not in row.report_sealed
    send(admin, f"{page}/drop")
    with app.app_context(), transaction() as session:
        row = session.scalars(select(Import)).one()
        assert (row.state, row.file_sealed, row.report_sealed) == (State.DROPPED, None, None)


def test_the_page_is_english_for_readers_of_english(admin):
    send(admin, "/language", {"locale": "en", "next": "/"})
    page = upload(admin, a_csv([["Code", "Name", "Above", "Latitude", "Longitude"], ["N1", "North", "C", "x", 120]])).headers[
        "Location"
    ]
    shown = re.sub(r'<(\w+)[^>]*lang="zh-Hans"[^>]*>.*?</\1>', "", text(admin.get(page)))
    assert "Latitude" in shown
    assert "This is no number" in shown
