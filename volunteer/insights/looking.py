"""The audit log as an auditor reads it, and as somebody reads who looked at their own data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from volunteer.accounts.models import Person
from volunteer.audit.models import AuditEntry
from volunteer.kernel.db import under
from volunteer.kernel.paging import Page, cut
from volunteer.kernel.serials import tidy_number
from volunteer.kernel.text import like
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Site
from volunteer.teams.models import Volunteer

SIZE = 50
SHEET = 50_000  # rows of one download
BATCH = 1_000
NOWHERE = "/"
FAILED = frozenset({"sign_in_failed", "second_factor_failed"})  # acts that did not succeed
LOOKS = frozenset({"private_seen", "order_private_seen", "hours_seen", "searched_by_phone", "marker_seen", "markers_seen"})
ORDERS_OF_ONE = 500


@dataclass(frozen=True)
class AuditFilter:
    """What an auditor looks for; empty means everything. ``whose`` is a person's, an order's or another subject's number."""

    words: str = ""
    whose: str = ""
    action: str = ""
    site: Site | None = None
    success: str = ""  # "yes", "no"
    begins: datetime | None = None
    ends: datetime | None = None


def entries(session: Session, paths: tuple[str, ...], wanted: AuditFilter, *, before: int | None = None) -> Page[AuditEntry]:
    """Return fifty entries under the site ``paths``, newest first, older than the entry ``before``.

    What lies under no site (log-ins, accounts, the menu) concerns the whole installation: every auditor sees it.
    """
    found = _select(session, paths, wanted)
    if before is not None:
        found = found.where(AuditEntry.id < before)
    rows = session.scalars(found.order_by(AuditEntry.id.desc()).limit(SIZE + 1)).all()
    return cut(rows, SIZE, [row.id for row in rows])


def all_of(session: Session, paths: tuple[str, ...], wanted: AuditFilter) -> Iterator[AuditEntry]:
    """Yield the entries that the filter holds, newest first, up to the most that a download takes."""
    found, before, left = _select(session, paths, wanted).order_by(AuditEntry.id.desc()), None, SHEET
    while left > 0:
        some = found if before is None else found.where(AuditEntry.id < before)
        rows = session.scalars(some.limit(min(BATCH, left))).all()
        yield from rows
        if len(rows) < BATCH:
            return
        before, left = rows[-1].id, left - len(rows)


def actions(session: Session) -> list[str]:
    """Return the kinds of acts that were ever logged."""
    return sorted(session.scalars(select(AuditEntry.action).distinct()))


def looks_at(session: Session, person_id: int, *, before: int | None = None) -> Page[Any]:
    """Return a page of who looked at a person's data: at themselves or at an order of theirs, newest first.

    Their own looks, and what jobs did, are left out. Rows have at, actor_name, action, subject, detail and the site's names.
    """
    orders = select("order:" + ServiceOrder.id.cast(AuditEntry.subject.type)).where(ServiceOrder.resident_id == person_id)
    found: Select[Any] = (
        select(AuditEntry, Site.name.label("site"), Site.name_en.label("site_en"))
        .outerjoin(Site, Site.path == AuditEntry.site_path)
        .where(
            AuditEntry.action.in_(sorted(LOOKS)),
            AuditEntry.actor_id.is_not(None),
            AuditEntry.actor_id != person_id,
            or_(AuditEntry.subject == f"person:{person_id}", AuditEntry.subject.in_(orders)),
        )
    )
    if before is not None:
        found = found.where(AuditEntry.id < before)
    rows = session.execute(found.order_by(AuditEntry.id.desc()).limit(SIZE + 1)).all()
    return cut(rows, SIZE, [row[0].id for row in rows])


def _select(session: Session, paths: tuple[str, ...], wanted: AuditFilter) -> Select[tuple[AuditEntry]]:
    found = select(AuditEntry)
    if wanted.site is not None:
        found = found.where(under([wanted.site.path], AuditEntry.site_path))
    else:
        found = found.where(or_(AuditEntry.site_path == NOWHERE, under(paths, AuditEntry.site_path)))
    if wanted.words:
        found = found.where(_by(session, wanted.words))
    if wanted.whose:
        found = found.where(AuditEntry.subject.in_(subjects(session, wanted.whose)))
    if wanted.action:
        found = found.where(AuditEntry.action == wanted.action)
    if wanted.success:
        failed = AuditEntry.action.in_(sorted(FAILED))
        found = found.where(failed if wanted.success == "no" else ~failed)
    if wanted.begins:
        found = found.where(AuditEntry.at >= wanted.begins)
    if wanted.ends:
        found = found.where(AuditEntry.at < wanted.ends)
    return found


def _by(session: Session, words: str) -> ColumnElement[bool]:
    """Who did it: by name, by volunteer's number, or by the number that stands in the log."""
    volunteer = session.scalar(select(Volunteer.id).where(Volunteer.number == words.upper()))
    digits = int(words) if words.isascii() and words.isdigit() and len(words) < 10 else None
    ids = [one for one in (volunteer, digits) if one is not None]
    return or_(AuditEntry.actor_name.ilike(like(words), escape="\\"), AuditEntry.actor_id.in_(ids))


def subjects(session: Session, typed: str) -> Sequence[str]:
    """Return the subjects that ``typed`` means: an order by its number, a person by number or name with all their orders."""
    text = typed.strip()
    if ":" in text:
        kind, _, digits = text.partition(":")
        is_person = kind == "person" and digits.isascii() and digits.isdigit() and len(digits) < 10
        return [text.lower(), *_orders_of(session, [int(digits)] if is_person else [])]
    if number := tidy_number(text):
        order = session.execute(select(ServiceOrder.id, ServiceOrder.resident_id).where(ServiceOrder.number == number)).first()
        if order:
            return [f"order:{order.id}"]
    people = list(session.scalars(select(Volunteer.id).where(Volunteer.number == text.upper())))
    people += session.scalars(select(Person.id).where(Person.name == text).limit(50)).all()
    return [*(f"person:{one}" for one in people), *_orders_of(session, people)]


def _orders_of(session: Session, people: Sequence[int]) -> list[str]:
    found = select(ServiceOrder.id).where(ServiceOrder.resident_id.in_(people)).limit(ORDERS_OF_ONE)
    return [f"order:{one}" for one in session.scalars(found)] if people else []
