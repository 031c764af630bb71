"""A backup that only the holder of a key can open, in the format of age (https://age-encryption.org/v1).

The machine that makes backups knows the public half alone: whoever takes it over reads no backup that left it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyrage
from pyrage import x25519

from volunteer.administration.backup import BackupFailed, digest

SUFFIX = ".age"


class _Sum:
    """Takes what is written to it and keeps its SHA-256 alone."""

    def __init__(self) -> None:
        self.sha = hashlib.sha256()

    def write(self, piece: bytes) -> int:
        self.sha.update(piece)
        return len(piece)

    def flush(self) -> None: ...


def new_key(path: Path) -> str:
    """Write a new private key where only its owner may read it, and return the public half. Raises FileExistsError."""
    key = x25519.Identity.generate()
    public = str(key.to_public())
    with _for_owner(path) as file:
        file.write(f"# public key: {public}\n{key}\n".encode())
    return public


def recipients_of(text: str) -> list[x25519.Recipient]:
    """Return the public keys in ``text``, apart by commas or blanks. Raises BackupFailed, naming what is none."""
    found = []
    for word in text.replace(",", " ").split():
        try:
            found.append(x25519.Recipient.from_str(word))
        except pyrage.RecipientError:
            raise BackupFailed(f"VOLUNTEER_BACKUP_RECIPIENTS: {word} is not the public half of a key (age1…).") from None
    return found


def seal(plain: Path, folder: Path, recipients: Sequence[x25519.Recipient]) -> Path:
    """Write ``plain`` sealed for ``recipients`` into ``folder``, read it back, and return its path. Raises BackupFailed.

    It is sealed for one more key, which is forgotten once it was read back by it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    final = folder / f"{plain.name}{SUFFIX}"
    draft = folder / f".{final.name}.{os.getpid()}"
    once, back = x25519.Identity.generate(), _Sum()
    try:
        with plain.open("rb") as source, _for_owner(draft) as target:
            pyrage.encrypt_io(source, target, [*recipients, once.to_public()])
        with draft.open("rb") as source:
            pyrage.decrypt_io(source, back, [once])
        if back.sha.hexdigest() != digest(plain):
            raise BackupFailed(f"{final} does not read back as it was written.")
        draft.rename(final)
    except (OSError, pyrage.EncryptError, pyrage.DecryptError) as error:
        raise BackupFailed(f"{final} could not be sealed: {type(error).__name__}.") from error
    finally:
        draft.unlink(missing_ok=True)
    return final


@contextmanager
def opened(archive: Path, key: Path | None) -> Iterator[Path]:
    """Yield the plain archive, unsealed for this moment by the private key in the file ``key``. Raises BackupFailed."""
    if archive.suffix != SUFFIX:
        yield archive
        return
    if key is None:
        raise BackupFailed(f"{archive} is sealed. Name the file with its private key: --key FILE.")
    with tempfile.TemporaryDirectory(prefix="backup-") as place:
        plain = Path(place) / archive.stem
        try:
            with archive.open("rb") as source, _for_owner(plain) as target:
                pyrage.decrypt_io(source, target, _identities(key))
        except (OSError, pyrage.DecryptError) as error:
            raise BackupFailed(f"{archive} cannot be opened with this key, or was changed.") from error
        yield plain


def _identities(key: Path) -> list[x25519.Identity]:
    lines = (line.strip() for line in key.read_text(encoding="utf-8").splitlines())
    try:
        return [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError:
        raise BackupFailed(f"{key} is not a file with a private key (AGE-SECRET-KEY-…).") from None


def _for_owner(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
