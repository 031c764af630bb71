"""A flat form becomes nested data, once, and every complaint comes back at once in the reader's language."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask, session
from marshmallow import Schema, fields, validate
from werkzeug.datastructures import MultiDict

from volunteer.kernel.errors import Invalid
from volunteer.web import forms
from volunteer.web.asked import whole


class PointForm(Schema):
    """A place."""

    latitude = fields.Float(required=True, validate=validate.Range(-90, 90))
    longitude = fields.Float(required=True)


class AnswerForm(Schema):
    """An answer to one question."""

    code = fields.String(required=True)
    value = fields.String(required=True)


class OrderForm(Schema):
    """Everything a form can hold."""

    words = fields.String(load_default="", validate=validate.Length(max=5))
    point = fields.Nested(PointForm, required=True)
    answers = fields.List(fields.Nested(AnswerForm), load_default=list)
    members = fields.List(fields.Integer(), load_default=list)
    extra = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    urgent = fields.Boolean(load_default=False)
    day = fields.Date(load_default=None)
    begins = fields.NaiveDateTime(load_default=None)
    opens = fields.Time(load_default=None)


def form(*pairs: tuple[str, str]) -> MultiDict[str, str]:
    return MultiDict(list(pairs))


PLACE = (("point.latitude", "31.1"), ("point.longitude", "120.6"))


def test_dots_nest_and_numbers_make_rows() -> None:
    loaded = forms.load_form(
        OrderForm,
        form(*PLACE, ("answers.1.code", "b"), ("answers.1.value", "2"), ("answers.0.code", "a"), ("answers.0.value", "1"), ("members", "3"),
             ("members", "4"), ("extra.floor", "2"), ("urgent", "yes")),
    )  # fmt: skip
    assert loaded["point"] == {"latitude": 31.1, "longitude": 120.6}
    assert loaded["answers"] == [{"code": "a", "value": "1"}, {"code": "b", "value": "2"}]
    assert (loaded["members"], loaded["extra"], loaded["urgent"]) == ([3, 4], {"floor": "2"}, True)


def test_blank_is_not_sent_and_unknown_is_not_read() -> None:
    loaded = forms.load_form(OrderForm, form(*PLACE, ("words", "  "), ("role", "county_it"), ("id", "7"), ("status", "closed")))
    assert loaded["words"] == ""
    assert not {"role", "id", "status"} & set(loaded)


def test_a_value_sent_twice_with_different_content_is_refused(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(Invalid):
        forms.load_form(OrderForm, form(*PLACE, ("words", "a"), ("words", "b")))
    assert forms.load_form(OrderForm, form(*PLACE, ("words", "a"), ("words", "a")))["words"] == "a"


@pytest.mark.parametrize("typed", ["2147483648", "-99999999999999999999", "9" * 4000])
def test_a_number_without_bounds_goes_no_further_than_a_rows(app: Flask, typed: str) -> None:
    with app.test_request_context(), pytest.raises(Invalid) as refused:
        forms.load_form(OrderForm, form(*PLACE, ("members", "3"), ("members", typed)))
    assert set(refused.value.fields) == {"members"}
    assert forms.load_form(OrderForm, form(*PLACE, ("members", "2147483647")))["members"] == [2**31 - 1]


@pytest.mark.parametrize("name", ["day", "begins"])
def test_a_day_that_no_zone_can_move_is_none(app: Flask, name: str) -> None:
    clock = "T08:00" if name == "begins" else ""
    for day in ("0001-01-01", "9999-12-31", "1066-10-14"):
        with app.test_request_context(), pytest.raises(Invalid) as refused:
            forms.load_form(OrderForm, form(*PLACE, (name, day + clock)))
        assert set(refused.value.fields) == {name}
    assert forms.load_form(OrderForm, form(*PLACE, (name, "2026-11-21" + clock), ("opens", "10:00")))[name].year == 2026


def test_every_complaint_comes_at_once_in_the_readers_language(app: Flask) -> None:
    sent = form(("words", "far too long"), ("point.latitude", "north"), ("members", "3"), ("members", "x"))
    with app.test_request_context(), pytest.raises(Invalid) as refusal:
        forms.load_form(OrderForm, sent)
    assert refusal.value.fields == {
        "words": ["请最多写 5 个字。"],
        "point.latitude": ["请填数字。"],
        "point.longitude": ["请填写这一项。"],
        "members.1": ["请填整数。"],
    }
    with app.test_request_context():
        session["locale"] = "en"
        with pytest.raises(Invalid) as refusal:
            forms.load_form(OrderForm, sent)
    assert refusal.value.fields["words"] == ["Please write at most 5 characters."]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (fields.Integer(strict=True), "1.5"),
        (fields.Integer(), "x"),
        (fields.Float(), "nan"),
        (fields.Boolean(), "maybe"),
        (fields.Date(), "tomorrow"),
        (fields.Time(), "noon"),
        (fields.DateTime(), "then"),
        (fields.AwareDateTime(), "2026-01-01T00:00"),
        (fields.Email(), "x"),
        (fields.String(validate=validate.OneOf(["a"])), "b"),
        (fields.String(validate=validate.Regexp("^a")), "b"),
        (fields.String(validate=validate.Length(min=3)), "b"),
        (fields.String(validate=validate.Length(equal=3)), "b"),
        (fields.String(validate=validate.Length(2, 3)), "b"),
        (fields.Integer(validate=validate.Range(min=3)), "1"),
        (fields.Integer(validate=validate.Range(max=3)), "9"),
        (fields.Integer(validate=validate.Range(2, 3)), "9"),
        (fields.Integer(validate=validate.Range(min=3, min_inclusive=False)), "3"),
        (fields.UUID(), "x"),
    ],
)
def test_marshmallows_own_words_never_reach_a_reader(app: Flask, field: fields.Field[Any], value: str) -> None:
    schema = Schema.from_dict({"it": field})
    with app.test_request_context(), pytest.raises(Invalid) as refusal:
        forms.load_form(schema, form(("it", value)))
    words = " ".join(refusal.value.fields["it"])
    assert not re.search("[A-Za-z]{3,}", words), words


def test_a_hostile_number_of_rows_is_not_counted() -> None:
    assert forms.unflatten(OrderForm(), form(("answers.99999999999.code", "a"))) == {}


@pytest.mark.parametrize(
    ("typed", "number"),
    [("7", 7), ("007", 7), ("0", 0), ("999999999", 999_999_999), ("1000000000", None), ("", None)]
    + [(typed, None) for typed in ("-1", "+1", "1_0", " 7", "7.0", "７", "٧", "²")],
)
def test_only_plain_digits_are_a_whole_number(typed: str, number: int | None) -> None:
    assert whole(typed) == number
