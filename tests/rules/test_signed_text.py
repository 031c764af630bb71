"""The text in a certificate's QR: one way to write it, one way to read it, and nothing else is believed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import base45
import cbor2
import numpy as np
import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pycose.keys.curves import Ed25519
from pycose.keys.okp import OKPKey
from pycose.messages.sign1message import Sign1Message

from volunteer.certificates import render, signing
from volunteer.certificates.signing import Claims, Fault, Kind, Unbelievable, check, signed_text

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
HOME = "https://wenming.example.org"


@dataclass(frozen=True)
class APublishedKey:
    kid: str = "c5d0a1b2c3d4e5f6"
    public: bytes = SECRET.public_key().public_bytes_raw()
    begins: datetime = NOW - timedelta(days=30)
    ends: datetime | None = None
    revoked_from: datetime | None = None


KEY = APublishedKey()
CLAIMS = Claims(
    number="2611005831274", name="陈晓禾", document="3205*1X", first=date(2025, 11, 20), last=date(2026, 11, 19), minutes=7590,
    times=47, unit="演示县松陵街道新时代文明实践所", issued=date(2026, 11, 20), digest="ab" * 32, signed=NOW,
)  # fmt: skip


def a_text(claims=CLAIMS, kid=KEY.kid, sign=SECRET.sign):
    return signed_text(claims, kid, sign)


def fault_of(text, *keys):
    with pytest.raises(Unbelievable) as refusal:
        check(text, keys or (KEY,), at=NOW)
    return refusal.value.fault


def parts_of(text):
    return cbor2.loads(base45.b45decode(text.removeprefix("VH1:"))).value


def written(cose):
    return "VH1:" + base45.b45encode(cose).decode()


def test_what_was_signed_is_read_back_and_the_same_claims_make_the_same_text():
    believed = check(a_text(), (KEY,), at=NOW)
    assert believed == signing.Checked(CLAIMS, KEY.kid, retired=False)
    assert a_text() == a_text()


@given(
    st.builds(
        Claims, number=st.from_regex(r"[0-9]{13}", fullmatch=True), name=st.text(max_size=30), document=st.text(max_size=20),
        first=st.dates(date(1990, 1, 1)), last=st.dates(date(1990, 1, 1)), minutes=st.integers(0, 10**7), times=st.integers(0, 10**5),
        unit=st.text(max_size=60), issued=st.dates(date(1990, 1, 1)), digest=st.binary(min_size=32, max_size=32).map(bytes.hex),
        signed=st.just(NOW), kind=st.sampled_from(Kind), stars=st.integers(0, 5),
    )
)  # fmt: skip
def test_any_claims_come_back(claims):
    text = a_text(claims)
    assert check(text, (KEY,), at=NOW).claims == claims
    carried = signing.address(HOME, claims.number, text)
    assert signing.bare(carried) == text
    assert not set(carried) - set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$%*+-./:#")  # nothing that ends an address


def test_an_independent_library_believes_it_too():
    body = base45.b45decode(a_text().removeprefix("VH1:"))
    protected, unprotected, payload, signature = cbor2.loads(body).value
    message = Sign1Message.from_cose_obj([protected, dict(unprotected), payload, signature], True)
    message.key = OKPKey(crv=Ed25519, x=KEY.public)
    assert message.verify_signature()
    said = cbor2.loads(message.payload)
    assert (said[1], said[2], said[6]) == (2611005831274, "陈晓禾", 7590)
    message.payload = cbor2.dumps(said | {6: 7591}, canonical=True)
    assert not message.verify_signature()


def test_it_fits_a_code_of_version_16_at_level_q_with_its_address():
    code = render.qr_of(signing.address(HOME, CLAIMS.number, a_text()))
    assert code.error == "Q"
    assert code.version <= 16
    long = replace(CLAIMS, name="买买提·艾力·阿卜杜热合曼", unit="演示县盛泽镇兴桥社区新时代文明实践站", document="32050*X1")
    code = render.qr_of(signing.address(HOME, CLAIMS.number, a_text(long)))
    assert (code.error, code.version <= 16) == ("Q", True)


def test_a_scanner_reads_the_address_and_the_text_survives():
    carried = signing.address(HOME, CLAIMS.number, a_text())
    (code,) = zxingcpp.read_barcodes(picture_of(carried))
    assert code.text == carried
    assert check(code.text, (KEY,), at=NOW).claims == CLAIMS


def picture_of(text):
    rows = np.array([list(row) for row in render.qr_of(text).matrix], dtype=np.uint8)
    return np.kron(np.pad(1 - rows, 4, constant_values=1) * 255, np.ones((3, 3), dtype=np.uint8)).astype(np.uint8)


def test_a_changed_claim_an_unknown_key_and_another_secret_are_told_apart():
    protected, _, payload, signature = parts_of(a_text())
    richer = cbor2.dumps(cbor2.loads(payload) | {6: 75_900}, canonical=True)
    assert fault_of(written(cbor2.dumps(cbor2.CBORTag(18, [protected, {}, richer, signature])))) is Fault.FORGED
    assert fault_of(a_text(kid="0000000000000000")) is Fault.UNKNOWN_KEY
    assert fault_of(a_text(sign=Ed25519PrivateKey.generate().sign)) is Fault.FORGED
    assert fault_of(a_text(sign=lambda _: b"")) is Fault.FORGED


def test_a_key_counts_while_it_is_in_use_and_for_what_it_signed_then():
    ended = replace(KEY, ends=NOW + timedelta(days=1))
    later = NOW + timedelta(days=400)
    assert check(a_text(), (ended,), at=later).retired
    assert not check(a_text(), (ended,), at=NOW).retired
    after = a_text(replace(CLAIMS, signed=NOW + timedelta(days=2)))
    before = a_text(replace(CLAIMS, signed=KEY.begins - timedelta(seconds=1)))
    assert fault_of(after, ended) is fault_of(before) is Fault.KEY_NOT_IN_USE


@pytest.mark.parametrize(
    "header", [{1: -7, 4: b"kk"}, {4: b"kk"}, {1: -8}, {1: -8, 4: b"kk", 5: 1}, {1: "none", 4: b"kk"}, {}, [], -8]
)
def test_only_one_algorithm_and_one_form_of_header_count(header):
    _, _, payload, signature = parts_of(a_text())
    wrong = cbor2.CBORTag(18, [cbor2.dumps(header), {}, payload, signature])
    assert fault_of(written(cbor2.dumps(wrong)), replace(KEY, kid="6b6b")) is Fault.UNREADABLE


def test_the_same_content_written_otherwise_is_not_believed():
    protected, _, payload, signature = parts_of(a_text())
    claims = cbor2.loads(payload)
    resigned = lambda body, head=protected: SECRET.sign(signing.to_be_signed(head, body))  # noqa: E731
    backwards = cbor2.dumps(dict(reversed(claims.items())))
    longer = payload.replace(b"\x06\x19", b"\x18\x06\x19", 1)
    said = cbor2.dumps(claims | {12: 0}, canonical=True)
    more = cbor2.dumps(claims | {99: 1}, canonical=True)
    texts = [
        cbor2.dumps([protected, {}, payload, signature]),
        cbor2.dumps(cbor2.CBORTag(18, [protected, {7: 1}, payload, signature])),
        cbor2.dumps(cbor2.CBORTag(98, [protected, {}, payload, signature])),
        cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature])) + b"\0",
        *(cbor2.dumps(cbor2.CBORTag(18, [protected, {}, body, resigned(body)])) for body in (backwards, longer, said, more)),
    ]
    for text in texts:
        assert fault_of(written(text)) is Fault.UNREADABLE
    assert fault_of(a_text() + "0") is Fault.UNREADABLE


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "VH1:",
        "VH1",
        "HC1:ABC",
        "https://x/verify/1",
        "https://x/V/1#",
        "VH1:é",
        "VH1:" + "A" * 9000,
        "VH1:%%%",
        "VH1:6BF",
        "\0",
    ],
)
def test_junk_is_unreadable_and_nothing_worse(junk):
    assert fault_of(junk) is Fault.UNREADABLE


@given(st.binary(max_size=200))
def test_no_bytes_make_it_stumble(data):
    assert fault_of(written(data)) is Fault.UNREADABLE


@given(st.text(max_size=100))
def test_no_text_makes_it_stumble(text):
    assert fault_of(text) is Fault.UNREADABLE
    assert isinstance(signing.bare(f"https://x#{text}"), str)


@given(st.integers(0, 10**6))
def test_one_flipped_bit_is_noticed(place):
    cose = bytearray(base45.b45decode(a_text().removeprefix("VH1:")))
    place %= len(cose) * 8
    cose[place // 8] ^= 1 << place % 8
    fault_of(written(bytes(cose)))
