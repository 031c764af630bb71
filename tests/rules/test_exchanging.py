"""Points between us and another platform: the table, the rate, retries, signatures, addresses, and two lists compared."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.kernel import outward, signing
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.rewards.partners.lifecycle import FIRST, OPEN, TRANSFERS, Action, Sender, Status
from volunteer.rewards.partners.rules import (
    WAITS,
    Difference,
    Doubled,
    Entry,
    Limits,
    Rate,
    compare,
    mask,
    strict_json,
    wait_before,
)

AT = datetime(2026, 11, 21, 4, tzinfo=UTC)
SECRET = signing.new_secret()
BODY = b'{"type":"transfer.state"}'


@given(st.sampled_from(Sender), st.lists(st.sampled_from(Action), max_size=12))
def test_whatever_happens_a_transfer_ends_once_and_stays_ended(sender, actions):
    status, ends = FIRST[sender], 0
    for action in actions:
        try:
            after = TRANSFERS[sender].next(status, action)
        except Conflict:
            continue
        assert status in OPEN, "nothing leads out of an end"
        ends += after not in OPEN
        status = after
    assert ends <= 1
    assert (status in OPEN) == (ends == 0)


def test_points_that_were_confirmed_never_come_back_and_a_promise_is_not_broken_by_us():
    assert not any(table.allows(Status.CONFIRMED, action) for table in TRANSFERS.values() for action in Action)
    assert not TRANSFERS[Sender.CENTRE].allows(Status.HELD, Action.CONFIRM)
    assert not TRANSFERS[Sender.CENTRE].allows(Status.RESERVED, Action.EXPIRE)


@given(st.integers(1, 50), st.integers(1, 50), st.integers(-5, 5_000))
def test_an_amount_comes_out_even_or_is_refused(ours, theirs, points):
    rate = Rate(ours, theirs)
    if points > 0 and points % ours == 0:
        assert rate.fits(points, rate.to_theirs(points))
        assert not rate.fits(points, rate.to_theirs(points) + 1)
    else:
        with pytest.raises(Invalid):
            rate.to_theirs(points)


def test_a_day_has_room_for_one_person_and_for_all():
    limits = Limits(person=100, everybody=150)
    limits.must_allow(100, of_person=0, of_all=50)
    with pytest.raises(Invalid, match="one person"):
        limits.must_allow(1, of_person=100, of_all=100)
    with pytest.raises(Invalid, match="tomorrow"):
        limits.must_allow(60, of_person=0, of_all=100)


def test_tries_are_those_of_the_standard_within_a_fifth_and_then_end():
    for attempt, wait in enumerate(WAITS, 1):
        for chance in (0, 0.5, 1):
            assert wait * 0.8 <= wait_before(attempt, chance) <= wait * 1.2
    assert wait_before(len(WAITS) + 1, 0.5) is None
    assert [int(wait.total_seconds()) for wait in WAITS] == [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b'{"a":NaN}',
        b'{"a":1e308}',
        b'{"a":1.5}',
        b"[]",
        b'"x"',
        b"",
        b"\xff",
        b'{"a":9999999999999}',
    ],
)
def test_json_that_can_be_read_in_two_ways_is_not_read(text):
    with pytest.raises(ValueError):  # noqa: PT011 - json words it in many ways
        strict_json(text)
    if text.startswith(b'{"a":1,'):
        with pytest.raises(Doubled):
            strict_json(text)


def test_json_as_deep_as_a_body_can_be_is_no_accident():
    with pytest.raises((ValueError, RecursionError)):
        strict_json(b'{"a":' * 3_000 + b"1")


def test_an_account_is_shown_by_its_end():
    assert mask("6222020000001234") == "****1234"
    assert "1234" not in mask("1234")


def test_a_message_is_signed_as_the_standard_says():
    """The example of the specification's own libraries."""
    secret, name, at = (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
    )
    assert signing.sign(secret, name, at, b'{"test": 2432232314}') == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_only_the_holder_of_a_secret_within_five_minutes_is_heard():
    old = signing.new_secret()
    sent = signing.headers([SECRET], "msg_12345678", AT, BODY)
    assert signing.check([SECRET], sent, BODY, at=AT + timedelta(minutes=5)) == "msg_12345678"
    assert signing.check([old, SECRET], sent, BODY, at=AT - timedelta(minutes=5)) == "msg_12345678"
    both = signing.headers([SECRET, old], "msg_12345678", AT, BODY)
    assert signing.check([old], both, BODY, at=AT) == "msg_12345678"
    for late in (timedelta(seconds=301), timedelta(seconds=-301), timedelta(days=400)):
        with pytest.raises(signing.NotSigned, match="timestamp"):
            signing.check([SECRET], sent, BODY, at=AT + late)
    for wrong in ({}, sent | {"webhook-id": "msg_12345679"}, sent | {"webhook-timestamp": "1"}, sent | {"webhook-signature": ""},
                  sent | {"webhook-signature": "v1a,xxxx v2,yyyy"}, sent | {"webhook-timestamp": "９" * 5},
                  sent | {"webhook-signature": "v1,é"}, sent | {"webhook-timestamp": "999999999999"}):  # fmt: skip
        with pytest.raises(signing.NotSigned):
            signing.check([SECRET], wrong, BODY, at=AT)
    with pytest.raises(signing.NotSigned):
        signing.check([old], sent, BODY, at=AT)
    with pytest.raises(signing.NotSigned):
        signing.check([], sent, BODY, at=AT)


