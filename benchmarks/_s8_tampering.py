"""S8: a thousand tamperings by somebody with every right over the database; each is found, and its first broken row named.

The triggers are gone. An end is cut off so that balances, blocks and checkpoints fit again; a rewriting makes every hash, block
and checkpoint anew, at the old moments and with the county's own stolen key: only what was kept elsewhere can tell.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from benchmarks._databases import postgresql, sqlite
from benchmarks.figure import Figures
from tests.support.databases import Database, migrate
from tests.support.services import Missing
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.kernel.tables import import_all_models
from volunteer.ledger import book, chaining, checkpoints, guards, hashing, keys, merkle, outside, verify
from volunteer.ledger.chaining import COLUMNS, JOINED
from volunteer.ledger.models import Unit
from volunteer.ledger.models_chain import Block, Checkpoint
from volunteer.ledger.rules import issued_by, person

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
DAYS, EACH, BLOCK, TIMES = 4, 60, 25, 1000
EDITS = (
    "amount = amount + {n}", "reason = 'gift{n}'", "about = 'order:{n}'", "day = '2020-01-0{d}'", "grade = 'd'", "note = 'x{n}'",
    "policy_version = 'x{n}'", "at = '2020-01-0{d} 00:00:00'", "source_id = target_id, target_id = source_id",
)  # fmt: skip
Tampering = Callable[[Session, random.Random, list[int]], str]


def tamperings(figures: Figures, *, quick: bool, url: str | None) -> None:
    """Print the counts on both databases, half of the thousand on each."""
    with sqlite() as database:
        measure(figures, database, TIMES // 20 if quick else TIMES // 2)
    try:
        with postgresql(url) as database:
            measure(figures, database, TIMES // 20 if quick else TIMES // 2)
    except Missing as missing:
        print(f"S8 was not measured on PostgreSQL: {missing}", flush=True)


def measure(figures: Figures, database: Database, times: int) -> None:
    """Tamper so many times, each time with the books as they were."""
    import_all_models()
    migrate(database.url)
    rng, found, named = random.Random(8), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder, Session(database.engine, info={"keyring": Keyring.generate()}) as session:
        with write(session):
            numbers = fill(session, Path(folder))
        kept = outside.read([Path(folder)])
        assert verify.findings(session, kept) == [], "the books were wrong to begin with"
        with write(session):
            _take_guards_away(session)
        for number in range(times):
            kind = list(KINDS)[number % len(KINDS)]
            session.rollback()
            if database.kind == "sqlite":
                session.execute(text("PRAGMA defer_foreign_keys = ON"))  # until the end that never comes
            expected = KINDS[kind](session, rng, numbers)
            wrong = [one for one in verify.findings(session, kept) if one.check != "guard"]
            found[kind] += bool(wrong)
            named[kind] += bool(wrong) and wrong[0].row == expected
            if not wrong or wrong[0].row != expected:
                print(f"  {kind}: expected {expected}, found {wrong[:1]}", flush=True)
            session.rollback()
            session.expire_all()
    what = ", ".join(f"{kind} {found[kind]}" for kind in KINDS)
    name = f"S8.{database.kind}"
    figures.value(f"{name}.not_found", times - found.total(), "count", f"{times} tamperings, found: {what}", at_most=0)
    figures.value(f"{name}.not_named", times - named.total(), "count", "the first broken row named exactly", at_most=0)
    database.engine.dispose()


def fill(session: Session, folder: Path) -> list[int]:
    """Post for some days, sign each, and keep the checkpoints elsewhere; return the numbers of the transfers."""
    chaining.BATCH = BLOCK
    numbers = []
    for day in range(DAYS):
        at = NOON + timedelta(days=day)
        for number in range(EACH):
            made = book.move(
                session, Unit.MINUTES, 10 + number, source=issued_by(1 + number % 3, Unit.MINUTES), target=person(1 + number % 7),
                reason="service", key=f"order:{day}:{number}", about=f"order:{number}", day=at.date(), at=at,
            )  # fmt: skip
            numbers.append(made.id)
        checkpoints.sign(session, day=at.date(), at=at + timedelta(hours=13))
    for checkpoint in session.scalars(select(Checkpoint)):
        file = folder / f"{checkpoint.number}.json"
        file.write_text(json.dumps(checkpoints.exported(session, checkpoint, blocks=True)))
    return numbers


def edit(session: Session, rng: random.Random, numbers: list[int]) -> str:
    """Change one column of one entry."""
    number = rng.choice(numbers)
    change = rng.choice(EDITS).format(n=rng.randint(1, 99), d=rng.randint(1, 9))
    session.execute(text(f"UPDATE ledger_transfers SET {change} WHERE id = {number}"))
    return f"transfer {number}"


def delete(session: Session, rng: random.Random, numbers: list[int]) -> str:
    """Remove one entry, half of the time with its link and its key, and with balances that fit again."""
    place = rng.randrange(len(numbers))
    tidy = rng.random() < 0.5
    if tidy:
        _take_out(session, [numbers[place]])
        session.execute(text(f"DELETE FROM ledger_links WHERE number = {place + 1}"))
    session.execute(text(f"DELETE FROM ledger_transfers WHERE id = {numbers[place]}"))
    return f"link {place + 1}" if tidy else f"transfer {numbers[place]}"


def swap(session: Session, rng: random.Random, numbers: list[int]) -> str:
    """Let two entries change places."""
    one, other = sorted(rng.sample(numbers, 2))
    for old, new in ((one, 10**6), (other, one), (10**6, other)):
        session.execute(text(f"UPDATE ledger_transfers SET id = {new} WHERE id = {old}"))
    return f"transfer {one}"


def cut_off(session: Session, rng: random.Random, numbers: list[int]) -> str:
    """Remove everything behind a block, and leave no trace here."""
    last = rng.choice([links for links in session.scalars(select(Block.last_link)) if links < len(numbers)])
    _take_out(session, numbers[last:])
    for statement in (
        "DELETE FROM ledger_links WHERE number > :last", "DELETE FROM ledger_blocks WHERE last_link > :last",
        "DELETE FROM ledger_checkpoints WHERE links > :last",
    ):  # fmt: skip
        session.execute(text(statement), {"last": last})
    session.execute(text(f"DELETE FROM ledger_transfers WHERE id IN ({', '.join(map(str, numbers[last:]))})"))
    return f"link {last + 1}"


def rewrite(session: Session, rng: random.Random, numbers: list[int]) -> str:
    """Change an entry, then every hash, block and checkpoint as if it had always been so."""
    number, by = rng.choice(numbers), rng.randint(1, 999)
    session.execute(
        text(
            "UPDATE ledger_accounts SET balance = balance + CASE id WHEN (SELECT target_id FROM ledger_transfers WHERE id = :id)"
            " THEN :by ELSE -:by END WHERE id IN (SELECT target_id FROM ledger_transfers WHERE id = :id"
            " UNION SELECT source_id FROM ledger_transfers WHERE id = :id)"
        ),
        {"id": number, "by": by},
    )
    session.execute(text(f"UPDATE ledger_transfers SET amount = amount + {by} WHERE id = {number}"))
    rows = session.execute(
        text(
            f"SELECT l.number, l.at AS linked_at, {COLUMNS} FROM {JOINED}"
            " JOIN ledger_links l ON l.transfer_id = t.id ORDER BY l.number"
        )
    ).mappings()
    leaves, hashes, previous, sums = [], [], hashing.START, []
    for row in rows:
        leaf = hashing.leaf_of(row)
        made = hashing.link_hash(previous, row["number"], row["id"], leaf, row["linked_at"])
        session.execute(
            text("UPDATE ledger_links SET previous_hash = :p, hash = :h WHERE number = :n"),
            {"p": previous, "h": made, "n": row["number"]},
        )
        previous = made
        leaves.append(leaf)
        hashes.append(made)
        sums.append(row["amount"])
    _forge_blocks(session, leaves, hashes)
    _forge_checkpoints(session, sums)
    return f"transfer {number}"


def _forge_blocks(session: Session, leaves: list[bytes], hashes: list[bytes]) -> None:
    before = hashing.START
    for row in session.execute(text("SELECT * FROM ledger_blocks ORDER BY number")).mappings().all():
        said = dict(row) | {
            "root": merkle.root(leaves[row["first_link"] - 1 : row["last_link"]]),
            "last_hash": hashes[row["last_link"] - 1],
            "previous_hash": before,
        }
        before = said["hash"] = hashing.block_hash(said)
        change = "UPDATE ledger_blocks SET root = :root, last_hash = :last_hash, previous_hash = :previous_hash, hash = :hash"
        session.execute(text(f"{change} WHERE number = :number"), {name: said[name] for name in _names(change) | {"number"}})


def _forge_checkpoints(session: Session, sums: list[int]) -> None:
    before = hashing.START
    for row in session.execute(text("SELECT * FROM ledger_checkpoints ORDER BY number")).mappings().all():
        said = dict(row) | {
            "root": merkle.root(checkpoints.tops(session, row["block"])),
            "minutes": sum(sums[: row["links"]]),
            "previous_hash": before,
        }
        key = keys.find(session, row["kid"])
        assert key
        said["signature"] = keys.sign(session, key, hashing.checkpoint_text(said).encode())
        before = hashing.checkpoint_hash(said)
        change = "UPDATE ledger_checkpoints SET root = :root, minutes = :minutes, previous_hash = :previous_hash"
        change += ", signature = :signature"
        session.execute(text(f"{change} WHERE number = :number"), {name: said[name] for name in _names(change) | {"number"}})


def _names(statement: str) -> set[str]:
    return {word.strip(",") for part in statement.split(":")[1:] for word in part.split()[:1]}


def _take_out(session: Session, numbers: list[int]) -> None:
    """Let balances and keys look as if these entries had never been."""
    some = ", ".join(map(str, numbers))
    for sign, side in (("-", "target_id"), ("+", "source_id")):
        session.execute(
            text(
                f"UPDATE ledger_accounts SET balance = balance {sign} COALESCE((SELECT SUM(amount) FROM ledger_transfers"
                f" WHERE {side} = ledger_accounts.id AND id IN ({some})), 0)"
            )
        )
    gone = session.scalars(text(f"SELECT key FROM ledger_transfers WHERE id IN ({some})")).all()
    session.execute(
        text("DELETE FROM ledger_keys WHERE key IN (" + ", ".join(f"'{key}'".replace(":", r"\:") for key in gone) + ")")
    )


def _take_guards_away(session: Session) -> None:
    if guards.is_lite(session):
        for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger%'")).all():
            session.execute(text(f"DROP TRIGGER {name}"))
    else:
        for table in guards.GUARDED:
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))


KINDS: dict[str, Tampering] = {"edit": edit, "delete": delete, "swap": swap, "cut off": cut_off, "rewrite": rewrite}
