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
from volunteer.catalogue.models import Risk, ServiceCategory, ServiceItem, Skill
from volunteer.catalogue.questions import QuestionDraft, checked_question, new_question
from volunteer.catalogue.rules import ICONS
from volunteer.kernel.checks import NAMELESS, Checks
from volunteer.kernel.db import load, unchanged
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.text import search_text
from volunteer.kernel.words import N_
from volunteer.places.editing import change
from volunteer.places.founding import stands_open
from volunteer.places.models import Site, SiteLevel

LONGEST_DAY = 24 * 60
MOST_PEOPLE = 200
LONGEST_REPLY = 30 * LONGEST_DAY


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


@dataclass(frozen=True, kw_only=True)
class CategoryDraft:
    """A tile of the home page to be; ``elder`` as an older person says it, ``icon`` one of rules.ICONS."""

    code: str
    name: str
    icon: str
    name_en: str = ""
    elder: str = ""
    elder_en: str = ""


@dataclass(frozen=True, kw_only=True)
class SkillDraft:
    """A skill to be; ``licensed`` when the law wants a licence for it."""

    code: str
    name: str
    name_en: str = ""
    licensed: bool = False


def must_write_for_all(session: Session, actor: Actor) -> None:
    """Refuse whoever does not keep the menu of every centre: skills and categories belong to all of them."""
    centres = session.scalars(select(Site.path).where(Site.level == SiteLevel.CENTRE)).all()
    for path in centres or ("/",):
        actor.must(Permission.MENU_MANAGE, at=path)


def add_skill(
    session: Session, actor: Actor, code: str, name: str, name_en: str = "", *, licensed: bool = False, at: datetime
) -> Skill:
    """Return the skill of that code with these words; ``licensed`` when the law wants a licence for it."""
    must_write_for_all(session, actor)
    values = skill_values(SkillDraft(code=code, name=name, name_en=name_en, licensed=licensed))
    skill = session.scalar(select(Skill).where(Skill.code == values["code"])) or Skill()
    change(skill, values)
    session.add(skill)
    session.flush()  # items and volunteers point at it
    record(session, actor, "skill_written", f"skill:{skill.id}", at=at)
    return skill


def new_skill(session: Session, actor: Actor, draft: SkillDraft, *, at: datetime) -> Skill:
    """Return a skill that was not there yet. Raises Conflict for a code that is taken."""
    must_write_for_all(session, actor)
    if session.scalar(select(Skill.id).where(Skill.code == draft.code)):
        raise Conflict("skill_code_taken", N_("There is a skill with this code already."))
    return add_skill(session, actor, draft.code, draft.name, draft.name_en, licensed=draft.licensed, at=at)


def edit_skill(
    session: Session, actor: Actor, skill_id: int, draft: SkillDraft, *, seen: int | None = None, at: datetime
) -> Skill:
    """Return the skill with the draft's words. Its code stays: sheets and licences know it by that."""
    must_write_for_all(session, actor)
    skill = unchanged(session, Skill, skill_id, seen)
    values = skill_values(draft) | {"code": skill.code}
    if fields := change(skill, values):
        record(session, actor, "skill_edited", f"skill:{skill.id}", at=at, fields=fields)
    return skill


def add_category(
    session: Session, actor: Actor, code: str, name: str, name_en: str, icon: str, *,
    elder: str = "", elder_en: str = "", at: datetime,
) -> ServiceCategory:  # fmt: skip
    """Return the category of that code with these words; a new one stands last. ``elder``: as an older person says it."""
    must_write_for_all(session, actor)
    draft = CategoryDraft(code=code, name=name, icon=icon, name_en=name_en, elder=elder, elder_en=elder_en)
    values = _category_values(draft)
    category = session.scalar(select(ServiceCategory).where(ServiceCategory.code == values["code"]))
    if category is None:
        last = session.scalar(select(func.coalesce(func.max(ServiceCategory.position), 0))) or 0
        category = ServiceCategory(position=last + 1)
    change(category, values)
    session.add(category)
    session.flush()  # items point at it
    record(session, actor, "category_written", f"category:{category.id}", at=at)
    return category


def new_category(session: Session, actor: Actor, draft: CategoryDraft, *, at: datetime) -> ServiceCategory:
    """Return a category that was not there yet. Raises Conflict for a code that is taken."""
    must_write_for_all(session, actor)
    if session.scalar(select(ServiceCategory.id).where(ServiceCategory.code == draft.code)):
        raise Conflict("category_code_taken", N_("There is a category with this code already."))
    more = {"elder": draft.elder, "elder_en": draft.elder_en}
    return add_category(session, actor, draft.code, draft.name, draft.name_en, draft.icon, **more, at=at)


def edit_category(
    session: Session, actor: Actor, category_id: int, draft: CategoryDraft, *, seen: int | None = None, at: datetime
) -> ServiceCategory:
    """Return the category with the draft's words; its code stays."""
    must_write_for_all(session, actor)
    category = unchanged(session, ServiceCategory, category_id, seen)
    values = _category_values(draft) | {"code": category.code}
    if fields := change(category, values):
        record(session, actor, "category_edited", f"category:{category.id}", at=at, fields=fields)
    return category


