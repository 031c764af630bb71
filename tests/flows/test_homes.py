"""户 on both databases: founded by a grown-up, joined by whoever agrees, in one at a time; months are counted once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.recognising import as_volunteer, book_minutes, nights
from volunteer.access import SYSTEM, Role
from volunteer.kernel.db import write
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.ledger import book
from volunteer.ledger.models import Grade
from volunteer.messaging.models import Message
from volunteer.places.adopting import adopt_policy
from volunteer.places.models import PolicyKind
from volunteer.recognition import counting_homes, homes
from volunteer.recognition.home_rules import month_of
from volunteer.recognition.lifecycle import HomeState
from volunteer.recognition.models_homes import Home, HomeMember, HomeMonth
from volunteer.teams.models_volunteers import Guardian

MARCH = month_of(NOON.date())
SEVENTEENTH = datetime(2026, 4, 17, 4, tzinfo=UTC)


class Family:
    """A home with its head, and two who could join."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.centre, self.branch, self.station = make.a_county(session)
        self.head, self.other, self.third = (make.a_volunteer(session, self.station, name) for name in ("陈大", "陈二", "陈三"))
        self.me = as_volunteer(self.head)
        self.home = homes.found(session, self.me, "陈家", self.station.id, at=NOON)

    def joined(self, volunteer) -> HomeMember:
        member = homes.invite(self.session, self.me, volunteer.number, at=NOON)
        return homes.answer(self.session, as_volunteer(volunteer), member.id, yes=True, at=NOON)

    def minutes(self, at: datetime = NOON) -> int:
        return counting_homes.minutes_of(self.session, [self.home], MARCH, at=at)[self.home.id]


@pytest.fixture
def family(session: Session) -> Family:
    return Family(session)


def test_a_home_is_founded_once_and_nobody_is_in_two(session, family):
    assert homes.found(session, family.me, "陈家", family.station.id, at=NOON) is family.home
    with pytest.raises(Conflict, match="already"):
        homes.found(session, family.me, "王家", family.station.id, at=NOON)
    token = homes.open_link(session, homes_head(session, family), at=NOON)
    with pytest.raises(Conflict, match="already"):
        homes.join(session, family.me, token, at=NOON)


def homes_head(session, family):
    """Another home's head."""
    homes.found(session, as_volunteer(family.third), "李家", family.station.id, at=NOON)
    return as_volunteer(family.third)


def test_a_home_needs_a_name_a_village_and_a_head_of_age(session, family):
    me = as_volunteer(family.other)
    with pytest.raises(Invalid) as refused:
        homes.found(session, me, " ", family.branch.id, 999, at=NOON)
    assert set(refused.value.fields) == {"name", "site", "grid"}
    young = make.a_volunteer(session, family.station, born_on=date(2010, 1, 1))
    with pytest.raises(Conflict, match="of age"):
        homes.found(session, as_volunteer(young), "小家", family.station.id, at=NOON)


def test_somebody_invited_is_told_and_is_in_only_after_a_yes(session, family):
    member = homes.invite(session, family.me, family.other.number, at=NOON)
    assert homes.invite(session, family.me, family.other.number, at=NOON) is member
    assert session.scalars(select(Message.template).where(Message.person_id == family.other.id)).all() == ["home_invites"]
    assert (member.state, member.since) == (HomeState.INVITED, None)
    with pytest.raises(NotFound):
        homes.answer(session, as_volunteer(family.third), member.id, yes=True, at=NOON)
    homes.answer(session, as_volunteer(family.other), member.id, yes=False, at=NOON)
    assert member.state is HomeState.REFUSED
    assert family.joined(family.other).state is HomeState.MEMBER


def test_a_link_lets_a_resident_in_for_seven_days_and_until_it_is_closed(session, family):
    token = homes.open_link(session, family.me, at=NOON)
    resident = make.an_actor(make.a_person(session, "陈奶奶"), (Role.RESIDENT, family.station))
    homes.join(session, resident, token, at=nights(6))
    assert homes.join(session, resident, token, at=nights(6)) is family.home
    other = as_volunteer(family.other)
    for token_, at in ((token, nights(7)), ("guessed", NOON)):
        with pytest.raises(NotFound):
            homes.join(session, other, token_, at=at)
    homes.close_link(session, family.me, at=NOON)
    with pytest.raises(NotFound):
        homes.join(session, other, token, at=NOON)
    assert token not in str(session.scalars(select(Home.link_hash)).all())


def test_a_child_is_in_once_a_guardian_agreed_and_under_14_was_heard(session, family):
    born = NOON.date() - timedelta(days=365 * 12)
    child = make.a_volunteer(session, family.station, born_on=born)
    member = homes.invite(session, family.me, child.number, at=NOON)
    with pytest.raises(Conflict, match="guardian"):
        homes.answer(session, as_volunteer(child), member.id, yes=True, at=NOON)
    guardian = Guardian(volunteer_id=child.id, notice="1", consented_at=NOON)
    session.add(guardian)
    session.flush()
    with pytest.raises(Conflict, match="guardian"):
        homes.answer(session, as_volunteer(child), member.id, yes=True, at=NOON)
    guardian.heard_at = NOON
    assert homes.answer(session, as_volunteer(child), member.id, yes=True, at=NOON).state is HomeState.MEMBER


def test_a_home_is_as_large_as_the_county_says(session, family):
    adopt_policy(session, SYSTEM, family.centre, PolicyKind.HOMES, {"most_members": 2}, valid_from=NOON, at=NOON)
    family.joined(family.other)
    with pytest.raises(Conflict, match="full"):
        homes.invite(session, family.me, family.third.number, at=NOON)
    with pytest.raises(Invalid):
        homes.invite(session, family.me, "WJ-9999-9999", at=NOON)


