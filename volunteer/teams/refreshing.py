"""Writing down what teams can do, when and with which insurance, whenever their members or what these can do has changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Row, Select, delete, insert, select, update
from sqlalchemy.orm import Session

from volunteer.accounts.models import Person
from volunteer.catalogue.models import Skill
from volunteer.kernel.clock import local_date, zone_of
from volunteer.teams import cover
from volunteer.teams.ages import needs_guardian
from volunteer.teams.changing import roster_changed
from volunteer.teams.models import Availability, Membership, Team, TeamSkill, Volunteer, VolunteerSkill

AT_ONCE = 400  # teams of one batch


def refresh_teams(session: Session, team_ids: Sequence[int], *, at: datetime) -> None:
    """Work out skills and hours of the teams anew from their present members; every process reads its roster anew."""
    session.flush()  # what was just added to a member counts
    day = local_date(at, zone_of(session))
    for start in range(0, len(team_ids), AT_ONCE):
        _refresh(session, list(team_ids[start : start + AT_ONCE]), at, day)
    session.expire_all()
    roster_changed(session)


def _refresh(session: Session, team_ids: list[int], at: datetime, day: date) -> None:
    present = (
        Membership.team_id.in_(team_ids),
        Membership.since <= at,
        Membership.until.is_(None) | (Membership.until > at),
    )
    members: dict[int, set[int]] = {team_id: set() for team_id in team_ids}
    for team_id, volunteer_id in session.execute(select(Membership.team_id, Membership.volunteer_id).where(*present)):
        members[team_id].add(volunteer_id)
    who = select(Membership.volunteer_id).where(*present)
    held = _held(session.execute(_skills(who)).all())
    spans: dict[int, list[tuple[int, int, int]]] = {}
    willing = select(Availability.volunteer_id, Availability.weekday, Availability.begins, Availability.ends)
    for volunteer_id, weekday, begins, ends in session.execute(willing.where(Availability.volunteer_id.in_(who))):
        spans.setdefault(volunteer_id, []).append((weekday, begins, ends))

    insured = _insured(session, who, day)
    covered = []
    until: dict[int, date | None] = {}
    for team_id, people in members.items():
        safe = cover.insured([(held.get(person, {}), insured.get(person)) for person in people], day)
        until[team_id] = safe[0]
        for skill_id, (level, count) in cover.skills([held.get(person, {}) for person in people], day).items():
            row = {"team_id": team_id, "skill_id": skill_id, "proficiency": level, "members": count}
            covered.append(row | {"insured_until": safe[1].get(skill_id)})
    session.execute(delete(TeamSkill).where(TeamSkill.team_id.in_(team_ids)))
    if covered:
        session.execute(insert(TeamSkill), covered)
    weeks = {team_id: cover.hours(spans.get(person, ()) for person in people) for team_id, people in members.items()}
    session.execute(
        update(Team),
        [{"id": team_id, "hours": cover.as_hex(week), "insured_until": until[team_id]} for team_id, week in weeks.items()],
    )


def _insured(session: Session, who: Select[tuple[int]], day: date) -> dict[int, date]:
    """Until when each of them is insured who is known to be an adult."""
    rows = select(Volunteer.id, Volunteer.insured_until, Person.born_on).join(Person, Person.id == Volunteer.id)
    insured = session.execute(rows.where(Volunteer.id.in_(who), Volunteer.insured_until.is_not(None)))
    return {
        volunteer_id: until
        for volunteer_id, until, born_on in insured
        if until is not None and born_on is not None and not needs_guardian(born_on, day)
    }


def _skills(who: Select[tuple[int]]) -> Select[tuple[int, int, float, date | None, bool]]:
    return (
        select(VolunteerSkill.volunteer_id, Skill.id, VolunteerSkill.proficiency, VolunteerSkill.licence_until, Skill.licensed)
        .join(Skill, Skill.id == VolunteerSkill.skill_id)
        .where(VolunteerSkill.volunteer_id.in_(who))
    )


def _held(rows: Sequence[Row[tuple[int, int, float, date | None, bool]]]) -> dict[int, dict[int, cover.Held]]:
    held: dict[int, dict[int, cover.Held]] = {}
    for volunteer_id, skill_id, proficiency, licence_until, licensed in rows:
        held.setdefault(volunteer_id, {})[skill_id] = cover.Held(proficiency, licensed, licence_until)
    return held
