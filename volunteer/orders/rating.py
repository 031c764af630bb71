"""评单: what the resident says of the service, and "not solved", which opens the same order again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.orders import serving, telling
from volunteer.orders.afterwards import following, later, thanking
from volunteer.orders.afterwards.lifecycle import WordsState
from volunteer.orders.changing import own_order
from volunteer.orders.dispatching import take_from_team
from volunteer.orders.lifecycle import Action, Status, next_status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.models_rating import RatedBy, Rating
from volunteer.orders.parts import wholes
from volunteer.orders.placing import REASON_LENGTH, TOO_LONG
from volunteer.places.policies import cases_at, clocks_at

MOST_STARS = following.MOST_STARS
MOST_WORDS = 1_000
TAGS = {
    "on_time": N_("On time"),
    "friendly": N_("Friendly"),
    "skilled": N_("Knows the work"),
    "clear": N_("Explained it well"),
    "tidy": N_("Left everything tidy"),
    "late": N_("Came late"),
    "rushed": N_("Too hurried"),
    "half_done": N_("Only half done"),
}
NOT_SOLVED = N_("The resident says that it is not solved.")


@dataclass(frozen=True, kw_only=True)
class RatingDraft:
    """Stars 1–5, any of TAGS, words. ``by_code``: the page was reached by number and code."""

    stars: int
    tags: tuple[str, ...] = ()
    words: str = ""
    by_code: bool = False


def rate_order(session: Session, actor: Actor, order_id: int, draft: RatingDraft, *, at: datetime) -> ServiceOrder:
    """评单: by link, code or account, or by a clerk whom the resident has called; closes a served order.

    A silently closed order may still be rated while it could be reopened. The same rating again changes nothing, another
    one is a Conflict. The stars count for the team as (stars - 1) / 4: few stars only when the centre has called back.
    """
    order = own_or_callers(session, actor, order_id)
    if order.in_parts:
        raise Conflict("rated_in_parts", N_("Each part is rated by itself. Please open the request again."))
    by = how(actor, order, by_code=draft.by_code)
    if not 1 <= draft.stars <= MOST_STARS:
        raise Invalid.field("stars", N_("Please choose one to five stars."))
    if len(draft.words) > MOST_WORDS:
        raise Invalid.field("words", TOO_LONG)
    tags = [tag for tag in TAGS if tag in draft.tags]
    if _rated_since_served(order):
        return _same(order, draft.stars, tags)
    if order.served_at is None or (order.status is Status.CLOSED and not can_reopen(session, order, at)):
        raise Conflict("order_wrong_status", N_("This order cannot be rated now."))

    low = draft.stars <= cases_at(session, order.site_path, at).low_stars
    note = "" if low else str(draft.stars)  # the diary is read by many; a low rating does not show yet
    if order.status is not Status.CLOSED:
        order.advance(Action.RATE, by=actor, at=at, note=note)
        order.closed_at = at
        order.due_at = None
        if order.part_of_id is None:
            later.plan_question(session, order, at)
    else:
        order.write_down(Action.RATE.value, actor, at, note)
    _write(session, order, actor, draft, tags, by, at)
    return order


def close_whole(session: Session, actor: Actor, whole: ServiceOrder, at: datetime) -> None:
    """Close an order whose parts were rated: it has no rating of its own, and the resident is asked once whether it is solved."""
    if whole.status is not Status.CLOSED:
        whole.advance(Action.RATE, by=actor, at=at)
        whole.closed_at, whole.due_at = at, None
        later.plan_question(session, whole, at)


def reopen(session: Session, actor: Actor, order_id: int, words: str, *, at: datetime) -> ServiceOrder:
    """The resident says that it is not solved: the same order goes back to the desk, within the centre's days.

    ``words`` join the words of the order, which are sealed: they may name anybody. Whoever served keeps the
    minutes. Reopening twice changes nothing.
    """
    order = own_order(session, actor, order_id)
    if order.in_parts:
        raise Conflict("reopen_a_part", N_("Please open the part that is not solved, and say it there."))
    if order.status is Status.VERIFIED and order.events and order.events[-1].what == Action.REOPEN:
        return order
    if order.status is not Status.SERVED:
        next_status(order.status, Action.REOPEN)
    if not can_reopen(session, order, at):
        raise Conflict("too_late_to_reopen", N_("That was too long ago. Please place a new order or call us."))

    if order.served_at is not None:
        _not_solved(session, actor, order, at)
    return open_again(session, actor, order, words, at=at)


def open_again(session: Session, actor: Actor, order: ServiceOrder, words: str, *, at: datetime) -> ServiceOrder:
    """Bring an order that may be reopened back to the desk; who may say so was asked before."""
    if order.served_at is not None and not serving.is_recorded(order):
        order.recorded_at = at
        serving.credit(session, order, at)  # the team was there; another may come next
    told = [order.team_id] if order.team_id is not None else []
    if order.status is Status.SERVED:
        order.advance(Action.CLOSE_SILENT, by=actor, at=at, note=NOT_SOLVED)
    order.advance(Action.REOPEN, by=actor, at=at)
    if said := " ".join(words.split())[:REASON_LENGTH]:
        order.words = "\n".join(part for part in (order.words, said) if part)
    take_from_team(order, actor, at)
    order.reason = ""
    order.served_at = order.confirmed_at = order.closed_at = order.solved_ask_at = None
    order.due_at = at + timedelta(minutes=clocks_at(session, order.desk_path, at).dispatch_minutes)
    wholes.resume(session, order, actor, at=at)
    telling.tell_staff(session, order, "order_reopened", at=at)
    telling.tell_leaders(session, told, "order_reopened", {"number": order.number}, order, at=at)
    return order


def can_reopen(session: Session, order: ServiceOrder, at: datetime) -> bool:
    """Return whether "not solved" can still be said: the service is done, or nobody was found, not too long ago."""
    if order.status is Status.SERVED and not order.in_parts:
        return True
    if order.in_parts or order.status not in {Status.CLOSED, Status.UNMET}:
        return False
    days = clocks_at(session, order.site_path, at).reopen_days
    return order.closed_at is None or at <= order.closed_at + timedelta(days=days)


def own_or_callers(session: Session, actor: Actor, order_id: int) -> ServiceOrder:
    """The order, when it is this actor's own or of a place where they rate for callers."""
    try:
        return own_order(session, actor, order_id)
    except NotFound:
        order = lock(session, ServiceOrder, order_id)
        if actor.user_id is None:
            raise
        actor.must(Permission.ORDER_RATE_FOR_OTHERS, at=order.site_path)
        return order


