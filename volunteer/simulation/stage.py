"""Who is who in the story: the session, the settled county, and everybody's rights."""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from volunteer.access import Actor, link_holder
from volunteer.accounts.queries import load_actor
from volunteer.kernel.clock import zone_of
from volunteer.orders.models import ServiceOrder
from volunteer.simulation.personas import HOME_STATION
from volunteer.simulation.plots import Plot
from volunteer.simulation.settling import World
from volunteer.teams.queries import led_by


class Stuck(Exception):
    """The story cannot go on: nobody in the county can do what was asked. The plan or the teams are wrong."""


@dataclass
class Stage:
    """What all lives share."""

    session: Session
    world: World
    actors: dict[int, Actor] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The county's time zone."""
        return zone_of(self.session)

    def actor(self, person_id: int) -> Actor:
        """Return somebody with the rights of the day of filling; read once."""
        if person_id not in self.actors:
            acting = load_actor(self.session, person_id, self.world.at, led_by)
            if acting is None:
                raise Stuck(f"person {person_id} is nobody")
            self.actors[person_id] = acting.actor
        return self.actors[person_id]

    def persona(self, key: str) -> Actor:
        """Return one of the personas."""
        return self.actor(self.world.people[key])

    def leader(self, team_id: int | None) -> Actor:
        """Return who leads a team."""
        if team_id is None:
            raise Stuck("the order has no team")
        return self.actor(self.world.leaders[team_id])

    def desk(self, plot: Plot) -> Actor:
        """Return who dispatches at the branch where the order is."""
        return self.actor(self.world.desks[plot.home_of.place.branch])

    def counter(self, plot: Plot) -> Actor:
        """Return who verifies and takes calls there: in the home village its clerk, elsewhere the branch."""
        return self.persona("clerk") if plot.home_of.place.name == HOME_STATION else self.desk(plot)

    def is_resident(self, plot: Plot) -> bool:
        """Whether the order is the resident persona's own."""
        return plot.home_of.name == self.persona("resident").name

    def owner(self, plot: Plot, order: ServiceOrder) -> Actor:
        """Return the one whose order it is: by account, else by the secret link."""
        return self.persona("resident") if self.is_resident(plot) else link_holder(order.id, order.site_path)
