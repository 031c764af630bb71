"""One sheet that the site administrator brought in: three venues of the town, two days ago."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from volunteer.exchange import importing, planning, writing
from volunteer.exchange.columns import Values
from volunteer.exchange.kinds import kind_called
from volunteer.simulation import personas
from volunteer.simulation.settling import World
from volunteer.simulation.stage import Stage

SINCE = timedelta(days=2, hours=3)
VENUES = (("书场", "Story House"), ("棋社", "Chess Room"), ("百姓戏台", "Open Stage"))
KIND = "venues"


def bring_in(session: Session, world: World) -> None:
    """Upload it and say yes, as the page does."""
    kind, at = kind_called(KIND), world.at - SINCE
    branch, actor = world.sites[personas.HOME_BRANCH], Stage(session, world).persona("admin")
    rows: list[Values] = [
        {
            "code": f"{branch.code}-S{number}", "name": f"{branch.name}{name}", "name_en": f"{branch.name_en} {name_en}",
            "site": branch.code, "kind": name, "latitude": branch.latitude + number / 1000, "longitude": branch.longitude,
        }
        for number, (name, name_en) in enumerate(VENUES, start=1)
    ]  # fmt: skip
    data = writing.csv_of(kind.sheet, rows, "zh_Hans")
    checked, _ = importing.read(kind, data)
    plan = planning.plan(session, actor, kind, checked, at=at)
    row = importing.keep(session, actor, kind, data, "文化点位.csv", checked, plan, locale="zh_Hans", at=at)
    importing.apply(session, actor, row.id, checked, at=at)
