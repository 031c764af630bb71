"""One message in both languages, as every list of templates writes it."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """One message in Chinese and in English."""

    zh: str
    en: str
