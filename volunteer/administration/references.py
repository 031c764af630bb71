"""What is bound to a site by its number or its path, and what becomes of it when the site moves or closes.

A test goes through every table: whoever binds something new to a site decides here what becomes of it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CursorResult, Select, delete, func, literal, select, true, update
from sqlalchemy.orm import Session

from volunteer.attendance.by_hand.lifecycle import AskStatus
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.attendance.contests.lifecycle import ContestStatus
from volunteer.attendance.contests.models_contests import HoursContest
from volunteer.feedback.models import Case
from volunteer.ledger.lifecycle import ClaimState
from volunteer.ledger.models_points import PointClaim
from volunteer.orders.households.models_household import Marker, SavedPlace
from volunteer.orders.households.models_standing import StandingOrder
from volunteer.orders.lifecycle import OPEN
from volunteer.orders.models import ServiceOrder
from volunteer.orders.plans.batching import drop_plans
from volunteer.orders.visits.lifecycle import AbsenceState
from volunteer.orders.visits.models_absences import Absence
from volunteer.places.models import Grid, Site, Venue
from volunteer.recognition.models_homes import Home
from volunteer.rewards.merchants.lifecycle import MerchantStatus
from volunteer.rewards.merchants.models import Merchant
from volunteer.rewards.points.models import PointRequest, SmallWish
from volunteer.rewards.settling.models import Statement
from volunteer.rewards.settling.models_findings import PointsFinding
from volunteer.teams.models import Team, Volunteer
from volunteer.teams.models_duty import Duty
from volunteer.teams.models_teams import TeamApplication, TeamArea


class Bond(NamedTuple):
    """Rows of a table that follow a site while they are ``living``: by number, and by a stored path where there is one."""

    name: str
    table: Any
    site: str
    path: str | None
    living: ColumnElement[bool]


BONDS = (
    Bond("orders", ServiceOrder, "site_id", "site_path", ServiceOrder.status.in_(sorted(OPEN))),
    Bond("orders_desk", ServiceOrder, "desk_id", "desk_path", ServiceOrder.status.in_(sorted(OPEN))),
    Bond("cases", Case, "site_id", "site_path", Case.closed_at.is_(None)),
    Bond("cases_desk", Case, "desk_id", "desk_path", Case.closed_at.is_(None)),
    Bond("standing", StandingOrder, "site_id", "site_path", StandingOrder.ended_at.is_(None)),
    Bond("saved_places", SavedPlace, "site_id", None, true()),
    Bond("applications", TeamApplication, "site_id", "site_path", TeamApplication.answered_at.is_(None)),
    Bond("teams", Team, "site_id", "site_path", Team.closed_at.is_(None)),
    Bond("volunteers", Volunteer, "site_id", None, true()),
    Bond("hours_asks", HoursAsk, "site_id", "site_path", HoursAsk.status == AskStatus.ASKED),
    Bond("hours_contests", HoursContest, "site_id", "site_path", HoursContest.status == ContestStatus.OPEN),
    Bond("merchants", Merchant, "site_id", "site_path", Merchant.status != MerchantStatus.REFUSED),
    Bond("homes", Home, "site_id", None, Home.closed_at.is_(None)),
    Bond("venues", Venue, "site_id", None, Venue.closed_at.is_(None)),
    Bond("grids", Grid, "site_id", None, Grid.closed_at.is_(None)),
    Bond("small_wishes", SmallWish, "site_id", "site_path", SmallWish.ended_at.is_(None)),
    Bond("point_claims", PointClaim, "site_id", "site_path", PointClaim.state == ClaimState.OPEN),
)
BY_PATH: tuple[Any, ...] = (Marker, Duty, PointRequest, Statement, PointsFinding)
STAYS = {  # bound to a site for good: what it was then, or what closing.py and moving.py decide one by one
    "partners.site_id": "agreed with a centre; a branch that closes leaves the agreement to whoever is above it",
    "point_worths.site_id": "what a point was worth there, it was worth there",
    "statements.site_path": "follows its shop, see _by_path",
    "points_findings.site_path": "follows its shop, see _by_path",
    "sites.parent_id": "moving writes it; a site with open sites below is not closed",
    "sites.path": "moving writes it for the whole subtree",
    "policies.site_id": "what held there, held there",
    "holidays.site_id": "what held there, held there",
    "service_items.site_id": "closed with the site",
    "role_grants.site_id": "staff roles end with the site; residents and volunteers go where their orders go",
    "invitations.site_id": "withdrawn with the site",
    "certificates.site_id": "who certified, certified",
    "certificate_batches.site_id": "who asked, asked",
    "certificate_batches.site_path": "who asked, asked; whoever looks after that ground sees it, for some weeks",
    "audit_entries.site_path": "append-only: where it was done",
    "sheet_imports.site_id": "what was imported, was imported there",
    "team_areas.site_id": "a team serves the heir instead, see _areas",
    "markers.site_path": "follows the household, see _by_path",
    "hours_findings.site_path": "counts for the place where it was recorded",
    "absences.site_path": "follows its team, see _with_their_teams",
    "really_solved.site_path": "counts for the place where the order was closed",
    "dispatch_rules.site_id": "a rule holds where its site is, and for nobody when that is closed",
    "dispatch_runs.site_id": "a plan is of its day; one that is open is dropped, see _plans",
    "dispatch_runs.site_path": "a plan is of its day; one that is open is dropped, see _plans",
    "dispatch_claims.desk_path": "given back with the plan, see _plans",
    "duties.site_path": "follows the home site, see _by_path",
    "price_sets.site_id": "learned of a centre, which never moves",
    "star_awards.site_id": "who awarded, awarded",
    "star_awards.site_path": "who awarded, awarded; the county above sees it wherever its body lies now",
    "benefits.site_id": "given where its site is, and by nobody when that is closed",
    "benefit_uses.site_id": "handed out where it was",
    "benefit_uses.site_path": "handed out where it was",
    "home_months.site_path": "a month counts for the place where the home was",
    "neighbours.site_id": "between centres, which never move",
    "neighbours.neighbour_id": "between centres, which never move",
    "hand_overs.from_id": "between centres, which never move",
    "hand_overs.to_id": "between centres, which never move",
    "point_rules.site_id": "a rule holds where its site is, and for nobody when that is closed",
    "point_labels.site_id": "as the rules",
    "point_lots.site_id": "whose books they came from",
    "point_gifts.site_id": "whose pool it went to",
    "point_requests.site_id": "whose books or pool it is about",
    "point_requests.site_path": "follows its site, see _by_path",
    "person_pairs.site_path": "of the night in which it was found",
    "person_merges.site_path": "where it was decided",
}


def follow_paths(session: Session, old: str, below: str) -> dict[str, int]:
    """Write the paths of the sites at and below ``below``, which lay at ``old``, wherever they stand; return rows by bond."""
    changed: dict[str, int] = {}
    sites: Select[tuple[int]] = select(Site.id).where(Site.path.startswith(below))
    for bond in BONDS:
        if bond.path is None:
            continue
        site, stored = getattr(bond.table, bond.site), getattr(bond.table, bond.path)
        there = select(Site.path).where(Site.id == site).scalar_subquery()
        changed[bond.name] = _write(session, bond, {bond.path: there}, site.in_(sites), stored != there)
    for table in BY_PATH:
        _by_path(session, table, table.site_path.startswith(old), literal(below) + func.substr(table.site_path, len(old) + 1))
    drop_plans(session, old)
    _with_their_teams(session)
    return changed


def hand_over(session: Session, old: Site, new: Site) -> dict[str, int]:
    """Bind everything that lives at ``old`` to ``new``; return how many rows by bond."""
    changed: dict[str, int] = {}
    for bond in BONDS:
        values: dict[str, Any] = {bond.site: literal(new.id)}
        if bond.path is not None:
            values[bond.path] = literal(new.path)
        changed[bond.name] = _write(session, bond, values, getattr(bond.table, bond.site) == old.id)
    _areas(session, old, new)
    for table in BY_PATH:
        _by_path(session, table, table.site_path == old.path, literal(new.path))
    drop_plans(session, old.path)
    _with_their_teams(session)
    return changed


def _by_path(session: Session, table: Any, which: ColumnElement[bool], path: ColumnElement[str]) -> None:
    """A marker, or somebody on duty, says by path alone whose eyes it is for."""
    session.execute(update(table).where(which).values(site_path=path), execution_options={"synchronize_session": False})


def _areas(session: Session, old: Site, new: Site) -> None:
    """Teams that served the old site serve the new one, which some of them did already."""
    already = select(TeamArea.team_id).where(TeamArea.site_id == new.id)
    twice = delete(TeamArea).where(TeamArea.site_id == old.id, TeamArea.team_id.in_(already))
    session.execute(twice, execution_options={"synchronize_session": False})
    moved = update(TeamArea).where(TeamArea.site_id == old.id).values(site_id=new.id)
    session.execute(moved, execution_options={"synchronize_session": False})


def _with_their_teams(session: Session) -> None:
    """What is still to be heard about a team's members is heard where the team is now."""
    there = select(Team.site_path).where(Team.id == Absence.team_id).scalar_subquery()
    living = Absence.state.in_((AbsenceState.PROPOSED, AbsenceState.OPEN)), Absence.site_path != there
    values = {"site_path": there, "version": Absence.version + 1}
    session.execute(update(Absence).where(*living).values(values), execution_options={"synchronize_session": False})


def _write(session: Session, bond: Bond, values: dict[str, Any], *where: ColumnElement[bool]) -> int:
    """One statement. Whoever changes such a row at the same moment notices: its version goes up."""
    if hasattr(bond.table, "version"):
        values = values | {"version": bond.table.version + 1}
    statement = update(bond.table).where(bond.living, *where).values(values)
    done: CursorResult[Any] = session.execute(statement, execution_options={"synchronize_session": False})  # type: ignore[assignment]
    return done.rowcount
