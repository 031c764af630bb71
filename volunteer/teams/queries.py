"""Which teams there are and what each can do, ready for the matcher: read once a version, kept by each process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from volunteer import matching
from volunteer.accounts.models import Person
from volunteer.catalogue.models import Skill
from volunteer.kernel.text import normalise
from volunteer.places.models import Mark, Site
from volunteer.teams.changing import ROSTER
from volunteer.teams.models import MemberRole, Membership, Team, TeamClass, TeamSkill, VolunteerSkill
from volunteer.teams.models_teams import TeamArea

KEPT = 16  # rosters by scope in each process, and as many with loads
ENOUGH = 20  # ratings of a centre from which on their mean means something
FOUND = 8  # answers to a search by name
CARD = (  # what is read of a team: columns, because a county's teams are read anew after every rating
    Team.id, Team.name, Team.name_en, Team.site_path, Team.search, Team.paused_until, Team.latitude, Team.longitude,
    Team.reach_km, Team.capacity, Team.rating_sum, Team.rating_count, Team.hours,
    Team.insured_until,
)  # fmt: skip

VERSION = select(  # what a roster in memory goes by, asked for every order; put together once
    select(Mark.value).where(Mark.name == ROSTER).scalar_subquery(),
    select(func.coalesce(func.sum(Team.rating_count), 0)).scalar_subquery(),
)
LEADING = (
    Membership.role.in_((MemberRole.LEADER, MemberRole.DEPUTY)),
    Membership.since <= bindparam("at"),
    Membership.until.is_(None) | (Membership.until > bindparam("at")),
)
LED = (  # asked in every request, so put together once
    select(Team.id, Team.site_path)
    .join(Membership, Membership.team_id == Team.id)
    .where(Membership.volunteer_id == bindparam("person"), *LEADING, Team.closed_at.is_(None))
)
LEADERS = (
    select(Membership.team_id, Person)
    .join(Person, Person.id == Membership.volunteer_id)
    .where(Membership.team_id.in_(bindparam("teams", expanding=True)), *LEADING, Person.disabled_at.is_(None))
    .order_by(Membership.team_id, Membership.role.desc(), Person.id)
)


@dataclass(frozen=True, slots=True)
class TeamCard:
    """What is known of a team without asking the database again. ``able``: members by skill; ``team`` carries no load."""

    id: int
    name: str
    name_en: str
    kind: str
    kind_en: str
    site_path: str
    search: str
    able: Mapping[str, int]
    paused_until: datetime | None
    team: matching.Team
    area: tuple[str, ...] = ()  # paths of the sites in which it serves; none: wherever its reach takes it

    @property
    def point(self) -> tuple[float, float]:
        """Where the team is at home: WGS-84 degrees."""
        return self.team.point


Resting = frozenset[int]
Loads = tuple[tuple[int, int], ...]


class Prices(NamedTuple):
    """Learned prices by team id, and the version they are of: what is kept in memory goes by that."""

    version: int = 0
    by_team: Mapping[int, float] = {}


FREE = Prices()


@dataclass(frozen=True)
class Directory:
    """Every open team, by id, and the rosters made of them lately: columns once, with the latest loads laid over them."""

    cards: Mapping[int, TeamCard]
    grounds: dict[tuple[str, Resting], matching.Roster] = field(default_factory=dict)
    rosters: dict[tuple[str, Resting, Loads, int], matching.Roster] = field(default_factory=dict)
    scopes: dict[str, list[TeamCard]] = field(default_factory=dict)
    means: dict[str, float | None] = field(default_factory=dict)

    def under(self, scope: str) -> list[TeamCard]:
        """Return the teams whose site lies in the subtree ``scope``."""
        if scope not in self.scopes:
            if len(self.scopes) >= KEPT:
                self.scopes.clear()
            self.scopes[scope] = [card for card in self.cards.values() if card.site_path.startswith(scope)]
        return self.scopes[scope]

    def roster(self, scope: str, loads: Mapping[int, int], *, at: datetime, prices: Prices = FREE) -> matching.Roster:
        """Return the teams of a subtree that are not paused, with the orders that each has in hand now and learned prices."""
        cards = self.under(scope)
        resting = frozenset(card.id for card in cards if card.paused_until is not None and paused(card, at))
        key = (scope, resting, tuple(loads.items()), prices.version)
        kept = self.rosters.get(key)
        if kept is None:
            if len(self.rosters) >= KEPT:
                self.rosters.clear()
            kept = self.rosters[key] = self._ground(scope, resting).over(loads=loads, prices=prices.by_team)
        return kept

    def elsewhere(self, scope: str, site_path: str) -> frozenset[int]:
        """Return the teams of a subtree that have chosen to serve in other places than this one."""
        return frozenset(card.id for card in self.under(scope) if card.area and not serves(card, site_path))

    def mean_rating(self, scope: str) -> float | None:
        """Return the mean of the ratings of all teams of a subtree, 0 to 1, to two digits; None before there are 20."""
        if scope not in self.means:
            given = sum(card.team.ratings for card in self.under(scope))
            total = sum(card.team.rating * card.team.ratings for card in self.under(scope))
            self.means[scope] = round(total / given, 2) if given >= ENOUGH else None
        return self.means[scope]

    def _ground(self, scope: str, resting: Resting) -> matching.Roster:
        key = (scope, resting)
        if key not in self.grounds:
            if len(self.grounds) >= KEPT:
                self.grounds.clear()
            self.grounds[key] = matching.Roster([card.team for card in self.under(scope) if card.id not in resting])
        return self.grounds[key]

    def named(self, words: str, *, scope: str, limit: int = FOUND) -> list[TeamCard]:
        """Return teams whose name, pinyin or initials contain ``words``, those that begin with it first."""
        wanted = normalise(words)
        if not wanted:
            return []
        found = [card for card in self.under(scope) if wanted in card.search]
        return sorted(found, key=lambda card: (not card.search.startswith(wanted), len(card.name), card.id))[:limit]


class Leader(NamedTuple):
    """Somebody who answers for a team."""

    team_id: int
    person: Person


_kept: dict[str, tuple[tuple[object, int], Directory]] = {}  # by database: its version and what was read then


def paused(card: TeamCard, at: datetime) -> bool:
    """Return whether the team takes nothing on at ``at``."""
    return card.paused_until is not None and card.paused_until > at


def serves(card: TeamCard, site_path: str) -> bool:
    """Return whether a place lies in the area that the team has chosen."""
    return not card.area or any(site_path.startswith(path) for path in card.area)


def loaded(card: TeamCard, loads: Mapping[int, int]) -> matching.Team:
    """Return the team as the matcher wants it, with its load."""
    return replace(card.team, load=loads[card.id]) if loads.get(card.id) else card.team


def directory(session: Session) -> Directory:
    """Return every open team; from memory as long as the database's roster version and its ratings are the same."""
    version, ratings = session.execute(VERSION).one()
    if version is None:  # nobody has said anything about versions: trust nothing that was kept
        return Directory(_read(session))
    place = session.get_bind().engine.url.render_as_string(hide_password=True)
    kept = _kept.get(place)
    if kept is None or kept[0] != (version, ratings):
        same_teams = kept[1].cards if kept is not None and kept[0][0] == version else None
        cards = _rated_anew(session, same_teams) if same_teams else _read(session)
        kept = ((version, ratings), Directory(cards))
        _kept[place] = kept
    return kept[1]


