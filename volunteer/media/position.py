"""Where a photo says that it was taken. It is offered to whoever sent it, never stored: photos are written anew without it."""

from __future__ import annotations

import warnings
from typing import Any, BinaryIO

from PIL import ExifTags, Image

from volunteer.kernel.geo import Point
from volunteer.media.storing import FORMATS


def position_in(stream: BinaryIO) -> Point | None:
    """Return the position in the photo's EXIF (WGS-84), None when there is none that makes sense. Rewinds the stream."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(stream, formats=FORMATS) as picture:
                gps = picture.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude], gps.get(ExifTags.GPS.GPSLatitudeRef, "N"), "S")
        longitude = _degrees(gps[ExifTags.GPS.GPSLongitude], gps.get(ExifTags.GPS.GPSLongitudeRef, "E"), "W")
        return Point(latitude, longitude) if latitude or longitude else None
    except Exception:  # a file's header can be wrong in every way; a position is only ever a suggestion
        return None
    finally:
        stream.seek(0)


def _degrees(parts: Any, side: str, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return (degrees + minutes / 60 + seconds / 3600) * (-1 if side == negative else 1)
