"""What a team's leader may send: an answer to an offer, who goes and when, proof of being there, the record."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validates_schema
from marshmallow.validate import Length, OneOf, Range, Regexp

from volunteer.attendance.evidence import Position, Proof
from volunteer.kernel.geo import Datum, to_wgs84
from volunteer.kernel.words import N_
from volunteer.orders.accepting import DECLINE_WORDS, Decline
from volunteer.orders.visits.turnout import Hindrance

FOUR_DIGITS = Regexp(r"^\d{4}$", error=N_("The start code has four digits."))
REASON = Length(max=200)


class DeclineForm(Schema):
    """Why not. Loads to the reason in words: the leader's own where there are any, else those of the choice."""

    why = fields.Enum(Decline, by_value=True, load_default=Decline.OTHER)
    words = fields.String(load_default="", validate=REASON)

    @post_load
    def reason(self, data: dict[str, Any], **_: Any) -> str:
        typed: str = data["words"]
        return typed or ("" if data["why"] is Decline.OTHER else DECLINE_WORDS[data["why"]])


class AppointmentForm(Schema):
    """Who goes, when, and who agreed to a time that is not the usual one."""

    members = fields.List(fields.Integer(strict=False), load_default=list, validate=Length(max=100))
    begins = fields.NaiveDateTime(required=True)
    agreed = fields.Boolean(load_default=False)
    members_agreed = fields.Boolean(load_default=False)

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self.zone = zone

    @post_load
    def aware(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data | {"begins": data["begins"].replace(tzinfo=self.zone)}


class PositionForm(Schema):
    """Where the device says that it is. Converted to WGS-84 here, and nowhere else."""

    latitude = fields.Float(required=True, validate=Range(-90, 90))
    longitude = fields.Float(required=True, validate=Range(-180, 180))
    accuracy = fields.Float(required=True)
    datum = fields.Enum(Datum, by_value=True, load_default=Datum.WGS84)

    @post_load
    def position(self, data: dict[str, Any], **_: Any) -> Position:
        return Position(to_wgs84((data["latitude"], data["longitude"]), data["datum"]), data["accuracy"])


class ProofForm(Schema):
    """Proof of being there. Loads to a Proof; ``listed`` says that the list of those present was shown."""

    code = fields.String(load_default="", validate=FOUR_DIGITS)
    qr = fields.String(load_default="", validate=Length(max=60))
    position = fields.Nested(PositionForm, load_default=None)
    present = fields.List(fields.Integer(strict=False), load_default=list, validate=Length(max=100))
    listed = fields.Boolean(load_default=False)
    ended_at = fields.NaiveDateTime(load_default=None)
    by = fields.String(load_default="", validate=OneOf(("", "roll_call")))

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self.zone = zone

    @pre_load
    def without_blanks(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if name != "position" or value}

    @post_load
    def proof(self, data: dict[str, Any], **_: Any) -> Proof:
        ended: datetime | None = data["ended_at"]
        called = data["by"] == "roll_call"
        return Proof(
            code="" if called else data["code"],
            qr=data["qr"],
            position=None if called else data["position"],
            present=frozenset(data["present"]) if data["listed"] else None,
            ended_at=ended.replace(tzinfo=self.zone) if ended else None,
        )


class ArrivalForm(ProofForm):
    """Proof of arriving: calling the roll is said, not what is left when nothing was typed."""

    @validates_schema
    def shows_something(self, data: dict[str, Any], **_: Any) -> None:
        if not (data["code"] or data["qr"] or data["position"] or data["by"]):
            raise ValidationError(N_("Please type the start code. If there is none, look below."), "code")


class RecordForm(Schema):
    """The record's words and figure; its photos are files."""

    words = fields.String(required=True, validate=Length(max=1_000))
    people = fields.Integer(required=True, strict=False, validate=Range(1, 100_000))


class ReleaseForm(Schema):
    """Why the team lets an order go, by tap or in words, or that nobody was at home. Loads to the words."""

    why = fields.String(load_default="", validate=REASON)
    reason = fields.String(load_default="", validate=REASON)

    @post_load
    def words(self, data: dict[str, Any], **_: Any) -> str:
        return str(data["reason"].strip() or data["why"])


class PeopleForm(Schema):
    """Who was ticked."""

    members = fields.List(fields.Integer(strict=False), load_default=list, validate=Length(max=100))


class HindranceForm(Schema):
    """Why a volunteer cannot come, by tap."""

    why = fields.Enum(Hindrance, by_value=True, load_default=Hindrance.OTHER)
