"""What a dispatcher's board shows: the list by tab and filter, its counts, its pins, one order with all that hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, load_only, selectinload

from volunteer.access import Actor, Permission
from volunteer.accounts.models import Person
from volunteer.catalogue.models import ServiceCategory, ServiceItem
from volunteer.kernel.db import UtcDateTime, under
from volunteer.kernel.errors import NotFound
from volunteer.kernel.serials import tidy_number
from volunteer.kernel.text import like
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import Hold, Offer, ServiceOrder
from volunteer.orders.reasons import ASKED_ENOUGH, NOBODY_AT_ALL, NOBODY_CAME
from volunteer.places.models import Site, SiteLevel
from volunteer.teams.models import Team

PAGE = 30
PINS = 400
LOOK_BACK = timedelta(days=30)  # how far the tab of finished orders goes
SOON = timedelta(minutes=60)
KEPT = 64  # statements by desk and filter

S = Status
TABS: dict[str, frozenset[Status]] = {
    "placed": frozenset({S.PLACED}),
    "verified": frozenset({S.VERIFIED}),
    "offered": frozenset({S.OFFERED}),
    "working": frozenset({S.ACCEPTED, S.UNDER_WAY, S.IN_SERVICE}),
    "late": frozenset({S.PLACED, S.VERIFIED, S.OFFERED, S.ACCEPTED, S.UNDER_WAY, S.IN_SERVICE}),  # and due_at has passed
    "done": frozenset({S.SERVED, S.CLOSED, S.UNMET, S.REJECTED, S.WITHDRAWN}),
}
COUNTED = tuple(name for name in TABS if name != "done")
FIRST_TAB = "verified"
ON_BOARD = TABS["late"]

Station, Branch = aliased(Site, name="station"), aliased(Site, name="branch")


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list is narrowed to; all of it stands in the address."""

    tab: str = FIRST_TAB
    branch: int = 0  # id of a 所, 0: all
    category: str = ""  # code of a category
    urgent: bool = False
    words: str = ""
    page: int = 1

    def address(self, **changes: Any) -> dict[str, Any]:
        """Return the query string's values; a change of filter goes back to the first page."""
        new = replace(self, **({"page": 1} | changes))
        values = {
            "tab": new.tab,
            "site": str(new.branch or ""),
            "category": new.category,
            "urgent": "1" if new.urgent else "",
            "q": new.words,
            "page": str(new.page) if new.page > 1 else "",
        }
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many orders each tab has under the filter, and a figure that changes whenever any of them does."""

    counts: dict[str, int]
    mark: str


def tally(session: Session, actor: Actor, chosen: Filter, at: datetime) -> Tally:
    """Return the counts of the tabs under the filter, and the mark of what the board would show. One query."""
    rows = session.execute(_tallied(_scopes(actor), replace(chosen, tab=FIRST_TAB, page=1)), {"at": at}).all()
    counts = {name: sum(row.number for row in rows if row.status in TABS[name]) for name in COUNTED}
    counts["late"] = sum(row.late for row in rows)
    return Tally(counts, repr(rows))


def next_number(session: Session, actor: Actor, chosen: Filter, at: datetime, *, but: str) -> str | None:
    """Return the number of the order that needs a hand next under the filter, other than ``but``. One query."""
    page = _listed(_scopes(actor), replace(chosen, page=1))
    found = session.scalars(page, _moments(chosen, at) | {"most": 2, "before": 0}).unique().all()
    return next((order.number for order in found if order.number != but), None)


def rows(session: Session, actor: Actor, chosen: Filter, at: datetime) -> Sequence[ServiceOrder]:
    """Return one page of the list (and one row more, when there is a next page), what needs a hand first. One query."""
    page = _listed(_scopes(actor), replace(chosen, page=1))
    given = _moments(chosen, at) | {"most": PAGE + 1, "before": (chosen.page - 1) * PAGE}
    return session.scalars(page, given).unique().all()


def pins(session: Session, actor: Actor, chosen: Filter, at: datetime) -> Sequence[ServiceOrder]:
    """Return the orders of the list for the map, all pages of it. One query."""
    page = _listed(_scopes(actor), replace(chosen, page=1))
    return session.scalars(page, _moments(chosen, at) | {"most": PINS, "before": 0}).unique().all()


def branches(session: Session, actor: Actor) -> Sequence[Site]:
    """Return the branches that the actor dispatches for, by code."""
    mine = under(_scopes(actor), Site.path)
    found = select(Site).where(Site.level == SiteLevel.BRANCH, Site.closed_at.is_(None), mine)
    found = found.options(load_only(Site.code, Site.name, Site.name_en))
    return session.scalars(found.order_by(Site.code)).all()


def order_of_number(session: Session, actor: Actor, number: str) -> ServiceOrder:
    """Return an order with all that its page shows, in three queries. Raises NotFound outside the actor's places."""
    found = (
        select(ServiceOrder)
        .where(ServiceOrder.number == number, _within(actor))
        .options(
            joinedload(ServiceOrder.resident),
            joinedload(ServiceOrder.item).options(joinedload(ServiceItem.category), joinedload(ServiceItem.skills)),
            joinedload(ServiceOrder.site).joinedload(Site.parent),
            joinedload(ServiceOrder.desk).joinedload(Site.parent),
            joinedload(ServiceOrder.team),
            joinedload(ServiceOrder.hold).joinedload(Hold.person),
            joinedload(ServiceOrder.rating),
            joinedload(ServiceOrder.joined),
            joinedload(ServiceOrder.part_of),
            selectinload(ServiceOrder.events),
            selectinload(ServiceOrder.offers).joinedload(Offer.team),
        )
    )
    order = session.scalars(found).unique().one_or_none()
    if order is None:
        raise NotFound("order")
    return order


