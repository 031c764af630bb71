"""Points given to a neighbour, a wish, a pool: once, within limits, with their old dates, and back again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.builders import NOON, a_county, a_site, staff
from tests.support.pointing import a_rule, a_wish, earn, has, race, somebody
from volunteer.access import Role
from volunteer.administration.merging import merging
from volunteer.administration.merging.jobs import carry_on
from volunteer.administration.merging.merging import MergeDraft
from volunteer.kernel.db import write
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.ledger import ageing, queries, verify
from volunteer.ledger.lots import by_day
from volunteer.ledger.models import Unit
from volunteer.ledger.point_rules import Terms
from volunteer.ledger.rules import merchant, person, pool_of
from volunteer.messaging.models import Message
from volunteer.rewards.merchants.lifecycle import MerchantStatus
from volunteer.rewards.merchants.models import Merchant
from volunteer.rewards.points import giving, homes, jobs, wishing
from volunteer.rewards.points.lifecycle import WishState
from volunteer.rewards.points.models import PointGift
from volunteer.rewards.points.wishing import WishDraft
from volunteer.teams.models import Volunteer

DAY = timedelta(days=1)


@pytest.fixture
def county(session):
    return a_county(session)


@pytest.fixture
def rule(session, county):
    return a_rule(session, county[0], Terms(give_day=100, give_month=150, months=12, wish_most=500))


@pytest.fixture
def me(session, county, rule):
    return somebody(session, county[2], 200, rule=rule, name="陈试")


@pytest.fixture
def you(session, county):
    return somebody(session, county[1], role=Role.RESIDENT, name="李奶奶")


def ends_of(session, one):
    """How many of somebody's points run out on which day."""
    return {day: lot.points for (day, _), lot in by_day(ageing.lots_of(session, person(one.user_id))).items()}


def test_a_gift_arrives_once_and_the_neighbour_is_told(session, me, you):
    made = giving.give(session, me, you.user_id, 30, "a token of mine", at=NOON)
    assert giving.give(session, me, you.user_id, 30, "a token of mine", at=NOON + DAY).id == made.id
    with pytest.raises(Conflict):
        giving.give(session, me, you.user_id, 31, "a token of mine", at=NOON)
    assert (has(session, me), has(session, you)) == (170, 30)
    told = session.scalars(select(Message.template).where(Message.person_id == you.user_id)).all()
    assert told == ["points_given"]
    assert verify.findings(session) == []


def test_nobody_gives_to_oneself_too_much_nothing_or_abroad(session, county, me, you):
    for amount, field in ((101, "points"), (0, "points"), (-5, "points")):
        with pytest.raises(Invalid) as refusal:
            giving.give(session, me, you.user_id, amount, "token one", at=NOON)
        assert field in refusal.value.fields
    with pytest.raises(Invalid):
        giving.give(session, me, me.user_id, 5, "token two", at=NOON)
    abroad = somebody(session, a_county(session)[2])
    clerk = staff(session, Role.CLERK, county[2])
    for other in (abroad.user_id, clerk.user_id, 10**6):
        with pytest.raises(NotFound):
            giving.give(session, me, other, 5, f"token {other}", at=NOON)
    with pytest.raises(NotFound):
        giving.give(session, clerk, you.user_id, 5, "token of a clerk", at=NOON)
    with pytest.raises(Conflict):
        giving.give(session, you, me.user_id, 1, "token poor", at=NOON)


def test_limits_of_day_and_month_count_what_did_not_come_back(session, me, you):
    first = giving.give(session, me, you.user_id, 80, "token 1", at=NOON)
    assert giving.may_still_give(session, me, NOON) == 20
    giving.send_back(session, you, first.id, at=NOON)
    giving.give(session, me, you.user_id, 100, "token 2", at=NOON)
    giving.give(session, me, you.user_id, 50, "token 3", at=NOON + DAY)
    with pytest.raises(Invalid) as refusal:
        giving.give(session, me, you.user_id, 1, "token 4", at=NOON + 2 * DAY)
    assert refusal.value.context["left"] == 0
    assert giving.may_still_give(session, me, NOON + 40 * DAY) == 100


def test_points_do_not_get_younger_by_being_given_nor_by_coming_back(session, county, rule, me, you):
    earn(session, you.user_id, county[2], 40, rule, at=NOON + 60 * DAY)
    later = NOON + 90 * DAY
    gift = giving.give(session, me, you.user_id, 60, "token 1", at=later)
    there = [(lot.points, lot.runs_out) for lot in ageing.lots_of(session, person(you.user_id))]
    assert there == [(60, date(2027, 3, 31)), (40, date(2027, 5, 31))]
    giving.send_back(session, you, gift.id, at=later)
    assert giving.send_back(session, you, gift.id, at=later).returned_at == later
    assert ends_of(session, me) == {date(2027, 3, 31): 200}
    assert [lot.points for lot in ageing.lots_of(session, person(you.user_id))] == [40]


