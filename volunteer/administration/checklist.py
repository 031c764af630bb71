"""What an open county still lacks before people can live in it; it stands on the administrator's page until it is done."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.administration.models import Backup
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.words import N_
from volunteer.places.models import Holiday, Site, SiteLevel
from volunteer.teams.models import MemberRole, Membership, Team

BACKUP_HOLDS = timedelta(days=8)  # a weekly backup that is a day late is still one
SENDS_NOTHING = "console"


class Facts(NamedTuple):
    """How much of each there is."""

    stations: int
    staff: int  # clerks and dispatchers, with the right to use it now
    services: int
    teams: int  # open, with a leader
    holidays: int  # days of this year's and next year's calendar
    sender: str  # how messages go out
    backed_up_at: datetime | None


class Step(NamedTuple):
    """One thing to do, whether it is done, why it matters, and where it is done."""

    name: str
    label: str
    why: str
    path: str
    done: bool
    command: str = ""  # what is typed on the machine, where no page does it


def steps_of(facts: Facts, at: datetime) -> list[Step]:
    """Return every step in the order in which they are best done. Pure."""
    backed_up = facts.backed_up_at is not None and facts.backed_up_at > at - BACKUP_HOLDS
    return [
        Step("sites", N_("Branches and stations"), N_("Residents choose their village; a sheet takes all of them at once."),
             "/manage/sites", facts.stations > 0),
        Step("people", N_("Clerks and dispatchers"), N_("Somebody has to check requests and find teams: invite them by link."),
             "/manage/people", facts.staff > 0),
        Step("services", N_("Service menu"), N_("What people can ask for, with the skills it takes."),
             "/manage/services", facts.services > 0),
        Step("teams", N_("Teams and volunteers"), N_("Who comes: each team needs a leader who answers."),
             "/manage/teams", facts.teams > 0),
        Step("holidays", N_("Holidays"), N_("Deadlines in working days need the calendar of the year."),
             "/manage/holidays", facts.holidays > 0),
        Step("messages", N_("Messages"),
             N_("Codes and reminders only reach the log until a sender is set."),
             "/system", facts.sender != SENDS_NOTHING, "VOLUNTEER_SMS_SENDER"),
        Step("backup", N_("Backup"), N_("None in the last eight days. On the machine:"),
             "/system", backed_up, "./run flask county backup"),
    ]  # fmt: skip


def facts_of(session: Session, site_path: str, sender: str, *, at: datetime, today: date) -> Facts:
    """Count what there is under ``site_path``."""
    below = Site.path.startswith(site_path)
    stations = select(Site.id).where(Site.level == SiteLevel.STATION, Site.closed_at.is_(None), below)
    staff = (
        select(RoleGrant.id)
        .join(Site)
        .where(below, RoleGrant.role.in_((Role.CLERK, Role.DISPATCHER)), RoleGrant.since <= at)
        .where((RoleGrant.until.is_(None)) | (RoleGrant.until > at))
    )
    led = exists().where(Membership.team_id == Team.id, Membership.role == MemberRole.LEADER, Membership.until.is_(None))
    return Facts(
        stations=_count(session, stations),
        staff=_count(session, staff),
        services=_count(session, select(ServiceItem.id).where(ServiceItem.closed_at.is_(None))),
        teams=_count(session, select(Team.id).where(Team.site_path.startswith(site_path), Team.closed_at.is_(None), led)),
        holidays=_count(session, select(Holiday.day).where(Holiday.day >= date(today.year, 1, 1))),
        sender=sender,
        backed_up_at=session.scalar(select(func.max(Backup.made_at)).where(Backup.checked_at.is_not(None))),
    )


def _count(session: Session, rows: Select[tuple[int]] | Select[tuple[date]]) -> int:
    """Count no further than needed: one is enough to know that it is begun."""
    return session.scalar(select(func.count()).select_from(rows.limit(1).subquery())) or 0