class Peek(NamedTuple):
    """What opening an order needs to know before anything is written."""

    order_id: int
    open: bool  # may be held: it is not finished
    site_path: str
    desk_path: str
    person_id: int | None  # whose hold there is
    until: datetime | None


def peek(session: Session, actor: Actor, number: str) -> Peek:
    """Return who has the order open. Raises NotFound outside the actor's places. One query."""
    found = (
        select(ServiceOrder.id, ServiceOrder.status, ServiceOrder.site_path, ServiceOrder.desk_path, Hold.person_id, Hold.until)
        .outerjoin(Hold, Hold.order_id == ServiceOrder.id)
        .where(ServiceOrder.number == number, _within(actor))
    )
    row = session.execute(found).one_or_none()
    if row is None:
        raise NotFound("order")
    return Peek(row.id, row.status in ON_BOARD, row.site_path, row.desk_path, row.person_id, row.until)


class Now(NamedTuple):
    """Where an order stands this moment, for noticing that it has moved on while somebody looks at it."""

    version: int
    status: Status
    due_at: datetime | None
    person_id: int | None  # whose hold there is
    holder: str | None
    until: datetime | None


def now_of(session: Session, actor: Actor, number: str) -> Now:
    """Return where an order stands. Raises NotFound outside the actor's places. One query."""
    found = select(ServiceOrder.version, ServiceOrder.status, ServiceOrder.due_at, Hold.person_id, Person.name, Hold.until)
    row = session.execute(
        found.outerjoin(Hold, Hold.order_id == ServiceOrder.id)
        .outerjoin(Person, Person.id == Hold.person_id)
        .where(ServiceOrder.number == number, _within(actor))
    ).one_or_none()
    if row is None:
        raise NotFound("order")
    return Now(*row)


# Statements are put together once for a desk and a filter: a board asks every five seconds. AT and SINCE are given each time.
AT, SINCE = bindparam("at", type_=UtcDateTime()), bindparam("since", type_=UtcDateTime())


@lru_cache(maxsize=KEPT)
def _tallied(scopes: tuple[str, ...], chosen: Filter) -> Select[Any]:
    """By status: how many, how many late, and what changes when any of them does."""
    holds = (func.count(), func.sum(Hold.person_id), func.max(Hold.since))
    held = [select(what).where(Hold.until > AT).scalar_subquery() for what in holds]
    late = func.sum(case((ServiceOrder.due_at < AT, 1), else_=0)).label("late")
    marks = (func.sum(ServiceOrder.version), func.max(ServiceOrder.id), *held)
    found = select(ServiceOrder.status, func.count().label("number"), late, *marks)
    found = found.where(ServiceOrder.status.in_(sorted(ON_BOARD))).group_by(ServiceOrder.status).order_by(ServiceOrder.status)
    return _narrow(_joined(found) if _looks_elsewhere(chosen) else found, scopes, chosen)


@lru_cache(maxsize=KEPT)
def _listed(scopes: tuple[str, ...], chosen: Filter) -> Select[Any]:
    """One page of a tab: its orders are found first, then what their rows show is joined to these few."""
    found = select(ServiceOrder.id)
    found = _narrow(_joined(found) if _looks_elsewhere(chosen) else found, scopes, chosen).where(_in_tab(chosen.tab))
    order = [ServiceOrder.placed_at.desc(), ServiceOrder.id.desc()] if chosen.tab == "done" else _by_need()
    these = found.order_by(*order).limit(bindparam("most")).offset(bindparam("before")).subquery()
    shown = _joined(select(ServiceOrder).join(these, these.c.id == ServiceOrder.id))
    return shown.order_by(*order).options(*_shown())


