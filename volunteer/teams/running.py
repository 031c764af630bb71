"""What a team is and does as its leader or its site says: words, reach, area, capacity, break; closed and open again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.places.models import Site
from volunteer.teams import telling
from volunteer.teams.belonging import led_team, members_of
from volunteer.teams.changing import roster_changed
from volunteer.teams.founding import team_complaints
from volunteer.teams.models import MemberRole, Team
from volunteer.teams.models_teams import TeamArea

LONGEST_PAUSE = timedelta(days=366)
MOST_AREAS = 60


def change_team(
    session: Session,
    actor: Actor,
    team_id: int,
    *,
    about: str,
    about_en: str = "",
    reach_km: float,
    capacity: int,
    area: Sequence[Site] = (),
    at: datetime,
) -> Team:
    """Write what everybody reads about a team, how far it goes, how much it takes on, and in which sites it serves.

    ``area`` empty: wherever its reach takes it.
    """
    team = led_team(session, actor, team_id)
    wrong = team_complaints(team.name, reach_km, capacity)
    wrong.pop("name", None)
    if len(area) > MOST_AREAS:
        wrong["area"] = [N_("At most sixty places, please. Leave it empty to serve everywhere in reach.")]
    county = f"/{team.site_path.strip('/').split('/')[0]}/"
    if any(not site.path.startswith(county) for site in area):
        wrong["area"] = [N_("Please choose one of these.")]
    if wrong:
        raise Invalid("invalid_team", N_("Please check the fields that are marked."), wrong)
    team.about, team.about_en = about.strip()[:600], about_en.strip()[:800]
    team.reach_km, team.capacity = reach_km, capacity
    session.execute(delete(TeamArea).where(TeamArea.team_id == team.id))
    session.add_all(TeamArea(team_id=team.id, site_id=site_id) for site_id in sorted({site.id for site in area}))
    record(session, actor, "team_changed", f"team:{team.id}", at=at, site_path=team.site_path)
    session.flush()  # the next reader of the area asks the database
    roster_changed(session)
    return team


def pause_team(session: Session, actor: Actor, team_id: int, until: datetime | None, *, at: datetime) -> Team:
    """Take nothing new on until then; what the team has in hand it keeps. None ends the break."""
    team = led_team(session, actor, team_id)
    if until is not None and not at < until <= at + LONGEST_PAUSE:
        raise Invalid.field("until", N_("This day has passed, or it is too far away."))
    if team.paused_until != until:
        team.paused_until = until
        record(session, actor, "team_paused", f"team:{team.id}", at=at, site_path=team.site_path)
        roster_changed(session)
    return team


def area_of(session: Session, team_id: int) -> list[Site]:
    """Return the sites in which a team serves; none: wherever its reach takes it."""
    found = select(Site).join(TeamArea, TeamArea.site_id == Site.id).where(TeamArea.team_id == team_id)
    return list(session.scalars(found.order_by(Site.code)))


def close_team(session: Session, actor: Actor, team_id: int, *, at: datetime) -> Team:
    """Close a team; its members stay written down for the day it opens again. What it has in hand, the caller has asked."""
    team = lock(session, Team, team_id)
    actor.must(Permission.TEAMS_MANAGE, at=team.site_path)
    if team.closed_at is not None:
        return team
    for member in members_of(session, team.id, at=at):
        telling.tell_about(session, member.volunteer.person, "team_closed", team, at=at)
    team.closed_at = at
    record(session, actor, "team_closed", f"team:{team.id}", at=at, site_path=team.site_path)
    roster_changed(session)
    return team


def open_team(session: Session, actor: Actor, team_id: int, *, at: datetime) -> Team:
    """Open a closed team again with whoever is still in it. Raises Conflict without a leader or with a closed site."""
    team = lock(session, Team, team_id)
    actor.must(Permission.TEAMS_MANAGE, at=team.site_path)
    if team.closed_at is None:
        return team
    if team.site.closed_at is not None:
        raise Conflict("site_closed", N_("This site is closed."))
    if not any(one.role is MemberRole.LEADER for one in members_of(session, team.id, at=at)):
        raise Conflict("no_leader", N_("This team has no leader any more. Please found it anew."))
    team.closed_at = None
    record(session, actor, "team_opened", f"team:{team.id}", at=at, site_path=team.site_path)
    roster_changed(session)
    return team
