"""Text as people search for it (normalised characters, pinyin in full and by initials), and names shortened."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin, load_single_dict

load_single_dict({ord("单"): "dān,shàn", ord("仇"): "chóu,qiú", ord("曾"): "céng,zēng"})

_SPACE = re.compile(r"\s+")
BETWEEN = " ·•‧・∙⋅."  # what stands between the parts of a name, as NFKC leaves it: 买买提·艾力, 买买提•艾力
_BETWEEN = str.maketrans("", "", BETWEEN)


def normalise(text: str) -> str:
    """Return ``text`` in NFKC, lower case, single-spaced: the form in which texts are compared."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip().lower()


def folded_name(name: str) -> str:
    """Return a name as it is compared: whatever stands between its parts, its width and case do not tell two people apart."""
    return normalise(name).translate(_BETWEEN)


@lru_cache(maxsize=8192)
def search_text(*texts: str) -> str:
    """Return what a look-up by ``LIKE`` reads: the texts, their pinyin run together, and its initials."""
    plain = normalise(" ".join(texts))
    full = "".join(lazy_pinyin(plain, errors="ignore"))
    initials = "".join(lazy_pinyin(plain, style=Style.FIRST_LETTER, errors="ignore"))
    return " ".join(part for part in (plain, full, initials) if part)


def like(words: str) -> str:
    """Return a ``LIKE`` pattern (escape character ``\\``) that finds ``words`` anywhere."""
    escaped = re.sub(r"([\\%_])", r"\\\1", normalise(words))
    return f"%{escaped}%"


def masked_name(name: str) -> str:
    """Return a name with its middle hidden: 陈*禾, 沈*, A*** S****. Whoever holds the paper can compare."""
    if any("\u4e00" <= character <= "\u9fff" for character in name) or len(name.split()) < 2:
        return name[:1] + "*" * max(len(name) - 2, 1) + (name[-1] if len(name) > 2 else "")
    return " ".join(part[:1] + "*" * (len(part) - 1) for part in unicodedata.normalize("NFC", name).split())
