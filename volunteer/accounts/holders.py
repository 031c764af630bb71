"""Who holds a role at a place now: to be told, or to be asked to decide."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from volunteer.access import GRANTS, Permission, Role
from volunteer.accounts.models import Person, RoleGrant
from volunteer.places.models import Site


def roles_with(permission: Permission) -> list[Role]:
    """Return the roles of people that may do ``permission``."""
    return [role for role, granted in GRANTS.items() if permission in granted and role is not Role.SYSTEM]


def holders(session: Session, roles: Collection[Role], sites: Collection[int], *, at: datetime) -> list[Person]:
    """Return who holds one of ``roles`` at one of the sites themselves, each once, in the order of their ids."""
    rows = session.execute(_held(roles, sites, at)).all()
    return list({row.Person.id: row.Person for row in rows}.values())


def holders_above(session: Session, roles: Collection[Role], path: str, *, at: datetime) -> list[Person]:
    """Return who holds one of ``roles`` at a place or at any site above it."""
    return holders(session, roles, _on_the_way(path), at=at)


def nearest_holders(session: Session, roles: Collection[Role], path: str, *, at: datetime) -> list[Person]:
    """Return who holds one of ``roles`` at a place, or at the nearest site above it that has somebody."""
    rows = session.execute(_held(roles, _on_the_way(path), at)).all()
    nearest = max((len(row.path) for row in rows), default=0)
    return list({row.Person.id: row.Person for row in rows if len(row.path) == nearest}.values())


def _held(roles: Collection[Role], sites: Collection[int], at: datetime) -> Select[tuple[Person, str]]:
    return (
        select(Person, Site.path)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(Site, Site.id == RoleGrant.site_id)
        .where(
            RoleGrant.role.in_(roles),
            RoleGrant.site_id.in_(sites),
            RoleGrant.since <= at,
            RoleGrant.until.is_(None) | (RoleGrant.until > at),
            Person.disabled_at.is_(None),
        )
        .order_by(Person.id)
    )


def _on_the_way(path: str) -> list[int]:
    return [int(part) for part in path.strip("/").split("/") if part]
