"""What the forms of shops, gifts and refunds may send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Any

from marshmallow import Schema, fields, post_load
from marshmallow.validate import Length, OneOf, Range

from volunteer.places.schemas import PointForm
from volunteer.rewards.merchants.applying import HoursDraft, MerchantDraft
from volunteer.rewards.merchants.correcting import DetailsDraft
from volunteer.rewards.merchants.offering import MOST_HOURS, MOST_POINTS, MOST_STOCK, GiftDraft
from volunteer.rewards.merchants.refunding import REASONS, RefundDraft


def whole(least: int, most: int, **more: Any) -> fields.Integer:
    """Return a field of one whole number."""
    return fields.Integer(strict=False, validate=Range(min=least, max=most), **more)


class MerchantForm(Schema):
    """An application. Loads to a MerchantDraft."""

    name = fields.String(required=True, validate=Length(min=1, max=80))
    name_en = fields.String(load_default="", validate=Length(max=120))
    licence = fields.String(load_default="", validate=Length(max=40))
    address = fields.String(required=True, validate=Length(min=1, max=160))
    words = fields.String(load_default="", validate=Length(max=400))
    contact = fields.String(required=True, validate=Length(min=1, max=40))
    phone = fields.String(required=True, validate=Length(max=20))
    site = whole(1, 2**31 - 1, required=True)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> MerchantDraft:
        """Make the draft."""
        return MerchantDraft(site_id=data.pop("site"), **data)


class DetailsForm(Schema):
    """What a shop says about itself. Loads to a DetailsDraft."""

    address = fields.String(required=True, validate=Length(min=1, max=120))
    contact = fields.String(required=True, validate=Length(min=1, max=40))
    phone = fields.String(required=True, validate=Length(max=20))
    words = fields.String(load_default="", validate=Length(max=400))
    point = fields.Nested(PointForm, load_default=None)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> DetailsDraft:
        """Make the draft."""
        return DetailsDraft(**data)


class HoursForm(Schema):
    """When a shop is open. Loads to an HoursDraft."""

    opens = fields.Time(required=True)
    closes = fields.Time(required=True)
    closed = fields.List(fields.String(validate=OneOf("0123456")), load_default=list, validate=Length(max=7))

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> HoursDraft:
        """Make the draft."""
        return HoursDraft(opens=_minute(data["opens"]), closes=_minute(data["closes"]), closed_days=tuple(data["closed"]))


class GiftForm(Schema):
    """A gift as its merchant writes it. Loads to a GiftDraft."""

    name = fields.String(required=True, validate=Length(min=1, max=60))
    name_en = fields.String(load_default="", validate=Length(max=90))
    words = fields.String(load_default="", validate=Length(max=300))
    words_en = fields.String(load_default="", validate=Length(max=400))
    asked = whole(1, MOST_POINTS, required=True)
    stock = whole(0, MOST_STOCK, load_default=0)
    per_person = whole(0, 1000, load_default=0)
    per_month = whole(0, MOST_STOCK, load_default=0)
    hold_hours = whole(0, MOST_HOURS, load_default=0)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> GiftDraft:
        """Make the draft."""
        return GiftDraft(**data)


@dataclass(frozen=True)
class StockDraft:
    """How many are left, how many the form had shown, and why it is fewer."""

    stock: int
    seen: int
    reason: str


class StockForm(Schema):
    """How many are left."""

    stock = whole(0, MOST_STOCK, required=True)
    seen = whole(0, MOST_STOCK, required=True)
    reason = fields.String(load_default="", validate=Length(max=200))

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> StockDraft:
        """Make the draft."""
        return StockDraft(**data)


class RefundForm(Schema):
    """Why something is to be taken back. Loads to a RefundDraft."""

    why = fields.String(required=True, validate=OneOf(sorted(REASONS)))
    words = fields.String(load_default="", validate=Length(max=200))
    restock = fields.Boolean(load_default=False)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> RefundDraft:
        """Make the draft."""
        return RefundDraft(**data)


class PriceForm(Schema):
    """Points of a gift. Loads to a number."""

    points = whole(1, MOST_POINTS, required=True)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> int:
        """Give the number."""
        return int(data["points"])


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
