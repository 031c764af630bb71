"""Photos out: the row and where its bytes lie. Whether this person may see it is for the page to know."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.kernel.errors import NotFound
from volunteer.media.models import Photo
from volunteer.media.storing import path_of


def by_token(session: Session, token: str) -> Photo:
    """Return the photo called ``token``. Raises NotFound."""
    photo = session.scalar(select(Photo).where(Photo.token == token[:40]))
    if photo is None:
        raise NotFound("photo")
    return photo


def file_of(folder: Path, photo: Photo) -> Path:
    """Return the path of its JPEG. Raises NotFound when the file is gone."""
    path = path_of(folder, photo.token)
    if not path.is_file():
        raise NotFound("photo")
    return path
