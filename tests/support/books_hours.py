"""Hours of the play: visits, what is taken back, what is written in by hand."""

from __future__ import annotations

from sqlalchemy import select

from tests.support import builders as make
from tests.support.books_ground import Ground
from tests.support.books_model import (
    APPROVER_MONTH,
    BY_HAND_MONTH,
    DAY,
    DAYS_BACK,
    Ask,
    Entry,
    month_of,
)
from volunteer.attendance import checking
from volunteer.attendance.by_hand import asking, deciding
from volunteer.attendance.by_hand.asking import AskDraft
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.attendance.evidence import Shown
from volunteer.attendance.models import Method
from volunteer.ledger import correcting
from volunteer.ledger.models import Transfer, Unit
from volunteer.orders import serving
from volunteer.orders.lifecycle import Status

METHODS = {"a": Method.CODE_AND_POSITION, "b": Method.QR, "c": Method.ROLL_CALL, "d": Method.BY_HAND}
LENGTHS = (15, 50, 150, 300)  # minutes of a stay


class Hours(Ground):
    """What people do, and what staff say to it."""

    def serve(self, who: int, back: int, hour: int, length: int, grade: str) -> None:
        """A visit ``back`` days ago, from ``hour`` on, checked in and out, recorded now."""
        plain = self.plain
        began = (plain.today - back) * DAY + hour * 60
        ended = began + LENGTHS[length % len(LENGTHS)]
        if ended > plain.now:
            return
        minutes = plain.counts(who, began, ended)
        order = make.an_order(self.session, self.station, item=self.item, status=Status.CLOSED, team=self.team)
        about, shown = serving.about(order), Shown(METHODS[grade])

        def act() -> None:
            checking.check_in(self.session, about, [self.people[who].user_id], shown, None, at=self.moment(began))
            self.session.flush()
            checking.check_out(self.session, about, shown, left_at=self.moment(ended), at=self.moment(ended))
            serving.credit(self.session, order, self.at)
            serving.credit(self.session, order, self.at)  # a second tap

        self.done(act, True, "a record")
        plain.stays.append((who, began, ended, plain.book(who, began, minutes, grade) if minutes else None))
        if minutes:
            self._entry(f"order:{order.id}:minutes:{self.people[who].user_id}")

    def take_back(self, number: int, by: int) -> None:
        """Staff take an entry back; twice is no error."""
        if not self.entries:
            return
        number %= len(self.entries)
        entry = self.plain.entries[number]
        self.done(
            lambda: correcting.take_back(self.session, self.staff[by], self.entries[number], "弄错了", at=self.at),
            True,
            "taking back",
        )
        if entry.stands:
            self.plain.take_back(entry)

    def ask_by_hand(self, who: int, by: int, back: int, hour: int, length: int) -> None:
        """Hours asked for: by the volunteer (``by`` 0) or by staff (1, 2)."""
        plain = self.plain
        began = (plain.today - back) * DAY + hour * 60
        ended = began + LENGTHS[length % len(LENGTHS)]
        actor = self.people[who] if by == 0 else self.staff[by - 1]
        used = plain.used_by_hand(who, month_of(began))
        fits = plain.fits_the_day(who, began, ended) and used + ended - began <= BY_HAND_MONTH
        allowed = ended <= plain.now and plain.today - began // DAY <= DAYS_BACK and fits
        draft = AskDraft(self.people[who].user_id or 0, self.moment(began), self.moment(ended), "打扫", "忘了签到")
        made = self.done(lambda: asking.ask_by_hand(self.session, actor, draft, at=self.at), allowed, "asking by hand")
        if made is not None:
            plain.asks.append(Ask(who, -1 if by == 0 else by - 1, began, ended))
            self.asks.append(made.id)

    def decide_by_hand(self, number: int, by: int, yes: bool) -> None:
        """Staff decide; who asked may not."""
        if not self.asks:
            return
        plain, number = self.plain, number % len(self.asks)
        ask = plain.asks[number]
        again = ask.state == ("booked" if yes else "refused") and ask.decided_by == by
        minutes = plain.counts(ask.who, ask.began, ask.ended) if ask.state == "asked" else 0
        fits = (
            minutes > 0
            and plain.fits_the_day(ask.who, ask.began, ask.ended, ask)
            and plain.used_by_hand(ask.who, month_of(ask.began), ask) + minutes <= BY_HAND_MONTH
            and plain.approved_by(by) + minutes <= APPROVER_MONTH
        )
        allowed = ask.by != by and (again or (ask.state == "asked" and (fits or not yes)))
        verb = (
            (lambda: deciding.credit_by_hand(self.session, self.staff[by], self.asks[number], at=self.at))
            if yes
            else (lambda: deciding.refuse_by_hand(self.session, self.staff[by], self.asks[number], "没有凭据", at=self.at))
        )
        self.done(verb, allowed, f"deciding by hand ({ask.state}, {yes})")
        if not allowed or again:
            return
        ask.state, ask.decided_by, ask.decided_on = ("booked" if yes else "refused"), by, plain.now
        if yes:
            ask.minutes = minutes
            plain.stays.append((ask.who, ask.began, ask.ended, plain.book(ask.who, ask.began, minutes, "d")))
            self._entry(f"by_hand:{self.asks[number]}:minutes:{self.people[ask.who].user_id}", self.asks[number])

    def withdraw_ask(self, number: int) -> None:
        """The volunteer takes the request back."""
        if not self.asks:
            return
        number %= len(self.asks)
        ask = self.plain.asks[number]
        verb = lambda: asking.withdraw_ask(self.session, self.people[ask.who], self.asks[number], at=self.at)  # noqa: E731
        self.done(verb, ask.state in ("asked", "withdrawn"), "withdrawing")
        if ask.state == "asked":
            ask.state = "withdrawn"

    def _entry(self, key: str, ask: int | None = None) -> None:
        """Keep the number of the transfer under which an entry of the model stands."""
        found = select(Transfer.id, Transfer.amount).where(Transfer.key == key)
        if ask is not None:
            about = self.session.get_one(HoursAsk, ask).about
            found = select(Transfer.id, Transfer.amount).where(Transfer.about == about, Transfer.unit == Unit.MINUTES)
        rows = self.session.execute(found).all()
        self.same("entries of one act", len(rows), 1)
        entry: Entry = self.plain.entries[-1]
        self.same("minutes of an entry", rows[0].amount, entry.minutes)
        self.entries.append(rows[0].id)
