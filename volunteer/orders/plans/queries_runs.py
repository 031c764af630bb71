"""What the page of 一键派单 shows: what waits at a desk, a plan's lines by kind, and how far the board has moved on since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, load_only

from volunteer.access import Actor, Permission
from volunteer.accounts.models import Person
from volunteer.catalogue.models import ServiceItem, Skill
from volunteer.kernel.db import under
from volunteer.kernel.errors import NotFound
from volunteer.kernel.serials import tidy_number
from volunteer.kernel.text import like
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.plans.lifecycle import UNDER_HAND, LineState
from volunteer.orders.plans.models_runs import DispatchClaim, DispatchLine, DispatchRun
from volunteer.orders.plans.planning import IN_POOL, WAITS
from volunteer.places.models import Site, SiteLevel
from volunteer.teams.models import Team

PAGE = 60
PINS = 600
LATELY = 12  # plans of which the page tells

L = LineState
KINDS: dict[str, frozenset[LineState]] = {
    "planned": frozenset({L.PROPOSED, L.CHOSEN}),
    "changed": frozenset({L.PROPOSED, L.CHOSEN}),  # of them, whose team is another than the first for that order alone
    "nobody": frozenset({L.UNSERVED}),
    "out": frozenset({L.LEFT_OUT}),
    "kept": frozenset({L.KEPT}),
    "offered": frozenset({L.OFFERED}),
    "refused": frozenset({L.MOVED_ON, L.HELD}),
    "up": frozenset({L.PASSED_UP}),
}
OPEN = frozenset({L.PROPOSED, L.UNSERVED})


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the list of a plan is narrowed to; all of it stands in the address."""

    kind: str = "planned"
    words: str = ""
    page: int = 1


class Waits(NamedTuple):
    """What stands at a desk and below, before a plan is made."""

    ready: int  # to be dispatched
    unsorted: int  # to be dispatched, but nobody has said which service it is
    offered: int
    pooled: int  # in the open pool: teams take them by themselves


class Moved(NamedTuple):
    """How far a board has moved on since a plan was made."""

    changed: int  # orders of the plan
    new: int  # orders that wait and are not in it

    def __bool__(self) -> bool:
        return bool(self.changed or self.new)


def waits(session: Session, site_path: str) -> Waits:
    """Return what stands at a desk. One query."""
    unsorted = and_(ServiceOrder.status == Status.VERIFIED, ServiceOrder.item_id.is_(None))
    pooled = and_(ServiceOrder.status == Status.VERIFIED, IN_POOL)
    sums = [
        func.sum(case((condition, 1), else_=0)) for condition in (WAITS, unsorted, ServiceOrder.status == Status.OFFERED, pooled)
    ]
    found = select(*sums).where(
        ServiceOrder.status.in_((Status.VERIFIED, Status.OFFERED)), ServiceOrder.desk_path.startswith(site_path)
    )
    return Waits(*(number or 0 for number in session.execute(found).one()))


def places(session: Session, actor: Actor) -> Sequence[Site]:
    """Return the desks for which this actor may plan: own places and the branches under them, the widest first."""
    scopes = actor.scopes(Permission.ORDER_DISPATCH)
    mine = or_(Site.path.in_(scopes), and_(Site.level == SiteLevel.BRANCH, under(scopes, Site.path)))
    found = select(Site).where(mine, Site.closed_at.is_(None))
    return session.scalars(found.order_by(func.length(Site.path), Site.code)).all()


def open_at(session: Session, site: Site) -> DispatchRun | None:
    """Return the plan that has this desk under its hand."""
    found = select(DispatchRun).join(DispatchClaim, DispatchClaim.run_id == DispatchRun.id)
    found = found.options(joinedload(DispatchRun.person).load_only(Person.name), joinedload(DispatchRun.site))
    return session.scalars(found.where(DispatchClaim.desk_path == site.path)).one_or_none()


def lately(session: Session, site: Site) -> Sequence[DispatchRun]:
    """Return the last plans of this desk and those below that are over."""
    found = select(DispatchRun).where(DispatchRun.site_path.startswith(site.path), DispatchRun.state.not_in(sorted(UNDER_HAND)))
    found = found.options(joinedload(DispatchRun.person).load_only(Person.name), joinedload(DispatchRun.site))
    return session.scalars(found.order_by(DispatchRun.started_at.desc(), DispatchRun.id.desc()).limit(LATELY)).all()


def run_of(session: Session, actor: Actor, run_id: int) -> DispatchRun:
    """Return a plan. Raises NotFound for whoever does not dispatch at its desk."""
    found = select(DispatchRun).where(DispatchRun.id == run_id)
    found = found.options(joinedload(DispatchRun.person).load_only(Person.name), joinedload(DispatchRun.site))
    run = session.scalars(found).one_or_none() if run_id < 2**31 else None
    if run is None or not actor.can(Permission.ORDER_DISPATCH, at=run.site_path):
        raise NotFound("run")
    return run


def counts(session: Session, run: DispatchRun) -> dict[LineState, int]:
    """Return how many lines a plan has in each state."""
    found = select(DispatchLine.state, func.count()).where(DispatchLine.run_id == run.id).group_by(DispatchLine.state)
    return dict(session.execute(found).tuples().all())


