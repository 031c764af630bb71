"""团队 as a sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.exchange.columns import Column, Draft, Sheet, Type, Values, same
from volunteer.exchange.kinds.base import (
    Context,
    Existing,
    Kind,
    OfKind,
    Places,
    code_column,
    name_columns,
    point_columns,
    point_of,
    settle_point,
    site_column,
)
from volunteer.kernel.db import load
from volunteer.kernel.errors import Invalid
from volunteer.kernel.geo import Point
from volunteer.kernel.words import N_
from volunteer.teams import enrolling, running
from volunteer.teams.founding import team_complaints
from volunteer.teams.models import Team, TeamClass
from volunteer.teams.refreshing import refresh_teams

SHEET = Sheet(
    name="teams",
    title=N_("Teams"),
    columns=(
        code_column("T001"),
        *name_columns("梅堰村电工队", "Meiyan Electricians"),
        Column(key="class", name="类别", name_en="Class", required=True, example="水电维修", also=("分类", "队伍类别"),
               note=N_("The code or the name of one of the 8 + N classes.")),
        site_column(),
        Column(key="reach_km", name="服务半径（公里）", name_en="Reach (km)", type=Type.DECIMAL, least=0.5, most=100,
               required=True,
               example="5", also=("服务半径", "半径"), note=N_("How far the team goes.")),
        Column(key="capacity", name="同时可接单数", name_en="Capacity", type=Type.WHOLE, least=1, most=50, required=True,
               example="3", also=("接单数", "容量"), note=N_("Orders that it takes at a time.")),
        *point_columns(required=False),
    ),
)  # fmt: skip


class Teams(Kind):
    """Teams of sites; one without a point of its own stands where its site is."""

    sheet = SHEET
    permission = Permission.TEAMS_MANAGE
    model = Team
    own = frozenset({"team_skills"})

    def context(self, session: Session, actor: Actor, drafts: Sequence[Draft] | None, at: datetime) -> Context:
        """All teams and their classes."""
        context = Context(session, actor, at, places=Places.of(session, actor, self.permission))
        for team in session.scalars(select(Team).options(joinedload(Team.site), joinedload(Team.kind)).order_by(Team.code)):
            values: Values = {"code": team.code, "name": team.name, "name_en": team.name_en, "class": team.kind.code}
            values |= {"site": team.site.code, "reach_km": team.reach_km, "capacity": team.capacity, **point_of(team)}
            mine = actor.can(self.permission, at=team.site_path)
            context.current[(team.code,)] = Existing(f"team:{team.id}", values, team.closed_at is not None, mine)
        classes: dict[str, str] = {}
        for code, name, name_en in session.execute(select(TeamClass.code, TeamClass.name, TeamClass.name_en)):
            classes |= {word: code for word in (name, name_en, code) if word}
        context.more = {"classes": classes}
        return context

    def settle(self, values: Values, context: Context) -> Values:
        """Place and class become codes; a missing point is the place's."""
        values = settle_point(values)
        values["site"] = context.places.code_of(values.get("site"))
        if values.get("class") not in context.more["classes"]:
            raise OfKind("class", N_("There is no class of teams with this code or name."))
        values["class"] = context.more["classes"][values["class"]]
        if values.get("latitude") is None:
            existing = context.current.get((values["code"],))
            point = existing.values if existing else point_of(context.places.named(values["site"]))
            values |= {"latitude": point["latitude"], "longitude": point["longitude"]}
        return values

    def judge(self, values: Values, existing: Existing | None, context: Context) -> None:
        """What founding would refuse; a team that is there changes its reach and its capacity only."""
        if wrong := team_complaints(values["name"], values["reach_km"], values["capacity"]):
            raise Invalid("invalid_team", N_("Please check the fields that are marked."), wrong)
        before = existing.values if existing is not None else values
        for column in ("name", "name_en", "class", "site", "latitude", "longitude"):
            if not same(values[column], before[column]):
                raise OfKind(column, N_("A team that is there keeps its name, place and class; only reach and capacity change."))

    def make(self, context: Context, rows: Sequence[tuple[int, Values]]) -> list[str]:
        """Found it."""
        values = rows[0][1]
        draft = enrolling.TeamDraft(
            site=context.places.named(values["site"]), kind=values["class"], code=values["code"], name=values["name"],
            name_en=values.get("name_en") or "", point=Point(values["latitude"], values["longitude"]),
            reach_km=values["reach_km"], capacity=values["capacity"],
        )  # fmt: skip
        return [f"team:{enrolling.found_team(context.session, context.actor, draft, at=context.at).id}"]

    def change(self, context: Context, existing: Existing, values: Values, columns: frozenset[str]) -> None:
        """Write reach and capacity."""
        session, team = context.session, load(context.session, Team, existing.id)
        running.change_team(
            session, context.actor, team.id, about=team.about, about_en=team.about_en, reach_km=values["reach_km"],
            capacity=values["capacity"], area=running.area_of(session, team.id), at=context.at,
        )  # fmt: skip

    def after(self, context: Context) -> None:
        """Every process reads its roster anew."""
        refresh_teams(context.session, [], at=context.at)

    def lists(self, session: Session, actor: Actor, at: datetime) -> Mapping[str, Sequence[str]]:
        """Offer the classes."""
        return {"class": list(session.scalars(select(TeamClass.name).order_by(TeamClass.id)))}
