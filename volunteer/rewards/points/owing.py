"""What a place owes in points: outstanding by site and by age, due to run out, held, owed to merchants; and how many are used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import under
from volunteer.ledger.models import Account, Transfer, Unit
from volunteer.ledger.models_points import PointCount, PointLot
from volunteer.ledger.rules import expired_at, issued_by, merchant, pool_of
from volunteer.places.models import Site
from volunteer.rewards.merchants.lifecycle import RedemptionStatus
from volunteer.rewards.merchants.models import Merchant, Redemption
from volunteer.rewards.points.lifecycle import WishState
from volunteer.rewards.points.models import SmallWish

AGES = ((3, "0-3"), (6, "3-6"), (12, "6-12"), (24, "12-24"))  # months since they were booked
OLDEST = "24+"
YEAR = timedelta(days=365)
IN_ONE = 500  # owners in one question


@dataclass(frozen=True, slots=True)
class Owed:
    """The figures of one moment; what people have is of ``as_of``, when their points were last counted."""

    as_of: datetime | None
    outstanding: int
    by_site: list[tuple[Site, int]]
    by_age: list[tuple[str, int]]
    due: list[tuple[date | None, int]]  # last day, points; None: never
    held: int
    merchants: int
    pools: int
    wishes: int
    issued: int  # in the last year, less what was taken back
    used: int
    expired: int

    @property
    def total(self) -> int:
        """Everything that somebody may still ask something for."""
        return self.outstanding + self.held + self.merchants + self.pools + self.wishes

    @property
    def share_used(self) -> float | None:
        """What was used of what was issued in a year; None where nothing was."""
        return self.used / self.issued if self.issued > 0 else None


def owed(session: Session, paths: Sequence[str], *, at: datetime) -> Owed:
    """Return what is owed by the sites below ``paths``."""
    today, since = local_date(at, zone_of(session)), at - YEAR
    sites = session.scalars(select(Site).where(under(paths, Site.path)).order_by(Site.path)).all()
    names = {site.id: site for site in sites}
    mine = PointLot.site_id.in_(select(Site.id).where(under(paths, Site.path)))
    shares = select(PointLot.site_id, func.sum(PointLot.points)).where(mine).group_by(PointLot.site_id)
    by_site = dict(session.execute(shares).tuples().all())
    due = session.execute(
        select(PointLot.runs_out, func.sum(PointLot.points)).where(mine).group_by(PointLot.runs_out).order_by(PointLot.runs_out)
    ).tuples().all()  # fmt: skip
    born = session.execute(select(PointLot.born, func.sum(PointLot.points)).where(mine).group_by(PointLot.born)).tuples()
    ages = dict.fromkeys([*(name for _, name in AGES), OLDEST], 0)
    for day, points in born:
        months = (today.year - day.year) * 12 + today.month - day.month
        ages[next((name for most, name in AGES if months < most), OLDEST)] += points
    shops = session.scalars(select(Merchant.id).where(under(paths, Merchant.site_path))).all()
    issuing = [issued_by(site.id, Unit.POINTS) for site in sites]
    reserved = (Redemption.status == RedemptionStatus.RESERVED, under(paths, Merchant.site_path))
    open_wishes = select(SmallWish).where(
        under(paths, SmallWish.site_path), SmallWish.state.in_([WishState.OPEN, WishState.FULL])
    )
    collected = (
        Redemption.status == RedemptionStatus.COLLECTED,
        Redemption.collected_at >= since,
        under(paths, Merchant.site_path),
    )
    held = select(func.sum(Redemption.points)).join(Merchant, Merchant.id == Redemption.merchant_id)
    return Owed(
        as_of=session.scalar(select(func.max(PointCount.counted_at))),
        outstanding=sum(by_site.values()),
        by_site=sorted(
            ((names[number], points) for number, points in by_site.items() if number in names), key=lambda one: -one[1]
        ),
        by_age=list(ages.items()),
        due=sorted(((day, points) for day, points in due), key=lambda one: one[0] or date.max),
        held=session.scalar(held.where(*reserved)) or 0,
        merchants=_balances(session, [merchant(number) for number in shops]),
        pools=_balances(session, [pool_of(site.id) for site in sites]),
        wishes=_balances(session, [wish.account for wish in session.scalars(open_wishes)]),
        issued=_moved(session, issuing, since, out=True) - _moved(session, issuing, since, out=False),
        used=session.scalar(held.where(*collected)) or 0,
        expired=_moved(session, [expired_at(site.id) for site in sites], since, out=False),
    )


def _balances(session: Session, owners: Sequence[str]) -> int:
    total = 0
    for begin in range(0, len(owners), IN_ONE):
        mine = (Account.owner.in_(owners[begin : begin + IN_ONE]), Account.unit == Unit.POINTS)
        total += session.scalar(select(func.sum(Account.balance)).where(*mine)) or 0
    return total


def _moved(session: Session, owners: Sequence[str], since: datetime, *, out: bool) -> int:
    total, account = 0, aliased(Account)
    side = Transfer.source_id if out else Transfer.target_id
    for begin in range(0, len(owners), IN_ONE):
        mine = (account.owner.in_(owners[begin : begin + IN_ONE]), account.unit == Unit.POINTS)
        moved = select(func.sum(Transfer.amount)).join(account, account.id == side).where(*mine, Transfer.at >= since)
        total += session.scalar(moved) or 0
    return total
