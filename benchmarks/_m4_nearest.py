"""M4: the 50 nearest on duty with a skill, exactly, out of 232,700; on SQLite, on PostgreSQL, and in memory.

The references are given away what makes them quick: the radius that is enough, the bare driver, prepared statements. Each reads
its index, throws out who has not the skill, and measures the rest in metres; ours finds its radius by itself, through the ORM's
session, as the application calls it. The tree in memory has nobody but those with the skill in it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import cycle
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from benchmarks._databases import postgresql, sqlite
from benchmarks.figure import Figures, alternate
from tests.support.databases import Database, migrate
from volunteer.matching.nearest import Box, Found, Near, Tree, box_around, first_k
from volunteer.teams.models_duty import ANYBODY
from volunteer.teams.queries_duty import nearest_on_duty, stripe_of

PEOPLE, K, SKILLS, ASKED, SEED = 232_700, 50, 25, 200, 4
SOUTH, WEST, SIZE, TOWNS = 30.8, 120.0, 1.0, 60
AT = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
UNTIL = "2026-03-04 12:00:00.000000"  # UTC, as it is stored
SPOT = "(skill_id, stripe, latitude, longitude, volunteer_id, until)"
Place = tuple[float, float]
Look = Callable[[Box, int], Found]


class Crowd(NamedTuple):
    """Everybody on duty: ids from 1, places, a bit for each skill."""

    ids: list[int]
    north: list[float]
    east: list[float]
    masks: list[int]


def invent(people: int = PEOPLE) -> Crowd:
    """Return people around sixty towns of a city of 111 by 95 km, each with about three of 25 skills."""
    rng = random.Random(SEED)
    towns = [(SOUTH + SIZE * rng.random(), WEST + SIZE * rng.random(), rng.uniform(0.01, 0.06)) for _ in range(TOWNS)]
    crowd = Crowd([], [], [], [])
    for one in range(1, people + 1):
        latitude, longitude, wide = rng.choice(towns)
        crowd.ids.append(one)
        crowd.north.append(latitude + rng.gauss(0, wide))
        crowd.east.append(longitude + rng.gauss(0, wide))
        crowd.masks.append(sum(1 << skill for skill in set(rng.choices(range(1, SKILLS + 1), k=rng.randint(1, 5)))))
    return crowd


def brute(crowd: Crowd, point: Place, skill: int, k: int = K) -> list[Near]:
    """Return the answer by measuring everybody who has the skill."""
    rows = np.flatnonzero(np.array(crowd.masks) & (1 << skill))
    return first_k(point, Found(*(np.array(column)[rows].tolist() for column in crowd[:3])), k)


def run(figures: Figures, *, people: int = PEOPLE, rounds: int = 7) -> None:
    """Measure ours against the best of each database's own probes and the tree in memory."""
    crowd, rng = invent(people), random.Random(SEED + 1)
    questions = []
    for _ in range(ASKED):
        near = rng.randrange(people)
        point = (crowd.north[near] + rng.gauss(0, 0.01), crowd.east[near] + rng.gauss(0, 0.01))
        skill = rng.randint(1, SKILLS)
        answer = brute(crowd, point, skill)
        questions.append((point, skill, answer, box_around(point, answer[-1].metres)))
    tree = Tree(
        Found(*crowd[:3]),
        {str(s): frozenset(i for i, m in zip(crowd.ids, crowd.masks, strict=True) if m >> s & 1) for s in range(1, SKILLS + 1)},
    )
    wrong = sum(tree.nearest(point, K, frozenset({str(skill)})) != answer for point, skill, answer, _ in questions)
    figures.value("M4.tree_wrong", wrong, "count", f"of {ASKED} against measuring everybody, tree in memory", at_most=0)
    for kind, place in (("sqlite", sqlite), ("postgresql", postgresql)):
        with place() as database, _filled(database, crowd) as engine:
            _measure(figures, kind, engine, questions, tree, rounds)


def _measure(figures: Figures, kind: str, engine: Engine, questions: list[Any], tree: Tree, rounds: int) -> None:
    with Session(engine) as session:
        for _ in range(2):  # the second time it knows how far it has to look
            wrong = sum(nearest_on_duty(session, point, {skill}, at=AT, k=K) != answer for point, skill, answer, _ in questions)
        figures.value(f"M4.{kind}_wrong", wrong, "count", f"of {ASKED} against measuring everybody", at_most=0)
        raw = engine.raw_connection()
        try:
            looks = _sqlite_looks(raw) if kind == "sqlite" else _postgresql_looks(raw)
            asked = {name: cycle(questions) for name in ("ours", "tree", *looks)}

            def ours() -> None:
                point, skill, _, _ = next(asked["ours"])
                nearest_on_duty(session, point, {skill}, at=AT, k=K)

            def in_memory() -> None:
                point, skill, _, _ = next(asked["tree"])
                tree.nearest(point, K, frozenset({str(skill)}))

            def probe(name: str, look: Look) -> None:
                point, skill, _, box = next(asked[name])
                first_k(point, look(box, skill), K)

            probes = [partial(probe, name, look) for name, look in looks.items()]
            times = dict(
                zip(("ours", "tree", *looks), alternate(ours, in_memory, *probes, rounds=rounds, repeat=ASKED), strict=True)
            )
        finally:
            raw.close()
    best = min(looks, key=lambda name: times[name])
    others = ", ".join(f"{name} {times[name] * 1000:.2f} ms" for name in looks if name != best)
    figures.ratio(f"M4.{kind}", times["ours"], times[best], f"{best}{f' ({others})' if others else ''}", at_most=2)
    print(f"M4.{kind}: the tree in memory takes {times['tree'] * 1000:.3f} ms; it sees no other process's changes", flush=True)


