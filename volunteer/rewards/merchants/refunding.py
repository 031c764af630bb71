"""Taking a gift back that was handed over: the merchant asks, the site says yes, above a limit two people of it do.

Points go back the way they came, by reversing both entries; nothing in the books is rewritten.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.humans import same_person
from volunteer.audit.recording import record
from volunteer.kernel.checks import reason_of
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.ledger import book
from volunteer.ledger.rules import held_for
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places import policies
from volunteer.rewards.merchants import rules
from volunteer.rewards.merchants.belonging import must_not_be_theirs, own_merchant
from volunteer.rewards.merchants.lifecycle import REDEMPTIONS, RedemptionAction, RefundAction, RefundStatus
from volunteer.rewards.merchants.models import Redemption, Refund
from volunteer.rewards.merchants.reserving import entry_of, put_back

REASONS = {
    "bad": N_("The goods were bad or broken"),
    "lost": N_("The goods were lost before they arrived"),
    "wrong": N_("It was the wrong thing, or the wrong person"),
    "other": N_("Something else"),
}


@dataclass(frozen=True, slots=True)
class RefundDraft:
    """Why something is to be taken back, and whether it goes back on the shelf."""

    why: str
    words: str = ""
    restock: bool = False


def ask(session: Session, actor: Actor, redemption_id: int, draft: RefundDraft, *, at: datetime) -> Refund:
    """The merchant asks to take something back. Asked twice, it is asked once."""
    redemption = lock(session, Redemption, redemption_id)
    merchant = own_merchant(session, actor, redemption.merchant_id)
    if draft.why not in REASONS:
        raise Invalid.field("why", N_("Please choose one of these."))
    if len(draft.words) > 200 or (draft.why == "other" and len(draft.words.strip()) < 2):
        raise Invalid.field("words", N_("Please say why, in a few words."))
    if redemption.refund is not None:
        if redemption.refund.status is RefundStatus.REFUSED:
            raise Conflict("refund_refused", N_("The site has refused to take this back."))
        return redemption.refund
    rules_of_it = policies.rewards_at(session, merchant.site_path, at)
    if redemption.collected_at is not None and at > redemption.collected_at + timedelta(days=rules_of_it.refund_days):
        raise Conflict("refund_late", N_("Gifts are taken back within %(days)s days."), days=rules_of_it.refund_days)
    REDEMPTIONS.next(redemption.status, RedemptionAction.REFUND)

    refund = Refund(
        redemption_id=redemption.id, merchant_id=merchant.id, why=draft.why, words=" ".join(draft.words.split()),
        restock=draft.restock, asked_by=actor.user_id, asked_at=at,
    )  # fmt: skip
    session.add(refund)
    session.flush()  # the diary names it
    record(session, actor, "refund_asked", f"refund:{refund.id}", at=at, site_path=merchant.site_path, why=draft.why)
    if merchant.decided_by is not None:
        tell(session, Recipient(merchant.decided_by), "refund_waits", at=at, about=f"refund:{refund.id}")
    return refund


def say_yes(session: Session, actor: Actor, refund_id: int, *, at: datetime) -> Refund:
    """Take it back; above the limit the first yes waits for another person's.

    Raises Conflict for one's own wish, shop or points, under whatever account.
    """
    refund = _held(session, actor, refund_id)
    if refund.status is RefundStatus.DONE:
        return refund
    if same_person(session, actor.user_id, refund.asked_by):
        raise Conflict("own_refund", N_("Somebody else must decide about what you asked for."))
    must_not_be_theirs(session, actor, refund.merchant_id)
    redemption = refund.redemption
    if same_person(session, actor.user_id, redemption.person_id):
        raise Conflict("own_points", N_("Nobody decides about their own points. Please ask a colleague."))
    terms = policies.rewards_at(session, refund.merchant.site_path, at)
    if refund.status is RefundStatus.ASKED and rules.needs_two(redemption.points, terms.second_from):
        refund.advance(RefundAction.SAY_YES)
        refund.first_by, refund.first_at = actor.user_id, at
        _note(session, actor, "refund_seconded", refund, at)
        return refund
    if same_person(session, refund.first_by, actor.user_id):
        raise Conflict("needs_second", N_("You have said yes already. A second person must say it, too."))

    refund.advance(RefundAction.PAY_BACK)
    refund.second_by = actor.user_id if refund.first_by is not None else None
    refund.first_by, refund.first_at = refund.first_by or actor.user_id, refund.first_at or at
    refund.decided_at = at
    redemption.advance(RedemptionAction.REFUND)
    redemption.ended_at, redemption.note = at, refund.words or refund.why
    if refund.restock:
        put_back(session, redemption.gift_id)
    _back_through_the_books(session, redemption, refund, at)
    _note(session, actor, "refund_done", refund, at)
    to = Recipient(redemption.person_id, locale=redemption.person.locale)
    tell(session, to, "gift_refunded", {"points": redemption.points}, at=at, about=held_for(redemption.id))
    return refund


def refuse(session: Session, actor: Actor, refund_id: int, reason: str, *, at: datetime) -> Refund:
    """Leave things as they are, and say why."""
    words = reason_of(reason)
    refund = _held(session, actor, refund_id)
    if refund.status is RefundStatus.REFUSED:
        return refund
    refund.advance(RefundAction.REFUSE)
    refund.decided_at, refund.answer = at, words
    _note(session, actor, "refund_refused", refund, at)
    if refund.asked_by is not None:
        tell(session, Recipient(refund.asked_by), "refund_refused", {"reason": words}, at=at, about=f"refund:{refund.id}")
    return refund


def _held(session: Session, actor: Actor, refund_id: int) -> Refund:
    """The reservation is held before the wish that hangs on it."""
    refund = lock(session, Refund, refund_id)
    actor.must(Permission.MERCHANTS_MANAGE, at=refund.merchant.site_path)
    lock(session, Redemption, refund.redemption_id)
    return refund


def _back_through_the_books(session: Session, redemption: Redemption, refund: Refund, at: datetime) -> None:
    note = refund.words or refund.why
    try:
        book.reverse(session, entry_of(session, redemption, "collect"), note=note, at=at)
    except Conflict as error:
        if error.code != "balance_too_low":
            raise
        raise Conflict(
            "settled_already", N_("These points are in a settlement already. Take it back when the shop has new ones.")
        ) from None
    book.reverse(session, entry_of(session, redemption, "reserve"), note=note, at=at)


def _note(session: Session, actor: Actor, act: str, refund: Refund, at: datetime) -> None:
    record(
        session, actor, act, f"refund:{refund.id}", at=at, site_path=refund.merchant.site_path, points=refund.redemption.points
    )
