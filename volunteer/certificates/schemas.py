"""What a volunteer sends when asking for a certificate, and staff when asking for many."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load
from marshmallow.validate import Length, OneOf

from volunteer.certificates.batches.rules import LONGEST_LIST
from volunteer.certificates.rules import PERIODS, CertificateAsk
from volunteer.certificates.signing import Kind
from volunteer.kernel.words import CHINESE, LOCALES, N_
from volunteer.ledger.models import Grade


class CertificateForm(Schema):
    """Period, grades and language. Loads to a CertificateAsk."""

    period = fields.String(load_default="twelve", validate=OneOf(PERIODS, error=N_("Please choose a period.")))
    first = fields.Date(load_default=None)
    last = fields.Date(load_default=None)
    grades = fields.List(fields.Enum(Grade, by_value=True), load_default=list, validate=Length(max=len(Grade)))
    kind = fields.Enum(Kind, by_value=True, load_default=Kind.SERVICE)
    locale = fields.String(load_default=CHINESE, validate=OneOf(LOCALES, error=N_("Please choose Chinese or English.")))

    @post_load
    def ask(self, data: dict[str, Any], **_: Any) -> CertificateAsk:
        """Return what was asked for."""
        return CertificateAsk(**data | {"grades": frozenset(data["grades"])})


class BatchForm(Schema):
    """Whom to ask, for whom and of which time. Loads to the fields of a BatchDraft, and the site that asks."""

    site = fields.Integer(required=True)
    receiver = fields.String(load_default="", validate=Length(max=80))
    purpose = fields.String(load_default="", validate=Length(max=200))
    first = fields.Date(load_default=None)
    last = fields.Date(load_default=None)
    answer_by = fields.Date(load_default=None)
    grades = fields.List(fields.Enum(Grade, by_value=True), load_default=list, validate=Length(max=len(Grade)))
    locale = fields.String(load_default=CHINESE, validate=OneOf(LOCALES, error=N_("Please choose Chinese or English.")))
    numbers = fields.String(load_default="", validate=Length(max=LONGEST_LIST))
    team = fields.Integer(load_default=None)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Return the fields."""
        data["team_id"] = data.pop("team")
        return data | {"grades": frozenset(data["grades"])}
