"""Pages of whoever looks after places: a tree, forms that complain beside the field, closing, moving, one file of grids."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support import builders as make
from tests.support.visiting import send, signed_in
from volunteer.access import Role
from volunteer.kernel.clock import SHANGHAI, local_date, now
from volunteer.places.models import Grid, Holiday, PolicyKind, PolicyRow, Site, Venue
from volunteer.places.policies import clocks_at
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[120.60, 31.10], [120.61, 31.10], [120.61, 31.11], [120.60, 31.11], [120.60, 31.10]]],
}
BOW = {"type": "Polygon", "coordinates": [[[120.60, 31.10], [120.61, 31.11], [120.61, 31.10], [120.60, 31.11], [120.60, 31.10]]]}
PLACE = {"point.latitude": "31.1", "point.longitude": "120.6", "point.datum": "wgs84"}


class Keeper:
    """An administrator of a centre with two branches and a station, in a browser."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context(), transaction() as session:
            centre, branch, station = make.a_county(session)
            other = make.a_site(session, centre)
            self.centre, self.branch, self.station, self.other = centre.id, branch.id, station.id, other.id
            admin = make.staff(session, Role.SITE_ADMIN, centre)
            inside = make.staff(session, Role.SITE_ADMIN, branch)
        self.browser = signed_in(app, admin.user_id or 0)
        self.inside = signed_in(app, inside.user_id or 0)

    def get(self, path: str):
        return self.browser.get(path)

    def post(self, path: str, /, **data):
        return send(self.browser, path, {"once": once()} | data)

    def one(self, kind, *where):
        with self.app.app_context(), transaction() as session:
            row = session.scalars(select(kind).where(*where)).one()
            session.refresh(row)
            session.expunge_all()
            return row


@pytest.fixture
def keeper(app: Flask) -> Keeper:
    return Keeper(app)


def test_a_site_is_founded_changed_and_found_by_its_pinyin(keeper: Keeper) -> None:
    form = {"under": str(keeper.branch), "code": "NEW-1", "name": "荷塘村", **PLACE}
    answer = keeper.post("/manage/sites/new", **form)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    site = keeper.one(Site, Site.code == "NEW-1")
    assert answer.location.endswith(f"/manage/sites/{site.id}")
    assert "荷塘村" in keeper.get("/manage/sites?q=hetang").get_data(as_text=True)
    answer = keeper.post(f"/manage/sites/{site.id}/edit", **form | {"name": "荷塘社区", "seen": str(site.version)})
    assert answer.status_code == 303
    again = keeper.post(f"/manage/sites/{site.id}/edit", **form | {"name": "太晚", "seen": str(site.version)})
    assert again.status_code == 409
    assert "太晚" in again.get_data(as_text=True)  # nothing that was written is lost
    assert keeper.one(Site, Site.id == site.id).name == "荷塘社区"


def test_a_form_with_mistakes_comes_back_with_words_beside_the_fields(keeper: Keeper) -> None:
    answer = keeper.post("/manage/sites/new", under=str(keeper.branch), code="空 格", name="", **PLACE)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="e-name"' in text
    area = json.dumps(BOW)
    answer = keeper.post("/manage/sites/new", under=str(keeper.branch), code="A", name="名", area=area, **PLACE)
    assert answer.status_code == 422
    assert 'id="e-area"' in answer.get_data(as_text=True)


def test_a_second_tap_founds_one_site(keeper: Keeper) -> None:
    form = {"under": str(keeper.branch), "code": "TWICE", "name": "一次", "once": once(), **PLACE}
    first, second = (keeper.post("/manage/sites/new", **form) for _ in range(2))
    assert first.location == second.location
    assert keeper.one(Site, Site.code == "TWICE")


def test_a_site_moves_and_closes_by_page(keeper: Keeper) -> None:
    path = f"/manage/sites/{keeper.station}"
    assert keeper.post(f"{path}/move", parent=str(keeper.centre)).status_code == 422
    assert keeper.post(f"{path}/move", parent=str(keeper.other)).status_code == 303
    assert keeper.one(Site, Site.id == keeper.station).parent_id == keeper.other
    refused = keeper.post(f"/manage/sites/{keeper.other}/close")
    assert refused.status_code == 409
    assert keeper.post(f"{path}/close").status_code == 303
    assert keeper.one(Site, Site.id == keeper.station).closed_at is not None
    assert keeper.get("/manage/sites?closed=1").status_code == 200
    assert keeper.post(f"{path}/open").status_code == 303
    assert keeper.one(Site, Site.id == keeper.station).closed_at is None


def test_a_branch_keeper_sees_their_own_subtree_only(keeper: Keeper) -> None:
    assert keeper.inside.get(f"/manage/sites/{keeper.station}").status_code == 200
    for path in (f"/manage/sites/{keeper.other}", f"/manage/sites/{keeper.other}/edit", f"/manage/venues?site={keeper.other}",
                 f"/manage/policies/clocks?site={keeper.centre}", "/manage/sites/999999", "/manage/grids/999999"):  # fmt: skip
        assert keeper.inside.get(path).status_code == 404, path
    assert keeper.inside.get(f"/manage/sites/{keeper.branch}/close").status_code == 403
    assert keeper.inside.get("/manage/skills/new").status_code == 404


