"""Giving, lengthening and taking roles, each over a subtree of sites and for a time; and who may touch whose account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from volunteer.access import GOVERNORS, Actor, Permission, Role, is_county
from volunteer.accounts.models import Person, RoleGrant
from volunteer.audit.recording import record
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Forbidden, Invalid
from volunteer.kernel.words import N_
from volunteer.places.models import Site
from volunteer.web.models import WebSession

DERIVED = frozenset({Role.TEAM_LEADER, Role.LINK, Role.SYSTEM})  # come from leading, a link, a job: never granted
NOT_YOURS_TO_GIVE = N_("You cannot give this role here.")
IN_THE_PAST = N_("The end must be in the future.")


def grant_role(
    session: Session,
    actor: Actor,
    person_id: int,
    role: Role,
    site: Site,
    *,
    at: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> RoleGrant:
    """Let somebody act as ``role`` at ``site`` and below. The same grant twice is no error."""
    person = load(session, Person, person_id)
    begins = max(since, at) if since else at
    actor.must(Permission.PEOPLE_MANAGE, at=site.path)
    if role in DERIVED:
        raise Invalid.field("role", N_("This role cannot be granted."))
    if until is not None and until <= begins:
        raise Invalid.field("until", IN_THE_PAST if begins == at else N_("The end must be after the beginning."))
    if person.id == actor.user_id:
        raise Conflict("own_role", N_("Somebody else must change your own roles."))
    if not actor.may_give(role, at=site.path):
        raise Invalid.field("role", NOT_YOURS_TO_GIVE)
    if site.closed_at is not None:
        raise Invalid.field("site", N_("This site is closed."))
    for grant in held(session, person.id, begins):
        if grant.role is role and grant.site_id == site.id and grant.until == until:
            return grant

    grant = RoleGrant(person_id=person.id, role=role, site_id=site.id, since=begins, until=until, granted_by=actor.user_id)
    session.add(grant)
    _changed(session, actor, person.id, "role_granted", role, site, at)
    return grant


def lengthen_role(session: Session, actor: Actor, grant_id: int, until: datetime | None, *, at: datetime) -> RoleGrant:
    """Let a grant that has not ended hold until ``until``, or without end; also to shorten it."""
    grant = _own_to_change(session, actor, grant_id)
    if grant.until is not None and grant.until <= at:
        raise Conflict("role_ended", N_("This role has ended. Please give it anew."))
    if until is not None and until <= max(at, grant.since):
        raise Invalid.field("until", IN_THE_PAST)
    if grant.until == until:
        return grant
    if until is not None:
        _keep_a_governor(session, actor, [grant], at)

    grant.until = until
    _changed(session, actor, grant.person_id, "role_lengthened", grant.role, grant.site, at)
    return grant


def revoke_role(session: Session, actor: Actor, grant_id: int, *, at: datetime) -> RoleGrant:
    """End a grant now. Ending it twice is no error."""
    grant = load(session, RoleGrant, grant_id)
    actor.must(Permission.PEOPLE_MANAGE, at=grant.site.path)
    if grant.until is not None and grant.until <= at:
        return grant
    _own_to_change(session, actor, grant_id)
    _keep_a_governor(session, actor, [grant], at)

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


def must_manage(session: Session, actor: Actor, person: Person, *, at: datetime) -> None:
    """Raise unless ``actor`` manages every place that this person has a role in, and could give each role they hold now.

    Whoever resets a password could log in as that person: so nobody may do it to somebody above them.
    """
    actor.must(Permission.PEOPLE_MANAGE, at=scope_of(session, person))
    if not all(actor.may_give(grant.role, at=grant.site.path) for grant in held(session, person.id, at)):
        raise Forbidden(Permission.PEOPLE_MANAGE.value)


def keep_a_governor_without(session: Session, actor: Actor, person: Person, *, at: datetime) -> None:
    """Raise Conflict when a county would have no administrator left without this person."""
    _keep_a_governor(session, actor, held(session, person.id, at), at)


def sign_out_everywhere(session: Session, person_id: int, *, at: datetime) -> None:
    """End every session of somebody: the next request of each browser is a visitor's."""
    living = (WebSession.person_id == person_id, WebSession.ended_at.is_(None))
    session.execute(update(WebSession).where(*living).values(ended_at=at))


def _own_to_change(session: Session, actor: Actor, grant_id: int) -> RoleGrant:
    grant = load(session, RoleGrant, grant_id)
    actor.must(Permission.PEOPLE_MANAGE, at=grant.site.path)
    if grant.person_id == actor.user_id:
        raise Conflict("own_role", N_("Somebody else must change your own roles."))
    if not actor.may_give(grant.role, at=grant.site.path):
        raise Forbidden(Permission.PEOPLE_MANAGE.value)
    return grant


def _keep_a_governor(session: Session, actor: Actor, ending: list[RoleGrant], at: datetime) -> None:
    """Refuse to end the last grant without an end that governs a county. The console may: it can make another."""
    if actor.user_id is None:
        return
    going = {grant.id for grant in ending}
    for site in {grant.site for grant in ending if grant.role in GOVERNORS and is_county(grant.site.path)}:
        lock(session, Site, site.id)  # of two administrators who end each other's role the second sees the first
        others = (
            select(RoleGrant.id)
            .join(Person, Person.id == RoleGrant.person_id)
            .where(
                RoleGrant.role.in_(GOVERNORS),
                RoleGrant.site_id == site.id,
                RoleGrant.id.not_in(going),
                RoleGrant.since <= at,
                RoleGrant.until.is_(None),
                Person.disabled_at.is_(None),
            )
        )
        if session.scalars(others.limit(1)).first() is None:
            raise Conflict(
                "last_administrator",
                N_("The county would be left without an administrator. Give this role to somebody else first, without an end."),
            )


def _changed(session: Session, actor: Actor, person_id: int, action: str, role: Role, site: Site, at: datetime) -> None:
    """A change of rights ends every session of the person: the next log-in gets a new token."""
    sign_out_everywhere(session, person_id, at=at)
    record(session, actor, action, f"person:{person_id}", at=at, site_path=site.path, role=role.value)
