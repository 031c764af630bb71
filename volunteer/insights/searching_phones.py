"""Looking for somebody by the end of the phone: a look at private data, so each one found is written down."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.accounts.finding import by_phone_part
from volunteer.accounts.models import TAIL
from volunteer.audit.recording import record
from volunteer.insights.searching import Group, Hit, Kind, volunteers
from volunteer.kernel.db import under
from volunteer.kernel.errors import Forbidden, Invalid
from volunteer.kernel.words import N_
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Site
from volunteer.teams.models import Volunteer

ELEVEN = 11
FOUND = 50  # people who share the last digits in one county's places
ORDERS = 20
MAY = (Permission.ORDER_SEE_PRIVATE, Permission.PEOPLE_MANAGE)


def may_search(actor: Actor) -> bool:
    """Return whether the actor may look by phone at all."""
    return actor.may(Permission.STAFF_SEARCH) and any(actor.may(permission) for permission in MAY)


def digits_of(typed: str) -> str | None:
    """Return the digits of a phone's end as typed, 4 to 11 of them, else None."""
    digits = "".join(sign for sign in unicodedata.normalize("NFKC", typed[:40]) if sign not in " -()+.")
    return digits if digits.isascii() and digits.isdigit() and TAIL <= len(digits) <= ELEVEN else None


def search_by_phone(session: Session, actor: Actor, typed: str, *, at: datetime) -> list[Group]:
    """Return volunteers and orders of whoever has a phone with that end, in the places where the actor may see phones.

    Raises Forbidden for who may not, Invalid for what is no end of a phone.
    """
    if not may_search(actor):
        raise Forbidden(Permission.ORDER_SEE_PRIVATE.value)
    digits = digits_of(typed)
    if digits is None:
        raise Invalid.field("tail", N_("Please write the last four digits of the phone, or more of them."))

    people = [person.id for person in by_phone_part(session, digits, limit=FOUND)]
    serving = _volunteers(session, actor, people)
    orders = _orders(session, actor, people)
    groups = [Group(Kind.PEOPLE, serving, len(serving)), Group(Kind.ORDERS, orders, len(orders))]
    seen = {hit.person_id: hit.paths[0] for hit in [*orders, *serving]}
    for person_id, path in seen.items():
        record(session, actor, "searched_by_phone", f"person:{person_id}", at=at, site_path=path, digits=len(digits))
    if not seen:
        record(session, actor, "searched_by_phone", "person:unknown", at=at, digits=len(digits))
    return [group for group in groups if group.hits]


def _volunteers(session: Session, actor: Actor, people: Sequence[int]) -> list[Hit]:
    paths = [path for permission in MAY for path in actor.scopes(permission)]
    mine = select(Volunteer.id).join(Site, Site.id == Volunteer.site_id)
    mine = mine.where(Volunteer.id.in_(people), under(paths, Site.path))
    return volunteers(session, session.scalars(mine).all())


def _orders(session: Session, actor: Actor, people: Sequence[int]) -> list[Hit]:
    found = select(ServiceOrder).options(joinedload(ServiceOrder.item), joinedload(ServiceOrder.site))
    found = found.options(joinedload(ServiceOrder.resident))
    found = found.where(
        ServiceOrder.resident_id.in_(people), under(actor.scopes(Permission.ORDER_SEE_PRIVATE), ServiceOrder.site_path)
    ).order_by(ServiceOrder.placed_at.desc())
    return [replace(_hit(order), person_id=order.resident_id) for order in session.scalars(found.limit(ORDERS))]


def _hit(order: ServiceOrder) -> Hit:
    item = order.item
    return Hit(
        order.number, item.name if item else "", item.name_en if item else "", f"{order.site.name} · {order.resident.name}",
        f"{order.site.name_en or order.site.name} · {order.resident.name}", (order.site_path, order.desk_path), order.status,
    )  # fmt: skip
