"""What volunteers can do, as a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.catalogue import editing
from volunteer.catalogue.models import Skill
from volunteer.exchange.columns import Column, Draft, Sheet, Type, Values
from volunteer.exchange.kinds.base import Context, Existing, Kind, code_column, name_columns
from volunteer.kernel.words import N_

SHEET = Sheet(
    name="skills",
    title=N_("Skills"),
    columns=(
        code_column("electric", 40),
        *name_columns("电工", "Electrical work", 40, 60),
        Column(key="licensed", name="需要证件", name_en="Needs a licence", type=Type.YES_NO, default=False, example="是",
               also=("要证", "持证"), note=N_("yes where the law wants a licence for it. Empty means no.")),
    ),
    most=1_000,
)  # fmt: skip


class Skills(Kind):
    """Skills, which belong to all centres."""

    sheet = SHEET
    permission = Permission.MENU_MANAGE
    model = Skill

    def context(self, session: Session, actor: Actor, drafts: Sequence[Draft] | None, at: datetime) -> Context:
        """All skills."""
        context = Context(session, actor, at)
        for skill in session.scalars(select(Skill).order_by(Skill.code)):
            values: Values = {"code": skill.code, "name": skill.name, "name_en": skill.name_en, "licensed": skill.licensed}
            context.current[(skill.code,)] = Existing(f"skill:{skill.id}", values, skill.closed_at is not None)
        return context

    def settle(self, values: Values, context: Context) -> Values:
        """Nothing to look up."""
        return dict(values)

    def judge(self, values: Values, existing: Existing | None, context: Context) -> None:
        """What writing a skill would refuse."""
        editing.must_write_for_all(context.session, context.actor)
        editing.skill_values(_draft(values))

    def make(self, context: Context, rows: Sequence[tuple[int, Values]]) -> list[str]:
        """Write it."""
        draft = _draft(rows[0][1])
        skill = editing.add_skill(
            context.session, context.actor, draft.code, draft.name, draft.name_en, licensed=draft.licensed, at=context.at
        )
        return [f"skill:{skill.id}"]

    def change(self, context: Context, existing: Existing, values: Values, columns: frozenset[str]) -> None:
        """Write the new words."""
        editing.edit_skill(context.session, context.actor, existing.id, _draft(values), at=context.at)


def _draft(values: Values) -> editing.SkillDraft:
    return editing.SkillDraft(
        code=values["code"], name=values["name"], name_en=values.get("name_en") or "", licensed=bool(values.get("licensed"))
    )
