"""签到 and 签退: writing down who came, when, and how we know. What it is about ("order:88", "shift:5") is the caller's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.accounts.queries import selves
from volunteer.attendance.evidence import Position, Shown, weaker
from volunteer.attendance.models import Attendance, UsedProof
from volunteer.attendance.review.models_findings import CheckMark
from volunteer.attendance.tariff import LONGEST, Counted, HoursTerms, Stay, minutes_for
from volunteer.kernel.clock import zone_of
from volunteer.kernel.db import insert_into, lock
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.ledger.queries import undone_keys
from volunteer.teams.models import Volunteer


def check_in(
    session: Session, about: str, volunteer_ids: Iterable[int], shown: Shown, position: Position | None, *, at: datetime
) -> list[Attendance]:
    """Write down that these volunteers came. Raises Conflict for a QR that was used before.

    The position is kept only where it is what was shown: it is evidence, not a trace of people.
    """
    use_once(session, about, shown, at=at)
    seen = position.point if position is not None and shown.method.value in {"fence", "code_and_position"} else None
    rows = [
        Attendance(
            about=about,
            volunteer_id=volunteer_id,
            came_at=at,
            came_by=shown.method,
            came_latitude=seen.latitude if seen else None,
            came_longitude=seen.longitude if seen else None,
            grade=shown.grade,
        )
        for volunteer_id in volunteer_ids
    ]
    session.add_all(rows)
    return rows


def check_out(session: Session, about: str, shown: Shown, *, left_at: datetime, at: datetime) -> Sequence[Attendance]:
    """Write down that everybody who came has left; the weaker evidence of coming and leaving counts.

    Raises Invalid for leaving before coming, later than now or days later; Conflict for a QR that was used before.
    """
    if left_at > at:
        raise Invalid.field("ended_at", N_("That time is still to come."))
    use_once(session, about, shown, at=at)
    rows = [row for row in attendances(session, about) if row.left_at is None]
    for row in rows:
        Stay(row.came_at, left_at)  # raises what is wrong with it
        row.left_at, row.left_by = left_at, shown.method
        row.grade = weaker(row.grade, shown.grade)
    return rows


def note_tap(session: Session, about: str, by_id: int | None, device: str | None, *, leaving: bool, at: datetime) -> None:
    """Keep who tapped, on which device: for a person to look at when one device has many names."""
    session.add(CheckMark(about=about, by_id=by_id, device=device, leaving=leaving, at=at))


def attendances(session: Session, about: str) -> Sequence[Attendance]:
    """Return everybody who came."""
    return session.scalars(select(Attendance).where(Attendance.about == about).order_by(Attendance.volunteer_id)).all()


def count_minutes(session: Session, row: Attendance, terms: HoursTerms) -> int:
    """Set and return the minutes that count for one volunteer, beside whatever was counted for them around that time.

    What was taken back since counts no longer. The volunteer is held: two services of one person that are written down
    at once are counted one after the other. Raises Conflict when nobody has checked out yet: an end is never guessed.
    """
    if row.left_at is None:
        raise Conflict("not_checked_out", N_("Please check out first: say when you left."))
    lock(session, Volunteer, row.volunteer_id)
    near = session.scalars(
        select(Attendance).where(
            Attendance.volunteer_id == row.volunteer_id,
            Attendance.id != row.id,
            Attendance.minutes.is_not(None),
            Attendance.came_at < row.left_at + timedelta(days=1),
            Attendance.came_at > row.came_at - LONGEST - timedelta(days=1),
        )
    ).all()
    everybody = selves(session, row.volunteer_id) if near else []  # an entry keeps the key of the account that it was booked for
    undone = undone_keys(session, [key_of(other.about, who) for other in near for who in everybody])
    standing = [other for other in near if not {key_of(other.about, who) for who in everybody} & undone]
    before = [Counted(Stay(other.came_at, other.left_at), other.minutes or 0) for other in standing if other.left_at]
    row.minutes = minutes_for(Stay(row.came_at, row.left_at), before, terms, zone_of(session))
    return row.minutes


def key_of(about: str, volunteer_id: int) -> str:
    """Return the key under which an attendance's minutes are booked: "order:88:minutes:5", ":2" behind it in a second turn."""
    kind, number, *turn = about.split(":")
    return ":".join((kind, number, "minutes", str(volunteer_id), *turn))


def use_once(session: Session, about: str, shown: Shown, *, at: datetime) -> None:
    """Take a rotating QR out of circulation. Raises Conflict when it was taken already, by whomever."""
    if shown.step is None:
        return
    fresh = insert_into(session, UsedProof).values(proof=f"{about}:{shown.step}", at=at).on_conflict_do_nothing()
    if session.scalar(fresh.returning(UsedProof.proof)) is None:
        raise Conflict("qr_used", N_("This QR code was used already. Please wait for the next one and scan again."))
