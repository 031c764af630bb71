"""接单 and 拒单: a team says yes or no, and its leader says who goes and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session
from sqlalchemy.orm.interfaces import ORMOption

from volunteer.access import Actor, Permission
from volunteer.kernel import serials
from volunteer.kernel.clock import zone_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_, named
from volunteer.orders import reach, telling
from volunteer.orders.lifecycle import WITH_TEAM, Action, OfferAction, OfferState, Status
from volunteer.orders.models import Offer, ServiceOrder, Visitor, WhenKind
from volunteer.orders.visits.crew import Mate, crew_of, pace_at, task_of
from volunteer.orders.visits.lifecycle import VisitorAction, VisitorState
from volunteer.orders.waves import passing_on
from volunteer.teams import fit

FASTER = N_("Another team was faster.")
GRACE = timedelta(minutes=30)  # somebody who is at the door already may still write down that they are


class Decline(StrEnum):
    """Why a team says no. It costs nothing (志愿服务条例 art. 25: nobody is forced)."""

    BUSY = "busy"
    TIME = "time"
    FAR = "far"
    SKILL = "skill"
    OTHER = "other"


DECLINE_WORDS = {
    Decline.BUSY: N_("We have too much on already"),
    Decline.TIME: N_("Nobody is free at that time"),
    Decline.FAR: N_("It is too far for us"),
    Decline.SKILL: N_("We cannot do this kind of work"),
    Decline.OTHER: N_("Another reason"),
}


class Unfit(Invalid):
    """Some of the chosen members may not go. ``refusals``: what keeps each of them, by their id."""

    def __init__(self, refusals: Mapping[int, list[fit.Reason]], field: str = "members") -> None:
        words = N_("Not everybody you chose can go. Each name says why.")
        super().__init__("members_unfit", words, {field: [words]})
        self.refusals = refusals


def accept_offer(session: Session, actor: Actor, offer_id: int, *, at: datetime) -> ServiceOrder:
    """Bind the order to whoever says yes first; the other teams that were asked are told that somebody was faster.

    A second tap by the same team changes nothing. Raises NotFound for another team's offer, Conflict for a late yes.
    """
    offer = _mine(session, actor, offer_id)
    order = offer.order
    if offer.state is OfferState.ACCEPTED and order.team_id == offer.team_id and order.status in WITH_TEAM:
        return order
    _must_be_open(offer, at)

    bind(session, actor, offer, Action.ACCEPT, at)
    return order


def bind(session: Session, actor: Actor, offer: Offer, action: Action, at: datetime) -> None:
    """Give the order to the offer's team; the other teams that were asked, and the resident, are told."""
    order = offer.order
    offer.advance(OfferAction.ACCEPT, at, by=actor)
    order.team = offer.team
    order.accepted_at = at
    order.due_at = order.window_ends or at + timedelta(days=1)
    order.start_code = serials.digits(4)
    order.advance(action, by=actor, at=at, note=offer.team.name)
    slower = [other for other in order.offers if other.state is OfferState.OPEN]
    for other in slower:
        other.advance(OfferAction.RECALL, at, reason=FASTER)
    session.flush()  # here the second of two who said yes at once is refused, before anybody is told
    told = [other.team_id for other in slower]
    telling.tell_leaders(session, told, "offer_taken", {"number": order.number}, order, at=at)
    telling.tell_resident(session, order, "order_taken", at=at, team=team_words(order))


def decline_offer(session: Session, actor: Actor, offer_id: int, reason: str, *, at: datetime) -> Offer:
    """Say no, with a reason in words. Whoever is needed in its place is asked at once.

    A second no, or one after the time has passed, changes nothing. Raises Conflict when the team had accepted.
    """
    offer = _mine(session, actor, offer_id)
    if offer.state is OfferState.ACCEPTED:
        raise Conflict("offer_accepted", N_("Your team has accepted this already. You can let it go on its own page."))
    if offer.state is not OfferState.OPEN:
        return offer
    if not reason.strip():
        raise Invalid.field("reason", N_("Please choose or write a reason. It helps us to ask better next time."))

    offer.advance(OfferAction.DECLINE, at, by=actor, reason=" ".join(reason.split()))
    order = offer.order
    order.write_down("decline", actor, at, offer.reason)
    passing_on.after_no(session, order, at)
    return offer


