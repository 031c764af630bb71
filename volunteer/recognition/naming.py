"""Being named in public: only who said yes, only for as long as they do, and nobody under age."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from volunteer.access import Actor
from volunteer.accounts.models import ConsentKind
from volunteer.accounts.registering import record_consent
from volunteer.audit.recording import record
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import insert_into, lock
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.kernel.words import N_
from volunteer.recognition.models import StarAward, StarStanding
from volunteer.teams.ages import needs_guardian
from volunteer.teams.models import Volunteer

NOTICE = "2026-11"  # version of the words beside the tick


def may_be_named(session: Session, volunteer: Volunteer, today: date) -> bool:
    """Whether a volunteer agreed to be named in public and is of age."""
    standing = session.get(StarStanding, volunteer.id)
    is_minor = needs_guardian(volunteer.person.born_on, today)
    return standing is not None and standing.named_since is not None and not is_minor


def name_me(session: Session, actor: Actor, wish: bool, *, at: datetime) -> StarStanding:
    """Say yes or no to being named in public notices; it holds at once, for awards that hang already too.

    Raises Conflict for a yes of somebody under 18.
    """
    volunteer = session.get(Volunteer, actor.user_id) if actor.user_id is not None else None
    if volunteer is None:
        raise NotFound("volunteer")
    if wish and needs_guardian(volunteer.person.born_on, local_date(at, zone_of(session))):
        raise Conflict("too_young_to_name", N_("Names of people under 18 are never shown in public."))
    fresh = insert_into(session, StarStanding).values(volunteer_id=volunteer.id, minutes=0, stars=0, counted_at=at)
    session.execute(fresh.on_conflict_do_nothing())
    standing = lock(session, StarStanding, volunteer.id)
    if (standing.named_since is not None) == wish:
        return standing

    standing.named_since = at if wish else None
    mine = StarAward.volunteer_id == volunteer.id, StarAward.revoked_at.is_(None)
    values = {"public": wish, "version": StarAward.version + 1}
    session.execute(update(StarAward).where(*mine).values(values), execution_options={"synchronize_session": False})
    session.expire_all()  # awards that were read before say what holds now
    if wish:
        record_consent(session, actor, volunteer.person, ConsentKind.STAR_NOTICE, notice=NOTICE, at=at)
        record(session, actor, "star_naming_agreed", f"person:{volunteer.id}", at=at)
    else:
        record(session, actor, "star_naming_withdrawn", f"person:{volunteer.id}", at=at)
    return standing
