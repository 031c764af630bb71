"""What a signed-in resident finds under 我的点单: own requests, those of people cared for, help that comes again. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.accounts import caring
from volunteer.accounts.models import Person
from volunteer.accounts.models_caring import Care
from volunteer.accounts.queries import same_phone
from volunteer.kernel.db import under
from volunteer.kernel.errors import NotFound
from volunteer.kernel.paging import Page, cut
from volunteer.orders.households import standing
from volunteer.orders.households.lifecycle import StandingState
from volunteer.orders.households.models_standing import StandingOrder
from volunteer.orders.lifecycle import OPEN
from volunteer.orders.models import ServiceOrder

PAGE = 10


def my_orders(session: Session, person: Person, *, after: int = 0) -> Page[ServiceOrder]:
    """Return the requests of a person and of those who asked under their phone without an account, open ones first.

    Also those that they made for people whom they look after, while the consent holds.
    """
    ids = [one.id for one in same_phone(session, person)]
    cares = select(Care.id).where(Care.helper_id.in_(ids), Care.ended_at.is_(None))
    found = (
        select(ServiceOrder)
        .options(
            joinedload(ServiceOrder.item),
            joinedload(ServiceOrder.team),
            joinedload(ServiceOrder.resident),
            joinedload(ServiceOrder.care),
        )
        .where(or_(ServiceOrder.resident_id.in_(ids), ServiceOrder.care_id.in_(cares)), ServiceOrder.part_of_id.is_(None))
        .order_by(ServiceOrder.status.in_(sorted(OPEN)).desc(), ServiceOrder.placed_at.desc(), ServiceOrder.id.desc())
        .offset(after)
        .limit(PAGE + 1)
    )
    rows = session.scalars(found).all()
    return cut(rows, PAGE, [after + number for number in range(1, len(rows) + 1)])


def my_standing(session: Session, person_id: int) -> Sequence[StandingOrder]:
    """Return the help that comes again for a person, or that they look after; what has ended comes last."""
    cares = select(Care.id).where(Care.helper_id == person_id, Care.ended_at.is_(None))
    found = _whole().where(or_(StandingOrder.resident_id == person_id, StandingOrder.care_id.in_(cares)))
    ended_last = StandingOrder.state == StandingState.ENDED
    return session.scalars(found.order_by(ended_last, StandingOrder.id.desc()).limit(50)).all()


def standing_here(session: Session, actor: Actor, *, after: int = 0) -> Page[StandingOrder]:
    """Return the help that comes again in the places where this clerk orders for others."""
    scopes = actor.scopes(Permission.ORDER_PLACE_FOR_OTHERS)
    found = _whole().where(under(scopes, StandingOrder.site_path)).order_by(
        StandingOrder.state == StandingState.ENDED, StandingOrder.id.desc()
    )  # fmt: skip
    rows = session.scalars(found.offset(after).limit(PAGE + 1)).all() if scopes else []
    return cut(rows, PAGE, [after + number for number in range(1, len(rows) + 1)])


def one_standing(session: Session, actor: Actor, standing_id: int) -> StandingOrder:
    """Return help that comes again to whoever it is for, whoever looks after them, or a clerk there. Raises NotFound."""
    found = session.scalars(_whole().where(StandingOrder.id == standing_id)).one_or_none()
    if found is None:
        raise NotFound("standing")
    own = actor.user_id is not None and actor.user_id in (found.resident_id, standing.helper_of(found))
    if not own and not actor.can(Permission.ORDER_PLACE_FOR_OTHERS, at=found.site_path):
        raise NotFound("standing")
    return found


def order_to_repeat(session: Session, actor: Actor, number: str) -> ServiceOrder:
    """Return an order whose help this actor may let come again. Raises NotFound."""
    found = select(ServiceOrder).options(joinedload(ServiceOrder.item), joinedload(ServiceOrder.care))
    order = session.scalars(found.where(ServiceOrder.number == number)).one_or_none()
    if order is None:
        raise NotFound("order")
    helper = order.care.helper_id if order.care is not None and order.care.ended_at is None else None
    own = actor.user_id is not None and actor.user_id in (order.resident_id, helper)
    if not own and not actor.can(Permission.ORDER_PLACE_FOR_OTHERS, at=order.site_path):
        raise NotFound("order")
    return order


def cares_around(session: Session, person: Person) -> tuple[Sequence[Care], Sequence[Care]]:
    """Return whom somebody asks for help for, and who may ask for them."""
    return caring.of_helper(session, person.id), caring.of_person(session, [person.id])


def _whole() -> Select[tuple[StandingOrder]]:
    return select(StandingOrder).options(
        joinedload(StandingOrder.item), joinedload(StandingOrder.resident), joinedload(StandingOrder.care)
    )
