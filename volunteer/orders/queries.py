"""Orders as residents and clerks find them: by secret link, by number and code, by person, by place. Reads only."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from volunteer.access import Actor, Permission
from volunteer.accounts.models import Person
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.db import under
from volunteer.kernel.errors import NotFound
from volunteer.kernel.paging import Page, cut
from volunteer.kernel.serials import tidy_number
from volunteer.kernel.text import like
from volunteer.orders.lifecycle import OPEN, WITH_TEAM, Status
from volunteer.orders.models import OrderPhoto, ServiceOrder, Visitor
from volunteer.orders.placing import hash_secret
from volunteer.orders.visits.lifecycle import VisitorState
from volunteer.places.models import Site
from volunteer.teams.models import MemberRole, Membership

SLIP_HOURS = 12  # a slip is printed by whoever ordered, on the day
PAGE = 20
LONGEST_TOKEN = 64
DESK_TABS: dict[str, frozenset[Status]] = {
    "placed": frozenset({Status.PLACED}),
    "served": frozenset({Status.SERVED}),
    "all": frozenset(Status),
}

WHOLE = select(ServiceOrder).options(  # an order with all that its page shows; these are asked often: put together once
    joinedload(ServiceOrder.resident),
    joinedload(ServiceOrder.item).options(joinedload(ServiceItem.category), joinedload(ServiceItem.questions)),
    joinedload(ServiceOrder.site).defer(Site.area),
    joinedload(ServiceOrder.desk).defer(Site.area),
    joinedload(ServiceOrder.team),
    joinedload(ServiceOrder.rating),
    joinedload(ServiceOrder.photos).joinedload(OrderPhoto.photo),
    selectinload(ServiceOrder.events),
)
BY_SECRET = WHOLE.options(joinedload(ServiceOrder.moves)).where(ServiceOrder.secret_hash == bindparam("hashed"))
GUESTS = (
    select(Person.name, Membership.role)
    .join(Visitor, Visitor.volunteer_id == Person.id)
    .outerjoin(
        Membership,
        and_(Membership.volunteer_id == Person.id, Membership.team_id == bindparam("team"), Membership.until.is_(None)),
    )
    .where(Visitor.order_id == bindparam("order"), Visitor.state == VisitorState.GOING)
    .order_by(Person.id)
)


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who comes: the name, and whether they lead the team."""

    name: str
    leads: bool


def order_by_secret(session: Session, token: str) -> ServiceOrder:
    """Return the order that a secret link opens, with all that its page shows. Two queries. Raises NotFound.

    "token.2" is the second part of the order that "token" opens.
    """
    token, dot, number = token.partition(".")
    if not token or len(token) > LONGEST_TOKEN:
        raise NotFound("order")
    if dot:
        return _part_of(session, token, number)
    order = session.scalars(BY_SECRET, {"hashed": hash_secret(token)}).unique().one_or_none()
    if order is None:
        raise NotFound("order")
    return order


def order_by_code(session: Session, number: str, code: str) -> ServiceOrder | None:
    """Return the order of that number when the code fits, else None; which of the two was wrong is not said."""
    tidy = tidy_number(number[:40])
    found = session.scalar(select(ServiceOrder).where(ServiceOrder.number == (tidy or "")))
    found = found.part_of if found is not None and found.part_of is not None else found
    expected = (found.code or "") if found is not None else ""
    fits = hmac.compare_digest((expected or "no such").encode(), "".join(code.split())[:12].encode())
    return found if found is not None and fits else None


def _part_of(session: Session, token: str, number: str) -> ServiceOrder:
    if not (number.isascii() and number.isdigit() and len(number) == 1):
        raise NotFound("order")
    whole = select(ServiceOrder.id).where(ServiceOrder.secret_hash == hash_secret(token)).scalar_subquery()
    found = WHOLE.options(joinedload(ServiceOrder.moves), joinedload(ServiceOrder.part_of))
    found = found.where(ServiceOrder.part_of_id == whole, ServiceOrder.part_number == int(number))
    part = session.scalars(found).unique().one_or_none()
    if part is None:
        raise NotFound("order")
    return part


def order_for(session: Session, actor: Actor, number: str) -> ServiceOrder:
    """Return an order of a place where the actor may see orders, with all that its page shows. Raises NotFound."""
    order = session.scalars(WHOLE.where(ServiceOrder.number == number)).unique().one_or_none()
    if order is None or not actor.can(Permission.ORDER_SEE, at=order.site_path):
        raise NotFound("order")
    return order


