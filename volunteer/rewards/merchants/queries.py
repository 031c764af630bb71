"""What the shop, the till and the pages of merchants and sites read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from volunteer.access import Actor, Permission, county_of
from volunteer.accounts.models import RoleGrant
from volunteer.kernel.clock import end_of_day, local_date, start_of_day, zone_of
from volunteer.kernel.db import load, under
from volunteer.kernel.errors import NotFound
from volunteer.kernel.geo import Point, geodesic_metres
from volunteer.kernel.text import like
from volunteer.ledger.models import Account, Unit
from volunteer.ledger.rules import merchant as owed_to
from volunteer.ledger.rules import person
from volunteer.places.models import Site, SiteLevel
from volunteer.rewards.merchants import rules
from volunteer.rewards.merchants.belonging import counties_of
from volunteer.rewards.merchants.lifecycle import WAITING, MerchantStatus, RedemptionStatus, RefundStatus
from volunteer.rewards.merchants.models import Gift, Merchant, Redemption, Refund
from volunteer.rewards.merchants.reserving import used

PAGE = 24
MOST = 2_000  # gifts of a county that are sorted by distance at once
RECENT = 30


@dataclass(frozen=True, slots=True)
class Offer:
    """One gift in the shop, as one person sees it."""

    gift: Gift
    metres: float | None
    left_for_me: int | None  # this month; None: no limit
    left_for_all: int | None


def shelf(
    session: Session, actor: Actor, *, at: datetime, words: str = "", within: int | None = None, merchant_id: int | None = None
) -> list[tuple[Gift, float | None]]:
    """Return the gifts that the actor may have, with the metres to them: near first, then cheap."""
    home = home_of(session, actor, at)
    found = (
        select(Gift)
        .join(Merchant)
        .options(contains_eager(Gift.merchant).joinedload(Merchant.site), joinedload(Gift.photo))
        .where(Gift.active.is_(True), Gift.points.is_not(None), Merchant.status == MerchantStatus.APPROVED)
        .where(under(sorted(counties_of(actor)), Merchant.site_path))
    )
    if words:
        says = [column.like(like(words), escape="\\") for column in (func.lower(Gift.name), func.lower(Gift.name_en))]
        found = found.where(or_(*says, func.lower(Merchant.name).like(like(words), escape="\\")))
    if within is not None:
        found = found.where(Gift.points <= within)
    if merchant_id is not None:
        found = found.where(Merchant.id == merchant_id)
    gifts = session.scalars(found.order_by(Gift.id).limit(MOST)).all()
    far = {one.merchant_id: _metres(home, one.merchant) for one in gifts}
    rows = [(one, far[one.merchant_id]) for one in gifts]
    return sorted(rows, key=lambda row: (row[0].stock == 0, round((row[1] or 0) / 500), row[0].points or 0, row[0].id))


def offer(session: Session, actor: Actor, gift_id: int, *, at: datetime) -> Offer:
    """Return one gift with what limits leave. Raises NotFound for one that is not in the shop, or another county's."""
    gift = load(session, Gift, gift_id)
    merchant = gift.merchant
    shown = gift.active and gift.points is not None and merchant.status is MerchantStatus.APPROVED
    if not shown or actor.user_id is None or county_of(merchant.site_path) not in counties_of(actor):
        raise NotFound("gift")
    return Offer(
        gift,
        _metres(home_of(session, actor, at), merchant),
        rules.left_of(gift.per_person, used(session, gift.id, at, person_id=actor.user_id)) if gift.per_person else None,
        rules.left_of(gift.per_month, used(session, gift.id, at)) if gift.per_month else None,
    )


def balance(session: Session, person_id: int) -> int:
    """Return somebody's points."""
    mine = (Account.owner == person(person_id), Account.unit == Unit.POINTS)
    return session.scalar(select(Account.balance).where(*mine)) or 0


def home_of(session: Session, actor: Actor, at: datetime) -> Point | None:
    """Return where somebody is at home as far as we know: their first role's station, None for a whole county."""
    held = (RoleGrant.person_id == actor.user_id, or_(RoleGrant.until.is_(None), RoleGrant.until > at))
    site = session.scalars(
        select(Site).join(RoleGrant).where(*held, Site.level != SiteLevel.CENTRE).order_by(RoleGrant.id).limit(1)
    ).first()
    return Point(site.latitude, site.longitude) if site is not None else None


def reservation(session: Session, actor: Actor, token: str) -> Redemption:
    """Return one's own reservation. Raises NotFound for anybody else's."""
    found = session.scalar(select(Redemption).options(*_whole()).where(Redemption.token == token[:40]))
    if found is None or found.person_id != actor.user_id:
        raise NotFound("redemption")
    return found


def reservations(session: Session, person_id: int, *, limit: int = RECENT, before: int | None = None) -> Sequence[Redemption]:
    """Return somebody's reservations: the newest first."""
    found = select(Redemption).options(*_whole()).where(Redemption.person_id == person_id)
    if before is not None:
        found = found.where(Redemption.id < before)
    return session.scalars(found.order_by(Redemption.id.desc()).limit(limit)).all()


def at_till(session: Session, merchant_ids: Sequence[int], at: datetime) -> Sequence[Redemption]:
    """Return what was handed over today at these tills: the newest first."""
    zone = zone_of(session)
    day = local_date(at, zone)
    mine = (
        Redemption.merchant_id.in_(merchant_ids),
        Redemption.collected_at >= start_of_day(day, zone),
        Redemption.collected_at < end_of_day(day, zone),
    )
    return session.scalars(_of(*mine).order_by(Redemption.collected_at.desc(), Redemption.id.desc()).limit(RECENT)).all()


