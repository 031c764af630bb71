"""The one photo of a form, and showing it again to whom it concerns."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import Response, request, send_file
from sqlalchemy.orm import Session

from volunteer.kernel.clock import now
from volunteer.kernel.errors import NotFound
from volunteer.media import queries as media
from volunteer.media import storing
from volunteer.media.models import Photo
from volunteer.teams.models_volunteers import Paper
from volunteer.web.config import current_settings
from volunteer.web.identity import current_actor


def photo_sent(unit: Session) -> Photo | None:
    """Store the one photo of this request, if there is one. Raises Invalid beside the field."""
    for file in request.files.getlist("photos")[:1]:
        if file.filename:
            stream, who = cast("BinaryIO", file.stream), current_actor().user_id
            return storing.store(unit, current_settings().media_folder, stream, uploader_id=who, at=now())
    return None


def show_photo(paper: Paper) -> Response:
    """Answer with the photo of a paper. Raises NotFound when it has none."""
    if paper.photo is None:
        raise NotFound("photo")
    response = send_file(media.file_of(current_settings().media_folder, paper.photo), mimetype="image/jpeg")
    response.headers["Cache-Control"] = "private, no-store"
    return response