def test_a_thousand_bent_messages_are_none_of_them_heard():
    chance, sent = random.Random(7), signing.headers([SECRET], "msg_12345678", AT, BODY)
    signature = sent["webhook-signature"]
    for _ in range(1_000):
        place = chance.randrange(len(BODY))
        bent = BODY[:place] + bytes([BODY[place] ^ (1 << chance.randrange(8))]) + BODY[place + 1 :]
        with pytest.raises(signing.NotSigned):
            signing.check([SECRET], sent, bent, at=AT)
        spot = chance.randrange(3, len(signature) - 2)  # the last sign of base64 has bits that do not count
        other = signature[:spot] + ("A" if signature[spot] != "A" else "B") + signature[spot + 1 :]
        with pytest.raises(signing.NotSigned):
            signing.check([SECRET], sent | {"webhook-signature": other}, BODY, at=AT)


INSIDE = [
    "127.0.0.1",
    "10.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::a00:1",
    "2002:a00:1::",
    "::10.0.0.1",
    "fec0::1",
    "192.88.99.1",
    "3fff::1",
    "2001:0:a00:1::f5ff:fffe",
    "x",
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_never_called_whatever_it_is_wrapped_in(address):
    assert not outward.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_an_address_of_the_open_internet_may_be_called(address):
    assert outward.is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://a.example/", "ftp://a.example/", "https://", "https://u:p@a.example/", "https://a.example:99999/", "https://a.example/ x",
     "https://a.example/\r\nHost: b", "https://a.example\\@b.example/", "https://a.example/#x", "file:///etc/passwd", "https://中.example/",
     "//a.example/", "https://a.example/" + "x" * 300, "http://127.0.0.1/"],
)  # fmt: skip
def test_an_address_that_is_no_plain_https_is_refused(url):
    with pytest.raises((outward.NotOutside, ValueError)):
        outward.must_be_callable(url)


def test_names_and_numbers_that_lead_inside_are_refused_when_they_are_called():
    for host in ("127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "0177.0.0.1", "[::ffff:127.0.0.1]"):
        with pytest.raises((outward.NotOutside, OSError)):
            outward.post(f"https://{host}/", {}, b"{}")
    with pytest.raises(outward.NotOutside):
        outward.resolve("10.0.0.1", 443, loopback=True)
    assert outward.resolve("127.0.0.1", 80, loopback=True) == "127.0.0.1"


@pytest.mark.parametrize("begins", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n", b""])
def test_an_answer_that_comes_drop_by_drop_is_cut_off(begins):
    with socket.create_server(("127.0.0.1", 0)) as there:

        def drip() -> None:
            line, _ = there.accept()
            with line, contextlib.suppress(OSError):
                line.sendall(begins)
                for _ in range(50):
                    line.sendall(b"x")
                    time.sleep(0.1)

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            outward.post(f"http://127.0.0.1:{there.getsockname()[1]}/", {}, b"{}", loopback=True, seconds=0.5)
        assert time.monotonic() - began < 3
        thread.join(timeout=5)


def an_entry(wire="a1", status="confirmed", ours=10, theirs=1):
    return Entry("centre", wire, status, ours, theirs)


def test_two_lists_agree_when_only_words_for_the_same_differ():
    assert compare([an_entry(status="returned")], [an_entry(status="cancelled")]) == []
    assert compare([an_entry(status="held")], [an_entry(status="reserved")]) == []
    assert compare([an_entry(status="returned")], []) == []
    assert compare([], [an_entry(status="expired")]) == []


def test_what_differs_between_two_lists_is_named():
    ours = [an_entry("a1"), an_entry("a2"), an_entry("a3"), an_entry("a5", "returned")]
    theirs = [an_entry("a2", ours=20), an_entry("a3", "cancelled"), an_entry("a4"), an_entry("a5")]
    found = [(kind, key[1]) for kind, key, _, _ in compare(ours, theirs)]
    assert found == [
        (Difference.ONLY_OURS, "a1"),
        (Difference.POINTS, "a2"),
        (Difference.STATUS, "a3"),
        (Difference.ONLY_THEIRS, "a4"),
        (Difference.STATUS, "a5"),
    ]