def test_only_the_receiver_sends_back_while_it_is_there(session, me, you):
    gift = giving.give(session, me, you.user_id, 60, "token 1", at=NOON)
    with pytest.raises(NotFound):
        giving.send_back(session, me, gift.id, at=NOON)
    giving.give(session, you, me.user_id, 1, "token 2", at=NOON)
    with pytest.raises(Conflict, match="not have so many"):
        giving.send_back(session, you, gift.id, at=NOON)
    with pytest.raises(Conflict, match="too long ago"):
        giving.send_back(session, you, gift.id, at=NOON + 40 * DAY)


def test_who_is_found_must_match_in_number_and_name(session, county, me, you):
    phone = "19911112222"
    neighbour = somebody(session, county[2], name="王小试", phone=phone)
    number = session.get_one(Volunteer, neighbour.user_id).number

    def found(typed, first, by=me):
        there = homes.found_by(session, by, typed, first, at=NOON)
        return there.id if there else None

    assert {found(phone, "王"), found(f" {number.lower()} ", "王"), found("199 1111 2222", "王小")} == {neighbour.user_id}
    assert {found(phone, "李"), found(phone, ""), found("19900009999", "王"), found("", "王"), found("-", "王")} == {None}
    assert found(phone, "王", somebody(session, a_county(session)[2])) is None
    somebody(session, county[2], name="王二试", phone=phone)
    assert found(phone, "王") is None  # two share it: it says nothing


def test_a_wish_is_filled_by_many_and_fulfilled_by_a_second_person(session, county, me, you):
    clerk, admin = staff(session, Role.CLERK, county[2]), staff(session, Role.SITE_ADMIN, county[1])
    draft = WishDraft(title="一床厚被子", points=90, until=date(2026, 4, 1))
    wish = wishing.post(session, clerk, county[2], draft, at=NOON)
    earn(session, you.user_id, county[2], 50)
    giving.give_to_wish(session, me, wish.id, 50, "token 1", at=NOON)
    giving.give_to_wish(session, me, wish.id, 50, "token 1", at=NOON)
    with pytest.raises(Invalid) as refusal:
        giving.give_to_wish(session, you, wish.id, 41, "token 2", at=NOON)
    assert refusal.value.context["left"] == 40
    with pytest.raises(Conflict):
        wishing.fulfil(session, admin, wish.id, None, "送到了", at=NOON)
    giving.give_to_wish(session, you, wish.id, 40, "token 3", at=NOON)
    assert (wish.state, wishing.gathered(session, [wish]), wishing.givers_of(session, wish)) == (WishState.FULL, {wish.id: 90}, 2)
    shop = Merchant(
        name="好日子超市", address="x", site_id=county[1].id, site_path=county[1].path, latitude=31.0, longitude=120.0,
        status=MerchantStatus.APPROVED, applied_at=NOON,
    )  # fmt: skip
    session.add(shop)
    session.flush()
    with pytest.raises(Conflict, match="Somebody else"):
        wishing.fulfil(session, clerk, wish.id, shop.id, "送到了", at=NOON)
    for _ in range(2):
        wishing.fulfil(session, admin, wish.id, shop.id, "送到了", at=NOON)
    assert (wish.state, queries.balance(session, merchant(shop.id), Unit.POINTS)) == (WishState.FULFILLED, 90)
    told = session.scalars(select(Message.person_id).where(Message.template == "wish_fulfilled")).all()
    assert sorted(told) == sorted([me.user_id, you.user_id])
    with pytest.raises(Conflict):
        wishing.cancel(session, admin, wish.id, "不要了", at=NOON)
    assert verify.findings(session) == []


def test_a_wish_taken_back_gives_everybody_theirs_with_old_dates(session, county, rule, me, you):
    wish = a_wish(session, county[2])
    earn(session, you.user_id, county[2], 10, rule, at=NOON + 60 * DAY)
    before = [ends_of(session, one) for one in (me, you)]
    giving.give_to_wish(session, me, wish.id, 20, "token 1", at=NOON)
    giving.give_to_wish(session, me, wish.id, 30, "token 2", at=NOON)
    giving.give_to_wish(session, you, wish.id, 10, "token 3", at=NOON)
    assert jobs.end_wishes(session, NOON + 30 * DAY) == 0
    assert jobs.end_wishes(session, NOON + 32 * DAY) == 1
    assert jobs.end_wishes(session, NOON + 32 * DAY) == 0
    assert (wish.state, has(session, me), has(session, you)) == (WishState.CANCELLED, 200, 10)
    assert [ends_of(session, one) for one in (me, you)] == before
    with pytest.raises(Conflict):
        giving.give_to_wish(session, me, wish.id, 1, "token 9", at=NOON)
    assert verify.findings(session) == []


