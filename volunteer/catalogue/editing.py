"""Writing the 服务菜单 of a centre: skills, categories, items with their questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.catalogue.models import Question, QuestionKind, Risk, ServiceCategory, ServiceItem, Skill
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.text import search_text
from volunteer.kernel.words import N_
from volunteer.places.models import Site


@dataclass(frozen=True, kw_only=True)
class QuestionDraft:
    """A question to be asked. ``choices`` (value, Chinese, English) belong to a CHOICE and to nothing else."""

    code: str
    kind: QuestionKind
    name: str
    name_en: str = ""
    choices: Sequence[tuple[str, str, str]] = ()
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class ItemDraft:
    """A line of the menu to be. ``category`` and ``skills`` are codes; ``minutes`` the usual duration."""

    code: str
    category: str
    name: str
    minutes: int
    name_en: str = ""
    summary: str = ""
    summary_en: str = ""
    bring: str = ""
    bring_en: str = ""
    people: int = 1
    risk: Risk = Risk.LOW
    reply_minutes: int = 240
    stopper: str = ""
    stopper_en: str = ""
    stopper_call: str = ""
    skills: Sequence[str] = ()
    questions: Sequence[QuestionDraft] = field(default=())


def add_skill(
    session: Session, actor: Actor, code: str, name: str, name_en: str = "", *, licensed: bool = False, at: datetime
) -> Skill:
    """Return the skill of that code with these words; ``licensed`` when the law wants a licence for it."""
    actor.must(Permission.COUNTY_FOUND, at="/")
    skill = session.scalar(select(Skill).where(Skill.code == code)) or Skill(code=code)
    skill.name, skill.name_en, skill.licensed = name, name_en, licensed
    session.add(skill)
    session.flush()  # items and volunteers point at it
    record(session, actor, "skill_written", f"skill:{skill.id}", at=at)
    return skill


def add_category(
    session: Session, actor: Actor, code: str, name: str, name_en: str, icon: str, *,
    elder: str = "", elder_en: str = "", at: datetime,
) -> ServiceCategory:  # fmt: skip
    """Return the category of that code with these words; a new one stands last. ``elder``: as an older person says it."""
    actor.must(Permission.COUNTY_FOUND, at="/")
    category = session.scalar(select(ServiceCategory).where(ServiceCategory.code == code))
    if category is None:
        last = session.scalar(select(func.coalesce(func.max(ServiceCategory.position), 0))) or 0
        category = ServiceCategory(code=code, position=last + 1)
    category.name, category.name_en, category.icon = name, name_en, icon
    category.elder_name, category.elder_name_en = elder, elder_en
    session.add(category)
    session.flush()  # items point at it
    record(session, actor, "category_written", f"category:{category.id}", at=at)
    return category


def add_item(session: Session, actor: Actor, site: Site, draft: ItemDraft, *, at: datetime) -> ServiceItem:
    """Return a new line of the menu of ``site``, the last of its category.

    Raises Conflict for a code that is taken, NotFound for an unknown category or skill, Invalid for nonsense.
    """
    actor.must(Permission.COUNTY_FOUND, at=site.path)
    _check(draft)
    if session.scalar(select(ServiceItem.id).where(ServiceItem.site_id == site.id, ServiceItem.code == draft.code)):
        raise Conflict("item_code_taken", N_("There is a service with this code already."), item_code=draft.code)
    category = session.scalar(select(ServiceCategory).where(ServiceCategory.code == draft.category))
    if category is None:
        raise NotFound("category")
    skills = list(session.scalars(select(Skill).where(Skill.code.in_(draft.skills)).order_by(Skill.id)))
    if len(skills) != len(set(draft.skills)):
        raise NotFound("skill")

    last = session.scalar(select(func.coalesce(func.max(ServiceItem.position), 0)).where(ServiceItem.site_id == site.id)) or 0
    item = ServiceItem(
        site=site,
        category=category,
        code=draft.code,
        name=draft.name,
        name_en=draft.name_en,
        summary=draft.summary,
        summary_en=draft.summary_en,
        bring=draft.bring,
        bring_en=draft.bring_en,
        minutes=draft.minutes,
        people=draft.people,
        risk=draft.risk,
        reply_minutes=draft.reply_minutes,
        stopper=draft.stopper,
        stopper_en=draft.stopper_en,
        stopper_call=draft.stopper_call,
        search=search_text(draft.name, draft.name_en, draft.summary, category.name, category.elder_name)[:600],
        position=last + 1,
        skills=skills,
        questions=[_question(one, number) for number, one in enumerate(draft.questions, start=1)],
    )
    session.add(item)
    session.flush()  # its id goes into the record
    record(session, actor, "item_written", f"item:{item.id}", at=at, site_path=site.path)
    return item


def _check(draft: ItemDraft) -> None:
    if not draft.name.strip():
        raise Invalid.field("name", N_("Please write a name."))
    for name in ("minutes", "people", "reply_minutes"):
        if getattr(draft, name) < 1:
            raise Invalid.field(name, N_("Please write a number."))
    for question in draft.questions:
        if (question.kind is QuestionKind.CHOICE) != bool(question.choices):
            raise Invalid.field("questions", N_("A choice has answers to choose from; other questions have none."))


def _question(draft: QuestionDraft, number: int) -> Question:
    choices: list[dict[str, Any]] = [{"value": value, "name": name, "name_en": name_en} for value, name, name_en in draft.choices]
    return Question(
        code=draft.code,
        kind=draft.kind,
        name=draft.name,
        name_en=draft.name_en,
        choices=choices,
        required=draft.required,
        position=number,
    )
