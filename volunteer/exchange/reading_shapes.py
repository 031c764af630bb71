"""A GeoJSON FeatureCollection as a table: its properties are columns, its shape is one more."""

from __future__ import annotations

import json
from typing import Any

from volunteer.exchange.reading import MOST_COLUMNS, Table, Unreadable
from volunteer.exchange.reading_csv import TOO_MANY, decoded
from volunteer.kernel.words import N_

SHAPE = "area"


def read(data: bytes, most: int) -> Table:
    """Return one row for each feature. Raises Unreadable."""
    try:
        found = json.loads(decoded(data), parse_constant=_no_constant)
    except ValueError as error:
        row = getattr(error, "lineno", 0)
        raise Unreadable(N_("This GeoJSON file is broken in line %(row)s."), row, row=row) from None
    except RecursionError:
        raise Unreadable(N_("This is no GeoJSON file with a list of features.")) from None
    features = found.get("features") if isinstance(found, dict) and found.get("type") == "FeatureCollection" else None
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise Unreadable(N_("This is no GeoJSON file with a list of features."))
    if len(features) > most:
        raise Unreadable(TOO_MANY, most + 1, most=most)
    said = [one.get("properties") if isinstance(one.get("properties"), dict) else {} for one in features]
    header = list(dict.fromkeys(str(name) for properties in said for name in properties if name != SHAPE))[: MOST_COLUMNS - 1]
    rows: list[tuple[int, list[Any]]] = [(1, [*header, SHAPE])]
    for number, (one, properties) in enumerate(zip(features, said, strict=True), start=2):
        rows.append((number, [*(_cell(properties.get(name)) for name in header), _shape(one.get("geometry"))]))
    note: tuple[str, dict[str, Any]] = (N_("Rows are counted as in a sheet: the first shape is row 2."), {})
    return Table(rows, notes=[note])


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | bool) else json.dumps(value, ensure_ascii=False)


def _shape(geometry: Any) -> str | None:
    return json.dumps(geometry) if geometry else None
