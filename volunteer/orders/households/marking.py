"""Markers of vulnerable households: set with a reason and consent, seen by those who serve, each look written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import load
from volunteer.kernel.errors import Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.orders.households.models_household import Marker, MarkerKind
from volunteer.orders.lifecycle import WITH_TEAM
from volunteer.orders.models import ServiceOrder

LONGEST_NOTE = 200
LONGEST_CHECK = timedelta(days=366)  # after a year at most somebody looks again
USUAL = {  # what every county begins with; a county adds its own and closes what it does not use
    "alone": ("独居", "Lives alone"),
    "disabled": ("残疾", "Disabled"),
    "left_behind": ("留守儿童", "Children left behind"),
    "bedridden": ("卧床", "Bedridden"),
    "dementia": ("失智", "Dementia"),
    "lost_child": ("失独", "Lost their only child"),
    "hardship": ("困难家庭", "In hardship"),
    "hearing": ("听力不好", "Hard of hearing"),
}


@dataclass(frozen=True, kw_only=True)
class MarkerDraft:
    """What those who serve must know, why, who agreed to it, and until when it is taken as true."""

    kind: str
    reason: str
    consent: str
    check_on: date
    note: str = ""


@dataclass(frozen=True)
class Shown:
    """A marker as somebody may see it now, its kind in both languages."""

    id: int
    name: str
    name_en: str
    note: str
    check_on: date
    due: bool  # somebody has to look again
    reason: str = ""
    consent: str = ""


def kinds(session: Session) -> dict[str, tuple[str, str]]:
    """Return the kinds in use by code: the usual ones and the county's own, without what the county closed."""
    rows = session.scalars(select(MarkerKind).order_by(MarkerKind.code)).all()
    closed = {row.code for row in rows if row.closed_at is not None}
    own = {row.code: (row.name, row.name_en) for row in rows}
    return {code: names for code, names in (USUAL | own).items() if code not in closed}


def set_marker(
    session: Session, actor: Actor, order_id: int, draft: MarkerDraft, *, marker_id: int | None = None, at: datetime
) -> Marker:
    """Set a marker on the household of an order, or correct one. Raises Invalid with every complaint, NotFound, Forbidden."""
    order = load(session, ServiceOrder, order_id)
    actor.must(Permission.MARKERS_KEEP, at=order.site_path)
    today = local_date(at, zone_of(session))
    checks = (
        ("kind", draft.kind in kinds(session), N_("Please choose one of these.")),
        ("reason", bool(draft.reason.strip()), N_("Please say why, in a few words.")),
        ("consent", bool(draft.consent.strip()), N_("Please write down who agreed, and how.")),
        ("check_on", today < draft.check_on <= today + LONGEST_CHECK, N_("Please choose a day within a year.")),
        *((name, len(getattr(draft, name)) <= LONGEST_NOTE, N_("This is too long. Please keep it shorter."))
          for name in ("note", "reason", "consent")),
    )  # fmt: skip
    if wrong := {field: [words] for field, right, words in checks if not right}:
        raise Invalid("marker_invalid", N_("Please check the fields that are marked."), wrong)
    if marker_id is None:
        known = [one for one in _of(session, order) if one.kind == draft.kind]
        marker = known[0] if known else Marker(person=order.resident, site_path=order.site_path, kept_at=at)
    else:
        marker = _own(session, order, marker_id)
    new = marker.id is None
    marker.check_on, marker.kept_by = draft.check_on, actor.user_id
    marker.changed_at = None if new else at
    session.add(marker)
    marker.kind, marker.note = draft.kind, draft.note.strip()
    marker.reason, marker.consent = draft.reason.strip(), draft.consent.strip()
    about = f"person:{order.resident_id}"
    if new:
        record(session, actor, "marker_set", about, at=at, site_path=order.site_path)
    else:
        record(session, actor, "marker_corrected", about, at=at, site_path=order.site_path)
    return marker


def remove_marker(session: Session, actor: Actor, order_id: int, marker_id: int, *, at: datetime) -> None:
    """Remove a marker for good, because it is wrong, over, or the household asked for it. Twice changes nothing."""
    order = load(session, ServiceOrder, order_id)
    actor.must(Permission.MARKERS_KEEP, at=order.site_path)
    if session.get(Marker, marker_id) is None:
        return
    session.delete(_own(session, order, marker_id))
    record(session, actor, "marker_removed", f"person:{order.resident_id}", at=at, site_path=order.site_path)


def remove_own(session: Session, actor: Actor, marker_id: int, *, at: datetime) -> None:
    """Take back one's consent to a marker about oneself: it is removed at once."""
    marker = session.get(Marker, marker_id)
    if marker is None or actor.user_id is None or marker.person_id != actor.user_id:
        raise NotFound("marker")
    session.delete(marker)
    record(session, actor, "marker_removed", f"person:{marker.person_id}", at=at, site_path=marker.site_path, by="owner")


def look(session: Session, actor: Actor, order: ServiceOrder, *, at: datetime) -> list[Shown]:
    """Return the markers of an order's household to staff who asked for them. The look is written down."""
    actor.must(Permission.MARKERS_SEE, at=order.site_path)
    record(session, actor, "markers_seen", f"order:{order.id}", at=at, site_path=order.site_path, on="desk")
    return [_shown(session, marker, at, whole=True) for marker in _of(session, order)]


def look_before_serving(session: Session, actor: Actor, order: ServiceOrder, *, at: datetime) -> list[Shown]:
    """Return what the team that serves must know, from acceptance until it is done. The look is written down.

    A marker past its day of re-check is not shown: nobody knows whether it is still true.
    """
    goes = any(visitor.volunteer_id == actor.user_id for visitor in order.visitors)
    if order.status not in WITH_TEAM or not (goes or order.team_id in actor.leads):
        return []
    shown = [one for one in (_shown(session, marker, at) for marker in _of(session, order)) if not one.due]
    if shown:
        record(session, actor, "markers_seen", f"order:{order.id}", at=at, site_path=order.site_path, on="visit")
    return shown


def own_markers(session: Session, actor: Actor, *, at: datetime) -> list[Shown]:
    """Return what is noted about the actor themselves."""
    found = select(Marker).options(joinedload(Marker.person)).where(Marker.person_id == actor.user_id).order_by(Marker.id)
    return [_shown(session, marker, at) for marker in session.scalars(found).all()] if actor.user_id else []


def _of(session: Session, order: ServiceOrder) -> Sequence[Marker]:
    found = select(Marker).options(joinedload(Marker.person)).where(Marker.person_id == order.resident_id)
    return session.scalars(found.order_by(Marker.id)).all()


def _own(session: Session, order: ServiceOrder, marker_id: int) -> Marker:
    marker = session.get(Marker, marker_id)
    if marker is None or marker.person_id != order.resident_id:
        raise NotFound("marker")
    return marker


def _shown(session: Session, marker: Marker, at: datetime, *, whole: bool = False) -> Shown:
    code = marker.kind or ""
    row = session.get(MarkerKind, code)
    name, name_en = (row.name, row.name_en) if row is not None else USUAL.get(code, (code, ""))
    more = (marker.reason or "", marker.consent or "") if whole else ("", "")
    due = marker.check_on <= local_date(at, zone_of(session))
    return Shown(marker.id, name, name_en, marker.note or "", marker.check_on, due, *more)
