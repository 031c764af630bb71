"""转派: handing an order to a neighbour county. The resident agrees first, then the neighbour; until then they see no names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission, is_county
from volunteer.audit.recording import record
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import load, lock, under
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_, named
from volunteer.orders import telling
from volunteer.orders.changing import own_order
from volunteer.orders.counties.lifecycle import GOING_ON, HAND_OVERS, HandOverAction, HandOverState
from volunteer.orders.counties.models_neighbours import HandOver, Neighbour
from volunteer.orders.dispatching import must_dispatch
from volunteer.orders.holding import grip
from volunteer.orders.lifecycle import Action, Status, next_status
from volunteer.orders.models import Hold, ServiceOrder
from volunteer.orders.placing import said
from volunteer.places.models import Site, SiteLevel
from volunteer.places.policies import clocks_at

H = HandOverState
PROPOSED, AGREED, DECLINED = "hand_over_asked", "hand_over_agreed", "hand_over_declined"  # lines of the diary
REFUSED, TAKEN_BACK, RETURNED = "hand_over_refused", "hand_over_taken_back", "hand_over_returned"


@dataclass(frozen=True, kw_only=True)
class NeighbourDraft:
    """An agreement with another county as it is written down."""

    neighbour_id: int | None
    contact: str
    phone: str
    agreement: str
    since: date | None
    until: date | None = None


def add_neighbour(session: Session, actor: Actor, site_id: int, draft: NeighbourDraft, *, at: datetime) -> Neighbour:
    """Write down that a county may hand orders to another one. Raises Invalid with every complaint at once."""
    site = load(session, Site, site_id)
    actor.must(Permission.PLACES_MANAGE, at=site.path)
    if not is_county(site.path):
        raise NotFound("site")
    there = session.get(Site, draft.neighbour_id) if draft.neighbour_id else None
    wrong: dict[str, list[str]] = {}
    if there is None or there.parent_id is not None or there.id == site.id or there.closed_at is not None:
        wrong["neighbour"] = [N_("Please choose one of these.")]
    for name, most in (("contact", 60), ("phone", 40), ("agreement", 500)):
        words = getattr(draft, name).strip()
        if not words or len(words) > most:
            wrong[name] = [N_("Please fill this in.") if not words else N_("This is too long. Please keep it shorter.")]
    if draft.since is None:
        wrong["since"] = [N_("Please choose a day.")]
    elif draft.until is not None and draft.until < draft.since:
        wrong["until"] = [N_("The end comes after the beginning.")]
    if wrong or there is None or draft.since is None:
        raise Invalid("neighbour_invalid", N_("Please check the fields that are marked."), wrong)

    same = (Neighbour.site_id == site.id, Neighbour.neighbour_id == there.id, Neighbour.since == draft.since)
    known = session.scalars(select(Neighbour).where(*same, Neighbour.agreement == draft.agreement.strip())).first()
    if known is not None:
        return known  # the button pressed twice
    neighbour = Neighbour(
        site=site,
        neighbour=there,
        contact=draft.contact.strip(),
        phone=draft.phone.strip(),
        agreement=draft.agreement.strip(),
        since=draft.since,
        until=draft.until,
        made_by=actor.user_id,
        made_at=at,
    )
    session.add(neighbour)
    session.flush()  # the audit names the row
    record(session, actor, "neighbour_added", f"neighbour:{neighbour.id}", at=at, site_path=site.path, there=there.id)
    return neighbour


def end_neighbour(session: Session, actor: Actor, neighbour_id: int, *, at: datetime) -> Neighbour:
    """End an agreement today; what was handed over stays where it is."""
    neighbour = load(session, Neighbour, neighbour_id)
    actor.must(Permission.PLACES_MANAGE, at=neighbour.site.path)
    yesterday = local_date(at, zone_of(session)) - timedelta(days=1)
    if neighbour.until is None or neighbour.until > yesterday:
        neighbour.until = max(yesterday, neighbour.since - timedelta(days=1))
        record(session, actor, "neighbour_ended", f"neighbour:{neighbour.id}", at=at, site_path=neighbour.site.path)
    return neighbour


def neighbours_of(session: Session, order: ServiceOrder, *, at: datetime) -> list[Neighbour]:
    """Return the agreements by which an order could be handed over today."""
    today = local_date(at, zone_of(session))
    found = select(Neighbour).options(joinedload(Neighbour.neighbour)).where(Neighbour.site_id == _county(order))
    rows = session.scalars(found.order_by(Neighbour.id))
    return [row for row in rows if row.holds_on(today) and row.neighbour.closed_at is None]


def latest(session: Session, order: ServiceOrder) -> HandOver | None:
    """Return the order's latest hand-over."""
    found = select(HandOver).where(HandOver.order_id == order.id).order_by(HandOver.id.desc()).limit(1)
    return session.scalars(found.options(joinedload(HandOver.target))).first()


