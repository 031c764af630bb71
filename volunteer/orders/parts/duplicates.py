"""重复: orders that another one may repeat. What a stranger is told of them names nobody. Reads only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """An order, or one to be, as far as others are held against it; without a household only pins are compared."""

    site: Site
    point: Point
    item: ServiceItem | None
    placed_at: datetime
    resident_id: int | None
    phone_index: str | None
    order_id: int = 0


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
    new = Compared(
        site=located.site,
        point=located.point,
        item=item,
        placed_at=at,
        resident_id=resident_id,
        phone_index=index if staff else None,
    )
    return _most_alike(session, new, clocks)


def alike_to(session: Session, order: ServiceOrder, *, at: datetime, clocks: Clocks | None = None) -> list[ServiceOrder]:
    """Return the other waiting orders that this one may repeat: for staff who verify or dispatch it."""
    clocks = clocks or clocks_at(session, order.desk_path, at)
    if order.status not in {Status.PLACED, Status.VERIFIED} or order.part_of_id is not None:
        return []
    one = Compared(
        site=order.site,
        point=Point(order.latitude, order.longitude),
        item=order.item,
        placed_at=order.placed_at,
        resident_id=order.resident_id,
        phone_index=order.resident.phone_index,
        order_id=order.id,
    )
    return _most_alike(session, one, clocks)


def _most_alike(session: Session, one: Compared, clocks: Clocks) -> list[ServiceOrder]:
    if clocks.alike_days <= 0 or clocks.alike_metres <= 0:
        return []
    pin = one.point if _pinned(one.site, one.point) else None
    grounds = _grounds(one, pin, clocks.alike_metres)
    if not grounds:
        return []
    days = timedelta(days=clocks.alike_days)
    found = (
        select(ServiceOrder)
        .join(Person, Person.id == ServiceOrder.resident_id)
        .options(joinedload(ServiceOrder.item), joinedload(ServiceOrder.site), joinedload(ServiceOrder.resident))
        .where(
            ServiceOrder.status.in_(sorted(WAITING)),
            ServiceOrder.part_of_id.is_(None),
            ServiceOrder.id != one.order_id,
            ServiceOrder.placed_at >= one.placed_at - days,
            ServiceOrder.placed_at <= one.placed_at + days,
            ServiceOrder.site_path.startswith(f"/{one.site.path.split('/')[1]}/"),
            or_(*grounds),
        )
        .order_by(ServiceOrder.placed_at.desc(), ServiceOrder.id.desc())
        .limit(LOOKED_AT)
    )
    orders = {order.id: order for order in session.scalars(found).unique()}
    new = Asked(*_item(one.item), one.placed_at)
    scores = [
        (duplicate_rules.likeness(new, _asked(order, one, pin), near_metres=clocks.alike_metres, days=clocks.alike_days), number)
        for number, order in orders.items()
    ]
    return [orders[number] for number in duplicate_rules.best(scores)]


def _grounds(one: Compared, pin: Point | None, metres: float) -> list[ColumnElement[bool]]:
    """Return what makes another order worth a look: the same household, or a pin nearby."""
    grounds: list[ColumnElement[bool]] = []
    if one.resident_id is not None:
        grounds.append(ServiceOrder.resident_id == one.resident_id)
    if one.phone_index is not None:
        grounds.append(Person.phone_index == one.phone_index)
    if pin is not None:
        up, across = _box(pin, metres)
        grounds.append(
            ServiceOrder.latitude.between(pin.latitude - up, pin.latitude + up)
            & ServiceOrder.longitude.between(pin.longitude - across, pin.longitude + across)
        )
    return grounds


def _asked(order: ServiceOrder, one: Compared, pin: Point | None) -> Asked:
    there = Point(order.latitude, order.longitude)
    metres = geodesic_metres(pin, there) if pin is not None and _pinned(order.site, there) else None
    same = order.resident_id == one.resident_id or (one.phone_index is not None and order.resident.phone_index == one.phone_index)
    return Asked(*_item(order.item), order.placed_at, metres, same)


def _item(item: ServiceItem | None) -> tuple[int | None, int | None]:
    """Return the ids of an item and of its category."""
    return (item.id, item.category_id) if item else (None, None)


def _pinned(site: Site, point: Point) -> bool:
    """Whether somebody said where exactly; a village's own point says nothing about which house."""
    return geodesic_metres(point, (site.latitude, site.longitude)) > AT_THE_SITE


def _box(point: Point, metres: float) -> tuple[float, float]:
    up = metres / DEGREE
    return up, up / max(0.01, math.cos(math.radians(point.latitude)))
