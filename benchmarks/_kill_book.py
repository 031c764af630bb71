"""kill -9 at the book: eight writers and a sealer of blocks, killed at random and started again; nothing acknowledged is lost."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks import _posting
from benchmarks._databases import postgresql, sqlite
from benchmarks.figure import Figures
from tests.support.databases import Database, migrate
from tests.support.services import Missing
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import make_engine, write
from volunteer.ledger import chaining, checkpoints, verify
from volunteer.ledger.models import Transfer

WRITERS, KILLS = 8, 200
FORK = multiprocessing.get_context("fork")


def kills(figures: Figures, *, quick: bool, url: str | None) -> None:
    """Print the counts on both databases."""
    with sqlite() as database:
        measure(figures, database, 10 if quick else KILLS)
    try:
        with postgresql(url) as database:
            measure(figures, database, 10 if quick else KILLS)
    except Missing as missing:
        print(f"KILL was not measured on PostgreSQL: {missing}", flush=True)


def measure(figures: Figures, database: Database, times: int) -> None:
    """Kill so many times, then hold what was acknowledged against what is there."""
    migrate(database.url)
    _posting.found(database.engine)
    database.engine.dispose()  # the processes are forks of this one
    rng = random.Random(times)
    with tempfile.TemporaryDirectory() as folder:
        notes = [Path(folder) / f"writer{number}" for number in range(WRITERS)]
        acts: list[tuple[Any, tuple[Any, ...]]] = [*((_post, (database.url, note)) for note in notes), (_seal, (database.url,))]
        running = [FORK.Process(target=act, args=given) for act, given in acts]
        for process in running:
            process.start()
        for _ in range(times):
            time.sleep(rng.uniform(0.02, 0.3))
            victim = rng.randrange(len(running))
            _kill(running[victim])
            act, given = acts[victim]
            running[victim] = FORK.Process(target=act, args=given)
            running[victim].start()
        for process in running:
            _kill(process)
        told = [line for note in notes if note.exists() for line in note.read_text().splitlines()]
    with Session(database.engine, info={"keyring": Keyring.generate()}) as session:
        with write(session):
            checkpoints.sign(session, day=_posting.NOW.date(), at=_posting.NOW)
        there = set(session.scalars(select(Transfer.key)))
        wrong = verify.findings(session)
    name = f"KILL.{database.kind}"
    lost = sum(key not in there for key in told)
    figures.value(
        f"{name}.lost", lost, "count", f"{len(told)} acknowledged, {times} kills of {WRITERS} writers and a sealer", at_most=0
    )
    figures.value(
        f"{name}.books_wrong", len(wrong), "count", f"ledger verify over {len(there)} transfers, chain and sums", at_most=0
    )
    for finding in wrong:
        print(f"  {finding}", flush=True)
    database.engine.dispose()


def _kill(process: Any) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.join()


def _post(url: str, note: Path) -> None:
    """Post under numbered keys; whoever was killed begins with the last one that was not acknowledged."""
    act, rng = _posting.through_the_book(make_engine(url)), random.Random(note.name)
    number = len(note.read_text().splitlines()) if note.exists() else 0
    with note.open("a") as acknowledged:
        while True:
            key = f"kill:{note.name}:{number}"
            rng.seed(key)  # the same content when it is sent again
            act(rng, key)
            os.write(acknowledged.fileno(), f"{key}\n".encode())
            number += 1


def _seal(url: str) -> None:
    engine = make_engine(url)
    while True:
        with Session(engine) as session, write(session):
            chaining.seal(session, at=_posting.NOW)
        time.sleep(0.02)
