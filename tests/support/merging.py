"""Merging two entries, and what they hold: households, benefits, minutes and points."""

from __future__ import annotations

from sqlalchemy import select

from tests.support.builders import NOON
from volunteer.administration.merging import merging
from volunteer.administration.merging.merging import MergeDraft
from volunteer.ledger import book, queries
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import issued_by, person
from volunteer.recognition.models_benefits import Benefit, BenefitClass
from volunteer.recognition.models_homes import Home


def a_home(session, station, head):
    """A household with its head and nobody in it yet."""
    home = Home(number=f"H{head.id}", name="一户", site_id=station.id, head_id=head.id, founded_at=NOON)
    session.add(home)
    session.flush()
    return home


def a_benefit(session, centre):
    """The centre's one benefit."""
    found = session.scalar(select(Benefit).where(Benefit.code == "bus"))
    if found is None:
        found = Benefit(site_id=centre.id, kind=next(iter(BenefitClass)), code="bus", name="公交", begins=NOON.date())
        session.add(found)
        session.flush()
    return found


def go(session, admin, kept, gone, at=NOON, **more):
    """Merge ``gone`` into ``kept``."""
    row = merging.merge(session, admin, MergeDraft(kept.id, gone.id, "同一个人", **more), at=at)
    session.flush()
    return row


def minutes(session, one):
    """The minutes in somebody's book."""
    return queries.balance(session, person(one.id), Unit.MINUTES)


def points(session, one):
    """The points in somebody's book."""
    return queries.balance(session, person(one.id), Unit.POINTS)


def give_points(session, one, amount, site, key="p:1"):
    """Points for a service, as they are earned."""
    return book.move(session, Unit.POINTS, amount, source=issued_by(site.id, Unit.POINTS), target=person(one.id),
                     reason="points_service", key=key, at=NOON, about="order:1", day=NOON.date())  # fmt: skip
