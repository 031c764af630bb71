"""Forgetting again whoever came back with a backup."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import SYSTEM
from volunteer.accounts.models import Person
from volunteer.administration import forgetting
from volunteer.audit.recording import record

BATCH = 20


def forget_again(session: Session, at: datetime) -> int:
    """Job: forget again who came back with a backup, and note who is not in the file yet. Returns how many came back."""
    file: Path = session.info["forgotten_file"]
    noted = forgetting.noted_in(file)
    gone = session.scalars(select(Person.uid).where(Person.wrapped_key.is_(None), Person.disabled_at.is_not(None))).all()
    forgetting.note(file, set(gone) - noted)
    back = select(Person).where(Person.uid.in_(sorted(noted)), Person.wrapped_key.is_not(None)).order_by(Person.id)
    people = session.scalars(back.limit(BATCH).with_for_update(key_share=True)).all()
    for person in people:
        forgetting.blank(session, person, at)
        record(session, SYSTEM, "person_forgotten", f"person:{person.id}", at=at, again=True)
    return len(people)
