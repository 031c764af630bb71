"""Only pixels pass: whatever else a file carries is gone, and what would not fit in memory is refused on its header."""

from __future__ import annotations

import errno
import os
import struct
import time
import zlib
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from tests.support.builders import NOON
from volunteer.kernel.errors import Invalid, NotFound
from volunteer.media import jobs, queries, storing

GPS_IFD = 0x8825
ORIENTATION = 0x0112


def picture(form: str = "JPEG", size: tuple[int, int] = (400, 200), mode: str = "RGB", **more: object) -> BytesIO:
    out = BytesIO()
    image = Image.new(mode, size, "red" if mode == "RGB" else None)
    image.save(out, form, **more)
    return BytesIO(out.getvalue())


def bomb(side: int) -> BytesIO:
    """A PNG of a few kilobytes whose header promises side × side pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (side * (side // 8 + 1)), 9)
    return BytesIO(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


@pytest.mark.parametrize(
    ("form", "mode"), [("JPEG", "RGB"), ("JPEG", "CMYK"), ("JPEG", "L"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB")]
)
def test_what_people_send_becomes_a_jpeg(form: str, mode: str) -> None:
    encoded = storing.encode(picture(form, mode=mode))
    with Image.open(BytesIO(encoded.data)) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (400, 200))


def test_position_and_comments_are_gone_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010E] = "canary description"
    exif.get_ifd(GPS_IFD).update({1: "N", 2: (31.0, 9.0, 36.0), 3: "E", 4: (120.0, 38.0, 24.0)})
    encoded = storing.encode(picture(exif=exif, comment=b"canary comment"))
    with Image.open(BytesIO(encoded.data)) as image:
        assert not image.getexif()
        assert image.size == (200, 400)
    assert b"canary" not in encoded.data
    assert b"Exif" not in encoded.data


def test_a_second_file_behind_the_picture_is_gone() -> None:
    polyglot = BytesIO(picture().getvalue() + b"PK\x03\x04<script>alert('canary')</script>")
    assert b"canary" not in storing.encode(polyglot).data


def test_a_large_picture_is_made_smaller() -> None:
    encoded = storing.encode(picture(size=(4000, 1000)))
    assert (encoded.width, encoded.height) == (1920, 480)


@pytest.mark.parametrize("side", [5_000, 20_000, 60_000])
def test_a_bomb_is_refused_on_its_header(side: int) -> None:
    sent = (
        bomb(side)
        if side < 60_000
        else BytesIO(bomb(8).getvalue().replace(struct.pack(">II", 8, 8), struct.pack(">II", side, side)))
    )
    assert len(sent.getvalue()) < 100_000
    began = time.monotonic()
    with pytest.raises(Invalid):
        storing.encode(sent)
    assert time.monotonic() - began < 1


def test_a_moving_picture_is_refused() -> None:
    out = BytesIO()
    frames = [Image.new("RGB", (10, 10), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(Invalid):
        storing.encode(BytesIO(out.getvalue()))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"%PDF-1.7",
        b"\xff\xd8\xff\xe0broken",
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        storing.encode(BytesIO(data))
    assert list(refusal.value.fields) == ["photos"]


def test_a_picture_that_breaks_off_is_refused() -> None:
    whole = picture("PNG", (600, 600)).getvalue()
    with pytest.raises(Invalid):
        storing.encode(BytesIO(whole[: len(whole) // 2]))


def test_too_many_bytes_are_refused_before_anything_is_decoded() -> None:
    with pytest.raises(Invalid):
        storing.encode(BytesIO(b"\xff\xd8" + b"0" * storing.MOST_BYTES))


def test_a_photo_lies_under_a_random_name_and_is_found_by_it(session: Session, tmp_path: Path) -> None:
    one = storing.store(session, tmp_path, picture(), uploader_id=None, at=NOON)
    two = storing.store(session, tmp_path, picture(), uploader_id=None, at=NOON)
    assert one.token != two.token
    assert len(one.token) == 32
    path = queries.file_of(tmp_path, queries.by_token(session, one.token))
    assert path.stat().st_size == one.size
    assert not list(tmp_path.rglob("*.part"))
    with pytest.raises(NotFound):
        queries.by_token(session, "../../etc/passwd")
    path.unlink()
    with pytest.raises(NotFound):
        queries.file_of(tmp_path, one)


def test_a_full_disk_leaves_nothing_behind(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        storing.store(session, tmp_path, picture(), uploader_id=None, at=NOON)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_files_without_a_row_are_swept_up_when_they_are_old(session: Session, tmp_path: Path) -> None:
    session.info["media_folder"] = tmp_path
    at = NOON
    kept = storing.store(session, tmp_path, picture(), uploader_id=None, at=at)
    orphans = [storing.path_of(tmp_path, f"orphan{n}") for n in range(3)]
    for path in orphans:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    for path in (*orphans[:2], storing.path_of(tmp_path, kept.token)):
        old = (at - timedelta(days=2)).timestamp()
        os.utime(path, (old, old))
    os.utime(orphans[2], (at.timestamp(), at.timestamp()))
    assert jobs.sweep(session, at) == 2
    assert jobs.sweep(session, at) == 0
    assert orphans[2].exists()
    assert storing.path_of(tmp_path, kept.token).exists()


def test_one_person_sends_so_many_photos_in_a_day_and_more_the_day_after(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "MOST_A_DAY", 3)
    for _ in range(3):
        storing.store(session, tmp_path, picture(), uploader_id=7, at=NOON)
    with pytest.raises(Invalid) as refused:
        storing.store(session, tmp_path, picture(), uploader_id=7, at=NOON + timedelta(hours=23))
    assert refused.value.fields == {"photos": [storing.TOO_MANY_TODAY]}
    assert len(list(tmp_path.rglob("*.jpg"))) == 3
    storing.store(session, tmp_path, picture(), uploader_id=8, at=NOON)
    storing.store(session, tmp_path, picture(), uploader_id=7, at=NOON + timedelta(hours=25))
