"""What the pages of a household may send: places, people cared for, help that comes again, markers."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load
from marshmallow.validate import Length, OneOf, Range

from volunteer.accounts.caring import CareDraft
from volunteer.accounts.models_caring import ConsentHow, Relation
from volunteer.kernel.words import N_
from volunteer.orders.households.addresses import PlaceDraft
from volunteer.orders.households.marking import MarkerDraft
from volunteer.orders.households.standing import RhythmDraft
from volunteer.orders.schemas import HALVES
from volunteer.places.schemas import PointForm

OWN_TIME = "own"
LARGEST = 2**31 - 1


class PlaceForm(Schema):
    """A place of the address book."""

    label = fields.String(load_default="")
    point = fields.Nested(PointForm, load_default=None)
    site = fields.Integer(load_default=None, validate=Range(min=1, max=LARGEST))
    address = fields.String(load_default="")

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> PlaceDraft:
        """Return the draft."""
        return PlaceDraft(label=data["label"], address=data["address"], point=data["point"], site_id=data["site"])


class CareForm(Schema):
    """Somebody whom one looks after."""

    for_name = fields.String(load_default="")
    for_phone = fields.String(load_default="")
    relation = fields.Enum(Relation, by_value=True, load_default=Relation.OTHER)
    how = fields.Enum(ConsentHow, by_value=True, load_default=ConsentHow.SPOKEN)
    agreed = fields.Boolean(load_default=False)

    def __init__(self, notice: str, **more: Any) -> None:
        super().__init__(**more)
        self.notice = notice

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> CareDraft:
        """Return the draft."""
        return CareDraft(name=data.pop("for_name"), phone=data.pop("for_phone"), notice=self.notice, **data)


class RhythmForm(Schema):
    """When help comes again. Half-days, or a time of one's own."""

    weekdays = fields.List(fields.Integer(validate=Range(min=0, max=6)), load_default=list)
    half = fields.String(load_default="", validate=OneOf(("", *HALVES, OWN_TIME)))
    from_time = fields.Time(load_default=None)
    to_time = fields.Time(load_default=None)
    every_weeks = fields.Integer(load_default=1)
    begins = fields.Date(required=True)
    ends = fields.Date(load_default=None)
    most = fields.Integer(load_default=None, validate=Range(min=-LARGEST, max=LARGEST))

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> RhythmDraft:
        """Return the draft; nothing chosen is a window without length, which the verb refuses."""
        half, own = data.pop("half"), (data.pop("from_time"), data.pop("to_time"))
        begins, ends = HALVES.get(half, own if half == OWN_TIME else (None, None))
        if half == OWN_TIME and (begins is None or ends is None or begins >= ends):
            raise ValidationError(N_("The end must come after the beginning."), "to_time")
        weekdays = frozenset(data.pop("weekdays"))
        return RhythmDraft(weekdays=weekdays, from_minute=_minute(begins), to_minute=_minute(ends), **data)


class MarkerForm(Schema):
    """A marker of a household, by staff."""

    kind = fields.String(load_default="", validate=Length(max=32))
    note = fields.String(load_default="")
    reason = fields.String(load_default="")
    consent = fields.String(load_default="")
    check_on = fields.Date(load_default=date.min)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> MarkerDraft:
        """Return the draft."""
        return MarkerDraft(**data)


def _minute(at: time | None) -> int:
    return 0 if at is None else at.hour * 60 + at.minute
