"""What forms about partners may send."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load
from marshmallow.validate import Length, Range

from volunteer.rewards.partners.agreeing import PartnerDraft
from volunteer.rewards.partners.rules import LARGEST

A_LIMIT = Range(1, LARGEST)


class TermsForm(Schema):
    """Address, directions and limits."""

    address = fields.String(load_default="", validate=Length(max=300))
    gives = fields.Boolean(load_default=False)
    takes = fields.Boolean(load_default=False)
    person_daily = fields.Integer(required=True, validate=A_LIMIT)
    total_daily = fields.Integer(required=True, validate=A_LIMIT)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> PartnerDraft:
        """What the verb takes; a change of terms leaves the names as they are."""
        return PartnerDraft(**({"code": "-", "name": "-"} | data))


class PartnerForm(TermsForm):
    """Somebody new, with the place that agreed."""

    code = fields.String(required=True, validate=Length(2, 30))
    name = fields.String(required=True, validate=Length(1, 60))
    name_en = fields.String(load_default="", validate=Length(max=90))
    unit = fields.String(load_default="", validate=Length(max=20))


class RateForm(Schema):
    """So many for so many, from a day on."""

    ours = fields.Integer(required=True, validate=A_LIMIT)
    theirs = fields.Integer(required=True, validate=A_LIMIT)
    first = fields.Date(required=True)


class LinkForm(Schema):
    """One's own account over there."""

    account = fields.String(required=True, validate=Length(4, 64))
    agree = fields.Boolean(load_default=False)


class SendForm(Schema):
    """Points to move out."""

    link = fields.Integer(required=True, validate=Range(1, 2**31 - 1))
    points = fields.Integer(required=True, validate=A_LIMIT)
