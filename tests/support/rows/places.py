"""Sites, venues, grids, holidays, rules, and the menu, as those who look after them keep them."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from tests.support import builders as make
from tests.support.everybody import ABROAD, NEXT, County
from tests.support.rows import IN, Row, Values
from volunteer.access import SYSTEM
from volunteer.catalogue.models import Question, QuestionKind, ServiceCategory, Skill
from volunteer.kernel.clock import SHANGHAI, local_date, now
from volunteer.kernel.geo import Point
from volunteer.places.adopting import adopt_policy
from volunteer.places.founding import GridDraft, VenueDraft, found_grid, found_venue
from volunteer.places.models import PolicyKind, Site
from volunteer.places.terms import Clocks
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction

NUMBERS = itertools.count(1)
KEEPERS = "admin it"
HERE = Point(31.1, 120.6)
AREA = {"type": "Polygon", "coordinates": [[[120.60, 31.10], [120.61, 31.10], [120.61, 31.11], [120.60, 31.11], [120.60, 31.10]]]}
PLACE = {"point.latitude": "31.1", "point.longitude": "120.6", "point.datum": "wgs84"}
TOMORROW = timedelta(days=1)


def parts(county: County, _: Values) -> Values:
    """A station of the branch with a venue and a grid, a service of it with a question, a version of rules to come."""
    with county.app.app_context(), transaction() as session:
        branch = session.get_one(Site, county.station).parent
        number = next(NUMBERS)
        site = make.a_site(session, branch)
        venue = found_venue(session, SYSTEM, site, VenueDraft(code=f"RV{number}", name="礼堂", point=HERE), at=now())
        grid = found_grid(session, SYSTEM, site, GridDraft(code=f"RG{number}", name="网格", area=AREA), at=now())
        item = make.an_item(session, branch, name="换灯管")
        question = Question(item=item, code="which", kind=QuestionKind.TEXT, name="哪种灯？", position=1)
        session.add(question)
        days = timedelta(days=number)
        row = adopt_policy(session, SYSTEM, branch, PolicyKind.CLOCKS, {}, valid_from=now() + days, at=now())
        skill = session.scalars(select(Skill)).first() or Skill(code="row", name="技能")
        session.add(skill)
        session.flush()
        return {
            "site_id": site.id, "branch": branch.id, "venue_id": venue.id, "grid_id": grid.id, "item_id": item.id,
            "question_id": question.id, "row_id": row.id, "kind": "clocks", "what": "close", "step": "up", "count": number,
            "category_id": session.scalars(select(ServiceCategory.id)).first() or 0, "skill_id": skill.id,
        }  # fmt: skip


def row(data: Any = lambda values: {}, **more: Any) -> Row:
    return Row(KEEPERS, extra=parts, data=lambda values: {"once": once()} | data(values), **more)


def listed(**more: Any) -> Row:
    """A list: whoever keeps another place sees another list."""
    return Row(KEEPERS, IN, **more)


def everybodys(data: Any = lambda values: {}) -> Row:
    """Skills and categories belong to both centres of this county: nobody keeps the menus of both."""
    return Row(
        "",
        extra=parts,
        but={f"{role}{place}": 404 for role in KEEPERS.split() for place in ("", NEXT, ABROAD)},
        data=lambda values: {"once": once()} | data(values),
    )


def site_form(values: Values) -> Values:
    return {"under": str(values["branch"]), "code": f"RS{values['count']}.{once()[:4].strip('-_')}", "name": "新站", **PLACE}


def venue_form(values: Values) -> Values:
    return {"site": str(values["site_id"]), "code": f"W{values['count']}.{next(NUMBERS)}", "name": "礼堂", **PLACE}


def grid_form(values: Values) -> Values:
    return {
        "site": str(values["site_id"]),
        "code": f"X{values['count']}.{next(NUMBERS)}",
        "name": "网格",
        "area": json.dumps(AREA),
    }


def day_form(values: Values) -> Values:
    day = local_date(now(), SHANGHAI) + TOMORROW
    return {"site": str(values["site_id"]), "day": day.isoformat(), "works": "true", "name": "调休"}


def policy_form(values: Values) -> Values:
    figures = {name: str(value) for name, value in vars(Clocks()).items() if name != "version"}
    day = local_date(now(), SHANGHAI) + timedelta(days=10 + next(NUMBERS))
    return figures | {"site": str(values["branch"]), "valid_from": day.isoformat()}


def item_form(values: Values) -> Values:
    with_code = {
        "code": f"y{values['count']}.{next(NUMBERS)}",
        "category": "repair",
        "name": "换灯",
        "minutes": "30",
        "people": "1",
    }
    return with_code | {"risk": "low", "reply_minutes": "60", "site": str(values["branch"])}


def question_form(values: Values) -> Values:
    return {"code": f"q{next(NUMBERS)}", "kind": "text", "name": "多高？"}


ROWS: dict[str, Row] = {
    "GET /manage/sites": listed(),
    "GET /manage/sites/new": listed(),
    "POST /manage/sites/new": row(site_form),
    "GET /manage/sites/<int:site_id>": row(),
    "GET /manage/sites/<int:site_id>/edit": row(),
    "POST /manage/sites/<int:site_id>/edit": row(site_form),
    "GET /manage/sites/<int:site_id>/move": row(),
    "POST /manage/sites/<int:site_id>/move": row(lambda values: {"parent": str(values["branch"])}),
    "GET /manage/sites/<int:site_id>/close": row(),
    "POST /manage/sites/<int:site_id>/close": row(),
    "POST /manage/sites/<int:site_id>/open": row(),
    "GET /manage/venues": listed(),
    "GET /manage/venues/new": listed(),
    "POST /manage/venues/new": row(venue_form),
    "GET /manage/venues/<int:venue_id>": row(),
    "POST /manage/venues/<int:venue_id>": row(venue_form),
    "POST /manage/venues/<int:venue_id>/close": row(),
    "POST /manage/venues/<int:venue_id>/open": row(),
    "GET /manage/grids": listed(),
    "GET /manage/grids/areas.geojson": listed(),
    "GET /manage/grids/new": listed(),
    "POST /manage/grids/new": row(grid_form),
    "GET /manage/grids/upload": listed(),
    "POST /manage/grids/upload": Row(
        KEEPERS,
        404,
        extra=parts,
        data=lambda values: {"once": once(), "site": str(values["site_id"])},
        but={"admin": 422, "it": 422},
    ),
    "GET /manage/grids/<int:grid_id>": row(),
    "POST /manage/grids/<int:grid_id>": row(grid_form),
    "POST /manage/grids/<int:grid_id>/close": row(),
    "POST /manage/grids/<int:grid_id>/open": row(),
    "GET /manage/holidays": listed(),
    "POST /manage/holidays": row(day_form),
    "POST /manage/holidays/drop": row(day_form),
    "GET /manage/policies": listed(),
    "GET /manage/policies/<kind>": listed(extra=parts),
    "POST /manage/policies/<kind>": row(policy_form),
    "POST /manage/policies/<kind>/<int:row_id>/take-back": row(),
    "GET /manage/services": listed(),
    "GET /manage/services/new": listed(),
    "POST /manage/services/new": row(item_form),
    "GET /manage/services/<int:item_id>": row(),
    "POST /manage/services/<int:item_id>": row(item_form),
    "POST /manage/services/<int:item_id>/close": row(),
    "POST /manage/services/<int:item_id>/open": row(),
    "POST /manage/services/<int:item_id>/<step>": row(),
    "GET /manage/services/<int:item_id>/questions/new": row(),
    "POST /manage/services/<int:item_id>/questions/new": row(question_form),
    "GET /manage/services/questions/<int:question_id>": row(),
    "POST /manage/services/questions/<int:question_id>": row(question_form),
    "POST /manage/services/questions/<int:question_id>/<what>": row(),
    "GET /manage/categories": listed(),
    "GET /manage/categories/new": everybodys(),
    "POST /manage/categories/new": everybodys(lambda _: {"code": "c", "name": "类", "icon": "heart"}),
    "GET /manage/categories/<int:category_id>": everybodys(),
    "POST /manage/categories/<int:category_id>": everybodys(lambda _: {"code": "c", "name": "类", "icon": "heart"}),
    "POST /manage/categories/<int:category_id>/<what>": everybodys(),
    "GET /manage/skills": listed(),
    "GET /manage/skills/new": everybodys(),
    "POST /manage/skills/new": everybodys(lambda _: {"code": "s", "name": "技能"}),
    "GET /manage/skills/<int:skill_id>": everybodys(),
    "POST /manage/skills/<int:skill_id>": everybodys(lambda _: {"code": "s", "name": "技能"}),
    "POST /manage/skills/<int:skill_id>/<what>": everybodys(),
}
