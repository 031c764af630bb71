"""What pages show of settlements, and the rows of their files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.kernel.clock import month_after, start_of_day, zone_of
from volunteer.kernel.db import load, under
from volunteer.kernel.handing_out import Cell
from volunteer.ledger.models import Account, Unit
from volunteer.places.models import Site
from volunteer.rewards.merchants.belonging import merchants_of, own_merchant
from volunteer.rewards.merchants.models import Merchant
from volunteer.rewards.settling import preparing
from volunteer.rewards.settling.models import PointWorth, Statement, StatementLine
from volunteer.rewards.settling.rules import yuan

P = Permission.SETTLEMENTS_HANDLE
SIZE = 30


def statement_managed(session: Session, actor: Actor, statement_id: int) -> Statement:
    """Return a statement of the actor's places. Raises NotFound or Forbidden."""
    statement = load(session, Statement, statement_id)
    actor.must(P, at=statement.site_path)
    return statement


def statement_own(session: Session, actor: Actor, statement_id: int) -> Statement:
    """Return a statement of the actor's own shop. Raises NotFound."""
    statement = load(session, Statement, statement_id)
    own_merchant(session, actor, statement.merchant_id)
    return statement


def of_month(session: Session, actor: Actor, month: date, page: int) -> tuple[Sequence[Statement], int]:
    """Return one page of a month's statements, those that wait for the site first, and how many pages there are."""
    mine = (Statement.month == month, under(actor.scopes(P), Statement.site_path))
    count = session.scalar(select(func.count()).select_from(Statement).where(*mine)) or 0
    pages = max(1, -(-count // SIZE))
    found = select(Statement).where(*mine).options(joinedload(Statement.merchant))
    found = found.order_by(Statement.paid_at.is_not(None), Statement.stands.is_(None), Statement.id)
    return session.scalars(found.limit(SIZE).offset((min(max(page, 1), pages) - 1) * SIZE)).all(), pages


def not_prepared(session: Session, actor: Actor, month: date, limit: int = 50) -> list[tuple[Merchant, int]]:
    """Return shops that are owed something for a month and have no statement of it, with the points."""
    due = set(preparing.due_merchants(session, month))
    found = select(Merchant).where(Merchant.id.in_(due), under(actor.scopes(P), Merchant.site_path)).order_by(Merchant.id)
    before = start_of_day(month_after(month), zone_of(session))
    merchants = session.scalars(found.limit(limit)).all()
    points = preparing.open_points(session, [one.id for one in merchants], before)
    return [(one, points[one.id]) for one in merchants if points.get(one.id, 0) > 0]


def months(session: Session, actor: Actor) -> list[date]:
    """Return the months that have statements, the newest first."""
    found = select(Statement.month).where(under(actor.scopes(P), Statement.site_path)).distinct()
    return list(session.scalars(found.order_by(Statement.month.desc()).limit(24)))


def of_merchant(session: Session, merchant_id: int, limit: int = 36) -> Sequence[Statement]:
    """Return a shop's statements that stand, the newest first."""
    mine = (Statement.merchant_id == merchant_id, Statement.stands.is_not(None))
    return session.scalars(select(Statement).where(*mine).order_by(Statement.month.desc()).limit(limit)).all()


def shops(session: Session, actor: Actor) -> Sequence[Merchant]:
    """Return the actor's own shops."""
    return merchants_of(session, actor, Permission.MERCHANT_OWN)


def owed_now(session: Session, merchant_id: int) -> int:
    """Return what a shop is owed altogether, settled or not."""
    found = select(Account.balance).where(Account.owner == f"merchant:{merchant_id}", Account.unit == Unit.POINTS)
    return session.scalar(found) or 0


def worths(session: Session, actor: Actor) -> Sequence[PointWorth]:
    """Return what a point was said to be worth at the actor's places, proposals too, the newest first."""
    mine = select(PointWorth).join(Site).where(under(actor.scopes(P), Site.path), PointWorth.refused_at.is_(None))
    return session.scalars(mine.options(joinedload(PointWorth.site)).order_by(PointWorth.id.desc()).limit(12)).all()


def counted(statement: Statement) -> list[StatementLine]:
    """Return the lines that count, in the order of the books."""
    return [line for line in statement.lines if not line.left_out]


def as_rows(statement: Statement, zone: ZoneInfo, *, english: bool) -> list[list[Cell]]:
    """Return a statement as rows of a file: a line each, and the sum with what it is worth."""
    rows: list[list[Cell]] = [
        [
            line.transfer_id,
            f"{line.at.astimezone(zone):%Y-%m-%d %H:%M}",
            (line.what_en if english else "") or line.what,
            line.points,
            "",
        ]
        for line in counted(statement)
    ]
    return [*rows, [None, "", "", statement.points, yuan(statement.fen)]]
