"""A team of four with an accepted visit in an hour, for tests about who goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from volunteer.access import Actor, Role
from volunteer.messaging.models import Message
from volunteer.orders.accepting import accept_offer, choose_members
from volunteer.orders.lifecycle import Status
from volunteer.orders.visits.lifecycle import VisitorState
from volunteer.teams.models import Membership, Volunteer

BEGINS = NOON + timedelta(hours=3)


class Turn:
    """An order of one team; the leader is the first member, and the second one is chosen to go."""

    def __init__(self, session: Session, **item: Any) -> None:
        self.session = session
        self.centre, self.branch, self.station = make.a_county(session)
        self.item = make.an_item(session, self.centre, **item)
        self.team = make.a_team(session, self.station, members=4)
        self.leader = make.leader_of(session, self.team)
        self.dispatcher = make.staff(session, Role.DISPATCHER, self.branch)
        self.order = make.an_order(session, self.station, item=self.item, status=Status.OFFERED)
        self.order.secret = "a-long-secret"
        accept_offer(session, self.leader, make.an_offer(session, self.order, self.team).id, at=NOON)
        mine = select(Volunteer).join(Membership).where(Membership.team_id == self.team.id).order_by(Volunteer.id)
        self.members = list(session.scalars(mine))
        self.choose(1)

    def choose(self, *who: int, begins=BEGINS, at=NOON):
        chosen = [self.members[n].id for n in who]
        return choose_members(self.session, self.leader, self.order.id, chosen, begins, at=at)

    def me(self, n: int) -> Actor:
        """Member number ``n``, acting for themself."""
        return make.an_actor(self.members[n].person, (Role.VOLUNTEER, self.station))

    def do(self, verb, n: int, *what, at=NOON):
        return verb(self.session, self.me(n), self.order.id, *what, at=at)

    def states(self) -> dict[int, VisitorState]:
        """What each member is to the visit, by their number."""
        numbers = {member.id: n for n, member in enumerate(self.members)}
        return {numbers[one.volunteer_id]: one.state for one in self.order.crew}

    def told(self, template: str) -> list[int | None]:
        """Whom a message went to."""
        self.session.flush()
        rows = select(Message.person_id).where(Message.template == template).order_by(Message.id)
        return list(dict.fromkeys(self.session.scalars(rows)))
