"""What the resident does between ordering and rating: correct, withdraw (撤单), nudge (催单), confirm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts import rules as account_rules
from volunteer.accounts.registering import NOT_MOBILE
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.orders import rescheduling, telling
from volunteer.orders.lifecycle import WITH_TEAM, Action, OfferAction, OfferState, Status, allows, next_status
from volunteer.orders.models import ServiceOrder, WhenKind
from volunteer.orders.parts import wholes
from volunteer.orders.placing import LONGEST_ADDRESS, MOST_WORDS, PLEASE_CHECK, TOO_LONG, window_complaint
from volunteer.places.policies import clocks_at

NUDGE, CONFIRM = "nudge", "confirm"  # lines of the diary that move nothing
CORRECTABLE = frozenset({Status.PLACED, Status.VERIFIED, Status.OFFERED, Status.ACCEPTED, Status.UNDER_WAY, Status.REJECTED})
NUDGEABLE = CORRECTABLE - {Status.REJECTED} | {Status.IN_PARTS}
CHANGED = {
    "time": rescheduling.ANOTHER_TIME,
    "address": N_("Another address"),
    "phone": N_("Another phone number"),
    "words": N_("Other words"),
}
TIME_CHANGED = N_("The resident asked for another time.")


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What the resident changes; None leaves a thing as it is. ``words`` are for an order that was rejected."""

    when: WhenKind | None = None
    begins: datetime | None = None
    ends: datetime | None = None
    address: str | None = None
    phone: str | None = None
    words: str | None = None


def own_order(session: Session, actor: Actor, order_id: int) -> ServiceOrder:
    """Return an order that is this actor's, locked: by its secret link, or their own. Raises NotFound for everybody else's."""
    order = lock(session, ServiceOrder, order_id)
    by_link = actor.order_id is not None and actor.order_id in (order.id, order.part_of_id)
    by_account = actor.user_id is not None and actor.user_id == order.resident_id
    if not (by_link or by_account):
        raise NotFound("order")
    if by_link:
        actor.must(Permission.ORDER_FOLLOW, at=order.site_path)
    return order


def withdraw_order(session: Session, actor: Actor, order_id: int, reason: str, *, at: datetime) -> ServiceOrder:
    """撤单: the resident no longer wants it. Whoever was asked or on the way is told. Twice changes nothing."""
    wholes.hold_parts(session, order_id)
    order = own_order(session, actor, order_id)
    if order.status is Status.WITHDRAWN:
        return order
    next_status(order.status, Action.WITHDRAW)
    parts = order.parts
    if any(part.status is Status.IN_SERVICE for part in parts):
        raise Conflict("part_in_service", N_("A team is at work for you just now. Please wait until it is done, or call us."))

    left = [part for part in parts if allows(part.status, Action.WITHDRAW)]
    for one in left or [order]:
        withdraw(session, one, actor, reason, at=at)
        wholes.after_part(session, one, actor, at=at, told=True)
    if order.served_at is None:  # else a part was done, and they are asked how it was
        telling.tell_resident(session, order, "order_withdrawn", at=at)
    return order


def withdraw(session: Session, order: ServiceOrder, actor: Actor, reason: str, *, at: datetime) -> None:
    """Withdraw an order and tell the teams that were asked or on the way; the resident is not told here."""
    told = _close_offers(order, actor, at, reason)
    order.advance(Action.WITHDRAW, by=actor, at=at, note=" ".join(reason.split())[:300])
    order.reason = " ".join(reason.split())[:300]
    order.due_at = None
    order.closed_at = at
    telling.tell_leaders(session, told, "order_withdrawn", {"number": order.number}, order, at=at)


def nudge(session: Session, actor: Actor, order_id: int, *, at: datetime) -> ServiceOrder:
    """催单: ask the desk, and the team that has it, to look again. Raises Conflict when it is too soon after the last one."""
    order = own_order(session, actor, order_id)
    if order.status not in NUDGEABLE:
        raise Conflict("order_wrong_status", N_("There is nothing left to hurry: look at where the order stands now."))
    if (wait := nudge_wait(session, order, at)) is not None:
        raise Conflict("nudged_already", wait)

    order.nudges += 1
    order.nudged_at = at
    order.write_down(NUDGE, actor, at)
    telling.tell_staff(session, order, "order_nudged", at=at)
    for part in order.parts:
        if part.team_id is not None and part.status in WITH_TEAM:
            telling.tell_leaders(session, [part.team_id], "order_nudged", {"number": part.number}, part, at=at)
    if order.team_id is not None and order.status in WITH_TEAM:
        telling.tell_leaders(session, [order.team_id], "order_nudged", {"number": order.number}, order, at=at)
    return order


def nudge_wait(session: Session, order: ServiceOrder, at: datetime) -> str | None:
    """Return why it cannot be nudged now (a msgid), or None when it can."""
    if order.nudged_at is None:
        return None
    clocks, zone = clocks_at(session, order.site_path, at), zone_of(session)
    if at < order.nudged_at + timedelta(minutes=clocks.nudge_minutes):
        return N_("We have your reminder and are looking into it.")
    today = [event for event in order.events if event.what == NUDGE and local_date(event.at, zone) == local_date(at, zone)]
    return N_("You have reminded us often today. Please call us instead.") if len(today) >= clocks.nudges_a_day else None


