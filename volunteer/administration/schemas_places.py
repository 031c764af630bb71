"""What the forms of sites, venues, grids, holidays and policies may send, and the drafts they load to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load
from marshmallow.validate import Length, Range

from volunteer.kernel.geo import Datum, Point
from volunteer.kernel.words import N_
from volunteer.places.founding import GridDraft, SiteDraft, VenueDraft
from volunteer.places.rules import NOT_AN_AREA
from volunteer.places.schemas import PointForm

NO_POINT = N_("Please write both numbers, in degrees.")
NOT_JSON = N_("This is not JSON. Please paste the text of a GeoJSON file.")
LONGEST_AREA = 400_000  # characters
ID = Range(min=1, max=2**31 - 1)


class Seen(Schema):
    """Every form says which version of the row it showed."""

    seen = fields.Integer(load_default=None, validate=Range(min=0, max=2**31 - 1))


class Placed(Seen):
    """A thing with a code, names and a place."""

    code = fields.String(required=True, validate=Length(max=30))
    name = fields.String(required=True, validate=Length(max=80))
    name_en = fields.String(load_default="", validate=Length(max=120))
    point = fields.Nested(PointForm, load_default=None)


@dataclass(frozen=True)
class Edit:
    """A draft, with the version that its form showed and the site that was chosen."""

    draft: Any
    seen: int | None
    site: int | None = None


class SiteForm(Placed):
    """A site's words and place. Loads to an Edit of a SiteDraft."""

    phone = fields.String(load_default="", validate=Length(max=30))
    head = fields.String(load_default="", validate=Length(max=40))
    area = fields.String(load_default="", validate=Length(max=LONGEST_AREA))

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> Edit:
        """The area is pasted text."""
        seen, point, area = data.pop("seen"), _point(data.pop("point")), data.pop("area")
        return Edit(SiteDraft(point=point, area=geometry(area) if area else None, **data), seen)


class VenueForm(Placed):
    """A venue's words, site and place. Loads to an Edit of a VenueDraft."""

    kind = fields.String(load_default="", validate=Length(max=40))
    site = fields.Integer(required=True, validate=ID)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> Edit:
        """A venue stands at a site."""
        seen, site, point = data.pop("seen"), data.pop("site"), _point(data.pop("point"))
        return Edit(VenueDraft(point=point, **data), seen, site)


class GridForm(Seen):
    """A grid's words, site and area. Loads to an Edit of a GridDraft."""

    code = fields.String(required=True, validate=Length(max=30))
    name = fields.String(required=True, validate=Length(max=80))
    name_en = fields.String(load_default="", validate=Length(max=120))
    keeper = fields.String(load_default="", validate=Length(max=120))
    area = fields.String(required=True, validate=Length(max=LONGEST_AREA))
    datum = fields.Enum(Datum, by_value=True, load_default=Datum.WGS84)
    site = fields.Integer(required=True, validate=ID)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> Edit:
        """The area is pasted text."""
        seen, site, area = data.pop("seen"), data.pop("site"), geometry(data.pop("area"))
        return Edit(GridDraft(area=area, **data), seen, site)


class DayForm(Schema):
    """A day of the calendar, or several in a row. Loads to a dict."""

    day = fields.Date(required=True)
    until = fields.Date(load_default=None)
    works = fields.Boolean(required=True)
    name = fields.String(required=True, validate=Length(max=60))
    name_en = fields.String(load_default="", validate=Length(max=60))

    @post_load
    def days(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """At most a month at once, and in a year that people live in."""
        until: date = data["until"] or data["day"]
        if not 2000 <= data["day"].year <= 2100:
            raise ValidationError(N_("Please write a date."), "day")
        if not 0 <= (until - data["day"]).days <= 31:
            raise ValidationError(N_("The last day must follow the first, within a month."), "until")
        return data | {"until": until}


class MoveForm(Seen):
    """Where a site goes."""

    parent = fields.Integer(required=True, validate=ID)


class CloseForm(Seen):
    """Who takes over when a site closes."""

    heir = fields.Integer(load_default=None, validate=ID)


def geometry(text: str) -> dict[str, Any]:
    """Return pasted GeoJSON as an object. Raises ValidationError for ``area``."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ValidationError(NOT_JSON, "area") from None
    if isinstance(found, dict) and found.get("type") == "FeatureCollection":
        features = found.get("features")
        found = features[0] if isinstance(features, list) and len(features) == 1 else None
    if isinstance(found, dict) and found.get("type") == "Feature":
        found = found.get("geometry")
    if not isinstance(found, dict):
        raise ValidationError(NOT_AN_AREA, "area")
    return found


def _point(point: Point | None) -> Point:
    if point is None:
        raise ValidationError(NO_POINT, "point.latitude")
    return point