def add_item(session: Session, actor: Actor, site: Site, draft: ItemDraft, *, at: datetime) -> ServiceItem:
    """Return a new line of the menu of ``site``, the last of its category.

    Raises Conflict for a code that is taken, NotFound for an unknown category or skill, Invalid for nonsense.
    """
    actor.must(Permission.MENU_MANAGE, at=site.path)
    stands_open(site)
    values = _item_values(session, draft)
    if session.scalar(select(ServiceItem.id).where(ServiceItem.site_id == site.id, ServiceItem.code == values["code"])):
        raise Conflict("item_code_taken", N_("There is a service with this code already."), item_code=draft.code)

    last = session.scalar(select(func.coalesce(func.max(ServiceItem.position), 0)).where(ServiceItem.site_id == site.id)) or 0
    questions = [new_question(one, number) for number, one in enumerate(draft.questions, start=1)]
    item = ServiceItem(site=site, position=last + 1, questions=questions, **values)
    session.add(item)
    session.flush()  # its id goes into the record
    record(session, actor, "item_written", f"item:{item.id}", at=at, site_path=site.path)
    return item


def edit_item(
    session: Session, actor: Actor, item_id: int, draft: ItemDraft, *, seen: int | None = None, at: datetime
) -> ServiceItem:
    """Return the service with the draft's words and figures; its code and its questions stay as they are.

    Orders that are on their way keep the service and see its new words. Raises Conflict when somebody else was faster.
    """
    actor.must(Permission.MENU_MANAGE, at=load(session, ServiceItem, item_id).site.path)
    item = unchanged(session, ServiceItem, item_id, seen)
    values = _item_values(session, draft, item) | {"code": item.code}
    if fields := change(item, values):
        record(session, actor, "item_edited", f"item:{item.id}", at=at, site_path=item.site.path, fields=fields)
    return item


def skill_values(draft: SkillDraft) -> dict[str, Any]:
    """Return the columns that a draft fills. Raises Invalid with every complaint."""
    checks = Checks()
    values: dict[str, Any] = {
        "code": checks.code("code", draft.code, 40),
        "name": checks.text("name", draft.name, 40, missing=NAMELESS),
        "name_en": checks.text("name_en", draft.name_en, 60),
    }
    checks.done()
    return values | {"licensed": draft.licensed}


def _category_values(draft: CategoryDraft) -> dict[str, Any]:
    checks = Checks()
    values: dict[str, Any] = {
        "code": checks.code("code", draft.code, 40),
        "name": checks.text("name", draft.name, 40, missing=NAMELESS),
        "name_en": checks.text("name_en", draft.name_en, 60),
        "elder_name": checks.text("elder", draft.elder, 40),
        "elder_name_en": checks.text("elder_en", draft.elder_en, 60),
        "icon": draft.icon,
    }
    if draft.icon not in ICONS:
        checks.say("icon", N_("Please choose one of these."))
    checks.done()
    return values


def item_words(draft: ItemDraft) -> dict[str, Any]:
    """Return the words that a draft fills. Raises Invalid with every complaint, those about figures and questions included."""
    checks = Checks()
    values: dict[str, Any] = {"code": checks.code("code", draft.code, 40)}
    values["name"] = checks.text("name", draft.name, 60, missing=NAMELESS)
    for name, longest in TEXTS.items():
        values[name] = checks.text(name, getattr(draft, name), longest)
    if values["stopper_call"] and not (values["stopper_call"].isascii() and values["stopper_call"].isdigit()):
        checks.say("stopper_call", N_("Please write the number to call, digits only."))
    if bool(values["stopper"]) != bool(values["stopper_call"]):
        checks.say("stopper_call" if values["stopper"] else "stopper", N_("The warning and the number to call belong together."))
    checks.number("minutes", draft.minutes, 1, LONGEST_DAY)
    checks.number("people", draft.people, 1, MOST_PEOPLE)
    checks.number("reply_minutes", draft.reply_minutes, 1, LONGEST_REPLY)
    codes = [one.code for one in draft.questions]
    if len(set(codes)) != len(codes):
        checks.say("questions", N_("Two questions have the same code."))
    for question in draft.questions:
        checked_question(question, checks)
    checks.done()
    return values


def _item_values(session: Session, draft: ItemDraft, item: ServiceItem | None = None) -> dict[str, Any]:
    """The columns that a draft fills; what is closed may stay where it was, but not be chosen anew."""
    values = item_words(draft)
    category = session.scalar(select(ServiceCategory).where(ServiceCategory.code == draft.category))
    if category is None:
        raise NotFound("category")
    if category.closed_at is not None and (item is None or item.category is not category):
        raise Invalid.field("category", N_("This category is closed."))
    skills = list(session.scalars(select(Skill).where(Skill.code.in_(draft.skills)).order_by(Skill.id)))
    if len(skills) != len(set(draft.skills)):
        raise NotFound("skill")
    if any(skill.closed_at is not None and (item is None or skill not in item.skills) for skill in skills):
        raise Invalid.field("skills", N_("This skill is closed."))
    values |= {"minutes": draft.minutes, "people": draft.people, "risk": draft.risk, "reply_minutes": draft.reply_minutes}
    search = search_text(values["name"], values["name_en"], values["summary"], category.name, category.elder_name)[:600]
    return values | {"category": category, "skills": skills, "search": search}


TEXTS = {
    "name_en": 80, "summary": 200, "summary_en": 240, "bring": 120, "bring_en": 160, "stopper": 120, "stopper_en": 160,
    "stopper_call": 10,
}  # fmt: skip
