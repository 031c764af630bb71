"""What the books of a small county should hold, kept a second time by the plainest means: lists, sets, sums.

Nothing here is taken from the programme. Time is whole minutes since the first day; places, rights and words are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

DAY = 24 * 60
MOST_A_DAY, MOST_A_SERVICE = 300, 240  # minutes that count
PER_HOUR, POINTS_A_DAY = 15, 60
GIVE_DAY, GIVE_MONTH, RETURN_DAYS = 40, 90, 30
BY_HAND_MONTH, APPROVER_MONTH, DAYS_BACK = 300, 400, 30
HOLD, OPEN_MOST, SECOND_FROM = 3 * DAY, 2, 20


@dataclass
class Entry:
    """Minutes in somebody's book, and the points that they brought."""

    who: int
    day: int
    minutes: int
    grade: str
    points: int = 0
    stands: bool = True
    points_stand: bool = True


@dataclass
class Ask:
    """Hours asked for by hand."""

    who: int
    by: int
    began: int
    ended: int
    state: str = "asked"
    minutes: int = 0
    decided_by: int = -1
    decided_on: int = -1


@dataclass
class Gift:
    """Points given: to a person, to the wish, or to the pool."""

    giver: int
    points: int
    at: int
    to: int | None = None
    wish: int | None = None
    back: bool = False


@dataclass
class Wish:
    """A small wish, and what lies on it."""

    wanted: int
    until: int  # the last day on which points are gathered
    held: int = 0
    state: str = "open"


@dataclass
class Redemption:
    """A gift that was reserved."""

    who: int
    shelf: int
    points: int
    at: int
    state: str = "reserved"
    collected: int = 0
    refund: str = ""  # "", asked, seconded, done, refused


@dataclass
class Shelf:
    """One gift of one shop."""

    shop: int
    price: int
    stock: int
    per_person: int


@dataclass
class Paper:
    """A certificate: what it says, and whether it is still worth something."""

    who: int
    minutes: int
    times: int
    day: int
    facts: tuple[tuple[int, int], ...]
    state: str = "valid"


@dataclass
class Plain:
    """The whole county as it should be."""

    people: int
    shelves: list[Shelf]
    now: int = 20 * DAY + 12 * 60
    stays: list[tuple[int, int, int, Entry | None]] = field(default_factory=list)  # who, from, until, what it brought
    entries: list[Entry] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    points: dict[int, int] = field(default_factory=dict)
    owed: int = 0  # points that were spent before they could be taken back
    gifts: list[Gift] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    pool: int = 0
    shops: dict[int, int] = field(default_factory=dict)
    redemptions: list[Redemption] = field(default_factory=list)
    corrections: list[tuple[int, int, str]] = field(default_factory=list)  # who, points, state
    papers: list[Paper] = field(default_factory=list)

    @property
    def today(self) -> int:
        return self.now // DAY

    def balance(self, who: int) -> int:
        return self.points.get(who, 0)

    def add(self, who: int, points: int) -> None:
        self.points[who] = self.balance(who) + points

    def minutes(self, who: int) -> int:
        return sum(entry.minutes for entry in self.entries if entry.who == who and entry.stands)

    # -- hours

    def counts(self, who: int, began: int, ended: int) -> int:
        """Minutes that this stay would add: what no other covers, within the day's and the service's most.

        What was taken back covers nothing any more.
        """
        near = [stay for stay in self.stays if stay[0] == who and (stay[3] is None or stay[3].stands)]
        fresh = set(range(began, ended))
        for _, one, two, _ in near:
            fresh -= set(range(one, two))
        given = sum(entry.minutes for _, one, _, entry in near if entry is not None and one // DAY == began // DAY)
        return max(0, min(len(fresh), MOST_A_SERVICE, MOST_A_DAY - given))

    def book(self, who: int, began: int, minutes: int, grade: str) -> Entry:
        entry = Entry(who, began // DAY, minutes, grade)
        if grade != "d":
            before = sum(
                one.points for one in self.entries if one.who == who and one.day == entry.day and one.points and one.points_stand
            )
            entry.points = max(0, min(minutes * PER_HOUR // 60, POINTS_A_DAY - before))
            self.add(who, entry.points)
        self.entries.append(entry)
        return entry

    def take_back(self, entry: Entry) -> None:
        entry.stands = False
        left = self.balance(entry.who)
        if left >= entry.points:
            self.add(entry.who, -entry.points)
            entry.points_stand = False
            return
        self.add(entry.who, -left)
        self.owed += entry.points - left

    def fits_the_day(self, who: int, began: int, ended: int, but: Ask | None = None) -> bool:
        """Whether whatever somebody claims of that day, overlaps counted twice, is no more than the day."""
        claimed = [(one, two) for person, one, two, _ in self.stays if person == who]
        claimed += [(ask.began, ask.ended) for ask in self.asks if ask.who == who and ask.state == "asked" and ask is not but]
        return ended - began + sum(two - one for one, two in claimed if one // DAY == began // DAY) <= DAY

    def used_by_hand(self, who: int, month: int, but: Ask | None = None) -> int:
        return sum(
            ask.minutes if ask.state == "booked" else ask.ended - ask.began
            for ask in self.asks
            if ask.who == who and ask is not but and month_of(ask.began) == month and ask.state in ("asked", "booked")
        )

    def approved_by(self, who: int) -> int:
        month = month_of(self.now)
        return sum(ask.minutes for ask in self.asks if ask.decided_by == who and ask.state == "booked"
                   and month_of(ask.decided_on) == month)  # fmt: skip

    # -- points

    def may_give(self, giver: int, points: int) -> bool:
        mine = [gift for gift in self.gifts if gift.giver == giver and not gift.back]
        today = sum(gift.points for gift in mine if gift.at // DAY >= self.today)  # later than now: a clock was set back
        month = sum(gift.points for gift in mine if month_of(gift.at) >= month_of(self.now))
        return today + points <= GIVE_DAY and month + points <= GIVE_MONTH and points <= self.balance(giver)

    def end_wish(self, number: int, state: str) -> None:
        wish = self.wishes[number]
        if state == "fulfilled":
            self.pool += wish.held
        else:
            for gift in self.gifts:
                if gift.wish == number and not gift.back:
                    self.add(gift.giver, gift.points)
                    gift.back = True
        wish.held, wish.state = 0, state

    # -- gifts

    def waiting(self, who: int) -> int:
        return sum(one.who == who and one.state == "reserved" for one in self.redemptions)

    def had(self, who: int, shelf: int) -> int:
        month = month_of(self.now)
        return sum(
            one.who == who and one.shelf == shelf and one.state in ("reserved", "collected") and month_of(one.at) == month
            for one in self.redemptions
        )

    def may_reserve(self, who: int, number: int) -> bool:
        shelf = self.shelves[number]
        return (
            shelf.stock > 0
            and self.waiting(who) < OPEN_MOST
            and (not shelf.per_person or self.had(who, number) < shelf.per_person)
            and self.balance(who) >= shelf.price
        )

    # -- certificates

    def facts(self, who: int) -> tuple[tuple[int, int], ...]:
        return tuple(sorted((e.day, e.minutes) for e in self.entries if e.who == who and e.stands and e.grade != "d"))


def month_of(moment: int) -> int:
    """The month, counted on from the year 0; the first minute is the first of March 2026."""
    day = date(2026, 3, 1) + timedelta(days=moment // DAY)
    return day.year * 12 + day.month
