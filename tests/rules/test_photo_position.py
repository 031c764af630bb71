"""A photo may offer where it was taken; whatever its header holds, it is never an error."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import ExifTags, Image

from volunteer.media.position import position_in
from volunteer.media.storing import encode


def photo(gps: dict[int, object] | None) -> BytesIO:
    """A small JPEG; ``gps`` are the tags of its position."""
    exif = Image.Exif()
    if gps is not None:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps)
    out = BytesIO()
    Image.new("RGB", (32, 24), "grey").save(out, "JPEG", exif=exif)
    out.seek(0)
    return out


HERE: dict[int, object] = {1: "N", 2: (31.0, 9.0, 36.0), 3: "E", 4: (120.0, 38.0, 24.0)}


def test_a_photo_offers_where_it_was_taken() -> None:
    assert position_in(photo(HERE)) == pytest.approx((31.16, 120.64))


def test_south_and_west_are_negative() -> None:
    assert position_in(photo(HERE | {1: "S", 3: "W"})) == pytest.approx((-31.16, -120.64))


@pytest.mark.parametrize(
    "gps",
    [
        None,
        {},
        {2: (31.0, 9.0, 36.0)},
        {2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)},
        HERE | {2: (95.0, 0.0, 0.0)},
        HERE | {2: (31.0,)},
    ],
)
def test_a_photo_without_a_position_that_makes_sense_offers_none(gps: dict[int, object] | None) -> None:
    assert position_in(photo(gps)) is None


@pytest.mark.parametrize("content", [b"", b"not a photo", b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00*\xff\xff\xff\xff"])
def test_what_is_no_photo_offers_none(content: bytes) -> None:
    assert position_in(BytesIO(content)) is None


def test_the_stream_can_be_read_again_and_what_is_stored_knows_no_place() -> None:
    stream = photo(HERE)
    position_in(stream)
    stored = encode(stream)
    assert position_in(BytesIO(stored.data)) is None
