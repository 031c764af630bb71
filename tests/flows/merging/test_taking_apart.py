"""A merge that was wrong comes apart again, and what happened meanwhile stays where it belongs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.flows.test_certificates import serve
from tests.support.builders import (
    NOON,
    a_volunteer,
    an_actor,
    an_order,
)
from tests.support.merging import a_benefit, a_home, give_points, go, minutes, points
from volunteer.access import Role
from volunteer.accounts.humans import same_person
from volunteer.accounts.queries import selves
from volunteer.administration.merging import merging
from volunteer.administration.merging.lifecycle import PairState
from volunteer.attendance.contests import contesting
from volunteer.certificates import issuing, tracing
from volunteer.certificates.queries import certificates_of, services_of
from volunteer.certificates.rules import CertificateDraft
from volunteer.kernel.errors import Conflict
from volunteer.ledger import book, correcting, verify
from volunteer.ledger.models import Grade, Unit
from volunteer.ledger.models_points import PointClaim
from volunteer.ledger.rules import person
from volunteer.orders.models import ServiceOrder
from volunteer.recognition.lifecycle import HomeState
from volunteer.recognition.models_benefits import BenefitCount
from volunteer.recognition.models_homes import HomeMember
from volunteer.teams.models import Standing, Volunteer

DAY = timedelta(days=1)


def test_the_telephone_may_be_the_one_of_the_entry_that_goes(session, county, admin, kept, gone):
    kept.person.phone, gone.person.phone = "13800000021", "13800000022"
    gone.person.document = "440524188001010014"
    keyring = session.info["keyring"]
    gone.person.phone_index = keyring.blind("phone", "13800000022")
    gone.person.document_index = keyring.blind("document", "440524188001010014")
    session.flush()
    row = go(session, admin, kept, gone, phone="gone")
    assert (kept.person.phone, kept.person.document) == ("13800000022", "440524188001010014")
    assert kept.person.phone_index == keyring.blind("phone", "13800000022")
    merging.undo(session, admin, row.id, "弄错了", at=NOON + DAY)
    session.flush()
    assert (kept.person.phone, kept.person.document, kept.person.document_index) == ("13800000021", None, None)
    assert gone.person.phone == "13800000022"


def test_certificates_of_the_entry_that_went_are_the_one_persons_own(session, county, admin, kept, gone):
    serve(session, gone, county[2], 90)
    holder = an_actor(gone.person, (Role.VOLUNTEER, county[2]))
    draft = CertificateDraft(NOON.date() - 30 * DAY, NOON.date(), frozenset({Grade.A, Grade.B, Grade.C}), "zh_Hans")
    made = issuing.issue(session, holder, gone.id, draft, at=NOON)
    row = go(session, admin, kept, gone)
    assert [one.number for one in certificates_of(session, kept.id)] == [made.number]
    merging.undo(session, admin, row.id, "弄错了", at=NOON + DAY)
    assert certificates_of(session, kept.id) == []
    assert [one.number for one in certificates_of(session, gone.id)] == [made.number]


def test_taken_apart_both_are_as_before(session, county, admin, kept, gone):
    serve(session, kept, county[2], 60)
    serve(session, gone, county[2], 90, days_ago=3)
    give_points(session, gone, 40, county[2])
    order = an_order(session, county[2], resident=gone.person)
    session.flush()
    row = go(session, admin, kept, gone)
    later = serve(session, kept, county[2], 30, days_ago=1)
    merging.undo(session, admin, row.id, "两个人", at=NOON + 29 * DAY)
    merging.undo(session, admin, row.id, "两个人", at=NOON + 29 * DAY)  # a second tap
    session.flush()
    assert (minutes(session, kept), minutes(session, gone)) == (90, 90)
    assert (points(session, kept), points(session, gone), row.points_short) == (0, 40, 0)
    assert session.get_one(ServiceOrder, order.id).resident_id == gone.id
    assert session.get_one(Volunteer, gone.id).standing is Standing.ACTIVE
    assert (gone.person.disabled_at, selves(session, kept.id), selves(session, gone.id)) == (None, [kept.id], [gone.id])
    assert later.target.owner == person(kept.id)
    assert merging.pair_of(session, kept.id, gone.id).state is PairState.REFUSED
    assert verify.findings(session) == []


def test_points_that_were_spent_meanwhile_stay_spent_and_the_merge_says_how_many(session, county, admin, kept, gone):
    give_points(session, gone, 40, county[2])
    row = go(session, admin, kept, gone)
    book.move(session, Unit.POINTS, 30, source=person(kept.id), target="merchant:1", reason="collect", key="spent", at=NOON)
    merging.undo(session, admin, row.id, "两个人", at=NOON + DAY)
    assert (points(session, kept), points(session, gone), row.points_short) == (0, 10, 30)
    assert verify.findings(session) == []


def test_after_thirty_days_a_merge_stands(session, county, admin, kept, gone):
    row = go(session, admin, kept, gone)
    with pytest.raises(Conflict, match="30 days"):
        merging.undo(session, admin, row.id, "两个人", at=NOON + 31 * DAY)


def test_a_merge_in_a_row_of_merges_is_taken_apart_from_its_end(session, county, admin, kept, gone):
    third = a_volunteer(session, county[2], "王建平")
    serve(session, gone, county[2], 90)
    first = go(session, admin, kept, gone)
    second = go(session, admin, third, kept, at=NOON + DAY)
    assert (minutes(session, third), [one.entry.minutes for one in services_of(session, third.id)]) == (90, [90])
    assert services_of(session, third.id)[0].entry.unit == county[2].office
    with pytest.raises(Conflict, match="first"):
        merging.undo(session, admin, first.id, "两个人", at=NOON + 2 * DAY)
    merging.undo(session, admin, second.id, "两个人", at=NOON + 2 * DAY)
    merging.undo(session, admin, first.id, "两个人", at=NOON + 2 * DAY)
    assert (minutes(session, third), minutes(session, kept), minutes(session, gone)) == (0, 0, 90)


def test_hours_that_came_over_can_still_be_taken_back_with_their_points(session, county, admin, kept, gone):
    booked = serve(session, gone, county[2], 90)
    give_points(session, gone, 9, county[2], key=f"points:{booked.id}")
    row = go(session, admin, kept, gone)
    book.move(session, Unit.POINTS, 4, source=person(kept.id), target="merchant:1", reason="collect", key="spent", at=NOON)
    (carried,) = services_of(session, kept.id)
    correcting.take_back(session, admin, carried.transfer_id, "没有去", at=NOON + DAY)
    session.flush()
    assert (minutes(session, kept), minutes(session, gone), services_of(session, kept.id)) == (0, 0, [])
    assert (points(session, kept), points(session, gone)) == (0, 0)
    (claim,) = session.scalars(select(PointClaim))
    assert (claim.person_id, claim.points) == (kept.id, 4)
    merging.undo(session, admin, row.id, "两个人", at=NOON + 2 * DAY)
    assert (minutes(session, kept), minutes(session, gone)) == (0, 0)
    assert verify.findings(session) == []


def test_an_objection_from_before_the_merge_is_still_accepted(session, county, admin, kept, gone):
    booked = serve(session, gone, county[2], 90)
    row = contesting.contest(session, an_actor(gone.person, (Role.VOLUNTEER, county[2])), booked.id, "那天没有去", at=NOON)
    merged = go(session, admin, kept, gone)
    (carried,) = services_of(session, kept.id)
    for number in (booked.id, carried.transfer_id):  # the old address leads to the entry as it stands
        origin = tracing.origin_of(session, kept.id, number)
        assert (origin.transfer.id, list(origin.contests)) == (carried.transfer_id, [row])
        me = an_actor(kept.person, (Role.VOLUNTEER, county[2]))
        assert contesting.contest(session, me, number, "再说一次", at=NOON) is row
    contesting.accept_contest(session, admin, row.id, "的确没有去", at=NOON + DAY)
    session.flush()
    assert (minutes(session, kept), minutes(session, gone), services_of(session, kept.id)) == (0, 0, [])
    correcting.take_back(session, admin, booked.id, "的确没有去", at=NOON + DAY)
    merging.undo(session, admin, merged.id, "两个人", at=NOON + 2 * DAY)
    assert (minutes(session, kept), minutes(session, gone)) == (0, 0)
    assert verify.findings(session) == []


def test_what_the_old_entry_asked_for_the_new_one_does_not_decide(session, county, admin, kept, gone):
    third = a_volunteer(session, county[2], "王建平")
    assert not same_person(session, kept.id, gone.id)
    go(session, admin, kept, gone)
    assert same_person(session, kept.id, gone.id)
    second = go(session, admin, third, kept, at=NOON + DAY)
    assert same_person(session, third.id, gone.id)
    merging.undo(session, admin, second.id, "两个人", at=NOON + 2 * DAY)
    session.flush()
    assert same_person(session, kept.id, gone.id)
    assert selves(session, kept.id) == [kept.id, gone.id]  # its certificates, too, are still the one person's own
    assert not same_person(session, third.id, gone.id)


def test_a_household_is_one_and_what_was_handed_out_adds_up(session, county, admin, kept, gone):
    home = a_home(session, county[2], kept.person)
    for one, used in ((kept, 1), (gone, 2)):
        session.add(HomeMember(home=home, person_id=one.id, state=HomeState.MEMBER, invited_at=NOON, since=NOON.date()))
        session.add(BenefitCount(benefit_id=a_benefit(session, county[0]).id, volunteer_id=one.id, period="2026-03", used=used))
    session.flush()
    row = go(session, admin, kept, gone)
    seats = session.scalars(select(HomeMember.state).where(HomeMember.person_id == kept.id).order_by(HomeMember.id)).all()
    assert seats == [HomeState.MEMBER, HomeState.LEFT]
    assert session.scalar(select(BenefitCount.used).where(BenefitCount.volunteer_id == kept.id)) == 3
    merging.undo(session, admin, row.id, "两个人", at=NOON + DAY)
    assert set(session.scalars(select(HomeMember.state))) == {HomeState.MEMBER}
    assert dict(session.execute(select(BenefitCount.volunteer_id, BenefitCount.used)).tuples().all()) == {kept.id: 1, gone.id: 2}
