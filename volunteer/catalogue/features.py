"""What a sentence consists of, for the one who sorts free words: its characters, sounds and words, and what they mean. Pure."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from pypinyin import lazy_pinyin

from volunteer.kernel.text import normalise

DATA = Path(__file__).parent / "data"
LONGEST = 300  # characters that are read: the first sentences say what it is
HAN = re.compile(r"[\u4e00-\u9fff]+")
LATIN = re.compile(r"[a-z0-9]+")
ENDINGS = ("ing", "ed", "es", "s")
WEIGHTS = {"c": 1.0, "p": 0.5, "w": 1.0, "m": 2.0}  # characters, sounds, English words, meanings


class Mark(NamedTuple):
    """One thing that was found, and where in the tidied sentence. The first letter of ``name`` is its kind."""

    name: str
    begin: int
    end: int


def tidy(text: str) -> str:
    """Return a sentence as it is read."""
    return normalise(text[: 2 * LONGEST])[:LONGEST]


def read(text: str) -> list[Mark]:
    """Return everything that is found in a sentence that was tidied.

    Runs of one to three Chinese characters, pairs of their sounds (for homophones mistyped), English words and pairs of
    them without endings, and the meanings of data/words.toml.
    """
    found: list[Mark] = []
    for run in HAN.finditer(text):
        start, characters = run.start(), run.group()
        for n in (1, 2, 3):
            found += (Mark("c" + characters[i : i + n], start + i, start + i + n) for i in range(len(characters) - n + 1))
        sounds = lazy_pinyin(characters)
        if len(sounds) == len(characters):
            found += (Mark(f"p{one} {two}", start + i, start + i + 2) for i, (one, two) in enumerate(pairwise(sounds)))
    words = [(_stem(word.group()), word.start(), word.end()) for word in LATIN.finditer(text)]
    found += (Mark("w" + word, begin, end) for word, begin, end in words)
    found += (Mark(f"w{one} {two}", begin, end) for (one, begin, _), (two, _, end) in pairwise(words))
    return found + _meanings(text)


def _meanings(text: str) -> list[Mark]:
    """Each meaning once, at its longest word."""
    spaced = f" {LATIN.sub(lambda word: word.group(), re.sub(r'[^a-z0-9]', ' ', text))} "
    found: dict[str, Mark] = {}
    for word, meaning in lexicon():
        at = spaced.find(f" {word} ") if word.isascii() else text.find(word)
        if at >= 0 and (meaning not in found or len(word) > found[meaning].end - found[meaning].begin):
            found[meaning] = Mark("m" + meaning, at, at + len(word))
    return list(found.values())


@lru_cache(maxsize=1)
def lexicon() -> tuple[tuple[str, str], ...]:
    """Return every word of data/words.toml with its meaning."""
    meanings: dict[str, list[str]] = tomllib.loads((DATA / "words.toml").read_text(encoding="utf-8"))
    return tuple((normalise(word), meaning) for meaning, words in meanings.items() for word in words)


def _stem(word: str) -> str:
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
