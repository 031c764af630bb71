"""Learned prices as those who keep the rules read them: who is sought after, and whether it would have helped. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.text import normalise
from volunteer.orders.prices.learned import LASTING
from volunteer.orders.prices.models_prices import PriceSet
from volunteer.orders.prices.pricing import PROVED
from volunteer.places.models import Site
from volunteer.teams.queries import TeamCard, directory

SIZE = 25
NIGHTS = 14  # of the history on a page


@dataclass(frozen=True, slots=True)
class Sought:
    """One page of the teams with a price, the dearest first."""

    rows: list[tuple[TeamCard, float]]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Nights:
    """One page of a centre's nights, the latest first."""

    rows: list[PriceSet]
    page: int
    pages: int


def today_of(session: Session, centre: str, *, at: datetime) -> PriceSet | None:
    """Return the prices that a centre has for now, used or not; None when there are none or they are too old."""
    today = local_date(at, zone_of(session))
    within = (PriceSet.day <= today, PriceSet.day > today - LASTING)
    return session.scalar(select(PriceSet).join(Site).where(Site.path == centre, *within).order_by(PriceSet.day.desc()).limit(1))


def proof_of(session: Session, found: PriceSet) -> tuple[int, float]:
    """Return over how many nights up to this one days were played again, and by which part of the score prices won more."""
    plays = (
        select(PriceSet.plain, PriceSet.priced)
        .where(PriceSet.site_id == found.site_id, PriceSet.day <= found.day, PriceSet.played > 0)
        .order_by(PriceSet.day.desc())
        .limit(PROVED)
        .subquery()
    )
    count, plain, priced = session.execute(select(func.count(), func.sum(plays.c.plain), func.sum(plays.c.priced))).one()
    return count, priced / plain - 1 if plain else 0.0


def sought(session: Session, found: PriceSet | None, scope: str, *, words: str = "", page: int = 1) -> Sought:
    """Return the teams of a subtree that have a price, those first that will be missed most."""
    cards, prices, wanted = directory(session).cards, found.prices if found else {}, normalise(words)
    rows = [(cards[int(team_id)], float(price)) for team_id, price in prices.items() if int(team_id) in cards]
    rows = [(card, price) for card, price in rows if card.site_path.startswith(scope) and wanted in card.search]
    rows.sort(key=lambda row: (-row[1], row[0].id))
    pages = max(1, -(-len(rows) // SIZE))
    page = min(max(1, page), pages)
    return Sought(rows[(page - 1) * SIZE : page * SIZE], page, pages, len(rows))


def nights(session: Session, centre: str, *, page: int = 1) -> Nights:
    """Return the history of a centre's prices."""
    mine = select(PriceSet).join(Site).where(Site.path == centre)
    total = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    pages = max(1, -(-total // NIGHTS))
    page = min(max(1, page), pages)
    rows = mine.options(defer(PriceSet.prices)).order_by(PriceSet.day.desc()).offset((page - 1) * NIGHTS).limit(NIGHTS)
    return Nights(list(session.scalars(rows)), page, pages)
