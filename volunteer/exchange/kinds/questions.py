"""What services ask, as a sheet: one question a row, its answers in one cell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.catalogue import questions
from volunteer.catalogue.models import Question, QuestionKind, ServiceItem
from volunteer.exchange.columns import Choice, Column, Draft, Sheet, Type, Values
from volunteer.exchange.kinds.base import Context, Existing, Kind, OfKind, Places, code_column, site_column
from volunteer.kernel.checks import Checks
from volunteer.kernel.db import load
from volunteer.kernel.words import N_
from volunteer.orders.models import ServiceOrder

HOW = (
    Choice(QuestionKind.CHOICE, "选择", "choice"),
    Choice(QuestionKind.YES_NO, "是否", "yes or no"),
    Choice(QuestionKind.TEXT, "文字", "text"),
    Choice(QuestionKind.NUMBER, "数字", "number"),
)
SHEET = Sheet(
    name="questions",
    title=N_("Questions of services"),
    columns=(
        Column(key="item", name="服务编号", name_en="Service", type=Type.CODE, required=True, longest=40, example="lamp",
               also=("服务",),
               note=N_("The code of the service that asks.")),
        code_column("where", 40),
        Column(key="kind", name="答法", name_en="Kind of answer", type=Type.CHOICE, choices=HOW, required=True, example="选择",
               also=("类型",)),
        Column(key="name", name="问题", name_en="Question", required=True, longest=120, example="哪里坏了？", also=("名称",)),
        Column(key="name_en", name="英文问题", name_en="English question", longest=160, default="", example="What is broken?"),
        Column(key="choices", name="选项", name_en="Answers", type=Type.ANSWERS, longest=3_000, default=(),
               example="lamp=灯=Lamp; switch=开关=Switch", also=("答案",),
               note=N_("Only for a choice: code=Chinese=English, separated by semicolons.")),
        Column(key="required", name="必答", name_en="Must be answered", type=Type.YES_NO, default=False, example="是",
               also=("必填",)),
        site_column(required=False),
    ),
    key=("site", "item", "code"),
)  # fmt: skip


class Questions(Kind):
    """Questions of services."""

    sheet = SHEET
    permission = Permission.MENU_MANAGE
    model = Question

    def context(self, session: Session, actor: Actor, drafts: Sequence[Draft] | None, at: datetime) -> Context:
        """All questions, and the services that may have some."""
        context = Context(session, actor, at, places=Places.of(session, actor, self.permission))
        items = session.scalars(select(ServiceItem).options(joinedload(ServiceItem.site))).unique()
        open_items = {(item.site.code, item.code): item.id for item in items if item.closed_at is None}
        loaded = joinedload(Question.item).joinedload(ServiceItem.site)
        asked: dict[int, int] = {}
        order = (Question.item_id, Question.position, Question.id)
        for question in session.scalars(select(Question).options(loaded).order_by(*order)):
            item = question.item
            choices = tuple((one["value"], one["name"], one.get("name_en", "")) for one in question.offered)
            values: Values = {"site": item.site.code, "item": item.code, "code": question.code, "kind": question.kind.value}
            values |= {"name": question.name, "name_en": question.name_en, "choices": choices, "required": question.required}
            closed = question.closed_at is not None or item.closed_at is not None
            mine = actor.can(self.permission, at=item.site.path)
            context.current[(item.site.code, item.code, question.code)] = Existing(
                f"question:{question.id}", values, closed, mine
            )
            asked[item.id] = asked.get(item.id, 0) + (question.closed_at is None)
        context.more = {"items": open_items, "asked": asked}
        return context

    def settle(self, values: Values, context: Context) -> Values:
        """The place becomes its code; the service must be there."""
        values = values | {"site": context.places.code_of(values.get("site"))}
        if (values["site"], values["item"]) not in context.more["items"]:
            raise OfKind("item", N_("There is no open service with this code."))
        return values

    def judge(self, values: Values, existing: Existing | None, context: Context) -> None:
        """What asking it would refuse."""
        checks = Checks()
        questions.checked_question(_draft(values), checks)
        checks.done()
        if existing is not None:
            if values["kind"] != existing.values["kind"]:
                raise OfKind("kind", N_("The kind of answer of a question stays as it is. Please ask a new one instead."))
            return
        item = context.more["items"][(values["site"], values["item"])]
        context.more["asked"][item] = context.more["asked"].get(item, 0) + 1
        if context.more["asked"][item] > questions.MOST:
            raise OfKind("item", N_("This service asks enough already."))

    def make(self, context: Context, rows: Sequence[tuple[int, Values]]) -> list[str]:
        """Let the service ask it."""
        values = rows[0][1]
        item = context.more["items"][(values["site"], values["item"])]
        question = questions.add_question(context.session, context.actor, item, _draft(values), at=context.at)
        context.session.flush()  # its id goes into the row of the import
        return [f"question:{question.id}"]

    def change(self, context: Context, existing: Existing, values: Values, columns: frozenset[str]) -> None:
        """Write the new words."""
        questions.edit_question(context.session, context.actor, existing.id, _draft(values), at=context.at)

    def in_the_way(self, context: Context, thing: str) -> list[tuple[str, int]]:
        """Orders keep their answers by the question's code: any order of the service may have answered it."""
        question = load(context.session, Question, int(thing.split(":")[1]))
        found = select(func.count()).select_from(ServiceOrder).where(ServiceOrder.item_id == question.item_id)
        count = context.session.scalar(found) or 0
        return super().in_the_way(context, thing) + ([(N_("orders"), count)] if count else [])


def _draft(values: Values) -> questions.QuestionDraft:
    return questions.QuestionDraft(
        code=values["code"], kind=QuestionKind(values["kind"]), name=values["name"], name_en=values.get("name_en") or "",
        choices=[tuple(one) for one in values.get("choices") or ()], required=bool(values.get("required")),
    )  # fmt: skip
