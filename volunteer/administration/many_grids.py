"""One GeoJSON file with many grids: all of them or none, and every complaint with the feature that it is about."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.kernel.errors import DomainError, Invalid
from volunteer.kernel.geo import Datum
from volunteer.kernel.words import N_
from volunteer.places.founding import GridDraft, found_grid
from volunteer.places.models import Grid, Site

MOST = 300
SHOWN = 30  # complaints
LARGEST = 5 * 1024 * 1024
NO_FILE = N_("Please choose a file.")
TOO_LARGE = N_("This file is larger than 5 MB.")
NOT_GEOJSON = N_("This is not a GeoJSON file with features (FeatureCollection).")
NOT_UTF8 = N_("This file is not in UTF-8.")
EMPTY = N_("There is no feature in this file.")
TOO_MANY = N_("There are more than 300 features in this file. Please split it.")
TWICE = N_("This code stands in the file twice.")
NAMES = {  # of properties, as the usual programs write them
    "code": ("code", "id", "编码", "编号", "网格编码"),
    "name": ("name", "NAME", "名称", "网格名称"),
    "name_en": ("name_en", "英文名"),
    "keeper": ("keeper", "网格员", "网格长", "负责人"),
}


class Refused(Exception):
    """Nothing was taken: (number of the feature, its name, what is wrong with it) for the first of them."""

    def __init__(self, lines: list[tuple[int, str, list[str]]]) -> None:
        super().__init__(f"{len(lines)} features")
        self.lines = lines[:SHOWN]


def found_many(session: Session, actor: Actor, site: Site, data: bytes, datum: Datum, *, at: datetime) -> list[Grid]:
    """Return the new grids of ``site``. Raises Invalid for ``file`` or Refused; then nothing was taken."""
    actor.must(Permission.PLACES_MANAGE, at=site.path)
    made, lines = [], []
    codes: set[str] = set()
    for number, feature in enumerate(_features(data), start=1):
        draft = _draft(feature, datum)
        try:
            if draft.code in codes:
                raise Invalid.field("code", TWICE)
            codes.add(draft.code)
            made.append(found_grid(session, actor, site, draft, at=at))
        except (Invalid, DomainError) as error:
            if not isinstance(error, Invalid) and not error.code.endswith("_taken"):
                raise
            said = [words for listed in getattr(error, "fields", {}).values() for words in listed] or [error.message]
            lines.append((number, draft.name or draft.code, said))
    if lines:
        raise Refused(lines)
    return made


def _features(data: bytes) -> list[dict[str, Any]]:
    if not data:
        raise Invalid.field("file", NO_FILE)
    if len(data) > LARGEST:
        raise Invalid.field("file", TOO_LARGE)
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Invalid.field("file", NOT_UTF8) from None
    except (ValueError, RecursionError):
        raise Invalid.field("file", NOT_GEOJSON) from None
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise Invalid.field("file", NOT_GEOJSON)
    if not features:
        raise Invalid.field("file", EMPTY)
    if len(features) > MOST:
        raise Invalid.field("file", TOO_MANY)
    return features


def _draft(feature: dict[str, Any], datum: Datum) -> GridDraft:
    said = feature.get("properties")
    said = said if isinstance(said, dict) else {}
    words = {
        field: next((str(said[name]) for name in names if said.get(name) not in (None, "")), "") for field, names in NAMES.items()
    }
    return GridDraft(area=feature.get("geometry") or {}, datum=datum, **words)
