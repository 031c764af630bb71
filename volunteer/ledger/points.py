"""积分 follow minutes: earned when minutes are booked, undone when they are taken back, by the rule of the day of service.

A key made from the minutes' own transfer makes every act once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from volunteer.accounts.queries import all_selves
from volunteer.kernel.clock import local_date, month_after, start_of_day, zone_of
from volunteer.kernel.db import load
from volunteer.kernel.errors import Conflict
from volunteer.ledger import book, queries
from volunteer.ledger.models import Account, Transfer, Unit
from volunteer.ledger.models_points import PointClaim
from volunteer.ledger.point_rules import SoFar, bonus_for, capped, points_for
from volunteer.ledger.queries_rules import Held, rule_at
from volunteer.ledger.rules import counts, issued_by, person, person_of, site_of
from volunteer.places.models import Holiday, Site
from volunteer.places.policies import evidence_at

SERVICE, RATING, TAKEN_BACK = "points_service", "points_rating", "points_undone"
EARNED = (SERVICE, RATING)
AGAIN = aliased(Transfer)
UNDONE = select(AGAIN.id).where(AGAIN.reverses_id == Transfer.id).exists()
BY_KEY = select(Transfer).where(Transfer.key == bindparam("key"))
GIVEN = (  # asked for every booking, so put together once
    select(Transfer.about, Transfer.day, func.sum(Transfer.amount))
    .join(Account, Account.id == Transfer.target_id)
    .where(Account.owner.in_(bindparam("owners", expanding=True)), Account.unit == Unit.POINTS)
    .where(Transfer.reason.in_(EARNED), ~UNDONE)
    .where(
        or_(
            Transfer.about == bindparam("about"),
            and_(Transfer.day >= bindparam("first"), Transfer.day < bindparam("following")),
        )
    )
    .group_by(Transfer.about, Transfer.day)
)


def earn(session: Session, minutes: Transfer, *, kind: str, at: datetime) -> Transfer | None:
    """Give the points of minutes that were just booked; ``kind`` is the class of the service. None: they bring none.

    Only evidence that the centre counts brings points. Doing it twice gives them once.
    """
    key = f"points:{minutes.id}"
    if (made := _made(session, key)) is not None:
        return made
    site = load(session, Site, site_of(minutes.source.owner))
    day = minutes.day or local_date(minutes.at, zone_of(session))
    rule = rule_at(session, site.path, day)
    if rule is None or minutes.unit is not Unit.MINUTES or not _counts(session, minutes, site.path, day):
        return None
    off = rule.terms.holiday != 1000 and is_day_off(session, site.path, day)
    points = points_for(minutes.amount, kind, minutes.grade, off, rule.terms)
    return _give(session, minutes, points, rule, SERVICE, key, day, at)


def praise(session: Session, keys: Iterable[str], stars: int, *, at: datetime) -> list[Transfer]:
    """Give the bonus of a rating that shows to whoever served: ``keys`` are of their minutes. Once for each."""
    found = select(Transfer).where(Transfer.key.in_(list(keys)), Transfer.unit == Unit.MINUTES, ~UNDONE)
    given: list[Transfer] = []
    for minutes in sorted(session.scalars(found), key=lambda one: one.target.owner):
        key = f"points:{minutes.id}:rating"
        site = load(session, Site, site_of(minutes.source.owner))
        day = minutes.day or local_date(minutes.at, zone_of(session))
        rule = rule_at(session, site.path, day)
        if rule is None or _made(session, key) is not None or not _counts(session, minutes, site.path, day):
            continue
        if made := _give(session, minutes, bonus_for(stars, rule.terms), rule, RATING, key, day, at):
            given.append(made)
    return given


def undo(session: Session, minutes: Transfer, *, note: str, at: datetime) -> list[PointClaim]:
    """Take the points of minutes back that were taken back. Return what could not be: it was spent already.

    Nothing goes below zero: what is left is taken, the rest becomes a claim, about which a person decides.
    """
    claims = []
    for key in (f"points:{minutes.id}", f"points:{minutes.id}:rating"):
        made = _made(session, key)
        if made is not None and session.scalar(select(Transfer.id).where(Transfer.reverses_id == made.id)) is None:
            claims.append(_take_back(session, made, note, at))
    return [claim for claim in claims if claim is not None]


def fetch(session: Session, minutes: Transfer, holder: str, *, at: datetime) -> None:
    """Bring the points of minutes back to the account that earned them, from the one that took it over: as many as are left."""
    for key in (f"points:{minutes.id}", f"points:{minutes.id}:rating"):
        made = _made(session, key)
        if made is None or made.target.owner == holder:
            continue
        hold(session, holder, made.target.owner)
        missing = made.amount - queries.balance(session, made.target.owner, Unit.POINTS)
        points = min(missing, queries.balance(session, holder, Unit.POINTS))
        if points > 0:
            book.move(
                session, Unit.POINTS, points, source=holder, target=made.target.owner, reason="unmerge",
                key=f"unmerge:{made.id}", at=at, about=made.about, day=made.day, policy_version=made.policy_version,
            )  # fmt: skip


def take_owed(session: Session, claim: PointClaim, *, at: datetime) -> int:
    """Take what is there of what a claim still misses, and return how much. The claim misses so much less."""
    issued, owner = claim.transfer.source.owner, person(claim.person_id)
    hold(session, issued, owner)
    points = min(queries.balance(session, owner, Unit.POINTS), claim.points)
    if points:
        book.move(
            session, Unit.POINTS, points, source=owner, target=issued, reason=TAKEN_BACK,
            key=f"claim:{claim.id}:{claim.points}", at=at, about=claim.transfer.about,
            policy_version=claim.transfer.policy_version,
        )  # fmt: skip
        claim.points -= points
    return points


def hold(session: Session, *owners: str) -> None:
    """Keep others from moving these accounts' points until the transaction ends, in the book's own order."""
    if session.get_bind().dialect.name == "sqlite":
        return  # whoever writes is alone there
    for owner in sorted(owners, key=lambda one: (not one.endswith("-issued"), one)):
        mine = (Account.owner == owner, Account.unit == Unit.POINTS)
        session.execute(select(Account.id).where(*mine).with_for_update()).all()


def is_day_off(session: Session, site_path: str, day: date) -> bool:
    """Return whether a day stands as a day off in the centre's list of holidays. A plain weekend is none."""
    centre = int(site_path.strip("/").split("/")[0])
    return session.scalar(select(Holiday.works).where(Holiday.site_id == centre, Holiday.day == day)) is False


