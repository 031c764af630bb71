"""Photos of orders and cases: kept while a form is corrected, shown to whoever may see the order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import BinaryIO, cast

from flask import Response, current_app, send_file
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from volunteer.feedback.models import Case, CasePhoto
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Invalid, NotFound
from volunteer.kernel.geo import Point
from volunteer.kernel.words import N_
from volunteer.media import queries, storing
from volunteer.media.models import Photo
from volunteer.media.position import position_in
from volunteer.orders.models import OrderPhoto, ServiceOrder
from volunteer.orders.placing import MOST_PHOTOS
from volunteer.web.config import current_settings
from volunteer.web.identity import current_actor
from volunteer.web.unit import transaction

A_DAY = 24 * 3600
TOO_MANY = N_("At most six photos, please.")


def keep(
    files: Iterable[FileStorage], kept: Sequence[str], *, most: int = MOST_PHOTOS, too_many: str = TOO_MANY
) -> tuple[list[str], list[str]]:
    """Store what was uploaded beside what an earlier try of the same form had kept.

    Returns the signed names for the form's hidden fields, and what is wrong with the photos (msgids).
    """
    names, wrong = [name for name in dict.fromkeys(kept) if _token(name)][:most], []
    folder, who = current_settings().media_folder, current_actor().user_id
    for file in [file for file in files if file.filename][: most + 1]:
        if len(names) >= most:
            return names, [too_many]
        try:
            with transaction() as unit:
                names.append(sign(storing.store(unit, folder, cast("BinaryIO", file.stream), uploader_id=who, at=now()).token))
        except Invalid as error:
            wrong += error.fields.get("photos", [error.message])
    return names, wrong


def taken_at(files: Iterable[FileStorage]) -> Point | None:
    """Return where the first photo that knows was taken."""
    found = (position_in(cast("BinaryIO", file.stream)) for file in files if file.filename)
    return next((point for point in found if point is not None), None)


def kept_photos(unit: Session, names: Iterable[str]) -> tuple[Photo, ...]:
    """Return the photos behind signed names that belong to nothing yet."""
    tokens = [token for name in names if (token := _token(name))]
    used = or_(exists().where(OrderPhoto.photo_id == Photo.id), exists().where(CasePhoto.photo_id == Photo.id))
    return tuple(unit.scalars(select(Photo).where(Photo.token.in_(tokens), ~used).order_by(Photo.id))) if tokens else ()


def sign(token: str) -> str:
    """Return a name that only we can have made, good for a day: nobody hangs another's photo on their order."""
    return str(_signer().dumps(token))


def show_kept(name: str) -> Response:
    """Answer with a photo of a form that was not accepted yet."""
    token = _token(name)
    if token is None:
        raise NotFound("photo")
    return _send(queries.by_token(db.session(), token))


def show_of(thing: ServiceOrder | Case, token: str) -> Response:
    """Answer with a photo of this order or case. Raises NotFound for any other."""
    for row in thing.photos:
        if row.photo.token == token:
            return _send(row.photo)
    raise NotFound("photo")


def _send(photo: Photo) -> Response:
    response = send_file(queries.file_of(current_settings().media_folder, photo), mimetype="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or b"", salt="kept-photo")


def _token(name: str) -> str | None:
    try:
        return str(_signer().loads(name[:300], max_age=A_DAY))
    except BadSignature:
        return None