def _looks_elsewhere(chosen: Filter) -> bool:
    return bool(chosen.branch or chosen.category or chosen.words)


def _moments(chosen: Filter, at: datetime) -> dict[str, Any]:
    return {"late": {"at": at}, "done": {"since": at - LOOK_BACK}}.get(chosen.tab, {})


def _scopes(actor: Actor) -> tuple[str, ...]:
    return actor.scopes(Permission.ORDER_DISPATCH)


def _joined(found: Select[Any]) -> Select[Any]:
    return (
        found.outerjoin(ServiceItem, ServiceItem.id == ServiceOrder.item_id)
        .outerjoin(ServiceCategory, ServiceCategory.id == ServiceItem.category_id)
        .join(Station, Station.id == ServiceOrder.site_id)
        .outerjoin(Branch, Branch.id == Station.parent_id)
    )


def _shown() -> list[Any]:
    """Load only what a row shows: nothing sealed."""
    return [
        load_only(
            ServiceOrder.number, ServiceOrder.status, ServiceOrder.urgent, ServiceOrder.place, ServiceOrder.due_at,
            ServiceOrder.placed_at, ServiceOrder.nudges, ServiceOrder.reason, ServiceOrder.latitude, ServiceOrder.longitude,
            ServiceOrder.handed_back_at, ServiceOrder.part_of_id, ServiceOrder.part_number, ServiceOrder.in_parts,
            ServiceOrder.site_path, ServiceOrder.desk_path,
        ),
        joinedload(ServiceOrder.part_of).load_only(ServiceOrder.in_parts),
        contains_eager(ServiceOrder.item).load_only(ServiceItem.name, ServiceItem.name_en),
        contains_eager(ServiceOrder.site.of_type(Station)).options(
            load_only(Station.name, Station.name_en, Station.level),
            contains_eager(Station.parent.of_type(Branch)).load_only(Branch.name, Branch.name_en, Branch.level),
        ),
        joinedload(ServiceOrder.team).load_only(Team.name, Team.name_en),
        joinedload(ServiceOrder.hold).joinedload(Hold.person).load_only(Person.name),
    ]  # fmt: skip


def _narrow(found: Select[Any], scopes: tuple[str, ...], chosen: Filter) -> Select[Any]:
    found = found.where(_under(scopes))
    if chosen.branch:
        found = found.where(or_(Branch.id == chosen.branch, Station.id == chosen.branch))
    if chosen.category:
        found = found.where(ServiceCategory.code == chosen.category)
    if chosen.urgent:
        found = found.where(ServiceOrder.urgent.is_(True))
    return found.where(_says(chosen.words)) if chosen.words else found


def _says(words: str) -> ColumnElement[bool]:
    """Search by number, by service, by place: in characters, pinyin or initials."""
    if number := tidy_number(words):
        return ServiceOrder.number == number
    pattern = like(words)
    texts = (ServiceItem.search, Station.search, Branch.search, ServiceOrder.place, ServiceOrder.number)
    return or_(*(text.like(pattern, escape="\\") for text in texts))


def _within(actor: Actor) -> ColumnElement[bool]:
    return _under(_scopes(actor))


def _under(scopes: tuple[str, ...]) -> ColumnElement[bool]:
    return under(scopes, ServiceOrder.site_path, ServiceOrder.desk_path)


def _in_tab(tab: str) -> ColumnElement[bool]:
    inside = ServiceOrder.status.in_(sorted(TABS[tab]))
    if tab == "late":
        return and_(inside, ServiceOrder.due_at < AT)
    if tab == "done":
        return and_(inside, ServiceOrder.placed_at >= SINCE)
    return inside


def _by_need() -> list[Any]:
    """Nobody left to ask, given back, or nobody came: these first; then late by their promise; without a promise last."""
    alone = or_(ServiceOrder.reason.in_((NOBODY_AT_ALL, ASKED_ENOUGH)), ServiceOrder.handed_back_at.is_not(None))
    stuck = case((or_(and_(ServiceOrder.status == S.VERIFIED, alone), ServiceOrder.reason == NOBODY_CAME), 0), else_=1)
    return [stuck, case((ServiceOrder.due_at.is_(None), 1), else_=0), ServiceOrder.due_at, ServiceOrder.id]
