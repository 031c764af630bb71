"""Some volunteers of the demo county are on duty: near the dispatcher's village, a few where their phone says they are."""

from __future__ import annotations

import random
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Role
from volunteer.accounts.models import Person
from volunteer.kernel.geo import Point
from volunteer.simulation.settling import World
from volunteer.teams import duty
from volunteer.teams.models import Standing, Volunteer

ON_DUTY, OF = 24, 400
OLDEST_MINOR = 20  # years, to be sure


def stand_by(session: Session, world: World) -> None:
    """Let two dozen adults be on duty since some time today."""
    rng = random.Random(f"{world.seed}:duty")  # noqa: S311 - a story, not a secret
    adults = (
        select(Volunteer)
        .join(Person, Person.id == Volunteer.id)
        .where(Volunteer.standing == Standing.ACTIVE, Volunteer.paused_until.is_(None))
        .where(Person.born_on < world.today - timedelta(days=OLDEST_MINOR * 366))
        .order_by(Volunteer.id)
        .limit(OF)
    )
    found = session.scalars(adults).all()
    for volunteer in rng.sample(found, min(ON_DUTY, len(found))):
        actor = Actor(volunteer.id, frozenset({(Role.VOLUNTEER, volunteer.site.path)}), name=volunteer.person.name)
        home = volunteer.site
        near = Point(home.latitude + rng.gauss(0, 0.004), home.longitude + rng.gauss(0, 0.004)) if rng.random() < 0.4 else None
        duty.begin(session, actor, rng.choice((8, 12)), point=near, at=world.at - timedelta(minutes=rng.randint(5, 200)))
