"""Reserving a gift at home: the points leave the person and wait; let go or run out, they come back by reversal.

Rows are held in one order by everybody (person, reservation, gift, accounts), so that no two wait for each other.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from volunteer.access import Actor, county_of
from volunteer.accounts.models import Person
from volunteer.kernel import serials
from volunteer.kernel.checks import reason_of
from volunteer.kernel.clock import end_of_day, local_date, month_after, start_of_day, zone_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.kernel.words import N_
from volunteer.ledger import book
from volunteer.ledger.models import Transfer, Unit
from volunteer.ledger.rules import held_for, person
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places import policies
from volunteer.rewards.merchants import rules
from volunteer.rewards.merchants.belonging import counties_of, own_merchant
from volunteer.rewards.merchants.lifecycle import USES_UP, MerchantStatus, RedemptionAction, RedemptionStatus
from volunteer.rewards.merchants.models import Gift, Merchant, MerchantStaff, Redemption

BATCH = 100
LATE = "not fetched in time"
GONE = N_("This gift is not in the shop any more.")
OUT = N_("The last one has just gone. Nothing was taken from your points.")


def reserve(session: Session, actor: Actor, gift_id: int, *, seen: int, at: datetime) -> Redemption:
    """Keep one gift for the actor; ``seen`` are the points that the page had said.

    Raises Conflict for a gift that is gone, dearer or cheaper than it was, used up, beyond a limit, or beyond the balance.
    """
    gift = load(session, Gift, gift_id)
    if actor.user_id is None or county_of(gift.merchant.site_path) not in counties_of(actor):
        raise NotFound("gift")
    lock(session, Person, actor.user_id)  # of two reservations of one person the second sees the first
    if not _take_one(session, gift_id):
        session.refresh(gift)
        raise Conflict("gift_out", OUT if gift.active else GONE)
    session.refresh(gift)
    merchant = gift.merchant
    if merchant.status is not MerchantStatus.APPROVED or gift.points is None:
        raise Conflict("gift_gone", GONE)
    if gift.points != seen:
        raise Conflict("gift_price", N_("The points of this gift have changed. Please look at it again."))
    terms = policies.rewards_at(session, merchant.site_path, at)
    _within_limits(session, actor.user_id, gift, terms.open_most, terms.per_day, at)

    hold = timedelta(hours=gift.hold_hours or terms.hold_hours)
    redemption = Redemption(
        token=serials.token(), gift_id=gift.id, merchant_id=merchant.id, person_id=actor.user_id, points=gift.points,
        reserved_at=at, expires_at=at + hold, policy_version=f"rewards:{terms.version}",
    )  # fmt: skip
    _give_codes(session, redemption)
    about = held_for(redemption.id)
    book.move(
        session, Unit.POINTS, gift.points, source=person(actor.user_id), target=about, reason="reserve",
        key=f"{about}:reserve", about=about, at=at,
    )  # fmt: skip
    _tell_shop(session, merchant, "gift_reserved", at)
    return redemption


def let_go(session: Session, actor: Actor, redemption_id: int, *, at: datetime) -> Redemption:
    """The person does not want it any more. Twice is no error."""
    redemption = _held(session, redemption_id)
    if redemption.person_id != actor.user_id:
        raise NotFound("redemption")
    if redemption.status is RedemptionStatus.LET_GO:
        return redemption
    redemption.advance(RedemptionAction.LET_GO)
    _end(session, redemption, "let go", restock=True, at=at)
    return redemption


def withdraw(session: Session, actor: Actor, redemption_id: int, reason: str, *, at: datetime) -> Redemption:
    """The merchant has nothing left to hand over: broken, lost. The points go back; the shelf does not get fuller."""
    words = reason_of(reason)
    redemption = _held(session, redemption_id)
    own_merchant(session, actor, redemption.merchant_id)
    if redemption.status is RedemptionStatus.LET_GO:
        return redemption
    redemption.advance(RedemptionAction.LET_GO)
    _end(session, redemption, words, restock=False, at=at)
    params = {"points": redemption.points, "reason": words}
    _tell_person(session, redemption, "gift_withdrawn", params, at)
    return redemption


def expire(session: Session, at: datetime) -> int:
    """Job: what nobody fetched in time goes back to the shelf, and its points to the person. Returns how many.

    Of all that ran out first the reservations are held, then the gifts, then the accounts, each in everybody's order.
    """
    late = (Redemption.status == RedemptionStatus.RESERVED, Redemption.expires_at <= at)
    found = select(Redemption.id).where(*late).order_by(Redemption.expires_at, Redemption.id).limit(BATCH)
    held = [_held(session, number) for number in sorted(session.scalars(found))]
    over = [one for one in held if one.status is RedemptionStatus.RESERVED]  # others were fetched or let go this very moment
    for redemption in over:
        redemption.advance(RedemptionAction.EXPIRE)
        redemption.ended_at, redemption.note = at, LATE
    for gift_id in sorted(redemption.gift_id for redemption in over):
        put_back(session, gift_id)
    entries = [(entry_of(session, redemption, "reserve"), redemption) for redemption in over]
    for entry, redemption in sorted(entries, key=lambda one: (one[0].source.owner, one[0].id)):
        book.reverse(session, entry, note=LATE, at=at)
        _tell_person(session, redemption, "gift_expired", {"points": redemption.points}, at)
    return len(over)


def entry_of(session: Session, redemption: Redemption, step: str) -> Transfer:
    """Return the entry of the books under which the gift was reserved or collected."""
    return session.scalars(select(Transfer).where(Transfer.key == f"{held_for(redemption.id)}:{step}")).one()


def put_back(session: Session, gift_id: int) -> None:
    """Put one gift back on the shelf."""
    session.execute(
        update(Gift).where(Gift.id == gift_id).values(stock=Gift.stock + 1), execution_options={"synchronize_session": False}
    )


def used(session: Session, gift_id: int, at: datetime, *, person_id: int | None = None) -> int:
    """Return how many of a gift were reserved or collected in the calendar month of ``at``, by one person or by all."""
    zone = zone_of(session)
    first = local_date(at, zone).replace(day=1)
    counted = select(func.count()).where(
        Redemption.gift_id == gift_id,
        Redemption.status.in_(sorted(USES_UP)),
        Redemption.reserved_at >= start_of_day(first, zone),
        Redemption.reserved_at < start_of_day(month_after(first), zone),
    )
    if person_id is not None:
        counted = counted.where(Redemption.person_id == person_id)
    return session.scalar(counted) or 0


def _take_one(session: Session, gift_id: int) -> bool:
    """Take one off the shelf, if there is one. The row stays held, so limits that are counted afterwards are true."""
    taken = (
        update(Gift)
        .where(Gift.id == gift_id, Gift.stock > 0, Gift.active.is_(True))
        .values(stock=Gift.stock - 1)
        .returning(Gift.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(taken) is not None


def _within_limits(session: Session, person_id: int, gift: Gift, open_most: int, per_day: int, at: datetime) -> None:
    mine = Redemption.person_id == person_id
    if gift.per_person and used(session, gift.id, at, person_id=person_id) >= gift.per_person:
        raise Conflict(
            "gift_limit", N_("One person may have %(most)s of these a month, and you have had them."), most=gift.per_person
        )
    if gift.per_month and used(session, gift.id, at) >= gift.per_month:
        raise Conflict("gift_month", N_("All of these for this month are taken. Please come back next month."))
    waiting = session.scalar(select(func.count()).where(mine, Redemption.status == RedemptionStatus.RESERVED)) or 0
    if open_most and waiting >= open_most:
        raise Conflict("too_many_open", N_("%(most)s gifts are waiting for you already. Please fetch one first."), most=open_most)
    zone = zone_of(session)
    day = local_date(at, zone)
    today = (mine, Redemption.reserved_at >= start_of_day(day, zone), Redemption.reserved_at < end_of_day(day, zone))
    if per_day and (session.scalar(select(func.count()).where(*today)) or 0) >= per_day:
        raise Conflict("too_many_today", N_("You have reserved %(most)s gifts today. Please come back tomorrow."), most=per_day)


def _give_codes(session: Session, redemption: Redemption) -> None:
    """Give the row a code and a nonce that no other has; both random, found again only by keyed hashes."""
    keyring = session.info["keyring"]
    while True:
        code = serials.digits(rules.DIGITS)
        index = keyring.blind("voucher-code", code)
        if session.scalar(select(Redemption.id).where(Redemption.code_index == index)) is None:
            break
    nonce = secrets.token_urlsafe(16)
    redemption.code_index, redemption.nonce_index = index, keyring.blind("voucher-nonce", nonce)
    session.add(redemption)
    session.flush()  # sealing needs the person, the account the number
    redemption.code, redemption.nonce = code, nonce


def _held(session: Session, redemption_id: int) -> Redemption:
    """Return the reservation, held; the person before it, as everybody holds them."""
    redemption = load(session, Redemption, redemption_id)
    return lock(session, Redemption, redemption.id)


def _end(session: Session, redemption: Redemption, note: str, *, restock: bool, at: datetime) -> None:
    redemption.ended_at, redemption.note = at, note
    if restock:
        put_back(session, redemption.gift_id)
    book.reverse(session, entry_of(session, redemption, "reserve"), note=note, at=at)


def _tell_person(session: Session, redemption: Redemption, template: str, params: dict[str, object], at: datetime) -> None:
    to = Recipient(redemption.person_id, locale=redemption.person.locale)
    tell(session, to, template, params, at=at, about=held_for(redemption.id))


def _tell_shop(session: Session, merchant: Merchant, template: str, at: datetime) -> None:
    for one in session.scalars(
        select(MerchantStaff).where(MerchantStaff.merchant_id == merchant.id, MerchantStaff.ended_at.is_(None))
    ):
        person_id = one.person_id or (one.invitation.person_id if one.invitation else None)
        if person_id is not None:
            tell(session, Recipient(person_id), template, at=at, about=f"merchant:{merchant.id}")