def test_venues_and_grids_are_kept_by_page(keeper: Keeper) -> None:
    venue = {"code": "HALL", "name": "文化礼堂", "site": str(keeper.station), **PLACE}
    assert keeper.post("/manage/venues/new", **venue).status_code == 303
    row = keeper.one(Venue, Venue.code == "HALL")
    assert keeper.post(f"/manage/venues/{row.id}", **venue | {"kind": "culture", "seen": str(row.version)}).status_code == 303
    assert keeper.post("/manage/venues/new", **venue).status_code == 409
    assert keeper.post(f"/manage/venues/{row.id}/close").status_code == 303
    assert "文化礼堂" in keeper.get("/manage/venues?closed=1&q=whlt").get_data(as_text=True)

    grid = {"code": "G1", "name": "一号网格", "site": str(keeper.station), "area": json.dumps(SQUARE), "keeper": "沈师傅"}
    assert keeper.post("/manage/grids/new", **grid).status_code == 303
    drawn = keeper.one(Grid, Grid.code == "G1")
    assert 1.0e6 < drawn.square_metres < 1.1e6
    assert "沈师傅" in keeper.get(f"/manage/grids/{drawn.id}").get_data(as_text=True)
    areas = keeper.get(f"/manage/grids/areas.geojson?site={keeper.station}").get_json()
    assert [one["properties"]["name"] for one in areas["features"]] == ["一号网格"]


def a_file(*features: dict[str, Any]) -> tuple[io.BytesIO, str]:
    return io.BytesIO(json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()), "grids.geojson"


def a_feature(code: str, geometry: dict[str, Any] = SQUARE) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code, "name": f"网格{code}"}, "geometry": geometry}


def test_a_file_of_grids_is_taken_whole_or_not_at_all(keeper: Keeper) -> None:
    site = str(keeper.station)
    answer = keeper.post("/manage/grids/upload", site=site, file=a_file(a_feature("A"), a_feature("A"), a_feature("B", BOW)))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "网格B" in text
    assert keeper.get("/manage/grids").get_data(as_text=True).count("data-lat") == 0
    assert keeper.post("/manage/grids/upload", site=site, file=a_file(a_feature("A"), a_feature("B"))).status_code == 303
    assert keeper.get("/manage/grids").get_data(as_text=True).count("data-lat") == 2


@pytest.mark.parametrize("data", [b"", b"\xff\xfe{", b"[]", b'{"features": []}', b'{"features": [1]}', "网格".encode("gbk")])
def test_a_file_that_is_no_geojson_is_refused_with_words(keeper: Keeper, data: bytes) -> None:
    answer = keeper.post("/manage/grids/upload", site=str(keeper.station), file=(io.BytesIO(data), "x.geojson"))
    assert answer.status_code == 422
    assert 'id="e-file"' in answer.get_data(as_text=True)


def test_days_are_written_down_and_taken_off_again(keeper: Keeper) -> None:
    today = local_date(now(), SHANGHAI)
    first, last = today + timedelta(days=10), today + timedelta(days=12)
    form = {"site": str(keeper.centre), "day": first.isoformat(), "until": last.isoformat(), "works": "false", "name": "春节"}
    assert keeper.post("/manage/holidays", **form).status_code == 303
    page = keeper.get(f"/manage/holidays?site={keeper.centre}&year={first.year}").get_data(as_text=True)
    assert page.count("春节") == sum(day.year == first.year for day in (first, first + timedelta(days=1), last))
    assert keeper.post("/manage/holidays/drop", site=str(keeper.centre), day=last.isoformat()).status_code == 303
    with keeper.app.app_context(), transaction() as session:
        assert len(session.scalars(select(Holiday)).all()) == 2
    assert keeper.post("/manage/holidays", **form | {"until": "2999-01-01"}).status_code == 422
    assert keeper.post("/manage/holidays", **form | {"works": ""}).status_code == 422


def test_a_new_version_holds_from_its_day_and_the_past_stays(keeper: Keeper) -> None:
    page = keeper.get(f"/manage/policies/clocks?site={keeper.centre}").get_data(as_text=True)
    figures = dict(re.findall(r'<input class="form-control figure-field nums" id="[^"]+" name="([^"]+)" value="([^"]*)"', page))
    assert figures["offer_minutes"] == "120"
    tomorrow = local_date(now(), SHANGHAI) + timedelta(days=1)
    form = figures | {"site": str(keeper.centre), "offer_minutes": "90", "valid_from": tomorrow.isoformat()}
    for wrong, field in (({"offer_minutes": "1"}, "offer_minutes"), ({"offer_minutes": "x"}, "offer_minutes"),
                         ({"valid_from": "2020-01-01"}, "valid_from"), ({"valid_from": "9999-99-99"}, "valid_from")):  # fmt: skip
        answer = keeper.post("/manage/policies/clocks", **form | wrong)
        assert answer.status_code == 422, wrong
        assert f'id="e-{field}"' in answer.get_data(as_text=True)
    assert keeper.post("/manage/policies/clocks", **form).status_code == 303
    row = keeper.one(PolicyRow, PolicyRow.kind == PolicyKind.CLOCKS)
    with keeper.app.app_context(), transaction() as session:
        path = session.get_one(Site, keeper.centre).path
        assert clocks_at(session, path, now()).offer_minutes == 120
        assert clocks_at(session, path, now() + timedelta(days=2)).offer_minutes == 90
    assert keeper.post(f"/manage/policies/clocks/{row.id}/take-back", site=str(keeper.centre)).status_code == 303
    with keeper.app.app_context(), transaction() as session:
        assert session.scalars(select(PolicyRow)).all() == []


@pytest.mark.parametrize(
    "path", ["/manage/policies", "/manage/policies/matching", "/manage/policies/hours", "/manage/policies/cases"]
)
def test_every_kind_of_rules_has_its_page(keeper: Keeper, path: str) -> None:
    assert keeper.get(path).status_code == 200