def orders_of(session: Session, person_id: int, *, limit: int = 10) -> Sequence[ServiceOrder]:
    """Return a person's orders: open ones first, then the newest."""
    open_first = ServiceOrder.status.in_(sorted(OPEN)).desc()
    found = select(ServiceOrder).where(ServiceOrder.resident_id == person_id, ServiceOrder.part_of_id.is_(None))
    found = found.options(joinedload(ServiceOrder.item), joinedload(ServiceOrder.team), joinedload(ServiceOrder.resident))
    return session.scalars(found.order_by(open_first, ServiceOrder.placed_at.desc(), ServiceOrder.id.desc()).limit(limit)).all()


def visits_of(session: Session, volunteer_id: int, *, limit: int = 10) -> Sequence[ServiceOrder]:
    """Return the orders that a volunteer was chosen for and that are not served yet, the next visit first. One query."""
    found = select(ServiceOrder).join(Visitor, Visitor.order_id == ServiceOrder.id)
    going = (Visitor.volunteer_id == volunteer_id, Visitor.state == VisitorState.GOING)
    found = found.where(*going, ServiceOrder.status.in_(sorted(WITH_TEAM)))
    found = found.options(joinedload(ServiceOrder.item), joinedload(ServiceOrder.team))
    return session.scalars(found.order_by(ServiceOrder.visit_begins, ServiceOrder.id).limit(limit)).all()


def guests_of(session: Session, order: ServiceOrder) -> list[Guest]:
    """Return who was chosen to come, the leader first. One query, none before a team has accepted."""
    if order.team_id is None:
        return []
    rows = session.execute(GUESTS, {"team": order.team_id, "order": order.id})
    guests = [Guest(name, role is MemberRole.LEADER) for name, role in rows]
    return sorted(guests, key=lambda guest: not guest.leads)


def desk_counts(session: Session, actor: Actor) -> dict[str, int]:
    """Return how many orders wait in each tab of a clerk's page."""
    waiting = {tab: inside for tab, inside in DESK_TABS.items() if tab != "all"}
    found = select(ServiceOrder.status, func.count()).group_by(ServiceOrder.status)
    states = sorted(frozenset().union(*waiting.values()))
    found = found.where(_within(actor), ServiceOrder.part_of_id.is_(None), ServiceOrder.status.in_(states))
    by_status = {row[0]: row[1] for row in session.execute(found)}
    return {tab: sum(by_status.get(status, 0) for status in inside) for tab, inside in waiting.items()}


def desk_orders(session: Session, actor: Actor, tab: str, *, words: str = "", after: int = 0) -> Page[ServiceOrder]:
    """Return a page of a clerk's list: what waits longest first; of everything the newest first.

    ``after`` is how many rows to pass over: lists of what waits are short, and move as they are worked on.
    """
    found = select(ServiceOrder).where(_within(actor))
    if tidy_number(words) is None:
        found = found.where(ServiceOrder.part_of_id.is_(None))  # callers ask about the whole
    if tab != "all":
        found = found.where(ServiceOrder.status.in_(sorted(DESK_TABS[tab])))
    found = found.options(joinedload(ServiceOrder.item), joinedload(ServiceOrder.site), joinedload(ServiceOrder.team))
    if words:
        found = found.outerjoin(ServiceItem, ServiceItem.id == ServiceOrder.item_id).join(Site, Site.id == ServiceOrder.site_id)
        found = found.where(_says(words))
    order = [ServiceOrder.id.desc()] if tab == "all" else [ServiceOrder.due_at, ServiceOrder.id]
    rows = session.scalars(found.order_by(*order).offset(after).limit(PAGE + 1)).all()
    return cut(rows, PAGE, [after + number + 1 for number in range(len(rows))])


def may_print_slip(order: ServiceOrder, actor: Actor, at: datetime) -> bool:
    """Return whether this clerk may see number, code and link: whoever ordered for the resident, and only that day."""
    return (
        actor.user_id is not None
        and order.placed_by == actor.user_id
        and order.resident_id != actor.user_id
        and at < order.placed_at + timedelta(hours=SLIP_HOURS)
    )


def counted() -> ColumnElement[bool]:
    """Return which rows figures count: an order once, as itself or as its parts; parts put together again not at all."""
    kept = or_(ServiceOrder.part_of_id.is_(None), ServiceOrder.part_number.is_not(None))
    return and_(ServiceOrder.in_parts == 0, kept)


def _within(actor: Actor) -> ColumnElement[bool]:
    scopes = actor.scopes(Permission.ORDER_VERIFY)
    return under(scopes, ServiceOrder.site_path)


def _says(words: str) -> ColumnElement[bool]:
    if number := tidy_number(words):
        return ServiceOrder.number == number
    pattern = like(words)
    texts = (ServiceItem.search, Site.search, ServiceOrder.number)
    return or_(*(text.like(pattern, escape="\\") for text in texts))
