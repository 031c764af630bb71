"""What exactly is hashed: the canonical text of a transfer, of a block and of a checkpoint, and the chain over them.

No I/O here. A text is JSON with its keys in order, no blanks, and its version first of all in ``v``: when a column is added,
a new version is added here and the old one stays for what was hashed with it. docs/ledger.md describes every field.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from volunteer.ledger import merkle

TRANSFER, BLOCK, CHECKPOINT = "transfer/1", "block/1", "checkpoint/1"
START = bytes(32)  # what the first link, block and checkpoint stand on
LINK = b"link/1\x00"
# The columns of a transfer that matter; ``source`` and ``target`` are the owners of its accounts.
FIELDS = (
    "id", "source_id", "source", "target_id", "target", "unit", "amount", "reason", "key", "about", "day", "grade",
    "policy_version", "reverses_id", "note", "at",
)  # fmt: skip


def canonical(kind: str, values: Mapping[str, Any]) -> str:
    """Return the one text of ``values``. Whatever else stands there (a tampered row may hold anything) gets a text too."""
    return json.dumps({"v": kind, **values}, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=repr)


def moment(at: Any) -> Any:
    """Return a time as text, in UTC; both databases' ways of storing it give the same. Anything else stays as it is."""
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            return at
    if isinstance(at, datetime):
        return at.astimezone(UTC).isoformat() if at.tzinfo else f"{at.isoformat()}+00:00"
    return at


def transfer_text(row: Mapping[Any, Any]) -> str:
    """Return the canonical text of a transfer, read with the columns of FIELDS."""
    values = {name: row[name] for name in FIELDS}
    day = values["day"]
    values["day"] = day.isoformat() if isinstance(day, date) else day
    values["at"] = moment(values["at"])
    return canonical(TRANSFER, values)


def leaf_of(row: Mapping[Any, Any]) -> bytes:
    """Return the hash under which a transfer stands in its block's tree."""
    return merkle.leaf(transfer_text(row).encode("utf-8", "surrogatepass"))


def link_hash(previous: bytes, number: int, transfer_id: int, leaf: bytes, at: Any) -> bytes:
    """Return the hash of a link: over the link before, its own number, the transfer it stands for, and when it was made."""
    said = f"{number}\x00{transfer_id}\x00{moment(at)}\x00".encode()
    return hashlib.sha256(LINK + previous + said + leaf).digest()


def block_text(block: Mapping[Any, Any]) -> str:
    """Return the canonical text of a block, with everything but its own hash."""
    return canonical(
        BLOCK,
        {
            "number": block["number"],
            "first_link": block["first_link"],
            "last_link": block["last_link"],
            "highest_transfer": block["highest_transfer"],
            "last_hash": _hex(block["last_hash"]),
            "root": _hex(block["root"]),
            "previous_hash": _hex(block["previous_hash"]),
            "at": moment(block["at"]),
        },
    )


def block_hash(block: Mapping[Any, Any]) -> bytes:
    """Return the hash of a block."""
    return hashlib.sha256(block_text(block).encode()).digest()


def top_of(root: bytes, entries: int) -> bytes:
    """Return the hash under which a block stands in the tree of a checkpoint: over its root and how many entries it has."""
    return merkle.leaf(root + entries.to_bytes(8, "big"))


def checkpoint_text(checkpoint: Mapping[Any, Any]) -> str:
    """Return the canonical text of a checkpoint: what is signed."""
    return canonical(
        CHECKPOINT,
        {
            "number": checkpoint["number"],
            "day": checkpoint["day"].isoformat() if isinstance(checkpoint["day"], date) else checkpoint["day"],
            "block": checkpoint["block"],
            "links": checkpoint["links"],
            "root": _hex(checkpoint["root"]),
            "minutes": checkpoint["minutes"],
            "points": checkpoint["points"],
            "previous_hash": _hex(checkpoint["previous_hash"]),
            "at": moment(checkpoint["at"]),
            "kid": checkpoint["kid"],
        },
    )


def checkpoint_hash(checkpoint: Mapping[Any, Any]) -> bytes:
    """Return the hash of a checkpoint, which the next one names."""
    return hashlib.sha256(checkpoint_text(checkpoint).encode()).digest()


def _hex(value: Any) -> Any:
    return bytes(value).hex() if isinstance(value, bytes | memoryview | bytearray) else value
