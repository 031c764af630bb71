"""Processes that post to the ledger as fast as they can, for W5 and F5: through the book, or the same rows by bare SQL.

Accounts are few and hot; each transfer is a durable transaction of its own.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from volunteer.kernel.db import make_engine, write
from volunteer.kernel.errors import Conflict
from volunteer.kernel.sqlite import turn
from volunteer.kernel.tables import import_all_models
from volunteer.ledger.book import move
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import person

ACCOUNTS = 10
START = 1_000_000  # what each has, so that hardly anything is refused
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
Act = Callable[[random.Random, str], None]


def through_the_book(engine: Engine) -> Act:
    """Return what moves points between two of the hot accounts by ``book.move``."""
    session = Session(engine, autoflush=False)

    def act(rng: random.Random, key: str) -> None:
        source, target = rng.sample(range(1, ACCOUNTS + 1), 2)
        with write(session):
            move(
                session,
                Unit.POINTS,
                rng.randint(1, 9),
                source=person(source),
                target=person(target),
                reason="gift",
                key=key,
                at=NOW,
            )
        session.expunge_all()

    return act


def by_bare_sql(engine: Engine) -> Act:
    """Return what writes the very same rows with conditional updates in sorted order, without the book."""
    connection: Any = engine.raw_connection()
    cursor = connection.cursor()
    lite = engine.dialect.name == "sqlite"
    sign = "?" if lite else "%s"
    owners = {}
    cursor.execute("SELECT owner, id FROM ledger_accounts WHERE unit = 'points'")
    owners = dict(cursor.fetchall())
    connection.rollback()
    change = (
        f"UPDATE ledger_accounts SET balance = balance + {sign} WHERE id = {sign}"
        f" AND (floor IS NULL OR balance + {sign} >= floor)"
    )
    enter = (
        "INSERT INTO ledger_transfers (source_id, target_id, unit, amount, reason, key, about, policy_version, note, at)"
        f" VALUES ({sign}, {sign}, 'points', {sign}, 'gift', {sign}, '', '', '', '2026-11-20 04:00:00.000000')"
    )

    def act(rng: random.Random, key: str) -> None:
        source, target = (owners[person(number)] for number in rng.sample(range(1, ACCOUNTS + 1), 2))
        amount = rng.randint(1, 9)
        if lite:
            cursor.execute("BEGIN IMMEDIATE")
        cursor.execute(f"INSERT INTO ledger_keys (key) VALUES ({sign})", (key,))
        for account, by in sorted([(source, -amount), (target, amount)]):
            cursor.execute(change, (by, account, by))
            assert cursor.rowcount == 1
        cursor.execute(enter, (source, target, amount, key))
        cursor.execute("COMMIT") if lite else connection.commit()

    return act


def by_bare_sql_in_line(engine: Engine) -> Act:
    """Return the same on an SQLite file for whoever stands in line as everybody does who writes through the application."""
    act, file = by_bare_sql(engine), engine.url.database

    def act_in_turn(rng: random.Random, key: str) -> None:
        with turn(file):
            act(rng, key)

    return act_in_turn


ACTS: dict[str, Callable[[Engine], Act]] = {"book": through_the_book, "raw": by_bare_sql, "line": by_bare_sql_in_line}


def found(engine: Engine) -> None:
    """Open the hot accounts and give each something."""
    import_all_models()
    with Session(engine) as session, write(session):
        for number in range(1, ACCOUNTS + 1):
            move(session, Unit.POINTS, START, source="site:1:points-issued", target=person(number), reason="service",
                 key=f"start:{number}", at=NOW)  # fmt: skip


def together(url: str, mode: str, hands: int, *, seconds: float = 0, count: int = 0) -> list[dict[str, Any]]:
    """Start ``hands`` processes that begin at the same moment; return what each says at its end."""
    fork = multiprocessing.get_context("fork")
    barrier, said = fork.Barrier(hands), fork.Queue()
    run = f"{mode}-{time.time():.3f}"
    processes = [fork.Process(target=_post, args=(url, mode, f"{run}-{n}", barrier, said, seconds, count)) for n in range(hands)]
    for process in processes:
        process.start()
    answers = [said.get() for _ in processes]
    for process in processes:
        process.join()
    return answers


def _post(url: str, mode: str, name: str, barrier: Any, said: Any, seconds: float, count: int) -> None:
    engine, rng = make_engine(url), random.Random(name)
    act = ACTS[mode](engine)
    done = refused = locked = number = 0
    longest = 0.0
    barrier.wait()
    ends = time.monotonic() + seconds if seconds else float("inf")
    while time.monotonic() < ends and (not count or number < count):
        number += 1
        began = time.monotonic()
        try:
            act(rng, f"bench:{name}:{number}")
            done += 1
        except Conflict:
            refused += 1
        except OperationalError:
            locked += 1
        longest = max(longest, time.monotonic() - began)
    engine.dispose()
    said.put({"done": done, "refused": refused, "locked": locked, "longest": longest})
