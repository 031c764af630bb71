"""网格 as a sheet with a GeoJSON column, or as a GeoJSON file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.exchange.columns import Column, Draft, Sheet, Type, Values
from volunteer.exchange.kinds.base import Context, Existing, Kind, OfKind, Places, code_column, name_columns, site_column
from volunteer.kernel.words import N_
from volunteer.places import editing, founding
from volunteer.places.models import Grid

SHEET = Sheet(
    name="grids",
    title=N_("Grids"),
    columns=(
        code_column("G01-03", 30),
        *name_columns("第三网格", "Grid 3"),
        site_column(),
        Column(key="keeper", name="网格员", name_en="Keeper", longest=120, default="", example="网格员老沈，村委会值班室",
               note=N_("Who looks after it, in words.")),
        Column(key="area", name="范围", name_en="Area", type=Type.AREA, longest=32_767, kept=True,
               also=("geojson", "GeoJSON", "geometry", "图形", "边界"),
               example='{"type":"Polygon","coordinates":[[[120.64,31.16],[120.65,31.16],[120.65,31.17],[120.64,31.16]]]}',
               note=N_("GeoJSON in WGS-84, longitude first. In a GeoJSON file the shape itself counts. Empty changes nothing.")),
    ),
    most=3_000,
)  # fmt: skip


class Grids(Kind):
    """Grids of sites."""

    sheet = SHEET
    permission = Permission.PLACES_MANAGE
    model = Grid

    def context(self, session: Session, actor: Actor, drafts: Sequence[Draft] | None, at: datetime) -> Context:
        """All grids."""
        context = Context(session, actor, at, places=Places.of(session, actor, self.permission))
        for grid in session.scalars(select(Grid).options(joinedload(Grid.site)).order_by(Grid.code)):
            values: Values = {"code": grid.code, "name": grid.name, "name_en": grid.name_en, "site": grid.site.code}
            values |= {"keeper": grid.keeper, "area": grid.area}
            mine = actor.can(self.permission, at=grid.site.path)
            context.current[(grid.code,)] = Existing(f"grid:{grid.id}", values, grid.closed_at is not None, mine)
        return context

    def settle(self, values: Values, context: Context) -> Values:
        """The place becomes its code."""
        return values | {"site": context.places.code_of(values.get("site"))}

    def judge(self, values: Values, existing: Existing | None, context: Context) -> None:
        """What drawing a grid would refuse."""
        if values.get("area") is None:
            raise OfKind("area", N_("A new grid needs its area."))
        founding.grid_values(_draft(values))

    def make(self, context: Context, rows: Sequence[tuple[int, Values]]) -> list[str]:
        """Draw it."""
        values = rows[0][1]
        site = context.places.named(values["site"])
        return [f"grid:{founding.found_grid(context.session, context.actor, site, _draft(values), at=context.at).id}"]

    def change(self, context: Context, existing: Existing, values: Values, columns: frozenset[str]) -> None:
        """Write the new words, area or place."""
        site = context.places.named(values["site"])
        editing.edit_grid(context.session, context.actor, existing.id, _draft(values), site=site, at=context.at)


def _draft(values: Values) -> founding.GridDraft:
    return founding.GridDraft(
        code=values["code"], name=values["name"], name_en=values.get("name_en") or "", keeper=values.get("keeper") or "",
        area=values["area"],
    )  # fmt: skip
