"""The end of a helper's right: whoever was cared for keeps their requests, the helper loses every way to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.models_caring import Care
from volunteer.audit.recording import record
from volunteer.kernel import serials
from volunteer.kernel.db import lock
from volunteer.kernel.errors import NotFound
from volunteer.kernel.words import N_
from volunteer.messaging.outbox import Recipient, tell
from volunteer.orders import telling
from volunteer.orders.households.lifecycle import StandingAction, StandingState
from volunteer.orders.households.models_standing import StandingOrder
from volunteer.orders.lifecycle import OPEN
from volunteer.orders.models import ServiceOrder
from volunteer.orders.placing import hash_secret

CONSENT_ENDED = N_("The person no longer wants somebody else to ask for them.")


def end_care(session: Session, actor: Actor, care_id: int, *, at: datetime, order_id: int | None = None) -> Care:
    """Withdraw the consent: by the person, the helper, or a clerk whom the person asked, through an order of theirs.

    Every request that the helper made gets a new link and a new code and loses the helper's phone; help that comes again
    pauses. Twice changes nothing. Raises NotFound for everybody else's.
    """
    care = lock(session, Care, care_id)
    site_path = _must_be_allowed(session, actor, care, order_id)
    if care.ended_at is not None:
        return care

    care.ended_at, care.ended_by = at, actor.user_id
    own_phone = care.person.phone
    for order in session.scalars(select(ServiceOrder).where(ServiceOrder.care_id == care.id).order_by(ServiceOrder.id)).all():
        order.phone = own_phone
        if order.part_of_id is not None:
            continue  # its page is the whole's
        secret = serials.token()
        order.secret, order.secret_hash, order.code = secret, hash_secret(secret), serials.digits(6)
        if order.status in OPEN:
            order.write_down("care_ended", actor, at)
            telling.tell_staff(session, order, "care_ended_desk", at=at)
            telling.tell_new_link(session, order, at=at)
    for standing in session.scalars(select(StandingOrder).where(StandingOrder.care_id == care.id)).all():
        standing.phone = own_phone
        if standing.state is StandingState.ACTIVE:
            standing.advance(StandingAction.PAUSE)
            standing.look_at, standing.reason = None, CONSENT_ENDED
    helper = Recipient(care.helper_id, locale=care.helper.locale)
    tell(session, helper, "care_ended", at=at, about=f"care:{care.id}")
    record(session, actor, "care_ended", f"care:{care.id}", at=at, site_path=site_path)
    return care


def _must_be_allowed(session: Session, actor: Actor, care: Care, order_id: int | None) -> str:
    if actor.user_id is not None and actor.user_id in (care.helper_id, care.person_id):
        return "/"
    order = session.get(ServiceOrder, order_id) if order_id is not None else None
    if order is None or order.care_id != care.id or not actor.can(Permission.ORDER_PLACE_FOR_OTHERS, at=order.site_path):
        raise NotFound("care")
    return order.site_path
