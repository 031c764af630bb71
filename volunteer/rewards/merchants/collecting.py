"""At the till: a code or a QR is looked up, and handing over collects it, once, anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.humans import same_person
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.ledger import book
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import held_for
from volunteer.ledger.rules import merchant as owed_to
from volunteer.messaging.outbox import Recipient, tell
from volunteer.rewards.merchants import lifecycle, rules
from volunteer.rewards.merchants.belonging import merchants_of
from volunteer.rewards.merchants.lifecycle import RedemptionAction, RedemptionStatus
from volunteer.rewards.merchants.models import Redemption

WRONG = N_("This code is not for your till. Please ask them to read it out again.")
FORGED = N_("This QR code is not one of ours. Please type the eight digits under it.")
ELSEWHERE = N_("This QR code is for another shop. It still works there.")
LATE = N_("This reservation has run out. The points go back to the person.")
OWN = N_("Nobody hands a gift over to themselves. Please ask a colleague.")


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody showed at the till: eight digits, or what the camera read."""

    code: str = ""
    qr: str = ""


def look(session: Session, actor: Actor, shown: Shown, *, at: datetime) -> Redemption:
    """Return the reservation that was shown, when it can be handed over here. Changes nothing.

    Raises Invalid for a code that is not for this till (whether it is unknown or another shop's is not said) and for a
    forged QR, Conflict for another shop's QR and for what was collected, let go or has run out.
    """
    redemption = _found(session, actor, shown)
    _must_be_good(session, redemption, actor, at)
    return redemption


def collect(session: Session, actor: Actor, shown: Shown, *, at: datetime) -> Redemption:
    """Hand the gift over: the points are the merchant's now. Of two tills, or two taps, one collects.

    The books have one key for it, for ever. Raises like ``look``.
    """
    redemption = lock(session, Redemption, _found(session, actor, shown).id)
    _must_be_good(session, redemption, actor, at)
    redemption.advance(RedemptionAction.COLLECT)
    redemption.collected_at, redemption.collected_by = at, actor.user_id
    about = held_for(redemption.id)
    book.move(
        session, Unit.POINTS, redemption.points, source=about, target=owed_to(redemption.merchant_id), reason="collect",
        key=f"{about}:collect", about=about, at=at,
    )  # fmt: skip
    to = Recipient(redemption.person_id, locale=redemption.person.locale)
    tell(session, to, "gift_collected", {"points": redemption.points}, at=at, about=about)
    return redemption


def qr_text(session: Session, redemption: Redemption) -> str:
    """Return what the QR of a reservation holds; "" when the person's key is gone."""
    if redemption.nonce is None:
        return ""
    voucher = rules.Voucher(redemption.merchant_id, redemption.expires_at, redemption.nonce)
    return rules.voucher_text(voucher, _signer(session))


def _found(session: Session, actor: Actor, shown: Shown) -> Redemption:
    tills = {one.id for one in merchants_of(session, actor, Permission.TILL_USE)}
    keyring = session.info["keyring"]
    if shown.qr:
        voucher = rules.read_voucher(shown.qr, _signer(session))
        if voucher is None:
            raise Invalid.field("code", FORGED)
        if voucher.merchant_id not in tills:
            raise Conflict("other_shop", ELSEWHERE)
        mine = Redemption.nonce_index == keyring.blind("voucher-nonce", voucher.nonce)
    else:
        code = rules.tidy_code(shown.code)
        if code is None:
            raise Invalid.field("code", N_("A code has eight digits."))
        mine = Redemption.code_index == keyring.blind("voucher-code", code)
    redemption = session.scalar(select(Redemption).where(mine, Redemption.merchant_id.in_(tills)))
    if redemption is None:
        raise Invalid.field("code", WRONG)
    return redemption


def _must_be_good(session: Session, redemption: Redemption, actor: Actor, at: datetime) -> None:
    lifecycle.REDEMPTIONS.next(redemption.status, RedemptionAction.COLLECT)
    if redemption.status is RedemptionStatus.RESERVED and redemption.expires_at <= at:
        raise Conflict("moved_on", LATE)
    if same_person(session, redemption.person_id, actor.user_id):
        raise Conflict("own_gift", OWN)


def _signer(session: Session) -> rules.Sign:
    keyring = session.info["keyring"]
    return lambda body: str(keyring.blind("voucher", body))
