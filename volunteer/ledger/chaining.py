"""Writing the chain: posted transfers get links, a few hundred links a block. Only jobs and the console do this.

On PostgreSQL a transfer with a smaller number may become visible after a larger one was linked: whoever waited in a long
transaction. It gets its link then; the chain is in the order of finding, not of numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, func, insert, select, text
from sqlalchemy.orm import Session

from volunteer.ledger import hashing, merkle
from volunteer.ledger.guards import is_lite
from volunteer.ledger.models import Link
from volunteer.ledger.models_chain import Block

BATCH = 500
LATE = timedelta(hours=1)  # so long after larger numbers were linked, a transfer is looked for every time; later, once a day
TURN = 7_364_520  # the lock that only writers of the chain take

COLUMNS = """
    t.id, t.source_id, s.owner AS source, t.target_id, r.owner AS target, t.unit, t.amount, t.reason, t.key, t.about,
    t.day, t.grade, t.policy_version, t.reverses_id, t.note, t.at
"""
JOINED = "ledger_transfers t LEFT JOIN ledger_accounts s ON s.id = t.source_id LEFT JOIN ledger_accounts r ON r.id = t.target_id"
FORWARD = text(f"SELECT {COLUMNS} FROM {JOINED} WHERE t.id > :above ORDER BY t.id LIMIT :most")  # noqa: S608 # nosec B608 - stands above
BEHIND = text(
    f"SELECT {COLUMNS} FROM {JOINED} WHERE t.id > :above AND t.id <= :highest"  # noqa: S608 # nosec B608 - stands above
    " AND NOT EXISTS (SELECT 1 FROM ledger_links l WHERE l.transfer_id = t.id) ORDER BY t.id LIMIT :most"
)


def seal(session: Session, *, at: datetime, everything: bool = False) -> Block | None:
    """Link up to BATCH transfers that have no link and seal them as one block; return it, None when there was nothing.

    ``everything`` looks behind for late ones from the very first transfer on. Of two who do this at once the second waits.
    """
    take_turn(session)
    last = latest(session)
    highest = last.highest_transfer if last else 0
    rows = session.execute(FORWARD, {"above": highest, "most": BATCH}).mappings().all()
    if len(rows) < BATCH:
        above, links = (0, 0) if everything else _settled(session, at)
        if last and last.last_link - links < highest - above:  # some numbers up to the highest have no link
            behind = {"above": above, "highest": highest, "most": BATCH - len(rows)}
            rows = [*session.execute(BEHIND, behind).mappings(), *rows]
    return _append(session, last, rows, at) if rows else None


def take_turn(session: Session) -> None:
    """Wait until nobody else writes chain, blocks or checkpoints; on SQLite a writing transaction is alone anyway."""
    if not is_lite(session):
        session.execute(select(func.pg_advisory_xact_lock(TURN)))


def latest(session: Session) -> Block | None:
    """Return the last block."""
    return session.scalar(select(Block).order_by(Block.number.desc()).limit(1))


def _settled(session: Session, at: datetime) -> tuple[int, int]:
    """Return the highest transfer that was linked LATE ago, and how many links there were then."""
    old = select(Block.highest_transfer, Block.last_link).where(Block.at <= at - LATE).order_by(Block.number.desc()).limit(1)
    return session.execute(old).tuples().one_or_none() or (0, 0)


def _append(session: Session, last: Block | None, rows: Sequence[RowMapping], at: datetime) -> Block:
    first = last.last_link + 1 if last else 1
    previous = last.last_hash if last else hashing.START
    links, tree = [], merkle.Tree()
    for number, row in enumerate(rows, first):
        leaf = hashing.leaf_of(row)
        made = hashing.link_hash(previous, number, row["id"], leaf, at)
        links.append({"number": number, "transfer_id": row["id"], "previous_hash": previous, "hash": made, "at": at})
        tree.add(leaf)
        previous = made
    session.execute(insert(Link), links)
    sealed: dict[str, Any] = {
        "number": last.number + 1 if last else 1,
        "first_link": first,
        "last_link": first + len(links) - 1,
        "highest_transfer": max([last.highest_transfer if last else 0, *(row["id"] for row in rows)]),
        "last_hash": previous,
        "root": tree.root(),
        "previous_hash": last.hash if last else hashing.START,
        "at": at,
    }
    block = Block(**sealed, hash=hashing.block_hash(sealed))
    session.add(block)
    session.flush()  # the next block stands on this one
    return block
