"""Volunteers register, teams are founded and joined. Written for one as for two hundred thousand at a time."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission, Role
from volunteer.accounts.models import Consent, ConsentKind, Person, RoleGrant, tail_index
from volunteer.accounts.rules import mobile
from volunteer.audit.recording import record
from volunteer.catalogue.models import Skill
from volunteer.kernel.db import Base
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.geo import Point
from volunteer.kernel.text import search_text
from volunteer.kernel.words import N_
from volunteer.places.models import Site, SiteLevel
from volunteer.places.queries import keep_still
from volunteer.teams.models import (
    Availability,
    MemberRole,
    Membership,
    Team,
    TeamClass,
    Volunteer,
    VolunteerSkill,
)
from volunteer.teams.refreshing import refresh_teams

NOTICE = "1"  # version of the notice that is shown on registering


@dataclass(frozen=True, kw_only=True, slots=True)
class VolunteerDraft:
    """Who wants to register. ``skills``: (skill's code, proficiency 0 to 1, end of the licence). ``hours``: weekly spans of
    (weekday from Monday 0, from minute, to minute). ``person_id``: somebody who is known already."""

    site: Site
    number: str
    name: str = ""
    phone: str = ""
    document: str = ""
    born_on: date | None = None
    insured_until: date | None = None
    skills: Sequence[tuple[str, float, date | None]] = ()
    hours: Sequence[tuple[int, int, int]] = ()
    registered_at: datetime | None = None
    person_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamDraft:
    """A team to be. ``kind`` is the code of its class, ``capacity`` the orders it takes at a time."""

    site: Site
    kind: str
    code: str
    name: str
    point: Point
    reach_km: float
    capacity: int
    name_en: str = ""


def enrol_volunteers(session: Session, actor: Actor, drafts: Sequence[VolunteerDraft], *, at: datetime) -> list[int]:
    """Register many at once, each with a key, a grant and a consent of their own; return their ids in the same order.

    Raises NotFound for an unknown skill, Invalid for a phone that cannot be one.
    """
    for path in {draft.site.path for draft in drafts}:
        actor.must(Permission.TEAMS_MANAGE, at=path)
    skills = {code: skill_id for skill_id, code in session.execute(select(Skill.id, Skill.code))}
    if unknown := {code for draft in drafts for code, _, _ in draft.skills} - skills.keys():
        raise NotFound("skill", codes=sorted(unknown))
    if not drafts:
        return []

    ids = _people(session, drafts, at)
    for kind, rows in _rows(actor, drafts, ids, skills, at).items():
        if rows:
            session.execute(insert(kind), rows)
    record(session, actor, "volunteers_enrolled", f"person:{ids[0]}", at=at, count=len(ids))
    return ids


def _rows(
    actor: Actor, drafts: Sequence[VolunteerDraft], ids: Sequence[int], skills: Mapping[str, int], at: datetime
) -> dict[type[Base], list[dict[str, Any]]]:
    """Return by table what is written of each, in the order of writing: two hundred thousand are too many for objects."""
    rows: dict[type[Base], list[dict[str, Any]]] = {
        kind: [] for kind in (Volunteer, RoleGrant, Consent, VolunteerSkill, Availability)
    }
    for draft, person_id in zip(drafts, ids, strict=True):
        since = draft.registered_at or at
        rows[Volunteer].append(
            {
                "id": person_id,
                "number": draft.number,
                "site_id": draft.site.id,
                "insured_until": draft.insured_until,
                "registered_at": since,
            }
        )
        rows[RoleGrant].append(
            {
                "person_id": person_id,
                "role": Role.VOLUNTEER,
                "site_id": draft.site.id,
                "since": since,
                "granted_by": actor.user_id,
            }
        )
        rows[Consent].append(
            {"person_id": person_id, "kind": ConsentKind.REGISTER_NOTICE, "notice": NOTICE, "about": "", "at": since}
        )
        rows[VolunteerSkill] += [
            {"volunteer_id": person_id, "skill_id": skills[code], "proficiency": level, "licence_until": until}
            for code, level, until in draft.skills
        ]
        rows[Availability] += [
            {"volunteer_id": person_id, "weekday": day, "begins": begins, "ends": ends} for day, begins, ends in draft.hours
        ]
    return rows


def found_team(session: Session, actor: Actor, draft: TeamDraft, *, at: datetime) -> Team:
    """Return a new team without members. Raises NotFound for an unknown class, Conflict for a code that is taken."""
    actor.must(Permission.TEAMS_MANAGE, at=draft.site.path)
    kind = session.scalar(select(TeamClass).where(TeamClass.code == draft.kind))
    if kind is None:
        raise NotFound("team_class")
    keep_still(session, draft.site)
    if session.scalar(select(Team.id).where(Team.code == draft.code)):
        raise Conflict("team_code_taken", N_("There is a team with this code already."), team_code=draft.code)

    team = Team(
        site=draft.site,
        site_path=draft.site.path,
        kind=kind,
        code=draft.code,
        name=draft.name,
        name_en=draft.name_en,
        latitude=draft.point.latitude,
        longitude=draft.point.longitude,
        reach_km=draft.reach_km,
        capacity=draft.capacity,
        hours="0" * 42,
        search=search_text(draft.name, draft.name_en),
        founded_at=at,
    )
    session.add(team)
    session.flush()  # members point at it
    record(session, actor, "team_founded", f"team:{team.id}", at=at, site_path=draft.site.path)
    return team


def join_teams(
    session: Session, actor: Actor, joins: Sequence[tuple[Team, int, MemberRole]], *, at: datetime, refresh: bool = True
) -> None:
    """Let volunteers (by id) into teams, each with a role there; what the teams can do is worked out anew.

    ``refresh`` False leaves that to a later call of refresh_teams.
    """
    for path in {team.site_path for team, _, _ in joins}:
        actor.must(Permission.TEAMS_MANAGE, at=path)
    rows = [{"team_id": team.id, "volunteer_id": person, "role": role, "since": at} for team, person, role in joins]
    if rows:
        session.execute(insert(Membership), rows)
        record(session, actor, "teams_joined", f"team:{joins[0][0].id}", at=at, count=len(rows))
    if refresh:
        refresh_teams(session, sorted({team.id for team, _, _ in joins}), at=at)


def add_team_class(
    session: Session, actor: Actor, code: str, name: str, name_en: str = "", *, standing: bool = True, at: datetime
) -> TeamClass:
    """Return the class of that code with these words: one of the 8 standing ones, or one of the N."""
    for path in session.scalars(select(Site.path).where(Site.level == SiteLevel.CENTRE)).all() or ("/",):
        actor.must(Permission.TEAMS_MANAGE, at=path)  # every centre shares the classes
    kind = session.scalar(select(TeamClass).where(TeamClass.code == code)) or TeamClass(code=code)
    kind.name, kind.name_en, kind.standing = name, name_en, standing
    session.add(kind)
    session.flush()  # teams point at it
    record(session, actor, "team_class_written", f"team_class:{kind.id}", at=at)
    return kind


def _people(session: Session, drafts: Sequence[VolunteerDraft], at: datetime) -> list[int]:
    """Make persons of those who are not known yet; return everybody's id in the order of the drafts."""
    rows = [_person(session, draft, at) for draft in drafts if draft.person_id is None]
    made = iter(session.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), rows).all() if rows else ())
    return [draft.person_id if draft.person_id is not None else next(made) for draft in drafts]


def _person(session: Session, draft: VolunteerDraft, at: datetime) -> dict[str, Any]:
    """The row of a person, sealed as Person.phone and Person.document seal theirs."""
    phone = mobile(draft.phone)
    if phone is None:
        raise Invalid.field("phone", N_("Please write a mobile number with 11 digits."))
    keyring, uid = session.info["keyring"], uuid.uuid4().hex
    wrapped = keyring.new_data_key(uid)
    key = keyring.data_key(wrapped, uid)
    return {
        "uid": uid,
        "name": draft.name,
        "search": search_text(draft.name),
        "born_on": draft.born_on,
        "wrapped_key": wrapped,
        "phone_sealed": Person.phone.seal_for(Person.__tablename__, uid, key, phone),
        "phone_index": keyring.blind("phone", phone),
        "phone_tail_index": tail_index(keyring, phone),
        "document_sealed": Person.document.seal_for(Person.__tablename__, uid, key, draft.document) if draft.document else None,
        "document_index": keyring.blind("document", draft.document.upper()) if draft.document else None,
        "registered_at": draft.registered_at or at,
    }
