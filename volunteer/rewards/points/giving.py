"""积分转赠: points given to a neighbour, to a wish or to a pool. For nothing: points are never sold, and buy no favours.

Held in one order by everybody: the giver, the wish, the accounts. What is given keeps the day on which it runs out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission, county_of
from volunteer.accounts.models import Person
from volunteer.kernel.clock import local_date, start_of_day, zone_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.ledger import ageing, book, points, queries
from volunteer.ledger.models import Account, Transfer, Unit
from volunteer.ledger.rules import person as account_of
from volunteer.ledger.rules import pool_of
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places.models import Site
from volunteer.rewards.points.homes import hashed, home_of, is_at_home, terms_of
from volunteer.rewards.points.lifecycle import WishAction, WishState
from volunteer.rewards.points.models import GiftKind, PointGift, SmallWish

GIFT, WISH, POOL = "points_gift", "points_wish", "points_pool"
WISH_STEP = "wish"  # under this key the points of a gift went to a wish
RETURN_DAYS = 30
NOT_THERE = N_("We know nobody here with this number and a name that begins so. Please ask your neighbour again.")
NOT_ONESELF = N_("Points cannot be given to oneself.")
TOO_LITTLE = N_("You do not have so many points.")


def give(session: Session, actor: Actor, receiver_id: int, amount: int, token: str, *, at: datetime) -> PointGift:
    """Give points to a neighbour of the same county; ``token`` is of the form: sent twice, it gives once.

    Raises Invalid for oneself, nothing and more than the limits, Conflict when there are too few, NotFound for somebody
    who cannot have any.
    """
    giver = _giver(session, actor)
    if (made := _made(session, giver, token, GiftKind.PERSON, amount, receiver_id)) is not None:
        return made
    if receiver_id == giver.id:
        raise Invalid.field("number", NOT_ONESELF)
    receiver = load(session, Person, receiver_id)
    if not is_at_home(session, receiver, county_of(home_of(actor)), at):
        raise NotFound("receiver")
    _within_limits(session, actor, giver.id, amount, at)
    source, target = account_of(giver.id), account_of(receiver.id)
    points.hold(session, source, target)
    _enough(session, source, amount)

    gift = PointGift(kind=GiftKind.PERSON, giver=giver, receiver=receiver, points=amount, at=at, uid=hashed(token))
    session.add(gift)
    session.flush()  # its number is what the transfers are about
    for number, piece in enumerate(ageing.pieces(session, source, amount), start=1):
        book.move(
            session, Unit.POINTS, piece.points, source=source, target=target, reason=GIFT, key=f"gift:{gift.uid}:{number}",
            at=at, about=f"gift:{gift.id}", day=piece.born, policy_version=piece.version,
        )  # fmt: skip
    told = Recipient(receiver.id, locale=receiver.locale)
    tell(session, told, "points_given", {"points": amount}, at=at, about=f"gift:{gift.id}")
    return gift


def send_back(session: Session, actor: Actor, gift_id: int, *, at: datetime) -> PointGift:
    """The receiver does not want them: all go back, with their old dates. Twice is no error.

    Raises Conflict when they are used already, or after a month.
    """
    gift = lock(session, PointGift, gift_id)
    if gift.receiver_id is None or gift.receiver_id != actor.user_id:
        raise NotFound("gift")
    if gift.returned_at is not None:
        return gift
    if at > gift.at + timedelta(days=RETURN_DAYS):
        raise Conflict("gift_too_old", N_("That was too long ago. You may give points of your own instead."))
    source, target = account_of(gift.receiver_id), given_from(session, [gift])[gift.id]
    points.hold(session, source, target)
    _enough(session, source, gift.points)

    gift.returned_at = at
    book.move(
        session, Unit.POINTS, gift.points, source=source, target=target, reason=ageing.BACK, key=f"gift:{gift.uid}:back", at=at,
        about=f"gift:{gift.id}",
    )  # fmt: skip
    told = Recipient(gift.giver_id, locale=gift.giver.locale)
    tell(session, told, "points_sent_back", {"points": gift.points}, at=at, about=f"gift:{gift.id}")
    return gift


def give_to_wish(session: Session, actor: Actor, wish_id: int, amount: int, token: str, *, at: datetime) -> PointGift:
    """Give points towards a wish of the own county, at most what it still wants. The last ones make it full."""
    giver = _giver(session, actor)
    wish = lock(session, SmallWish, wish_id)
    if county_of(wish.site_path) != county_of(home_of(actor)):
        raise NotFound("wish")
    if (made := _made(session, giver, token, GiftKind.WISH, amount, wish_id)) is not None:
        return made
    if wish.state is not WishState.OPEN or wish.until < local_date(at, zone_of(session)):
        raise Conflict("wish_closed", N_("Points are no longer gathered for this wish. Thank you all the same."))
    _within_limits(session, actor, giver.id, amount, at)
    source = account_of(giver.id)
    points.hold(session, source, wish.account)
    left = wish.points - queries.balance(session, wish.account, Unit.POINTS)
    if amount > left:
        raise Invalid.field("points", N_("This wish needs only %(left)s more."), left=left)
    _enough(session, source, amount)

    gift = PointGift(kind=GiftKind.WISH, giver=giver, wish=wish, points=amount, at=at, uid=hashed(token))
    session.add(gift)
    book.move(
        session, Unit.POINTS, amount, source=source, target=wish.account, reason=WISH, key=f"gift:{gift.uid}:{WISH_STEP}", at=at,
        about=wish.account,
    )  # fmt: skip
    if amount == left:
        wish.advance(WishAction.FILL)
    return gift


def give_to_pool(session: Session, actor: Actor, site_id: int, amount: int, token: str, *, at: datetime) -> PointGift:
    """Give points to the pool of a site of the own county. They do not come back."""
    giver = _giver(session, actor)
    site = load(session, Site, site_id)
    if site.closed_at is not None or county_of(site.path) != county_of(home_of(actor)):
        raise NotFound("site")
    if (made := _made(session, giver, token, GiftKind.POOL, amount, site_id)) is not None:
        return made
    _within_limits(session, actor, giver.id, amount, at)
    source = account_of(giver.id)
    points.hold(session, source, pool_of(site.id))
    _enough(session, source, amount)

    gift = PointGift(kind=GiftKind.POOL, giver=giver, site=site, points=amount, at=at, uid=hashed(token))
    session.add(gift)
    book.move(
        session, Unit.POINTS, amount, source=source, target=pool_of(site.id), reason=POOL, key=f"gift:{gift.uid}:pool", at=at,
        about=f"site:{site.id}",
    )  # fmt: skip
    return gift


def given_from(session: Session, gifts: Sequence[PointGift]) -> dict[int, str]:
    """Return from whose account each gift came; of a giver who was merged since it is the old one, where its days are known."""
    steps = {f"gift:{gift.uid}:{step}": gift.id for gift in gifts for step in ("1", WISH_STEP)}
    source = select(Transfer.key, Account.owner).join(Account, Account.id == Transfer.source_id)
    return {steps[key]: owner for key, owner in session.execute(source.where(Transfer.key.in_(steps))).tuples()}


def gifts_of(session: Session, person_id: int, limit: int = 50) -> Sequence[PointGift]:
    """Return what somebody gave and was given, the newest first."""
    mine = or_(PointGift.giver_id == person_id, PointGift.receiver_id == person_id)
    return session.scalars(select(PointGift).where(mine).order_by(PointGift.at.desc(), PointGift.id.desc()).limit(limit)).all()


def given_since(session: Session, person_id: int, since: datetime) -> int:
    """Return how much somebody gave since then that did not come back."""
    mine = (PointGift.giver_id == person_id, PointGift.at >= since, PointGift.returned_at.is_(None))
    return session.scalar(select(func.sum(PointGift.points)).where(*mine)) or 0


def may_still_give(session: Session, actor: Actor, at: datetime) -> int | None:
    """Return how many more points may be given away today, None where there is no limit."""
    terms, today = terms_of(session, actor, at), local_date(at, zone_of(session))
    if actor.user_id is None:
        return 0
    rooms = [
        cap - given_since(session, actor.user_id, start_of_day(since, zone_of(session)))
        for cap, since in ((terms.give_day, today), (terms.give_month, today.replace(day=1)))
        if cap
    ]
    return max(min(rooms), 0) if rooms else None


def _giver(session: Session, actor: Actor) -> Person:
    if actor.user_id is None or home_of(actor) == "/":
        raise NotFound("points")
    actor.must(Permission.POINTS_OWN, at=home_of(actor))
    return lock(session, Person, actor.user_id)  # of two gifts of one person the second counts the first


def _made(session: Session, giver: Person, token: str, kind: GiftKind, amount: int, to: int) -> PointGift | None:
    """The gift of this form, if it was sent before. Raises Conflict when it asked for something else."""
    if not token:
        raise Invalid("once_missing", N_("This form is too old. Please reload the page and send again."))
    made = session.scalar(select(PointGift).where(PointGift.uid == hashed(token)))
    if made is None:
        return None
    target = {GiftKind.PERSON: made.receiver_id, GiftKind.WISH: made.wish_id, GiftKind.POOL: made.site_id}[made.kind]
    if (made.giver_id, made.kind, made.points, target) != (giver.id, kind, amount, to):
        raise Conflict("key_taken", N_("This was already booked differently."))
    return made


def _within_limits(session: Session, actor: Actor, giver_id: int, amount: int, at: datetime) -> None:
    if type(amount) is not int or amount < 1:
        raise Invalid.field("points", N_("The amount must be a whole number above zero."))
    left = may_still_give(session, actor, at)
    if left is not None and amount > left:
        raise Invalid.field("points", N_("You may give away %(left)s more today."), left=left)


def _enough(session: Session, owner: str, amount: int) -> None:
    if queries.balance(session, owner, Unit.POINTS) < amount:
        raise Conflict("balance_too_low", TOO_LITTLE)
