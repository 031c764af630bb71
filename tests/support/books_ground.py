"""The county of the play: set up once, with everybody in it, and how an act is done as the edge does it."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.books_model import (
    APPROVER_MONTH,
    BY_HAND_MONTH,
    DAYS_BACK,
    GIVE_DAY,
    GIVE_MONTH,
    HOLD,
    MOST_A_DAY,
    MOST_A_SERVICE,
    OPEN_MOST,
    PER_HOUR,
    POINTS_A_DAY,
    SECOND_FROM,
    Plain,
    Shelf,
)
from tests.support.gifts import a_gift, a_merchant, at_the_till
from tests.support.pointing import a_rule
from volunteer.access import Actor, Role
from volunteer.accounts.models import Person, RoleGrant
from volunteer.kernel.errors import DomainError
from volunteer.ledger import verify
from volunteer.ledger.point_rules import Terms
from volunteer.places.models import PolicyKind, PolicyRow, Site

BEGIN = datetime(2026, 2, 28, 16, tzinfo=UTC)  # the first of March, midnight in Shanghai
FIRST = date(2026, 3, 1)
PEOPLE, STAFF = 3, 2


class Differs(AssertionError):
    """The programme and the model do not agree."""


class CutOff(Exception):
    """The process ended here."""


class Ground:
    """The county, and beside it the plain model. Every play is undone by its caller."""

    CUT_OFF = 0.15  # of acts, in trouble

    def __init__(self, session: Session, trouble: random.Random | None = None) -> None:
        self.session = session
        self.trouble = trouble
        self.plain = Plain(PEOPLE, [Shelf(0, 5, 2, 2), Shelf(1, 20, 3, 0)], shops={0: 0, 1: 0})
        self.orders: list[Any] = []
        self.entries: list[int] = []  # transfers by the model's entries
        self.asks: list[int] = []
        self.gifts: list[tuple[int, str]] = []
        self.wishes: list[int] = []
        self.redemptions: list[int] = []
        self.refunds: dict[int, int] = {}
        self.corrections: list[int] = []
        self.papers: list[tuple[str, str]] = []
        self.count = 0
        self._set_up()

    @property
    def at(self) -> datetime:
        return BEGIN + timedelta(minutes=self.plain.now)

    def moment(self, minute: int) -> datetime:
        return BEGIN + timedelta(minutes=minute)

    def done(self, act: Callable[[], Any], allowed: bool, what: str) -> Any:
        """Do ``act`` as the edge does, all of it or nothing. It must succeed exactly when the model allows it.

        With ``trouble`` it is sometimes begun and cut off first, as when a process is killed; that must change nothing.
        """
        if self.trouble is not None and self.trouble.random() < self.CUT_OFF:
            self._cut_off(act, self.trouble.randint(1, 40))
            self.compare()
        try:
            with self.session.begin_nested():
                made = act()
                self.session.flush()
        except DomainError as error:
            self.session.expire_all()
            if allowed:
                raise Differs(f"{what} was refused: {error.code}") from error
            return None
        if not allowed:
            raise Differs(f"{what} was let through")
        return made

    def compare(self) -> None:
        """Everything is as the model has it."""
        raise NotImplementedError

    def _cut_off(self, act: Callable[[], Any], after: int) -> None:
        """Begin ``act`` and stop it at its statement number ``after``, or at its end."""
        left = [after]

        def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                left[0] -= 1
                if left[0] == 0:
                    raise CutOff

        connection = self.session.connection()
        event.listen(connection, "before_cursor_execute", count)
        try:
            with self.session.begin_nested():
                act()
                self.session.flush()
                raise CutOff
        except (CutOff, DomainError):
            self.session.expire_all()
        finally:
            event.remove(connection, "before_cursor_execute", count)

    def audit(self) -> None:
        """The books prove themselves."""
        self.same("findings", [str(one) for one in verify.findings(self.session)], [])

    def same(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            raise Differs(f"{what}: {found}, the model has {wanted}")

    def token(self) -> str:
        self.count += 1
        return f"form-{self.count:04d}-of-the-play-{'x' * 10}"

    def _set_up(self) -> None:
        session = self.session
        centre, branch, self.station = make.a_county(session)
        self.item = make.an_item(session, centre)
        self.team = make.a_team(session, self.station, members=0)
        for kind, values in (
            (PolicyKind.HOURS, {"max_per_activity": MOST_A_SERVICE, "max_per_day": MOST_A_DAY}),
            (PolicyKind.REWARDS, {"open_most": OPEN_MOST, "second_from": SECOND_FROM, "hold_hours": HOLD // 60, "per_day": 0}),
            (PolicyKind.BY_HAND, {"person_month": BY_HAND_MONTH, "approver_month": APPROVER_MONTH, "days_back": DAYS_BACK}),
        ):
            session.add(PolicyRow(site=centre, kind=kind, valid_from=make.LONG_AGO, values=values, made_at=make.LONG_AGO))
        terms = Terms(per_hour=PER_HOUR, per_day=POINTS_A_DAY, give_day=GIVE_DAY, give_month=GIVE_MONTH, months=0)
        a_rule(session, centre, terms)
        self.people: list[Actor] = [self._volunteer(self.station) for _ in range(PEOPLE)]
        self.staff: list[Actor] = [make.staff(session, Role.SITE_ADMIN, centre) for _ in range(STAFF)]
        merchants = [a_merchant(session, branch, name) for name in ("甲店", "乙店")]
        self.shops = [one.id for one in merchants]
        self.tills = [at_the_till(session, one) for one in merchants]
        self.shelves = [
            a_gift(session, merchants[one.shop], points=one.price, asked=one.price, stock=one.stock, per_person=one.per_person).id
            for one in self.plain.shelves
        ]
        self.restock: dict[int, bool] = {}
        self.first_yes: dict[int, int] = {}
        session.flush()

    def _volunteer(self, site: Site) -> Actor:
        volunteer = make.a_volunteer(self.session, site)
        self.session.add(RoleGrant(person_id=volunteer.id, role=Role.VOLUNTEER, site_id=site.id, since=make.LONG_AGO))
        return make.an_actor(self.session.get_one(Person, volunteer.id), (Role.VOLUNTEER, site))
