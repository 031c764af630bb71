"""重复: orders that another one may repeat. What a stranger is told of them names nobody. Reads only."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.accounts import rules as account_rules
from volunteer.accounts.models import Person
from volunteer.catalogue.models import ServiceItem
from volunteer.catalogue.queries import item_of_code
from volunteer.kernel.geo import Point, geodesic_metres
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import OrderChannel, ServiceOrder
from volunteer.orders.parts import duplicate_rules
from volunteer.orders.parts.duplicate_rules import Asked
from volunteer.orders.placing import OrderDraft
from volunteer.places.gazetteer import Located
from volunteer.places.models import Site
from volunteer.places.policies import clocks_at
from volunteer.places.terms import Clocks

WAITING = frozenset({Status.PLACED, Status.VERIFIED, Status.OFFERED, Status.ACCEPTED, Status.UNDER_WAY, Status.IN_PARTS})
DEGREE = 111_195  # metres of latitude
LOOKED_AT = 200
AT_THE_SITE = 1.0  # metres: nobody set a pin, the village's own point stands for it


def alike(session: Session, actor: Actor, draft: OrderDraft, located: Located, *, at: datetime) -> list[ServiceOrder]:
    """Return the waiting orders that this draft may repeat, the most alike first.

    That a household asks twice is said only to its own signed-in member, and to staff: a phone can be typed by anybody.
    """
    item = item_of_code(session, draft.item, located.site.path) if draft.item else None
    number = account_rules.mobile(draft.phone)
    index = session.info["keyring"].blind("phone", number) if number else None
    staff = draft.channel is not OrderChannel.WEB and actor.can(Permission.ORDER_PLACE_FOR_OTHERS, at=located.site.path)
    resident_id = actor.user_id if draft.channel is OrderChannel.WEB and not draft.on_behalf else None
    clocks = clocks_at(session, located.site.path, at)
    return _found(session, located.site, located.point, item, at, resident_id, index if staff else None, clocks)


def alike_to(session: Session, order: ServiceOrder, *, at: datetime, clocks: Clocks | None = None) -> list[ServiceOrder]:
    """Return the other waiting orders that this one may repeat: for staff who verify or dispatch it."""
    clocks = clocks or clocks_at(session, order.desk_path, at)
    if order.status not in {Status.PLACED, Status.VERIFIED} or order.part_of_id is not None:
        return []
    point = Point(order.latitude, order.longitude)
    index = order.resident.phone_index
    return _found(session, order.site, point, order.item, order.placed_at, order.resident_id, index, clocks, but=order.id)


def _found(
    session: Session,
    site: Site,
    point: Point,
    item: ServiceItem | None,
    placed_at: datetime,
    resident_id: int | None,
    phone_index: str | None,
    clocks: Clocks,
    *,
    but: int = 0,
) -> list[ServiceOrder]:
    if clocks.alike_days <= 0 or clocks.alike_metres <= 0:
        return []
    pinned = _pinned(site, point)
    households = [ServiceOrder.resident_id == resident_id] if resident_id is not None else []
    if phone_index is not None:
        households.append(Person.phone_index == phone_index)
    if not households and not pinned:
        return []
    up, across = _box(point, clocks.alike_metres)
    near = (
        ServiceOrder.latitude.between(point.latitude - up, point.latitude + up)
        & ServiceOrder.longitude.between(point.longitude - across, point.longitude + across)
    )  # fmt: skip
    days = timedelta(days=clocks.alike_days)
    found = (
        select(ServiceOrder)
        .join(Person, Person.id == ServiceOrder.resident_id)
        .options(joinedload(ServiceOrder.item), joinedload(ServiceOrder.site), joinedload(ServiceOrder.resident))
        .where(
            ServiceOrder.status.in_(sorted(WAITING)),
            ServiceOrder.part_of_id.is_(None),
            ServiceOrder.id != but,
            ServiceOrder.placed_at >= placed_at - days,
            ServiceOrder.placed_at <= placed_at + days,
            ServiceOrder.site_path.startswith(f"/{site.path.split('/')[1]}/"),
            or_(*households, *([near] if pinned else [])),
        )
        .order_by(ServiceOrder.placed_at.desc(), ServiceOrder.id.desc())
        .limit(LOOKED_AT)
    )
    orders = {order.id: order for order in session.scalars(found).unique()}
    new = Asked(item.id if item else None, item.category_id if item else None, placed_at)
    scores = [
        (
            duplicate_rules.likeness(
                new, _asked(order, point if pinned else None, resident_id, phone_index),
                near_metres=clocks.alike_metres, days=clocks.alike_days,
            ),
            order.id,
        )
        for order in orders.values()
    ]  # fmt: skip
    return [orders[number] for number in duplicate_rules.best(scores)]


def _asked(order: ServiceOrder, point: Point | None, resident_id: int | None, phone_index: str | None) -> Asked:
    there = Point(order.latitude, order.longitude)
    metres = geodesic_metres(point, there) if point is not None and _pinned(order.site, there) else None
    same = order.resident_id == resident_id or (phone_index is not None and order.resident.phone_index == phone_index)
    item = order.item
    return Asked(item.id if item else None, item.category_id if item else None, order.placed_at, metres, same)


def _pinned(site: Site, point: Point) -> bool:
    """Whether somebody said where exactly; a village's own point says nothing about which house."""
    return geodesic_metres(point, (site.latitude, site.longitude)) > AT_THE_SITE


def _box(point: Point, metres: float) -> tuple[float, float]:
    up = metres / DEGREE
    return up, up / max(0.01, math.cos(math.radians(point.latitude)))
