"""The questions that a service asks: adding, changing, ordering, closing. Old answers keep the words that they answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.catalogue.models import Question, QuestionKind, ServiceItem
from volunteer.kernel.checks import Checks
from volunteer.kernel.db import load, unchanged
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.places.editing import change

MOST = 20  # questions of a service, and answers to choose from


@dataclass(frozen=True, kw_only=True)
class QuestionDraft:
    """A question to be asked. ``choices`` (value, Chinese, English) belong to a CHOICE and to nothing else."""

    code: str
    kind: QuestionKind
    name: str
    name_en: str = ""
    choices: Sequence[tuple[str, str, str]] = ()
    required: bool = False


def add_question(
    session: Session, actor: Actor, item_id: int, draft: QuestionDraft, *, seen: int | None = None, at: datetime
) -> Question:
    """Return a new question of the service, the last one. Raises Conflict for a code that is taken."""
    item = _mine(session, actor, item_id, seen)
    checks = Checks()
    values = checked_question(draft, checks)
    if len(item.asked) >= MOST:
        checks.say("name", N_("This service asks enough already."))
    checks.done()
    if any(question.code == values["code"] for question in item.questions):
        raise Conflict("question_code_taken", N_("This service has a question with this code already."))

    question = Question(**values, position=max((one.position for one in item.questions), default=0) + 1)
    item.questions.append(question)
    _changed(session, actor, item, "question_added", question, at)
    return question


def edit_question(
    session: Session, actor: Actor, question_id: int, draft: QuestionDraft, *, seen: int | None = None, at: datetime
) -> Question:
    """Return the question with the draft's words. Code and kind stay; an answer that is no longer offered stays readable."""
    question = load(session, Question, question_id)
    item = _mine(session, actor, question.item_id, seen)
    checks = Checks()
    values = checked_question(draft, checks)
    checks.done()
    values |= {"code": question.code, "kind": question.kind}
    offered = {choice["value"] for choice in values["choices"]}
    gone = [choice | {"closed": True} for choice in question.choices if choice["value"] not in offered]
    values["choices"] = [*values["choices"], *gone]

    if change(question, values):
        _changed(session, actor, item, "question_edited", question, at)
    return question


def close_question(session: Session, actor: Actor, question_id: int, *, at: datetime) -> Question:
    """Ask this no more; what was answered stays with its orders."""
    question = load(session, Question, question_id)
    item = _mine(session, actor, question.item_id)
    if question.closed_at is None:
        question.closed_at = at
        _changed(session, actor, item, "question_closed", question, at)
    return question


def open_question(session: Session, actor: Actor, question_id: int, *, at: datetime) -> Question:
    """Ask it again."""
    question = load(session, Question, question_id)
    item = _mine(session, actor, question.item_id)
    if question.closed_at is not None:
        question.closed_at = None
        _changed(session, actor, item, "question_opened", question, at)
    return question


def move_question(session: Session, actor: Actor, question_id: int, step: int, *, at: datetime) -> Question:
    """Ask it one earlier (-1) or later (1). At the end of the list nothing happens."""
    question = load(session, Question, question_id)
    item = _mine(session, actor, question.item_id)
    if swapped(item.asked, question, step):
        _changed(session, actor, item, "question_moved", question, at)
    return question


def swapped(rows: Sequence[Any], row: Any, step: int) -> bool:
    """Number ``rows`` anew with ``row`` one place earlier or later; False when there is no such place."""
    order = list(rows)
    there = order.index(row) + (1 if step > 0 else -1) if row in order else -1
    if not 0 <= there < len(order):
        return False
    order.remove(row)
    order.insert(there, row)
    for position, one in enumerate(order, start=1):
        one.position = position
    return True


def checked_question(draft: QuestionDraft, checks: Checks) -> dict[str, Any]:
    """Return the columns that a draft fills; what is wrong is told to ``checks``."""
    values: dict[str, Any] = {
        "code": checks.code("code", draft.code, 40),
        "kind": draft.kind,
        "name": checks.text("name", draft.name, 120, missing=N_("Please write the question.")),
        "name_en": checks.text("name_en", draft.name_en, 160),
        "required": draft.required,
    }
    choices = []
    for value, name, name_en in draft.choices:
        said = checks.text("choices", name, 60, missing=N_("Please write the answer in Chinese."))
        choices.append({"value": checks.code("choices", value, 40), "name": said, "name_en": checks.text("choices", name_en, 80)})
    if (draft.kind is QuestionKind.CHOICE) != bool(choices):
        checks.say("choices", N_("A choice has answers to choose from; other questions have none."))
    if len({choice["value"] for choice in choices}) != len(choices):
        checks.say("choices", N_("Two answers have the same code."))
    if len(choices) > MOST:
        checks.say("choices", N_("These are too many answers to choose from."))
    return values | {"choices": choices}


def new_question(draft: QuestionDraft, position: int) -> Question:
    """Return the question of a draft that was checked."""
    return Question(**checked_question(draft, Checks()), position=position)


def _mine(session: Session, actor: Actor, item_id: int, seen: int | None = None) -> ServiceItem:
    actor.must(Permission.MENU_MANAGE, at=load(session, ServiceItem, item_id).site.path)
    return unchanged(session, ServiceItem, item_id, seen)


def _changed(session: Session, actor: Actor, item: ServiceItem, what: str, question: Question, at: datetime) -> None:
    """A question belongs to its service: whoever edits the service sees that something changed."""
    item.version += 1
    record(session, actor, what, f"item:{item.id}", at=at, site_path=item.site.path, question=question.code)
