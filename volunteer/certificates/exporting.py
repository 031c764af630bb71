"""Everything about one's own hours as a file: each entry with its origin, and what was taken back, asked for and objected to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Actor
from volunteer.attendance.by_hand import queries
from volunteer.attendance.models import Method
from volunteer.audit.recording import record
from volunteer.certificates import tracing
from volunteer.certificates.tracing import Origin
from volunteer.kernel import handing_out
from volunteer.kernel.handing_out import Cell
from volunteer.kernel.words import ENGLISH, N_

TYPES = {"csv": handing_out.TYPES["csv"], "xlsx": handing_out.TYPES["xlsx"], "json": "application/json; charset=utf-8"}
METHODS = {
    Method.CODE: N_("start code"),
    Method.CODE_AND_POSITION: N_("start code and position"),
    Method.QR: N_("rotating code"),
    Method.FENCE: N_("position"),
    Method.ROLL_CALL: N_("roll-call"),
    Method.BY_HAND: N_("written in afterwards"),
}
COLUMNS = (  # for programs, and the words above a column for people
    ("entry", N_("Entry")), ("day", N_("Day")), ("from", N_("From")), ("to", N_("To")), ("service", N_("Service")),
    ("place", N_("Place")), ("unit", N_("Recorded by the unit")), ("minutes", N_("Minutes")), ("grade", N_("Evidence")),
    ("came", N_("Arrival shown by")), ("left", N_("End shown by")), ("recorded_by", N_("Written down by")),
    ("approved_by", N_("Let through by")), ("booked_at", N_("Written down")), ("policy", N_("Rules of hours")),
    ("points_count", N_("Counts for points")), ("stars_count", N_("Counts for stars")),
    ("certificates_count", N_("Counts for certificates")), ("points", N_("Points earned")),
    ("taken_back_at", N_("Taken back")), ("taken_back_why", N_("Why it was taken back")),
)  # fmt: skip


def take_out(session: Session, actor: Actor, kind: str, zone: ZoneInfo, locale: str, *, at: datetime) -> bytes:
    """Return everything about the actor's own hours as ``kind`` ("csv", "xlsx", "json"), and write down that it was taken.

    The tables hold the entries; JSON holds what was asked for and objected to as well.
    """
    me = actor.user_id or 0
    record(session, actor, "own_hours_taken", f"person:{me}", at=at, kind=kind)
    origins = tracing.origins_of(session, me, tracing.received(session, me))
    if kind == "json":
        names = [name for name, _words in COLUMNS]
        entries = [dict(zip(names, _row(one, zone, locale, plain=True), strict=True)) for one in origins]
        data = {"entries": entries, "asked": _asked(session, me, zone), "objections": _objections(session, me, zone)}
        return json.dumps(data, ensure_ascii=False, indent=1).encode()
    head = [_(words) for _name, words in COLUMNS]
    rows = [_row(one, zone, locale, plain=False) for one in origins]
    return handing_out.csv_file(head, rows) if kind == "csv" else handing_out.xlsx_file(head, rows, title=_("My hours"))


def _row(origin: Origin, zone: ZoneInfo, locale: str, *, plain: bool) -> list[Cell]:
    """One entry in the order of COLUMNS; ``plain``: words for programs, not for people."""
    service, entry, english = origin.service, origin.service.entry, locale == ENGLISH

    def named(pair: tuple[str, str]) -> str:
        return (english and pair[1]) or pair[0]

    def yes(counts: bool) -> Cell:
        return counts if plain else _("yes") if counts else _("no")

    def method(one: Method | None) -> str:
        return "" if one is None else one.value if plain else _(METHODS[one])

    return [
        origin.transfer.id, service.day.isoformat(), _local(service.came_at, zone), _local(service.left_at, zone),
        named(entry.content), named(entry.place), named(entry.unit), entry.minutes, entry.grade.upper(),
        method(service.came_by), method(service.left_by), origin.recorded_by, origin.approved_by,
        _local(origin.transfer.at, zone), origin.transfer.policy_version, yes(origin.uses.points), yes(origin.uses.stars),
        yes(origin.uses.certificates), origin.points, _local(origin.back.at if origin.back else None, zone),
        origin.back.note if origin.back else "",
    ]  # fmt: skip


def _asked(session: Session, volunteer_id: int, zone: ZoneInfo) -> list[dict[str, Any]]:
    return [
        {
            "about": ask.about, "from": _local(ask.began_at, zone), "to": _local(ask.ended_at, zone), "what": ask.what,
            "why": ask.why, "asked_at": _local(ask.asked_at, zone), "status": ask.status.value,
            "decided_at": _local(ask.decided_at, zone), "reason": ask.reason, "minutes": ask.minutes,
        }
        for ask in queries.asks_of(session, volunteer_id, limit=10_000)
    ]  # fmt: skip


def _objections(session: Session, volunteer_id: int, zone: ZoneInfo) -> Sequence[dict[str, Any]]:
    return [
        {
            "entry": row.transfer_id, "words": row.words, "said_at": _local(row.said_at, zone), "status": row.status.value,
            "decided_at": _local(row.decided_at, zone), "reply": row.reply,
        }
        for row in tracing.contests_of(session, volunteer_id, limit=10_000)
    ]  # fmt: skip


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else ""
