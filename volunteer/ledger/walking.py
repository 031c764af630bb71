"""Walking the chain from its first link to its last, in one pass: what was changed, removed, swapped, cut off or rewritten.

Rows are read as they stand, without the models: a row that somebody tampered with may hold anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Result, RowMapping, bindparam, text
from sqlalchemy.orm import Session

from volunteer.kernel.db import UtcDateTime
from volunteer.ledger import hashing, keys, merkle
from volunteer.ledger.chaining import COLUMNS
from volunteer.ledger.finding import SHOWN, Finding
from volunteer.ledger.models_keys import Purpose
from volunteer.ledger.outside import Kept, Mark

Row = Mapping[Any, Any]
PATIENCE = timedelta(days=1)  # a transfer that old has a link
LINKS = f"""
    SELECT l.number, l.transfer_id, l.previous_hash, l.hash, l.at AS linked_at, {COLUMNS}
    FROM ledger_links l LEFT JOIN ledger_transfers t ON t.id = l.transfer_id
    LEFT JOIN ledger_accounts s ON s.id = t.source_id LEFT JOIN ledger_accounts r ON r.id = t.target_id ORDER BY l.number
"""  # noqa: S608 # nosec B608 - stands in the code
BLOCKS = "SELECT * FROM ledger_blocks ORDER BY number"
CHECKPOINTS = "SELECT * FROM ledger_checkpoints ORDER BY number"
UNLINKED = text("""
    SELECT t.id FROM ledger_transfers t WHERE t.at < :old AND EXISTS (SELECT 1 FROM ledger_blocks)
    AND NOT EXISTS (SELECT 1 FROM ledger_links l WHERE l.transfer_id = t.id) ORDER BY t.id LIMIT :most
