"""What the forms of benefits and households may send."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load
from marshmallow.validate import Length, OneOf, Range

from volunteer.recognition.keeping_benefits import BenefitDraft
from volunteer.recognition.models_benefits import BenefitClass, Period

COUNT = Range(min=0, max=10_000_000)


class BenefitForm(Schema):
    """Loads to a BenefitDraft; hours are typed, minutes are kept."""

    code = fields.String(load_default="", validate=Length(max=60))
    kind = fields.String(required=True, validate=OneOf([one.value for one in BenefitClass]))
    name = fields.String(required=True, validate=Length(max=120))
    name_en = fields.String(load_default="", validate=Length(max=240))
    about = fields.String(load_default="", validate=Length(max=600))
    about_en = fields.String(load_default="", validate=Length(max=800))
    giver = fields.String(load_default="", validate=Length(max=160))
    level = fields.Integer(load_default=0, validate=Range(min=0, max=5))
    hours = fields.Integer(load_default=0, validate=Range(min=0, max=10_000))
    age_least = fields.Integer(load_default=None, validate=COUNT)
    age_most = fields.Integer(load_default=None, validate=COUNT)
    first_day = fields.Date(required=True)
    last_day = fields.Date(load_default=None)
    limit_each = fields.Integer(load_default=None, validate=COUNT)
    period = fields.String(load_default=Period.YEAR.value, validate=OneOf([one.value for one in Period]))
    limit_all = fields.Integer(load_default=None, validate=COUNT)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> BenefitDraft:
        """The names of the form are the page's; the draft has the table's."""
        return BenefitDraft(
            kind=BenefitClass(data.pop("kind")),
            period=Period(data.pop("period")),
            words=data.pop("about"),
            words_en=data.pop("about_en"),
            stars_least=data.pop("level"),
            minutes_least=data.pop("hours") * 60,
            begins=data.pop("first_day"),
            ends=data.pop("last_day"),
            **data,
        )


FIELDS = {
    "words": "about",
    "words_en": "about_en",
    "stars_least": "level",
    "minutes_least": "hours",
    "begins": "first_day",
    "ends": "last_day",
}
