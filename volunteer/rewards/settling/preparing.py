"""A statement is made from the books alone: every entry of the merchant's account that no statement counts yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from volunteer.access import SYSTEM, Actor, Permission
from volunteer.accounts.humans import same_person
from volunteer.audit.recording import record
from volunteer.kernel.checks import Checks
from volunteer.kernel.clock import local_date, month_after, start_of_day, zone_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.ledger.models import Account, Transfer, Unit
from volunteer.ledger.rules import held_for
from volunteer.ledger.rules import merchant as owed_to
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places.models import Site
from volunteer.rewards.merchants.belonging import must_not_be_theirs, staff_of
from volunteer.rewards.merchants.models import Gift, Merchant, Redemption
from volunteer.rewards.settling.models import PointWorth, Statement, StatementLine
from volunteer.rewards.settling.rules import LARGEST, Line, Worth, digest, total

P = Permission.SETTLEMENTS_HANDLE
SETTLE = "settle"
PIECE = 500  # reservations in one question


def prepare(session: Session, actor: Actor, merchant_id: int, month: date, *, at: datetime) -> Statement:
    """Make the statement of a month that is over. The same month again returns the one that stands.

    Raises NotFound or Forbidden for another place's merchant, Invalid for a month that is not over, Conflict while no worth is
    agreed and when nothing is owed: then what is open waits for the next month.
    """
    there = lock(session, Merchant, merchant_id)  # two who prepare at once wait here
    actor.must(P, at=there.site_path)
    must_not_be_theirs(session, actor, there.id)
    month = month.replace(day=1)
    if month_after(month) > local_date(at, zone_of(session)):
        raise Invalid.field("month", N_("This month is not over yet."))
    stands = f"{there.id}:{month:%Y-%m}"
    found = session.scalars(select(Statement).where(Statement.stands == stands)).one_or_none()
    if found is not None:
        return found
    worth = worth_at(session, there.site_path, month_after(month))
    if worth is None:
        raise Conflict("no_worth", N_("What a point is worth has not been agreed yet."))
    entries = open_entries(session, there.id, start_of_day(month_after(month), zone_of(session)))
    lines = [Line(one.id, points) for one, points in entries]
    if total(lines) <= 0:
        raise Conflict("nothing_owed", N_("Nothing is owed for this month. What is open waits for the next one."))

    owed, points = Worth(worth.points, worth.fen), total(lines)
    made = Statement(
        merchant_id=there.id, site_path=there.site_path, month=month, stands=stands, points=points, fen=owed.of(points),
        worth_points=owed.points, worth_fen=owed.fen, digest=digest(there.id, month, owed, lines),
        made_by=actor.user_id, made_at=at,
    )  # fmt: skip
    session.add(made)
    gifts = _gifts(session, [one for one, _ in entries])
    made.lines = [_line(one, points, gifts.get(one.about)) for one, points in entries]
    session.flush()  # the log names it
    record(session, actor, "statement_made", f"statement:{made.id}", at=at, site_path=there.site_path, month=f"{month:%Y-%m}")
    tell_merchant(session, made, "statement_ready", at)
    return made


def open_entries(session: Session, merchant_id: int, before: datetime) -> list[tuple[Transfer, int]]:
    """Return the entries up to ``before`` that no statement counts, and what was taken back of them since, with their sign."""
    account = select(Account.id).where(Account.owner == owed_to(merchant_id), Account.unit == Unit.POINTS).scalar_subquery()
    mine = or_(Transfer.target_id == account, Transfer.source_id == account)
    number = session.scalar(select(account))
    found = session.scalars(select(Transfer).where(mine, *_waits(before)).order_by(Transfer.id))
    return [(one, one.amount if one.target_id == number else -one.amount) for one in found]


def open_points(session: Session, merchant_ids: Sequence[int], before: datetime) -> dict[int, int]:
    """Return the sum of the same of many merchants at once."""
    owners = {owed_to(number): number for number in merchant_ids}
    accounts = select(Account.id, Account.owner).where(Account.owner.in_(owners), Account.unit == Unit.POINTS).subquery()
    came = case((Transfer.target_id == accounts.c.id, Transfer.amount), else_=-Transfer.amount)
    mine = or_(Transfer.target_id == accounts.c.id, Transfer.source_id == accounts.c.id)
    found = select(accounts.c.owner, func.sum(came)).join(Transfer, mine).where(*_waits(before)).group_by(accounts.c.owner)
    return {owners[owner]: int(points) for owner, points in session.execute(found).tuples()}


def _waits(before: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of being an entry of a shop that no statement counts yet."""
    counted = select(StatementLine.counted).where(StatementLine.counted == Transfer.id).exists()
    undone = aliased(Transfer)
    early = select(undone.id).where(undone.id == Transfer.reverses_id, undone.at < before).exists()
    return Transfer.reason != SETTLE, ~counted, or_(Transfer.at < before, early)


