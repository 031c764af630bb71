"""What a resident's or clerk's form may send, and the draft it loads to. Field names are those of the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema, ValidationError, fields, post_load
from marshmallow.validate import Length, OneOf, Range

from volunteer.accounts.models_caring import ConsentHow, Relation
from volunteer.kernel.words import N_
from volunteer.orders.changing import Correction
from volunteer.orders.models import OrderChannel, WhenKind
from volunteer.orders.placing import OrderDraft
from volunteer.orders.rating import TAGS, RatingDraft
from volunteer.places.schemas import PointForm

HALVES = {"morning": (time(8), time(12)), "afternoon": (time(13), time(18)), "evening": (time(18), time(21))}
DAYS_AHEAD = 14
SHORT_NOTICE = timedelta(hours=1)  # a half-day is still offered when at least this much of it is left
CHANNELS = {"web": OrderChannel.WEB, "caller": OrderChannel.PHONE, "counter": OrderChannel.COUNTER}
BAD_TIME = N_("Please choose one of the times.")


@dataclass(frozen=True)
class Wish:
    """When somebody would like it."""

    kind: WhenKind
    begins: datetime | None = None
    ends: datetime | None = None


def wish_of(value: str, zone: ZoneInfo) -> Wish:
    """Read ``soon``, ``flexible``, or a half-day such as ``2026-11-22.morning`` in the centre's zone.

    Nothing chosen is a window without ends, which the verbs refuse. Raises ValidationError about ``when``.
    """
    if value in {WhenKind.SOON.value, WhenKind.FLEXIBLE.value}:
        return Wish(WhenKind(value))
    if not value:
        return Wish(WhenKind.WINDOW)
    day, _, half = value[:40].partition(".")
    try:
        return Wish(WhenKind.WINDOW, *half_day(date.fromisoformat(day), half, zone))
    except (KeyError, ValueError, OverflowError):
        raise ValidationError(BAD_TIME, "when") from None


class OrderForm(Schema):
    """What may be sent when ordering. Loads to an OrderDraft without its photos; the verb says what is missing."""

    item = fields.String(load_default="", validate=Length(max=64))
    words = fields.String(load_default="")
    answers = fields.Dict(keys=fields.String(validate=Length(max=64)), values=fields.String(allow_none=True), load_default=dict)
    point = fields.Nested(PointForm, load_default=None)
    site = fields.Integer(load_default=None, validate=Range(min=1, max=2**31 - 1))
    address = fields.String(load_default="")
    on_behalf = fields.Boolean(load_default=False)
    for_name = fields.String(load_default="")
    for_phone = fields.String(load_default="")
    relation = fields.Enum(Relation, by_value=True, load_default=Relation.OTHER)
    how = fields.Enum(ConsentHow, by_value=True, load_default=ConsentHow.SPOKEN)
    care = fields.Integer(load_default=None, validate=Range(min=1, max=2**31 - 1))
    agreed = fields.Boolean(load_default=False)
    name = fields.String(load_default="")
    phone = fields.String(load_default="")
    consent = fields.Boolean(load_default=False)
    channel = fields.String(load_default="web", validate=OneOf(tuple(CHANNELS)))

    when = fields.String(load_default="")

    def __init__(self, zone: ZoneInfo, notice: str, locale: str, **more: Any) -> None:
        super().__init__(**more)
        self.zone, self.notice, self.locale = zone, notice, locale

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> OrderDraft:
        """Return the draft."""
        wish = wish_of(data.pop("when"), self.zone)
        site_id, agreed_to_notice = data.pop("site"), data.pop("consent")
        data["care_id"] = data.pop("care")
        data["on_behalf"] = data["on_behalf"] or data["care_id"] is not None
        data["channel"] = CHANNELS[data["channel"]]
        data["answers"] = {code: said for code, said in data["answers"].items() if said is not None}
        return OrderDraft(
            **data,
            site_id=site_id,
            notice=self.notice if agreed_to_notice else "",
            locale=self.locale,
            when=wish.kind,
            begins=wish.begins,
            ends=wish.ends,
        )


class CorrectionForm(Schema):
    """What may be changed later. Blank leaves a thing as it is."""

    when = fields.String(load_default="")
    address = fields.String(load_default=None)
    phone = fields.String(load_default=None)
    words = fields.String(load_default=None)

    def __init__(self, zone: ZoneInfo, **more: Any) -> None:
        super().__init__(**more)
        self.zone = zone

    @post_load
    def correction(self, data: dict[str, Any], **_: Any) -> Correction:
        """Return the correction; no time chosen means that the time stays."""
        typed = data.pop("when")
        if not typed:
            return Correction(**data)
        wish = wish_of(typed, self.zone)
        return Correction(**data, when=wish.kind, begins=wish.begins, ends=wish.ends)


class RatingForm(Schema):
    """评单 by whoever holds the link, or by a clerk."""

    stars = fields.Integer(load_default=0)
    tags = fields.List(fields.String(validate=OneOf(tuple(TAGS))), load_default=list)
    words = fields.String(load_default="")
    by = fields.String(load_default="", validate=OneOf(("", "code")))

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> RatingDraft:
        """Return the draft."""
        return RatingDraft(stars=data["stars"], tags=tuple(data["tags"]), words=data["words"], by_code=data["by"] == "code")


def half_day(day: date, half: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return beginning and end of a half-day. Raises KeyError for an unknown half."""
    begins, ends = HALVES[half]
    return datetime.combine(day, begins, tzinfo=zone), datetime.combine(day, ends, tzinfo=zone)
