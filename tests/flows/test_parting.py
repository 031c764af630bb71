"""One order in parts for two teams: split, served apart, rated in one go, withdrawn together, put together again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.support.builders import NOON, a_county, a_team, an_item, an_order, leader_of, staff
from volunteer.access import Role, link_holder
from volunteer.attendance.evidence import Proof
from volunteer.insights.counting import count
from volunteer.insights.periods import Period, Span
from volunteer.kernel.clock import zone_of
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.messaging.models import Channel, Message
from volunteer.orders import accepting, changing, dispatching, placing, queries, rating, serving
from volunteer.orders.jobs import close_silent
from volunteer.orders.lifecycle import Status
from volunteer.orders.parts import wholes
from volunteer.orders.parts.parting import merge_parts, rate_parts, split_order
from volunteer.orders.parts.parting_rules import PartDraft
from volunteer.orders.rating import RatingDraft
from volunteer.places.models import Site

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def town(session):
    centre, branch, station = a_county(session)
    carry, lamp = an_item(session, centre, name="搬衣柜", skills=()), an_item(session, centre, name="修灯")
    order = an_order(session, station, item=lamp, status=Status.VERIFIED, verified_at=NOON)
    order.words, order.secret = "搬衣柜，灯也坏了", "secret-of-the-whole"
    order.secret_hash = placing.hash_secret("secret-of-the-whole")
    boss = staff(session, Role.DISPATCHER, branch)
    session.flush()
    drafts = [PartDraft(carry.id, "衣柜从一楼搬到三楼"), PartDraft(lamp.id)]
    return order, boss, drafts, a_team(session, station), a_team(session, station)


def told(session, template, channel=Channel.IN_APP):
    return session.scalars(select(Message).where(Message.template == template, Message.channel == channel)).all()


def resident(order):
    return link_holder(order.id, order.site_path)


def take(session, boss, part, team):
    (offer,) = dispatching.offer_to(session, boss, part.id, [team.id], at=NOON)
    accepting.accept_offer(session, leader_of(session, team), offer.id, at=NOON)


def serve(session, part, team, hours=1):
    leader = leader_of(session, team)
    accepting.choose_members(session, leader, part.id, [leader.user_id], NOON + HOUR, at=NOON)
    serving.set_out(session, leader, part.id, at=NOON + HOUR)
    serving.check_in(session, leader, part.id, Proof(code=part.start_code), at=NOON + HOUR)
    serving.check_out(session, leader, part.id, Proof(code=part.start_code), at=NOON + (1 + hours) * HOUR)


@pytest.fixture
def in_parts(session, town):
    order, boss, drafts, *teams = town
    split_order(session, boss, order.id, drafts, at=NOON)
    return order, boss, order.parts, teams


def test_each_part_is_an_order_of_its_own_at_the_same_desk(session, town):
    order, boss, drafts, *_ = town
    split_order(session, boss, order.id, drafts, at=NOON)
    split_order(session, boss, order.id, drafts, at=NOON)  # the button pressed twice
    first, second = order.parts
    assert order.status is Status.IN_PARTS
    assert [part.item.name for part in order.parts] == ["搬衣柜", "修灯"]
    assert (first.words, second.words) == ("衣柜从一楼搬到三楼", "搬衣柜，灯也坏了")
    assert {part.status for part in order.parts} == {Status.VERIFIED}
    assert first.desk_path == order.desk_path
    assert first.door == order.door
    assert len({order.number, first.number, second.number}) == 3
    assert len(told(session, "order_in_parts")) == 1


def test_what_is_wrong_with_the_parts_is_said_beside_each(session, town):
    order, boss, drafts, *_ = town
    wrong = [drafts[0], PartDraft(None, "也要修灯", NOON + HOUR, NOON)]
    with pytest.raises(Invalid) as refused:
        split_order(session, boss, order.id, wrong, at=NOON)
    assert set(refused.value.fields) == {"item-2", "when-2"}
    with pytest.raises(Invalid) as refused:
        split_order(session, boss, order.id, drafts[:1], at=NOON)
    assert set(refused.value.fields) == {"parts"}


def test_a_part_is_not_split_again_and_another_county_sees_nothing(session, in_parts):
    _, boss, parts, _ = in_parts
    drafts = [PartDraft(parts[0].item_id), PartDraft(parts[0].item_id)]
    with pytest.raises(Conflict, match="part already"):
        split_order(session, boss, parts[0].id, drafts, at=NOON)
    stranger = staff(session, Role.DISPATCHER, a_county(session)[0])
    with pytest.raises(NotFound):
        split_order(session, stranger, parts[0].id, drafts, at=NOON)


def test_two_teams_serve_and_the_resident_rates_both_in_one_go(session, in_parts):
    order, boss, parts, teams = in_parts
    for part, team in zip(parts, teams, strict=True):
        take(session, boss, part, team)
    assert parts[0].start_code
    serve(session, parts[0], teams[0])
    assert (order.status, len(told(session, "please_rate", Channel.SMS))) == (Status.IN_PARTS, 0)
    serve(session, parts[1], teams[1], hours=2)
    assert (order.status, order.served_at, len(told(session, "please_rate", Channel.SMS))) == (Status.SERVED, NOON + 3 * HOUR, 1)

    with pytest.raises(Invalid) as refused:
        rate_parts(session, resident(order), order.id, {1: RatingDraft(stars=5)}, at=NOON + DAY)
    assert set(refused.value.fields) == {"stars-2"}
    with pytest.raises(Conflict):
        rating.rate_order(session, resident(order), order.id, RatingDraft(stars=5), at=NOON + DAY)
    rate_parts(session, resident(order), order.id, {1: RatingDraft(stars=5), 2: RatingDraft(stars=4)}, at=NOON + DAY)
    assert {order.status, *(part.status for part in parts)} == {Status.CLOSED}
    assert [part.rating.stars for part in parts] == [5, 4]
    assert order.rating is None
    assert order.solved_ask_at is not None
    assert all(part.solved_ask_at is None for part in parts)


def test_messages_name_the_number_that_the_resident_knows(session, in_parts):
    order, boss, parts, teams = in_parts
    take(session, boss, parts[0], teams[0])
    (message,) = [one for one in told(session, "order_taken") if one.about == f"order:{parts[0].id}"]
    assert message.params["number"] == f"{order.number} · 搬衣柜"


def test_silence_closes_the_whole_with_its_parts_without_a_rating(session, in_parts):
    order, boss, parts, teams = in_parts
    for part, team in zip(parts, teams, strict=True):
        take(session, boss, part, team)
        serve(session, part, team)
    assert close_silent(session, order.due_at + DAY) == 1
    assert {order.status, *(part.status for part in parts)} == {Status.CLOSED}
    assert all(part.rating is None for part in parts)


def test_the_whole_takes_all_its_parts_with_it_when_it_is_withdrawn(session, in_parts):
    order, boss, parts, teams = in_parts
    take(session, boss, parts[0], teams[0])
    changing.withdraw_order(session, resident(order), order.id, "", at=NOON + HOUR)
    assert {order.status, *(part.status for part in parts)} == {Status.WITHDRAWN}
    told_about = [one.about for one in told(session, "order_withdrawn") if one.person_id == order.resident_id]
    assert told_about == [f"order:{order.id}"]


def test_nothing_is_withdrawn_while_a_team_is_at_work(session, in_parts):
    order, boss, parts, teams = in_parts
    take(session, boss, parts[0], teams[0])
    leader = leader_of(session, teams[0])
    accepting.choose_members(session, leader, parts[0].id, [leader.user_id], NOON + HOUR, at=NOON)
    serving.check_in(session, leader, parts[0].id, Proof(code=parts[0].start_code), at=NOON + HOUR)
    with pytest.raises(Conflict, match="at work"):
        changing.withdraw_order(session, resident(order), order.id, "", at=NOON + HOUR)


def test_one_part_can_be_withdrawn_and_the_other_is_still_done(session, in_parts):
    order, boss, parts, teams = in_parts
    changing.withdraw_order(session, resident(order), parts[1].id, "", at=NOON)
    assert order.status is Status.IN_PARTS
    take(session, boss, parts[0], teams[0])
    serve(session, parts[0], teams[0])
    assert order.status.value == "served"
    rate_parts(session, resident(order), order.id, {1: RatingDraft(stars=5)}, at=NOON + DAY)
    assert (order.status, parts[1].status) == (Status.CLOSED, Status.WITHDRAWN)


def test_with_nobody_found_for_any_part_the_whole_is_unmet(session, in_parts):
    order, boss, parts, _ = in_parts
    for part in parts:
        dispatching.give_up(session, boss, part.id, "没有人", at=NOON)
    assert (order.status, order.reason, order.closed_at) == (Status.UNMET, "没有人", NOON)


def test_parts_are_put_together_again_while_nobody_has_said_yes(session, in_parts):
    order, boss, parts, teams = in_parts
    dispatching.offer_to(session, boss, parts[0].id, [teams[0].id], at=NOON)
    merge_parts(session, boss, order.id, at=NOON)
    merge_parts(session, boss, order.id, at=NOON)
    assert (order.status, order.in_parts, order.parts) == (Status.VERIFIED, 0, ())
    assert {part.status for part in order.all_parts} == {Status.WITHDRAWN}
    assert len(told(session, "offer_recalled")) == 1


def test_parts_stay_once_a_team_has_said_yes(session, in_parts):
    order, boss, parts, teams = in_parts
    take(session, boss, parts[0], teams[0])
    with pytest.raises(Conflict, match="said yes"):
        merge_parts(session, boss, order.id, at=NOON)


def test_a_part_that_is_not_solved_opens_the_whole_again(session, in_parts):
    order, boss, parts, teams = in_parts
    for part, team in zip(parts, teams, strict=True):
        take(session, boss, part, team)
        serve(session, part, team)
    rate_parts(session, resident(order), order.id, {1: RatingDraft(stars=5), 2: RatingDraft(stars=5)}, at=NOON + DAY)
    with pytest.raises(Conflict, match="open the part"):
        rating.reopen(session, resident(order), order.id, "", at=NOON + DAY)
    rating.reopen(session, resident(order), parts[1].id, "灯又不亮了", at=NOON + DAY)
    assert (order.status, parts[0].status, parts[1].status) == (Status.IN_PARTS, Status.CLOSED, Status.VERIFIED)


def test_the_link_of_the_whole_opens_its_parts_and_nothing_else(session, in_parts):
    order, _, parts, _ = in_parts
    assert queries.order_by_secret(session, "secret-of-the-whole.2").id == parts[1].id
    for wrong in ("secret-of-the-whole.3", "secret-of-the-whole.", "secret-of-the-whole.0", "other.1", ".1"):
        with pytest.raises(NotFound):
            queries.order_by_secret(session, wrong)
    assert [one.id for one in queries.orders_of(session, order.resident_id)] == [order.id]


def test_figures_count_the_parts_and_not_the_whole(session, in_parts):
    order, boss, _, _ = in_parts
    centre = session.get(Site, int(order.site_path.split("/")[1]))

    def asked():
        month = Period(Span.MONTH, order.placed_at.date().replace(day=1), (NOON + 40 * DAY).date())
        return count(session, centre, [], month, zone_of(session), at=NOON).total.now.asked

    assert asked() == 2
    merge_parts(session, boss, order.id, at=NOON)
    assert asked() == 1


def test_another_order_is_nobodys_part(session, town):
    order, boss, *_ = town
    wholes.after_part(session, order, boss, at=NOON)
    assert order.status is Status.VERIFIED


def test_a_whole_is_given_up_part_by_part(session, in_parts):
    order, boss, *_ = in_parts
    with pytest.raises(Conflict, match="in parts"):
        dispatching.give_up(session, boss, order.id, "没有人", at=NOON)


def test_that_they_came_is_said_of_every_part(session, in_parts):
    order, boss, parts, teams = in_parts
    for part, team in zip(parts, teams, strict=True):
        take(session, boss, part, team)
        serve(session, part, team)
    changing.confirm_service(session, resident(order), order.id, at=NOON + DAY)
    assert all(one.confirmed_at == NOON + DAY for one in (order, *parts))
