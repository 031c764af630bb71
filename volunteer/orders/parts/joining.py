"""Joining an order that waits already instead of ordering the same thing twice; and two orders that become one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.models import ConsentKind, Person
from volunteer.accounts.registering import record_consent
from volunteer.audit.recording import record
from volunteer.kernel import serials
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.messaging.outbox import tell
from volunteer.orders import telling
from volunteer.orders.changing import withdraw
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import OrderChannel, ServiceOrder
from volunteer.orders.parts import duplicates
from volunteer.orders.parts.models_joining import Joined, JoinedHow
from volunteer.orders.placing import PLEASE_CHECK, OrderDraft, complaints, hash_secret, resident_for, said, where_and_what

LONGEST_TOKEN = 64
JOIN, MERGED = "joined", "merged"  # lines of the diary
MERGEABLE = frozenset({Status.PLACED, Status.VERIFIED})


def join_order(session: Session, actor: Actor, number: str, draft: OrderDraft, *, at: datetime) -> Joined | None:
    """Follow an order that this draft would repeat, instead of placing it. None: it is their own, so they hear of it anyway.

    Joining twice changes nothing. Raises Invalid as placing does, NotFound for an order that was not proposed for the draft.
    """
    wrong = complaints(draft, at)
    located, _ = where_and_what(session, draft, wrong)
    if wrong or located is None:
        raise Invalid("order_invalid", PLEASE_CHECK, wrong)
    proposed = duplicates.alike(session, actor, draft, located, at=at)
    order = next((one for one in proposed if one.number == number), None)
    if order is None:
        raise NotFound("order")
    resident = resident_for(session, actor, draft, at)
    if resident.id == order.resident_id:
        return None
    if draft.channel is not OrderChannel.WEB:
        actor.must(Permission.ORDER_PLACE_FOR_OTHERS, at=located.site.path)

    how = JoinedHow.RESIDENT if draft.channel is OrderChannel.WEB else JoinedHow.CLERK
    joined, is_new = follow(session, actor, order, resident, draft.phone, how, at)
    if is_new:
        about = f"order:{order.id}"
        record_consent(session, actor, resident, ConsentKind.ORDER_NOTICE, notice=draft.notice, at=at, about=about)
        _tell(session, joined, "order_joined", at)
    return joined


def merge_duplicate(session: Session, actor: Actor, order_id: int, into: str, reason: str, *, at: datetime) -> ServiceOrder:
    """Withdraw an order that repeats another one; its household, and whoever had joined it, follow the other. Returns that one.

    Twice changes nothing. Raises NotFound for an order of another place, Conflict when either has moved on.
    """
    target_id = session.scalar(select(ServiceOrder.id).where(ServiceOrder.number == into)) or 0
    held = {one: lock(session, ServiceOrder, one) for one in sorted({order_id, target_id} - {0})}  # two who merge crosswise
    order, target = held.get(order_id), held.get(target_id)
    if order is None:
        raise NotFound("order")
    actor.must(Permission.ORDER_VERIFY, at=order.site_path)
    if target is None or target is order or not actor.can(Permission.ORDER_VERIFY, at=target.site_path):
        raise NotFound("order")
    if order.status is Status.WITHDRAWN and any(one.what == MERGED and one.note == target.number for one in order.events):
        return target
    reason = said(reason)
    if order.status not in MERGEABLE or order.part_of_id is not None:
        raise Conflict("order_wrong_status", N_("Only a request that nobody was asked for yet can be joined to another one."))
    if target.status not in duplicates.WAITING or target.part_of_id is not None:
        raise Conflict("order_wrong_status", N_("The other request is over: this one has to be done by itself."))

    withdraw(session, order, actor, reason, at=at)
    if order.resident_id != target.resident_id:
        joined, _ = follow(session, actor, target, order.resident, order.phone, JoinedHow.MERGED, at)
        joined.merged_id = order.id
        _tell(session, joined, "order_merged", at, old=order.number)
    else:
        telling.tell_resident(session, order, "order_merged_own", at=at, into=target.number)
    for one in [one for one in order.joined if one.left_at is None and one.resident_id != target.resident_id]:
        moved, is_new = follow(session, actor, target, one.resident, one.phone, one.how, at)
        one.left_at = at
        if is_new:
            _tell(session, moved, "order_merged", at, old=order.number)
    order.write_down(MERGED, actor, at, target.number)
    record(session, actor, "orders_merged", f"order:{order.id}", at=at, site_path=order.site_path, into=target.number)
    return target


def leave(session: Session, token: str, *, at: datetime) -> Joined:
    """Hear no more of it. Twice changes nothing."""
    joined = joined_by_secret(session, token)
    joined.left_at = joined.left_at or at
    return joined


def joined_by_secret(session: Session, token: str) -> Joined:
    """Return who a joined household's link belongs to. Raises NotFound."""
    if not token or len(token) > LONGEST_TOKEN:
        raise NotFound("order")
    found = session.scalar(select(Joined).where(Joined.secret_hash == hash_secret(token)))
    if found is None:
        raise NotFound("order")
    return found


def follow(
    session: Session, actor: Actor, order: ServiceOrder, resident: Person, phone: str | None, how: JoinedHow, at: datetime
) -> tuple[Joined, bool]:
    """Let a household follow an order; return its row, and whether it did not follow it already."""
    known = next((one for one in order.joined if one.resident_id == resident.id), None)
    if known is not None:
        was_gone, known.left_at = known.left_at is not None, None
        return known, was_gone
    secret = serials.token()
    joined = Joined(order=order, resident=resident, secret_hash=hash_secret(secret), how=how, by=actor.user_id, at=at)
    session.add(joined)
    joined.secret, joined.phone = secret, phone
    order.write_down(JOIN, actor, at)
    session.flush()  # the order's list of them is read
    return joined, True


def _tell(session: Session, joined: Joined, template: str, at: datetime, **params: str) -> None:
    secret = {"link": telling.joined_link(session, joined)}
    recipient = telling.follower(joined)
    values = {"number": joined.order.number, **params}
    tell(session, recipient, template, values, at=at, secret=secret, about=f"order:{joined.order_id}")
