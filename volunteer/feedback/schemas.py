"""What a form may send that says something to the centre, and the draft it loads to. Field names are those of the page."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load
from marshmallow.validate import OneOf, Range

from volunteer.feedback.models import CaseKind
from volunteer.feedback.opening import CaseDraft

YES_NO = ("yes", "no")


class SpeakForm(Schema):
    """What may be sent when speaking up. Loads to a CaseDraft without photos; the verb says what is missing."""

    kind = fields.Enum(CaseKind, by_value=True, load_default=CaseKind.FOLLOW_UP)  # which nobody may choose: the verb refuses it
    words = fields.String(load_default="")
    site = fields.Integer(load_default=None, validate=Range(min=1, max=2**31 - 1))
    answer = fields.String(required=True, validate=OneOf(YES_NO))
    name = fields.String(load_default="")
    phone = fields.String(load_default="")
    consent = fields.Boolean(load_default=False)
    quotable = fields.Boolean(load_default=False)

    def __init__(self, notice: str, locale: str, **more: Any) -> None:
        super().__init__(**more)
        self.notice, self.locale = notice, locale

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> CaseDraft:
        """Return the draft; who wants no answer leaves no name, whatever was typed."""
        wanted, agreed = data.pop("answer") == "yes", data.pop("consent")
        if not wanted:
            data |= {"name": "", "phone": ""}
        return CaseDraft(
            **{name: value for name, value in data.items() if name != "site"},
            site_id=data["site"],
            wants_answer=wanted,
            notice=self.notice if agreed and wanted else "",
            locale=self.locale,
        )


class ContentForm(Schema):
    """What the person says to the answer."""

    content = fields.String(required=True, validate=OneOf(YES_NO))
    words = fields.String(load_default="")