""").bindparams(bindparam("old", type_=UtcDateTime()))


class Walk:
    """One pass over links, blocks and checkpoints side by side; ``findings`` names what is wrong, the first row first."""

    def __init__(self, session: Session, kept: Kept | None = None) -> None:
        self.session = session
        self.kept = kept or Kept()
        self.open: list[Result[Any]] = []
        self.links = 0
        self.blocks = 0
        self.checkpoints = 0
        self.previous = hashing.START  # hash of the last link, block, checkpoint
        self.previous_block = hashing.START
        self.previous_checkpoint = hashing.START
        self.tree = merkle.Tree()  # of the block that is being walked
        self.whole = merkle.Tree()  # of all blocks
        self.sums = {"minutes": 0, "points": 0}
        self.pending = self._rows(CHECKPOINTS)
        self.next: Row | None = next(self.pending, None)
        self.suspect: Finding | None = None  # a link whose hash is not what the next one may stand on
        self.keys = {key.kid: key for key in keys.published(session)}
        self.doubted: list[Finding] = []  # signed by a revoked key, with nothing on them yet that is believed
        self.signed = datetime.min.replace(tzinfo=UTC)  # the latest moment of a checkpoint so far
        self.seen: set[int] = set()  # blocks that marks from outside were held against

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong, in the order of the chain."""
        blocks = self._rows(BLOCKS)
        block = next(blocks, None)
        yield from self._hold_against(0)
        for row in self._rows(LINKS):
            while block is not None and row["number"] > block["last_link"]:
                yield from self._close(block)
                block = next(blocks, None)
            yield from self._link(row, block)
        while block is not None:
            yield from self._close(block)
            block = next(blocks, None)
        yield from self._left_over()

    def close(self) -> None:
        """Let go of what is still being read: a walk may be left before its end."""
        for found in self.open:
            found.close()

    def _rows(self, query: str) -> Iterator[RowMapping]:
        found = self.session.execute(text(query).execution_options(yield_per=1000))
        self.open.append(found)
        return iter(found.mappings())

    def _link(self, row: Row, block: Row | None) -> Iterator[Finding]:
        number = row["number"]
        if number != self.links + 1:
            yield self._missing(number - 1)
            self.previous, self.suspect = _bytes(row["previous_hash"]), None  # nobody knows what stood before it
        self.links = number
        leaf = hashing.leaf_of(row)
        own = hashing.link_hash(_bytes(row["previous_hash"]), number, row["transfer_id"], leaf, row["linked_at"])
        fits = own == _bytes(row["hash"])
        if _bytes(row["previous_hash"]) != self.previous:
            # a link that fits its own row tells on the one before; else it is wrong itself
            before = self.suspect if fits and self.suspect else None
            yield before or Finding(
                "chain", f"link {number}", f"does not follow link {number - 1} (transfer {row['transfer_id']})"
            )
        elif row["id"] is None:
            yield Finding("chain", f"transfer {row['transfer_id']}", f"is gone; link {number} stands for it")
        elif not fits:
            yield Finding("chain", f"transfer {row['id']}", f"is not what link {number} was made for")
        kept = self.kept.short_of(block["first_link"], number) if block is not None else None
        if kept is not None and _bytes(row["hash"])[: len(kept)] != kept:
            yield Finding("outside", f"transfer {row['transfer_id']}", f"link {number} is not the one that was kept elsewhere")
        if block is None:
            yield Finding("chain", f"link {number}", "stands in no block")
        self.suspect = Finding("chain", f"transfer {row['transfer_id']}", f"link {number} is not what the next one stands on")
        self.previous = _bytes(row["hash"])
        self.tree.add(leaf)
        if row["unit"] in self.sums and isinstance(row["amount"], int):
            self.sums[row["unit"]] += row["amount"]

    def _close(self, block: Row) -> Iterator[Finding]:
        number, name = block["number"], f"block {block['number']}"
        span = f"links {block['first_link']} to {block['last_link']}"
        if number != self.blocks + 1:
            yield Finding("block", f"block {self.blocks + 1}", "is missing")
        if self.links < block["last_link"]:
            yield self._missing(block["last_link"])
            self.links = block["last_link"]
        elif _bytes(block["last_hash"]) != self.previous:
            yield Finding("block", name, f"{span}: the chain ends differently here than when it was sealed")
        elif block["first_link"] + self.tree.size != block["last_link"] + 1 or _bytes(block["root"]) != self.tree.root():
            yield Finding("block", name, f"{span}: its root is not that of its transfers")
        if _bytes(block["previous_hash"]) != self.previous_block:
            yield Finding("block", name, "does not follow the block before")
        if _bytes(block["hash"]) != hashing.block_hash(block):
            yield Finding("block", name, "its hash is not that of what it says")
        if self.kept.hashes.get(number, _bytes(block["hash"]).hex()) != _bytes(block["hash"]).hex():
            yield Finding("outside", name, f"{span}: is not the block that was kept elsewhere")
        self.blocks, self.previous_block, self.tree = number, _bytes(block["hash"]), merkle.Tree()
        self.previous = _bytes(block["last_hash"])
        self.whole.add(hashing.top_of(_bytes(block["root"]), max(block["last_link"] - block["first_link"] + 1, 0)))
        yield from self._hold_against(number)

    def _missing(self, last: int) -> Finding:
        span = f" to {last}" if last > self.links + 1 else ""
        return Finding("chain", f"link {self.links + 1}", f"is missing{span and f', with all{span}'}")

    def _hold_against(self, block: int) -> Iterator[Finding]:
        """Hold what was signed, here and elsewhere, against the books up to ``block``."""
        while self.next is not None and self.next["block"] == block:
            yield from self._checkpoint(self.next)
            self.next = next(self.pending, None)
        self.seen.add(block)
        for mark in self.kept.marks.get(block, ()):
            if not self._agrees(mark.said):
                yield Finding("outside", f"block {block}", f"the books up to here are not those of {mark.name}")
            yield from self._known(mark)

    def _checkpoint(self, row: Row) -> Iterator[Finding]:
        name = f"checkpoint {row['number']}"
        if row["number"] != self.checkpoints + 1:
            yield Finding("checkpoint", f"checkpoint {self.checkpoints + 1}", "is missing")
        said = {**row, "root": _bytes(row["root"]).hex()}
        agrees, follows = self._agrees(said), _bytes(row["previous_hash"]) == self.previous_checkpoint
        if not agrees:
            yield Finding("checkpoint", name, f"the books up to block {row['block']} are not those of {row['day']}")
        if not follows:
            yield Finding("checkpoint", name, "does not follow the checkpoint before")
        key = self.keys.get(row["kid"])
        if key is None or key.purpose is not Purpose.LEDGER:
            yield Finding("checkpoint", name, f"there is no key {row['kid']} that signs the books")
        elif not keys.holds(key.public, _bytes(row["signature"]), hashing.checkpoint_text(row).encode()):
            yield Finding("checkpoint", name, "its signature does not hold")
        elif key.is_revoked_at(self._signed_at(row)):
            words = f"was signed by key {key.kid} after that was revoked, and nothing that is believed stands on it"
            self.doubted.append(Finding("checkpoint", name, words))
        elif agrees and follows:
            self.doubted.clear()  # it names the hash of the one before, which names the one before it
        self.checkpoints, self.previous_checkpoint = row["number"], hashing.checkpoint_hash(row)

    def _signed_at(self, row: Row) -> datetime:
        """When a checkpoint was signed at the earliest: whoever has a key writes any time, but none before what it stands on."""
        self.signed = max(self.signed, datetime.fromisoformat(hashing.moment(row["at"])))
        return self.signed

    def _agrees(self, said: Row) -> bool:
        here = (self.links, self.whole.root().hex(), self.sums["minutes"], self.sums["points"])
        return here == (said["links"], said["root"], said["minutes"], said["points"])

    def _known(self, mark: Mark) -> Iterator[Finding]:
        key = self.keys.get(mark.said["kid"])
        if key is None or key.public != mark.public:
            yield Finding("outside", f"key {mark.said['kid']}", f"signed {mark.name}, and is not known here")

    def _left_over(self) -> Iterator[Finding]:
        """What speaks of more than there is: the end was cut off; and what only a revoked key speaks for."""
        yield from self.doubted
        if self.next is not None:
            first = self.next
            yield Finding("chain", f"link {self.links + 1}", f"is missing: checkpoint {first['number']} counts {first['links']}")
        for block in sorted(set(self.kept.marks) - self.seen):
            mark = self.kept.marks[block][0]
            yield Finding("chain", f"link {self.links + 1}", f"is missing: {mark.name}, counts {mark.said['links']}")


def findings(session: Session, kept: Kept | None = None, *, at: datetime | None = None) -> Iterator[Finding]:
    """Yield the first SHOWN faults of the chain; with ``at`` also transfers that should have a link by then and have none."""
    walk = Walk(session, kept)
    try:
        yield from islice(walk.findings(), SHOWN)
    finally:
        walk.close()
    if at is not None:
        for (number,) in session.execute(UNLINKED, {"old": at - PATIENCE, "most": SHOWN}):
            yield Finding("chain", f"transfer {number}", "is in no link, a day after it was posted")


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview | bytearray) else repr(value).encode()
