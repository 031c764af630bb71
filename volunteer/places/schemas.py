"""What a form says of a place: a pin and the datum that it was set in. Field names are those of the map."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load

from volunteer.kernel.geo import Datum, Point, to_wgs84
from volunteer.kernel.words import N_

BAD_POINT = N_("We could not read the place of the pin. Please set it again.")


class PointForm(Schema):
    """A pin, with the datum it was set in; all blank when there is none. Loads to a WGS-84 Point or None."""

    latitude = fields.Float(load_default=None, allow_nan=False)
    longitude = fields.Float(load_default=None, allow_nan=False)
    datum = fields.Enum(Datum, by_value=True, load_default=Datum.WGS84)

    @post_load
    def point(self, data: dict[str, Any], **_: Any) -> Point | None:
        """Convert once, here."""
        given = (data["latitude"], data["longitude"])
        if given == (None, None):
            return None
        try:
            return to_wgs84(given, data["datum"])
        except (TypeError, ValueError):
            raise ValidationError(BAD_POINT) from None
