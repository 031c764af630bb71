"""Lists of volunteers, papers, applications and teams for those who look after them. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.accounts.models import Person
from volunteer.accounts.rules import mobile
from volunteer.catalogue.models import ServiceCategory, Skill
from volunteer.kernel.db import under
from volunteer.kernel.paging import Page, cut
from volunteer.kernel.text import like
from volunteer.places.models import Site
from volunteer.teams.lifecycle import Answer, PaperState
from volunteer.teams.models import Standing, Team, TeamClass, Volunteer
from volunteer.teams.models_teams import AskKind, TeamApplication, TeamAsk
from volunteer.teams.models_volunteers import Guardian, Paper
from volunteer.teams.ratings import ENOUGH, as_stars, shrunk

PAGE = 30


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a site: registrations, papers, applications, teams that look for a leader."""

    registrations: int
    papers: int
    applications: int
    leaders: int


def volunteers_at(
    session: Session, actor: Actor, words: str = "", *, standing: Standing | None = Standing.ACTIVE, before: int | None = None
) -> Page[Volunteer]:
    """Return volunteers of the actor's places, the newest first; ``words``: of a name, a number, or a whole phone."""
    found = (
        select(Volunteer)
        .join(Site, Site.id == Volunteer.site_id)
        .join(Person, Person.id == Volunteer.id)
        .options(joinedload(Volunteer.person), joinedload(Volunteer.site))
        .where(under(actor.scopes(Permission.TEAMS_MANAGE), Site.path))
    )
    if standing is not None:
        found = found.where(Volunteer.standing == standing)
    if words:
        pattern = like(words)
        phone = mobile(words)
        index = session.info["keyring"].blind("phone", phone) if phone else ""
        found = found.where(
            or_(
                func.lower(Person.name).like(pattern, escape="\\"),
                func.lower(Volunteer.number).like(pattern, escape="\\"),
                Person.phone_index == index,
            )
        )
    if before is not None:
        found = found.where(Volunteer.id < before)
    rows = session.scalars(found.order_by(Volunteer.id.desc()).limit(PAGE + 1)).all()
    return cut(rows, PAGE, [row.id for row in rows])


def papers_waiting(session: Session, actor: Actor, *, after: int = 0) -> Page[Paper]:
    """Return the papers that wait to be checked in the actor's places, those that wait longest first."""
    found = _of_places(select(Paper).join(Volunteer, Volunteer.id == Paper.volunteer_id), actor)
    rows = session.scalars(
        found.where(Paper.state == PaperState.WAITING, Paper.id > after).order_by(Paper.id).limit(PAGE + 1)
    ).all()
    return cut(rows, PAGE, [row.id for row in rows])


def applications_at(session: Session, actor: Actor, *, answered: bool = False) -> Sequence[TeamApplication]:
    """Return the applications to found a team in the actor's places: those that wait, or the last that were answered."""
    found = (
        select(TeamApplication)
        .join(Site, Site.id == TeamApplication.site_id)
        .where(under(actor.scopes(Permission.TEAMS_MANAGE), Site.path))
    )
    state = TeamApplication.answer
    found = found.where(state.in_((Answer.YES, Answer.NO)) if answered else state == Answer.OPEN)
    order = TeamApplication.id.desc() if answered else TeamApplication.id
    return session.scalars(found.order_by(order).limit(PAGE)).all()


def leaders_wanted(session: Session, actor: Actor) -> Sequence[TeamAsk]:
    """Return the teams of the actor's places that asked for another leader."""
    found = select(TeamAsk).join(Team, Team.id == TeamAsk.team_id).where(TeamAsk.kind == AskKind.HAND_BACK)
    mine = under(actor.scopes(Permission.TEAMS_MANAGE), Team.site_path)
    return session.scalars(found.where(TeamAsk.answer == Answer.OPEN, mine).order_by(TeamAsk.id)).all()


def waiting_at(session: Session, actor: Actor) -> Waiting:
    """Return how much waits for an answer in the actor's places."""
    people = _of_places(select(func.count(Volunteer.id)).select_from(Volunteer), actor).where(
        Volunteer.standing == Standing.WAITING
    )
    papers = select(func.count(Paper.id)).select_from(Paper).join(Volunteer, Volunteer.id == Paper.volunteer_id)
    papers = _of_places(papers, actor).where(Paper.state == PaperState.WAITING)
    return Waiting(
        session.scalar(people) or 0,
        session.scalar(papers) or 0,
        len(applications_at(session, actor)),
        len(leaders_wanted(session, actor)),
    )


