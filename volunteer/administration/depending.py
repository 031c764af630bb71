"""What depends on a site: shown before it is closed, and asked again when it is. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission, Role
from volunteer.accounts.models import Person, RoleGrant
from volunteer.accounts.models_entering import Invitation
from volunteer.catalogue.models import ServiceItem
from volunteer.feedback.models import Case
from volunteer.kernel.db import under
from volunteer.orders.households.models_standing import StandingOrder
from volunteer.orders.lifecycle import OPEN
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Grid, Site, Venue
from volunteer.teams.models import Team, Volunteer
from volunteer.teams.models_teams import TeamApplication

SHOWN = 12
GO_ALONG = frozenset({Role.RESIDENT, Role.VOLUNTEER})  # not staff: these roles go where the people go


class Some(NamedTuple):
    """How many there are, and the first of them."""

    number: int
    first: Sequence[Any]


@dataclass(frozen=True)
class Dependents:
    """Everything that lives at one site."""

    sites: Some  # open ones directly below
    orders: Some
    cases: int
    standing: int  # help that comes again
    teams: Some
    applications: int  # of teams to be
    volunteers: int
    staff: Some  # grants, each with its person
    invitations: int
    venues: int
    grids: int
    items: Some

    @property
    def stranded(self) -> bool:
        """Whether something would be left without a home, so that another site must take it over."""
        return bool(
            self.orders.number or self.cases or self.standing or self.teams.number or self.applications or self.volunteers
        )

    @property
    def nothing(self) -> bool:
        """Whether the site is empty."""
        more = self.sites.number or self.staff.number or self.invitations or self.venues or self.grids or self.items.number
        return not self.stranded and not more


def dependents(session: Session, site: Site, *, at: datetime) -> Dependents:
    """Return what depends on ``site`` itself; what lies at the sites below depends on them."""
    here = or_(ServiceOrder.site_id == site.id, ServiceOrder.desk_id == site.id)
    cases = or_(Case.site_id == site.id, Case.desk_id == site.id)
    return Dependents(
        sites=_some(session, Site, Site.parent_id == site.id, Site.closed_at.is_(None), by=Site.code),
        orders=_some(session, ServiceOrder, here, ServiceOrder.status.in_(sorted(OPEN)), by=ServiceOrder.placed_at),
        cases=_count(session, Case, cases, Case.closed_at.is_(None)),
        standing=_count(session, StandingOrder, StandingOrder.site_id == site.id, StandingOrder.ended_at.is_(None)),
        teams=_some(session, Team, Team.site_id == site.id, Team.closed_at.is_(None), by=Team.code),
        applications=_count(session, TeamApplication, TeamApplication.site_id == site.id, TeamApplication.answered_at.is_(None)),
        volunteers=_count(session, Volunteer, Volunteer.site_id == site.id),
        staff=_staff(session, site, at),
        invitations=_count(session, Invitation, *waiting(site, at)),
        venues=_count(session, Venue, Venue.site_id == site.id, Venue.closed_at.is_(None)),
        grids=_count(session, Grid, Grid.site_id == site.id, Grid.closed_at.is_(None)),
        items=_some(
            session, ServiceItem, ServiceItem.site_id == site.id, ServiceItem.closed_at.is_(None), by=ServiceItem.position
        ),
    )


def heirs(session: Session, actor: Actor, site: Site) -> Sequence[Site]:
    """Return the open sites of the same level that could take over, those under the same roof first."""
    found = select(Site).where(
        Site.level == site.level,
        Site.closed_at.is_(None),
        Site.id != site.id,
        under(actor.scopes(Permission.PLACES_MANAGE), Site.path),
    )
    rows = session.scalars(found.order_by(Site.path)).all()
    return sorted(rows, key=lambda row: (row.parent_id != site.parent_id, row.code))


def waiting(site: Site, at: datetime) -> tuple[Any, ...]:
    """The conditions of an invitation to ``site`` that nobody has used yet."""
    return (
        Invitation.site_id == site.id,
        Invitation.used_at.is_(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.expires_at > at,
    )


def living_grants(site: Site, at: datetime) -> tuple[Any, ...]:
    """The conditions of a staff role that is held over ``site`` itself."""
    return (
        RoleGrant.site_id == site.id,
        RoleGrant.role.not_in(sorted(GO_ALONG)),
        or_(RoleGrant.until.is_(None), RoleGrant.until > at),
    )


def _staff(session: Session, site: Site, at: datetime) -> Some:
    conditions = living_grants(site, at)
    count = session.scalar(select(func.count()).select_from(RoleGrant).where(*conditions)) or 0
    rows = session.execute(
        select(RoleGrant, Person)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(*conditions)
        .order_by(RoleGrant.id)
        .limit(SHOWN)
    )
    return Some(count, [(person, grant.role) for grant, person in rows])


def _count(session: Session, table: Any, *conditions: Any) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def _some(session: Session, table: Any, *conditions: Any, by: Any) -> Some:
    rows = session.scalars(select(table).where(*conditions).order_by(by).limit(SHOWN)).all()
    return Some(len(rows) if len(rows) < SHOWN else _count(session, table, *conditions), rows)
