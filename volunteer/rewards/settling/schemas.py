"""What forms about settlements may send."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range

from volunteer.rewards.settling.rules import LARGEST

A_ROW = Range(1, 2**31 - 1)


class WorthForm(Schema):
    """So many points, so many fen, from a day on."""

    site = fields.Integer(required=True, validate=A_ROW)
    points = fields.Integer(required=True, validate=Range(1, LARGEST))
    fen = fields.Integer(required=True, validate=Range(1, LARGEST))
    first = fields.Date(required=True)


class PrepareForm(Schema):
    """A shop and a month."""

    merchant = fields.Integer(required=True, validate=A_ROW)
    month = fields.String(required=True, validate=Length(7, 7))


class SeenForm(Schema):
    """The digest of what was looked at."""

    seen = fields.String(required=True, validate=Length(64, 64))


class LinesForm(Schema):
    """Lines, and words about them."""

    lines = fields.List(fields.Integer(validate=A_ROW), load_default=list)
    words = fields.String(required=True, validate=Length(2, 200))


class PaidForm(Schema):
    """When, and under which number."""

    paid_on = fields.Date(required=True)
    reference = fields.String(required=True, validate=Length(2, 60))


class WordsForm(Schema):
    """Why."""

    note = fields.String(required=True, validate=Length(2, 200))


class VerdictForm(Schema):
    """What a person found."""

    verdict = fields.String(required=True, validate=OneOf(["fine", "wrong"]))
    note = fields.String(required=True, validate=Length(2, 300))
