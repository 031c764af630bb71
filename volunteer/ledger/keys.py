"""Signing for the county with Ed25519 (RFC 8032): one key for each purpose at a time, the retired ones stay published.

A key in force is made when first asked for. Two processes that ask at the same moment may make two: the one that began
first, then the smaller name, signs; the other is retired unused by the next rotation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.kernel.crypto import Keyring
from volunteer.ledger.models_keys import Loss, Purpose, SigningKey

NAME = 16  # hexadecimal digits of a key's name


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """What everybody may know of a key: its name, what it signs, its public half (32 bytes), from when to when, and whether
    it is revoked, from which moment and why.
    """

    kid: str
    purpose: Purpose
    public: bytes
    begins: datetime
    ends: datetime | None
    revoked_from: datetime | None = None
    revoked_why: Loss | None = None

    def is_revoked_at(self, signed: datetime) -> bool:
        """Return whether nothing is believed that this key signed at that moment."""
        return self.revoked_from is not None and signed >= self.revoked_from


def name_of(public: bytes) -> str:
    """Return the name of a key: the first 16 hexadecimal digits of the SHA-256 of its public half."""
    return hashlib.sha256(public).hexdigest()[:NAME]


def current(session: Session, purpose: Purpose, *, at: datetime) -> SigningKey:
    """Return the key that signs for ``purpose`` now; the first one is made when there is none."""
    signs = select(SigningKey).where(SigningKey.purpose == purpose, SigningKey.ends.is_(None))
    return session.scalar(signs.order_by(SigningKey.begins, SigningKey.kid).limit(1)) or make(session, purpose, at=at)


def make(session: Session, purpose: Purpose, *, at: datetime, by: int | None = None) -> SigningKey:
    """Make a new key that signs from ``at`` on. Who may do that, and with whom, is the caller's to ask."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    kid = name_of(public)
    sealed = _keyring(session).seal(private.private_bytes_raw().hex(), _place(kid))
    key = SigningKey(kid=kid, purpose=purpose, public=public, private_sealed=sealed, begins=at, made_by=by)
    session.add(key)
    session.flush()  # whoever signs stores the name of the key beside the signature
    return key


def rotate(session: Session, purpose: Purpose, *, at: datetime, by: int | None = None) -> SigningKey:
    """Let a new key sign for ``purpose`` from ``at`` on; every key that signed until now is retired and stays published."""
    for key in session.scalars(select(SigningKey).where(SigningKey.purpose == purpose, SigningKey.ends.is_(None))):
        key.ends = at
    return make(session, purpose, at=at, by=by)


def revoke(session: Session, key: SigningKey, since: datetime, why: Loss, *, at: datetime, by: int | None = None) -> None:
    """Let nobody believe what ``key`` signed from ``since`` on; one that still signs is replaced.

    Who may do that, and with whom, is the caller's to ask.
    """
    key.revoked_from, key.revoked_why = since.replace(microsecond=0), why
    if key.ends is None:
        rotate(session, key.purpose, at=at, by=by)


def revoked(session: Session, purpose: Purpose) -> Sequence[str]:
    """Return the names of the keys of a purpose that are revoked."""
    return session.scalars(
        select(SigningKey.kid).where(SigningKey.purpose == purpose, SigningKey.revoked_from.is_not(None))
    ).all()


def private_of(session: Session, key: SigningKey) -> Ed25519PrivateKey:
    """Return the private half. Raises SealBroken when the keyring is another installation's."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(_keyring(session).unseal(key.private_sealed, _place(key.kid))))


def sign(session: Session, key: SigningKey, message: bytes) -> bytes:
    """Return the signature of ``message``, 64 bytes; the same message gives the same signature. Raises SealBroken."""
    return private_of(session, key).sign(message)


def holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Return whether ``signature`` is the owner of ``public``'s over exactly ``message``; False for anything malformed."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def find(session: Session, kid: str) -> SigningKey | None:
    """Return the key of that name, in force or retired."""
    return session.get(SigningKey, kid)


def published(session: Session, purpose: Purpose | None = None) -> Sequence[PublishedKey]:
    """Return the public halves of all keys, of one purpose if given, the oldest first."""
    rows = select(SigningKey).order_by(SigningKey.begins, SigningKey.kid)
    if purpose is not None:
        rows = rows.where(SigningKey.purpose == purpose)
    return [
        PublishedKey(row.kid, row.purpose, row.public, row.begins, row.ends, row.revoked_from, row.revoked_why)
        for row in session.scalars(rows)
    ]


def _keyring(session: Session) -> Keyring:
    keyring: Keyring = session.info["keyring"]
    return keyring


def _place(kid: str) -> str:
    """What a sealed private half is bound to: moved to another row it opens nothing."""
    return f"signing_keys.private:{kid}"
