"""Certificates for many in the demo county: a school that is waiting for answers, and a unit that has its file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.certificates import issuing, queries
from volunteer.certificates.batches import asking, making, releasing
from volunteer.certificates.batches.rules import BatchDraft
from volunteer.certificates.models_batches import Batch, BatchPerson
from volunteer.kernel import errands
from volunteer.ledger.models import Account, Grade, Unit
from volunteer.ledger.rules import person
from volunteer.places.models import Site
from volunteer.recognition.models import AwardState
from volunteer.simulation.settling import World
from volunteer.simulation.stage import Stage
from volunteer.teams.models import Standing, Volunteer

ASKED, DONE = 9, 6  # people
YEAR = timedelta(days=364)


def certify_many(session: Session, world: World) -> None:
    """Ask, answer, issue and release. Draws no lots."""
    stage = Stage(session, world)
    admin = stage.persona("admin")
    path = admin.scopes(Permission.CERTIFICATES_FOR_OTHERS)[0]
    people = _with_hours(session, path, world.people["volunteer"])
    site = session.scalars(select(Site).where(Site.path == path)).one()
    if len(people) < ASKED:
        return
    _school(stage, site, people[:ASKED])
    if "certificate_folder" in session.info:
        _unit(stage, site, people[-DONE:])
    _star(stage)


def _school(stage: Stage, site: Site, people: Sequence[Volunteer]) -> None:
    """A school has asked yesterday; some have agreed, one has not, the others have yet to answer."""
    at = stage.world.at - timedelta(hours=22)
    batch = _asked(stage, site, people, "演示县第一中学", "学生综合素质评价需要核实志愿服务经历", at)
    me = stage.world.people["volunteer"]  # has yet to answer
    others = [row for row in _rows(stage.session, batch) if row.volunteer_id != me]
    for place, row in enumerate(others[:5]):
        asking.answer(stage.session, stage.actor(row.volunteer_id), row.id, place != 2, at=at + timedelta(hours=place + 1))


def _unit(stage: Stage, site: Site, people: Sequence[Volunteer]) -> None:
    """A unit has its file: everybody but one agreed, a second person released it yesterday."""
    at = stage.world.at - timedelta(days=3)
    batch = _asked(stage, site, people, "演示县总工会", "评选优秀志愿服务职工", at)
    for row in _rows(stage.session, batch)[1:]:
        asking.answer(stage.session, stage.actor(row.volunteer_id), row.id, True, at=at + timedelta(hours=2))
    asking.start(stage.session, stage.persona("admin"), batch.id, at=at + timedelta(days=1))
    _work(stage.session, at + timedelta(days=1, minutes=1))
    releasing.release(stage.session, stage.persona("director"), batch.id, at=at + timedelta(days=2))


def _star(stage: Stage) -> None:
    """The volunteer has printed the certificate of a star that stands."""
    volunteer = stage.persona("volunteer")
    awards = queries.awards_of(stage.session, stage.world.people["volunteer"])
    if award := next((one for one in awards if one.state is AwardState.STANDS), None):
        issuing.issue_star(stage.session, volunteer, award.number, "zh_Hans", at=stage.world.at)


def _asked(stage: Stage, site: Site, people: Sequence[Volunteer], receiver: str, purpose: str, at: datetime) -> Batch:
    draft = BatchDraft(
        receiver=receiver,
        purpose=purpose,
        first=(at - YEAR).date(),
        last=(at - timedelta(days=1)).date(),
        grades=frozenset(Grade) - {Grade.D},
        locale="zh_Hans",
        answer_by=(at + timedelta(days=14)).date(),
        numbers="\n".join(one.number for one in people),
    )
    return asking.ask(stage.session, stage.persona("admin"), site.id, draft, at=at)


def _work(session: Session, at: datetime) -> None:
    """What the job does, until there is nothing left to do."""
    while making.step(session, at=at):
        for errand in errands.take(session):
            errand.settle(session, errand.go(), at)


def _rows(session: Session, batch: Batch) -> Sequence[BatchPerson]:
    return session.scalars(select(BatchPerson).where(BatchPerson.batch_id == batch.id).order_by(BatchPerson.id)).all()


def _with_hours(session: Session, path: str, first: int) -> list[Volunteer]:
    """Return volunteers of a place who have hours, the persona before all others."""
    booked = select(Account.owner).where(Account.unit == Unit.MINUTES, Account.balance > 0, Account.owner.startswith("person:"))
    owners = set(session.scalars(booked))
    found = select(Volunteer).join(Site, Site.id == Volunteer.site_id)
    found = found.where(Site.path.startswith(path), Volunteer.standing == Standing.ACTIVE).order_by(Volunteer.id)
    people = [one for one in session.scalars(found) if person(one.id) in owners]
    return sorted(people, key=lambda one: (one.id != first, one.id))
