"""Who belongs to which team now, and what follows when that changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.kernel.db import lock
from volunteer.kernel.errors import NotFound
from volunteer.teams import duty
from volunteer.teams.models import MemberRole, Membership, Team
from volunteer.teams.refreshing import refresh_teams


def present(at: datetime) -> ColumnElement[bool]:
    """Return the condition that a membership holds at ``at``."""
    return and_(Membership.since <= at, Membership.until.is_(None) | (Membership.until > at))


def teams_of(session: Session, volunteer_id: int, *, at: datetime) -> Sequence[Membership]:
    """Return the present memberships of somebody in open teams."""
    mine = select(Membership).join(Team, Team.id == Membership.team_id).where(Membership.volunteer_id == volunteer_id)
    return session.scalars(mine.where(present(at), Team.closed_at.is_(None)).order_by(Membership.id)).all()


def membership(session: Session, team_id: int, volunteer_id: int | None, *, at: datetime) -> Membership | None:
    """Return somebody's present membership in a team, or None."""
    mine = (Membership.team_id == team_id, Membership.volunteer_id == volunteer_id)
    return session.scalar(select(Membership).where(*mine, present(at)))


def members_of(session: Session, team_id: int, *, at: datetime) -> Sequence[Membership]:
    """Return the present members of a team, leaders first."""
    order = {MemberRole.LEADER: 0, MemberRole.DEPUTY: 1, MemberRole.MEMBER: 2}
    found = session.scalars(select(Membership).where(Membership.team_id == team_id, present(at)).order_by(Membership.id)).all()
    return sorted(found, key=lambda one: (order[one.role], one.id))


def led_team(session: Session, actor: Actor, team_id: int) -> Team:
    """Return a team that this actor leads or whose site is theirs, locked. Raises NotFound for any other."""
    team = lock(session, Team, team_id)
    if team.id in actor.leads or actor.can(Permission.TEAMS_MANAGE, at=team.site_path):
        return team
    raise NotFound("team")


def refresh_for(session: Session, volunteer_id: int, *, at: datetime) -> None:
    """Work out anew what the teams of somebody can do, and they on duty: their skills, papers or hours have changed."""
    ids = [one.team_id for one in teams_of(session, volunteer_id, at=at)]
    if ids:
        refresh_teams(session, ids, at=at)
    duty.follow(session, volunteer_id, at=at)
