"""评单: who may, what it counts for the team, what silence does, and how "not solved" opens the same order again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.support.builders import NOON, a_county, a_site, a_team, a_volunteer, an_actor, an_item, an_order, staff
from volunteer.access import NOBODY, Role, link_holder
from volunteer.attendance.models import Attendance, Method
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.ledger.models import Grade, Transfer
from volunteer.orders.jobs import close_silent, show_ratings
from volunteer.orders.lifecycle import Action, Status
from volunteer.orders.models import Visitor
from volunteer.orders.models_rating import RatedBy
from volunteer.orders.rating import RatingDraft, rate_order, reopen

DAY = timedelta(days=1)


@pytest.fixture
def served(session):
    centre, _, station = a_county(session)
    order = an_order(session, station, item=an_item(session, centre), status=Status.SERVED, served_at=NOON, due_at=NOON + 7 * DAY)
    order.team = a_team(session, station)
    order.recorded_at = NOON
    session.flush()
    return order


def holder(order):
    return link_holder(order.id, order.site_path)


def counted(session, order):
    session.refresh(order.team)
    return order.team.rating_sum, order.team.rating_count


@pytest.mark.parametrize(("stars", "share"), [(3, 0.5), (4, 0.75), (5, 1.0)])
def test_stars_close_the_order_and_count_for_the_team(session, served, stars, share):
    rate_order(session, holder(served), served.id, RatingDraft(stars=stars, tags=("tidy", "on_time"), words="谢谢"), at=NOON)
    assert (served.status, served.closed_at, served.rating.tags) == (Status.CLOSED, NOON, ["on_time", "tidy"])
    assert served.rating.words == "谢谢"
    assert counted(session, served) == (share, 1)


def test_how_the_rating_came_is_kept(session, served):
    clerk = staff(session, Role.CLERK, served.site)
    by = {
        RatedBy.LINK: (holder(served), False),
        RatedBy.CODE: (holder(served), True),
        RatedBy.ACCOUNT: (an_actor(served.resident, (Role.RESIDENT, "/")), False),
        RatedBy.CLERK: (clerk, False),
    }
    for kind, (actor, by_code) in by.items():
        with session.begin_nested() as undone:
            rate_order(session, actor, served.id, RatingDraft(stars=4, by_code=by_code), at=NOON)
            assert served.rating.by is kind
            assert served.rating.clerk_id == (clerk.user_id if kind is RatedBy.CLERK else None)
            undone.rollback()


def test_the_same_rating_twice_counts_once_and_another_one_is_refused(session, served):
    for _ in range(2):
        rate_order(session, holder(served), served.id, RatingDraft(stars=5), at=NOON)
    with pytest.raises(Conflict):
        rate_order(session, holder(served), served.id, RatingDraft(stars=1), at=NOON)
    assert counted(session, served) == (1.0, 1)


@pytest.mark.parametrize("stars", [0, 6, -1])
def test_there_are_one_to_five_stars(session, served, stars):
    with pytest.raises(Invalid):
        rate_order(session, holder(served), served.id, RatingDraft(stars=stars), at=NOON)


def test_nobody_rates_what_was_not_served_or_is_not_theirs(session, served):
    centre = served.site.parent.parent
    strangers = {NOBODY: NotFound, staff(session, Role.CLERK, a_site(session, centre)): NotFound}
    strangers[staff(session, Role.DIRECTOR, centre)] = Forbidden
    for stranger, refusal in strangers.items():
        with pytest.raises(refusal):
            rate_order(session, stranger, served.id, RatingDraft(stars=5), at=NOON)
    early = an_order(session, served.site, status=Status.ACCEPTED)
    with pytest.raises(Conflict):
        rate_order(session, holder(early), early.id, RatingDraft(stars=5), at=NOON)


def test_silence_closes_after_the_centres_days_without_inventing_a_rating(session, served):
    assert close_silent(session, NOON + 6 * DAY) == 0
    assert close_silent(session, NOON + 7 * DAY) == 1
    assert close_silent(session, NOON + 7 * DAY) == 0
    assert (served.status, served.rating) == (Status.CLOSED, None)
    assert counted(session, served) == (0.0, 0)


def test_who_was_silent_may_still_rate_while_the_order_could_be_reopened(session, served):
    close_silent(session, NOON + 7 * DAY)
    rate_order(session, holder(served), served.id, RatingDraft(stars=4), at=NOON + 8 * DAY)
    assert served.rating.stars == 4
    other = an_order(session, served.site, status=Status.CLOSED, served_at=NOON, closed_at=NOON)
    with pytest.raises(Conflict):
        rate_order(session, holder(other), other.id, RatingDraft(stars=4), at=NOON + 60 * DAY)


@pytest.mark.parametrize("status", [Status.SERVED, Status.CLOSED, Status.UNMET])
def test_not_solved_opens_the_same_order_for_another_team(session, served, status):
    order = an_order(session, served.site, item=served.item, status=status, closed_at=NOON)
    for _ in range(2):
        reopen(session, holder(order), order.id, "又坏了", at=NOON + DAY)
    assert (order.status, order.team, order.served_at) == (Status.VERIFIED, None, None)
    assert (order.events[-1].what, order.events[-1].note) == (Action.REOPEN, "")
    assert order.words == "又坏了"  # sealed, and not in the diary
    assert order.due_at > NOON + DAY


def test_not_solved_has_its_days(session, served):
    order = an_order(session, served.site, status=Status.CLOSED, closed_at=NOON)
    with pytest.raises(Conflict):
        reopen(session, holder(order), order.id, "", at=NOON + 31 * DAY)


def test_whoever_served_keeps_the_minutes_when_the_order_is_reopened_before_the_record(session, served):
    volunteer = a_volunteer(session, served.site)
    served.recorded_at = None
    served.crew.append(Visitor(volunteer_id=volunteer.id))
    session.add(
        Attendance(
            about=f"order:{served.id}", volunteer_id=volunteer.id, came_at=NOON - timedelta(hours=1), came_by=Method.CODE,
            left_at=NOON, left_by=Method.CODE, grade=Grade.B,
        )
    )  # fmt: skip
    session.flush()
    reopen(session, holder(served), served.id, "", at=NOON + DAY)
    assert session.scalars(select(Transfer.amount)).all() == [60]


def test_a_reopened_order_is_rated_again_and_both_ratings_count(session, served):
    team = served.team
    rate_order(session, holder(served), served.id, RatingDraft(stars=1), at=NOON)
    reopen(session, holder(served), served.id, "", at=NOON + DAY)
    for action in (Action.OFFER, Action.ACCEPT, Action.CHECK_IN, Action.CHECK_OUT):
        served.advance(action, an_actor(), NOON + 2 * DAY)
    served.team, served.served_at = team, NOON + 2 * DAY
    session.flush()
    rate_order(session, holder(served), served.id, RatingDraft(stars=5), at=NOON + 2 * DAY)
    assert served.rating.stars == 5
    assert counted(session, served) == (1.0, 1)  # the first is still followed up
    assert show_ratings(session, NOON + 15 * DAY) == 1
    assert counted(session, served) == (1.0, 2)
