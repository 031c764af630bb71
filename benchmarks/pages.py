"""Figures of pages and writes: W1 and W2 (CPU of three pages), W3 (placing, accepting), W7 (bytes of a first visit).

Run: ./run bench pages [--url postgresql://…] [--only sqlite|postgresql] [--orders 50000]

SQLite in a temporary folder, and PostgreSQL: the one of --url or VOLUNTEER_TEST_PG_URL (databases are made and dropped on
it), else one started from what the machine has. The reference of W1 is a bare Flask view that reads one row of the same
database; each is served by a gunicorn of one worker with eight threads, and what counts is the CPU of its processes. W2 is
the same page over the same county with ten times the orders: ten times the history, and ten times as many open. W3 is wall
time against one durable transaction that changes one row. About ten minutes.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import time
from contextlib import ExitStack
from functools import partial

from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from benchmarks._county import County, add_orders, copied, multiply, opened, settle
from benchmarks._databases import postgresql, sqlite
from benchmarks._served import SCHEDULED, serving
from benchmarks.figure import Figures, alternate
from tests.support.counting import counting
from tests.support.databases import Database
from tests.support.servers import environment_of
from tests.support.services import Missing
from tests.support.settings import scratch, settings_for
from tests.support.visiting import signed_in
from volunteer.access import NOBODY, SYSTEM, Actor, Role
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.clock import now
from volunteer.kernel.db import WRITES, db, make_engine
from volunteer.orders.accepting import accept_offer
from volunteer.orders.dispatching import offer_to
from volunteer.orders.models import ServiceOrder
from volunteer.orders.placing import OrderDraft, place_order, verify_order
from volunteer.places.models import Site, SiteLevel
from volunteer.simulation.personas import HOME_TEAM
from volunteer.teams.models import Team
from volunteer.web.unit import transaction

TIMES = 10  # W2
QUERIES = 8
ACCEPTED = 90  # W3: 9 rounds of 10
REACH = {"tracking": 4, "inbox": 6, "board": 6}
PHONE_PAGES = ("/", "/order/new", "/order/new?own=1", "/track", "/login", "/verify")
LOADED = re.compile(r'<(?:link|script|img|use|source|iframe)\b[^>]*?\s(?:href|src)="([^"#]+)')
MAP = re.compile(r'data-(?:county|script|style)="([^"]+)"')
KILOBYTE = 1000


def visits(county: County) -> dict[str, tuple[FlaskClient, str]]:
    """Return the three pages, each with the browser of whom it is for."""
    return {
        "tracking": (county.app.test_client(), f"/o/{county.secret}"),
        "inbox": (signed_in(county.app, county.people["leader"]), "/inbox"),
        "board": (signed_in(county.app, county.people["dispatcher"]), "/board"),
    }


def reading(figures: Figures, kind: str, county: County, grown: County) -> None:
    """W1 and W2."""
    small, large = visits(county), visits(grown)
    for name, (client, path) in small.items():
        client.get(path)  # the first one also asks what the database is, and what the county is called
        with county.app.app_context(), counting(db.engine) as sent:
            client.get(path)
        figures.value(f"W1.{kind}.{name}_queries", len(sent), "count", "session, actor and layout included", at_most=QUERIES)
    if not SCHEDULED.exists():
        print("W1 and W2 were not measured: they need Linux's /proc/…/schedstat", flush=True)
        return
    with ExitStack() as stack:
        bare = os.environ | {"BENCH_DATABASE_URL": county.database.url}
        floor = stack.enter_context(serving("benchmarks._bare:app", bare, scratch() / "bare.log"))
        ours, theirs = (
            stack.enter_context(serving("wsgi:app", environment_of(settings_for(one.database.url)), scratch() / f"{n}.log"))
            for n, one in enumerate((county, grown))
        )

        def clock() -> float:  # only one of the three is ever at work
            return floor.cpu() + ours.cpu() + theirs.cpu()

        measured = partial(alternate, rounds=9, repeat=30, clock=clock, collecting=True)
        for name, (client, path) in small.items():
            one, ten = (server.page(path, _cookie(who)) for server, who in ((ours, client), (theirs, large[name][0])))
            taken, least, again = measured(one, floor.page("/orders/100"), ten)
            figures.ratio(f"W1.{kind}.{name}", taken, least, "bare Flask view that reads one row, CPU", at_most=REACH[name])
            figures.ratio(f"W2.{kind}.{name}", again, taken, f"the page with a {TIMES}th of the orders, CPU", at_most=1.3)


def _cookie(client: FlaskClient) -> str:
    kept = client.get_cookie("visit")
    return f"visit={kept.value}" if kept else ""


def writing(figures: Figures, kind: str, county: County) -> None:
    """W3. Changes the database: the last of all."""
    engine = make_engine(county.database.url)
    connection = engine.connect().execution_options(**{WRITES: True})
    with connection.begin():
        connection.execute(text("INSERT INTO serials (name, value) VALUES ('bench', 0)"))

    def floor() -> None:
        with connection.begin():
            connection.execute(text("UPDATE serials SET value = value + 1 WHERE name = 'bench'"))

    with county.app.app_context():
        session = db.session()
        home = session.scalars(select(Team).where(Team.name == HOME_TEAM)).one()
        leads = frozenset({(Role.TEAM_LEADER, f"/{home.site_path.split('/')[1]}/")})
        leader = Actor(county.people["leader"], leads, leads=frozenset({home.id}), name="leader")
        station = session.scalars(select(Site.id).where(Site.level == SiteLevel.STATION)).first()
        lamp = session.scalars(select(ServiceItem).where(ServiceItem.code == "lamp")).one().code
        home_id = home.id
        session.rollback()

    def draft(number: int) -> OrderDraft:
        return OrderDraft(name="李试", phone=f"1380000{number % 10_000:04d}", notice="1", item=lamp, site_id=station,
                          answers={"lamp": "tube"}, address="3幢201室", words="厨房灯不亮")  # fmt: skip

    numbers = iter(range(1_000_000))

    def place() -> ServiceOrder:
        with county.app.app_context(), transaction() as unit:
            return place_order(unit, NOBODY, draft(next(numbers)), at=now())

    def offered() -> int:
        with county.app.app_context(), transaction() as unit:
            order = place_order(unit, NOBODY, draft(next(numbers)), at=now())
            verify_order(unit, SYSTEM, order.id, at=now())
            return offer_to(unit, SYSTEM, order.id, [home_id], at=now())[0].id

    waiting = iter([offered() for _ in range(ACCEPTED + 1)])

    def accept() -> None:
        with county.app.app_context(), transaction() as unit:
            accept_offer(unit, leader, next(waiting), at=now())

    placed, accepted, one = alternate(place, accept, floor, rounds=9, repeat=ACCEPTED // 9, collecting=True)
    figures.ratio(f"W3.{kind}.placing", placed, one, "one durable transaction", at_most=8)
    figures.ratio(f"W3.{kind}.accepting", accepted, one, "one durable transaction", at_most=8)
    connection.close()
    engine.dispose()


def first_visit(figures: Figures, county: County) -> None:
    """W7: what a phone fetches on its first visit, each file compressed; the largest of the phone pages."""
    client = county.app.test_client()
    paths = (*PHONE_PAGES, f"/o/{county.secret}")
    plain, with_map, elsewhere = {}, {}, 0
    for path in paths:
        answer = client.get(path)
        html = answer.get_data(as_text=True)
        addresses = set(LOADED.findall(html))
        ground = set(MAP.findall(html))
        elsewhere += sum(1 for address in addresses | ground if "//" in address)
        elsewhere += "default-src 'self'" not in answer.headers["Content-Security-Policy"]
        own = _small(answer.get_data()) + sum(_fetched(client, one) for one in addresses if one.startswith("/"))
        plain[path] = own
        with_map[path] = own + sum(_fetched(client, one) for one in ground)
    for name, sizes, most in (("without_map", plain, 150), ("with_map", with_map, 250)):
        path = max(sizes, key=lambda one: sizes[one])
        shown = "/o/…" if path.startswith("/o/") else path
        figures.value(f"W7.{name}", round(sizes[path] / KILOBYTE, 1), "KB", f"gzip, the largest: {shown}", at_most=most)
    figures.value("W7.other_hosts", elsewhere, "count", f"addresses of {len(paths)} pages; the content policy", at_most=0)


def _fetched(client: FlaskClient, address: str) -> int:
    answer = client.get(address)
    if answer.status_code != 200:
        print(f"missing: {address} ({answer.status}); without the bundle ('./run setup') W7 says too little", flush=True)
        return 0
    packed = answer.mimetype in {"image/png", "image/jpeg", "image/webp", "font/woff2"}
    return len(answer.get_data()) if packed else _small(answer.get_data())


def _small(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def measure(figures: Figures, database: Database, orders: int) -> None:
    """Fill, read, write: every figure of one database."""
    kind, began = database.kind, time.monotonic()
    settle(database)
    add_orders(database, orders)
    larger = copied(database, f"{make_url(database.url).database}_grown" if kind == "postgresql" else "grown")
    multiply(larger, TIMES)
    print(f"{kind}: {orders:,} and {orders * TIMES:,} orders, filled in {time.monotonic() - began:.0f} s", flush=True)
    county, grown = opened(database), opened(larger)
    reading(figures, kind, county, grown)
    if kind == "sqlite":
        first_visit(figures, county)
    writing(figures, kind, county)
    county.close()
    grown.close()


def main() -> None:
    """Print every figure of pages and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="a PostgreSQL server to be used")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--orders", type=int, default=50_000)
    chosen = parser.parse_args()
    figures = Figures()
    if chosen.only != "postgresql":
        with sqlite() as database:
            measure(figures, database, chosen.orders)
    if chosen.only != "sqlite":
        try:
            with postgresql(chosen.url) as database:
                measure(figures, database, chosen.orders)
        except Missing as missing:
            print(f"PostgreSQL was not measured: {missing}", flush=True)
    figures.end()


if __name__ == "__main__":
    main()
