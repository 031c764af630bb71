"""A small county that lives by the real verbs, beside the plain model of it: every act is done in both, and compared.

Each act is told by whole numbers, so that a machine can make them up. An act that the model forbids must be refused by the
programme, and the other way round; afterwards every balance, shelf, state and certificate must be the model's.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from tests.support.books_ground import FIRST, Differs
from tests.support.books_hours import Hours
from tests.support.books_model import (
    HOLD,
    Paper,
)
from tests.support.books_points import Points
from tests.support.books_shop import Shops
from volunteer.certificates import issuing
from volunteer.certificates.models import Certificate
from volunteer.certificates.rules import CertificateDraft
from volunteer.certificates.statement import digest
from volunteer.ledger import queries
from volunteer.ledger.ageing import lots_of
from volunteer.ledger.models import Grade, Unit
from volunteer.ledger.models_points import PointClaim
from volunteer.ledger.rules import merchant as shop_account
from volunteer.ledger.rules import person, pool_of
from volunteer.rewards.merchants import reserving
from volunteer.rewards.merchants.models import Gift as GiftRow
from volunteer.rewards.merchants.models import Redemption as RedemptionRow
from volunteer.rewards.points.jobs import end_wishes
from volunteer.rewards.points.models import SmallWish


class Play(Hours, Points, Shops):
    """All of it, certificates and time."""

    def certify(self, who: int) -> None:
        """A certificate of all that counts."""
        plain = self.plain
        facts = plain.facts(who)
        draft = CertificateDraft(FIRST, FIRST + timedelta(days=plain.today), frozenset({Grade.A, Grade.B, Grade.C}), "zh_Hans")
        verb = lambda: issuing.issue(self.session, self.people[who], self.people[who].user_id or 0, draft, at=self.at)  # noqa: E731
        made = self.done(verb, bool(facts), "a certificate")
        if made is None:
            return
        same = next(
            (place for place, one in enumerate(plain.papers)
             if (one.who, one.facts, one.day, one.state) == (who, facts, plain.today, "valid")),
            None,
        )  # fmt: skip
        if same is not None:
            if made.number != self.papers[same][0]:
                raise Differs("the same certificate was made twice")
            return
        plain.papers.append(Paper(who, sum(minutes for _, minutes in facts), len(facts), plain.today, facts))
        self.papers.append((made.number, made.digest))

    def revoke(self, number: int, by: int) -> None:
        """Staff revoke one; twice is no error."""
        if self.papers:
            number %= len(self.papers)
            verb = lambda: issuing.revoke(self.session, self.staff[by], self.papers[number][0], "弄错了", at=self.at)  # noqa: E731
            self.done(verb, True, "revoking")
            self.plain.papers[number].state = "revoked"

    def wait(self, minutes: int) -> None:
        """Time passes, and the jobs run."""
        self.plain.now += minutes
        with self.session.begin_nested():
            reserving.expire(self.session, self.at)
            while end_wishes(self.session, self.at):
                pass
        for one in self.plain.redemptions:
            if one.state == "reserved" and self.plain.now - one.at >= HOLD:
                self.back(one, "expired")
        for number, wish in enumerate(self.plain.wishes):
            if wish.state == "open" and wish.until < self.plain.today:
                self.plain.end_wish(number, "cancelled")

    def compare(self) -> None:
        """Every balance, shelf, state and certificate is the model's."""
        session, plain = self.session, self.plain
        session.flush()
        session.expire_all()
        for who, actor in enumerate(self.people):
            self.same(f"minutes of {who}", queries.balance(session, person(actor.user_id or 0), Unit.MINUTES), plain.minutes(who))
            points = queries.balance(session, person(actor.user_id or 0), Unit.POINTS)
            self.same(f"points of {who}", points, plain.balance(who))
            self.same(f"lots of {who}", sum(lot.points for lot in lots_of(session, person(actor.user_id or 0))), points)
        for number, wish in enumerate(plain.wishes):
            row = session.get_one(SmallWish, self.wishes[number])
            self.same("a wish", (queries.balance(session, row.account, Unit.POINTS), row.state.value), (wish.held, wish.state))
        self.same("the pool", queries.balance(session, pool_of(self.station.id), Unit.POINTS), plain.pool)
        for shop, merchant in enumerate(self.shops):
            self.same(f"shop {shop}", queries.balance(session, shop_account(merchant), Unit.POINTS), plain.shops[shop])
        for number, shelf in enumerate(plain.shelves):
            self.same(f"shelf {number}", session.get_one(GiftRow, self.shelves[number]).stock, shelf.stock)
        for number, one in enumerate(plain.redemptions):
            state = session.get_one(RedemptionRow, self.redemptions[number]).status.value
            self.same(f"reservation {number}", state, one.state)
        self.same("claims", sum(session.scalars(select(PointClaim.points))), plain.owed)
        for (number, frozen), paper in zip(self.papers, plain.papers, strict=True):
            made = session.scalars(select(Certificate).where(Certificate.number == number)).one()
            said = (made.facts["minutes"], made.facts["times"], made.digest, digest(made.facts), made.standing.value)
            self.same("a certificate", said, (paper.minutes, paper.times, frozen, frozen, paper.state))
