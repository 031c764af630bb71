"""What volunteers say about themselves: language, skills, week, days off, break, wishes; and leaving the register."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission, Role
from volunteer.accounts.granting import sign_out_everywhere
from volunteer.accounts.models import RoleGrant
from volunteer.audit.recording import record
from volunteer.catalogue.models import ServiceCategory, Skill
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import LOCALES, N_
from volunteer.places.models import Site
from volunteer.teams import duty, telling
from volunteer.teams.belonging import present, refresh_for, teams_of
from volunteer.teams.lifecycle import ANSWERS, Answer, AnswerAction
from volunteer.teams.models import Availability, MemberRole, Membership, Standing, Volunteer, VolunteerSkill
from volunteer.teams.models_teams import TeamAsk
from volunteer.teams.models_volunteers import DayOff, Wish
from volunteer.teams.refreshing import refresh_teams
from volunteer.teams.rules import LONGEST_REACH, check_week, merged

MOST_DAYS = 60  # exceptions ahead
LONGEST_PAUSE = timedelta(days=366 * 2)
USUAL_LEVEL = 0.6


def own(session: Session, actor: Actor) -> Volunteer:
    """Return the volunteer that the actor is, locked. Raises NotFound for whoever never registered or has left."""
    if actor.user_id is None or session.get(Volunteer, actor.user_id) is None:
        raise NotFound("volunteer")
    actor_is = lock(session, Volunteer, actor.user_id)
    if actor_is.standing in {Standing.LEFT, Standing.CLOSED}:
        raise NotFound("volunteer")
    return actor_is


def save_profile(
    session: Session, actor: Actor, *, locale: str, speaks: str, site: Site, skills: Iterable[str], at: datetime
) -> Volunteer:
    """Change language, home site and unlicensed skills; what a licence allows is changed by papers alone."""
    volunteer = own(session, actor)
    if locale not in LOCALES:
        raise Invalid.field("locale", N_("Please choose one of these."))
    if site.closed_at is not None:
        raise Invalid.field("site", N_("This site is closed."))
    wanted = set(skills)
    free = {
        skill.code: skill.id
        for skill in session.scalars(select(Skill).where(Skill.licensed.is_(False), Skill.closed_at.is_(None)))
    }
    if wanted - free.keys():
        raise Invalid.field("skills", N_("Please choose one of these."))
    volunteer.person.locale, volunteer.speaks, volunteer.site = locale, " ".join(speaks.split())[:80], site
    held = set(session.scalars(select(VolunteerSkill.skill_id).where(VolunteerSkill.volunteer_id == volunteer.id)))
    chosen = {free[code] for code in wanted}
    gone = (held & set(free.values())) - chosen
    session.execute(delete(VolunteerSkill).where(VolunteerSkill.volunteer_id == volunteer.id, VolunteerSkill.skill_id.in_(gone)))
    session.add_all(
        VolunteerSkill(volunteer_id=volunteer.id, skill_id=skill_id, proficiency=USUAL_LEVEL)
        for skill_id in sorted(chosen - held)
    )
    if gone or chosen - held:
        refresh_for(session, volunteer.id, at=at)
    return volunteer


def save_week(session: Session, actor: Actor, spans: Sequence[tuple[int, int, int]], *, at: datetime) -> Volunteer:
    """Say when in the week one is willing; nothing at all means any time."""
    volunteer = own(session, actor)
    if words := check_week(spans):
        raise Invalid.field("hours", words)
    session.execute(delete(Availability).where(Availability.volunteer_id == volunteer.id))
    session.add_all(Availability(volunteer_id=volunteer.id, weekday=day, begins=a, ends=b) for day, a, b in merged(spans))
    refresh_for(session, volunteer.id, at=at)
    return volunteer


def add_days(
    session: Session,
    actor: Actor,
    first: date,
    last: date,
    *,
    free: bool = False,
    begins: int = 480,
    ends: int = 1260,
    at: datetime,
) -> DayOff:
    """Say that one is away from ``first`` to ``last``, or free on an extra day. The same again is no second row."""
    volunteer = own(session, actor)
    today = local_date(at, zone_of(session))
    if last < first:
        raise Invalid.field("last", N_("The last day is before the first."))
    if last < today or last > today + LONGEST_PAUSE:
        raise Invalid.field("last", N_("This day has passed, or it is too far away."))
    if free and (first != last or not 0 <= begins < ends <= 24 * 60):
        raise Invalid.field("first", N_("An extra time lies on one day, and begins before it ends."))
    mine = select(DayOff).where(DayOff.volunteer_id == volunteer.id, DayOff.last >= today)
    same = mine.where(DayOff.first == first, DayOff.last == last, DayOff.free.is_(free))
    if (known := session.scalar(same)) is not None:
        return known
    if (session.scalar(select(func.count()).select_from(mine.subquery())) or 0) >= MOST_DAYS:
        raise Conflict("too_many_days", N_("These are too many days. Please remove some first."))
    span = (begins, ends) if free else (None, None)
    row = DayOff(volunteer_id=volunteer.id, first=first, last=last, free=free, begins=span[0], ends=span[1])
    session.add(row)
    session.flush()  # its id is wanted
    return row


def remove_days(session: Session, actor: Actor, row_id: int, *, at: datetime) -> None:
    """Take an exception of one's own back. Raises NotFound for any other."""
    volunteer = own(session, actor)
    row = session.get(DayOff, row_id)
    if row is None or row.volunteer_id != volunteer.id:
        raise NotFound("day")
    session.delete(row)


