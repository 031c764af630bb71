"""F3: a thousand phones want the last gift at once, and two hundred teams say yes to one order at once. Over HTTP."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks._f3_last_gift import _databases, _words, last_gift
from benchmarks.figure import Figures
from tests.support import builders as make
from tests.support.databases import Database, migrate
from tests.support.servers import serving
from tests.support.settings import settings_for
from tests.support.tills import all_at_once, phones
from volunteer.kernel.clock import now
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.orders.lifecycle import OfferState, Status
from volunteer.orders.models import Offer, ServiceOrder

TEAMS, QUICK = 200, 40


def at_once(figures: Figures, *, quick: bool, url: str | None) -> None:
    """Print how the thousand were answered, and how the two hundred were."""
    last_gift(figures, quick=quick, url=url)
    for database in _databases("F3", url):
        _accept(figures, database, QUICK if quick else TEAMS)


def _accept(figures: Figures, database: Database, count: int) -> None:
    keyring = Keyring.open(settings_for("").keys_file, create=True)
    migrate(database.url)
    with Session(database.engine, info={"keyring": keyring}) as session, write(session):
        order_id, offers = _asked(session, count)
    with serving(database) as server:
        leaders = phones(server.url, database, keyring, list(offers.values()))
        asked = list(zip(offers, leaders, strict=True))
        all_at_once([lambda one=one, n=n: one.get(f"/inbox/offers/{n}")[0] for n, one in asked])  # type: ignore[misc]
        answers = all_at_once(
            [lambda one=one, n=n: one.post(f"/inbox/offers/{n}/accept", {"despite": "yes"})[0] for n, one in asked],  # type: ignore[misc]
            threads=64,
        )
    with Session(database.engine) as session:
        order = session.get_one(ServiceOrder, order_id)
        states = Counter(session.scalars(select(Offer.state)))
        (winner, *others) = session.scalars(select(Offer.team_id).where(Offer.state == OfferState.ACCEPTED)).all() or (None,)
        right = order.status is Status.ACCEPTED and order.team_id == winner and not others
        right = right and [event.what for event in order.events] == ["accept"]
    name, said = f"F3.order.{database.kind}", _words(answers)
    figures.value(f"{name}.beside_one", abs(answers[303] - 1), "count", f"yes of {count} teams: {said}", at_most=0)
    figures.value(f"{name}.unclear", count - 1 - answers[409], "count", "answers that are no success and no 409", at_most=0)
    wrong = int(not right) + abs(states[OfferState.RECALLED] - (count - 1))
    figures.value(f"{name}.wrong", wrong, "count", "order or offers that say something else", at_most=0)


def _asked(session: Session, count: int) -> tuple[int, dict[int, int]]:
    """One order that so many teams are asked for: its number, and by offer whoever leads the team."""
    at = now()
    centre, _branch, station = make.a_county(session)
    order = make.an_order(session, station, item=make.an_item(session, centre), status=Status.OFFERED)
    teams = [make.a_team(session, station, members=1) for _ in range(count)]
    until = {"made_at": at - timedelta(minutes=5), "expires_at": at + timedelta(hours=2)}
    made = [(make.an_offer(session, order, team, **until), make.leader_of(session, team)) for team in teams]
    return order.id, {offer.id: leader.user_id or 0 for offer, leader in made}
