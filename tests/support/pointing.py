"""People with points, wishes and rules, for tests that are about what happens next."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import count
from threading import Barrier
from typing import Any

from sqlalchemy.orm import Session

from tests.support.builders import LONG_AGO, NOON, a_person, an_actor
from volunteer.access import Actor, Role
from volunteer.accounts.models import RoleGrant
from volunteer.kernel.clock import SHANGHAI, local_date
from volunteer.kernel.db import write
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.ledger import book, queries
from volunteer.ledger.lifecycle import RuleState
from volunteer.ledger.models import Unit
from volunteer.ledger.models_points import PointRule
from volunteer.ledger.point_rules import Terms
from volunteer.ledger.rules import issued_by, person
from volunteer.places.models import Site
from volunteer.rewards.points.models import SmallWish
from volunteer.teams.models import Volunteer

KEYS = count(1)


def a_rule(session: Session, site: Site, terms: Terms | None = None, since: date = date(2025, 1, 1)) -> PointRule:
    """A published version of a site's rules."""
    values = (terms or Terms()).stored()
    rule = PointRule(
        site=site, state=RuleState.PUBLISHED, values=values, valid_from=since, published_from=since, made_at=NOON,
        published_at=NOON,
    )  # fmt: skip
    session.add(rule)
    session.flush()  # its number is its version
    return rule


def somebody(
    session: Session, site: Site, points: int = 0, *, role: Role = Role.VOLUNTEER, rule: Any = None, **values: Any
) -> Actor:
    """A volunteer or a resident of a site who has ``points``."""
    made = a_person(session, **values)
    if role is Role.VOLUNTEER:
        number = f"WJ-9999-{next(KEYS):04d}"
        session.add(Volunteer(id=made.id, number=number, site_id=site.id, registered_at=LONG_AGO))
    session.add(RoleGrant(person_id=made.id, role=role, site_id=site.id, since=LONG_AGO))
    session.flush()  # whoever looks for them reads the grant
    if points:
        earn(session, made.id, site, points, rule)
    return an_actor(made, (role, site))


def earn(session: Session, person_id: int, site: Site, points: int, rule: Any = None, at: Any = NOON) -> None:
    """Points as a service brings them."""
    book.move(
        session, Unit.POINTS, points, source=issued_by(site.id, Unit.POINTS), target=person(person_id), reason="points_service",
        key=f"test:{next(KEYS)}", at=at, policy_version=rule.called if rule else "",
    )  # fmt: skip


def a_wish(session: Session, site: Site, points: int = 100, **values: Any) -> SmallWish:
    """A wish that points are gathered for."""
    until = values.pop("until", local_date(NOON, SHANGHAI) + timedelta(days=30))
    wish = SmallWish(
        site_id=site.id, site_path=site.path, title=values.pop("title", "一台收音机"), points=points, until=until, posted_at=NOON,
        **values,
    )  # fmt: skip
    session.add(wish)
    session.flush()  # its number is its account
    return wish


def has(session: Session, actor: Actor) -> int:
    """What somebody has."""
    return queries.balance(session, person(actor.user_id or 0), Unit.POINTS)


def entries_of(session: Session, person_id: int) -> Any:
    """What somebody was given."""
    return queries.entries(session, person(person_id), Unit.POINTS)


def race(database: Any, keyring: Any, acts: Any) -> list[str]:
    """Run verbs at the same moment, each in a transaction of its own; return what each heard."""
    barrier = Barrier(len(acts))

    def one(act: Any) -> str:
        with Session(database.engine) as session:
            session.info["keyring"] = keyring
            barrier.wait(timeout=20)
            try:
                with write(session):
                    act(session)
            except (Conflict, Invalid) as refusal:
                return refusal.code
            return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(one, acts))
