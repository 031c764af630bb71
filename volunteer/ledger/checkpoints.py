"""Checkpoints: once a day everything that is linked is summed up in one line and signed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from volunteer.kernel.clock import local_date, start_of_day, zone_of
from volunteer.kernel.db import BEYOND
from volunteer.kernel.paging import Page, cut
from volunteer.ledger import chaining, hashing, keys, merkle
from volunteer.ledger.models import Link, Transfer, Unit
from volunteer.ledger.models_chain import Block, Checkpoint
from volunteer.ledger.models_keys import Purpose

FEW = 30


def is_due(session: Session, *, at: datetime) -> bool:
    """Return whether no checkpoint was signed since the last local midnight.

    One of more than a day ahead was signed by a clock that has been put back since: days do not wait until it comes.
    """
    last, zone = latest(session), zone_of(session)
    return last is None or last.at < start_of_day(local_date(at, zone), zone) or last.at > at + timedelta(days=1)


def close_day(session: Session, *, at: datetime) -> Checkpoint | None:
    """Sign the checkpoint of the local day that ended last, unless one was signed since; return it if it is new."""
    chaining.take_turn(session)
    return sign(session, day=local_date(at, zone_of(session)) - timedelta(days=1), at=at) if is_due(session, at=at) else None


def sign(session: Session, *, day: date, at: datetime) -> Checkpoint:
    """Sign a checkpoint over every block there is, as that of ``day``."""
    while chaining.seal(session, at=at, everything=True):
        pass
    before, block = latest(session), chaining.latest(session)
    sums = _moved(session, before.links if before else 0)
    key = keys.current(session, Purpose.LEDGER, at=at)
    said: dict[str, Any] = {
        "number": before.number + 1 if before else 1,
        "day": day,
        "block": block.number if block else 0,
        "links": block.last_link if block else 0,
        "root": merkle.root(tops(session)),
        "minutes": (before.minutes if before else 0) + sums.get(Unit.MINUTES, 0),
        "points": (before.points if before else 0) + sums.get(Unit.POINTS, 0),
        "previous_hash": hashing.checkpoint_hash(values_of(before)) if before else hashing.START,
        "at": at,
        "kid": key.kid,
    }
    checkpoint = Checkpoint(**said, signature=keys.sign(session, key, hashing.checkpoint_text(said).encode()))
    session.add(checkpoint)
    session.flush()  # the next one names it
    return checkpoint


def latest(session: Session) -> Checkpoint | None:
    """Return the last checkpoint."""
    return session.scalar(select(Checkpoint).order_by(Checkpoint.number.desc()).limit(1))


def page(session: Session, *, before: int | None = None, limit: int = FEW) -> Page[Checkpoint]:
    """Return checkpoints, the newest first, those before number ``before`` only."""
    found = select(Checkpoint).order_by(Checkpoint.number.desc()).limit(limit + 1)
    rows = session.scalars(found if before is None else found.where(Checkpoint.number < min(before, BEYOND - 1))).all()
    return cut(rows, limit, [row.number for row in rows])


def values_of(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return the columns of a checkpoint by name."""
    return {column.key: getattr(checkpoint, column.key) for column in Checkpoint.__mapper__.column_attrs}


def exported(session: Session, checkpoint: Checkpoint, *, blocks: bool) -> dict[str, Any]:
    """Return a checkpoint as it leaves the house, ready for JSON; with ``blocks`` also those sealed since the one before.

    A block brings the first four bytes of each link's hash, so that whoever compares can name the very row.
    """
    key = keys.find(session, checkpoint.kid)
    out: dict[str, Any] = {
        "checkpoint": hashing.checkpoint_text(values_of(checkpoint)),
        "signature": checkpoint.signature.hex(),
        "public_key": key.public.hex() if key else "",
    }
    if blocks:
        out["blocks"] = list(_blocks_of(session, checkpoint))
    return out


def _blocks_of(session: Session, checkpoint: Checkpoint) -> Iterator[dict[str, Any]]:
    before = session.get(Checkpoint, checkpoint.number - 1)
    since = before.block if before else 0
    found = select(Block).where(Block.number > since, Block.number <= checkpoint.block).order_by(Block.number)
    for block in session.scalars(found):
        hashes = select(Link.hash).where(Link.number.between(block.first_link, block.last_link)).order_by(Link.number)
        short = b"".join(made[:4] for made in session.scalars(hashes))
        yield {"number": block.number, "first_link": block.first_link, "hash": block.hash.hex(), "links": short.hex()}


def tops(session: Session, last: int = BEYOND - 1) -> Iterator[bytes]:
    """Yield the leaves of a checkpoint's tree: one for each block up to number ``last``."""
    found = select(Block.root, Block.last_link - Block.first_link + 1).where(Block.number <= last).order_by(Block.number)
    for root, entries in session.execute(found.execution_options(yield_per=5000)).tuples():
        yield hashing.top_of(root, entries)


def _moved(session: Session, after: int) -> dict[Unit, int]:
    """Return the sum of all amounts in links after number ``after``, by unit."""
    rows = select(Transfer.unit, func.sum(Transfer.amount)).join(Link, Link.transfer_id == Transfer.id)
    return {unit: int(total) for unit, total in session.execute(rows.where(Link.number > after).group_by(Transfer.unit))}
