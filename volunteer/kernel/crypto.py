"""Keys and sealing: AES-256-GCM under a key per person, and a keyed index to look values up without reading them.

Source of the construction: NIST SP 800-38D (GCM, 96-bit random nonces), RFC 2104 (HMAC). The keys live in a file
outside the database, so a stolen dump reads nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
KEY = 32


class SealBroken(Exception):
    """The sealed value was changed, moved to another row, or its key is gone."""


def seal(key: bytes, text: str, identity: str) -> bytes:
    """Return ``text`` sealed for the place ``identity`` ("table.column:row"): nonce, ciphertext, tag."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), identity.encode())


def unseal(key: bytes, sealed: bytes, identity: str) -> str:
    """Return the text of ``sealed``. Raises SealBroken for any other key, place or content."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], identity.encode()).decode()
    except InvalidTag:
        raise SealBroken(identity) from None


@dataclass(frozen=True)
class Keyring:
    """The secrets of one installation. ``masters`` are wrapping keys by name; ``current`` wraps new data keys."""

    current: str
    masters: dict[str, bytes]
    index: bytes
    cookies: bytes
    signing: bytes  # Ed25519 seed; kept ready, nothing is signed with it yet

    def new_data_key(self, holder: str) -> bytes:
        """Return a fresh data key wrapped for ``holder``: master's name, a dot, the sealed key."""
        wrapped = seal(self.masters[self.current], secrets.token_bytes(KEY).hex(), f"key:{holder}")
        return self.current.encode() + b"." + wrapped

    def data_key(self, wrapped: bytes | None, holder: str) -> bytes:
        """Return the data key of ``holder``. Raises SealBroken when it was destroyed or belongs to somebody else."""
        if wrapped is None:
            raise SealBroken(f"key:{holder}")
        name, _, rest = wrapped.partition(b".")
        master = self.masters.get(name.decode(errors="replace"))
        if master is None:
            raise SealBroken(f"master key of {holder}")
        return bytes.fromhex(unseal(master, rest, f"key:{holder}"))

    def seal(self, text: str, identity: str) -> bytes:
        """Seal ``text`` under the installation's own key, for what belongs to no person's row."""
        return self.current.encode() + b"." + seal(self.masters[self.current], text, identity)

    def unseal(self, sealed: bytes, identity: str) -> str:
        """Return what ``seal`` sealed. Raises SealBroken."""
        name, _, rest = sealed.partition(b".")
        master = self.masters.get(name.decode(errors="replace"))
        if master is None:
            raise SealBroken(identity)
        return unseal(master, rest, identity)

    def blind(self, purpose: str, text: str) -> str:
        """Return the blind index of ``text`` for ``purpose``: equal texts, equal indexes, and no way back."""
        return hmac.new(self.index, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()[:40]

    @classmethod
    def generate(cls) -> Keyring:
        """Return a new keyring from the system's randomness."""
        fresh = (secrets.token_bytes(KEY) for _ in range(4))
        return cls("m1", {"m1": next(fresh)}, next(fresh), next(fresh), next(fresh))

    @classmethod
    def open(cls, path: Path, *, create: bool) -> Keyring:
        """Read the keyring at ``path``; make one, readable by its owner only, when missing and ``create``.

        Raises FileNotFoundError when it is missing and may not be made: a new key would make the old data unreadable.
        """
        if create and not path.exists():
            cls.generate().save(path)
        data = json.loads(path.read_text(encoding="utf-8"))
        masters = {name: b64decode(key) for name, key in data["masters"].items()}
        return cls(data["current"], masters, *(b64decode(data[name]) for name in ("index", "cookies", "signing")))

    def save(self, path: Path) -> None:
        """Write the keyring where nobody else can read it; a file that is already there stays as it is."""
        data = {
            "current": self.current,
            "masters": {name: b64encode(key).decode() for name, key in self.masters.items()},
            "index": b64encode(self.index).decode(),
            "cookies": b64encode(self.cookies).decode(),
            "signing": b64encode(self.signing).decode(),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(data, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails when another process was first: its keys count
        except FileExistsError:
            pass
        finally:
            draft.unlink()