def test_the_head_hands_on_or_ends_it_and_only_the_head_takes_out(session, family):
    member, third = family.joined(family.other), family.joined(family.third)
    other = as_volunteer(family.other)
    with pytest.raises(Conflict, match="hand the household on"):
        homes.leave(session, family.me, at=NOON)
    for act in (lambda: homes.remove(session, other, third.id, at=NOON), lambda: homes.close(session, other, at=NOON)):
        with pytest.raises(NotFound):
            act()
    homes.hand_on(session, family.me, member.id, at=NOON)
    homes.leave(session, family.me, at=NOON)
    homes.remove(session, other, third.id, at=NOON)
    homes.remove(session, other, third.id, at=NOON)
    assert third.state is HomeState.LEFT
    homes.close(session, other, at=nights(1))
    assert family.home.closed_at
    assert homes.membership(session, family.other.id) is None


def test_minutes_count_from_the_day_of_joining_to_the_day_of_leaving_and_only_what_is_shown(session, family):
    book_minutes(session, family.head, 20)
    book_minutes(session, family.other, 100, day=date(2026, 3, 3))  # before joining
    family.joined(family.other)
    booked = book_minutes(session, family.other, 50, day=date(2026, 3, 9))
    book_minutes(session, family.other, 70, grade=Grade.D, day=date(2026, 3, 9))
    assert family.minutes() == 70
    book.reverse(session, booked, note="重复", at=NOON)
    assert family.minutes() == 20
    homes.leave(session, as_volunteer(family.other), at=nights(10))
    book_minutes(session, family.other, 500, day=date(2026, 3, 20))
    assert family.minutes() == 20
    assert counting_homes.own_minutes(session, family.home, family.head.id, MARCH, at=NOON) == 20
    assert counting_homes.own_minutes(session, family.home, family.other.id, MARCH, at=NOON) == 0


def test_a_month_is_written_once_from_the_15th_on_with_the_goal_of_the_county(session, family):
    adopt_policy(session, SYSTEM, family.centre, PolicyKind.HOMES, {"goal_minutes": 30}, valid_from=NOON, at=NOON)
    book_minutes(session, family.head, 45)
    assert counting_homes.close_months(session, datetime(2026, 4, 14, 4, tzinfo=UTC)) == 0
    assert counting_homes.close_months(session, SEVENTEENTH) == 1
    assert counting_homes.close_months(session, SEVENTEENTH) == 0
    (row,) = counting_homes.months_of(session, family.home.id)
    assert (row.month, row.minutes, row.goal, row.members) == (date(2026, 3, 1), 45, 30, 1)


def test_a_month_that_was_missed_is_written_before_the_next_one(session, family):
    book_minutes(session, family.head, 45)
    assert counting_homes.close_months(session, datetime(2026, 5, 3, 4, tzinfo=UTC)) == 1
    assert [(row.month, row.minutes) for row in counting_homes.months_of(session, family.home.id)] == [(date(2026, 3, 1), 45)]


def test_staff_see_sums_of_stations_and_a_share_only_of_enough_homes(session, family):
    book_minutes(session, family.head, 61)
    for number in range(5):
        volunteer = make.a_volunteer(session, family.station)
        homes.found(session, as_volunteer(volunteer), f"{number}家", family.station.id, at=NOON)
    beside = make.a_site(session, family.branch)
    homes.found(session, as_volunteer(family.other), "远家", beside.id, at=NOON)
    while counting_homes.close_months(session, SEVENTEENTH, batch=2):
        pass
    director = make.staff(session, Role.DIRECTOR, family.centre)
    found = {one.site.id: one for one in counting_homes.stations_in(session, director, MARCH)}
    first, second = found[family.station.id], found[beside.id]
    assert (first.homes, first.reached, round(first.share or 0, 3)) == (6, 1, 0.167)
    assert (second.homes, second.share) == (1, None)
    assert counting_homes.living(session, director) == 7
    assert counting_homes.written_months(session, director) == [MARCH.first]
    abroad, _, _ = make.a_county(session)
    assert counting_homes.stations_in(session, make.staff(session, Role.DIRECTOR, abroad), MARCH) == []


def test_somebody_who_says_yes_to_twelve_homes_at_once_is_in_one(database, keyring, at_once):
    with Session(database.engine, info={"keyring": keyring}) as session, write(session):
        _, _, station = make.a_county(session)
        wanted = as_volunteer(make.a_volunteer(session, station))
        tokens = []
        for number in range(12):
            head = as_volunteer(make.a_volunteer(session, station))
            homes.found(session, head, f"{number}家", station.id, at=NOON)
            tokens.append(homes.open_link(session, head, at=NOON))
    assert at_once([lambda s, token=token: homes.join(s, wanted, token, at=NOON) for token in tokens]) == {
        "done": 1,
        "refused": 11,
    }
    with Session(database.engine) as session:
        mine = HomeMember.person_id == wanted.user_id, HomeMember.state == HomeState.MEMBER
        assert session.scalar(select(func.count(HomeMember.id)).where(*mine)) == 1


def test_two_machines_that_write_the_months_write_each_once(database, keyring, at_once):
    with Session(database.engine, info={"keyring": keyring}) as session, write(session):
        _, _, station = make.a_county(session)
        for number in range(10):
            homes.found(session, as_volunteer(make.a_volunteer(session, station)), f"{number}家", station.id, at=NOON)
    at_once([lambda s: counting_homes.close_months(s, SEVENTEENTH, batch=5) for _ in range(8)])
    with Session(database.engine, info={"keyring": keyring}) as session, write(session):
        while counting_homes.close_months(session, SEVENTEENTH, batch=5):
            pass
        assert session.scalar(select(func.count(HomeMonth.home_id))) == 10