def due_merchants(session: Session, month: date) -> Sequence[int]:
    """Return merchants with something on their account and no statement of ``month`` yet."""
    stands = select(Statement.merchant_id).where(Statement.month == month, Statement.stands.is_not(None))
    owner = Account.owner == "merchant:" + Merchant.id.cast(Account.owner.type)
    found = select(Merchant.id).join(Account, owner).where(Account.unit == Unit.POINTS, Account.balance > 0)
    return session.scalars(found.where(Merchant.id.not_in(stands)).order_by(Merchant.id)).all()


def prepare_by_itself(session: Session, merchant_id: int, month: date, *, at: datetime) -> Statement | None:
    """Prepare a statement for the job; None where there is nothing to settle yet."""
    try:
        return prepare(session, SYSTEM, merchant_id, month, at=at)
    except Conflict:
        return None


def worth_at(session: Session, path: str, day: date) -> PointWorth | None:
    """Return what a point is worth before ``day``: of the nearest site above that says so, its latest that began before."""
    found = (
        select(PointWorth, Site.path)
        .join(Site, Site.id == PointWorth.site_id)
        .where(PointWorth.agreed_at.is_not(None), PointWorth.valid_from < day)
        .order_by(PointWorth.valid_from.desc(), PointWorth.id.desc())
    )
    best: tuple[int, PointWorth] | None = None
    for worth, above in session.execute(found):
        if path.startswith(above) and (best is None or len(above) > best[0]):
            best = (len(above), worth)
    return best[1] if best else None


def propose_worth(
    session: Session, actor: Actor, site_id: int, points: int, fen: int, first: date, *, at: datetime
) -> PointWorth:
    """Propose what a point is worth, from a day on. Nothing holds before a second person has agreed."""
    site = load(session, Site, site_id)
    actor.must(P, at=site.path)
    checks = Checks()
    checks.number("points", points, 1, LARGEST)
    checks.number("fen", fen, 1, LARGEST)
    if first < local_date(at, zone_of(session)).replace(day=1):
        checks.say("first", N_("This begins in the month that runs, or later."))
    checks.done()
    lock(session, Site, site_id)
    waiting = select(PointWorth).where(
        PointWorth.site_id == site_id, PointWorth.agreed_at.is_(None), PointWorth.refused_at.is_(None)
    )
    for one in session.scalars(waiting):
        if (one.asked_by, one.points, one.fen, one.valid_from) == (actor.user_id, points, fen, first):
            return one  # a second tap
        raise Conflict("proposal_waits", N_("Something of this kind is proposed already. Please decide about that first."))
    worth = PointWorth(site_id=site.id, points=points, fen=fen, valid_from=first, asked_by=actor.user_id, asked_at=at)
    session.add(worth)
    session.flush()  # the log names it
    record(session, actor, "worth_proposed", f"site:{site.id}", at=at, site_path=site.path, points=points, fen=fen)
    return worth


def decide_worth(session: Session, actor: Actor, worth_id: int, agreed: bool, *, at: datetime) -> PointWorth:
    """Agree to what a colleague proposed, or not. Raises Conflict for one's own, and when it was decided."""
    worth = load(session, PointWorth, worth_id)
    actor.must(P, at=worth.site.path)
    worth = lock(session, PointWorth, worth_id)
    if worth.agreed_at is not None or worth.refused_at is not None:
        raise Conflict("decided", N_("Somebody has decided about this already."))
    if agreed and same_person(session, actor.user_id, worth.asked_by):
        raise Conflict("second_person", N_("A second person must agree: nobody agrees to their own proposal."))
    if agreed:
        worth.agreed_by, worth.agreed_at = actor.user_id, at
    else:
        worth.refused_at = at
    record(session, actor, "worth_decided", f"site:{worth.site_id}", at=at, site_path=worth.site.path, agreed=agreed)
    return worth


def tell_merchant(session: Session, statement: Statement, template: str, at: datetime) -> None:
    """Tell everybody at the till."""
    params = {"month": f"{statement.month:%Y-%m}", "points": statement.points}
    for person_id in sorted(staff_of(session, statement.merchant_id, ever=False)):
        tell(session, Recipient(person_id), template, params, at=at, about=f"statement:{statement.id}")


def _gifts(session: Session, entries: Sequence[Transfer]) -> dict[str, Gift]:
    """Return which gift each reservation of these entries was for, by the reservation's name in the books."""
    found: dict[str, Gift] = {}
    names = [one.about.partition(":") for one in entries]
    numbers = sorted({int(number) for kind, _, number in names if kind == "redemption" and number.isdecimal()})
    for start in range(0, len(numbers), PIECE):
        some = Redemption.id.in_(numbers[start : start + PIECE])
        rows = session.execute(select(Redemption.id, Gift).join(Gift, Gift.id == Redemption.gift_id).where(some)).tuples()
        found |= {held_for(number): gift for number, gift in rows}
    return found


def _line(entry: Transfer, points: int, gift: Gift | None) -> StatementLine:
    return StatementLine(
        transfer_id=entry.id, counted=entry.id, points=points, at=entry.at, what=gift.name if gift else "",
        what_en=gift.name_en if gift else "", reservation=entry.about,
    )  # fmt: skip
