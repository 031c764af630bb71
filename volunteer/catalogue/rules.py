"""How well a line of the menu answers what somebody typed; pure."""

from __future__ import annotations

import re
import unicodedata

HAN = re.compile(r"[\u3400-\u9fff]+")
WORD = re.compile(r"[a-z0-9]{2,}")
EMPTY = frozenset("的了我你您他她它们这那个在是有没不很想要请帮给把一下吗呢吧啊来去能会还就都也和跟到说怎么什啥家里")
ENGLISH_EMPTY = frozenset({"my", "the", "is", "it", "to", "me", "for", "of", "in", "on", "and", "need", "help", "please"})
WHOLE, PAIR, SINGLE, LATIN = 20.0, 4.0, 1.0, 3.0
ICONS = (
    "lightbulb", "wrench", "hammer", "plug-zap", "droplets", "heart", "heart-handshake", "hand-heart", "hand-helping", "house",
    "brush-cleaning", "bed", "bath", "square-plus", "stethoscope", "hospital", "smartphone", "languages", "scissors",
    "graduation-cap", "book-open", "scale", "megaphone", "speech", "soup", "utensils", "leaf", "trees", "recycle",
    "accessibility", "baby", "users", "shield-check", "truck", "car", "bus", "package", "music", "building-2", "siren",
)  # fmt: skip
LONGEST = 200  # of what was typed; the rest is not looked at


def likeness(typed: str, search: str) -> float:
    """Return how well ``search`` (a row's characters, pinyin and initials) answers ``typed``; 0 is not at all.

    The whole phrase counts most, then pairs of Chinese characters, then single ones that say something, then words of
    Latin letters by their beginning (pinyin and English).
    """
    text = unicodedata.normalize("NFKC", typed[:LONGEST]).strip().lower()
    if not text:
        return 0.0
    words = set(search.split())
    score = WHOLE if text in search else 0.0
    for run in HAN.findall(text):
        score += PAIR * sum(run[at : at + 2] in search for at in range(len(run) - 1))
        score += SINGLE * sum(sign in search for sign in set(run) - EMPTY)
    for word in set(WORD.findall(text)) - ENGLISH_EMPTY:
        stem = word[:-1] if len(word) > 3 and word.endswith("s") else word
        score += LATIN * any(other.startswith(stem) for other in words)
    return score