def waiting(session: Session, merchant_id: int) -> Sequence[Redemption]:
    """Return what is kept for somebody at a merchant: what runs out first in front."""
    mine = (Redemption.merchant_id == merchant_id, Redemption.status == RedemptionStatus.RESERVED)
    return session.scalars(_of(*mine).order_by(Redemption.expires_at, Redemption.id).limit(200)).all()


def handed_over(session: Session, merchant_id: int, *, page: int) -> tuple[Sequence[Redemption], int]:
    """Return one page of what a merchant handed over, the newest first, and how many pages there are."""
    mine = (Redemption.merchant_id == merchant_id, Redemption.collected_at.is_not(None))
    total = session.scalar(select(func.count()).where(*mine)) or 0
    pages = max(1, -(-total // PAGE))
    rows = _of(*mine).order_by(Redemption.collected_at.desc(), Redemption.id.desc())
    return session.scalars(rows.limit(PAGE).offset((min(max(page, 1), pages) - 1) * PAGE)).all(), pages


def handed_one(session: Session, merchant_ids: Sequence[int], redemption_id: int) -> Redemption:
    """Return one gift that one of these merchants handed over. Raises NotFound."""
    found = load(session, Redemption, redemption_id)
    if found.merchant_id not in merchant_ids or found.collected_at is None:
        raise NotFound("redemption")
    return found


def owed(session: Session, merchant_id: int) -> int:
    """Return the points that a merchant has taken in and that no settlement has taken off yet."""
    mine = (Account.owner == owed_to(merchant_id), Account.unit == Unit.POINTS)
    return session.scalar(select(Account.balance).where(*mine)) or 0


def gifts_of(session: Session, merchant_id: int) -> Sequence[Gift]:
    """Return every gift of a merchant: what is on the shelf first."""
    found = select(Gift).options(joinedload(Gift.photo)).where(Gift.merchant_id == merchant_id)
    return session.scalars(found.order_by(Gift.active.desc(), Gift.id)).all()


def listed(
    session: Session, actor: Actor, *, status: MerchantStatus | None, words: str = "", page: int = 1
) -> tuple[Sequence[Merchant], int]:
    """Return one page of the merchants that the actor decides about, and how many pages there are."""
    mine: list[ColumnElement[bool]] = [under(actor.scopes(Permission.MERCHANTS_MANAGE), Merchant.site_path)]
    if status is not None:
        mine.append(Merchant.status == status)
    if words:
        mine.append(func.lower(Merchant.name).like(like(words), escape="\\"))
    total = session.scalar(select(func.count()).where(*mine)) or 0
    pages = max(1, -(-total // PAGE))
    rows = (
        select(Merchant).options(joinedload(Merchant.site)).where(*mine).order_by(Merchant.applied_at.desc(), Merchant.id.desc())
    )
    return session.scalars(rows.limit(PAGE).offset((min(max(page, 1), pages) - 1) * PAGE)).all(), pages


def merchant_counts(session: Session, actor: Actor) -> dict[MerchantStatus, int]:
    """Return how many merchants stand where."""
    mine = under(actor.scopes(Permission.MERCHANTS_MANAGE), Merchant.site_path)
    rows = session.execute(select(Merchant.status, func.count()).where(mine).group_by(Merchant.status)).tuples().all()
    return dict(rows)


def unpriced(session: Session, actor: Actor) -> Sequence[Gift]:
    """Return the gifts that wait for a price: the oldest first."""
    found = (
        select(Gift)
        .join(Merchant)
        .options(contains_eager(Gift.merchant), joinedload(Gift.photo))
        .where(Gift.points.is_(None), Gift.active.is_(True))
        .where(under(actor.scopes(Permission.MERCHANTS_MANAGE), Merchant.site_path))
    )
    return session.scalars(found.order_by(Gift.id).limit(100)).all()


def refunds(session: Session, actor: Actor, *, at: datetime, done_days: int = 30) -> Sequence[Refund]:
    """Return wishes to take something back: those that wait first, then what was decided lately."""
    lately = Refund.decided_at >= at - timedelta(days=done_days)
    found = (
        select(Refund)
        .join(Merchant, Merchant.id == Refund.merchant_id)
        .options(contains_eager(Refund.merchant), joinedload(Refund.redemption).joinedload(Redemption.gift))
        .where(under(actor.scopes(Permission.MERCHANTS_MANAGE), Merchant.site_path))
        .where(or_(Refund.status.in_(sorted(WAITING)), lately))
    )
    rows = session.scalars(found.order_by(Refund.id).limit(200)).all()
    return sorted(rows, key=lambda one: (one.status not in {RefundStatus.ASKED, RefundStatus.SECONDED}, one.id))


def _of(*mine: ColumnElement[bool]) -> Select[tuple[Redemption]]:
    return select(Redemption).options(*_whole(), joinedload(Redemption.person), joinedload(Redemption.refund)).where(*mine)


def _whole() -> tuple[ORMOption, ...]:
    return (joinedload(Redemption.gift).joinedload(Gift.photo), joinedload(Redemption.merchant))


def _metres(home: Point | None, merchant: Merchant) -> float | None:
    return geodesic_metres(home, Point(merchant.latitude, merchant.longitude)) if home is not None else None
