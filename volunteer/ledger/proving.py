"""Proving to an outsider that one transfer stands in the books that were signed: an inclusion proof."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from volunteer.kernel.errors import Conflict, NotFound
from volunteer.kernel.words import N_
from volunteer.ledger import checkpoints, hashing, keys, merkle
from volunteer.ledger.chaining import COLUMNS, JOINED
from volunteer.ledger.models import Link
from volunteer.ledger.models_chain import Block, Checkpoint
from volunteer.ledger.models_keys import Purpose

PROOF = "proof/1"
OF_BLOCK = text(
    f"SELECT l.number, {COLUMNS} FROM {JOINED} JOIN ledger_links l ON l.transfer_id = t.id"  # noqa: S608 # nosec B608 - stands in the code
    " WHERE l.number BETWEEN :first AND :last ORDER BY l.number"
)


def prove(session: Session, transfer_id: int) -> dict[str, Any]:
    """Return the proof that transfer ``transfer_id`` is covered by a checkpoint, ready for JSON.

    It is the first one after it under a key that is not revoked.

    Raises NotFound for no such transfer, Conflict while it has no checkpoint, or when the books no longer are what was signed.
    """
    link = session.scalar(select(Link).where(Link.transfer_id == transfer_id))
    block = link and session.scalar(select(Block).where(Block.last_link >= link.number).order_by(Block.number).limit(1))
    signed = block and session.scalar(
        select(Checkpoint)
        .where(Checkpoint.block >= block.number, Checkpoint.kid.not_in(keys.revoked(session, Purpose.LEDGER)))
        .order_by(Checkpoint.number)
        .limit(1)
    )
    if not (link and block and signed):
        if not session.scalar(text("SELECT COUNT(*) FROM ledger_transfers WHERE id = :id"), {"id": transfer_id}):
            raise NotFound("transfer")
        raise Conflict("no_checkpoint_yet", N_("This entry is in no signed checkpoint yet. It will be after midnight."))

    rows = session.execute(OF_BLOCK, {"first": block.first_link, "last": block.last_link}).mappings().all()
    leaves = [hashing.leaf_of(row) for row in rows]
    index = link.number - block.first_link
    tops = list(checkpoints.tops(session, signed.block))
    if (
        len(rows) != block.last_link - block.first_link + 1
        or merkle.root(leaves) != block.root
        or merkle.root(tops) != signed.root
    ):
        raise Conflict("books_broken", N_("The books are not what was signed. ./run flask ledger verify says where."))
    return {
        "v": PROOF,
        "transfer": hashing.transfer_text(rows[index]),
        "in_block": _way(index, leaves),
        "in_books": _way(block.number - 1, tops),
        **checkpoints.exported(session, signed, blocks=False),
    }


def _way(index: int, leaves: list[bytes]) -> dict[str, Any]:
    return {"index": index, "size": len(leaves), "path": [beside.hex() for beside in merkle.path(index, leaves)]}
