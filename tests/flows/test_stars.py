"""授星 on both databases: hours propose, people award, notices hang, doubts are heard, awards are revoked and never deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.recognising import Stars, as_volunteer, book_minutes, nights, review_all
from volunteer.access import SYSTEM, Role
from volunteer.audit.models import AuditEntry
from volunteer.kernel.db import write
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.ledger import book
from volunteer.ledger.models import Grade
from volunteer.messaging.models import Message
from volunteer.places.adopting import adopt_policy
from volunteer.places.models import PolicyKind
from volunteer.recognition import awarding, naming, reviewing
from volunteer.recognition.lifecycle import EligibilityState
from volunteer.recognition.models import AwardState, DoubtKind, Eligibility, StarAward, StarDoubt, StarReview, StarStanding
from volunteer.teams.models import Standing


@pytest.fixture
def stars(session: Session) -> Stars:
    return Stars(session)


def told(session: Session, person_id: int) -> list[str]:
    return list(session.scalars(select(Message.template).where(Message.person_id == person_id).order_by(Message.id)))


def given(stars: Stars) -> StarAward:
    return awarding.award(stars.session, stars.admin, stars.proposed().id, stars.site.id, at=NOON)


def test_hours_propose_a_star_and_award_none(session, stars):
    row = stars.proposed()
    assert (row.stars, row.minutes, row.policy_version) == (1, 6_000, "stars:0")
    assert session.scalar(select(func.count(StarAward.id))) == 0
    standing = session.get(StarStanding, stars.volunteer.id)
    assert (standing.minutes, standing.stars) == (6_000, 1)


def test_one_night_looks_at_everybody_once_in_small_batches_and_the_next_night_proposes_nothing_twice(session, stars):
    for _ in range(7):
        make.a_volunteer(session, stars.station)
    assert review_all(session) == 8
    assert review_all(session) == 0
    night = session.scalars(select(StarReview)).one()
    assert (night.looked_at, night.found) == (8, 1)
    found = stars.proposals()[0].found_at
    assert review_all(session, nights(1)) == 8
    assert [row.found_at for row in stars.proposals()] == [found]


def test_what_is_written_in_afterwards_counts_only_where_the_centre_says_so(session, stars):
    late = make.a_volunteer(session, stars.station)
    book_minutes(session, late, 6_000, grade=Grade.D)
    review_all(session)
    assert session.get(StarStanding, late.id) is None
    adopt_policy(session, SYSTEM, stars.centre, PolicyKind.EVIDENCE, {"stars": "d"}, valid_from=NOON, at=NOON)
    review_all(session, nights(1))
    assert session.get(StarStanding, late.id).stars == 1


def test_thresholds_of_a_later_day_hold_from_that_day_and_only_a_centre_sets_them(session, stars):
    with pytest.raises(Invalid) as refused:
        adopt_policy(session, SYSTEM, stars.branch, PolicyKind.STARS, {"one": 60}, valid_from=NOON, at=NOON)
    assert "site" in refused.value.fields
    values = {"one": 12_000, "two": 24_000}
    adopt_policy(session, SYSTEM, stars.centre, PolicyKind.STARS, values, valid_from=nights(2), at=NOON)
    stars.proposed()
    review_all(session, nights(3))
    assert [row.state for row in stars.proposals()] == [EligibilityState.LAPSED]


def test_only_the_highest_star_is_proposed(session, stars):
    stars.proposed()
    book_minutes(session, stars.volunteer, 30_000)
    review_all(session, nights(1))
    assert [(row.stars, row.state) for row in stars.proposals()] == [
        (1, EligibilityState.LAPSED), (3, EligibilityState.PROPOSED),
    ]  # fmt: skip


def test_an_award_has_a_body_a_day_and_a_notice_and_the_volunteer_is_told(session, stars):
    made = given(stars)
    assert made.state is AwardState.NOTICE
    assert (made.stars, made.site, made.needed, made.evidence) == (1, stars.centre, 6_000, Grade.C)
    assert (made.notice_until - made.notice_from).days == 7
    assert made.public is False
    assert made.number.startswith("X2603-")
    assert stars.proposals()[0].state is EligibilityState.AWARDED
    assert told(session, stars.volunteer.id) == ["star_awarded"]
    assert session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.action == "star_awarded")) == 1
    assert awarding.award(session, stars.admin, stars.proposals()[0].id, stars.site.id, at=NOON) is made
    review_all(session, nights(1))
    assert [row.state for row in stars.proposals()] == [EligibilityState.AWARDED]


def test_a_colleague_who_comes_second_hears_so(session, stars):
    given(stars)
    with pytest.raises(Conflict, match="already"):
        awarding.award(session, stars.other, stars.proposals()[0].id, stars.site.id, at=NOON)


def test_hours_are_counted_once_more_before_a_star_is_given(session, stars):
    row = stars.proposed()
    booked = book_minutes(session, stars.volunteer, 1)
    book.reverse(session, booked, note="试", at=NOON)
    first = session.get_one(type(booked), booked.id - 1)
    book.reverse(session, first, note="买来的时长", at=NOON)
    with pytest.raises(Conflict, match="no longer reach"):
        awarding.award(session, stars.admin, row.id, stars.site.id, at=NOON)


def test_who_left_is_neither_proposed_nor_awarded(session, stars):
    row = stars.proposed()
    stars.volunteer.standing = Standing.LEFT
    with pytest.raises(Conflict, match="no longer registered"):
        awarding.award(session, stars.admin, row.id, stars.site.id, at=NOON)
    review_all(session, nights(1))
    assert row.state is EligibilityState.LAPSED


def test_nobody_awards_themselves_or_for_another_place(session, stars):
    row = stars.proposed()
    me = make.an_actor(stars.volunteer.person, (Role.SITE_ADMIN, stars.centre))
    with pytest.raises(Conflict, match="themselves"):
        awarding.award(session, me, row.id, stars.site.id, at=NOON)
    abroad, _, _ = make.a_county(session)
    with pytest.raises(NotFound):
        awarding.award(session, make.staff(session, Role.SITE_ADMIN, abroad), row.id, abroad.id, at=NOON)
    with pytest.raises(Forbidden):
        awarding.award(session, make.staff(session, Role.CLERK, stars.station), row.id, stars.station.id, at=NOON)
    beside = make.a_site(session, stars.centre)
    with pytest.raises(Invalid):
        awarding.award(session, stars.admin, row.id, beside.id, at=NOON)


def test_many_are_awarded_in_one_go_and_one_refusal_leaves_the_others(session, stars):
    more = [make.a_volunteer(session, stars.station) for _ in range(3)]
    for one in more:
        book_minutes(session, one, 6_000)
    stars.proposed()
    more[1].standing = Standing.CLOSED
    ids = list(session.scalars(select(Eligibility.id)))
    outcomes = awarding.award_many(session, stars.admin, ids, stars.site.id, at=NOON)
    assert [outcome.award is not None for outcome in outcomes] == [True, True, False, True]
    assert [outcome.refusal.code for outcome in outcomes if outcome.refusal] == ["not_active"]
    for wrong in ([], list(range(101))):
        with pytest.raises(Invalid):
            awarding.award_many(session, stars.admin, wrong, stars.site.id, at=NOON)


def test_what_was_put_aside_is_proposed_again_only_by_a_person(session, stars):
    row = stars.proposed()
    with pytest.raises(Invalid):
        awarding.put_aside(session, stars.admin, [row.id], " ", at=NOON)
    awarding.put_aside(session, stars.admin, [row.id], "先核实材料", at=NOON)
    review_all(session, nights(1))
    assert row.state is EligibilityState.ASIDE
    with pytest.raises(Conflict):
        awarding.award(session, stars.admin, row.id, stars.site.id, at=NOON)
    awarding.take_up(session, stars.other, row.id, at=NOON)
    assert row.state.value == "proposed"


def test_an_award_stands_when_the_notice_is_over(session, stars):
    made = given(stars)
    assert awarding.end_notices(session, nights(7)) == 0
    assert awarding.end_notices(session, nights(8)) == 1
    assert made.state is AwardState.STANDS
    assert awarding.end_notices(session, nights(9)) == 0
    assert told(session, stars.volunteer.id) == ["star_awarded", "star_stands"]


def test_where_there_is_no_notice_an_award_stands_at_once(session, stars):
    adopt_policy(session, SYSTEM, stars.centre, PolicyKind.STARS, {"notice_days": 0}, valid_from=NOON, at=NOON)
    assert given(stars).state is AwardState.STANDS


def test_an_objection_holds_an_award_until_a_second_person_has_decided(session, stars):
    made = given(stars)
    doubt = awarding.object_to(session, stars.admin, made.id, "邻居说没见过他去", at=NOON)
    assert awarding.object_to(session, stars.admin, made.id, "邻居说没见过他去", at=NOON) is doubt
    assert made.state is AwardState.DOUBTED
    assert b"\xe9\x82\xbb" not in (doubt.said_sealed or b"")
    assert awarding.end_notices(session, nights(9)) == 0
    with pytest.raises(Conflict, match="part of it"):
        awarding.settle(session, stars.admin, doubt.id, upheld=False, answer="查过了", at=NOON)
    awarding.settle(session, stars.other, doubt.id, upheld=False, answer="查过了, 属实", at=NOON)
    assert made.state.value == "notice"
    assert awarding.end_notices(session, nights(9)) == 1
    with pytest.raises(Conflict, match="decided this already"):
        awarding.settle(session, stars.other, doubt.id, upheld=True, answer="改主意", at=NOON)


def test_a_doubt_that_is_upheld_revokes_with_the_reason_and_the_row_stays(session, stars):
    made = given(stars)
    doubt = awarding.object_to(session, stars.other, made.id, "时长是买的", at=NOON)
    other = make.staff(session, Role.DIRECTOR, stars.centre)
    awarding.settle(session, other, doubt.id, upheld=True, answer="查实是买的", at=nights(1))
    assert (made.state, made.revoked_reason) == (AwardState.REVOKED, "查实是买的")
    assert session.get(StarAward, made.id) is made
    assert told(session, stars.volunteer.id)[-1] == "star_revoked"
    review_all(session, nights(2))
    assert stars.proposals()[0].state is EligibilityState.ASIDE
    with pytest.raises(Conflict):
        awarding.object_to(session, stars.admin, made.id, "再说一次", at=NOON)


def test_revoking_twice_is_one_act_and_the_star_can_be_earned_anew(session, stars):
    made = given(stars)
    awarding.revoke(session, stars.other, made.id, "虚报时长", at=nights(1))
    awarding.revoke(session, stars.admin, made.id, "别的原因", at=nights(2))
    assert (made.revoked_reason, made.revoked_by) == ("虚报时长", stars.other.user_id)
    awarding.take_up(session, stars.other, stars.proposals()[0].id, at=nights(3))
    again = awarding.award(session, stars.admin, stars.proposals()[0].id, stars.site.id, at=nights(3))
    assert again.id != made.id


def test_hours_that_fall_ask_a_person_and_take_nothing_away(session, stars):
    booked = book_minutes(session, stars.volunteer, 500)
    made = given(stars)
    book.reverse(session, booked, note="重复计时", at=NOON)
    review_all(session, nights(1))
    assert made.doubts == []
    more = book_minutes(session, stars.volunteer, 10)
    base = session.get_one(type(more), booked.id - 1)
    book.reverse(session, base, note="虚报", at=NOON)
    review_all(session, nights(2))
    review_all(session, nights(3))
    session.expire(made)
    (doubt,) = made.doubts
    assert (doubt.kind, doubt.minutes, made.state) == (DoubtKind.HOURS, 10, AwardState.DOUBTED)
    awarding.settle(session, stars.other, doubt.id, upheld=False, answer="当时有效", at=nights(3))
    review_all(session, nights(4))
    assert session.scalar(select(func.count(StarDoubt.id))) == 1


def test_a_name_is_public_only_while_its_owner_agrees_and_never_under_18(session, stars):
    me = as_volunteer(stars.volunteer)
    naming.name_me(session, me, True, at=NOON)
    made = given(stars)
    assert made.public
    naming.name_me(session, me, False, at=NOON)
    assert not made.public
    naming.name_me(session, me, True, at=NOON)
    assert made.public
    young = make.a_volunteer(session, stars.station, born_on=NOON.date() - timedelta(days=365 * 15))
    with pytest.raises(Conflict, match="under 18"):
        naming.name_me(session, as_volunteer(young), True, at=NOON)
    with pytest.raises(NotFound):
        naming.name_me(session, stars.admin, True, at=NOON)


def test_of_twelve_who_award_the_same_star_one_does(database, keyring, at_once):
    with Session(database.engine, info={"keyring": keyring}) as session, write(session):
        stars = Stars(session)
        row, site, person = stars.proposed().id, stars.centre.id, stars.volunteer.id
        staff = [make.staff(session, Role.SITE_ADMIN, stars.centre) for _ in range(12)]
    ended = at_once([lambda s, who=who: awarding.award(s, who, row, site, at=NOON) for who in staff])
    assert ended == {"done": 1, "refused": 11}
    with Session(database.engine) as session:
        assert session.scalar(select(func.count(StarAward.id))) == 1
        assert len(told(session, person)) == 1


def test_two_reviews_at_once_look_at_everybody_once(database, keyring, at_once):
    with Session(database.engine, info={"keyring": keyring}) as session, write(session):
        stars = Stars(session)
        for _ in range(20):
            book_minutes(session, make.a_volunteer(session, stars.station), 6_000)
    at_once([lambda s: reviewing.review(s, NOON, batch=3) for _ in range(12)])
    with Session(database.engine) as session:
        night = session.scalars(select(StarReview)).one()
        assert (night.looked_at, night.found) == (21, 21)
        assert session.scalar(select(func.count(Eligibility.id))) == 21
