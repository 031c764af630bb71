"""A county of the size that the figures speak of: 55,900 volunteers, 2,000 teams, and orders put in by the ten thousand."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from flask import Flask
from sqlalchemy import ColumnElement, String, Table, cast, func, insert, literal, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from benchmarks._databases import admin
from tests.support.databases import Database, migrate
from tests.support.settings import settings_for
from volunteer.accounts.models import Person
from volunteer.app import create_app
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.clock import now
from volunteer.kernel.db import db, make_engine
from volunteer.orders.lifecycle import OPEN, WITH_TEAM, OfferState, Status
from volunteer.orders.models import Offer, OrderEvent, ServiceOrder
from volunteer.places.models import Site, SiteLevel
from volunteer.simulation.filling import fill
from volunteer.simulation.personas import HOME_TEAM, PERSONAS
from volunteer.simulation.progress import Bar
from volunteer.simulation.sizes import Size
from volunteer.teams.models import Team, Volunteer
from volunteer.web.unit import transaction

SIZE = Size("county", 55_900, 2_000, closed=60)  # with the personas' own orders: an inbox, a board and a page as in the demo
BATCH = 10_000
YEAR = timedelta(days=365)
LIVE = (Status.PLACED, Status.VERIFIED, Status.VERIFIED, Status.OFFERED, Status.OFFERED, Status.ACCEPTED, Status.ACCEPTED,
        Status.UNDER_WAY, Status.IN_SERVICE, Status.SERVED)  # fmt: skip
COURSE = {  # what the diary of a bulk order says
    Status.PLACED: ("place",),
    Status.VERIFIED: ("place", "verify"),
    Status.OFFERED: ("place", "verify", "offer"),
}
WHOLE = ("place", "verify", "offer", "accept", "check_in", "check_out", "rate")


@dataclass(frozen=True)
class County:
    """An application over a filled database, and what its pages are asked for."""

    app: Flask
    database: Database
    people: dict[str, int]  # personas by key
    secret: str  # of the resident persona's order, accepted for tomorrow

    def close(self) -> None:
        """Let go of the database."""
        with self.app.app_context():
            db.engine.dispose()


def settle(database: Database) -> None:
    """Fill an empty database with the county's places, people and teams, and the personas' sixty days. Shows a bar."""
    migrate(database.url)
    bar = Bar()
    app = create_app(settings_for(database.url))
    with app.app_context():
        with transaction() as session:
            fill(session, SIZE, 1, bar, at=now())
        db.engine.dispose()
    bar.end()


def add_orders(database: Database, count: int, *, live: float = 0.03) -> None:
    """Put in ``count`` more orders of a year, the share ``live`` of them open; each with its diary and its offer."""
    with _session(database) as session:
        before = session.scalar(select(func.max(ServiceOrder.id))) or 0
        invented = _orders(session, before + 1, count, live)
        while batch := list(islice(invented, BATCH)):
            _insert(session, ServiceOrder.__table__, [order for order, _, _ in batch])
            _insert(session, OrderEvent.__table__, [event for _, events, _ in batch for event in events])
            _insert(session, Offer.__table__, [offer for _, _, offer in batch if offer])
        _settled(session)


def multiply(database: Database, times: int) -> None:
    """Make ``times`` as many of the orders that were put in, inside the database: each copy with its diary and its offer."""
    with _session(database) as session:
        bulk = ServiceOrder.number.startswith("B")
        first, last = session.execute(select(func.min(ServiceOrder.id), func.max(ServiceOrder.id)).where(bulk)).one()
        for turn in range(1, times):
            shift = (last - first + 1) * turn
            number = cast(ServiceOrder.id + shift, String)
            fresh = {"id": ServiceOrder.id + shift} | {
                name: literal(letter) + number for name, letter in (("number", "G"), ("secret_hash", "g"), ("uid", "g"))
            }
            _copy(session, ServiceOrder, bulk, fresh)
            for kind in (OrderEvent, Offer):
                _copy(session, kind, kind.order_id.between(first, last), {"order_id": kind.order_id + shift})
        _settled(session)


@contextmanager
def _session(database: Database) -> Iterator[Session]:
    engine = make_engine(database.url)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()  # PostgreSQL copies no database that somebody is in


def _copy(session: Session, kind: Any, which: ColumnElement[bool], fresh: dict[str, Any]) -> None:
    names = [column.name for column in kind.__table__.columns if column.name in fresh or not column.primary_key]
    rows = select(*(fresh.get(name, kind.__table__.c[name]) for name in names)).where(which)
    session.execute(insert(kind.__table__).from_select(names, rows, include_defaults=False))


def _settled(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        highest = "SELECT setval(pg_get_serial_sequence('service_orders', 'id'), (SELECT max(id) FROM service_orders))"
        session.execute(text(highest))
    session.commit()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE"))  # its autovacuum does so within a minute
        session.commit()


def opened(database: Database) -> County:
    """Return the county of a settled database."""
    app = create_app(settings_for(database.url))
    with app.app_context():
        session = db.session()
        names = {one.key: one.name for one in PERSONAS}
        people = {key: session.scalars(select(Person.id).where(Person.login_name == key)).one() for key in names}
        found = select(ServiceOrder).where(ServiceOrder.resident_id == people["resident"], ServiceOrder.status == Status.ACCEPTED)
        secret = session.scalars(found).one().secret or ""
        db.session.rollback()
    return County(app, database, people, secret)


LEAVE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'volunteer_bench_%' AND pid <> pg_backend_pid()"
)


def copied(database: Database, name: str) -> Database:
    """Return a copy of a database that nobody has open."""
    database.engine.dispose()
    if database.kind == "sqlite":
        path = f"{make_url(database.url).database}-{name}"
        shutil.copyfile(str(make_url(database.url).database), path)  # whoever closed it last has emptied its log
        return Database("sqlite", f"sqlite:///{path}")
    other = make_url(database.url).set(database=name)
    admin(database.url, LEAVE)
    admin(database.url, f'CREATE DATABASE "{name}" TEMPLATE "{make_url(database.url).database}"')
    return Database("postgresql", other.render_as_string(hide_password=False))


def _insert(session: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    assert isinstance(table, Table)
    if rows:
        session.execute(insert(table), rows)


def _orders(
    session: Session, first: int, count: int, live: float
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any] | None]]:
    """Yield (order, its diary, its offer) as rows. None of it is the home team's: its inbox stays as the demo left it."""
    rng, at = random.Random(first), datetime.now(UTC)
    stations = session.execute(
        select(Site.id, Site.path, Site.name, Site.parent_id, Site.latitude, Site.longitude).where(
            Site.level == SiteLevel.STATION
        )
    ).all()
    desks = dict(session.execute(select(Site.id, Site.path)).tuples().all())
    items = session.scalars(select(ServiceItem.id)).all()
    teams = session.scalars(select(Team.id).where(Team.name != HOME_TEAM)).all()
    people = session.scalars(select(Volunteer.id).limit(5_000)).all()
    for number in range(first, first + count):
        status = rng.choice(LIVE) if rng.random() < live else Status.CLOSED
        age = timedelta(minutes=rng.uniform(5, 2_000)) if status in OPEN else YEAR * rng.random() + timedelta(days=2)
        place, team = rng.choice(stations), rng.choice(teams)
        placed = at - age
        has_team = status in WITH_TEAM or status in {Status.SERVED, Status.CLOSED}
        begins = placed + timedelta(days=1)
        order = {
            "id": number,
            "number": f"B{number:011d}",
            "secret_hash": f"{number:064d}",
            "status": status,
            "version": 1,
            "resident_id": rng.choice(people),
            "item_id": rng.choice(items),
            "site_id": place.id,
            "site_path": place.path,
            "desk_id": place.parent_id,
            "desk_path": desks[place.parent_id],
            "place": place.name,
            "latitude": place.latitude + rng.gauss(0, 0.004),
            "longitude": place.longitude + rng.gauss(0, 0.005),
            "placed_at": placed,
            "due_at": at + timedelta(minutes=rng.uniform(-30, 600)) if status in OPEN else None,
            "team_id": team if has_team else None,
            "visit_begins": begins if has_team else None,
            "visit_ends": begins + timedelta(hours=1) if has_team else None,
            "served_at": begins + timedelta(hours=1) if status in {Status.SERVED, Status.CLOSED} else None,
            "recorded_at": begins + timedelta(hours=2) if status in {Status.SERVED, Status.CLOSED} else None,
            "closed_at": begins + timedelta(days=1) if status is Status.CLOSED else None,
        }
        steps = COURSE.get(status, WHOLE if status is Status.CLOSED else WHOLE[:4])
        diary = [
            {"order_id": number, "what": what, "from_status": status, "to_status": status, "at": placed + timedelta(minutes=n)}
            for n, what in enumerate(steps)
        ]
        offer = None
        if has_team or status is Status.OFFERED:
            state = OfferState.ACCEPTED if has_team else OfferState.OPEN
            offer = {
                "order_id": number, "team_id": team, "state": state, "made_at": placed, "expires_at": at + timedelta(hours=2),
                "score": 0.8, "rank": 1, "candidates": 9, "metres": 900.0, "reasons": {}, "policy_version": "bench", "version": 1,
            }  # fmt: skip
        yield order, diary, offer
