"""Colleagues besides the personas: one who helps for a time, one who is about to leave, two who were invited."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from volunteer.access import Role
from volunteer.accounts import inviting
from volunteer.accounts.inviting import InvitationDraft
from volunteer.accounts.registering import PersonDraft
from volunteer.kernel.clock import end_of_day, zone_of
from volunteer.places.models import Site
from volunteer.simulation import county, personas
from volunteer.simulation.people import full_name
from volunteer.simulation.settling import World
from volunteer.simulation.stage import Stage

NOTICE = "demo"
HELPS, LEAVES = timedelta(days=25), timedelta(days=6)
INVITED = (timedelta(hours=20), timedelta(days=2))  # how long the two links have been on their way


def work_on(session: Session, world: World) -> None:
    """Let them be invited, and two of them come."""
    rng = random.Random(f"colleagues {world.seed}")  # noqa: S311 - invented people
    branch, centre = world.sites[personas.HOME_BRANCH], world.sites[county.CENTRE[0]]
    station = world.sites[next(place.code for place in world.stations if place.name == personas.HOME_STATION)]
    stage = Stage(session, world)
    admin, it = stage.persona("admin"), stage.persona("it")

    def ask(actor_key: str, role: Role, site: Site, at: datetime, until: datetime | None = None) -> str:
        draft = InvitationDraft(full_name(rng), role, site.id, until=until)
        actor = admin if actor_key == "admin" else it
        return inviting.invite(session, actor, draft, at=at)[1].rsplit("/", 1)[1]

    def come(token: str, login_name: str, at: datetime) -> int:
        name = inviting.behind(session, token, at=at).name
        draft = PersonDraft(name=name, login_name=login_name, password=personas.PASSWORD)
        return inviting.accept(session, token, draft, notice=NOTICE, at=at).id

    since, zone = world.at - timedelta(days=40), zone_of(session)
    last_days = [end_of_day((world.at + span).astimezone(zone).date(), zone) for span in (HELPS, LEAVES)]
    come(ask("admin", Role.CLERK, station, since, last_days[0]), "helper", since + timedelta(hours=3))
    leaving = come(ask("it", Role.SITE_ADMIN, branch, since, last_days[1]), "leaving", since + timedelta(hours=5))
    ask("it", Role.DIRECTOR, centre, world.at - INVITED[0])
    draft = InvitationDraft(full_name(rng), Role.CLERK, station.id)
    inviting.invite(session, Stage(session, world).actor(leaving), draft, at=world.at - INVITED[1])  # to be handed over