def propose(session: Session, actor: Actor, order_id: int, site_id: int | None, reason: str, *, at: datetime) -> HandOver:
    """Propose to hand a verified order to a neighbour county: the resident is asked first. Twice changes nothing."""
    order = lock(session, ServiceOrder, order_id)
    must_dispatch(actor, order)
    before = latest(session, order)
    if before is not None and before.state in GOING_ON:
        if before.to_id == site_id:
            return before
        raise Conflict("hand_over_going_on", N_("It is on its way to another county already. Take that back first."))
    reason = said(reason)
    grip(session, actor, order, at)
    next_status(order.status, Action.HAND_OVER)
    if order.part_of_id is not None or order.is_away:
        raise Conflict("not_to_be_handed_over", N_("Only a whole request of this county can be handed over."))
    found = next((one for one in neighbours_of(session, order, at=at) if one.neighbour_id == site_id), None)
    if found is None:
        raise Invalid.field("county", N_("Please choose one of these."))

    made = HandOver(
        order=order,
        source=order.desk,
        target=found.neighbour,
        state=H.PROPOSED,
        reason=reason,
        proposed_by=actor.user_id,
        proposed_at=at,
    )
    session.add(made)
    order.write_down(PROPOSED, actor, at, found.neighbour.name)
    session.flush()  # the audit names the row
    telling.tell_resident(session, order, "hand_over_asked", at=at, county=named(found.neighbour, order.resident.locale))
    return made


def say(session: Session, actor: Actor, order_id: int, agrees: bool, *, at: datetime, heard: bool = False) -> HandOver:
    """The resident agrees or not: on their own page, or ``heard`` by staff of the place. Twice changes nothing."""
    if heard:
        order = lock(session, ServiceOrder, order_id)
        actor.must(Permission.ORDER_VERIFY, at=order.site_path)
    else:
        order = own_order(session, actor, order_id)
    going = latest(session, order)
    if going is None:
        raise NotFound("hand_over")
    if going.state is (H.AGREED if agrees else H.DECLINED):
        return going

    going.advance(HandOverAction.AGREE if agrees else HandOverAction.DECLINE)
    going.agreed_at = at if agrees else None
    going.heard_by = actor.user_id if heard else None
    order.write_down(AGREED if agrees else DECLINED, actor, at, N_("said by phone or in person") if heard else "")
    if heard:
        act = "hand_over_heard"
        record(session, actor, act, f"order:{order.id}", at=at, site_path=order.site_path, agrees=agrees, to=going.to_id)
    if agrees:
        telling.tell_dispatchers(session, going.target, order, "hand_over_waits", at=at)
    else:
        telling.tell_staff(session, order, "hand_over_no", at=at)
    return going


def answer(session: Session, actor: Actor, hand_over_id: int, accepts: bool, words: str = "", *, at: datetime) -> HandOver:
    """The neighbour's dispatcher takes the order, or says why not. Only then their county sees whose it is."""
    going = load(session, HandOver, hand_over_id)
    if not actor.can(Permission.ORDER_DISPATCH, at=going.target.path):
        raise NotFound("hand_over")
    order = lock(session, ServiceOrder, going.order_id)
    if going.state is (H.ACCEPTED if accepts else H.REFUSED):
        return going
    action = HandOverAction.ACCEPT if accepts else HandOverAction.REFUSE
    HAND_OVERS.next(going.state, action)
    if order.status is not Status.VERIFIED:
        raise _moved_on()
    words = words if accepts else said(words)

    going.advance(action)
    going.decided_by, going.decided_at = actor.user_id, at
    if not accepts:
        going.words = words
        order.reason = words
        order.write_down(REFUSED, actor, at, words)
        telling.tell_staff(session, order, "hand_over_refused", at=at, reason=words)
        return going
    order.advance(Action.HAND_OVER, by=actor, at=at, note=going.target.name)
    telling.tell_staff(session, order, "hand_over_taken", at=at, county=going.target.name)  # before the desk is another
    _to_desk(session, order, going.target, at)
    record(session, actor, "order_handed_over", f"order:{order.id}", at=at, site_path=order.site_path, to=going.to_id)
    telling.tell_resident(session, order, "order_handed_over", at=at, county=named(going.target, order.resident.locale))
    return going


