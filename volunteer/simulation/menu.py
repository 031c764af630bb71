"""The demo's service menu, read from data/menu.toml: items, their questions and stoppers."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from volunteer.administration.starting import CATEGORIES

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Category:
    """A tile of the home page; ``elder`` is how an older person says it, ``icon`` a lucide name."""

    code: str
    name: str
    name_en: str
    elder: str
    elder_en: str
    icon: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A question of a service; choices are (value, Chinese, English)."""

    code: str
    kind: str
    name: str
    name_en: str
    required: bool = False
    choices: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Stopper:
    """Asked before anything else: is there danger now, and whom to call."""

    name: str = ""
    name_en: str = ""
    call: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One service: what it is, what it takes, what is asked."""

    code: str
    category: str
    name: str
    name_en: str
    summary: str
    summary_en: str
    skills: tuple[str, ...]
    minutes: int
    people: int
    risk: str
    reply: int
    questions: tuple[Ask, ...]
    bring: str = ""
    bring_en: str = ""
    stopper: Stopper = Stopper()


@dataclass(frozen=True, slots=True)
class Menu:
    """Everything that can be ordered in the demo county."""

    categories: tuple[Category, ...]
    items: tuple[Item, ...]

    def item(self, code: str) -> Item:
        """Return the item of that code."""
        return next(item for item in self.items if item.code == code)


@lru_cache(maxsize=1)
def menu() -> Menu:
    """Read the menu."""
    data = tomllib.loads((DATA / "menu.toml").read_text(encoding="utf-8"))
    asks = {key: _ask(values) for key, values in data["questions"].items()}
    stoppers = {key: Stopper(**values) for key, values in data["stoppers"].items()}
    categories = tuple(Category(*words) for words in CATEGORIES)
    return Menu(categories, tuple(_item(values, asks, stoppers) for values in data["items"]))


def _ask(values: dict[str, Any]) -> Ask:
    return Ask(**{**values, "choices": tuple(tuple(choice) for choice in values.get("choices", ()))})


def _item(values: dict[str, Any], asks: dict[str, Ask], stoppers: dict[str, Stopper]) -> Item:
    return Item(
        **{
            **values,
            "skills": tuple(values["skills"]),
            "questions": tuple(asks[key] for key in values["questions"]),
            "stopper": stoppers[values["stopper"]] if "stopper" in values else Stopper(),
        }
    )
