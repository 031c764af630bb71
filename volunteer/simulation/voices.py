"""What the people of the demo county say, read from data/voices.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache

from volunteer.simulation.menu import DATA


@dataclass(frozen=True, slots=True)
class Voices:
    """Sentences by what they are for. ``wishes`` by service, ``ratings`` by stars, ``records`` by category."""

    wishes: dict[str, list[str]]
    ratings: dict[str, list[str]]
    tags: dict[str, list[str]]
    records: dict[str, list[str]]
    reasons: dict[str, list[str]]


@lru_cache(maxsize=1)
def voices() -> Voices:
    """Read the sentences."""
    return Voices(**tomllib.loads((DATA / "voices.toml").read_text(encoding="utf-8")))