def _give(
    session: Session, minutes: Transfer, points: int, rule: Held, reason: str, key: str, day: date, at: datetime
) -> Transfer | None:
    target = minutes.target.owner
    person_id, site_id = person_of(target), site_of(minutes.source.owner)
    if points <= 0 or person_id is None or site_id is None:
        return None
    source = issued_by(site_id, Unit.POINTS)
    if rule.terms.per_activity or rule.terms.per_day or rule.terms.per_month:
        hold(session, source, target)  # of two acts at once the second counts the first one's points
        points = capped(points, so_far(session, target, minutes.about, day), rule.terms)
    if not points:
        return None
    return book.move(
        session, Unit.POINTS, points, source=source, target=target, reason=reason, key=key, at=at, about=minutes.about,
        day=day, grade=minutes.grade, policy_version=rule.called,
    )  # fmt: skip


def so_far(session: Session, owner: str, about: str, day: date) -> SoFar:
    """Return what ``owner`` has earned for ``about``, on ``day`` and in its month, less what was taken back whole.

    What every entry of the one person earned counts, also those that were merged: a cap is one person's.
    """
    person_id = person_of(owner)
    owners = [person(one) for one in all_selves(session, person_id)] if person_id is not None else [owner]
    first = day.replace(day=1)
    following = month_after(first)
    asked = {"owners": owners, "about": about, "first": first, "following": following}
    rows = session.execute(GIVEN, asked).tuples().all()
    return SoFar(
        sum(points for what, _, points in rows if about and what == about),
        sum(points for _, on, points in rows if on == day),
        sum(points for _, on, points in rows if on is not None and first <= on < following),
    )


def _take_back(session: Session, made: Transfer, note: str, at: datetime) -> PointClaim | None:
    issued, owner = made.source.owner, made.target.owner
    hold(session, issued, owner)
    if session.scalar(select(PointClaim.id).where(PointClaim.transfer_id == made.id)) is not None:
        return None  # taken back before, as far as there was any: the claim stands for the rest
    left = queries.balance(session, owner, Unit.POINTS)
    if left >= made.amount:
        book.reverse(session, made, note=note, at=at)
        return None
    if left:
        book.move(
            session, Unit.POINTS, left, source=owner, target=issued, reason=TAKEN_BACK, key=f"points-undone:{made.id}",
            at=at, about=made.about, day=made.day, grade=made.grade, policy_version=made.policy_version, note=note.strip()[:200],
        )  # fmt: skip
    person_id, site = person_of(owner), load(session, Site, site_of(issued))
    if person_id is None:
        raise Conflict("not_a_person", "Only people owe points.", owner=owner)
    claim = PointClaim(person_id=person_id, site_id=site.id, site_path=site.path, points=made.amount - left, at=at)
    claim.transfer = made
    session.add(claim)
    return claim


def _counts(session: Session, minutes: Transfer, site_path: str, day: date) -> bool:
    terms = evidence_at(session, site_path, start_of_day(day, zone_of(session)) + timedelta(hours=12))
    return counts(minutes.grade, terms.points)


def _made(session: Session, key: str) -> Transfer | None:
    return session.scalar(BY_KEY, {"key": key})
