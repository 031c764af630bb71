"""A team comes to be: somebody applies, the site says yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission, Role
from volunteer.audit.recording import record
from volunteer.catalogue.models import Skill
from volunteer.kernel import serials
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.geo import Point
from volunteer.kernel.words import N_
from volunteer.places.models import Site
from volunteer.places.queries import keep_still
from volunteer.teams import telling
from volunteer.teams.enrolling import TeamDraft, found_team, join_teams
from volunteer.teams.lifecycle import Answer, AnswerAction
from volunteer.teams.models import MemberRole, Standing, Team, TeamClass, Volunteer
from volunteer.teams.models_teams import AskKind, TeamApplication, TeamAsk
from volunteer.teams.rules import LONGEST_REACH, MOST_CAPACITY

MOST_MEMBERS = 50  # named in an application


@dataclass(frozen=True, kw_only=True, slots=True)
class ApplicationDraft:
    """A team to be, as its leader wants it. ``members``: volunteer numbers; ``skills``: codes."""

    name: str
    kind: str
    site: Site
    point: Point | None
    reach_km: float
    capacity: int
    name_en: str = ""
    about: str = ""
    members: Sequence[str] = ()
    skills: Sequence[str] = ()


def apply_for_team(session: Session, actor: Actor, draft: ApplicationDraft, *, at: datetime) -> TeamApplication:
    """Ask the site for a team that one will lead oneself. Raises Invalid with every field's complaint."""
    volunteer = active_volunteer(session, actor)
    keep_still(session, draft.site)
    kind = session.scalar(select(TeamClass).where(TeamClass.code == draft.kind))
    members = list(dict.fromkeys(number.strip().upper() for number in draft.members if number.strip()))
    wrong = team_complaints(draft.name, draft.reach_km, draft.capacity)
    if kind is None:
        wrong["kind"] = [N_("Please choose one of these.")]
    if len(members) > MOST_MEMBERS:
        wrong["members"] = [N_("At most fifty members, please. The others can join later.")]
    elif members:
        found = set(
            session.scalars(select(Volunteer.number).where(Volunteer.number.in_(members), Volunteer.standing == Standing.ACTIVE))
        )
        if set(members) - found:
            wrong["members"] = [N_("There is no active volunteer with one of these numbers.")]
    if set(draft.skills) - set(session.scalars(select(Skill.code).where(Skill.closed_at.is_(None)))):
        wrong["skills"] = [N_("Please choose one of these.")]
    if wrong or kind is None:
        raise Invalid("invalid_application", N_("Please check the fields that are marked."), wrong)
    mine = (TeamApplication.applicant_id == volunteer.id, TeamApplication.answer == Answer.OPEN)
    if session.scalar(select(TeamApplication.id).where(*mine)):
        raise Conflict("application_waits", N_("An application of yours is waiting already."))

    point = draft.point or Point(draft.site.latitude, draft.site.longitude)
    application = TeamApplication(
        applicant=volunteer,
        site=draft.site,
        site_path=draft.site.path,
        kind=kind,
        name=" ".join(draft.name.split()),
        name_en=" ".join(draft.name_en.split()),
        about=draft.about.strip(),
        latitude=point.latitude,
        longitude=point.longitude,
        reach_km=draft.reach_km,
        capacity=draft.capacity,
        members=[number for number in members if number != volunteer.number],
        skills=list(dict.fromkeys(draft.skills)),
        applied_at=at,
    )
    session.add(application)
    session.flush()  # its id is wanted
    telling.tell_site(session, draft.site.path, "application_waits", at=at)
    return application


def withdraw_application(session: Session, actor: Actor, application_id: int, *, at: datetime) -> TeamApplication:
    """Take one's application back before it was answered."""
    application = lock(session, TeamApplication, application_id)
    if application.applicant_id != actor.user_id:
        raise NotFound("application")
    if application.answer is Answer.OPEN:
        application.advance(AnswerAction.WITHDRAW, at)
    return application


