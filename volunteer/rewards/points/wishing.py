"""微心愿 from the staff's side: posted without anybody's name, fulfilled by a second person, taken back with all gifts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission, county_of
from volunteer.accounts.humans import same_person
from volunteer.audit.recording import record
from volunteer.feedback.rules import findings
from volunteer.kernel.checks import Checks
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import lock, under
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.ledger import ageing, book, points, queries
from volunteer.ledger.models import Account, Unit
from volunteer.ledger.point_rules import Terms
from volunteer.ledger.queries_rules import rule_now
from volunteer.ledger.rules import merchant as owed_to
from volunteer.ledger.rules import pool_of
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places.models import Site
from volunteer.rewards.merchants.belonging import must_not_be_theirs
from volunteer.rewards.merchants.lifecycle import MerchantStatus
from volunteer.rewards.merchants.models import Merchant
from volunteer.rewards.points.giving import POOL, WISH, given_from
from volunteer.rewards.points.lifecycle import RequestState, WishAction, WishState
from volunteer.rewards.points.models import PointGift, PointRequest, RequestKind, SmallWish

PAGE = 24  # wishes of one page
LONGEST = 180  # days for which points are gathered
NO_NAMES = N_("Please leave out names, phones and identity numbers: everybody reads this.")
WHY = N_("Please say it in a few words.")


@dataclass(frozen=True, kw_only=True)
class WishDraft:
    """A wish as somebody writes it: what is wanted, for how many points, until when."""

    title: str
    title_en: str = ""
    words: str = ""
    points: int
    until: date


def post(session: Session, actor: Actor, site: Site, draft: WishDraft, *, at: datetime) -> SmallWish:
    """Post a wish at a site. Raises Invalid with every complaint."""
    actor.must(Permission.WISHES_KEEP, at=site.path)
    rule, today = rule_now(session, site.path, at), local_date(at, zone_of(session))
    checks = Checks()
    title = checks.text("title", draft.title, 60, missing=WHY)
    title_en, words = checks.text("title_en", draft.title_en, 90), checks.text("words", draft.words, 300)
    for name, text in (("title", title), ("title_en", title_en), ("words", words)):
        if findings(text):
            checks.say(name, NO_NAMES)
    checks.number("points", draft.points, 1, (rule.terms if rule else Terms()).wish_most)
    if not today < draft.until <= today + timedelta(days=LONGEST):
        checks.say("until", N_("Please choose a day within the next half year."))
    checks.done()
    wish = SmallWish(
        site_id=site.id, site_path=site.path, title=title, title_en=title_en, words=words, points=draft.points,
        until=draft.until, posted_by=actor.user_id, posted_at=at,
    )  # fmt: skip
    session.add(wish)
    session.flush()  # its number is its account
    record(session, actor, "wish_posted", f"wish:{wish.id}", at=at, site_path=site.path, points=draft.points)
    return wish


def fulfil(session: Session, actor: Actor, wish_id: int, merchant_id: int | None, note: str, *, at: datetime) -> SmallWish:
    """Say that a full wish has come true: its points go to the merchant that gave the thing, else into the site's pool.

    Somebody else than who posted it says so. Raises Conflict for one's own and before it is full.
    """
    wish = _kept(session, actor, wish_id)
    if wish.state is WishState.FULFILLED and wish.merchant_id == merchant_id:
        return wish
    if same_person(session, actor.user_id, wish.posted_by):
        raise Conflict("needs_second", N_("Somebody else than who posted it says that it came true. Please ask a colleague."))
    words = _said(note)
    if findings(words):
        raise Invalid.field("note", NO_NAMES)
    merchant = session.get(Merchant, merchant_id) if merchant_id is not None else None
    if merchant_id is not None and (merchant is None or merchant not in merchants_for(session, wish)):
        raise Invalid.field("merchant", N_("Please choose one of these."))
    if merchant is not None:
        must_not_be_theirs(session, actor, merchant.id)
    wish.advance(WishAction.FULFIL)
    wish.merchant, wish.note, wish.ended_by, wish.ended_at = merchant, words, actor.user_id, at
    target = owed_to(merchant.id) if merchant else pool_of(wish.site_id)
    points.hold(session, wish.account, target)
    amount = queries.balance(session, wish.account, Unit.POINTS)
    book.move(
        session, Unit.POINTS, amount, source=wish.account, target=target, reason=WISH, key=f"{wish.account}:fulfil", at=at,
        about=wish.account,
    )  # fmt: skip
    record(session, actor, "wish_fulfilled", wish.account, at=at, site_path=wish.site_path, points=amount, merchant=merchant_id)
    for person in {gift.giver_id: gift.giver for gift in _gifts(session, wish)}.values():
        tell(
            session,
            Recipient(person.id, locale=person.locale),
            "wish_fulfilled",
            {"title": wish.title},
            at=at,
            about=wish.account,
        )
    return wish


def cancel(session: Session, actor: Actor, wish_id: int, note: str, *, at: datetime) -> SmallWish:
    """Take a wish back: every giver has their points again, with the old dates; what came from a pool goes back there."""
    wish = _kept(session, actor, wish_id)
    if wish.state is WishState.CANCELLED:
        return wish
    words = _said(note)
    wish.advance(WishAction.CANCEL)
    wish.note, wish.ended_by, wish.ended_at = words, actor.user_id, at
    gifts, spent = _gifts(session, wish), _from_pools(session, wish)
    givers = given_from(session, gifts)
    points.hold(session, wish.account, *givers.values(), *(pool_of(one.site_id) for one in spent))
    for gift in sorted(gifts, key=lambda one: (givers[one.id], one.id)):
        gift.returned_at = at
        book.move(
            session, Unit.POINTS, gift.points, source=wish.account, target=givers[gift.id], reason=ageing.BACK,
            key=f"gift:{gift.uid}:back", at=at, about=wish.account,
        )  # fmt: skip
        to = Recipient(gift.giver_id, locale=gift.giver.locale)
        params = {"title": wish.title, "points": gift.points}
        tell(session, to, "wish_cancelled", params, at=at, about=wish.account)
    for one in spent:
        book.move(
            session, Unit.POINTS, one.points, source=wish.account, target=pool_of(one.site_id), reason=POOL,
            key=f"points-request:{one.id}:back", at=at, about=wish.account,
        )  # fmt: skip
    record(session, actor, "wish_cancelled", wish.account, at=at, site_path=wish.site_path, gifts=len(gifts))
    return wish


def merchants_for(session: Session, wish: SmallWish) -> Sequence[Merchant]:
    """Return the merchants of the wish's county that may have given the thing."""
    there = (Merchant.site_path.startswith(county_of(wish.site_path)), Merchant.status == MerchantStatus.APPROVED)
    return session.scalars(select(Merchant).where(*there).order_by(Merchant.name, Merchant.id).limit(200)).all()


