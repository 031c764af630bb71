"""Points of the play: gifts, wishes, the pool, corrections."""

from __future__ import annotations

from datetime import timedelta

from tests.support.books_ground import FIRST, Ground
from tests.support.books_model import (
    DAY,
    RETURN_DAYS,
    Gift,
    Wish,
)
from volunteer.rewards.points import giving, requesting, wishing
from volunteer.rewards.points.wishing import WishDraft

GATHERED = 20  # days for which points are gathered for a wish


class Points(Ground):
    """What people do with their points."""

    def give(self, who: int, to: int, points: int, *, again: bool) -> None:
        """Points to a neighbour; with ``again`` the same form is sent twice."""
        plain, token = self.plain, self.token()
        allowed = who != to and points > 0 and plain.may_give(who, points)
        verb = lambda: giving.give(  # noqa: E731
            self.session, self.people[who], self.people[to].user_id or 0, points, token, at=self.at
        )
        made = self.done(verb, allowed, "a gift")
        if made is not None:
            plain.add(who, -points)
            plain.add(to, points)
            plain.gifts.append(Gift(who, points, plain.now, to=to))
            self.gifts.append((made.id, token))
            if again:
                self.done(verb, True, "the same form again")

    def send_back(self, number: int, by: int) -> None:
        """The receiver does not want them."""
        if not self.gifts:
            return
        plain, number = self.plain, number % len(self.gifts)
        gift = plain.gifts[number]
        fits = gift.back or (plain.now - gift.at <= RETURN_DAYS * DAY and plain.balance(by) >= gift.points)
        allowed = gift.to == by and fits
        verb = lambda: giving.send_back(self.session, self.people[by], self.gifts[number][0], at=self.at)  # noqa: E731
        self.done(verb, allowed, "sending back")
        if allowed and not gift.back:
            plain.add(by, -gift.points)
            plain.add(gift.giver, gift.points)
            gift.back = True

    def post_wish(self, points: int) -> None:
        """A wish, posted by the first of the staff."""
        until = self.plain.today + GATHERED
        draft = WishDraft(title="一盏台灯", points=points, until=FIRST + timedelta(days=until))
        made = self.done(lambda: wishing.post(self.session, self.staff[0], self.station, draft, at=self.at), points > 0, "a wish")
        if made is not None:
            self.plain.wishes.append(Wish(points, until))
            self.wishes.append(made.id)

    def give_to_wish(self, who: int, number: int, points: int) -> None:
        """Points towards a wish."""
        if not self.wishes:
            return
        plain, number = self.plain, number % len(self.wishes)
        wish = plain.wishes[number]
        allowed = (
            wish.state == "open"
            and wish.until >= plain.today
            and 0 < points <= wish.wanted - wish.held
            and plain.may_give(who, points)
        )
        token = self.token()
        verb = lambda: giving.give_to_wish(  # noqa: E731
            self.session, self.people[who], self.wishes[number], points, token, at=self.at
        )
        made = self.done(verb, allowed, "points for a wish")
        if made is not None:
            plain.add(who, -points)
            wish.held += points
            wish.state = "full" if wish.held == wish.wanted else "open"
            plain.gifts.append(Gift(who, points, plain.now, wish=number))
            self.gifts.append((made.id, token))

    def end_wish(self, number: int, by: int, *, fulfil: bool) -> None:
        """It comes true (not by who posted it), or is taken back and everybody has theirs again."""
        if not self.wishes:
            return
        plain, number = self.plain, number % len(self.wishes)
        wish = plain.wishes[number]
        if fulfil:
            allowed = wish.state == "fulfilled" or (wish.state == "full" and by != 0)
            verb = lambda: wishing.fulfil(self.session, self.staff[by], self.wishes[number], None, "已送到", at=self.at)  # noqa: E731
        else:
            allowed = wish.state in ("open", "full", "cancelled")
            verb = lambda: wishing.cancel(self.session, self.staff[by], self.wishes[number], "不需要了", at=self.at)  # noqa: E731
        self.done(verb, allowed, f"ending a wish ({wish.state}, {fulfil})")
        if not allowed or wish.state in ("fulfilled", "cancelled"):
            return
        plain.end_wish(number, "fulfilled" if fulfil else "cancelled")

    def give_to_pool(self, who: int, points: int) -> None:
        """Points for whoever needs them."""
        allowed, token = points > 0 and self.plain.may_give(who, points), self.token()
        verb = lambda: giving.give_to_pool(  # noqa: E731
            self.session, self.people[who], self.station.id, points, token, at=self.at
        )
        if (made := self.done(verb, allowed, "points for the pool")) is not None:
            self.plain.add(who, -points)
            self.plain.pool += points
            self.plain.gifts.append(Gift(who, points, self.plain.now))
            self.gifts.append((made.id, token))

    def correct(self, who: int, points: int) -> None:
        """The first of the staff asks for points to be corrected."""
        verb = lambda: requesting.ask_correction(  # noqa: E731
            self.session, self.staff[0], self.station.id, self.people[who].user_id or 0, points, "算错了", at=self.at
        )
        if (made := self.done(verb, points != 0, "a correction")) is not None:
            self.plain.corrections.append((who, points, "asked"))
            self.corrections.append(made.id)

    def decide_correction(self, number: int, by: int, yes: bool) -> None:
        """The second of the staff decides; the first may not."""
        if not self.corrections:
            return
        plain, number = self.plain, number % len(self.corrections)
        who, points, state = plain.corrections[number]
        again = state == ("done" if yes else "refused")
        fits = not yes or points > 0 or plain.balance(who) >= -points
        allowed = by == 1 and (again or (state == "asked" and fits))
        verb = lambda: requesting.decide(  # noqa: E731
            self.session, self.staff[by], self.corrections[number], yes, "不对", at=self.at
        )
        self.done(verb, allowed, f"deciding a correction ({state}, {yes})")
        if allowed and not again:
            if yes:
                plain.add(who, points)
            plain.corrections[number] = (who, points, "done" if yes else "refused")
