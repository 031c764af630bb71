"""F3: a thousand phones want the last gift at once. F4: one form is sent fifty times at once. Over HTTP, on both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks._databases import postgresql, sqlite
from benchmarks.figure import Figures
from tests.support import builders as make
from tests.support.databases import Database, migrate
from tests.support.gifts import a_gift, a_merchant, with_points
from tests.support.servers import serving
from tests.support.services import Missing
from tests.support.settings import settings_for
from tests.support.tills import Phone, all_at_once, phones
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.ledger import verify
from volunteer.rewards.merchants.models import Gift, Redemption

PHONES, QUICK, TIMES = 1_000, 60, 50


def last_gift(figures: Figures, *, quick: bool, url: str | None) -> None:
    """Print how the thousand were answered."""
    for database in _databases("F3", url):
        _last(figures, database, QUICK if quick else PHONES)


def one_key(figures: Figures, *, quick: bool, url: str | None) -> None:
    """Print how the fifty were answered, and the one with another body."""
    for database in _databases("F4", url):
        _once(figures, database)


def _last(figures: Figures, database: Database, count: int) -> None:
    with _shop(database, count, stock=1) as (gift, everybody):
        path = f"/shop/gifts/{gift}"
        all_at_once([lambda one=one: one.get(path)[0] for one in everybody])  # type: ignore[misc]
        answers = all_at_once(
            [
                lambda one=one, n=n: one.post(f"{path}/reserve", {"once": f"last-{n}", "points": "40"})[0]  # type: ignore[misc]
                for n, one in enumerate(everybody)
            ],
            threads=64,
        )
        name, said = f"F3.{database.kind}", _words(answers)
        with Session(database.engine) as session:
            made = session.scalar(select(func.count()).select_from(Redemption)) or 0
            left = session.scalar(select(Gift.stock).where(Gift.id == gift))
            wrong = verify.findings(session)
        figures.value(f"{name}.beside_one", abs(made - 1) + abs(answers[303] - 1), "count", f"of {count}: {said}", at_most=0)
        figures.value(f"{name}.unclear", count - 1 - answers[409], "count", "answers that are no success and no 409", at_most=0)
        figures.value(
            f"{name}.below_zero", abs(left or 0) + len(wrong), "count", "left on the shelf, wrong in the books", at_most=0
        )


def _once(figures: Figures, database: Database) -> None:
    with _shop(database, 1, stock=500) as (gift, (me,)):
        path = f"/shop/gifts/{gift}"
        me.get(path)
        places: list[str] = []

        def send(points: str = "40") -> int:
            status, there, _body = me.post(f"{path}/reserve", {"once": "the-same-key", "points": points})
            places.append(there)
            return status

        answers = all_at_once([send] * TIMES, threads=TIMES)
        other = send("41")
        with Session(database.engine) as session:
            made = session.scalar(select(func.count()).select_from(Redemption)) or 0
        name = f"F4.{database.kind}"
        replays = answers[303] - 1 if len(set(places[:TIMES])) == 1 else 0
        figures.value(f"{name}.effects_beside_one", abs(made - 1), "count", f"{TIMES} sent: {_words(answers)}", at_most=0)
        figures.value(f"{name}.no_replay", TIMES - 1 - replays, "count", "did not lead where the first one led", at_most=0)
        figures.value(f"{name}.other_body", 0 if other == 422 else 1, "count", f"same key, other body: {other}", at_most=0)


@contextmanager
def _shop(database: Database, people: int, *, stock: int) -> Iterator[tuple[int, list[Phone]]]:
    migrate(database.url)
    keyring = Keyring.open(settings_for("").keys_file, create=True)
    with Session(database.engine, info={"keyring": keyring}) as session, write(session):
        _centre, branch, station = make.a_county(session)
        gift = a_gift(session, a_merchant(session, branch), stock=stock)
        numbers = [with_points(session, station, 100, f"居民{n}").user_id or 0 for n in range(people)]
        gift_id = gift.id
    with serving(database) as server:
        yield gift_id, phones(server.url, database, keyring, numbers)


def _databases(name: str, url: str | None) -> Iterator[Database]:
    with sqlite() as database:
        yield database
        database.engine.dispose()
    try:
        with postgresql(url) as database:
            yield database
            database.engine.dispose()
    except Missing as missing:
        print(f"{name} was not measured on PostgreSQL: {missing}", flush=True)


def _words(answers: Counter[int]) -> str:
    return ", ".join(f"{times} x {status}" for status, times in sorted(answers.items()))