def correct_order(session: Session, actor: Actor, order_id: int, correction: Correction, *, at: datetime) -> ServiceOrder:
    """Change time, words of the place or phone; a rejected order goes back to the desk, with a new reply clock.

    Raises Invalid for what cannot be, Conflict when it is too late to change anything.
    """
    order = own_order(session, actor, order_id)
    if order.status not in CORRECTABLE:
        raise Conflict("order_wrong_status", N_("It is too late to change this. Please call us."))
    _check(correction, at)
    correction = _ask_the_team(session, order, actor, correction, at)

    changed = _apply(order, correction)
    if order.status is Status.REJECTED:
        order.advance(Action.CORRECT, by=actor, at=at, note=CHANGED[changed[0]] if changed else "")
        order.reason = ""
        order.due_at = at + timedelta(minutes=_reply_minutes(session, order, at))
        telling.tell_staff(session, order, "order_arrived", at=at, by=telling.stamp(order.due_at, zone_of(session)))
        return order
    if not changed:
        return order
    for part in changed:
        order.write_down(Action.CORRECT.value, actor, at, CHANGED[part])
    if "time" in changed:
        _new_time(session, order, actor, at)
    told = [order.team_id] if order.team_id is not None else []
    telling.tell_leaders(session, told, "order_changed", {"number": order.number}, order, at=at)
    telling.tell_staff(session, order, "order_changed", at=at)
    return order


def confirm_service(session: Session, actor: Actor, order_id: int, *, at: datetime) -> ServiceOrder:
    """Say that the service took place, without rating it. Twice changes nothing."""
    wholes.hold_parts(session, order_id)
    order = own_order(session, actor, order_id)
    if order.confirmed_at is not None:
        return order
    if order.status not in {Status.SERVED, Status.CLOSED} or order.served_at is None:
        raise Conflict("not_served", N_("The service has not taken place yet."))

    for part in order.parts:
        part.confirmed_at = at if part.served_at is not None else None
    order.confirmed_at = at
    order.write_down(CONFIRM, actor, at)
    return order


def _check(correction: Correction, at: datetime) -> None:
    wrong: dict[str, list[str]] = {}
    if correction.phone is not None and account_rules.mobile(correction.phone) is None:
        wrong["phone"] = [NOT_MOBILE]
    if correction.when and (words := window_complaint(correction.when, correction.begins, correction.ends, at)):
        wrong["when"] = [words]
    for name, most in (("address", LONGEST_ADDRESS), ("words", MOST_WORDS)):
        if len(getattr(correction, name) or "") > most:
            wrong[name] = [TOO_LONG]
    if wrong:
        raise Invalid("correction_invalid", PLEASE_CHECK, wrong)


def _apply(order: ServiceOrder, correction: Correction) -> list[str]:
    """Change the order; return which parts really are different now."""
    changed: list[str] = []
    if correction.when is not None:
        order.when_kind, (order.window_begins, order.window_ends) = correction.when, _wanted(correction)[1:]
        changed.append("time")
    if correction.address is not None and correction.address.strip() != (order.door or ""):
        order.door = correction.address.strip()
        changed.append("address")
    phone = account_rules.mobile(correction.phone) if correction.phone else None
    if phone and phone != order.phone:
        order.phone = phone
        changed.append("phone")
    if correction.words is not None and order.status is Status.REJECTED and correction.words.strip() != (order.words or ""):
        if not correction.words.strip() and order.item is None:
            raise Invalid.field("words", N_("Please choose a service or tell us in your own words."))
        order.words = correction.words.strip()
        changed.append("words")
    return changed


def _new_time(session: Session, order: ServiceOrder, actor: Actor, at: datetime) -> None:
    """Teams that were asked for the old time are let off."""
    if order.status is Status.OFFERED:
        told = _close_offers(order, actor, at, TIME_CHANGED)
        order.advance(Action.RECALL, by=actor, at=at, note=TIME_CHANGED)
        order.due_at = at + timedelta(minutes=clocks_at(session, order.desk_path, at).dispatch_minutes)
        telling.tell_leaders(session, told, "offer_recalled", {"number": order.number}, order, at=at)


def _ask_the_team(session: Session, order: ServiceOrder, actor: Actor, correction: Correction, at: datetime) -> Correction:
    """Another time: within the centre's limits; a team that has accepted is asked first, so the rest changes without it."""
    if correction.when is None or _wanted(correction) == (order.when_kind, order.window_begins, order.window_ends):
        return replace(correction, when=None)
    if (refusal := rescheduling.move_refusal(session, order, at)) is not None:
        raise Conflict("no_other_time", refusal)
    if order.status is not Status.ACCEPTED:
        return correction
    if correction.begins is None or correction.ends is None:
        raise Invalid.field("when", N_("Please choose a day: the team that comes has to know when."))
    rescheduling.ask_to_move(session, actor, order, correction.begins, correction.ends, at=at)
    return replace(correction, when=None)


def _wanted(correction: Correction) -> tuple[WhenKind | None, datetime | None, datetime | None]:
    in_window = correction.when is WhenKind.WINDOW
    return (correction.when, *((correction.begins, correction.ends) if in_window else (None, None)))


def _close_offers(order: ServiceOrder, actor: Actor, at: datetime, reason: str) -> list[int]:
    """Take back every live offer; return the teams that should hear of it."""
    live = {OfferState.OPEN, OfferState.ACCEPTED} if order.status in WITH_TEAM else {OfferState.OPEN}
    taken = [offer for offer in order.offers if offer.state in live]
    for offer in taken:
        offer.advance(OfferAction.RECALL, at, by=actor, reason=reason)
    return sorted({offer.team_id for offer in taken} | ({order.team_id} if order.team_id is not None else set()))


def _reply_minutes(session: Session, order: ServiceOrder, at: datetime) -> int:
    return order.item.reply_minutes if order.item else clocks_at(session, order.site_path, at).reply_minutes
