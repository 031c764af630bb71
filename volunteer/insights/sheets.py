"""Rows of the overview and of the audit log as files to take away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from volunteer.insights.figures import Fate, Stage
from volunteer.insights.rows import Found
from volunteer.kernel.handing_out import Cell, csv_file, json_lines, xlsx_file
from volunteer.kernel.words import ENGLISH

Words = tuple[Mapping[Fate, str], Mapping[Stage, str]]


def local(at: datetime | None, zone: ZoneInfo) -> str:
    """Return a moment as local text: 2026-11-21 15:04."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else ""


def orders(found: Sequence[Found], kind: str, *, words: Words, zone: ZoneInfo, locale: str) -> bytes:
    """Return the orders as CSV or XLSX: nothing that says who asked."""
    fates, stages = words
    head = [_("Order number"), _("Service"), _("Place"), _("Area"), _("What became of it"), _("Team")]
    head += [_("Ordered at"), _("Stars")]
    head += [f"{_(stages[stage])} ({_('minutes')})" for stage in Stage]
    lines = [_order(one, fates, zone, english=locale == ENGLISH) for one in found]
    return csv_file(head, lines) if kind == "csv" else xlsx_file(head, lines, title=_("Orders"))


def _order(one: Found, fates: Mapping[Fate, str], zone: ZoneInfo, *, english: bool) -> list[Cell]:
    row = one.row

    def named(name: str) -> str:
        chinese, latin = getattr(row, name), getattr(row, f"{name}_en")
        return (latin or chinese if english else chinese) or ""

    minutes: list[Cell] = [round(one.took[stage] / 60) if stage in one.took else None for stage in Stage]
    what = named("item") or _("In own words")
    became, ordered = _(fates[one.fate]), local(row.placed_at, zone)
    return [row.number, what, named("site"), row.place, became, named("team"), ordered, row.stars, *minutes]


def table(head: Sequence[str], names: Sequence[str], lines: Sequence[Sequence[Any]], kind: str, *, title: str) -> bytes:
    """Return any table in the wanted form; ``names`` are the keys of the JSON."""
    if kind == "jsonl":
        return json_lines(names, lines)
    return csv_file(head, lines) if kind == "csv" else xlsx_file(head, lines, title=title)