def choose_members(
    session: Session,
    actor: Actor,
    order_id: int,
    volunteer_ids: Iterable[int],
    begins: datetime,
    *,
    at: datetime,
    agreed: bool = False,
    members_agreed: bool = False,
) -> ServiceOrder:
    """Say who goes and when; the resident is told. May be said again (a stand-in) until the team has checked in.

    ``agreed``: the resident agreed to a time outside the window that they gave. ``members_agreed``: the members agreed
    to a time outside their usual hours; nothing else is waived. Raises Unfit with every member's obstacles, Invalid
    for nobody, for a stranger to the team, for a time that has passed or does not suit, for a skill nobody brings.
    """
    order = led(session, actor, order_id)
    if order.status not in {Status.ACCEPTED, Status.UNDER_WAY}:
        raise Conflict("crew_fixed", N_("Who goes can be changed until the team has checked in."))
    chosen = _chosen(session, order, frozenset(volunteer_ids), at)
    _must_suit(order, begins, at, agreed)
    task = task_of(order, begins)
    pace = pace_at(session, order, at)
    refusals = {mate.id: left for mate in chosen if (left := _left(session, mate, task, pace, members_agreed))}
    if refusals:
        raise Unfit(refusals)
    must_suit_together(session, chosen, task, "members")
    before = (order.visit_begins, {visitor.volunteer_id for visitor in order.visitors})
    if before == (begins, {mate.id for mate in chosen}):
        return order

    if begins != order.visit_begins:
        order.reminded_at = None
    order.visit_begins, order.visit_ends, order.due_at = begins, task.ends, task.ends
    appoint(session, order, {mate.id for mate in chosen}, actor, at)
    order.write_down("members", actor, at, "、".join(mate.name for mate in chosen)[:300])
    when = telling.stamp(begins, zone_of(session))
    telling.tell_resident(session, order, "order_accepted", at=at, team=team_words(order), when=when)
    return order


def appoint(session: Session, order: ServiceOrder, going: set[int], actor: Actor, at: datetime) -> None:
    """Make these the ones who go: who is new hears of it, who no longer goes too."""
    known = {visitor.volunteer_id: visitor for visitor in order.crew}
    for visitor in order.visitors:
        if visitor.volunteer_id not in going:
            visitor.advance(VisitorAction.LET_OFF, actor, at)
            telling.tell_member(session, order, visitor, "visit_off", at=at)
    for volunteer_id in sorted(going):
        one = known.get(volunteer_id)
        if one is not None and one.state is VisitorState.GOING:
            continue
        if one is None:
            one = Visitor(volunteer_id=volunteer_id, state=VisitorState.OFF)
            order.crew.append(one)
        one.team_id = order.team_id
        one.advance(VisitorAction.APPOINT, actor, at)
        if volunteer_id != actor.user_id:
            session.flush()  # the row's volunteer is read
            telling.tell_member(session, order, one, "visit_yours", at=at)


def must_suit_together(session: Session, mates: Iterable[Mate], task: fit.Task, field: str) -> None:
    """Raise Invalid when a skill is brought by nobody, or only members under age would go."""
    lacking = fit.together([mate.member for mate in mates], task, zone_of(session))
    if lacking is fit.Obstacle.NO_SKILL:
        raise Invalid.field(field, N_("Somebody with each skill that is needed has to come along."))
    if lacking is not None:
        raise Invalid.field(field, N_("Members under 18 never go alone. Please send an adult along."))


def team_words(order: ServiceOrder) -> str:
    """Return the name of the order's team in the resident's language."""
    return named(order.team, order.resident.locale) if order.team else ""


def led(session: Session, actor: Actor, order_id: int, *with_it: ORMOption) -> ServiceOrder:
    """Return an order that a team of this actor has in hand, locked. Raises NotFound for everybody else's."""
    order = lock(session, ServiceOrder, order_id, *with_it)
    if order.team_id is None or order.team_id not in actor.leads:
        raise NotFound("visit")
    reach.must(actor, Permission.VISIT_LEAD, order)
    return order


def _mine(session: Session, actor: Actor, offer_id: int) -> Offer:
    offer = load(session, Offer, offer_id)
    if offer.team_id not in actor.leads:
        raise NotFound("offer")  # another team's offer does not exist for you
    reach.must(actor, Permission.OFFER_ANSWER, offer.order)
    lock(session, ServiceOrder, offer.order_id)
    session.refresh(offer)  # it may have been answered meanwhile
    return offer


def _must_be_open(offer: Offer, at: datetime) -> None:
    if offer.state is OfferState.LAPSED or (offer.state is OfferState.OPEN and offer.expires_at <= at):
        raise Conflict("offer_expired", N_("The time to accept has passed. No harm done: another team is being asked."))
    if offer.state is OfferState.DECLINED:
        raise Conflict("offer_declined", N_("Your team has said no to this already."))
    if offer.state is not OfferState.OPEN:
        raise Conflict("offer_gone", N_("This request is no longer open. Thank you for being willing."))


def _chosen(session: Session, order: ServiceOrder, wanted: frozenset[int], at: datetime) -> list[Mate]:
    if not wanted:
        raise Invalid.field("members", N_("Please choose who goes."))
    mates = [mate for mate in crew_of(session, order, at=at) if mate.id in wanted]
    if len(mates) != len(wanted):
        raise Invalid.field("members", N_("Only members of your team can be chosen."))
    return mates


def _must_suit(order: ServiceOrder, begins: datetime, at: datetime, agreed: bool) -> None:
    if begins < at - GRACE:
        raise Invalid.field("begins", N_("That time has passed."))
    if order.when_kind is not WhenKind.WINDOW or order.window_begins is None or order.window_ends is None or agreed:
        return
    if not order.window_begins <= begins < order.window_ends:
        raise Invalid.field("begins", N_("The resident asked for another time. Please ring them, then tick that they agreed."))


def _left(session: Session, mate: Mate, task: fit.Task, pace: fit.Pace, members_agreed: bool) -> list[fit.Reason]:
    found = fit.reasons(mate.member, task, zone_of(session), pace)
    return [reason for reason in found if not (members_agreed and reason.obstacle in fit.WAIVABLE)]
