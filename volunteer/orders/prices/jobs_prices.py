"""Learning at night how sought after the teams of each centre are, outside any transaction; once for each local day."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.errands import Errand, leave
from volunteer.orders.prices.models_prices import PriceSet
from volunteer.orders.prices.pricing import Learned, keep, lesson_for
from volunteer.places.models import Site, SiteLevel

log = logging.getLogger(__name__)


def learn_prices(session: Session, at: datetime) -> int:
    """Learn the prices of today for every centre that has none yet. Running it twice changes nothing."""
    today = local_date(at, zone_of(session))
    done = exists().where(PriceSet.site_id == Site.id, PriceSet.day == today)
    for centre in session.scalars(select(Site).where(Site.level == SiteLevel.CENTRE, ~done).order_by(Site.id)):
        lesson = lesson_for(session, centre, at=at)
        if lesson is not None:
            leave(session, Errand(lesson.answer, partial(_store, centre.id)))
    return 0


def _store(site_id: int, session: Session, outcome: Any, at: datetime) -> None:
    if isinstance(outcome, Learned):
        keep(session, site_id, outcome, at=at)
    else:
        log.error("prices of centre %s were not learned: %s", site_id, type(outcome).__name__)
