"""A phone's mark: made when a team is checked in, kept as a hash, locked to this site, never asked for elsewhere."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.support.leading import Phone
from volunteer.attendance.review.models_findings import CheckMark
from volunteer.kernel.db import db


@pytest.fixture
def phone(app) -> Phone:
    phone = Phone(app)
    phone.accept()
    phone.choose()
    return phone


def marks(phone: Phone) -> list[CheckMark]:
    with phone.app.app_context():
        return list(db.session.scalars(select(CheckMark).order_by(CheckMark.id)))


def test_the_same_phone_has_one_mark_and_only_its_hash_is_kept(phone):
    assert phone.client.get_cookie("phone") is None  # nothing before a team is checked in
    answer = phone.post(f"{phone.at}/arrive", code=phone.code())
    (cookie,) = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("phone=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    token = phone.client.get_cookie("phone").value
    answer = phone.post(f"{phone.at}/leave", code=phone.code())
    assert not [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("phone=")]
    came, left = marks(phone)
    assert (came.leaving, left.leaving, came.device) == (False, True, left.device)
    assert came.by_id == phone.leader_id
    assert token not in (came.device or "")


@pytest.mark.parametrize("token", ["x", "a" * 500, "<script>", "ü" * 30])
def test_a_mark_that_is_none_of_ours_is_made_anew(phone, token):
    phone.client.set_cookie("phone", token)
    phone.post(f"{phone.at}/arrive", code=phone.code())
    assert phone.client.get_cookie("phone").value != token
    assert len(marks(phone)) == 1


def test_a_wrong_code_leaves_no_mark(phone):
    assert phone.post(f"{phone.at}/arrive", code="0000" if phone.code() != "0000" else "1111").status_code == 422
    assert marks(phone) == []
