"""Points moved by staff: a correction always takes two people, a pool's gift to a wish above a limit. And open claims."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.granting import held
from volunteer.accounts.humans import same_person
from volunteer.accounts.models import Person
from volunteer.audit.recording import record
from volunteer.kernel.checks import reason_of
from volunteer.kernel.db import load, lock, under
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.ledger import book, points, queries, queries_rules
from volunteer.ledger.lifecycle import ClaimAction, ClaimState
from volunteer.ledger.models import Unit
from volunteer.ledger.models_points import PointClaim
from volunteer.ledger.point_rules import Terms
from volunteer.ledger.rules import issued_by, pool_of
from volunteer.ledger.rules import person as account_of
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places.models import Site
from volunteer.rewards.points.giving import POOL
from volunteer.rewards.points.homes import OWNERS, tell_staff
from volunteer.rewards.points.lifecycle import REQUESTS, RequestAction, RequestState, WishAction, WishState
from volunteer.rewards.points.models import PointRequest, RequestKind, SmallWish

BY_HAND = "points_by_hand"
MOST = 10_000  # of one correction
OWN = N_("Nobody changes their own points. Please ask a colleague.")


def ask_correction(
    session: Session, actor: Actor, site_id: int, person_id: int, amount: int, reason: str, *, at: datetime
) -> PointRequest:
    """Ask for somebody's points to be corrected; below zero they are taken. A second person decides.

    Raises Invalid, NotFound for somebody of another place, Conflict for oneself.
    """
    site, person = load(session, Site, site_id), load(session, Person, person_id)
    actor.must(Permission.POINTS_MANAGE, at=site.path)
    if not any(grant.role in OWNERS and grant.site.path.startswith(site.path) for grant in held(session, person.id, at)):
        raise NotFound("person")
    if same_person(session, actor.user_id, person.id):
        raise Conflict("own_points", OWN)
    if type(amount) is not int or not 1 <= abs(amount) <= MOST:
        raise Invalid.field("points", N_("Please write a whole number, below zero to take points, at most 10,000."))
    return _ask(session, actor, RequestKind.CORRECTION, site, amount, reason, at, person=person)


def ask_pool(
    session: Session, actor: Actor, site_id: int, wish_id: int, amount: int, reason: str, *, at: datetime
) -> PointRequest:
    """Give points of a site's pool to a wish at or below it: at once up to the rule's limit, above it by two people."""
    site, wish = load(session, Site, site_id), load(session, SmallWish, wish_id)
    actor.must(Permission.POINTS_MANAGE, at=site.path)
    if not wish.site_path.startswith(site.path):
        raise NotFound("wish")
    if type(amount) is not int or amount < 1:
        raise Invalid.field("points", N_("The amount must be a whole number above zero."))
    rule = queries_rules.rule_now(session, site.path, at)
    request = _ask(session, actor, RequestKind.POOL, site, amount, reason, at, wish=wish)
    if amount <= (rule.terms if rule else Terms()).alone:
        request.alone = True
        _do(session, actor, request, at)
    return request


def decide(session: Session, actor: Actor, request_id: int, yes: bool, answer: str, *, at: datetime) -> PointRequest:
    """Say yes or no to what a colleague asked for. The same answer again changes nothing.

    Raises Conflict for one's own request, one's own points and for points that are not there (any more).
    """
    request = lock(session, PointRequest, request_id)
    actor.must(Permission.POINTS_APPROVE, at=request.site_path)
    wanted = RequestState.DONE if yes else RequestState.REFUSED
    if request.state is wanted and request.decided_by == actor.user_id:
        return request
    REQUESTS.next(request.state, RequestAction.DO if yes else RequestAction.REFUSE)
    if same_person(session, actor.user_id, request.asked_by):
        raise Conflict("needs_second", N_("You asked for this yourself. Somebody else has to decide."))
    if same_person(session, actor.user_id, request.person_id):
        raise Conflict("own_points", OWN)
    if yes:
        _do(session, actor, request, at)
        return request
    request.answer = reason_of(answer, "answer")
    _decided(session, actor, request, RequestAction.REFUSE, at)
    if request.asked_by is not None:
        asker = load(session, Person, request.asked_by)
        tell(session, Recipient(asker.id, locale=asker.locale), "points_request_refused", {"reason": request.answer}, at=at)
    return request


def settle_claim(session: Session, actor: Actor, claim_id: int, waive: bool, note: str, *, at: datetime) -> PointClaim:
    """Take what is there now of points that were spent before their minutes were taken back, or let the rest go."""
    claim = lock(session, PointClaim, claim_id)
    actor.must(Permission.POINTS_MANAGE, at=claim.site_path)
    if same_person(session, actor.user_id, claim.person_id):
        raise Conflict("own_points", OWN)
    if claim.state is not ClaimState.OPEN:
        return claim
    if waive:
        claim.note = reason_of(note)
        claim.advance(ClaimAction.WAIVE)
        record(session, actor, "points_claim_waived", f"claim:{claim.id}", at=at, site_path=claim.site_path, points=claim.points)
    else:
        taken = points.take_owed(session, claim, at=at)
        if not taken:
            raise Conflict("balance_too_low", N_("There are no points to take now. Please look again later."))
        if not claim.points:
            claim.advance(ClaimAction.SETTLE)
        record(session, actor, "points_claim_taken", f"claim:{claim.id}", at=at, site_path=claim.site_path, points=taken)
    claim.decided_by, claim.decided_at = actor.user_id, at
    return claim


def waiting(session: Session, paths: Sequence[str]) -> Sequence[PointRequest]:
    """Return what waits for a decision below ``paths``, the oldest first."""
    found = select(PointRequest).where(under(paths, PointRequest.site_path), PointRequest.state == RequestState.ASKED)
    return session.scalars(found.order_by(PointRequest.id).limit(100)).all()


def decided(session: Session, paths: Sequence[str]) -> Sequence[PointRequest]:
    """Return what was decided lately."""
    found = select(PointRequest).where(under(paths, PointRequest.site_path), PointRequest.state != RequestState.ASKED)
    return session.scalars(found.order_by(PointRequest.decided_at.desc(), PointRequest.id.desc()).limit(30)).all()


def claims(session: Session, paths: Sequence[str]) -> Sequence[PointClaim]:
    """Return the open claims below ``paths``, the oldest first."""
    found = select(PointClaim).where(under(paths, PointClaim.site_path), PointClaim.state == ClaimState.OPEN)
    return session.scalars(found.order_by(PointClaim.id).limit(100)).all()


def _ask(
    session: Session, actor: Actor, kind: RequestKind, site: Site, amount: int, reason: str, at: datetime,
    *, person: Person | None = None, wish: SmallWish | None = None,
) -> PointRequest:  # fmt: skip
    request = PointRequest(
        kind=kind, site=site, site_path=site.path, person=person, wish=wish, points=amount, reason=reason_of(reason),
        asked_by=actor.user_id, asked_at=at, state=RequestState.ASKED, alone=False,
    )  # fmt: skip
    session.add(request)
    session.flush()  # its number is the key of what is moved
    subject = f"points-request:{request.id}"
    record(session, actor, "points_requested", subject, at=at, site_path=site.path, kind=kind.value, points=amount)
    tell_staff(session, site.path, Permission.POINTS_APPROVE, "points_request", at=at, but=(actor.user_id, request.person_id))
    return request


def _do(session: Session, actor: Actor, request: PointRequest, at: datetime) -> None:
    """Move the points and write down who agreed."""
    amount, key = abs(request.points), f"points-request:{request.id}"
    if request.person_id is not None and request.person is not None:
        issued, owner = issued_by(request.site_id, Unit.POINTS), account_of(request.person_id)
        points.hold(session, issued, owner)
        source, target = (issued, owner) if request.points > 0 else (owner, issued)
        if request.points < 0:  # an issuing account has no floor
            _enough(session, source, amount)
        rule = queries_rules.rule_now(session, request.site_path, at)
        book.move(
            session, Unit.POINTS, amount, source=source, target=target, reason=BY_HAND, key=key, at=at, about=key,
            policy_version=rule.called if rule else "", note=request.reason,
        )  # fmt: skip
        told = Recipient(request.person.id, locale=request.person.locale)
        params = {"points": f"{request.points:+d}", "reason": request.reason}
        tell(session, told, "points_corrected", params, at=at, about=key)
    elif request.wish_id is not None:
        wish = lock(session, SmallWish, request.wish_id)
        if wish.state is not WishState.OPEN:
            raise Conflict("wish_closed", N_("Points are no longer gathered for this wish. Thank you all the same."))
        pool = pool_of(request.site_id)
        points.hold(session, pool, wish.account)
        left = wish.points - queries.balance(session, wish.account, Unit.POINTS)
        if amount > left:
            raise Invalid.field("points", N_("This wish needs only %(left)s more."), left=left)
        _enough(session, pool, amount)
        book.move(session, Unit.POINTS, amount, source=pool, target=wish.account, reason=POOL, key=key, at=at, about=wish.account)
        if amount == left:
            wish.advance(WishAction.FILL)
    _decided(session, actor, request, RequestAction.DO, at)


def _decided(session: Session, actor: Actor, request: PointRequest, action: RequestAction, at: datetime) -> None:
    request.advance(action)
    request.decided_by, request.decided_at = actor.user_id, at
    subject = f"points-request:{request.id}"
    record(session, actor, "points_request_decided", subject, at=at, site_path=request.site_path, state=request.state.value)


def _enough(session: Session, owner: str, amount: int) -> None:
    if queries.balance(session, owner, Unit.POINTS) < amount:
        raise Conflict("balance_too_low", N_("There are not so many points in this account."))
