"""What becomes of an answer to one of our calls. Anything that is not the partner's clear word is tried again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from volunteer.kernel import outward
from volunteer.kernel.db import lock
from volunteer.kernel.words import N_
from volunteer.rewards.partners import calls, exchanging, linking, reconciling
from volunteer.rewards.partners.lifecycle import OPEN, Status
from volunteer.rewards.partners.models import CallKind, Exchange, Partner, PartnerAccount, PartnerCall

REFUSED = N_("The other platform did not take the points.")
UNDONE = frozenset({"expired", "cancelled", "refused"})
NOT_YET = frozenset({"replayed", "still_at_work"})  # a no to this try, not to what it asks
OF_TRANSFER = frozenset({CallKind.RESERVE, CallKind.CONFIRM, CallKind.STATE})


def settle(session: Session, call_id: int, outcome: Any, at: datetime) -> None:
    """Write down what a call brought: an Answer, or the exception that came instead."""
    call, exchange = calls.held(session, call_id)
    if call.answered_at is not None:
        return
    if not isinstance(outcome, outward.Answer):
        call.error = type(outcome).__name__[:80]
        return
    call.code, call.error = outcome.status, ""
    if outcome.status == calls.GONE:
        _closed(session, call, at)
        return
    said = calls.read(outcome)
    is_yes = 200 <= outcome.status < 300
    if not is_yes and (outcome.status not in calls.DEFINITE or (said or {}).get("code") in NOT_YET):
        call.error = f"status {outcome.status}"
    elif is_yes and said is None:
        call.error = "unreadable"
    elif _understood(session, call, exchange, said or {}, is_yes, at):
        call.answered_at, call.due_at, call.failed_at = at, None, None
    else:
        call.error = call.error or "unclear"


def _understood(
    session: Session, call: PartnerCall, exchange: Exchange | None, said: dict[str, Any], is_yes: bool, at: datetime
) -> bool:
    """Act on what was said; False when it decides nothing yet."""
    if call.kind in OF_TRANSFER and exchange is not None:
        return _transfer(session, call, exchange, said, is_yes, at)
    if call.kind is CallKind.VERIFY:
        return _link(session, call, said, is_yes, at)
    if call.kind is CallKind.DAY:
        return is_yes and reconciling.read_day(session, call, said, at=at)
    return True  # a cancellation, or the end of a link: once it has been heard, nothing hangs on the answer


def _transfer(session: Session, call: PartnerCall, exchange: Exchange, said: dict[str, Any], is_yes: bool, at: datetime) -> bool:
    facts = said if is_yes else said.get("transfer")
    status = facts.get("status") if isinstance(facts, dict) else None
    if is_yes and not _is_ours(exchange, facts):
        return False
    if status == "confirmed":
        _confirmed(session, exchange, at)
    elif status in UNDONE:
        if exchange.status in OPEN:
            exchanging.give_back(session, exchange, REFUSED, at=at)
    elif call.kind is CallKind.RESERVE:
        _reserved(session, exchange, status == "reserved", at)
    elif call.kind is CallKind.STATE:
        _stands(session, exchange, status == "reserved", is_yes, at)
    else:
        return False  # a confirmation without a clear word is asked for again
    return True


def _confirmed(session: Session, exchange: Exchange, at: datetime) -> None:
    if exchange.status is Status.RESERVED:
        exchanging.confirmed_there(session, exchange, at=at)
    elif exchange.status is not Status.CONFIRMED:  # never asked for: two books differ, a person must look
        reconciling.differs(session, exchange, "confirmed", at=at)


def _reserved(session: Session, exchange: Exchange, reserved: bool, at: datetime) -> None:
    if reserved:
        exchanging.reserved_there(session, exchange, at=at)
    elif exchange.status is Status.HELD:  # a clear no: nothing is reserved, and nothing will ever be confirmed
        exchanging.give_back(session, exchange, REFUSED, at=at)


def _stands(session: Session, exchange: Exchange, reserved: bool, is_yes: bool, at: datetime) -> None:
    if exchange.status is not Status.RESERVED:
        return
    if reserved:  # the confirmation was given up, or never went out
        exchanging.ask_confirm(session, exchange, at=at)
    elif not is_yes:
        reconciling.differs(session, exchange, None, at=at)


def _is_ours(exchange: Exchange, facts: Any) -> bool:
    return isinstance(facts, dict) and facts.get("id") == exchange.wire and facts.get("sender") == exchange.sender.value


def _link(session: Session, call: PartnerCall, said: dict[str, Any], is_yes: bool, at: datetime) -> bool:
    link = lock(session, PartnerAccount, call.link_id)
    state = said.get("state")
    if not is_yes or state == "refused":
        linking.verified(session, link, False, at=at)
    elif state == "verified":
        linking.verified(session, link, True, at=at)
    elif state != "pending":  # pending: the partner asks its customer and calls us
        return False
    return True


def _closed(session: Session, call: PartnerCall, at: datetime) -> None:
    """410: the address is gone for good. Nothing more is sent until a person has looked."""
    partner = lock(session, Partner, call.partner_id)
    partner.refused_at = partner.refused_at or at
    call.due_at, call.failed_at = None, at
