"""Whom the news of hours written in go to: the volunteer at each step, and those of the site who may decide."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.accounts.holders import nearest_holders, roles_with
from volunteer.accounts.models import Person
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.kernel.clock import local_date, zone_of
from volunteer.messaging.outbox import Recipient, tell

MOST_TOLD = 10


def tell_volunteer(session: Session, ask: HoursAsk, template: str, *, at: datetime, **more: object) -> None:
    """Tell the volunteer, in their inbox."""
    day = local_date(ask.began_at, zone_of(session)).isoformat()
    recipient = Recipient(ask.person.id, locale=ask.person.locale)
    tell(session, recipient, template, {"day": day, "minutes": ask.asked_minutes, **more}, at=at, about=ask.about)


def tell_asker(session: Session, ask: HoursAsk, template: str, *, at: datetime, **more: object) -> None:
    """Tell whoever asked, when that was somebody else than the volunteer."""
    if ask.asked_by != ask.volunteer_id:
        day = local_date(ask.began_at, zone_of(session)).isoformat()
        tell(session, Recipient(ask.asked_by, locale=ask.asker.locale), template, {"day": day, **more}, at=at, about=ask.about)


def tell_deciders(session: Session, ask: HoursAsk, *, at: datetime) -> None:
    """Tell those nearest above the site who may decide, but for whoever asked and the volunteer."""
    for person in deciders(session, ask.site_path, Permission.HOURS_APPROVE, at=at):
        if person.id not in {ask.asked_by, ask.volunteer_id}:
            tell(session, Recipient(person.id, locale=person.locale), "hours_ask_waits", {}, at=at, about=ask.about)


def deciders(session: Session, path: str, permission: Permission, *, at: datetime) -> list[Person]:
    """Return those who hold ``permission`` at the site ``path`` or the nearest site above it that has somebody, a few at most."""
    return nearest_holders(session, roles_with(permission), path, at=at)[:MOST_TOLD]
