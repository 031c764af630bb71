"""What sorting free words is learned from before there is any history: the menu's own texts and labelled sentences. Pure."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from volunteer.catalogue.features import DATA
from volunteer.catalogue.sorting import NONE, Example

NAMED, SUMMED_UP, ASKED = 0.99, 0.9, 0.3  # weights of a service's name, its summary, and what it asks and brings


@dataclass(frozen=True, slots=True)
class MenuText:
    """What the menu says about a service."""

    code: str
    category: str
    name: str
    name_en: str = ""
    summary: str = ""
    summary_en: str = ""
    details: str = ""  # what to bring, its questions and their answers


def examples(menu: Iterable[MenuText]) -> list[Example]:
    """Return the menu's texts and the sentences of those services that it has, in a fixed order."""
    texts = sorted(menu, key=lambda one: one.code)
    known = {one.code for one in texts} | {NONE}
    given = [Example(text, code) for code, text in sentences() if code in known]
    for one in texts:
        said = ((one.name, NAMED), (one.summary, SUMMED_UP), (f"{one.name_en}. {one.summary_en}", SUMMED_UP))
        given += [Example(text, one.code, weight) for text, weight in (*said, (f"{one.name} {one.details}", ASKED)) if text]
    return given


def mark_of(menu: Iterable[MenuText]) -> str:
    """Return a fingerprint of everything that ``examples`` would return: another one, another model."""
    said = (sorted(menu, key=lambda one: one.code), sentences())
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def sentences() -> tuple[tuple[str, str], ...]:
    """Return (code, sentence) of data/sentences.toml."""
    return _read("sentences.toml")


def unseen() -> tuple[tuple[str, str], ...]:
    """Return (code, sentence) of data/unseen.toml, which only measures."""
    return _read("unseen.toml")


@lru_cache(maxsize=2)
def _read(name: str) -> tuple[tuple[str, str], ...]:
    groups: dict[str, dict[str, list[str]]] = tomllib.loads((DATA / name).read_text(encoding="utf-8"))
    return tuple((code, text) for group in groups.values() for code, texts in group.items() for text in texts)
