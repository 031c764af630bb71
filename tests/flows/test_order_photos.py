"""Photos that were kept for a form which was never accepted do not stay."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from tests.support.builders import NOON, a_county, an_order
from volunteer.media.models import Photo
from volunteer.orders.jobs import drop_stray_photos
from volunteer.orders.models import OrderPhoto, PhotoKind


def a_photo(session, token, stored_at):
    photo = Photo(token=token, width=4, height=3, size=9, sha256="0" * 64, stored_at=stored_at)
    session.add(photo)
    session.flush()
    return photo


def test_photos_without_an_order_are_forgotten_after_two_days(session):
    _, _, station = a_county(session)
    long_ago = NOON - timedelta(days=3)
    kept = a_photo(session, "kept", long_ago)
    order = an_order(session, station)
    order.photos.append(OrderPhoto(photo=kept, kind=PhotoKind.ASKED))
    a_photo(session, "stray", long_ago)
    a_photo(session, "fresh", NOON)
    session.flush()
    assert drop_stray_photos(session, NOON) == 1
    assert drop_stray_photos(session, NOON) == 0
    assert set(session.scalars(select(Photo.token))) == {"kept", "fresh"}
