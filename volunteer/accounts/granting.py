"""Giving and taking roles, each over a subtree of sites and for a time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission, Role
from volunteer.accounts.models import Person, RoleGrant
from volunteer.audit.recording import record
from volunteer.kernel.db import load
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.places.models import Site
from volunteer.web.models import WebSession

DERIVED = frozenset({Role.TEAM_LEADER, Role.LINK, Role.SYSTEM})  # come from leading, a link, a job: never granted


def grant_role(
    session: Session, actor: Actor, person_id: int, role: Role, site: Site, *, at: datetime, until: datetime | None = None
) -> RoleGrant:
    """Let somebody act as ``role`` at ``site`` and below. The same grant twice is no error."""
    person = load(session, Person, person_id)
    actor.must(Permission.PEOPLE_MANAGE, at=site.path)
    if role in DERIVED:
        raise Invalid.field("role", N_("This role cannot be granted."))
    if until is not None and until <= at:
        raise Invalid.field("until", N_("The end must be in the future."))
    if person.id == actor.user_id:
        raise Conflict("own_role", N_("Somebody else must change your own roles."))
    for grant in held(session, person.id, at):
        if grant.role is role and grant.site_id == site.id and grant.until == until:
            return grant

    grant = RoleGrant(person_id=person.id, role=role, site_id=site.id, since=at, until=until, granted_by=actor.user_id)
    session.add(grant)
    _changed(session, actor, person.id, "role_granted", role, site, at)
    return grant


def revoke_role(session: Session, actor: Actor, grant_id: int, *, at: datetime) -> RoleGrant:
    """End a grant now. Ending it twice is no error."""
    grant = load(session, RoleGrant, grant_id)
    actor.must(Permission.PEOPLE_MANAGE, at=grant.site.path)
    if grant.until is not None and grant.until <= at:
        return grant
    if grant.person_id == actor.user_id:
        raise Conflict("own_role", N_("Somebody else must change your own roles."))
    grant.until = at
    _changed(session, actor, grant.person_id, "role_revoked", grant.role, grant.site, at)
    return grant


def held(session: Session, person_id: int, at: datetime) -> list[RoleGrant]:
    """Return the grants that somebody holds at ``at``."""
    found = select(RoleGrant).where(
        RoleGrant.person_id == person_id,
        RoleGrant.since <= at,
        or_(RoleGrant.until.is_(None), RoleGrant.until > at),
    )
    return list(session.scalars(found.order_by(RoleGrant.id)))


def scope_of(session: Session, person: Person) -> str:
    """Return the site path that a manager of this person must have power over: what all their grants have in common."""
    paths = list(session.scalars(select(Site.path).join(RoleGrant).where(RoleGrant.person_id == person.id)))
    if not paths:
        return "/"
    common = paths[0].strip("/").split("/")
    for path in paths[1:]:
        parts = path.strip("/").split("/")
        common = [mine for mine, other in zip(common, parts, strict=False) if mine == other][: len(parts)]
    return "/" + "".join(f"{part}/" for part in common)


def sign_out_everywhere(session: Session, person_id: int, *, at: datetime) -> None:
    """End every session of somebody: the next request of each browser is a visitor's."""
    living = (WebSession.person_id == person_id, WebSession.ended_at.is_(None))
    session.execute(update(WebSession).where(*living).values(ended_at=at))


def _changed(session: Session, actor: Actor, person_id: int, action: str, role: Role, site: Site, at: datetime) -> None:
    """A change of rights ends every session of the person: the next log-in gets a new token."""
    sign_out_everywhere(session, person_id, at=at)
    record(session, actor, action, f"person:{person_id}", at=at, site_path=site.path, role=role.value)
