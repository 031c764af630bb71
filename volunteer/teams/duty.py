"""值守: a volunteer says that they are ready now. It ends by itself; where they were is not kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from volunteer.access import Actor
from volunteer.audit.recording import record
from volunteer.catalogue.models import Skill
from volunteer.kernel.clock import end_of_day, local_date, zone_of
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.geo import Point
from volunteer.kernel.words import N_
from volunteer.teams.ages import needs_guardian
from volunteer.teams.models import Standing, Volunteer, VolunteerSkill
from volunteer.teams.models_duty import ANYBODY, Duty, DutySpot, PlaceFrom
from volunteer.teams.queries_duty import stripe_of

HOURS = (1, 2, 4, 8, 12)
BATCH = 500


def duty_of(session: Session, volunteer_id: int | None, *, at: datetime) -> Duty | None:
    """Return somebody's duty, if they are on duty now."""
    duty = session.get(Duty, volunteer_id) if volunteer_id else None
    return duty if duty is not None and duty.until > at else None


def begin(session: Session, actor: Actor, hours: int, *, point: Point | None = None, at: datetime) -> Duty:
    """Say "I am ready now", for some hours; again: longer, or from another place. Without a ``point`` at the home site.

    Raises Invalid for other hours, Conflict for minors, on a break, and for who is not (or no longer) on the register.
    """
    volunteer = session.get(Volunteer, actor.user_id) if actor.user_id else None
    if volunteer is None:
        raise NotFound("volunteer")
    if hours not in HOURS:
        raise Invalid.field("hours", N_("Please choose one of these."))
    today = local_date(at, zone_of(session))
    if volunteer.standing is not Standing.ACTIVE:
        raise Conflict("not_active", N_("Your registration is not approved yet, or has ended."))
    if volunteer.paused_until is not None and volunteer.paused_until >= today:
        raise Conflict("on_a_break", N_("You are taking a break. End it first."))
    if needs_guardian(volunteer.person.born_on, today):
        raise Conflict("minor_on_duty", N_("Only adults are on duty."))

    place = point or Point(volunteer.site.latitude, volunteer.site.longitude)
    duty = session.get(Duty, volunteer.id)
    if duty is None:
        duty = Duty(volunteer_id=volunteer.id, since=at)
    elif duty.until <= at:
        duty.since = at
    duty.latitude, duty.longitude, duty.site_path = place.latitude, place.longitude, volunteer.site.path
    duty.place_from = PlaceFrom.DEVICE if point else PlaceFrom.SITE
    duty.until = at + timedelta(hours=hours)
    session.add(duty)
    record(session, actor, "duty_begun", f"person:{volunteer.id}", at=at, site_path=volunteer.site.path, hours=hours)
    _place(session, duty, at)
    return duty


def end(session: Session, actor: Actor, *, at: datetime) -> None:
    """Say "I am not on duty any more". Once more changes nothing."""
    duty = session.get(Duty, actor.user_id) if actor.user_id else None
    if duty is not None:
        record(session, actor, "duty_ended", f"person:{duty.volunteer_id}", at=at, site_path=duty.site_path)
        _forget(session, [duty.volunteer_id])


def follow(session: Session, volunteer_id: int, *, at: datetime) -> None:
    """After a change of what somebody can do, or of whether they serve at all: be found accordingly, or not at all."""
    duty = session.get(Duty, volunteer_id)
    if duty is None:
        return
    volunteer = duty.volunteer
    resting = volunteer.paused_until is not None and volunteer.paused_until >= local_date(at, zone_of(session))
    if duty.until <= at or volunteer.standing is not Standing.ACTIVE or resting:
        _forget(session, [volunteer_id])
    else:
        _place(session, duty, at)


def end_over(session: Session, at: datetime) -> int:
    """Forget up to 500 duties whose time is over, and where they were. Returns how many."""
    over = session.scalars(select(Duty.volunteer_id).where(Duty.until <= at).order_by(Duty.until).limit(BATCH)).all()
    _forget(session, list(over))
    return len(over)


def how_many(session: Session, site_path: str, *, at: datetime) -> int:
    """Return how many people of a subtree are on duty."""
    mine = (Duty.until > at, Duty.site_path.startswith(site_path))
    return session.scalar(select(func.count()).select_from(Duty).where(*mine)) or 0


def _place(session: Session, duty: Duty, at: datetime) -> None:
    """Write down where somebody is found, once for each skill; one with a licence only as long as it holds."""
    session.flush()  # the skills may have been changed a moment ago
    session.execute(delete(DutySpot).where(DutySpot.volunteer_id == duty.volunteer_id))
    zone = zone_of(session)
    held = session.execute(
        select(VolunteerSkill.skill_id, VolunteerSkill.licence_until, Skill.licensed)
        .join(Skill, Skill.id == VolunteerSkill.skill_id)
        .where(VolunteerSkill.volunteer_id == duty.volunteer_id, VolunteerSkill.proficiency > 0)
    )
    until = {ANYBODY: duty.until}
    for skill_id, licence_until, licensed in held:
        if not licensed:
            until[skill_id] = duty.until
        elif licence_until is not None:
            until[skill_id] = min(duty.until, end_of_day(licence_until, zone))
    where = {
        "stripe": stripe_of(duty.longitude),
        "latitude": duty.latitude,
        "longitude": duty.longitude,
        "volunteer_id": duty.volunteer_id,
    }
    rows = [{"skill_id": skill_id, "until": ends, **where} for skill_id, ends in until.items() if ends > at]
    session.execute(insert(DutySpot), rows)


def _forget(session: Session, volunteer_ids: list[int]) -> None:
    session.execute(delete(DutySpot).where(DutySpot.volunteer_id.in_(volunteer_ids)))
    session.execute(delete(Duty).where(Duty.volunteer_id.in_(volunteer_ids)))
