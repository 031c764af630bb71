"""What the forms of the menu may send, and the drafts they load to."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load
from marshmallow.validate import Length, OneOf, Range

from volunteer.administration.schemas_places import ID, Edit, Seen
from volunteer.catalogue.editing import LONGEST_DAY, LONGEST_REPLY, MOST_PEOPLE, CategoryDraft, ItemDraft, SkillDraft
from volunteer.catalogue.models import QuestionKind, Risk
from volunteer.catalogue.questions import MOST, QuestionDraft
from volunteer.catalogue.rules import ICONS
from volunteer.kernel.words import N_

CODE = Length(max=40)
LINES = N_("Please write one answer a line: code, Chinese, English, with | between them.")


class SkillForm(Seen):
    """Loads to an Edit of a SkillDraft."""

    code = fields.String(required=True, validate=CODE)
    name = fields.String(required=True, validate=Length(max=40))
    name_en = fields.String(load_default="", validate=Length(max=60))
    licensed = fields.Boolean(load_default=False)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> Edit:
        """What was seen goes beside it."""
        return Edit(seen=data.pop("seen"), draft=SkillDraft(**data))


class CategoryForm(Seen):
    """Loads to an Edit of a CategoryDraft."""

    code = fields.String(required=True, validate=CODE)
    name = fields.String(required=True, validate=Length(max=40))
    name_en = fields.String(load_default="", validate=Length(max=60))
    elder = fields.String(load_default="", validate=Length(max=40))
    elder_en = fields.String(load_default="", validate=Length(max=60))
    icon = fields.String(required=True, validate=OneOf(ICONS))

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> Edit:
        """What was seen goes beside it."""
        return Edit(seen=data.pop("seen"), draft=CategoryDraft(**data))


class ItemForm(Seen):
    """A service without its questions, which have forms of their own. Loads to an Edit of an ItemDraft."""

    site = fields.Integer(load_default=None, validate=ID)
    code = fields.String(required=True, validate=CODE)
    category = fields.String(required=True, validate=CODE)
    name = fields.String(required=True, validate=Length(max=60))
    name_en = fields.String(load_default="", validate=Length(max=80))
    summary = fields.String(load_default="", validate=Length(max=200))
    summary_en = fields.String(load_default="", validate=Length(max=240))
    bring = fields.String(load_default="", validate=Length(max=120))
    bring_en = fields.String(load_default="", validate=Length(max=160))
    minutes = fields.Integer(required=True, validate=Range(min=1, max=LONGEST_DAY))
    people = fields.Integer(required=True, validate=Range(min=1, max=MOST_PEOPLE))
    risk = fields.Enum(Risk, by_value=True, load_default=Risk.LOW)
    reply_minutes = fields.Integer(required=True, validate=Range(min=1, max=LONGEST_REPLY))
    stopper = fields.String(load_default="", validate=Length(max=120))
    stopper_en = fields.String(load_default="", validate=Length(max=160))
    stopper_call = fields.String(load_default="", validate=Length(max=10))
    skills = fields.List(fields.String(validate=CODE), load_default=list, validate=Length(max=20))

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> Edit:
        """What was seen, and where, goes beside it."""
        return Edit(seen=data.pop("seen"), site=data.pop("site"), draft=ItemDraft(**data))


class QuestionForm(Seen):
    """A question; its answers one a line. Loads to an Edit of a QuestionDraft."""

    code = fields.String(required=True, validate=CODE)
    kind = fields.Enum(QuestionKind, by_value=True, required=True)
    name = fields.String(required=True, validate=Length(max=120))
    name_en = fields.String(load_default="", validate=Length(max=160))
    required = fields.Boolean(load_default=False)
    choices = fields.String(load_default="", validate=Length(max=4000))

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> Edit:
        """What was seen goes beside it."""
        choices = answers(data.pop("choices"))
        return Edit(seen=data.pop("seen"), draft=QuestionDraft(choices=choices, **data))


def answers(text: str) -> list[tuple[str, str, str]]:
    """Return the answers that a text names: ``tube | 灯管 | Tube`` a line. Raises ValidationError for ``choices``."""
    found = []
    for line in text.replace("｜", "|").splitlines():
        if not line.strip():
            continue
        parts = [part.strip() for part in line.split("|")]
        if not 2 <= len(parts) <= 3:
            raise ValidationError(LINES, "choices")
        found.append((parts[0], parts[1], parts[2] if len(parts) > 2 else ""))
    if len(found) > MOST:
        raise ValidationError(N_("These are too many answers to choose from."), "choices")
    return found


def as_lines(choices: list[dict[str, Any]]) -> str:
    """Return answers as the form shows them."""
    return "\n".join(" | ".join(part for part in (one["value"], one["name"], one.get("name_en", "")) if part) for one in choices)
