"""The signed text of a certificate's QR code: what it says, how it is written, how it is checked. No I/O here.

CBOR claims → COSE_Sign1 with Ed25519 (RFC 9052) → base45 (RFC 9285) behind ``VH1:``. Equal claims and an equal key
give equal text, and only that text: whatever is written in another way is refused, even if its signature held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Protocol

import base45
import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PREFIX = "VH1:"
TAG, ALGORITHM, KEY_ID, EDDSA = 18, 1, 4, -8  # COSE: tag of COSE_Sign1, header labels, the one algorithm that counts
LONGEST = 2_000  # characters that are looked at: an honest text has about 400
EPOCH = date(1970, 1, 1)


class Kind(StrEnum):
    """What is certified. The place in this list is its code in the claims: only ever add at the end."""

    SERVICE = "service"
    STAR = "star"
    LENT = "lent"


class Fault(StrEnum):
    """Why a text is not believed."""

    UNREADABLE = "unreadable"  # no text of ours, damaged, or written in another way than ours
    UNKNOWN_KEY = "unknown_key"
    FORGED = "forged"  # the signature does not fit
    KEY_REVOKED = "key_revoked"  # signed, by its own date, after the key was revoked
    KEY_NOT_IN_USE = "key_not_in_use"  # signed before the key began or after it ended


class Unbelievable(Exception):
    """The text proves nothing, for the reason ``fault``."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class Key(Protocol):
    """A published key: its name in hexadecimal, Ed25519, valid from ``begins`` until ``ends`` (None: still in use).

    From ``revoked_from`` on (None: never) nothing that it signed is believed.
    """

    @property
    def kid(self) -> str: ...
    @property
    def public(self) -> bytes: ...
    @property
    def begins(self) -> datetime: ...
    @property
    def ends(self) -> datetime | None: ...
    @property
    def revoked_from(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Claims:
    """What is signed: what stands on the paper, and the SHA-256 of all its facts."""

    number: str
    name: str
    document: str  # masked
    first: date
    last: date
    minutes: int
    times: int
    unit: str
    issued: date
    digest: str  # hexadecimal
    signed: datetime  # whole seconds, UTC
    kind: Kind = Kind.SERVICE
    stars: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """A text that is believed: its claims, and the key that signed it. ``retired``: the key has ended since.

    ``revoked``: the key was revoked since. By its own date the text is older; but whoever has the key writes any date, so
    only the issuer's records tell.
    """

    claims: Claims
    kid: str
    retired: bool
    revoked: bool = False


FIELDS = tuple(enumerate(Claims.__slots__, 1))  # the label of a claim is its place: 1 number … 13 stars
OPTIONAL: dict[str, Any] = {"document": "", "times": 0, "kind": Kind.SERVICE, "stars": 0}  # left out when they say nothing
KINDS = tuple(Kind)
TYPES: dict[str, type] = {"name": str, "document": str, "unit": str, "digest": bytes}  # all others are whole numbers


def signed_text(claims: Claims, kid: str, sign: Callable[[bytes], bytes]) -> str:
    """Return the text of ``claims`` under the key ``kid``; ``sign`` makes an Ed25519 signature of 64 bytes."""
    protected, payload = _protected(kid), _dump(_labelled(claims))
    return _written(protected, payload, sign(to_be_signed(protected, payload)))


def check(text: str, keys: Iterable[Key], *, at: datetime) -> Checked:
    """Return what the text says when one of ``keys`` signed it while it was in use.

    ``text`` is what a scanner read: the bare text, or an address that carries it. Raises Unbelievable otherwise.
    """
    protected, payload, signature = _read(bare(text))
    kid = _kid(protected)
    key = next((key for key in keys if key.kid == kid), None)
    if key is None:
        raise Unbelievable(Fault.UNKNOWN_KEY)
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, to_be_signed(protected, payload))
    except InvalidSignature:
        raise Unbelievable(Fault.FORGED) from None
    claims = _claims(payload)
    if _dump(_labelled(claims)) != payload:
        raise Unbelievable(Fault.UNREADABLE)
    if key.revoked_from is not None and claims.signed >= key.revoked_from:
        raise Unbelievable(Fault.KEY_REVOKED)
    if claims.signed < key.begins.replace(microsecond=0) or (key.ends is not None and claims.signed > key.ends):
        raise Unbelievable(Fault.KEY_NOT_IN_USE)
    return Checked(claims, kid, retired=key.ends is not None and key.ends <= at, revoked=key.revoked_from is not None)


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Return the Sig_structure of RFC 9052, 4.4: what the signature is about."""
    return _dump(["Signature1", protected, b"", payload])


def bare(text: str) -> str:
    """Return the text itself when ``text`` is an address that carries it behind ``#``; else ``text``. Never raises."""
    text = text.strip("\r\n\t")[:LONGEST]
    head, mark, fragment = text.partition("#")
    if not mark or "://" not in head:
        return text
    return _unescaped(fragment)