def take_back(session: Session, actor: Actor, order_id: int, *, at: datetime) -> HandOver:
    """Take a proposal back before the neighbour has taken the order. Twice changes nothing."""
    order = lock(session, ServiceOrder, order_id)
    must_dispatch(actor, order)
    going = latest(session, order)
    if going is None:
        raise NotFound("hand_over")
    if going.state is H.TAKEN_BACK:
        return going
    going.advance(HandOverAction.TAKE_BACK)
    going.decided_by, going.decided_at = actor.user_id, at
    order.write_down(TAKEN_BACK, actor, at)
    return going


def give_back(session: Session, actor: Actor, order_id: int, reason: str, *, at: datetime) -> HandOver:
    """The neighbour gives an order back that it cannot serve after all; it is at the desk again that proposed it."""
    order = lock(session, ServiceOrder, order_id)
    going = latest(session, order)
    if going is not None and going.state is H.RETURNED and actor.can(Permission.ORDER_DISPATCH, at=going.target.path):
        return going
    must_dispatch(actor, order)
    if going is None or going.state is not H.ACCEPTED or not order.is_away:
        raise NotFound("hand_over")
    reason = said(reason)
    next_status(order.status, Action.HAND_OVER)

    going.advance(HandOverAction.RETURN)
    going.words, going.decided_at, going.decided_by = reason, at, actor.user_id
    order.write_down(RETURNED, actor, at, reason)
    _to_desk(session, order, going.source, at)
    order.reason = reason
    telling.tell_staff(session, order, "hand_over_returned", at=at, reason=reason)
    return going


def waiting_for(session: Session, actor: Actor) -> Sequence[HandOver]:
    """Return the hand-overs that wait for this dispatcher's county, the oldest first; not those that went another way."""
    mine = under(actor.scopes(Permission.ORDER_DISPATCH), Site.path)
    found = select(HandOver).join(Site, Site.id == HandOver.to_id).join(HandOver.order)
    found = found.where(mine, HandOver.state == H.AGREED, ServiceOrder.status == Status.VERIFIED)
    found = found.options(joinedload(HandOver.order).joinedload(ServiceOrder.item), joinedload(HandOver.source))
    return session.scalars(found.order_by(HandOver.agreed_at, HandOver.id).limit(100)).all()


def sent_by(session: Session, actor: Actor, *, since: datetime) -> Sequence[HandOver]:
    """Return what the places of this dispatcher have handed over or proposed to, lately, the newest first."""
    mine = under(actor.scopes(Permission.ORDER_DISPATCH), ServiceOrder.site_path)
    found = select(HandOver).join(ServiceOrder, ServiceOrder.id == HandOver.order_id)
    found = found.where(mine, or_(HandOver.proposed_at >= since, HandOver.state.in_(sorted(GOING_ON))))
    found = found.options(joinedload(HandOver.order).joinedload(ServiceOrder.item), joinedload(HandOver.target))
    return session.scalars(found.order_by(HandOver.id.desc()).limit(100)).all()


def neighbours_here(session: Session, actor: Actor) -> Sequence[Neighbour]:
    """Return the agreements of the counties that this actor manages, the newest first."""
    mine = under(actor.scopes(Permission.PLACES_MANAGE), Site.path)
    found = select(Neighbour).join(Site, Site.id == Neighbour.site_id).where(mine)
    found = found.options(joinedload(Neighbour.site), joinedload(Neighbour.neighbour))
    return session.scalars(found.order_by(Neighbour.id.desc())).all()


def counties(session: Session) -> Sequence[Site]:
    """Return the centres of this installation."""
    found = select(Site).where(Site.level == SiteLevel.CENTRE, Site.parent_id.is_(None), Site.closed_at.is_(None))
    return session.scalars(found.order_by(Site.code)).all()


def _to_desk(session: Session, order: ServiceOrder, desk: Site, at: datetime) -> None:
    session.execute(delete(Hold).where(Hold.order_id == order.id))  # nobody here keeps it from the other desk
    order.desk, order.desk_path, order.reason = desk, desk.path, ""
    order.due_at = at + timedelta(minutes=clocks_at(session, desk.path, at).dispatch_minutes)


def _county(order: ServiceOrder) -> int:
    return int(order.site_path.split("/")[1])


def _moved_on() -> Conflict:
    return Conflict(HAND_OVERS.code, HAND_OVERS.words)
