"""Forged certificates are refused, by the programme and by the browser, and both say the same of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.browsers_verifier import said_by_the_browser
from tests.support.forging import NOW, Forger
from volunteer.certificates.signing import Unbelievable, check

DOSE, BROWSERS_DOSE = 3_600, 900


@pytest.fixture(scope="module")
def forger():
    return Forger(seed=20_261_120)


def believed(forger, text):
    """None when it is believed, else why not."""
    try:
        check(text, forger.keys, at=NOW)
    except Unbelievable as refusal:
        return refusal.fault.value
    return None


def test_true_ones_are_believed_by_both(forger):
    assert [believed(forger, text) for text in forger.true] == [None] * len(forger.true)
    said = said_by_the_browser(forger.true, [key.as_json() for key in forger.keys], NOW.timestamp())
    for text, answer in zip(forger.true, said, strict=True):
        ours = check(text, forger.keys, at=NOW)
        claims = answer["claims"]
        assert (answer["kid"], answer["retired"]) == (ours.kid, ours.retired)
        assert (claims["number"], claims["name"], claims["minutes"], claims["digest"]) == (
            ours.claims.number, ours.claims.name, ours.claims.minutes, ours.claims.digest,
        )  # fmt: skip
        assert claims["signed"] == ours.claims.signed.timestamp()


def test_no_forged_one_is_believed(forger):
    assert [text for text in forger.forgeries(DOSE) if believed(forger, text) is None] == []
    assert len(forger.kinds) >= 18
    assert min(forger.kinds.values()) >= DOSE // len(forger.kinds)  # every kind had its turn


def test_the_browser_believes_none_either_and_says_why_in_the_same_words(forger):
    texts = list(forger.forgeries(BROWSERS_DOSE))
    said = said_by_the_browser(texts, [key.as_json() for key in forger.keys], NOW.timestamp())
    assert [text for text, answer in zip(texts, said, strict=True) if "fault" not in answer] == []
    different = [
        (believed(forger, text), answer["fault"], text)
        for text, answer in zip(texts, said, strict=True)
        if answer["fault"] != believed(forger, text)
    ]
    assert different == []


@pytest.mark.parametrize(
    ("ago", "said"), [(timedelta(days=-1), None), (timedelta(), "key_revoked"), (timedelta(days=900), "key_revoked")]
)
def test_a_revoked_key_is_believed_by_neither_from_its_moment_on_and_before_it_with_a_doubt(forger, ago, said):
    text = forger.true[0]
    signed = check(text, forger.keys, at=NOW).claims.signed
    keys = [replace(key, revoked_from=signed - ago) for key in forger.keys]
    (browser,) = said_by_the_browser([text], [key.as_json() for key in keys], NOW.timestamp())
    if said is None:
        assert (check(text, keys, at=NOW).revoked, browser["revoked"]) == (True, True)
    else:
        with pytest.raises(Unbelievable, match=said):
            check(text, keys, at=NOW)
        assert browser["fault"] == said


def test_a_key_that_was_never_published_signs_nothing(forger):
    for text in forger.true[:10]:
        with pytest.raises(Unbelievable, match="unknown_key"):
            check(text, (), at=NOW + timedelta(days=1))
