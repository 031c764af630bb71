"""点, 阵地, 基地 as a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.exchange.columns import Column, Draft, Sheet, Values
from volunteer.exchange.kinds.base import (
    Context,
    Existing,
    Kind,
    Places,
    code_column,
    name_columns,
    point_columns,
    point_of,
    settle_point,
    site_column,
)
from volunteer.kernel.geo import Point
from volunteer.kernel.words import N_
from volunteer.places import editing, founding
from volunteer.places.models import Venue

SHEET = Sheet(
    name="venues",
    title=N_("Venues"),
    columns=(
        code_column("V01"),
        *name_columns("梅堰书场", "Meiyan Story House"),
        site_column(),
        Column(key="kind", name="类别", name_en="Kind", longest=40, default="", example="书场", also=("类型",),
               note=N_("What it is, in a word.")),
        *point_columns(),
    ),
)  # fmt: skip


class Venues(Kind):
    """Venues of sites."""

    sheet = SHEET
    permission = Permission.PLACES_MANAGE
    model = Venue

    def context(self, session: Session, actor: Actor, drafts: Sequence[Draft] | None, at: datetime) -> Context:
        """All venues."""
        context = Context(session, actor, at, places=Places.of(session, actor, self.permission))
        for venue in session.scalars(select(Venue).options(joinedload(Venue.site)).order_by(Venue.code)):
            values: Values = {"code": venue.code, "name": venue.name, "name_en": venue.name_en, "site": venue.site.code}
            values |= {"kind": venue.kind, **point_of(venue)}
            mine = actor.can(self.permission, at=venue.site.path)
            context.current[(venue.code,)] = Existing(f"venue:{venue.id}", values, venue.closed_at is not None, mine)
        return context

    def settle(self, values: Values, context: Context) -> Values:
        """The place becomes its code, the point WGS-84."""
        return settle_point(values) | {"site": context.places.code_of(values.get("site"))}

    def judge(self, values: Values, existing: Existing | None, context: Context) -> None:
        """What opening a venue would refuse."""
        founding.venue_values(_draft(values))

    def make(self, context: Context, rows: Sequence[tuple[int, Values]]) -> list[str]:
        """Open it."""
        values = rows[0][1]
        site = context.places.named(values["site"])
        return [f"venue:{founding.found_venue(context.session, context.actor, site, _draft(values), at=context.at).id}"]

    def change(self, context: Context, existing: Existing, values: Values, columns: frozenset[str]) -> None:
        """Write the new words or place."""
        site = context.places.named(values["site"])
        editing.edit_venue(context.session, context.actor, existing.id, _draft(values), site=site, at=context.at)


def _draft(values: Values) -> founding.VenueDraft:
    return founding.VenueDraft(
        code=values["code"], name=values["name"], name_en=values.get("name_en") or "", kind=values.get("kind") or "",
        point=Point(values["latitude"], values["longitude"]),
    )  # fmt: skip
