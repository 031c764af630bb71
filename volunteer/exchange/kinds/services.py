"""The 服务菜单 as a sheet: one service a row; its questions are a sheet of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from volunteer.access import Actor, Permission
from volunteer.catalogue import editing
from volunteer.catalogue.models import Risk, ServiceCategory, ServiceItem, Skill
from volunteer.exchange.columns import Choice, Column, Draft, Sheet, Type, Values
from volunteer.exchange.kinds.base import Context, Existing, Kind, OfKind, Places, code_column, name_columns, site_column
from volunteer.kernel.words import N_

RISKS = (Choice(Risk.LOW, "低", "low"), Choice(Risk.MEDIUM, "中", "medium"), Choice(Risk.HIGH, "高", "high"))
NO_CATEGORY = N_("There is no open category with this code or name.")
SHEET = Sheet(
    name="services",
    title=N_("Services"),
    columns=(
        code_column("lamp", 40),
        *name_columns("换灯泡、修开关", "Lamps and switches", 60, 80),
        Column(key="category", name="分类", name_en="Category", required=True, example="水电维修", also=("类别", "服务分类"),
               note=N_("The code or the name of a category of the home page.")),
        Column(key="minutes", name="时长（分钟）", name_en="Minutes", type=Type.WHOLE, required=True, least=1, most=1440,
               example="40", also=("时长", "分钟"), note=N_("How long it usually takes.")),
        Column(key="people", name="人数", name_en="People", type=Type.WHOLE, least=1, most=200, default=1, example="1",
               note=N_("Volunteers needed. Empty means one.")),
        Column(key="risk", name="风险", name_en="Risk", type=Type.CHOICE, choices=RISKS, default=Risk.LOW.value, example="中",
               note=N_("High needs insurance and adults. Empty means low.")),
        Column(key="reply_minutes", name="答复时限（分钟）", name_en="Reply within (minutes)", type=Type.WHOLE, least=1,
               most=43_200,
               default=240, example="240", also=("答复时限",), note=N_("Until a resident hears yes or no. Empty means 240.")),
        Column(key="skills", name="所需技能", name_en="Skills", type=Type.CODES, longest=400, default=(), example="电工",
               also=("技能",), note=N_("Codes or names of skills, separated by 、 or ;")),
        Column(key="summary", name="说明", name_en="Summary", longest=200, default="", example="换灯泡、修开关插座，材料自备。"),
        Column(key="summary_en", name="英文说明", name_en="English summary", longest=240, default="",
               example="We replace lamps and mend switches."),
        Column(key="bring", name="带什么", name_en="What we bring", longest=120, default="", example="工具和梯子"),
        Column(key="bring_en", name="带什么（英文）", name_en="What we bring (English)", longest=160, default="",
               example="Tools and a ladder"),
        Column(key="stopper", name="危险提示", name_en="Danger question", longest=120, default="", example="现在冒火花吗？",
               note=N_("Asked first; who says yes is told to call the number.")),
        Column(key="stopper_en", name="危险提示（英文）", name_en="Danger question (English)", longest=160, default="",
               example="Are there sparks now?"),
        Column(key="stopper_call", name="危险时拨打", name_en="Call then", type=Type.CODE, longest=10, default="", example="119"),
        site_column(required=False),
    ),
    key=("site", "code"),
    most=2_000,
)  # fmt: skip


class Services(Kind):
    """Services of the menu."""

    sheet = SHEET
    permission = Permission.MENU_MANAGE
    model = ServiceItem
    own = frozenset({"item_skills"})

    def context(self, session: Session, actor: Actor, drafts: Sequence[Draft] | None, at: datetime) -> Context:
        """All services; skills and categories by code and by name."""
        context = Context(session, actor, at, places=Places.of(session, actor, self.permission))
        loaded = (joinedload(ServiceItem.site), joinedload(ServiceItem.category), selectinload(ServiceItem.skills))
        texts = (*editing.TEXTS, "code", "name", "minutes", "people", "reply_minutes")
        for item in session.scalars(select(ServiceItem).options(*loaded).order_by(ServiceItem.site_id, ServiceItem.position)):
            values: Values = {name: getattr(item, name) for name in texts}
            values |= {"site": item.site.code, "category": item.category.code, "risk": item.risk.value}
            values |= {"skills": tuple(sorted(skill.code for skill in item.skills))}
            mine = actor.can(self.permission, at=item.site.path)
            context.current[(item.site.code, item.code)] = Existing(f"item:{item.id}", values, item.closed_at is not None, mine)
        categories = session.execute(select(ServiceCategory.code).where(ServiceCategory.closed_at.is_not(None))).scalars()
        skills = session.execute(select(Skill.code).where(Skill.closed_at.is_not(None))).scalars()
        context.more = {"skills": skills_of(session), "categories": _categories(session)}
        context.more |= {"closed": set(skills), "closed_categories": set(categories)}
        return context

    def settle(self, values: Values, context: Context) -> Values:
        """Place, category and skills become codes."""
        values = values | {"site": context.places.code_of(values.get("site"))}
        if values.get("category") not in context.more["categories"]:
            raise OfKind("category", NO_CATEGORY)
        values["category"] = context.more["categories"][values["category"]]
        if "skills" in values:
            values["skills"] = skill_codes(values["skills"] or (), context.more["skills"])
        return values

    def judge(self, values: Values, existing: Existing | None, context: Context) -> None:
        """What writing a service would refuse."""
        editing.item_words(_draft(values))
        before: Values = existing.values if existing else {"skills": (), "category": None}
        if closed := (set(values["skills"]) & context.more["closed"]) - set(before["skills"]):
            raise OfKind("skills", N_("There is no open skill called: %(words)s."), words="、".join(sorted(closed))[:80])
        if values["category"] in context.more["closed_categories"] and values["category"] != before["category"]:
            raise OfKind("category", NO_CATEGORY)

    def make(self, context: Context, rows: Sequence[tuple[int, Values]]) -> list[str]:
        """Put it on the menu."""
        values = rows[0][1]
        site = context.places.named(values["site"])
        return [f"item:{editing.add_item(context.session, context.actor, site, _draft(values), at=context.at).id}"]

    def change(self, context: Context, existing: Existing, values: Values, columns: frozenset[str]) -> None:
        """Write the new words and figures."""
        editing.edit_item(context.session, context.actor, existing.id, _draft(values), at=context.at)

    def lists(self, session: Session, actor: Actor, at: datetime) -> Mapping[str, Sequence[str]]:
        """Offer the categories."""
        found = select(ServiceCategory.name).where(ServiceCategory.closed_at.is_(None)).order_by(ServiceCategory.position)
        return {"category": list(session.scalars(found))}


def skills_of(session: Session) -> dict[str, str]:
    """Return the codes of skills by code and by name; where two have one name, the open one's."""
    found: dict[str, str] = {}
    skills = session.execute(select(Skill.code, Skill.name, Skill.name_en).order_by(Skill.closed_at.is_not(None), Skill.id)).all()
    for code, name, name_en in skills:
        found |= {word: code for word in (name, name_en.lower()) if word and word not in found}
    return found | {code: code for code, _, _ in skills}


