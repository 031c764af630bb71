"""What the form of a rule of dispatch may send, and the draft that it loads to."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from marshmallow import Schema, fields, post_load
from marshmallow.validate import Length, OneOf, Range

from volunteer.administration.schemas_places import ID
from volunteer.orders.rulebook.rules import RuleMode
from volunteer.orders.rulebook.ruling import LAST, LONGEST, MOST_LISTED, SHORTEST, RuleDraft

CODE = fields.String(validate=Length(max=40))


class Written(NamedTuple):
    """A draft of a rule, its site and the day from which it is to hold."""

    draft: RuleDraft
    site: int | None
    valid_from: date


class RuleForm(Schema):
    """Loads to a Written."""

    site = fields.Integer(load_default=None, validate=ID)
    name = fields.String(required=True, validate=Length(max=60))
    mode = fields.String(required=True, validate=OneOf([mode.value for mode in RuleMode]))
    position = fields.Integer(load_default=1, validate=Range(min=1, max=LAST))
    categories = fields.List(CODE, load_default=list, validate=Length(max=MOST_LISTED))
    items = fields.List(CODE, load_default=list, validate=Length(max=MOST_LISTED))
    days = fields.List(fields.Integer(validate=Range(min=0, max=6)), load_default=list, validate=Length(max=7))
    begins = fields.Integer(load_default=0, validate=Range(min=0, max=23))
    ends = fields.Integer(load_default=24, validate=Range(min=1, max=24))
    km = fields.Float(load_default=None, allow_nan=False)
    score = fields.Float(load_default=None, allow_nan=False)
    minutes = fields.Integer(load_default=30, validate=Range(min=SHORTEST, max=LONGEST))
    valid_from = fields.Date(required=True)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> Written:
        """What is about the rule itself goes into its draft."""
        site, day = data.pop("site"), data.pop("valid_from")
        listed: dict[str, Any] = {name: tuple(data.pop(name)) for name in ("categories", "items", "days")}
        return Written(RuleDraft(mode=RuleMode(data.pop("mode")), **listed, **data), site, day)
