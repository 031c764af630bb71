"""The drawn county: branches as areas, water, stations as dots. WGS-84, [longitude, latitude]."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.places import queries
from volunteer.places.models import Site, SiteLevel
from volunteer.web.identity import open_to_all

bp = Blueprint("places", __name__)
FRESH = timedelta(minutes=5)
DIGITS = 5  # of a degree: about a metre


@dataclass(frozen=True)
class Drawn:
    """The county as it was drawn at a moment."""

    body: bytes
    etag: str
    until: datetime


@bp.get("/map.geojson")
@open_to_all
def county() -> ResponseReturnValue:
    """Everything that the map draws under its pins. Drawn at most once in five minutes by each process."""
    drawn: Drawn | None = current_app.extensions.get("county_map")
    if drawn is None or drawn.until <= now():
        drawn = draw(db.session(), now())
        current_app.extensions["county_map"] = drawn
    response = Response(drawn.body, mimetype="application/geo+json")
    response.set_etag(drawn.etag)
    response.headers["Cache-Control"] = f"public, max-age={int(FRESH.total_seconds())}"
    return response.make_conditional(request)


def draw(session: Session, at: datetime) -> Drawn:
    """Return the county's shapes as a FeatureCollection."""
    sites = queries.open_sites(session)
    features = [_feature("area", site, site.area) for site in sites if site.level is SiteLevel.BRANCH and site.area]
    features += [_water(shape) for shape in _shapes(queries.mark(session, "water"))]
    features += [_feature("station", site, _dot(site)) for site in sites if site.level is SiteLevel.STATION]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))
    body = text.encode()
    return Drawn(body, hashlib.sha256(body).hexdigest()[:20], at + FRESH)


def _feature(kind: str, site: Site, geometry: dict[str, Any]) -> dict[str, Any]:
    properties = {"kind": kind, "name": site.name, "name_en": site.name_en or site.name}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _dot(site: Site) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [round(site.longitude, DIGITS), round(site.latitude, DIGITS)]}


def _shapes(stored: Any) -> list[dict[str, Any]]:
    """What the mark "water" holds: a FeatureCollection, a list of features or geometries, or one of them."""
    if not stored:
        return []
    if isinstance(stored, dict):
        return list(stored["features"]) if "features" in stored else [stored]
    return list(stored)


def _water(shape: dict[str, Any]) -> dict[str, Any]:
    geometry = shape.get("geometry", shape)
    said = shape.get("properties") or {}
    properties = {"kind": "water", "name": said.get("name", ""), "name_en": said.get("name_en", "")}
    return {"type": "Feature", "properties": properties, "geometry": geometry}
