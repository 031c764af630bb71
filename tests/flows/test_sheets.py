"""Sheets of places: 289 stations in one go, edit and return, all or nothing, undone again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.sheets import a_csv, bring, faults, look
from volunteer.access import SYSTEM, Role
from volunteer.audit.models import AuditEntry
from volunteer.exchange import importing, undoing, writing
from volunteer.exchange.kinds import kind_called
from volunteer.exchange.lifecycle import State
from volunteer.exchange.models import ImportRow
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.places.models import Grid, Holiday, Site, SiteLevel, Venue

HEADER = ["编号", "名称", "上级", "纬度", "经度"]
SQUARE = '{"type":"Polygon","coordinates":[[[120.64,31.16],[120.65,31.16],[120.65,31.17],[120.64,31.17],[120.64,31.16]]]}'


@pytest.fixture
def centre(session):
    return make.a_site(session)


@pytest.fixture
def admin(session, centre):
    return make.staff(session, Role.SITE_ADMIN, centre)


def back(name, session, admin):
    """The same sheet as it is downloaded."""
    kind = kind_called(name)
    return writing.csv_of(kind.sheet, kind.rows(session, admin, NOON), "zh_Hans")


def test_289_stations_come_in_at_once_with_their_branches_in_any_order(session, admin, centre):
    stations = [[f"ST{n:03d}", f"第{n}村", f"BR{n % 23}", 31 + n / 1000, 120.5] for n in range(289)]
    branches = [[f"BR{n}", f"{n}号街道", centre.code, 31.1, 120.6] for n in range(23)]
    done = bring(session, admin, "sites", [HEADER, *stations, *branches], at=NOON)
    assert (done.state, done.news) == (State.DONE, 312)
    station = session.scalar(select(Site).where(Site.code == "ST288"))
    assert station.level is SiteLevel.STATION
    assert station.path.startswith(centre.path)
    assert session.scalar(select(func.count()).select_from(Site).where(Site.parent_id == centre.id)) == 23


def test_a_parent_may_be_named_by_the_name_it_gets_in_the_same_sheet(session, admin, centre):
    bring(session, admin, "sites", [HEADER, ["N2", "南村", "北镇", 31, 120], ["N1", "北镇", centre.name, 31, 120]], at=NOON)
    assert session.scalar(select(Site).where(Site.code == "N2")).parent.code == "N1"


def test_what_was_downloaded_and_not_changed_changes_nothing(session, admin, centre):
    bring(session, admin, "sites", [HEADER, ["K1", "=一镇", centre.code, 31.123456, 120]], at=NOON)
    bring(session, admin, "venues", [["编号", "名称", "所属阵地", "纬度", "经度"], ["V1", "书场", "K1", 31, 120]], at=NOON)
    bring(session, admin, "grids", [["编号", "名称", "所属阵地", "范围"], ["G1", "一格", "K1", SQUARE]], at=NOON)
    bring(session, admin, "holidays", [["日期", "是否上班", "名称"], ["2026-10-01", "否", "国庆"]], at=NOON)
    for name in ("sites", "venues", "grids", "holidays"):
        row, plan = look(session, admin, name, back(name, session, admin), at=NOON)
        assert plan.faults == []
        assert (row.news, row.changes) == (0, 0)
        assert row.sames > 0


def test_edit_and_return_changes_what_differs_and_undo_gives_the_old_values_back(session, admin, centre):
    bring(session, admin, "sites", [HEADER, ["E1", "旧名镇", centre.code, 31, 120]], at=NOON)
    changed = back("sites", session, admin).decode().replace("旧名镇", "新名镇").encode()
    row = bring(session, admin, "sites", changed, at=NOON)
    site = session.scalar(select(Site).where(Site.code == "E1"))
    assert (row.changes, row.news, site.name) == (1, 0, "新名镇")
    undoing.undo(session, admin, row.id, at=NOON)
    assert site.name == "旧名镇"
    assert session.get(type(row), row.id).state is State.UNDONE


def test_undo_takes_away_what_nobody_uses_and_the_sheet_can_come_again(session, admin, centre):
    rows = [HEADER, ["U1", "甲镇", centre.code, 31, 120], ["U2", "甲村", "U1", 31, 120]]
    done = bring(session, admin, "sites", rows, at=NOON)
    undoing.undo(session, admin, done.id, at=NOON)
    undoing.undo(session, admin, done.id, at=NOON)
    assert session.scalar(select(Site).where(Site.code == "U1")) is None
    assert bring(session, admin, "sites", rows, at=NOON).news == 2


def test_undo_says_everything_that_is_in_the_way_and_changes_nothing(session, admin, centre):
    done = bring(session, admin, "sites", [HEADER, ["W1", "甲镇", centre.code, 31, 120], ["W2", "甲村", "W1", 31, 120]], at=NOON)
    station = session.scalar(select(Site).where(Site.code == "W2"))
    make.a_team(session, station)
    session.flush()  # the team is there
    with pytest.raises(undoing.InTheWay) as refused, session.begin_nested():
        undoing.undo(session, admin, done.id, at=NOON)
    said = {one.row: one.things for one in refused.value.obstacles}
    assert ("teams", 1) in said[3]
    assert said[2] == (("places below it", 1),)
    assert session.scalar(select(func.count()).select_from(ImportRow).where(ImportRow.import_id == done.id)) == 2


def test_what_was_changed_since_is_not_undone(session, admin, centre):
    done = bring(session, admin, "sites", [HEADER, ["C1", "甲镇", centre.code, 31, 120]], at=NOON)
    session.scalar(select(Site).where(Site.code == "C1")).name = "另名"
    with pytest.raises(undoing.InTheWay) as refused:
        undoing.undo(session, admin, done.id, at=NOON)
    assert refused.value.obstacles[0].message == "It was changed since."


def test_a_preview_that_is_out_of_date_brings_nothing_in(session, admin, centre):
    data = a_csv([HEADER, ["P1", "甲镇", centre.code, 31, 120]])
    first, _ = look(session, admin, "sites", data, at=NOON)
    bring(session, admin, "sites", data, at=NOON)
    with pytest.raises(Conflict, match="since the preview"):
        importing.apply(session, admin, first.id, importing.read(kind_called("sites"), data)[0], at=NOON)


def test_bringing_in_twice_is_no_error_and_is_written_down_once(session, admin, centre):
    data = a_csv([HEADER, ["D1", "甲镇", centre.code, 31, 120]])
    row = bring(session, admin, "sites", data, at=NOON)
    importing.apply(session, admin, row.id, importing.read(kind_called("sites"), data)[0], at=NOON)
    entries = session.scalars(select(AuditEntry).where(AuditEntry.subject == f"import:{row.id}")).all()
    assert [entry.action for entry in entries] == ["sheet_imported"]
    assert row.file_sealed is None


def test_nobody_else_sees_an_upload_and_another_centre_not_even_the_import(session, admin, centre):
    data = a_csv([HEADER, ["S1", "甲镇", centre.code, 31, 120]])
    waiting, _ = look(session, admin, "sites", data, at=NOON)
    colleague, stranger = make.staff(session, Role.SITE_ADMIN, centre), make.staff(session, Role.SITE_ADMIN, make.a_site(session))
    for other in (colleague, stranger):
        with pytest.raises(NotFound):
            importing.visible(session, other, waiting.id)
    done = importing.apply(session, admin, waiting.id, importing.read(kind_called("sites"), data)[0], at=NOON)
    assert importing.visible(session, colleague, done.id) is done
    with pytest.raises(NotFound):
        undoing.undo(session, stranger, done.id, at=NOON)


def test_a_place_of_somebody_else_is_not_there_for_a_sheet(session, admin, centre):
    other = make.a_site(session, make.a_site(session))
    said = faults(
        session, admin, "sites", [HEADER, ["X1", "甲", other.code, 31, 120], [other.code, "乙", centre.code, 31, 120]], at=NOON
    )
    assert [(row, column) for row, column, _ in said] == [(2, "parent"), (3, "code")]


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        ([["L1", "甲", "L2", 31, 120], ["L2", "乙", "L1", 31, 120]], "parent"),
        ([["L1", "甲", "没有", 31, 120]], "parent"),
        ([["L 1", "甲", "", 31, 120]], "code"),
        ([["L1", "", "", 31, 120]], "name"),
        ([["L1", "甲", "", 131, 120]], "latitude"),
        ([["L一", "甲", "", 31, 120]], "code"),
    ],
)
def test_a_wrong_place_is_named_by_row_and_column(session, admin, centre, rows, column):
    before = session.scalar(select(func.count()).select_from(Site))
    said = faults(session, admin, "sites", [HEADER, *rows], at=NOON)
    assert said
    assert {(row, where) for row, where, _ in said} <= {(n, column) for n in (2, 3)}
    assert session.scalar(select(func.count()).select_from(Site)) == before


def test_days_grids_and_venues_are_undone_too(session, admin, centre):
    calendar = [["日期", "是否上班", "名称"], ["2026/10/1", "否", "国庆"], ["2026年10月10日", "是", "调休"]]
    made = [
        bring(session, admin, "holidays", calendar, at=NOON),
        bring(session, admin, "grids", [["code", "name", "site", "geojson"], ["G9", "九格", centre.code, SQUARE]], at=NOON),
        bring(
            session, admin, "venues", [["编号", "名称", "站点", "纬度", "经度"], ["V9", "书场", centre.name, 31, 120]], at=NOON
        ),
    ]
    assert session.get(Holiday, (centre.id, date(2026, 10, 10))).works
    for row in made:
        undoing.undo(session, admin, row.id, at=NOON + timedelta(days=1))
    for kind in (Holiday, Grid, Venue):
        assert session.scalar(select(func.count()).select_from(kind)) == 0


def test_the_system_itself_may_bring_in_a_first_centre(session):
    person = make.a_person(session)
    actor = make.an_actor(person, (Role.SYSTEM, "/"))
    assert SYSTEM.can(kind_called("sites").permission, at="/")
    bring(session, actor, "sites", [HEADER, ["Z", "某县中心", "", 31, 120], ["Z1", "一镇", "Z", 31, 120]], at=NOON)
    assert session.scalar(select(Site).where(Site.code == "Z1")).level is SiteLevel.BRANCH