def answer_application(
    session: Session, actor: Actor, application_id: int, *, yes: bool, words: str = "", at: datetime
) -> TeamApplication:
    """The site founds the team, its applicant leading and the named members invited, or says no and why."""
    application = lock(session, TeamApplication, application_id)
    actor.must(Permission.TEAMS_MANAGE, at=application.site.path)
    if application.answer is (Answer.YES if yes else Answer.NO):
        return application
    if application.answer is not Answer.OPEN:
        raise Conflict("application_answered", N_("This application was answered already."))
    if application.applicant_id == actor.user_id:
        raise Conflict("own_application", N_("Somebody else must answer your own application."))
    if not yes and not words.strip():
        raise Invalid.field("words", N_("Please write the reason. They will read it."))
    if yes and application.applicant.standing is not Standing.ACTIVE:
        raise Conflict("applicant_gone", N_("The applicant is no active volunteer any more."))

    application.advance(AnswerAction.SAY_YES if yes else AnswerAction.SAY_NO, at, by=actor)
    application.words = " ".join(words.split())
    person = application.applicant.person
    if not yes:
        telling.tell_person(session, person, "application_refused", at=at, reason=application.words)
    else:
        application.team = _found(session, actor, application, at)
        telling.tell_about(session, person, "application_approved", application.team, at=at)
    record(
        session, actor, "application_answered", f"application:{application.id}", at=at, site_path=application.site.path, yes=yes
    )
    return application


def active_volunteer(session: Session, actor: Actor) -> Volunteer:
    """Return the volunteer that the actor is. Raises NotFound for nobody, Conflict for one who may not serve now."""
    volunteer = session.get(Volunteer, actor.user_id) if actor.user_id else None
    if volunteer is None:
        raise NotFound("volunteer")
    if volunteer.standing is not Standing.ACTIVE:
        raise Conflict("not_active", N_("This is for volunteers whom their site has approved."))
    return volunteer


def team_complaints(name: str, reach_km: float, capacity: int) -> dict[str, list[str]]:
    """Return what is wrong with a team's name and figures, by field."""
    wrong: dict[str, list[str]] = {}
    if not 2 <= len(name.strip()) <= 80:
        wrong["name"] = [N_("Please write a name of 2 to 80 characters.")]
    if not 0.5 <= reach_km <= LONGEST_REACH:
        wrong["reach_km"] = [N_("Please write a distance from 0.5 to 100 kilometres.")]
    if not 1 <= capacity <= MOST_CAPACITY:
        wrong["capacity"] = [N_("Please write a number from 1 to 50.")]
    return wrong


def _found(session: Session, actor: Actor, application: TeamApplication, at: datetime) -> Team:
    serial = f"{serials.take(session, 'team'):05d}"
    team = found_team(
        session,
        actor,
        TeamDraft(
            site=application.site,
            kind=application.kind.code,
            code=f"Z{serial}{serials.check_digit(serial)}",
            name=application.name,
            name_en=application.name_en,
            point=Point(application.latitude, application.longitude),
            reach_km=application.reach_km,
            capacity=application.capacity,
        ),
        at=at,
    )
    team.about = application.about
    joins = [(team, application.applicant_id, MemberRole.LEADER)]
    system = Actor(actor.user_id, actor.grants | {(Role.SYSTEM, "/")}, name=actor.name)
    join_teams(session, system, joins, at=at)
    invited = session.scalars(select(Volunteer).where(Volunteer.number.in_(application.members))).all()
    for volunteer in invited:
        session.add(
            TeamAsk(
                team_id=team.id, volunteer_id=volunteer.id, kind=AskKind.INVITE, asked_by=application.applicant_id, asked_at=at
            )
        )
        telling.tell_about(session, volunteer.person, "team_invites", team, at=at)
    session.flush()  # whoever reads the asks next asks the database
    return team
