"""Messages between programs, signed as Standard Webhooks 1.0 says: HMAC-SHA256 over "id.timestamp.body".

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

PREFIX = "whsec_"
BYTES = 32
TOLERANCE = timedelta(minutes=5)
LONGEST_BODY = 20_000
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
IDENTITY = re.compile(r"[A-Za-z0-9_-]{8,80}")
MOMENT = re.compile(r"[0-9]{1,12}")
MOST_SIGNATURES = 5


class NotSigned(Exception):
    """The message is not what the holder of a secret sent just now. The message says why, for the log."""


def new_secret() -> str:
    """Return a fresh secret, "whsec_" and base64."""
    return PREFIX + b64encode(secrets.token_bytes(BYTES)).decode()


def sign(secret: str, identity: str, at: datetime, body: bytes) -> str:
    """Return one signature, "v1," and base64."""
    moment = str(int(at.timestamp()))
    mac = hmac.new(_key(secret), f"{identity}.{moment}.".encode() + body, hashlib.sha256)
    return f"v1,{b64encode(mac.digest()).decode()}"


def headers(secrets_: Sequence[str], identity: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers of a message; while a secret is being changed, one signature by each."""
    signed = " ".join(sign(secret, identity, at, body) for secret in secrets_)
    return {ID: identity, TIMESTAMP: str(int(at.timestamp())), SIGNATURE: signed}


def check(secrets_: Sequence[str], sent: Mapping[str, str], body: bytes, *, at: datetime) -> str:
    """Return the id of a message that one of ``secrets_`` signed within five minutes of ``at``. Raises NotSigned."""
    identity, moment, signatures = (sent.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not IDENTITY.fullmatch(identity) or not MOMENT.fullmatch(moment):
        raise NotSigned("headers")
    try:
        said = datetime.fromtimestamp(int(moment), UTC)
    except (ValueError, OverflowError, OSError):
        raise NotSigned("timestamp") from None
    if abs(said - at) > TOLERANCE:
        raise NotSigned("timestamp")
    given = [one.encode() for one in signatures.split(" ")[:MOST_SIGNATURES] if one.startswith("v1,") and one.isascii()]
    right = False
    for secret in secrets_:  # every pair is compared, so that the time taken tells nothing
        wanted = sign(secret, identity, said, body).encode()
        for one in given:
            right |= hmac.compare_digest(wanted, one)
    if not right:
        raise NotSigned("signature")
    return identity


def _key(secret: str) -> bytes:
    try:
        return b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise NotSigned("secret") from None