def pause(session: Session, actor: Actor, until: date | None, *, at: datetime) -> Volunteer:
    """Take a break until ``until``, that day included; None ends it."""
    volunteer = own(session, actor)
    today = local_date(at, zone_of(session))
    if until is not None and not today <= until <= today + LONGEST_PAUSE:
        raise Invalid.field("until", N_("This day has passed, or it is too far away."))
    volunteer.paused_until = until
    duty.follow(session, volunteer.id, at=at)
    return volunteer


def save_wishes(
    session: Session,
    actor: Actor,
    *,
    reach_km: float | None,
    by_day: bool,
    likes: Iterable[str] = (),
    dislikes: Iterable[str] = (),
    at: datetime,
) -> Volunteer:
    """Say how far one wants to go, what one likes and what one does not want. ``likes``, ``dislikes``: codes of categories."""
    volunteer = own(session, actor)
    liked, unwanted = set(likes), set(dislikes)
    if reach_km is not None and not 0.5 <= reach_km <= LONGEST_REACH:
        raise Invalid.field("reach_km", N_("Please write a distance from 0.5 to 100 kilometres."))
    known = {one.code: one.id for one in session.scalars(select(ServiceCategory))}
    if (liked | unwanted) - known.keys():
        raise Invalid.field("likes", N_("Please choose one of these."))
    if liked & unwanted:
        raise Invalid.field("dislikes", N_("A kind of work is either liked or not wanted."))
    volunteer.reach_km, volunteer.by_day = reach_km, by_day
    session.execute(delete(Wish).where(Wish.volunteer_id == volunteer.id))
    session.add_all(
        Wish(volunteer_id=volunteer.id, category_id=known[code], likes=code in liked) for code in sorted(liked | unwanted)
    )
    session.flush()  # whoever reads it next asks the database
    return volunteer


def move_to_site(session: Session, actor: Actor, volunteer_id: int, site: Site, *, at: datetime) -> Volunteer:
    """Staff give a volunteer another home site; both places must be theirs."""
    volunteer = lock(session, Volunteer, volunteer_id)
    actor.must(Permission.TEAMS_MANAGE, at=volunteer.site.path)
    actor.must(Permission.TEAMS_MANAGE, at=site.path)
    volunteer.site = site
    record(session, actor, "volunteer_moved", f"person:{volunteer.id}", at=at, site_path=site.path)
    return volunteer


def end_standing(session: Session, volunteer: Volunteer, standing: Standing, reason: str, *, at: datetime) -> None:
    """Take somebody out of their teams and end the role; records, hours and certificates stay as the law wants.

    Raises Conflict while they lead a team alone. Whether visits are promised is asked by whoever calls.
    """
    memberships = teams_of(session, volunteer.id, at=at)
    for mine in memberships:
        if mine.role is MemberRole.LEADER and not _other_leader(session, mine, at):
            words = N_("%(team)s has no other leader. First somebody has to take it over.")
            raise Conflict("last_leader", words, team=mine.team.name)
    for mine in memberships:
        mine.until = at
    teams = [mine.team_id for mine in memberships]
    open_asks = (TeamAsk.volunteer_id == volunteer.id, TeamAsk.answer == Answer.OPEN)
    withdrawing = (
        update(TeamAsk).where(*open_asks).values(answer=ANSWERS.next(Answer.OPEN, AnswerAction.WITHDRAW), answered_at=at)
    )
    session.execute(withdrawing)
    volunteer.standing, volunteer.standing_at, volunteer.standing_words = standing, at, " ".join(reason.split())[:200]
    grants = (RoleGrant.person_id == volunteer.id, RoleGrant.role == Role.VOLUNTEER, RoleGrant.until.is_(None))
    session.execute(update(RoleGrant).where(*grants).values(until=at))
    sign_out_everywhere(session, volunteer.id, at=at)
    if teams:
        refresh_teams(session, sorted(set(teams)), at=at)
    duty.follow(session, volunteer.id, at=at)


def open_again(session: Session, actor: Actor, volunteer_id: int, *, at: datetime) -> Volunteer:
    """Let somebody who left or was closed serve again, with their old number and hours; teams they join anew."""
    volunteer = lock(session, Volunteer, volunteer_id)
    actor.must(Permission.TEAMS_MANAGE, at=volunteer.site.path)
    if volunteer.standing is Standing.ACTIVE:
        return volunteer
    if volunteer.standing is Standing.WAITING:
        raise Conflict("registration_open", N_("This registration still waits for an answer."))
    volunteer.standing, volunteer.standing_at, volunteer.standing_words = Standing.ACTIVE, at, ""
    held = (RoleGrant.person_id == volunteer.id, RoleGrant.role == Role.VOLUNTEER, RoleGrant.until.is_(None))
    if session.scalar(select(RoleGrant.id).where(*held)) is None:
        session.add(
            RoleGrant(person_id=volunteer.id, role=Role.VOLUNTEER, site_id=volunteer.site_id, since=at, granted_by=actor.user_id)
        )
    telling.tell_person(session, volunteer.person, "volunteer_approved", at=at)
    record(session, actor, "volunteer_opened", f"person:{volunteer.id}", at=at, site_path=volunteer.site.path)
    return volunteer


def volunteer_at(session: Session, actor: Actor, volunteer_id: int) -> Volunteer:
    """Return a volunteer of the actor's places. Raises NotFound for any other."""
    volunteer = load(session, Volunteer, volunteer_id)
    actor.must(Permission.TEAMS_MANAGE, at=volunteer.site.path)
    return volunteer


def _other_leader(session: Session, mine: Membership, at: datetime) -> bool:
    others = select(Membership.id).where(Membership.team_id == mine.team_id, Membership.role == MemberRole.LEADER)
    return session.scalar(others.where(Membership.id != mine.id, present(at)).limit(1)) is not None