def leaders_of(session: Session, team_ids: Iterable[int], *, at: datetime) -> Sequence[Leader]:
    """Return the present leaders and deputies of the teams, leaders first."""
    rows = session.execute(LEADERS, {"teams": list(team_ids), "at": at})
    return [Leader(team_id, person) for team_id, person in rows]


def led_by(session: Session, person_id: int, at: datetime) -> list[tuple[int, str]]:
    """Return the teams that a person leads now, each with the path of its site: what makes a TEAM_LEADER of an actor."""
    return [(team_id, path) for team_id, path in session.execute(LED, {"person": person_id, "at": at})]


def unlicensed(session: Session, team_id: int, codes: Iterable[str], *, at: datetime) -> tuple[str, ...]:
    """Return which of these skills members of the team have, whatever their licences say."""
    held = (
        select(Skill.code)
        .join(VolunteerSkill, VolunteerSkill.skill_id == Skill.id)
        .join(Membership, Membership.volunteer_id == VolunteerSkill.volunteer_id)
        .where(Membership.team_id == team_id, Membership.since <= at, Membership.until.is_(None) | (Membership.until > at))
        .where(Skill.code.in_(list(codes)))
    )
    return tuple(session.scalars(held.distinct().order_by(Skill.code)))


def _read(session: Session) -> dict[int, TeamCard]:
    skills: dict[int, dict[str, float]] = {}
    able: dict[int, dict[str, int]] = {}
    insured: dict[int, dict[str, date]] = {}
    covers = select(TeamSkill.team_id, Skill.code, TeamSkill.proficiency, TeamSkill.members, TeamSkill.insured_until).join(
        Skill, Skill.id == TeamSkill.skill_id
    )
    for team_id, code, proficiency, members, until in session.execute(covers):
        skills.setdefault(team_id, {})[code] = proficiency
        able.setdefault(team_id, {})[code] = members
        if until is not None:
            insured.setdefault(team_id, {})[code] = until
    areas: dict[int, tuple[str, ...]] = {}
    for team_id, path in session.execute(select(TeamArea.team_id, Site.path).join(Site, Site.id == TeamArea.site_id)):
        areas[team_id] = (*areas.get(team_id, ()), path)
    kinds = (TeamClass.name.label("kind"), TeamClass.name_en.label("kind_en"))
    teams = select(*CARD, *kinds).join(TeamClass, TeamClass.id == Team.class_id).where(Team.closed_at.is_(None))
    return {
        row.id: TeamCard(
            id=row.id,
            name=row.name,
            name_en=row.name_en,
            kind=row.kind,
            kind_en=row.kind_en,
            site_path=row.site_path,
            search=row.search,
            able=able.get(row.id, {}),
            paused_until=row.paused_until,
            team=_for_matcher(row, skills.get(row.id, {}), insured.get(row.id, {})),
            area=areas.get(row.id, ()),
        )
        for row in session.execute(teams.order_by(Team.id))
    }


def _rated_anew(session: Session, cards: Mapping[int, TeamCard]) -> dict[int, TeamCard]:
    """Return the same teams with the ratings of now: only what residents said since is another."""
    rows = session.execute(select(Team.id, Team.rating_sum, Team.rating_count).where(Team.closed_at.is_(None)))
    fresh = dict(cards)
    for team_id, total, count in rows:
        card = cards.get(team_id)
        if card is not None and card.team.ratings != count:
            fresh[team_id] = replace(card, team=replace(card.team, rating=_mean(total, count), ratings=count))
    return fresh


def _mean(total: float, count: int) -> float:
    return total / count if count else 0.0


def _for_matcher(row: Row[Any], skills: Mapping[str, float], insured: Mapping[str, date]) -> matching.Team:
    return matching.Team(
        id=row.id,
        point=(row.latitude, row.longitude),
        skills=skills,
        reach_km=row.reach_km,
        capacity=row.capacity,
        rating=_mean(row.rating_sum, row.rating_count),
        ratings=row.rating_count,
        availability=int(row.hours, 16),
        insured_until=row.insured_until,
        insured_skills=insured,
    )
