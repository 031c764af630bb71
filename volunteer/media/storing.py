"""Photos in: decoded, turned upright, written anew as JPEG. Nothing of the file that was sent is kept.

What an uploader can smuggle (position, comments, a second file behind the picture, a bomb) lives in the file's bytes,
not in its pixels; so only pixels pass. Limits are checked on the header, before anything is unpacked.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import warnings
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageOps
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_
from volunteer.media.models import Photo

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 24_000_000
LONGEST_SIDE = 1_920
QUALITY = 82
SUFFIX = ".jpg"
MOST_A_DAY = 200  # of one person; visitors are limited by their address
A_DAY = timedelta(days=1)

NOT_A_PHOTO = N_("We cannot read this photo. Please send a JPEG, PNG or WebP picture.")
TOO_LARGE = N_("This photo is too large. Please send one below 12 megabytes and 24 megapixels.")
TOO_MANY_TODAY = N_("You have sent very many photos today. Please send more tomorrow.")
MOVES = N_("Please send a single picture, not a moving one.")


@dataclass(frozen=True)
class Encoded:
    """A picture as we write it."""

    data: bytes
    width: int
    height: int


def encode(stream: BinaryIO) -> Encoded:
    """Return the picture in ``stream`` as a fresh JPEG of at most 1,920 pixels a side. Raises Invalid, naming ``photos``."""
    raw = stream.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise Invalid.field("photos", TOO_LARGE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(raw), formats=FORMATS) as picture:
                return _again(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Invalid.field("photos", TOO_LARGE) from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, MemoryError, OverflowError):
        raise Invalid.field("photos", NOT_A_PHOTO) from None


def store(session: Session, folder: Path, stream: BinaryIO, *, uploader_id: int | None, at: datetime) -> Photo:
    """Write the picture under a random name and return its row. Rolled back, the file is swept up later.

    Raises Invalid for what is no picture, moves, or is too large, and for more in a day than one person may send.
    """
    if uploader_id is not None and _sent_by(session, uploader_id, at) >= MOST_A_DAY:
        raise Invalid.field("photos", TOO_MANY_TODAY)
    encoded = encode(stream)
    token = secrets.token_urlsafe(24)
    _write(path_of(folder, token), encoded.data)
    photo = Photo(
        token=token,
        width=encoded.width,
        height=encoded.height,
        size=len(encoded.data),
        sha256=hashlib.sha256(encoded.data).hexdigest(),
        uploader_id=uploader_id,
        stored_at=at,
    )
    session.add(photo)
    session.flush()  # what the photo is of points at its id
    return photo


def _sent_by(session: Session, uploader_id: int, at: datetime) -> int:
    lately = (Photo.uploader_id == uploader_id, Photo.stored_at > at - A_DAY)
    return session.scalar(select(func.count(Photo.id)).where(*lately)) or 0


def path_of(folder: Path, token: str) -> Path:
    """Return where the photo called ``token`` lies: 4,096 folders, so that none gets long."""
    spread = hashlib.sha256(token.encode()).hexdigest()[:3]
    return folder / spread / f"{token}{SUFFIX}"


def _again(picture: Image.Image) -> Encoded:
    width, height = picture.size
    if width * height > MOST_PIXELS or min(width, height) < 1:
        raise Invalid.field("photos", TOO_LARGE)
    if getattr(picture, "n_frames", 1) > 1:
        raise Invalid.field("photos", MOVES)
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is unpacked at the size that is wanted
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    pixels = Image.new("RGB", upright.size, "white")
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        upright = upright.convert("RGBA")
        pixels.paste(upright, mask=upright.getchannel("A"))
    else:
        pixels.paste(upright.convert("RGB"))
    out = BytesIO()
    pixels.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return Encoded(out.getvalue(), *pixels.size)


def _write(path: Path, data: bytes) -> None:
    """The file is there whole or not at all: what a full disk broke off takes no room."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