@contextmanager
def _filled(database: Database, crowd: Crowd) -> Iterator[Engine]:
    """Yield a migrated database with everybody's spots, of nobody for once, and the plain tables of the references."""
    migrate(database.url)
    spots = [
        (skill, stripe_of(longitude), latitude, longitude, one, UNTIL)
        for one, latitude, longitude, mask in zip(*crowd, strict=True)
        for skill in (ANYBODY, *(s for s in range(1, SKILLS + 1) if mask >> s & 1))
    ]
    raw: Any = database.engine.raw_connection()
    fill = _fill_sqlite if database.kind == "sqlite" else _fill_postgresql
    fill(
        raw,
        f"INTO duty_spots {SPOT}" if database.kind == "sqlite" else f"duty_spots {SPOT}",
        spots,
        list(zip(*crowd, strict=True)),
    )
    raw.close()
    yield database.engine
    database.engine.dispose()


def _fill_sqlite(raw: Any, spots_into: str, spots: list[Any], plain: list[Any]) -> None:
    cursor = raw.cursor()
    cursor.execute("PRAGMA foreign_keys = OFF")
    cursor.execute("BEGIN IMMEDIATE")
    cursor.executemany(f"INSERT {spots_into} VALUES (?, ?, ?, ?, ?, ?)", spots)
    cursor.execute("CREATE TABLE plain (id INTEGER PRIMARY KEY, north REAL, east REAL, mask INTEGER)")
    cursor.executemany("INSERT INTO plain VALUES (?, ?, ?, ?)", plain)
    cursor.execute("CREATE INDEX plain_place ON plain (north, east, mask)")
    cursor.execute("CREATE VIRTUAL TABLE tree USING rtree(id, south, north, west, east)")
    cursor.execute("INSERT INTO tree SELECT id, north, north, east, east FROM plain")
    cursor.execute("COMMIT")
    cursor.execute("ANALYZE")
    cursor.execute("PRAGMA foreign_keys = ON")


def _fill_postgresql(raw: Any, spots_into: str, spots: list[Any], plain: list[Any]) -> None:
    cursor = raw.cursor()
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("CREATE TABLE plain (id INTEGER PRIMARY KEY, place POINT, mask INTEGER)")
    for table, rows in ((spots_into, spots), ("plain", [(i, f"({east},{north})", mask) for i, north, east, mask in plain])):
        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    cursor.execute("CREATE INDEX plain_place ON plain USING gist (place)")
    cursor.execute("SET session_replication_role = DEFAULT")
    raw.commit()
    raw.driver_connection.autocommit = True
    cursor.execute("VACUUM ANALYZE")
    raw.driver_connection.autocommit = False


def _sqlite_looks(raw: Any) -> dict[str, Look]:
    cursor = raw.cursor()
    by_index = "SELECT id, north, east FROM plain WHERE north BETWEEN ? AND ? AND east BETWEEN ? AND ? AND mask & ?"
    joined = "SELECT p.id, p.north, p.east FROM tree AS t JOIN plain AS p ON p.id = t.id"
    by_tree = f"{joined} WHERE t.north >= ? AND t.south <= ? AND t.east >= ? AND t.west <= ? AND p.mask & ?"

    def look(statement: str, box: Box, skill: int) -> Found:
        ((west, east),) = box.spans
        rows = cursor.execute(statement, (box.south, box.north, west, east, 1 << skill)).fetchall()
        return Found(*zip(*rows, strict=True))

    return {"(lat, lon) index": partial(look, by_index), "R*Tree joined": partial(look, by_tree)}


def _postgresql_looks(raw: Any) -> dict[str, Look]:
    cursor = raw.cursor()

    def look(box: Box, skill: int) -> Found:
        ((west, east),) = box.spans
        cursor.execute(
            "SELECT id, place[1], place[0] FROM plain WHERE place <@ box(point(%s, %s), point(%s, %s)) AND mask & %s <> 0",
            (west, box.south, east, box.north, 1 << skill),
        )
        return Found(*zip(*cursor.fetchall(), strict=True))

    return {"GiST point": look}
