"""What may be sent about hours: what is missing, what is wrong, and the answers to both. Local times in, aware times out."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema, fields, post_load
from marshmallow.validate import Length, Range

ID = Range(min=1, max=2**31 - 1)


class Times(Schema):
    """Two local times; loads them aware."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self.zone = zone

    @post_load
    def aware(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        for name in ("began_at", "ended_at"):
            if data.get(name) is not None:
                data[name] = data[name].replace(tzinfo=self.zone)
        return data


class AskForm(Times):
    """Hours that are missing. ``number`` is the volunteer's, ``member`` the id of a team's member: one of them for others."""

    began_at = fields.NaiveDateTime(required=True)
    ended_at = fields.NaiveDateTime(required=True)
    what = fields.String(required=True, validate=Length(max=500))
    why = fields.String(required=True, validate=Length(max=500))
    item = fields.Integer(load_default=None, validate=ID)
    team = fields.Integer(load_default=None, validate=ID)
    member = fields.Integer(load_default=None, validate=ID)
    number = fields.String(load_default="", validate=Length(max=20))


class ContestForm(Times):
    """What is wrong with an entry, and when it really was if that is known."""

    words = fields.String(required=True, validate=Length(max=1000))
    began_at = fields.NaiveDateTime(load_default=None)
    ended_at = fields.NaiveDateTime(load_default=None)


class ReplyForm(Times):
    """The site's answer: with times the right hours are asked for at once."""

    reply = fields.String(required=True, validate=Length(max=200))
    began_at = fields.NaiveDateTime(load_default=None)
    ended_at = fields.NaiveDateTime(load_default=None)
