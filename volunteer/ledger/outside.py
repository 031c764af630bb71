"""Checkpoints that were kept elsewhere, read back: what a file, or a mail saved as one, says about the books."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from volunteer.ledger import keys

SHORT = 4  # bytes of each link's hash that leave the house


class Unreadable(ValueError):
    """This is no checkpoint of ours; the message says why."""


@dataclass(frozen=True)
class Mark:
    """A checkpoint from outside: what it says, and whose key signed it."""

    said: dict[str, Any]
    public: bytes

    @property
    def name(self) -> str:
        """What it is called in a finding."""
        return f"checkpoint {self.said['number']} of {self.said['day']}, kept elsewhere"


@dataclass
class Kept:
    """Everything that was kept elsewhere, ready to be held against the books."""

    marks: dict[int, list[Mark]] = field(default_factory=dict)  # by the block up to which they speak
    hashes: dict[int, str] = field(default_factory=dict)  # of blocks
    links: dict[int, bytes] = field(default_factory=dict)  # by the number of a block's first link: SHORT bytes for each

    def short_of(self, first_link: int, number: int) -> bytes | None:
        """Return the first bytes of the hash of a link of the block that begins with ``first_link``, if they were kept."""
        start = (number - first_link) * SHORT
        return self.links.get(first_link, b"")[start : start + SHORT] or None if start >= 0 else None


def read(paths: Iterable[Path]) -> Kept:
    """Return what the files say; a folder stands for every ``.json`` in it. Raises Unreadable, naming the file."""
    kept = Kept()
    for path in paths:
        for file in sorted(path.glob("*.json")) if path.is_dir() else [path]:
            try:
                _add(kept, _object_in(file.read_text(encoding="utf-8")))
            except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
                raise Unreadable(f"{file}: {error}") from None
    return kept


def _object_in(text: str) -> dict[str, Any]:
    """Return the JSON object in a file; words before and after it, as in a saved mail, do not matter."""
    begins, ends = text.find("{"), text.rfind("}")
    found: dict[str, Any] = json.loads(text[begins : ends + 1] if begins >= 0 else text)
    return found


def _add(kept: Kept, given: dict[str, Any]) -> None:
    public, text = bytes.fromhex(given["public_key"]), given["checkpoint"]
    if not keys.holds(public, bytes.fromhex(given["signature"]), text.encode()):
        raise Unreadable("its signature does not hold, so it was changed since it was signed")
    said = json.loads(text)
    if keys.name_of(public) != said["kid"]:
        raise Unreadable("it names another key than the one that signed it")
    kept.marks.setdefault(int(said["block"]), []).append(Mark(said, public))
    for block in given.get("blocks", ()):
        kept.hashes[int(block["number"])] = str(block["hash"])
        kept.links[int(block["first_link"])] = bytes.fromhex(block["links"])
