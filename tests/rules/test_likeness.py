"""Whether two entries may be one person."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.administration.merging.merging import common
from volunteer.administration.merging.rules import Known, Why, alike, keeps, near
from volunteer.kernel.text import search_text

BORN = date(1968, 3, 2)


def known(name="王建平", phone=None, document=None, born_on=BORN, volunteer=True):
    return Known(name, search_text(name), phone, document, born_on, volunteer)


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (known(document="d"), known("王建萍", document="d", born_on=None), (Why.DOCUMENT,)),
        (known(phone="p"), known(phone="p", born_on=None), (Why.PHONE,)),
        (known(phone="p"), known(phone="p"), (Why.PHONE, Why.NAME)),
        (known(), known("王建萍"), (Why.NAME,)),  # sounds the same
        (known(), known("王建甲"), (Why.NAME,)),  # one character of three
        (known(), known("王 建平"), (Why.NAME,)),
        (known(), known("李建平", born_on=date(1968, 3, 3)), ()),
        (known(born_on=None), known(born_on=None), ()),  # a name alone is nothing
        (known("李明", phone="p"), known("李强", phone="p", volunteer=False), ()),  # a telephone of a family
        (known("李明", phone="p", born_on=None), known("李强", phone="p"), (Why.PHONE,)),  # two volunteers: somebody looks
        (known("李明", phone="p"), known("李强", phone="p", born_on=date(1970, 1, 1)), ()),
        (known(document="d", phone="p"), known(document="e", phone="p"), ()),  # two identity numbers: two people
    ],
)
def test_what_says_that_two_entries_are_one_person(one, other, why):
    assert alike(one, other) == why
    assert alike(other, one) == why


@given(st.text("王李建平明", min_size=0, max_size=5), st.text("王李建平明", min_size=0, max_size=5))
def test_being_near_goes_both_ways_and_a_name_is_near_itself(one, other):
    assert near(known(one), known(other)) == near(known(other), known(one))
    assert near(known(one), known(one)) == bool(one)


def test_the_volunteer_stays_then_whoever_logs_in_then_the_older():
    assert keeps((True, False, 9), (False, True, 1))
    assert keeps((True, True, 9), (True, False, 1))
    assert keeps((False, False, 1), (False, False, 9))
    assert not keeps((False, False, 9), (False, False, 1))


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("/1/12/140/", "/1/12/", "/1/12/"), ("/1/12/", "/1/120/", "/1/"), ("/1/", "/2/", "/"), ("/", "/1/", "/"), ("/1/2/", "/1/2/", "/1/2/"),
    ],
)  # fmt: skip
def test_two_places_have_the_deepest_site_over_both_in_common(one, other, both):
    assert common(one, other) == common(other, one) == both
