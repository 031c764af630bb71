"""Forged certificates: every way that we could think of to make a text look signed, from a seed. Each differs from every true one."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import base45
import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from volunteer.certificates import signing
from volunteer.certificates.signatures import STATUS
from volunteer.certificates.signing import Claims, signed_text
from volunteer.ledger.keys import name_of

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
ORDER = 2**252 + 27742317777372353535851937790883648493  # of the curve's group
FAMILIES, GIVEN = "陈王李张沈吴周徐孙马", "晓禾明芳伟静强磊洋艳勇娟"
UNITS = ("演示县松陵街道文明实践所", "演示县盛泽镇文明实践所", "Songling Branch")


@dataclass(frozen=True)
class ForgedKey:
    """A key as it is published, with the private half for the tests."""

    private: Ed25519PrivateKey
    begins: datetime = NOW - timedelta(days=400)
    ends: datetime | None = None
    revoked_from: datetime | None = None

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def kid(self) -> str:
        return name_of(self.public)

    def as_json(self) -> dict[str, Any]:
        ends = int(self.ends.timestamp()) if self.ends else None
        revoked = int(self.revoked_from.timestamp()) if self.revoked_from else None
        begins = int(self.begins.timestamp())
        return {"kid": self.kid, "public": self.public.hex(), "begins": begins, "ends": ends, "revoked": revoked}


class Forger:
    """Knows true texts under a key in force and a retired one; makes false ones of them."""

    def __init__(self, seed: int, true: int = 50) -> None:
        self.random = random.Random(seed)  # the same forgeries every time
        self.key = ForgedKey(self._private())
        self.retired = ForgedKey(self._private(), ends=NOW - timedelta(days=100))
        self.stranger = self._private()
        self.keys = (self.key, self.retired)
        self.true = [self._honest(n) for n in range(true)]
        self.texts = frozenset(self.true)
        self.kinds: Counter[str] = Counter()

    def forgeries(self, count: int) -> Iterator[str]:
        """Yield ``count`` forged texts, one kind after the other."""
        ways = [getattr(self, name) for name in sorted(dir(self)) if name.startswith("by_")]
        made = 0
        while made < count:
            way: Callable[[], str] = ways[made % len(ways)]
            text = way()
            if signing.bare(text) in self.texts:
                continue  # what changed nothing is no forgery
            self.kinds[way.__name__] += 1
            made += 1
            yield text

    # ---- ways -----------------------------------------------------------------------------------------------------------

    def by_flipped_bits(self) -> str:
        cose = bytearray(self._cose())
        for _ in range(self.random.randint(1, 4)):
            cose[self.random.randrange(len(cose))] ^= 1 << self.random.randrange(8)
        return written(bytes(cose))

    def by_other_bytes(self) -> str:
        cose = bytearray(self._cose())
        at = self.random.randrange(len(cose))
        match self.random.randrange(3):
            case 0:
                cose[at] = self.random.randrange(256)
            case 1:
                del cose[at]
            case _:
                cose.insert(at, self.random.randrange(256))
        return written(bytes(cose))

    def by_cutting_off_or_adding(self) -> str:
        cose = self._cose()
        if self.random.random() < 0.5:
            return written(cose[: self.random.randrange(len(cose))])
        return written(cose + self.random.randbytes(self.random.randint(1, 8)))

    def by_other_letters(self) -> str:
        text = list(self.random.choice(self.true))
        at = self.random.randrange(len(text))
        text[at] = self.random.choice("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:aé\u0130\n")
        return "".join(text)

    def by_another_writing(self) -> str:
        text = self.random.choice(self.true)
        body = text[4:]
        return self.random.choice(
            (text.lower(), f" {text}", f"{text} ", f"{text}0", f"VH2:{body}", f"vh1:{body}", f"VH1:VH1:{body}", body, f"VH1: {body}", text[::-1])
        )  # fmt: skip

    def by_another_key_under_our_name(self) -> str:
        return signed_text(self._richer(), self._kid(), self.stranger.sign)

    def by_another_keys_own_name(self) -> str:
        return signed_text(self._richer(), name_of(self.stranger.public_key().public_bytes_raw()), self.stranger.sign)

    def by_richer_claims_under_an_old_signature(self) -> str:
        protected, payload, signature = self._parts()
        said = cbor2.loads(payload)
        label = self.random.choice([1, 2, 4, 5, 6, 7, 8, 9, 11])
        value = said.get(label, 0)
        said[label] = value + self.random.randint(1, 9999) if isinstance(value, int) else self._name()
        return tagged([protected, {}, dump(said), signature])

    def by_swapped_parts(self) -> str:
        one, other = self._parts(), self._parts()
        protected = signing._protected(self.retired.kid) if self.random.random() < 0.5 else one[0]
        return tagged([protected, {}, one[1], other[2]])

    def by_another_algorithm(self) -> str:
        _, payload, signature = self._parts()
        algorithm = self.random.choice([0, -7, -35, -37, -257, 4, 5, 6, -50, "none", "EdDSA", None, True, -8.0])
        header: dict[Any, Any] = {1: algorithm, 4: bytes.fromhex(self.key.kid)}
        protected = dump(header)
        if algorithm in (4, 5, 6):  # the public key taken for a secret
            signature = hmac.digest(self.key.public, signing.to_be_signed(protected, payload), hashlib.sha256)
        elif algorithm in (0, "none"):
            signature = b""
        return tagged([protected, {}, payload, signature])

    def by_a_header_of_another_form(self) -> str:
        protected, payload, signature = self._parts()
        kid = bytes.fromhex(self.key.kid)
        header, outside = self.random.choice(
            [
                (b"", {1: -8, 4: kid}),
                (dump({}), {1: -8, 4: kid}),
                (dump({4: kid}), {1: -8}),
                (dump({1: -8}), {4: kid}),
                (protected, {4: kid}),
                (protected, {1: 0}),
                (dump({1: -8, 2: [1], 4: kid}), {}),
                (dump({1: -8, 4: self.key.kid}), {}),
                (dump([1, -8, 4, kid]), {}),
            ]
        )
        return tagged([header, outside, payload, signature])

    def by_true_content_encoded_otherwise(self) -> str:
        protected, payload, signature = self._parts()
        inner = dump([protected, {}, payload, signature])
        longer = payload.replace(b"\x06\x19", b"\x06\x1a\x00\x00", 1)
        backwards = cbor2.dumps(dict(reversed(cbor2.loads(payload).items())))
        twice = payload[:1].replace(payload[:1], bytes([payload[0] + 1])) + payload[1:] + b"\x06\x00"
        return written(
            self.random.choice(
                [
                    inner,
                    b"\xd8\x12" + inner,
                    b"\xd2\xd2" + inner,
                    b"\xd8\x62" + inner,
                    b"\xd2\x9f" + inner[1:] + b"\xff",
                    b"\xd2" + inner + b"\xf6",
                    dump(cbor2.CBORTag(18, [protected, {}, longer, signature])),
                    dump(cbor2.CBORTag(18, [protected, {}, backwards, signature])),
                    dump(cbor2.CBORTag(18, [protected, {}, twice, signature])),
                    dump(cbor2.CBORTag(18, [protected, {}, payload, signature + b"\0"])),
                    dump(cbor2.CBORTag(18, [protected, {}, payload, signature, b""])),
                    dump(cbor2.CBORTag(18, [protected, {99: 1}, payload, signature])),
                    dump(cbor2.CBORTag(61, cbor2.CBORTag(18, [protected, {}, payload, signature]))),
                ]
            )
        )

    def by_the_signatures_other_forms(self) -> str:
        protected, payload, signature = self._parts()
        scalar = int.from_bytes(signature[32:], "little")
        forms = [
            bytes(64),
            signature[:32] + (scalar + ORDER).to_bytes(32, "little"),  # the same number modulo the group's order
            signature[:32] + (ORDER - scalar).to_bytes(32, "little"),
            (b"\x01" + bytes(31)) + bytes(32),  # the neutral point
            bytes([signature[0] ^ 0x80]) + signature[1:],
            signature[32:] + signature[:32],
            signature[:63],
            self.random.randbytes(64),
        ]
        return tagged([protected, {}, payload, self.random.choice(forms)])

    def by_a_stolen_key_after_its_time(self) -> str:
        late = NOW - timedelta(days=self.random.randint(0, 99))
        return signed_text(replace(self._richer(), signed=late), self.retired.kid, self.retired.private.sign)

    def by_a_moment_before_the_key(self) -> str:
        early = self.key.begins - timedelta(days=self.random.randint(1, 999))
        return signed_text(replace(self._richer(), signed=early), self.key.kid, self.key.private.sign)

    def by_something_else_that_our_key_signed(self) -> str:
        """The list of what no longer holds is signed by the same key: it must never pass for a certificate."""
        statement = json.dumps({"as_of": "2026-11-20T08:00:00Z", "revoked": [self.random.randbytes(16).hex()], "replaced": []})
        signature = self.key.private.sign(STATUS + statement.encode())
        payload = self.random.choice([statement.encode(), STATUS + statement.encode(), dump(self._claims_map())])
        return tagged([signing._protected(self.key.kid), {}, payload, signature])

    def by_claims_that_cannot_be(self) -> str:
        """Even what our own key signs is refused when it is no certificate: a claim missing, of another type, too many."""
        said = self._claims_map()
        match self.random.randrange(4):
            case 0:
                del said[self.random.choice([1, 2, 4, 5, 6, 8, 9, 10, 11])]
            case 1:
                label = self.random.choice(list(said))
                other = "x" if isinstance(said[label], int | bytes) else b"x"
                said[label] = self.random.choice([None, True, -1, 1.5, [], {}, other])
            case 2:
                said[self.random.choice([0, 14, 99, "name", -1])] = 1
            case _:
                said[12] = self.random.choice([0, 3, 99])
        payload, protected = dump(said), signing._protected(self.key.kid)
        return tagged([protected, {}, payload, self.key.private.sign(signing.to_be_signed(protected, payload))])

    def by_an_address_that_is_garbled(self) -> str:
        text = self.random.choice(self.true)
        carried = signing.address("https://wenming.example.org", "2611005831274", text)
        head, _, tail = carried.partition("#VH1:")
        return self.random.choice(
            [
                f"{head}#{tail}",
                f"{head}#VH1:%25{tail}",
                f"{head}?VH1:{tail}",
                f"{head}##VH1:{tail}",
                f"{carried}%0",
                f"{carried}#",
            ]
        )

    # ---- pieces ---------------------------------------------------------------------------------------------------------

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.random.randbytes(32))

    def _honest(self, n: int) -> str:
        if n % 5 == 4:
            signed = NOW - timedelta(days=200, seconds=n)
            return signed_text(replace(self._claims(), signed=signed), self.retired.kid, self.retired.private.sign)
        return signed_text(self._claims(), self.key.kid, self.key.private.sign)

    def _claims(self) -> Claims:
        issued = date(2026, 11, 20) - timedelta(days=self.random.randrange(90))
        return Claims(
            number=f"2611{self.random.randrange(10**9):09d}",
            name=self._name(),
            document="3205*1X",
            first=issued - timedelta(days=365),
            last=issued,
            minutes=self.random.randrange(300, 60_000),
            times=self.random.randrange(1, 400),
            unit=self.random.choice(UNITS),
            issued=issued,
            digest=self.random.randbytes(32).hex(),
            signed=NOW - timedelta(days=self.random.randrange(90), seconds=self.random.randrange(86_400)),
        )

    def _richer(self) -> Claims:
        return replace(self._claims(), minutes=90_000)

    def _claims_map(self) -> dict[Any, Any]:
        return signing._labelled(self._claims())

    def _name(self) -> str:
        return self.random.choice(FAMILIES) + "".join(self.random.sample(GIVEN, 2))

    def _kid(self) -> str:
        return self.random.choice(self.keys).kid

    def _cose(self) -> bytes:
        return bytes(base45.b45decode(self.random.choice(self.true).removeprefix("VH1:")))

    def _parts(self) -> tuple[bytes, bytes, bytes]:
        protected, _, payload, signature = cbor2.loads(self._cose()).value
        return protected, payload, signature


def dump(value: Any) -> bytes:
    return cbor2.dumps(value, canonical=True)


def tagged(parts: list[Any]) -> str:
    return written(dump(cbor2.CBORTag(18, parts)))


def written(cose: bytes) -> str:
    return "VH1:" + str(base45.b45encode(cose), "ascii")
