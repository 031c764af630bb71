"""How old somebody's points are: lots from the transfers, kept beside them each night, ended when they run out.

The kept lots only say where to look and what to add up; whatever is moved is worked out from the transfers, held.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Integer, and_, case, cast, delete, func, or_, select
from sqlalchemy.orm import Session, aliased

from volunteer.accounts.models import Person
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import insert_into
from volunteer.ledger import book, points, queries_rules
from volunteer.ledger.lots import Lot, Step, by_day, lots, take
from volunteer.ledger.models import Account, Transfer, Unit
from volunteer.ledger.models_points import PointCount, PointLot, PointWarning
from volunteer.ledger.point_rules import Terms, rule_of, runs_out
from volunteer.ledger.rules import expired_at, person, site_of
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places.models import Site

EXPIRY = "points_expiry"
BACK = "points_back"  # sent back by whoever received them, or with a wish that was taken back
RETURNS = frozenset({"reversal", "let_go", "refund", "exchange_back", BACK})
CARRIED = frozenset({"points_gift", "merge", "unmerge"})  # ``day`` of these is the day from which the points' age counts
HOLDS = ("redemption:", "exchange:", "wish:")
COUNTED, ENDED, WARNED = 200, 50, 200  # people in one batch


def steps_of(session: Session, owners: Sequence[str]) -> dict[str, list[Step]]:
    """Return what happened to the points of ``owners``, in its order."""
    mine = select(Account.id, Account.owner).where(Account.owner.in_(owners), Account.unit == Unit.POINTS)
    accounts: dict[int, str] = dict(session.execute(mine).tuples().all())
    source, target = aliased(Account), aliased(Account)
    moved = (
        select(
            Transfer.source_id, Transfer.target_id, Transfer.amount, Transfer.reason, Transfer.about, Transfer.day, Transfer.at,
            Transfer.policy_version, source.owner, target.owner,
        )
        .join(source, source.id == Transfer.source_id)
        .join(target, target.id == Transfer.target_id)
        .where(or_(Transfer.source_id.in_(accounts), Transfer.target_id.in_(accounts)))
        .order_by(Transfer.id)
    )  # fmt: skip
    rules, zone = queries_rules.published(session), zone_of(session)
    found: dict[str, list[Step]] = {owner: [] for owner in accounts.values()}
    for source_id, target_id, amount, reason, about, day, at, version, giver, taker in session.execute(moved):
        if source_id in accounts:
            found[giver].append(Step(-amount, taker if taker.startswith(HOLDS) else about))
        if target_id in accounts:
            born = day if reason in CARRIED and day is not None else local_date(at, zone)
            rule = rules.get(rule_of(version) or 0)
            site = site_of(giver) if giver.endswith("-issued") else rule.site_id if rule else None
            ends = runs_out(born, rule.terms.months) if rule else None
            tag = giver if giver.startswith(HOLDS) else about
            found[taker].append(Step(amount, tag, reason in RETURNS, born, ends, site, version))
    return found


def lots_of(session: Session, owner: str) -> list[Lot]:
    """Return the lots of an account, what runs out first in front."""
    return lots(steps_of(session, [owner]).get(owner, []))


def pieces(session: Session, owner: str, amount: int) -> list[Lot]:
    """Return which lots ``amount`` would be taken from, put together by their last day and rule: for carrying their dates.

    Less when there is less. Hold the account first (``points.hold``).
    """
    taken, _ = take(lots_of(session, owner), amount)
    sums: dict[tuple[date | None, str], list[Lot]] = {}
    for lot in taken:
        sums.setdefault((lot.runs_out, lot.version), []).append(lot)
    return [next(iter(by_day(Lot(one.points, "", one.born, last, None, version) for one in same).values()))
            for (last, version), same in sums.items()]  # fmt: skip


def count(session: Session, at: datetime) -> int:
    """Keep the lots of the next people whose lots were not counted today. Returns how many."""
    today = local_date(at, zone_of(session))
    number = case((Account.owner.like("person:%"), cast(func.substr(Account.owner, 8), Integer)), else_=None)
    due = (
        select(Account.owner, Person.id)
        .join(Person, Person.id == number)
        .outerjoin(PointCount, PointCount.person_id == Person.id)
        .where(Account.unit == Unit.POINTS, or_(PointCount.person_id.is_(None), PointCount.counted_on < today))
        .order_by(Account.id)
        .limit(COUNTED)
    )
    people: dict[str, int] = dict(session.execute(due).tuples().all())
    keep(session, people, at)
    return len(people)


def keep(session: Session, people: dict[str, int], at: datetime) -> None:
    """Write the lots of ``people`` (by the owner's name) as they are now."""
    if not people:
        return
    steps = steps_of(session, list(people))
    session.execute(delete(PointLot).where(PointLot.person_id.in_(people.values())))
    today = local_date(at, zone_of(session))
    for owner, person_id in people.items():
        for lot in by_day(lots(steps.get(owner, []))).values():
            session.add(PointLot(person_id=person_id, site_id=lot.site, born=lot.born, runs_out=lot.runs_out, points=lot.points))
        values = {"counted_on": today, "counted_at": at}
        counted = insert_into(session, PointCount).values(person_id=person_id, **values)
        session.execute(counted.on_conflict_do_update(index_elements=["person_id"], set_=values))


def expire(session: Session, at: datetime) -> int:
    """End points of the next people whose last day is over; what is held for a gift waits. Returns how many people."""
    today = local_date(at, zone_of(session))
    due = select(PointLot.person_id).where(PointLot.runs_out < today).distinct().limit(ENDED)
    people = {person(number): number for number in session.scalars(due)}
    for owner in sorted(people):
        points.hold(session, owner)
        over: dict[tuple[int | None, str], list[Lot]] = {}
        for lot in lots_of(session, owner):
            if lot.runs_out is not None and lot.runs_out < today:
                over.setdefault((lot.site, f"{lot.runs_out:%Y-%m}"), []).append(lot)
        last = _latest(session, owner)
        for (site_id, month), ended in sorted(over.items(), key=lambda one: (one[0][1], one[0][0] or 0)):
            if site_id is not None:
                book.move(
                    session, Unit.POINTS, sum(lot.points for lot in ended), source=owner, target=expired_at(site_id),
                    reason=EXPIRY, key=f"expire:{month}:{owner}:{site_id}:{last}", at=at, about=f"month:{month}",
                    day=ended[0].runs_out, policy_version=ended[0].version,
                )  # fmt: skip
        if over:
            total = sum(lot.points for ended in over.values() for lot in ended)
            _tell(session, people[owner], "points_ran_out", {"points": total}, at)
    keep(session, people, at)
    return len(people)


def warn(session: Session, at: datetime) -> int:
    """Tell the next people that points of theirs run out soon: so many days before as the rules say, each time once."""
    today = local_date(at, zone_of(session))
    coming = (
        select(PointLot.runs_out, PointLot.site_id)
        .where(PointLot.runs_out >= today, PointLot.runs_out <= today + timedelta(days=366))
        .distinct()
        .order_by(PointLot.runs_out)
    )
    for last, site_id in session.execute(coming).all():
        site = session.get(Site, site_id) if site_id is not None else None
        rule = queries_rules.rule_at(session, site.path, today) if site else None
        due = [days for days in (rule.terms if rule else Terms()).warn_days if today >= last - timedelta(days=days)]
        if due and (told := _warn_of(session, last, site_id, min(due), at)):
            return told
    return 0


def _warn_of(session: Session, last: date, site_id: int | None, days: int, at: datetime) -> int:
    told = and_(PointWarning.person_id == PointLot.person_id, PointWarning.runs_out == last, PointWarning.days <= days)
    found = (
        select(PointLot.person_id, func.sum(PointLot.points))
        .where(PointLot.runs_out == last, PointLot.site_id == site_id, ~select(PointWarning.days).where(told).exists())
        .group_by(PointLot.person_id)
        .order_by(PointLot.person_id)
        .limit(WARNED)
    )
    rows = session.execute(found).tuples().all()
    for person_id, amount in rows:
        session.add(PointWarning(person_id=person_id, runs_out=last, days=days, points=amount, at=at))
        _tell(session, person_id, "points_run_out", {"points": amount, "day": last.isoformat()}, at)
    return len(rows)


def held_by(session: Session, owner: str) -> int:
    """Return how many of somebody's points wait in reservations and exchanges: no longer theirs, not yet anybody else's."""
    source, target = aliased(Account), aliased(Account)
    waits = or_(*(target.owner.startswith(prefix) for prefix in HOLDS[:2]))
    found = (
        select(func.sum(Transfer.amount))
        .join(source, source.id == Transfer.source_id)
        .join(target, target.id == Transfer.target_id)
        .where(source.owner == owner, source.unit == Unit.POINTS, waits, target.balance > 0)
    )
    return session.scalar(found) or 0


def _latest(session: Session, owner: str) -> int:
    mine: Iterable[int] = session.scalars(select(Account.id).where(Account.owner == owner, Account.unit == Unit.POINTS)).all()
    found = select(func.max(Transfer.id)).where(or_(Transfer.source_id.in_(mine), Transfer.target_id.in_(mine)))
    return session.scalar(found) or 0


def _tell(session: Session, person_id: int, template: str, params: dict[str, object], at: datetime) -> None:
    holder = session.get_one(Person, person_id)
    tell(session, Recipient(person_id, locale=holder.locale), template, params, at=at)