def wishes_at(
    session: Session, paths: Sequence[str], states: Sequence[WishState], page: int = 1, *, full_first: bool = False
) -> tuple[Sequence[SmallWish], bool]:
    """Return a page of the wishes of sites below ``paths``, the one that ends first in front, and whether more follow.

    Those that are over come the other way round: what ended last in front.
    """
    found = select(SmallWish).where(under(paths, SmallWish.site_path), SmallWish.state.in_(states))
    found = found.options(joinedload(SmallWish.site))
    order: tuple[Any, ...] = (SmallWish.until, SmallWish.id)
    if WishState.FULFILLED in states:
        order = (SmallWish.ended_at.desc(), SmallWish.id.desc())
    elif full_first:
        order = ((SmallWish.state != WishState.FULL), *order)
    rows = session.scalars(found.order_by(*order).limit(PAGE + 1).offset((page - 1) * PAGE)).all()
    return rows[:PAGE], len(rows) > PAGE


def gathered(session: Session, wishes: Sequence[SmallWish]) -> dict[int, int]:
    """Return how many points lie on each wish."""
    owners = {wish.account: wish.id for wish in wishes}
    found = select(Account.owner, Account.balance).where(Account.owner.in_(owners), Account.unit == Unit.POINTS)
    balances = dict(session.execute(found).tuples().all())
    return {number: balances.get(owner, 0) for owner, number in owners.items()}


def givers_of(session: Session, wish: SmallWish) -> int:
    """Return how many people gave for a wish."""
    found = select(func.count(PointGift.giver_id.distinct())).where(PointGift.wish_id == wish.id)
    return session.scalar(found.where(PointGift.returned_at.is_(None))) or 0


def wish_of(session: Session, actor: Actor, wish_id: int) -> SmallWish:
    """Return a wish that the actor keeps. Raises NotFound, Forbidden."""
    wish = session.get(SmallWish, wish_id) if 0 < wish_id < 2**31 else None
    if wish is None:
        raise NotFound("wish")
    actor.must(Permission.WISHES_KEEP, at=wish.site_path)
    return wish


def _kept(session: Session, actor: Actor, wish_id: int) -> SmallWish:
    wish = lock(session, SmallWish, wish_id)
    actor.must(Permission.WISHES_KEEP, at=wish.site_path)
    return wish


def _gifts(session: Session, wish: SmallWish) -> Sequence[PointGift]:
    found = select(PointGift).where(PointGift.wish_id == wish.id, PointGift.returned_at.is_(None))
    return session.scalars(found.order_by(PointGift.id)).all()


def _from_pools(session: Session, wish: SmallWish) -> Sequence[PointRequest]:
    done = (PointRequest.kind == RequestKind.POOL, PointRequest.state == RequestState.DONE)
    return session.scalars(select(PointRequest).where(PointRequest.wish_id == wish.id, *done).order_by(PointRequest.id)).all()


def _said(note: str) -> str:
    words = " ".join(note.split())
    if not 2 <= len(words) <= 200:
        raise Invalid.field("note", WHY)
    return words
