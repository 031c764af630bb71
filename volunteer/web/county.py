"""What every page takes from the county that it belongs to: its name, zone and languages, read at most twice a minute."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from volunteer.kernel.clock import SHANGHAI

FACTS_LIVE = 30.0  # seconds of the clock that nobody puts back
ASK_AGAIN = 5.0


@dataclass(frozen=True)
class Facts:
    """The centre's name in both languages, whether it is a demo, and what was chosen when it was set up."""

    name: str = ""
    name_en: str = ""
    demo: bool = False
    time_zone: str = ""
    languages: tuple[str, ...] = ()  # offered to readers, the default first; empty: all, as the settings say


class _FactsCache:
    """The facts, as this process knows them."""

    def __init__(self, read: Callable[[], Facts]) -> None:
        self._read = read
        self._facts = Facts()
        self._until: float | None = None

    def get(self) -> Facts:
        at = time.monotonic()
        if self._until is None or at >= self._until:
            self._until = at + FACTS_LIVE
            try:
                self._facts = self._read()
            except SQLAlchemyError:  # no tables yet, or no database: what was known holds a little longer
                self._until = at + ASK_AGAIN
        return self._facts

    def known(self) -> Facts:
        """The facts as they were last read: no question, so nothing that a broken database could hold up."""
        return self._facts

    def forget(self) -> None:
        self._until = None


def init_app(app: Flask, read_facts: Callable[[], Facts]) -> None:
    """Let every page ask for the facts. ``read_facts`` comes from above: the edge knows no sites."""
    app.extensions["county_facts"] = _FactsCache(read_facts)


def facts() -> Facts:
    """Return the county's facts."""
    cache: _FactsCache = current_app.extensions["county_facts"]
    return cache.get()


def forget_facts() -> None:
    """Read the facts anew with the next question: somebody has just changed them here."""
    cache: _FactsCache = current_app.extensions["county_facts"]
    cache.forget()


def zone() -> ZoneInfo:
    """Return the zone that people of this county live in: the county's own, until it has one that of the settings."""
    return _zone(current_app, facts())


def known_zone(app: Flask) -> ZoneInfo:
    """Return the zone as this process last read it, without asking the database."""
    cache: _FactsCache = app.extensions["county_facts"]
    return _zone(app, cache.known())


def _zone(app: Flask, known: Facts) -> ZoneInfo:
    name = known.time_zone or app.config.get("BABEL_DEFAULT_TIMEZONE")
    return ZoneInfo(str(name)) if name else SHANGHAI
