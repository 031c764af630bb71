"""What a merchant gives: proposed by the shop, priced by the site, kept in stock, taken off the shelf."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.kernel.checks import Checks, reason_of
from volunteer.kernel.db import load, unchanged
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.messaging.outbox import Recipient, tell
from volunteer.rewards.merchants.belonging import must_not_be_theirs, own_merchant
from volunteer.rewards.merchants.lifecycle import MerchantStatus
from volunteer.rewards.merchants.models import Gift, Merchant, MerchantStaff

MOST_POINTS, MOST_STOCK, MOST_HOURS = 1_000_000, 1_000_000, 720
MOST_GIFTS = 200  # of one merchant


@dataclass(frozen=True, kw_only=True)
class GiftDraft:
    """What a merchant says about a gift. Limits of 0 limit nothing."""

    name: str
    name_en: str = ""
    words: str = ""
    words_en: str = ""
    asked: int
    stock: int = 0
    per_person: int = 0
    per_month: int = 0
    hold_hours: int = 0
    photo_id: int | None = None


def propose(session: Session, actor: Actor, merchant_id: int, draft: GiftDraft, *, at: datetime) -> Gift:
    """A merchant puts a gift up; it is in the shop once the site has priced it."""
    merchant = own_merchant(session, actor, merchant_id)
    if merchant.status is not MerchantStatus.APPROVED:
        raise Conflict("merchant_on_hold", N_("This shop is on hold. Please speak with the station."))
    if len(session.scalars(select(Gift.id).where(Gift.merchant_id == merchant.id)).all()) >= MOST_GIFTS:
        raise Conflict("too_many_gifts", N_("A shop has at most %(most)s gifts."), most=MOST_GIFTS)
    gift = Gift(merchant_id=merchant.id, made_at=at, stock=draft.stock, photo_id=draft.photo_id)
    _write(gift, draft)
    if not 0 <= draft.stock <= MOST_STOCK:
        raise Invalid.field("stock", N_("This number is too high."))
    session.add(gift)
    session.flush()  # the diary names it
    record(session, actor, "gift_proposed", f"gift:{gift.id}", at=at, site_path=merchant.site_path)
    _tell_who_decided(session, merchant, at)
    return gift


def edit(session: Session, actor: Actor, gift_id: int, draft: GiftDraft, seen: int | None, *, at: datetime) -> Gift:
    """Change what a gift is. Another name, or another proposal of points, takes it out of the shop until the site priced it."""
    gift = unchanged(session, Gift, gift_id, seen)
    merchant = own_merchant(session, actor, gift.merchant_id)
    before = (gift.asked, gift.name)
    _write(gift, draft)
    if draft.photo_id is not None:
        gift.photo_id = draft.photo_id
    if (gift.asked, gift.name) != before:
        gift.points = None
        _tell_who_decided(session, merchant, at)
    record(session, actor, "gift_changed", f"gift:{gift.id}", at=at, site_path=merchant.site_path)
    return gift


def restock(session: Session, actor: Actor, gift_id: int, stock: int, *, seen: int, reason: str = "", at: datetime) -> Gift:
    """Say how many are left to reserve. Fewer than were ``seen`` is a loss and takes a reason.

    Raises Conflict when some were reserved since the form was opened.
    """
    gift = _own(session, actor, gift_id)
    if not 0 <= stock <= MOST_STOCK:
        raise Invalid.field("stock", N_("Please write a number."))
    words = reason_of(reason) if stock < seen else " ".join(reason.split())[:200]
    written = update(Gift).where(Gift.id == gift.id, Gift.stock == seen).values(stock=stock).returning(Gift.id)
    if session.scalar(written.execution_options(synchronize_session=False)) is None:
        raise Conflict("stock_moved", N_("Somebody reserved or let go meanwhile. Please look at the number again."))
    session.refresh(gift)
    path = gift.merchant.site_path
    record(session, actor, "gift_restocked", f"gift:{gift.id}", at=at, site_path=path, change=stock - seen, reason=words)
    return gift


def show(session: Session, actor: Actor, gift_id: int, *, active: bool, at: datetime) -> Gift:
    """Take a gift off the shelf, or put it back on. What is reserved stays reserved."""
    gift = _own(session, actor, gift_id)
    if gift.active is not active:
        gift.active = active
        path = gift.merchant.site_path
        record(session, actor, "gift_shown" if active else "gift_hidden", f"gift:{gift.id}", at=at, site_path=path)
    return gift


def price(session: Session, actor: Actor, gift_id: int, points: int, *, at: datetime) -> Gift:
    """The site, and nobody of the shop, says how many points a gift takes; from now on it is in the shop."""
    gift = load(session, Gift, gift_id)
    merchant = gift.merchant
    actor.must(Permission.MERCHANTS_MANAGE, at=merchant.site_path)
    must_not_be_theirs(session, actor, merchant.id)
    if not 1 <= points <= MOST_POINTS:
        raise Invalid.field("points", N_("Please write a number of points above zero."))
    if gift.points == points:
        return gift
    gift.points, gift.priced_by, gift.priced_at = points, actor.user_id, at
    record(session, actor, "gift_priced", f"gift:{gift.id}", at=at, site_path=merchant.site_path, points=points)
    for one in session.scalars(
        select(MerchantStaff).where(MerchantStaff.merchant_id == merchant.id, MerchantStaff.ended_at.is_(None))
    ):
        person_id = one.person_id or (one.invitation.person_id if one.invitation else None)
        if person_id is not None:
            tell(session, Recipient(person_id), "gift_priced", {"points": points}, at=at, about=f"gift:{gift.id}")
    return gift


def _own(session: Session, actor: Actor, gift_id: int) -> Gift:
    gift = load(session, Gift, gift_id)
    try:
        own_merchant(session, actor, gift.merchant_id)
    except NotFound:
        raise NotFound("gift") from None
    return gift


def _write(gift: Gift, draft: GiftDraft) -> None:
    checks = Checks()
    gift.name = checks.text("name", draft.name, 60, missing=N_("Please write a name."))
    gift.name_en = checks.text("name_en", draft.name_en, 90)
    gift.words = checks.text("words", draft.words, 300)
    gift.words_en = checks.text("words_en", draft.words_en, 400)
    checks.number("asked", draft.asked, 1, MOST_POINTS)
    checks.number("per_person", draft.per_person, 0, 1000)
    checks.number("per_month", draft.per_month, 0, MOST_STOCK)
    checks.number("hold_hours", draft.hold_hours, 0, MOST_HOURS)
    checks.done()
    gift.asked, gift.per_person, gift.per_month, gift.hold_hours = (
        draft.asked,
        draft.per_person,
        draft.per_month,
        draft.hold_hours,
    )


def _tell_who_decided(session: Session, merchant: Merchant, at: datetime) -> None:
    if merchant.decided_by is not None:
        tell(session, Recipient(merchant.decided_by), "gift_waits", at=at, about=f"merchant:{merchant.id}")