def lines(session: Session, run: DispatchRun, chosen: Chosen) -> Sequence[DispatchLine]:
    """Return one page of a plan's lines of a kind (and one more, when there is a next page). One query."""
    item, station, branch, team = aliased(ServiceItem), aliased(Site), aliased(Site), aliased(Team)
    found = (
        select(DispatchLine)
        .join(DispatchLine.order)
        .outerjoin(item, item.id == ServiceOrder.item_id)
        .join(station, station.id == ServiceOrder.site_id)
        .outerjoin(branch, branch.id == station.parent_id)
        .outerjoin(team, team.id == DispatchLine.team_id)
        .where(*_of_kind(run, chosen.kind))
        .options(
            contains_eager(DispatchLine.order).options(
                load_only(
                    ServiceOrder.number, ServiceOrder.status, ServiceOrder.version, ServiceOrder.urgent, ServiceOrder.due_at,
                    ServiceOrder.latitude, ServiceOrder.longitude, ServiceOrder.site_path,
                ),
                contains_eager(ServiceOrder.item.of_type(item)).load_only(item.name, item.name_en),
                contains_eager(ServiceOrder.site.of_type(station)).options(
                    load_only(station.name, station.name_en, station.level),
                    contains_eager(station.parent.of_type(branch)).load_only(branch.name, branch.name_en, branch.level),
                ),
            ),
            contains_eager(DispatchLine.team.of_type(team)).load_only(
                team.name, team.name_en, team.latitude, team.longitude
            ),
            joinedload(DispatchLine.first_team).load_only(Team.name, Team.name_en),
        )
    )  # fmt: skip
    if chosen.words:
        pattern = like(chosen.words)
        texts = (item.search, station.search, branch.search, team.search)
        number = tidy_number(chosen.words)
        found = found.where(
            ServiceOrder.number == number if number else or_(*(text.like(pattern, escape="\\") for text in texts))
        )
    return session.scalars(found.order_by(DispatchLine.id).limit(PAGE + 1).offset((chosen.page - 1) * PAGE)).unique().all()


def ways(session: Session, run: DispatchRun) -> Sequence[DispatchLine]:
    """Return the lines of a plan for the map: who goes where, and who is left without anybody."""
    found = (
        select(DispatchLine)
        .join(DispatchLine.order)
        .where(
            DispatchLine.run_id == run.id, DispatchLine.state.in_(sorted(KINDS["planned"] | KINDS["nobody"] | KINDS["offered"]))
        )
        .options(
            contains_eager(DispatchLine.order).load_only(ServiceOrder.number, ServiceOrder.latitude, ServiceOrder.longitude),
            joinedload(DispatchLine.order, ServiceOrder.item).load_only(ServiceItem.name, ServiceItem.name_en),
            joinedload(DispatchLine.team).load_only(Team.name, Team.name_en, Team.latitude, Team.longitude),
        )
    )
    return session.scalars(found.order_by(DispatchLine.id).limit(PINS)).unique().all()


def uses(session: Session, run: DispatchRun, team_ids: Sequence[int]) -> dict[int, int]:
    """Return how many orders of the plan each of these teams gets, what is with it already included."""
    taken = (L.PROPOSED, L.CHOSEN, L.OFFERED, L.KEPT)
    found = select(DispatchLine.team_id, func.count()).where(
        DispatchLine.run_id == run.id, DispatchLine.team_id.in_(team_ids), DispatchLine.state.in_(taken)
    )
    return {team_id: number for team_id, number in session.execute(found.group_by(DispatchLine.team_id)) if team_id}


def skills(session: Session, codes: Sequence[str]) -> dict[str, Skill]:
    """Return the skills of these codes. No code, no query."""
    found = session.scalars(select(Skill).where(Skill.code.in_(set(codes)))).all() if codes else []
    return {skill.code: skill for skill in found}


def moved(session: Session, run: DispatchRun) -> Moved:
    """Return how far the board has moved on since the plan was made. Two queries."""
    mine = (DispatchLine.run_id == run.id,)
    other = or_(ServiceOrder.version != DispatchLine.order_version, ServiceOrder.status != Status.VERIFIED)
    changed = select(func.count()).select_from(DispatchLine).join(DispatchLine.order)
    known = select(DispatchLine.order_id).where(*mine)
    new = select(func.count()).select_from(ServiceOrder).where(
        WAITS, ServiceOrder.desk_path.in_(select(DispatchClaim.desk_path).where(DispatchClaim.run_id == run.id)),
        ServiceOrder.id.not_in(known),
    )  # fmt: skip
    changes = session.scalar(changed.where(*mine, DispatchLine.state.in_(sorted(OPEN)), other)) or 0
    return Moved(changes, session.scalar(new) or 0)


def names_of(session: Session, paths: Sequence[str]) -> Sequence[Site]:
    """Return the desks at these paths."""
    return session.scalars(select(Site).where(Site.path.in_(list(paths))).order_by(Site.code)).all()


def _of_kind(run: DispatchRun, kind: str) -> list[ColumnElement[bool]]:
    here = [DispatchLine.run_id == run.id, DispatchLine.state.in_(sorted(KINDS[kind]))]
    return [*here, DispatchLine.team_id != DispatchLine.first_team_id] if kind == "changed" else here
