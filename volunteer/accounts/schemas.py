"""What somebody who was invited may send, and what the forms of a new password may."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema
from marshmallow.validate import Equal, Length

from volunteer.accounts import passwords, rules
from volunteer.accounts.registering import PersonDraft
from volunteer.kernel.words import N_

BAD_LOGIN_NAME = N_("Please use 3 to 40 small letters, digits, dots or dashes.")
NOT_SAME = N_("The two are not the same.")
PLEASE_AGREE = N_("Without this we may not keep anything about you.")


class NewPasswordForm(Schema):
    """A password, typed twice. Loads to it."""

    new = fields.String(required=True, validate=Length(max=128))
    again = fields.String(required=True, validate=Length(max=128))

    @validates_schema
    def _same(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("new") != data.get("again"):
            raise ValidationError(NOT_SAME, "again")

    @post_load
    def password(self, data: dict[str, Any], **_: Any) -> Any:
        return data["new"]


class NewcomerForm(Schema):
    """Name, log-in name, password and consent. Loads to a PersonDraft; a password that may not be chosen is said beside it."""

    name = fields.String(required=True, validate=Length(min=2, max=30))
    login_name = fields.String(required=True)
    new = fields.String(required=True, validate=Length(max=128))
    again = fields.String(required=True, validate=Length(max=128))
    agree = fields.String(required=True, validate=Equal("yes"), error_messages={"required": PLEASE_AGREE})

    @validates_schema(skip_on_field_errors=False)
    def _fits(self, data: dict[str, Any], **_: Any) -> None:
        wrong: dict[str, list[str]] = {}
        name = rules.login_name(data.get("login_name", "")) or ""
        if data.get("login_name") and not name:
            wrong["login_name"] = [BAD_LOGIN_NAME]
        if data.get("new") and (words := passwords.complaint(data["new"], name)):
            wrong["new"] = [words]
        if data.get("new") and data.get("again") and data["new"] != data["again"]:
            wrong["again"] = [NOT_SAME]
        if wrong:
            raise ValidationError(wrong)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> PersonDraft:
        return PersonDraft(name=data["name"], login_name=rules.login_name(data["login_name"]), password=data["new"])
