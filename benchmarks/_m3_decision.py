"""M3: one dispatch decision through the application, and M2 through it, on both databases at county size (2,000 teams).

A decision is what the board's button does: the candidates from the database, ranked, the offer stored with its reasons, the
leader's message written, committed. The reference is one durable transaction that changes one row of the same database.
"""

from __future__ import annotations

from contextlib import ExitStack
from itertools import count

from sqlalchemy import select, text

from benchmarks._databases import postgresql, sqlite
from benchmarks.figure import Figures, alternate
from tests.support.databases import Database, migrate
from tests.support.services import Missing
from tests.support.settings import settings_for
from volunteer.access import SYSTEM
from volunteer.app import create_app
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.clock import now
from volunteer.kernel.db import WRITES, db, make_engine
from volunteer.orders.candidates import look
from volunteer.orders.dispatching import offer_to
from volunteer.orders.models import ServiceOrder
from volunteer.orders.placing import OrderDraft, place_order, verify_order
from volunteer.places.models import Site, SiteLevel
from volunteer.simulation.filling import fill
from volunteer.simulation.progress import Bar
from volunteer.simulation.sizes import Size
from volunteer.web.unit import transaction

SIZE = Size("matching", 8_000, 2_000, closed=60)
ROUNDS, EACH = 9, 10


def decision(figures: Figures) -> None:
    """M2 and M3 through the application."""
    for kind, opened in (("sqlite", sqlite), ("postgresql", postgresql)):
        with ExitStack() as stack:
            try:
                database = stack.enter_context(opened())
            except Missing as missing:
                print(f"M3.{kind} was not measured: {missing}", flush=True)
                continue
            _decide(figures, kind, database)


def _decide(figures: Figures, kind: str, database: Database) -> None:
    migrate(database.url)
    app = create_app(settings_for(database.url))
    engine = make_engine(database.url)
    bar = Bar()
    with app.app_context():
        with transaction() as session:
            fill(session, SIZE, 1, bar, at=now())
        bar.end()
        session = db.session()
        station = session.scalars(select(Site.id).where(Site.level == SiteLevel.STATION)).first()
        lamp = session.scalars(select(ServiceItem.code).where(ServiceItem.code == "lamp")).one()
        session.rollback()

    numbers = count()

    def waiting() -> tuple[int, int]:
        """An order that waits for a team, and its best one."""
        draft = OrderDraft(name="李试", phone=f"1380000{next(numbers):04d}", notice="1", item=lamp, site_id=station,
                           answers={"lamp": "tube"}, address="3幢201室", words="厨房灯不亮")  # fmt: skip
        with app.app_context(), transaction() as unit:
            order = place_order(unit, SYSTEM, draft, at=now())
            verify_order(unit, SYSTEM, order.id, at=now())
            return order.id, look(unit, SYSTEM, order, at=now()).best(1)[0].team_id

    orders = iter([waiting() for _ in range(ROUNDS * EACH + 1)])
    connection = engine.connect().execution_options(**{WRITES: True})
    with connection.begin():
        connection.execute(text("INSERT INTO serials (name, value) VALUES ('bench', 0)"))

    def floor() -> None:
        with connection.begin():
            connection.execute(text("UPDATE serials SET value = value + 1 WHERE name = 'bench'"))

    def decide() -> None:
        order_id, team_id = next(orders)
        with app.app_context(), transaction() as unit:
            offer_to(unit, SYSTEM, order_id, [team_id], at=now())

    decided, one = alternate(decide, floor, rounds=ROUNDS, repeat=EACH, collecting=True)
    figures.ratio(f"M3.{kind}", decided, one, "one durable transaction", at_most=12)

    with app.app_context():
        unit = db.session()
        order = unit.get_one(ServiceOrder, waiting()[0])
        at = now()
        [ranked] = alternate(lambda: look(unit, SYSTEM, order, at=at).best(20), rounds=9, repeat=10)
        unit.rollback()
    figures.value(f"M2.{kind}_application", round(ranked * 1e3, 3), "ms", "loads, policy and roster's version read", at_most=3)
    connection.close()
    engine.dispose()
