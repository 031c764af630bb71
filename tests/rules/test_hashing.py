"""Merkle trees and canonical texts: every leaf is proved, and no change goes unnoticed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.ledger import hashing, merkle

ROW = {
    "id": 7, "source_id": 1, "source": "site:3:minutes-issued", "target_id": 2, "target": "person:5", "unit": "minutes",
    "amount": 90, "reason": "service", "key": "order:88:minutes:5", "about": "order:88", "day": date(2026, 11, 20), "grade": "a",
    "policy_version": "hours:2", "reverses_id": None, "note": "", "at": datetime(2026, 11, 20, 4, tzinfo=UTC),
}  # fmt: skip


def leaves(count):
    return [merkle.leaf(b"%d" % number) for number in range(count)]


@pytest.mark.parametrize("size", range(1, 70))
def test_every_leaf_of_every_size_is_proved_and_no_other(size):
    some = leaves(size)
    top = merkle.root(some)
    for index, one in enumerate(some):
        beside = merkle.path(index, some)
        assert merkle.climb(one, index, size, beside) == top
        assert merkle.climb(merkle.leaf(b"other"), index, size, beside) != top
        assert merkle.climb(one, (index + 1) % size, size, beside) != top or size == 1
        assert merkle.climb(one, index, size, [*beside, top]) is None
        if beside:
            assert merkle.climb(one, index, size, beside[:-1]) is None


def test_the_roots_are_those_of_the_standard():
    """Test vectors of RFC 6962 implementations: Certificate Transparency's own seven leaves."""
    data = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        bytes(range(0x50, 0x58)),
        bytes(range(0x60, 0x70)),
    ]
    roots = {
        0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    for size, expected in roots.items():
        assert merkle.root(map(merkle.leaf, data[:size])).hex() == expected


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40), st.data())
def test_any_change_of_a_list_changes_its_root(items, data):
    before = merkle.root(map(merkle.leaf, items))
    index = data.draw(st.integers(0, len(items) - 1))
    other = data.draw(st.binary(max_size=4).filter(lambda one: one != items[index]))
    assert merkle.root(map(merkle.leaf, [*items[:index], other, *items[index + 1 :]])) != before
    assert merkle.root(map(merkle.leaf, [*items[:index], *items[index + 1 :]])) != before
    assert merkle.root(map(merkle.leaf, [*items[:index], other, *items[index:]])) != before
    if len(set(items)) > 1:
        turned = items[1:] + items[:1]
        assert (merkle.root(map(merkle.leaf, turned)) != before) == (turned != items)


def test_both_databases_ways_of_storing_a_time_give_one_text():
    lite = {**ROW, "day": "2026-11-20", "at": "2026-11-20 04:00:00.000000"}
    postgresql = {**ROW, "at": datetime(2026, 11, 20, 4)}  # noqa: DTZ001 - as the driver gives it
    assert hashing.transfer_text(lite) == hashing.transfer_text(postgresql) == hashing.transfer_text(ROW)


def test_the_text_is_written_down_and_stays_so():
    """A change of this text would break every county's chain: it takes a new version beside the old one."""
    assert hashing.transfer_text(ROW) == (
        '{"about":"order:88","amount":90,"at":"2026-11-20T04:00:00+00:00","day":"2026-11-20","grade":"a","id":7,'
        '"key":"order:88:minutes:5","note":"","policy_version":"hours:2","reason":"service","reverses_id":null,'
        '"source":"site:3:minutes-issued","source_id":1,"target":"person:5","target_id":2,"unit":"minutes","v":"transfer/1"}'
    )


ODD = st.one_of(st.none(), st.integers(), st.text(max_size=6), st.binary(max_size=4), st.floats(allow_nan=False), st.booleans())


@given(st.sampled_from(hashing.FIELDS), ODD)
def test_any_other_value_in_any_column_is_another_leaf(column, value):
    other = {**ROW, column: value}
    same = type(value) is type(ROW[column]) and value == ROW[column]
    assert (hashing.leaf_of(other) == hashing.leaf_of(ROW)) == same


@given(st.text(max_size=5), st.text(max_size=5))
def test_no_two_rows_share_a_text_by_moving_a_border(one, other):
    """What stands at the end of one column never passes for the beginning of the next."""
    first, second = {**ROW, "note": one, "policy_version": other}, {**ROW, "note": other, "policy_version": one}
    assert (hashing.transfer_text(first) == hashing.transfer_text(second)) == (one == other)


def test_a_link_covers_its_place_its_transfer_and_the_link_before():
    given_: tuple[Any, ...] = (hashing.START, 1, 7, hashing.leaf_of(ROW), ROW["at"])
    base = hashing.link_hash(*given_)
    changes: list[tuple[int, Any]] = [
        (0, b"\x01" * 32),
        (1, 2),
        (2, 8),
        (3, hashing.START),
        (4, datetime(2026, 11, 20, 5, tzinfo=UTC)),
    ]
    others = []
    for place, value in changes:
        changed: list[Any] = list(given_)
        changed[place] = value
        others.append(hashing.link_hash(*changed))
    assert len({base, *others}) == 6
