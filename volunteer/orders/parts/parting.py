"""拆单: a verified order becomes several, each for its own team; the resident goes on seeing one. And back again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.kernel import serials
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.orders import rating, telling
from volunteer.orders.dispatching import must_dispatch
from volunteer.orders.holding import grip
from volunteer.orders.lifecycle import Action, OfferAction, OfferState, Status, next_status
from volunteer.orders.models import ServiceOrder, WhenKind
from volunteer.orders.parts import parting_rules, wholes
from volunteer.orders.parts.parting_rules import PartDraft
from volunteer.orders.placing import PLEASE_CHECK, hash_secret, menu_item
from volunteer.orders.rating import RatingDraft
from volunteer.places.policies import clocks_at

PART = "part"  # the first line of a part's diary
TOGETHER_AGAIN = N_("The parts were put together again.")


def split_order(session: Session, actor: Actor, order_id: int, drafts: Sequence[PartDraft], *, at: datetime) -> ServiceOrder:
    """Split a verified order; each part waits for a team like any other order. Returns the whole.

    Doing it twice changes nothing. Raises Invalid with every complaint at once, Conflict for a part of another order.
    """
    whole = lock(session, ServiceOrder, order_id)
    must_dispatch(actor, whole)
    if whole.status is Status.IN_PARTS:
        return whole
    grip(session, actor, whole, at)
    if whole.part_of_id is not None:
        raise Conflict("part_of_part", N_("This is a part already: change the parts of the whole request instead."))
    if whole.is_away:
        raise Conflict("order_away", N_("This request came from another county: it is split there, before it is handed over."))
    next_status(whole.status, Action.SPLIT)
    wrong = parting_rules.complaints(drafts, at)
    for number, draft in enumerate(drafts, 1):
        if draft.item_id is not None:
            try:
                menu_item(session, whole, draft.item_id)
            except Invalid as error:
                wrong[f"item-{number}"] = error.fields["item"]
    if wrong:
        raise Invalid("parts_invalid", PLEASE_CHECK, wrong)

    whole.in_parts, whole.reason, whole.due_at, whole.handed_back_at = len(drafts), "", None, None
    parts = [_part(session, actor, whole, number, draft, at) for number, draft in enumerate(drafts, 1)]
    whole.advance(Action.SPLIT, by=actor, at=at, note="、".join(part.number for part in parts))
    session.refresh(whole, ["all_parts"])
    telling.tell_resident(session, whole, "order_in_parts", at=at, count=len(parts))
    return whole


def merge_parts(session: Session, actor: Actor, order_id: int, *, at: datetime) -> ServiceOrder:
    """Put the parts together again while no team has said yes to any of them; teams that were asked are told."""
    wholes.hold_parts(session, order_id)
    whole = lock(session, ServiceOrder, order_id)
    must_dispatch(actor, whole)
    if whole.status is Status.VERIFIED and whole.in_parts == 0 and whole.all_parts:
        return whole
    next_status(whole.status, Action.MERGE)
    parts = whole.parts
    if not parting_rules.may_merge([part.status for part in parts]):
        raise Conflict("part_promised", N_("A team has said yes to a part already: the parts stay as they are."))

    for part in parts:
        asked = [offer for offer in part.offers if offer.state is OfferState.OPEN]
        for offer in asked:
            offer.advance(OfferAction.RECALL, at, by=actor, reason=TOGETHER_AGAIN)
        if part.status in {Status.VERIFIED, Status.OFFERED}:
            part.advance(Action.WITHDRAW, by=actor, at=at, note=TOGETHER_AGAIN)
        part.part_number, part.due_at, part.closed_at, part.reason = None, None, at, TOGETHER_AGAIN
        params = {"number": part.number}
        telling.tell_leaders(session, [offer.team_id for offer in asked], "offer_recalled", params, part, at=at)
    whole.advance(Action.MERGE, by=actor, at=at)
    whole.in_parts = 0
    whole.due_at = at + timedelta(minutes=clocks_at(session, whole.desk_path, at).dispatch_minutes)
    return whole


def rate_parts(session: Session, actor: Actor, order_id: int, drafts: dict[int, RatingDraft], *, at: datetime) -> ServiceOrder:
    """评单 of every part in one go, by the number of the part; then the whole is closed. Raises Invalid for a part left out."""
    wholes.hold_parts(session, order_id)
    whole = rating.own_or_callers(session, actor, order_id)
    parts = [part for part in whole.parts if part.served_at is not None]
    wrong: dict[str, list[str]] = {}
    for part in parts:
        number = part.part_number or 0
        draft = drafts.get(number)
        if draft is None or not 1 <= draft.stars <= rating.MOST_STARS:
            wrong[f"stars-{number}"] = [N_("Please choose one to five stars.")]
        elif len(draft.words) > rating.MOST_WORDS:
            wrong[f"words-{number}"] = [N_("This is too long. Please keep it shorter.")]
    if wrong:
        raise Invalid("rating_incomplete", PLEASE_CHECK, wrong)
    if whole.served_at is None or whole.status not in {Status.SERVED, Status.CLOSED}:
        raise Conflict("order_wrong_status", N_("This order cannot be rated now."))

    for part in parts:
        rating.rate_order(session, actor, part.id, drafts[part.part_number or 0], at=at)
    rating.close_whole(session, actor, whole, at)
    return whole


def _part(session: Session, actor: Actor, whole: ServiceOrder, number: int, draft: PartDraft, at: datetime) -> ServiceOrder:
    """One part: an order like the whole, with its own number, service, words and time. Its page is the whole's."""
    item, today = menu_item(session, whole, draft.item_id), local_date(at, zone_of(session))
    own_time = draft.begins is not None and draft.ends is not None
    part = ServiceOrder(
        number=serials.order_number(today, serials.take(session, f"orders:{today:%y%m}")),
        secret_hash=hash_secret(serials.token()),
        status=Status.VERIFIED,
        resident=whole.resident,
        placed_by=whole.placed_by,
        channel=whole.channel,
        on_behalf=whole.on_behalf,
        care=whole.care,
        item=item,
        answers=whole.answers if item is whole.item else [],
        urgent=whole.urgent,
        site=whole.site,
        site_path=whole.site_path,
        desk=whole.desk,
        desk_path=whole.desk_path,
        place=whole.place,
        latitude=whole.latitude,
        longitude=whole.longitude,
        when_kind=WhenKind.WINDOW if own_time else whole.when_kind,
        window_begins=draft.begins if own_time else whole.window_begins,
        window_ends=draft.ends if own_time else whole.window_ends,
        placed_at=whole.placed_at,
        verified_at=whole.verified_at,
        due_at=at + timedelta(minutes=clocks_at(session, whole.desk_path, at).dispatch_minutes),
        nudges=0,
        in_parts=0,
        part_of=whole,
        part_number=number,
    )
    session.add(part)
    part.contact, part.phone, part.door = whole.contact, whole.phone, whole.door
    part.words = draft.words.strip() or whole.words
    part.write_down(PART, actor, at, whole.number)
    session.flush()  # its number and diary are read at once
    return part


def may_merge(whole: ServiceOrder) -> bool:
    """Return whether the parts of an order can be put together again now."""
    return whole.status is Status.IN_PARTS and parting_rules.may_merge([part.status for part in whole.parts])


def may_split(actor: Actor, order: ServiceOrder) -> bool:
    """Return whether this dispatcher may split the order now."""
    at_desk = actor.can(Permission.ORDER_DISPATCH, at=order.desk_path)
    whole = order.part_of_id is None and not order.is_away
    return at_desk and whole and order.status is Status.VERIFIED and order.item is not None