def test_what_comes_back_to_a_giver_who_was_merged_meanwhile_keeps_its_days(session, county, rule, me, you):
    twin = somebody(session, county[2], 60, rule=rule, name="陈试")
    wish, before = a_wish(session, county[2]), ends_of(session, twin)
    giving.give_to_wish(session, twin, wish.id, 20, "token 1", at=NOON)
    gift = giving.give(session, twin, you.user_id, 15, "token 2", at=NOON)
    admin = staff(session, Role.SITE_ADMIN, county[0])
    merging.merge(session, admin, MergeDraft(me.user_id, twin.user_id, "同一个人"), at=NOON + DAY)
    session.flush()
    jobs.end_wishes(session, NOON + 32 * DAY)
    gift.at = NOON + 30 * DAY
    giving.send_back(session, you, gift.id, at=NOON + 32 * DAY)
    assert carry_on(session, NOON + 33 * DAY) == 1
    assert (has(session, me), has(session, twin), has(session, you)) == (260, 0, 0)
    assert set(ends_of(session, me)) == set(before)
    assert verify.findings(session) == []


def test_a_wish_names_nobody_and_is_posted_where_one_may(session, county, rule):
    clerk = staff(session, Role.CLERK, county[2])
    bad = WishDraft(title="给 13800001234 送米", points=501, until=NOON.date())
    with pytest.raises(Invalid) as refusal:
        wishing.post(session, clerk, county[2], bad, at=NOON)
    assert set(refusal.value.fields) == {"title", "points", "until"}
    good = WishDraft(title="十斤米", points=50, until=date(2026, 4, 1))
    with pytest.raises(NotFound):
        wishing.post(session, clerk, a_site(session), good, at=NOON)
    with pytest.raises(Forbidden):
        wishing.post(session, staff(session, Role.DISPATCHER, county[2]), county[2], good, at=NOON)


def test_a_pool_takes_what_is_given(session, county, me):
    for _ in range(2):
        giving.give_to_pool(session, me, county[1].id, 25, "token 1", at=NOON)
    assert (has(session, me), queries.balance(session, pool_of(county[1].id), Unit.POINTS)) == (175, 25)
    with pytest.raises(NotFound):
        giving.give_to_pool(session, me, a_county(session)[0].id, 5, "token 2", at=NOON)


def test_the_last_points_are_given_once_and_a_form_sent_eight_times_gives_once(database, keyring):
    with Session(database.engine) as session, write(session):
        session.info["keyring"] = keyring
        county = a_county(session)
        rule = a_rule(session, county[0])
        me, you = somebody(session, county[2], 50, rule=rule), somebody(session, county[2], 50, rule=rule)
        wish = a_wish(session, county[2], 60)
        number = wish.id

    def to(token, amount=50, giver=me, taker=you):
        return lambda session: giving.give(session, giver, taker.user_id, amount, token, at=NOON)

    assert race(database, keyring, [to(f"token {n}") for n in range(6)]) == ["balance_too_low"] * 5 + ["done"]
    assert race(database, keyring, [to("one form", 10, you, me)] * 8) == ["done"] * 8
    crosswise = [to(f"there {n}", 1, me, you) for n in range(4)] + [to(f"back {n}", 1, you, me) for n in range(4)]
    assert race(database, keyring, crosswise) == ["done"] * 8
    fill = [lambda session, n=n: giving.give_to_wish(session, you, number, 30, f"wish {n}", at=NOON) for n in range(4)]
    assert sorted(race(database, keyring, fill)) == ["done", "done", "wish_closed", "wish_closed"]
    with Session(database.engine) as session:
        assert (has(session, me), has(session, you)) == (10, 30)
        assert len(session.scalars(select(PointGift)).all()) == 12
        assert verify.findings(session) == []


def test_wishes_come_a_page_at_a_time_and_what_is_over_the_newest_first(session, county):
    day = NOON.date()
    for number in range(wishing.PAGE + 2):
        a_wish(session, county[2], title=str(number), until=day + number * DAY)
    last = a_wish(session, county[2], title="full", until=day + 999 * DAY, state=WishState.FULL)
    over = [a_wish(session, county[2], state=WishState.FULFILLED, ended_at=NOON + number * DAY) for number in range(3)]
    paths, wanted = [county[0].path], [WishState.OPEN, WishState.FULL]
    first, more = wishing.wishes_at(session, paths, wanted)
    second, end = wishing.wishes_at(session, paths, wanted, 2)
    assert ([one.title for one in (*first, *second)], more, end) == ([*map(str, range(wishing.PAGE + 2)), "full"], True, False)
    assert wishing.wishes_at(session, paths, wanted, full_first=True)[0][0] is last
    assert list(wishing.wishes_at(session, paths, [WishState.FULFILLED])[0]) == over[::-1]
