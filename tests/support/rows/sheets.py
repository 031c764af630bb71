"""The routes of sheets: whoever looks after places, menu or teams, each under their own."""

from __future__ import annotations

from sqlalchemy import select

from tests.support.everybody import County
from tests.support.rows import IN, Row, Values
from tests.support.sheets import a_csv, look
from volunteer.access import Actor, Role
from volunteer.exchange import importing
from volunteer.exchange.kinds import kind_called
from volunteer.exchange.models import Import
from volunteer.kernel.clock import now
from volunteer.places.models import Site
from volunteer.teams.models import Team
from volunteer.web.unit import transaction

WHO = "admin"


def kind_of_sheet(county: County, values: Values) -> Values:
    return {"name": "venues", "form": "csv"}


def an_upload(county: County, values: Values) -> Values:
    """A sheet with one new venue, sent by the site administrator of the place."""
    return {"import_id": _import(county, values, done=False)}


def an_import(county: County, values: Values) -> Values:
    return {"import_id": _import(county, values, done=True)}


def _import(county: County, values: Values, *, done: bool) -> int:
    with county.app.app_context(), transaction() as session:
        team = session.get_one(Team, county.team)
        site = session.get_one(Site, team.site_id)
        branch = site.parent or site
        actor = Actor(county.ids["admin"], frozenset({(Role.SITE_ADMIN, branch.path)}), name="admin甲")
        count = len(session.scalars(select(Import.id)).all())
        rows: list[list[object]] = [["编号", "名称", "所属站点", "纬度", "经度"], [f"VX{count}", "书场", site.code, 31, 120]]
        row, plan = look(session, actor, "venues", a_csv(rows), at=now())
        if done:
            checked, _ = importing.read(kind_called("venues"), a_csv(rows))
            importing.apply(session, actor, row.id, checked, at=now())
        assert not plan.faults
        return row.id


ROWS: dict[str, Row] = {
    "GET /manage/sheets": Row(WHO, IN, hides=True),
    "GET /manage/sheets/<name>": Row(WHO, IN, extra=kind_of_sheet),
    "POST /manage/sheets/<name>": Row(WHO, 422, but={WHO: 422}, extra=kind_of_sheet),
    "GET /manage/sheets/<name>/template.<form>": Row(WHO, IN, extra=kind_of_sheet),
    "POST /manage/sheets/<name>/export": Row(WHO, IN, extra=kind_of_sheet),
    "GET /manage/sheets/imports/<int:import_id>": Row(WHO, extra=an_upload),
    "POST /manage/sheets/imports/<int:import_id>/marked.xlsx": Row(WHO, extra=an_upload),
    "POST /manage/sheets/imports/<int:import_id>/apply": Row(WHO, extra=an_upload),
    "POST /manage/sheets/imports/<int:import_id>/drop": Row(WHO, extra=an_upload),
    "POST /manage/sheets/imports/<int:import_id>/undo": Row(WHO, extra=an_import),
}
