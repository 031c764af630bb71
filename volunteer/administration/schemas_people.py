"""What may be sent about staff: an invitation, a role with its days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema, fields, post_load
from marshmallow.validate import Length, OneOf, Range

from volunteer.access import STAFF, Role
from volunteer.accounts.inviting import InvitationDraft
from volunteer.kernel.clock import end_of_day, start_of_day

CENTURY = Range(min=date(2000, 1, 1), max=date(2199, 12, 31))
ROLE = OneOf(sorted(role.value for role in STAFF))


class _Dated(Schema):
    """A form whose days are local days of ``zone``."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self.zone = zone

    def end(self, day: date | None) -> datetime | None:
        return end_of_day(day, self.zone) if day else None


class InvitationForm(_Dated):
    """Loads to an InvitationDraft."""

    name = fields.String(required=True, validate=Length(min=1, max=30))
    phone = fields.String(load_default="", validate=Length(max=20))
    role = fields.String(required=True, validate=ROLE)
    site = fields.Integer(required=True, validate=Range(min=1, max=2**31 - 1))
    until = fields.Date(load_default=None, validate=CENTURY)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> InvitationDraft:
        return InvitationDraft(data["name"], Role(data["role"]), data["site"], data["phone"] or None, self.end(data["until"]))


class GrantForm(_Dated):
    """Loads to role, site's id, since and until."""

    role = fields.String(required=True, validate=ROLE)
    site = fields.Integer(required=True, validate=Range(min=1, max=2**31 - 1))
    since = fields.Date(load_default=None, validate=CENTURY)
    until = fields.Date(load_default=None, validate=CENTURY)

    @post_load
    def terms(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        since = start_of_day(data["since"], self.zone) if data["since"] else None
        return {"role": Role(data["role"]), "site_id": data["site"], "since": since, "until": self.end(data["until"])}


class UntilForm(_Dated):
    """Loads to the moment at which a role ends, None for no end."""

    until = fields.Date(load_default=None, validate=CENTURY)

    @post_load
    def moment(self, data: dict[str, Any], **_: Any) -> Any:
        return self.end(data["until"])
