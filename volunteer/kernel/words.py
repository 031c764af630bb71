"""Words for people: marking messages for translation, and choosing a row's name in the reader's language."""

from __future__ import annotations

from typing import Protocol

CHINESE = "zh_Hans"
ENGLISH = "en"
LOCALES = (CHINESE, ENGLISH)


def N_(message: str) -> str:  # noqa: N802 - the customary name of the marker
    """Mark ``message`` as a msgid and return it unchanged; the edge translates it."""
    return message


class Named(Protocol):
    """A row that has its name in both languages."""

    @property
    def name(self) -> str: ...

    @property
    def name_en(self) -> str: ...


def named(row: Named, locale: str) -> str:
    """Return the name of ``row`` in ``locale``; the Chinese name where the English one is empty."""
    return row.name_en or row.name if locale == ENGLISH else row.name