def skill_codes(words: Sequence[str], known: Mapping[str, str]) -> tuple[str, ...]:
    """Return the codes of the skills that are named, sorted. Raises OfKind."""
    unknown = [word for word in words if word not in known and word.lower() not in known]
    if unknown:
        raise OfKind("skills", N_("There is no open skill called: %(words)s."), words="、".join(unknown)[:80])
    return tuple(sorted({known.get(word) or known[word.lower()] for word in words}))


def _categories(session: Session) -> dict[str, str]:
    found: dict[str, str] = {}
    columns = (ServiceCategory.code, ServiceCategory.name, ServiceCategory.name_en)
    rows = session.execute(select(*columns).order_by(ServiceCategory.closed_at.is_not(None), ServiceCategory.id)).all()
    for code, name, name_en in rows:
        found |= {word: code for word in (name, name_en) if word and word not in found}
    return found | {code: code for code, _, _ in rows}


def _draft(values: Values) -> editing.ItemDraft:
    texts: dict[str, Any] = {name: values.get(name) or "" for name in editing.TEXTS}
    return editing.ItemDraft(
        code=values["code"], name=values["name"], category=values["category"], minutes=values["minutes"],
        people=values.get("people") or 1, risk=Risk(values.get("risk") or Risk.LOW),
        reply_minutes=values.get("reply_minutes") or 240, skills=values.get("skills") or (), **texts,
    )  # fmt: skip
