"""Shops of the play: reserving, collecting, taking back."""

from __future__ import annotations

from tests.support.books_ground import Ground
from tests.support.books_model import (
    DAY,
    HOLD,
    SECOND_FROM,
    Redemption,
)
from volunteer.rewards.merchants import collecting, refunding, reserving
from volunteer.rewards.merchants.collecting import Shown as AtTheTill
from volunteer.rewards.merchants.models import Redemption as RedemptionRow
from volunteer.rewards.merchants.refunding import RefundDraft


class Shops(Ground):
    """What happens between a shelf and a hand."""

    def reserve(self, who: int, shelf: int) -> None:
        """Reserve one."""
        plain, row = self.plain, self.shelves[shelf]
        allowed = plain.may_reserve(who, shelf)
        seen = plain.shelves[shelf].price
        verb = lambda: reserving.reserve(self.session, self.people[who], row, seen=seen, at=self.at)  # noqa: E731
        made = self.done(verb, allowed, "a reservation")
        if made is not None:
            plain.add(who, -seen)
            plain.shelves[shelf].stock -= 1
            plain.redemptions.append(Redemption(who, shelf, seen, plain.now))
            self.redemptions.append(made.id)

    def let_go(self, number: int, by: int) -> None:
        """The person lets it go."""
        if not self.redemptions:
            return
        plain, number = self.plain, number % len(self.redemptions)
        one = plain.redemptions[number]
        allowed = one.who == by and one.state in ("reserved", "let_go")
        verb = lambda: reserving.let_go(self.session, self.people[by], self.redemptions[number], at=self.at)  # noqa: E731
        self.done(verb, allowed, f"letting go ({one.state})")
        if allowed and one.state == "reserved":
            self.back(one, "let_go")

    def collect(self, number: int, till: int, *, scan: bool) -> None:
        """A till reads the code."""
        if not self.redemptions:
            return
        plain, number = self.plain, number % len(self.redemptions)
        one = plain.redemptions[number]
        row = self.session.get_one(RedemptionRow, self.redemptions[number])
        shop = plain.shelves[one.shelf].shop
        allowed = shop == till and one.state == "reserved" and plain.now - one.at < HOLD
        shown = AtTheTill(qr=collecting.qr_text(self.session, row)) if scan else AtTheTill(code=row.code or "")
        self.done(
            lambda: collecting.collect(self.session, self.tills[till], shown, at=self.at), allowed, f"collecting ({one.state})"
        )
        if allowed:
            one.state, one.collected = "collected", plain.now
            plain.shops[shop] += one.points

    def refund(self, number: int, restock: bool) -> None:
        """The shop asks to take it back."""
        if not self.redemptions:
            return
        plain, number = self.plain, number % len(self.redemptions)
        one = plain.redemptions[number]
        shop = plain.shelves[one.shelf].shop
        fresh = one.state == "collected" and plain.now - one.collected <= 30 * DAY
        allowed = one.refund in ("asked", "seconded", "done") or (one.refund == "" and fresh)
        verb = lambda: refunding.ask(  # noqa: E731
            self.session, self.tills[shop], self.redemptions[number], RefundDraft("bad", restock=restock), at=self.at
        )
        made = self.done(verb, allowed, f"asking for a refund ({one.state}, {one.refund})")
        if made is not None and not one.refund:
            one.refund = "asked"
            self.refunds[number] = made.id
            self.restock[number] = restock

    def decide_refund(self, number: int, by: int, yes: bool) -> None:
        """Staff say yes or no; above a limit two of them say yes."""
        if not self.refunds:
            return
        plain = self.plain
        number = sorted(self.refunds)[number % len(self.refunds)]
        one, refund = plain.redemptions[number], self.refunds[number]
        shop = plain.shelves[one.shelf].shop
        if not yes:
            allowed = one.refund in ("asked", "seconded", "refused")
            verb = lambda: refunding.refuse(self.session, self.staff[by], refund, "货是好的", at=self.at)  # noqa: E731
            self.done(verb, allowed, f"refusing a refund ({one.refund})")
            one.refund = "refused" if allowed else one.refund
            return
        two = one.points >= SECOND_FROM
        first = self.first_yes.get(number)
        pays = one.refund == ("seconded" if two else "asked") and first != by and plain.shops[shop] >= one.points
        seconds = two and one.refund == "asked"
        allowed = one.refund == "done" or seconds or pays
        verb = lambda: refunding.say_yes(self.session, self.staff[by], refund, at=self.at)  # noqa: E731
        self.done(verb, allowed, f"a yes to a refund ({one.refund})")
        if seconds:
            one.refund, self.first_yes[number] = "seconded", by
        elif pays:
            one.refund = "done"
            plain.shops[shop] -= one.points
            self.back(one, "refunded", shelf=self.restock[number])

    def back(self, one: Redemption, state: str, *, shelf: bool = True) -> None:
        one.state = state
        self.plain.add(one.who, one.points)
        self.plain.shelves[one.shelf].stock += shelf
