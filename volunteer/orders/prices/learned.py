"""The learned prices that hold now, for whoever ranks teams. Reads only."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from volunteer.kernel.clock import local_date, zone_of
from volunteer.orders.prices.models_prices import PriceSet
from volunteer.places.models import Site
from volunteer.places.policies import terms_at
from volunteer.places.terms import Matching
from volunteer.teams.queries import FREE, Prices

LASTING = timedelta(days=7)  # prices that are older say nothing any more
LATEST = (  # asked for every order, so put together once
    select(PriceSet.id, PriceSet.used, PriceSet.prices)
    .join(Site, Site.id == PriceSet.site_id)
    .where(Site.path == bindparam("centre"), PriceSet.day <= bindparam("today"), PriceSet.day > bindparam("oldest"))
    .order_by(PriceSet.day.desc())
    .limit(1)
)


def prices_at(session: Session, centre: str, desk: str, *, at: datetime) -> Prices:
    """Return the learned prices of a centre for a desk, times what its rules say; none when off, too old, or of no help."""
    share = terms_at(session, desk, Matching, at).learned
    return shared(learned_at(session, centre, at=at), share) if share else FREE


def learned_at(session: Session, centre: str, *, at: datetime) -> Prices:
    """Return the learned prices of a centre in full; none when too old, or of no help. One query."""
    today = local_date(at, zone_of(session))
    row = session.execute(LATEST, {"centre": centre, "today": today, "oldest": today - LASTING}).one_or_none()
    if row is None or not row.used or not row.prices:
        return FREE
    return Prices(row.id, {int(team_id): float(price) for team_id, price in row.prices.items()})


def shared(learned: Prices, share: float) -> Prices:
    """Return so much of learned prices as a centre's rules take: 0 for none."""
    if not share or not learned.by_team:
        return FREE
    version = learned.version * 1000 + min(999, round(share * 100))
    return Prices(version, {team_id: price * share for team_id, price in learned.by_team.items()})
