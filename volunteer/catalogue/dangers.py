"""Danger in somebody's words: whom to call before any order is placed. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from volunteer.catalogue.features import DATA, tidy
from volunteer.kernel.text import normalise

CLAUSE = re.compile(r"[,，。;；!！?？.\n]")
NOT = re.compile(r"(没有?|不|勿|未|别|呒没|弗|no |not |never )$")


@dataclass(frozen=True, slots=True)
class Danger:
    """One kind of danger: what to say, and the number to call."""

    code: str
    call: str
    name: str
    name_en: str
    said: tuple[str, ...] = ()


def danger_in(words: str) -> Danger | None:
    """Return the first danger that the words speak of as happening now, or None.

    What is denied, over, feared or to be learned in the same part of the sentence is none.
    """
    calm, dangers = _known()
    for clause in CLAUSE.split(tidy(words)):
        if any(word in clause for word in calm):
            continue
        for danger in dangers:
            if _said(danger.said, clause):
                return danger
    return None


def _said(signs: Iterable[str], clause: str) -> bool:
    return any((at := clause.find(sign)) >= 0 and not NOT.search(clause[:at]) for sign in signs)


@lru_cache(maxsize=1)
def _known() -> tuple[tuple[str, ...], tuple[Danger, ...]]:
    data = tomllib.loads((DATA / "dangers.toml").read_text(encoding="utf-8"))
    dangers = (Danger(**{**one, "said": tuple(map(normalise, one["said"]))}) for one in data["dangers"])
    return tuple(map(normalise, data["calm"])), tuple(dangers)