def teams_at(session: Session, actor: Actor, words: str = "", *, closed: bool = False) -> Sequence[Team]:
    """Return every team of the actor's places, by name."""
    found = select(Team).options(joinedload(Team.site), joinedload(Team.kind))
    found = found.where(under(actor.scopes(Permission.TEAMS_MANAGE), Team.site_path))
    found = found.where(Team.closed_at.is_not(None) if closed else Team.closed_at.is_(None))
    if words:
        found = found.where(Team.search.like(like(words), escape="\\"))
    return session.scalars(found.order_by(Team.code)).all()


def open_teams(session: Session, words: str = "", *, after: int = 0) -> Page[Team]:
    """Return teams that anybody may ask to join."""
    found = select(Team).options(joinedload(Team.site), joinedload(Team.kind)).where(Team.closed_at.is_(None), Team.id > after)
    if words:
        found = found.where(Team.search.like(like(words), escape="\\"))
    rows = session.scalars(found.order_by(Team.id).limit(PAGE + 1)).all()
    return cut(rows, PAGE, [row.id for row in rows])


def asks_for(session: Session, volunteer_id: int) -> Sequence[TeamAsk]:
    """Return the open questions between somebody and teams."""
    found = select(TeamAsk).where(TeamAsk.volunteer_id == volunteer_id, TeamAsk.answer == Answer.OPEN)
    return session.scalars(found.order_by(TeamAsk.id)).all()


def asks_of_team(session: Session, team_id: int) -> Sequence[TeamAsk]:
    """Return the open questions of a team."""
    found = select(TeamAsk).where(TeamAsk.team_id == team_id, TeamAsk.answer == Answer.OPEN)
    return session.scalars(found.order_by(TeamAsk.id)).all()


def applications_of(session: Session, volunteer_id: int) -> Sequence[TeamApplication]:
    """Return what somebody applied for, the newest first."""
    found = select(TeamApplication).where(TeamApplication.applicant_id == volunteer_id)
    return session.scalars(found.order_by(TeamApplication.id.desc()).limit(5)).all()


def guardian_of(session: Session, volunteer_id: int) -> Guardian | None:
    """Return the guardian of a volunteer under age."""
    return session.scalar(select(Guardian).where(Guardian.volunteer_id == volunteer_id))


def open_skills(session: Session, *, licensed: bool | None = None) -> Sequence[Skill]:
    """Return the skills that can be chosen."""
    found = select(Skill).where(Skill.closed_at.is_(None))
    return session.scalars((found if licensed is None else found.where(Skill.licensed.is_(licensed))).order_by(Skill.id)).all()


def open_categories(session: Session) -> Sequence[ServiceCategory]:
    """Return the kinds of work there are."""
    found = select(ServiceCategory).where(ServiceCategory.closed_at.is_(None))
    return session.scalars(found.order_by(ServiceCategory.position)).all()


def team_classes(session: Session) -> Sequence[TeamClass]:
    """Return the classes of teams."""
    return session.scalars(select(TeamClass).order_by(TeamClass.id)).all()


def team_of_code(session: Session, code: str) -> Team | None:
    """Return the team with that code."""
    return session.scalar(select(Team).where(Team.code == code[:20]))


def _of_places(found: Select[Any], actor: Actor) -> Select[Any]:
    return found.join(Site, Site.id == Volunteer.site_id).where(under(actor.scopes(Permission.TEAMS_MANAGE), Site.path))


def rated_as(session: Session, team: Team) -> float | None:
    """Return the stars (1 to 5) that may stand on a team's page: drawn towards its county's mean, None while there are few."""
    if team.rating_count < ENOUGH:
        return None
    county = "/" + team.site_path.split("/")[1] + "/"
    sums = select(func.sum(Team.rating_sum), func.sum(Team.rating_count)).where(Team.site_path.startswith(county))
    total, given = session.execute(sums).one()
    return as_stars(shrunk(team.rating_sum, team.rating_count, total / given))
