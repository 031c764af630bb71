"""Which service of the menu somebody may mean: the newest model asked about the services that are open here. Reads only.

A process keeps the models that it used. Without a stored one it learns from the menu and our own sentences at the first
question, in less than a second, so a county understands free words on its first day.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from volunteer.catalogue.examples import MenuText, examples
from volunteer.catalogue.models import Question, ServiceCategory, ServiceItem, Skill, item_skills
from volunteer.catalogue.models_words import WordModel
from volunteer.catalogue.sorting import TRUSTED, UNSURE, Line, Sorter, Suggestion, train

KEPT = 4  # models in a process
SHORTEST = 2  # characters
LINES = (
    select(ServiceItem.id, ServiceItem.site_id, ServiceItem.code, ServiceCategory.code, Skill.code)
    .join(ServiceCategory, ServiceCategory.id == ServiceItem.category_id)
    .outerjoin(item_skills, item_skills.c.item_id == ServiceItem.id)
    .outerjoin(Skill, Skill.id == item_skills.c.skill_id)
    .where(ServiceItem.closed_at.is_(None))
    .order_by(ServiceItem.position, ServiceItem.id, Skill.id)
)
NEWEST = select(WordModel.digest).order_by(WordModel.id.desc()).limit(1)
STAMP = select(func.count(), func.max(ServiceItem.id), func.sum(ServiceItem.version)).where(ServiceItem.closed_at.is_(None))

_sorters: OrderedDict[str, Sorter | None] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Suggested:
    """A service to ask about with its chance (0 to 1), other services, the skills that it takes, and the words that say so."""

    item: ServiceItem
    chance: float
    others: tuple[ServiceItem, ...]
    category: ServiceCategory | None  # sure by itself, although the service may not be
    skills: tuple[Skill, ...]
    because: tuple[str, ...]
    likely: bool  # likely enough to be asked about; else only staff see it, as a list to begin with

    @property
    def is_sure(self) -> bool:
        """Almost certain; one word alone never makes it so."""
        return self.chance >= TRUSTED and len(self.because) > 1


def suggest(session: Session, words: str, site_path: str = "/") -> Suggested | None:
    """Return what ``words`` may mean on the menu that holds at ``site_path``; None when they say nothing. Nothing is kept."""
    if len(words.strip()) < SHORTEST:
        return None
    sorter = current(session)
    if sorter is None:
        return None
    lines, ids = _open_lines(session, site_path)
    found = sorter.suggest(words, lines)
    return _with_rows(session, found, ids) if found.services else None


def current(session: Session) -> Sorter | None:
    """Return the newest model; one learned on the spot when none is stored. None without a menu."""
    digest = session.scalar(NEWEST)
    if digest is not None:
        return _kept(digest, lambda: Sorter.load(session.scalars(select(WordModel.data).where(WordModel.digest == digest)).one()))
    stamp = (str(session.get_bind().engine.url), *session.execute(STAMP).one())
    return _kept(f"unstored:{stamp}", lambda: _learned(menu_texts(session)))


def learned(session: Session) -> Row[Any] | None:
    """Return when the newest model was made, from how much, and how good it is; None when none is stored."""
    columns = (WordModel.made_at, WordModel.sentences, WordModel.corrections)
    shares = (WordModel.first, WordModel.among_three, WordModel.calibration)
    return session.execute(select(*columns, *shares).order_by(WordModel.id.desc()).limit(1)).one_or_none()


def menu_texts(session: Session) -> list[MenuText]:
    """Return what the menus of all centres say about their open services, each code once."""
    found = (
        select(ServiceItem)
        .where(ServiceItem.closed_at.is_(None))
        .options(joinedload(ServiceItem.category), selectinload(ServiceItem.questions))
        .order_by(ServiceItem.id)
    )
    texts: dict[str, MenuText] = {}
    for item in session.scalars(found):
        asked = " ".join(_asked(question) for question in item.asked)
        texts.setdefault(
            item.code,
            MenuText(
                item.code, item.category.code, item.name, item.name_en, item.summary, item.summary_en, f"{item.bring} {asked}"
            ),
        )
    return list(texts.values())


def _learned(texts: list[MenuText]) -> Sorter | None:
    return train(examples(texts), {one.code: one.category for one in texts})[0] if texts else None


def _kept(key: str, make: Callable[[], Sorter | None]) -> Sorter | None:
    with _lock:
        if key not in _sorters:
            _sorters[key] = make()
            while len(_sorters) > KEPT:
                _sorters.popitem(last=False)
        _sorters.move_to_end(key)
        return _sorters[key]


def _open_lines(session: Session, site_path: str) -> tuple[dict[str, Line], dict[str, int]]:
    """The open services above ``site_path`` ("/": of every centre) by code, with their ids."""
    above = {int(part) for part in site_path.split("/") if part}
    lines: dict[str, Line] = {}
    ids: dict[str, int] = {}
    for item_id, site_id, code, category, skill in session.execute(LINES):
        if above and site_id not in above:
            continue
        if ids.setdefault(code, item_id) == item_id:
            known = lines.get(code, Line(category)).skills
            lines[code] = Line(category, (*known, skill) if skill else known)
    return lines, ids


def _with_rows(session: Session, found: Suggestion, ids: dict[str, int]) -> Suggested:
    wanted = select(ServiceItem).where(ServiceItem.id.in_(ids[guess.code] for guess in found.services))
    items = {item.code: item for item in session.scalars(wanted.options(joinedload(ServiceItem.category)))}
    first, *others = found.services
    skills = [guess.code for guess in found.skills]
    category = found.category.code if found.category else ""
    return Suggested(
        items[first.code],
        first.chance,
        tuple(items[guess.code] for guess in others),
        next((item.category for item in items.values() if item.category.code == category), None),
        tuple(session.scalars(select(Skill).where(Skill.code.in_(skills)).order_by(Skill.id))) if skills else (),
        found.because,
        first.chance >= UNSURE,
    )


def _asked(question: Question) -> str:
    return " ".join([question.name, *(str(choice.get("name", "")) for choice in question.offered)])
