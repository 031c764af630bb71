"""Days that differ from the week, as a sheet: holidays and working weekends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.exchange.columns import Column, Draft, Sheet, Type, Values
from volunteer.exchange.kinds.base import Context, Existing, Kind, OfKind, Places, site_column
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import load
from volunteer.kernel.words import N_
from volunteer.places import founding
from volunteer.places.models import Holiday, Site

SHEET = Sheet(
    name="holidays",
    title=N_("Holidays"),
    columns=(
        Column(key="day", name="日期", name_en="Day", type=Type.DATE, required=True, example="2027-01-01", also=("日子",),
               note=N_("Like 2027-01-01, 2027/1/1 or 2027年1月1日.")),
        Column(key="works", name="是否上班", name_en="Working day", type=Type.YES_NO, required=True, example="否", also=("上班",),
               note=N_("no: a holiday; yes: a weekend on which people work.")),
        Column(key="name", name="名称", name_en="Name", required=True, longest=60, example="元旦", also=("节日", "节日名称")),
        Column(key="name_en", name="英文名称", name_en="English name", longest=60, default="", example="New Year"),
        site_column(required=False),
    ),
    key=("site", "day"),
    most=2_000,
)  # fmt: skip


class Holidays(Kind):
    """Days of the calendars of sites."""

    sheet = SHEET
    permission = Permission.PLACES_MANAGE
    model = Holiday
    at_once = 2_000

    def context(self, session: Session, actor: Actor, drafts: Sequence[Draft] | None, at: datetime) -> Context:
        """All days."""
        context = Context(session, actor, at, places=Places.of(session, actor, self.permission))
        found = select(Holiday, Site).join(Site, Site.id == Holiday.site_id).order_by(Holiday.day, Site.path)
        for day, site in session.execute(found):
            values: Values = {"site": site.code, "day": day.day, "works": day.works, "name": day.name, "name_en": day.name_en}
            thing = f"holiday:{site.id}:{day.day.isoformat()}"
            mine = actor.can(self.permission, at=site.path)
            context.current[(site.code, day.day)] = Existing(thing, values, site.closed_at is not None, mine)
        return context

    def settle(self, values: Values, context: Context) -> Values:
        """The place becomes its code."""
        return values | {"site": context.places.code_of(values.get("site"))}

    def judge(self, values: Values, existing: Existing | None, context: Context) -> None:
        """A day that has passed stays as it is."""
        past = values["day"] < local_date(context.at, zone_of(context.session))
        if existing is not None and past and existing.values["works"] != values["works"]:
            raise OfKind("day", founding.PAST_DAY)

    def make(self, context: Context, rows: Sequence[tuple[int, Values]]) -> list[str]:
        """Write the days into the calendars, each calendar once."""
        by_site: dict[str, list[Values]] = {}
        for _, values in rows:
            by_site.setdefault(values["site"], []).append(values)
        ids = {code: self._keep(context, code, days).id for code, days in by_site.items()}
        return [f"holiday:{ids[values['site']]}:{values['day'].isoformat()}" for _, values in rows]

    def change(self, context: Context, existing: Existing, values: Values, columns: frozenset[str]) -> None:
        """Write what the day is now."""
        self._keep(context, values["site"], [values])

    def in_the_way(self, context: Context, thing: str) -> list[tuple[str, int]]:
        """Deadlines were counted with a day that has passed."""
        day = date.fromisoformat(thing.rsplit(":", 1)[1])
        return [(N_("days that have passed"), 1)] if day < local_date(context.at, zone_of(context.session)) else []

    def unmake(self, context: Context, thing: str) -> None:
        """Take the day off the calendar again."""
        _, site_id, day = thing.split(":")
        site = load(context.session, Site, int(site_id))
        founding.drop_day(context.session, context.actor, site, date.fromisoformat(day), at=context.at)

    def _keep(self, context: Context, code: str, rows: Sequence[Values]) -> Site:
        site = context.places.named(code)
        days = {values["day"]: (values["works"], values["name"], values.get("name_en") or "") for values in rows}
        founding.keep_calendar(context.session, context.actor, site, days, at=context.at)
        return site