def address(home: str, number: str, text: str) -> str:
    """Return the address that a phone's camera opens and that carries ``text``: in capitals, for a smaller code.

    Behind ``#`` nothing is sent to the server. Of the characters of base45 only blank and % must be escaped; the last
    one is, too, unless it is a letter or digit, because phones take a full stop for the end of a sentence.
    """
    scheme, _, rest = home.rstrip("/").partition("://")
    host, slash, path = rest.partition("/")
    escaped = text.replace("%", "%25").replace(" ", "%20")
    if not escaped[-1].isalnum():
        escaped = f"{escaped[:-1]}%{ord(escaped[-1]):02X}"
    return f"{scheme.upper()}://{host.upper()}{slash}{path}/V/{number}#{escaped}"


def _unescaped(fragment: str) -> str:
    head, *parts = fragment.split("%")
    try:
        return head + "".join(chr(int(part[:2], 16)) + part[2:] if len(part) >= 2 else "%" for part in parts)
    except ValueError:
        return fragment


def _protected(kid: str) -> bytes:
    return _dump({ALGORITHM: EDDSA, KEY_ID: bytes.fromhex(kid)})


def _written(protected: bytes, payload: bytes, signature: bytes) -> str:
    cose = _dump(cbor2.CBORTag(TAG, [protected, {}, payload, signature]))
    return PREFIX + str(base45.b45encode(cose), "ascii")


def _labelled(claims: Claims) -> dict[int, Any]:
    said = ((label, name, getattr(claims, name)) for label, name in FIELDS)
    return {label: _plain(name, value) for label, name, value in said if name not in OPTIONAL or value != OPTIONAL[name]}


def _plain(name: str, value: Any) -> Any:
    match value:
        case datetime():
            return int(value.timestamp())
        case date():
            return (value - EPOCH).days
        case Kind():
            return KINDS.index(value)
        case str() if name == "number":
            return int(value)
        case str() if name == "digest":
            return bytes.fromhex(value)
    return value


def _read(text: str) -> tuple[bytes, bytes, bytes]:
    """Return protected header, payload and signature."""
    if not text.startswith(PREFIX):
        raise Unbelievable(Fault.UNREADABLE)
    match _load(_decoded(text.removeprefix(PREFIX))):
        case cbor2.CBORTag(tag=18, value=[bytes(protected), _, bytes(payload), bytes(signature)]):
            if _written(protected, payload, signature) == text:  # there is one way to write it, with nothing unprotected
                return protected, payload, signature
    raise Unbelievable(Fault.UNREADABLE)


def _kid(protected: bytes) -> str:
    match _load(protected):
        case {1: -8, 4: bytes(kid)} if _protected(kid.hex()) == protected:
            return kid.hex()
    raise Unbelievable(Fault.UNREADABLE)


def _claims(payload: bytes) -> Claims:
    said = _load(payload)
    labels = dict(FIELDS)
    if not isinstance(said, dict) or not set(said) <= set(labels):
        raise Unbelievable(Fault.UNREADABLE)
    try:
        return Claims(**OPTIONAL | {labels[label]: _meant(labels[label], value) for label, value in said.items()})
    except (TypeError, ValueError, OverflowError, IndexError):
        raise Unbelievable(Fault.UNREADABLE) from None


def _meant(name: str, value: Any) -> Any:
    """Return the claim that ``value`` stands for. Raises TypeError, ValueError, OverflowError or IndexError."""
    if not _is(value, TYPES.get(name, int)):
        raise TypeError(name)
    if name not in TYPES and value < 0:
        raise ValueError(name)
    match name:
        case "number":
            return f"{value:013d}"
        case "digest":
            return value.hex()
        case "first" | "last" | "issued":
            return date.fromordinal(EPOCH.toordinal() + value)
        case "signed":
            return datetime.fromtimestamp(value, UTC)
        case "kind":
            return KINDS[value]
    return value


def _is(value: Any, kind: type) -> bool:
    """Return whether ``value`` is of exactly this type: True is no 1."""
    return type(value) is kind


def _decoded(text: str) -> bytes:
    try:
        return bytes(base45.b45decode(text))
    except ValueError:
        raise Unbelievable(Fault.UNREADABLE) from None


def _dump(value: Any) -> bytes:
    return cbor2.dumps(value, canonical=True)


def _load(data: bytes) -> Any:
    """Return the one CBOR value in ``data``. Whatever else it holds shows when it is written again."""
    try:
        return cbor2.loads(data, max_depth=4, allow_indefinite=False, allow_duplicate_keys=False)
    except (cbor2.CBORDecodeError, ValueError, TypeError, ArithmeticError):
        raise Unbelievable(Fault.UNREADABLE) from None
