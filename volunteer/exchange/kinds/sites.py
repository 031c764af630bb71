"""中心, 所 and 站 as a sheet: parents may stand in the same sheet, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.exchange.columns import Column, Draft, Sheet, Type, Values
from volunteer.exchange.kinds.base import (
    NO_PLACE,
    TWO_PLACES,
    Context,
    Existing,
    Kind,
    OfKind,
    code_column,
    name_columns,
    point_columns,
    point_of,
    settle_point,
)
from volunteer.kernel.db import load
from volunteer.kernel.geo import Point
from volunteer.kernel.words import N_
from volunteer.places import editing, founding
from volunteer.places.models import Site, SiteLevel

SHEET = Sheet(
    name="sites",
    title=N_("Sites"),
    columns=(
        code_column("S01"),
        *name_columns("梅堰村", "Meiyan Village"),
        Column(key="parent", name="上级", name_en="Above", example="B01",
               also=("上级编号", "上级站点", "上级阵地", "上级单位", "parent"),
               note=N_("The code or the name of the place above; it may stand in this sheet too. Empty only for a centre.")),
        *point_columns(),
        Column(key="phone", name="电话", name_en="Telephone", type=Type.PHONE, longest=30, default="", example="0512-00000000",
               note=N_("The public telephone of the office.")),
        Column(key="head", name="负责人", name_en="Head", longest=40, default="", example="沈明",
               note=N_("Printed on certificates.")),
        Column(key="area", name="范围", name_en="Area", type=Type.AREA, longest=32_767, kept=True,
               note=N_("The outline for the map as GeoJSON; empty leaves it as it is.")),
    ),
)  # fmt: skip


class Sites(Kind):
    """Sites of the tree."""

    sheet = SHEET
    permission = Permission.PLACES_MANAGE
    model = Site

    def context(self, session: Session, actor: Actor, drafts: Sequence[Draft] | None, at: datetime) -> Context:
        """All sites; the names and codes of the sheet count as places too."""
        context = Context(session, actor, at)
        sites = session.scalars(select(Site).order_by(Site.path)).all()
        by_id = {site.id: site for site in sites}
        names: dict[str, set[str]] = {}
        levels: dict[str, SiteLevel | None] = {}
        closed: set[str] = set()
        for site in sites:
            mine = actor.can(self.permission, at=site.path)
            above = by_id[site.parent_id].code if site.parent_id else None
            values: Values = {"code": site.code, "name": site.name, "name_en": site.name_en, "parent": above, **point_of(site)}
            values |= {"phone": site.phone, "head": site.head, "area": site.area}
            context.current[(site.code,)] = Existing(f"site:{site.id}", values, site.closed_at is not None, mine)
            if mine and site.closed_at is None:
                levels[site.code] = site.level
                for name in {site.name, site.office[0]}:
                    names.setdefault(name, set()).add(site.code)
            elif site.closed_at is not None:
                closed.add(site.code)
        above_in_sheet: dict[str, str | None] = {}
        for draft in drafts or ():
            new, called = draft.values.get("code"), draft.values.get("name")
            if new and called and (new,) not in context.current:
                names.setdefault(called, set()).add(new)
                above_in_sheet[new] = draft.values.get("parent")
        context.more = {"names": names, "levels": levels, "above": above_in_sheet, "ids": {}}
        return context

    def settle(self, values: Values, context: Context) -> Values:
        """Parents become codes."""
        values = settle_point(values)
        if "parent" in values:
            values["parent"] = self._parent(values["parent"], context)
        return values

    def judge(self, values: Values, existing: Existing | None, context: Context) -> None:
        """What founding would refuse, said before anything is written."""
        founding.site_values(_draft(values))
        if existing is not None:
            if values["parent"] != existing.values["parent"]:
                raise OfKind("parent", N_("A place moves by its own page, where what moves with it is shown; not by a sheet."))
            return
        line = self._line(values["code"], context)
        if len(line) > len(SiteLevel):
            raise OfKind("parent", N_("Nothing can be founded below a station."))
        if len(line) == 1 and not context.actor.can(self.permission, at="/") and context.current:
            raise OfKind("parent", N_("Please write the place above."))

    def order(self, rows: list[Any]) -> list[Any]:
        """Those above first."""
        above: dict[str | None, str | None] = {row.values["code"]: row.values["parent"] for row in rows}

        def depth(code: str | None) -> int:
            count = 0
            while code in above and count < 9:
                code = above[code]
                count += 1
            return count

        return sorted(rows, key=lambda row: (depth(row.values["code"]), row.row))

    def make(self, context: Context, rows: Sequence[tuple[int, Values]]) -> list[str]:
        """Found them."""
        values = rows[0][1]
        ids = context.more["ids"]
        parent = None
        if values["parent"] is not None:
            known = context.current.get((values["parent"],))
            parent = load(context.session, Site, known.id if known else ids[values["parent"]])
        site = founding.found_site(context.session, context.actor, _draft(values), parent, at=context.at)
        ids[values["code"]] = site.id
        return [f"site:{site.id}"]

    def change(self, context: Context, existing: Existing, values: Values, columns: frozenset[str]) -> None:
        """Write the new words."""
        editing.edit_site(context.session, context.actor, existing.id, _draft(values), at=context.at)

    def _parent(self, word: str | None, context: Context) -> str | None:
        if not word:
            return None
        more = context.more
        if word in more["levels"] or word in more["above"]:
            return word
        found = more["names"].get(word, set())
        if len(found) > 1:
            raise OfKind("parent", TWO_PLACES)
        if not found:
            raise OfKind("parent", NO_PLACE)
        return str(next(iter(found)))

    def _line(self, code: str, context: Context) -> list[str]:
        """The site and those above it. Raises OfKind when they go round in a circle."""
        line = [code]
        while (above := self._above(line[-1], context)) is not None:
            if above in line:
                raise OfKind("parent", N_("These places lie above each other in a circle."))
            line.append(above)
            if len(line) > 20:
                break
        return line

    def _above(self, code: str, context: Context) -> str | None:
        if (code,) in context.current:
            return context.current[(code,)].values["parent"]  # type: ignore[no-any-return]
        return self._parent(context.more["above"].get(code), context)


def _draft(values: Values) -> founding.SiteDraft:
    return founding.SiteDraft(
        code=values["code"], name=values["name"], name_en=values.get("name_en") or "", phone=values.get("phone") or "",
        head=values.get("head") or "", area=values.get("area"), point=Point(values["latitude"], values["longitude"]),
    )  # fmt: skip