def how(actor: Actor, order: ServiceOrder, *, by_code: bool = False) -> RatedBy:
    """Return how somebody reached us: by link, number and code, account, or through a clerk."""
    if actor.order_id is not None and actor.order_id in (order.id, order.part_of_id):
        return RatedBy.CODE if by_code else RatedBy.LINK
    return RatedBy.ACCOUNT if actor.user_id == order.resident_id else RatedBy.CLERK


def _not_solved(session: Session, actor: Actor, order: ServiceOrder, at: datetime) -> None:
    """It counts for those who finished it, as if they had been asked."""
    turn = later.this_turn(session, order)
    if turn.answered_at is None:
        turn.answered_at, turn.solved, turn.by = at, False, how(actor, order)


def _rated_since_served(order: ServiceOrder) -> bool:
    """A reopened order is served again, and may be rated again."""
    return order.rating is not None and (order.served_at is None or order.rating.at >= order.served_at)


def _same(order: ServiceOrder, stars: int, tags: list[str]) -> ServiceOrder:
    if order.rating is not None and order.rating.stars == stars and order.rating.tags == tags:
        return order
    raise Conflict("rated_already", N_("You have rated this already. Thank you."))


def _write(
    session: Session, order: ServiceOrder, actor: Actor, draft: RatingDraft, tags: list[str], by: RatedBy, at: datetime
) -> None:
    rating = order.rating or Rating(order=order, words_state=WordsState.SHOWN)
    rating.stars, rating.tags, rating.by, rating.at = draft.stars, tags, by, at
    rating.clerk_id = actor.user_id if by is RatedBy.CLERK else None
    session.add(rating)
    rating.words = draft.words.strip()
    following.take_in(session, actor, order, rating, at=at)
    if following.shows(rating):
        thanking.thank(session, order, rating, at=at)
    if by is RatedBy.CLERK:
        record(session, actor, "rated_for_resident", f"order:{order.id}", at=at, site_path=order.site_path)
