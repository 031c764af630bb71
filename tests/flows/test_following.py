"""A low rating waits for its follow-up; whether it is really solved is asked once, and "no" opens the same order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.support.builders import NOON, a_county, a_team, an_item, an_order, staff
from volunteer.access import Role, link_holder
from volunteer.feedback.models import Case
from volunteer.insights import week
from volunteer.orders.afterwards import following, later
from volunteer.orders.afterwards.models_later import ReallySolved
from volunteer.orders.afterwards.solved import say_solved
from volunteer.orders.jobs import ask_really_solved
from volunteer.orders.lifecycle import Status
from volunteer.orders.rating import RatingDraft, rate_order

DAY = timedelta(days=1)


@pytest.fixture
def served(session):
    centre, _, station = a_county(session)
    order = an_order(session, station, item=an_item(session, centre), status=Status.SERVED, served_at=NOON)
    order.team, order.recorded_at = a_team(session, station), NOON
    session.flush()
    return order


def rate(session, order, stars, words=""):
    draft = RatingDraft(stars=stars, words=words)
    rate_order(session, link_holder(order.id, order.site_path), order.id, draft, at=NOON)


def test_a_low_rating_counts_and_shows_once_its_follow_up_is_closed(session, served):
    rate(session, served, 1, "来晚了")
    case = session.scalars(select(Case).where(Case.about == f"order:{served.id}")).one()
    assert (case.words, following.shows(served.rating), following.words_of(served.rating)) == ("来晚了", False, "")
    for _ in range(2):
        following.close(session, staff(session, Role.DISPATCHER, served.desk), case.id, "谈过了", at=NOON + DAY)
    session.refresh(served.team)
    assert (served.team.rating_count, following.words_of(served.rating)) == (1, "来晚了")


def test_words_that_name_somebody_are_held_back_although_the_stars_count(session, served):
    rate(session, served, 5, "谢谢，我电话13800000001")
    assert (following.shows(served.rating), following.words_of(served.rating)) == (True, "")


def test_whether_it_is_solved_is_asked_once_and_no_opens_the_same_order(session, served):
    rate(session, served, 5)
    assert (ask_really_solved(session, NOON + 13 * DAY), ask_really_solved(session, NOON + 14 * DAY)) == (0, 1)
    assert ask_really_solved(session, NOON + 15 * DAY) == 0
    assert later.open_question(session, served) is not None
    say_solved(session, link_holder(served.id, served.site_path), served.id, False, "又坏了", at=NOON + 15 * DAY)
    assert (served.status, session.scalars(select(ReallySolved.solved)).one()) == (Status.VERIFIED, False)


def test_a_rating_that_is_followed_up_is_in_no_figure_of_an_overview(session, served):
    rate(session, served, 1, "来晚了")
    session.flush()
    assert week.concerns(session, ["/"], at=NOON + DAY).low == []
    case = session.scalars(select(Case)).one()
    following.close(session, staff(session, Role.DISPATCHER, served.desk), case.id, "谈过了", at=NOON + DAY)
    session.flush()
    assert [one.stars for one in week.concerns(session, ["/"], at=NOON + DAY).low] == [1]
