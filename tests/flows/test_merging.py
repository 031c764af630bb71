"""One person, one book: two entries become one without losing a minute or a right, and come apart again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.flows.test_certificates import serve
from tests.flows.test_points import a_rule
from tests.support.builders import (
    NOON,
    a_county,
    a_person,
    a_site,
    a_skill,
    a_team,
    a_volunteer,
    an_actor,
    an_order,
    leader_of,
    staff,
)
from volunteer.access import Role
from volunteer.accounts.humans import same_person
from volunteer.accounts.models import RoleGrant
from volunteer.accounts.queries import selves
from volunteer.administration import own_data
from volunteer.administration.merging import finding, jobs, merging, moves
from volunteer.administration.merging.merging import MergeDraft
from volunteer.administration.merging.models import Merge, Pair, PairState
from volunteer.administration.own_data import collect
from volunteer.attendance.contests import contesting
from volunteer.certificates import issuing, tracing
from volunteer.certificates.queries import certificates_of, services_of
from volunteer.certificates.rules import CertificateDraft
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.ledger import book, correcting, queries, verify
from volunteer.ledger.models import Grade, Unit
from volunteer.ledger.models_points import PointClaim
from volunteer.ledger.point_rules import Terms
from volunteer.ledger.rules import issued_by, person
from volunteer.messaging.models import Message
from volunteer.orders.afterwards import thanking
from volunteer.orders.models import ServiceOrder
from volunteer.orders.models_rating import RatedBy, Rating
from volunteer.recognition.models_benefits import Benefit, BenefitClass, BenefitCount
from volunteer.recognition.models_homes import Home, HomeMember, HomeState
from volunteer.teams.models import Standing, Volunteer, VolunteerSkill

DAY = timedelta(days=1)
BORN = date(1968, 3, 2)


@pytest.fixture
def county(session):
    return a_county(session)


@pytest.fixture
def admin(session, county):
    return staff(session, Role.SITE_ADMIN, county[0])


@pytest.fixture
def kept(session, county):
    return a_volunteer(session, county[2], "王建平", skills=("electric",))


@pytest.fixture
def gone(session, county):
    return a_volunteer(session, county[2], "王建萍", skills=("electric", "first_aid"))


def a_home(session, station, head):
    home = Home(number=f"H{head.id}", name="一户", site_id=station.id, head_id=head.id, founded_at=NOON)
    session.add(home)
    session.flush()
    return home


def a_benefit(session, centre):
    found = session.scalar(select(Benefit).where(Benefit.code == "bus"))
    if found is None:
        found = Benefit(site_id=centre.id, kind=next(iter(BenefitClass)), code="bus", name="公交", begins=NOON.date())
        session.add(found)
        session.flush()
    return found


def go(session, admin, kept, gone, at=NOON, **more):
    row = merging.merge(session, admin, MergeDraft(kept.id, gone.id, "同一个人", **more), at=at)
    session.flush()
    return row


def minutes(session, one):
    return queries.balance(session, person(one.id), Unit.MINUTES)


def points(session, one):
    return queries.balance(session, person(one.id), Unit.POINTS)


def give_points(session, one, amount, site, key="p:1"):
    return book.move(session, Unit.POINTS, amount, source=issued_by(site.id, Unit.POINTS), target=person(one.id),
                     reason="points_service", key=key, at=NOON, about="order:1", day=NOON.date())  # fmt: skip


def test_no_minute_is_lost_and_each_keeps_its_day_evidence_and_unit(session, county, admin, kept, gone):
    serve(session, kept, county[2], 60)
    serve(session, gone, county[2], 90, days_ago=3)
    before = services_of(session, gone.id)
    row = go(session, admin, kept, gone)
    assert (row.minutes, minutes(session, kept), minutes(session, gone)) == (90, 150, 0)
    services = services_of(session, kept.id)
    assert sorted(one.entry.minutes for one in services) == [60, 90]
    (carried,) = [one for one in services if one.entry.minutes == 90]
    assert carried.entry == before[0].entry
    assert (carried.came_at, carried.left_at, carried.order_number) == (
        before[0].came_at, before[0].left_at, before[0].order_number,
    )  # fmt: skip
    assert verify.findings(session) == []


def test_points_go_over_with_the_day_they_were_earned(session, county, admin, kept, gone):
    give_points(session, gone, 40, county[2])
    assert go(session, admin, kept, gone).points == 40
    assert (points(session, kept), points(session, gone)) == (40, 0)
    (moved,) = [one for one in queries.movements(session, person(kept.id), Unit.POINTS) if one.reason == "merge"]
    assert moved.day == NOON.date()


def test_rights_skills_and_teams_go_over(session, county, admin, kept, gone):
    session.add(RoleGrant(person_id=gone.id, role=Role.CLERK, site_id=county[2].id, since=NOON - DAY))
    own, other = (session.get_one(VolunteerSkill, (one.id, a_skill(session, "electric").id)) for one in (kept, gone))
    own.licence_until, other.licence_until = date(2026, 12, 1), date(2027, 12, 1)
    session.flush()
    go(session, admin, kept, gone)
    assert session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == kept.id, RoleGrant.role == Role.CLERK)).all()
    codes = {one.skill.code for one in session.scalars(select(VolunteerSkill).where(VolunteerSkill.volunteer_id == kept.id))}
    assert codes == {"electric", "first_aid"}
    assert session.get_one(VolunteerSkill, (kept.id, a_skill(session, "electric").id)).licence_until == date(2027, 12, 1)
    assert session.get_one(Volunteer, gone.id).standing is Standing.CLOSED


def test_what_was_sealed_for_the_one_is_read_by_the_other(session, county, admin):
    kept, gone = a_person(session, "李阿姨", phone="13800000011"), a_person(session, "李阿姨", phone="13800000012")
    order = an_order(session, county[2], resident=gone)
    order.words = "灯不亮"
    session.flush()
    an_order(session, county[2], resident=kept)
    session.flush()
    go(session, admin, kept, gone)
    again = session.get_one(ServiceOrder, order.id)
    assert (again.resident_id, again.words) == (kept.id, "灯不亮")
    again.words = "灯和水"
    assert again.words == "灯和水"


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


def test_a_rating_after_the_merge_still_brings_its_bonus(session, county, admin, kept, gone):
    a_rule(session, county[0], Terms(bonus={"5": 20}))
    booked = serve(session, gone, county[2], 90)
    go(session, admin, kept, gone)
    order = session.get_one(ServiceOrder, int(booked.about.removeprefix("order:")))
    order.served_at = NOON
    thanking.thank(session, order, Rating(order_id=order.id, stars=5, by=RatedBy.LINK, at=NOON), at=NOON)
    jobs.carry_on(session, NOON + DAY)
    assert points(session, kept) == 20


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


def test_what_still_reaches_the_old_entry_is_carried_on_at_night(session, county, admin, kept, gone):
    go(session, admin, kept, gone)
    serve(session, gone, county[2], 45)
    give_points(session, gone, 7, county[2])
    assert jobs.carry_on(session, NOON + DAY) == 1
    assert jobs.carry_on(session, NOON + DAY) == 0
    assert (minutes(session, kept), points(session, kept), minutes(session, gone)) == (45, 7, 0)


def test_a_second_tap_makes_no_second_merge(session, county, admin, kept, gone):
    serve(session, gone, county[2], 90)
    assert go(session, admin, kept, gone) is go(session, admin, kept, gone)
    assert minutes(session, kept) == 90


def test_both_are_told_and_the_audit_log_knows(session, county, admin, kept, gone):
    kept.person.phone, gone.person.phone = "13800000021", "13800000022"
    go(session, admin, kept, gone)
    assert len(session.scalars(select(Message).where(Message.template == "entries_merged")).all()) == 3  # inbox, two telephones
    parts = {part.name for part in collect(session, an_actor(kept.person), at=NOON)}
    assert "looks" in parts


def test_what_may_not_be_merged(session, county, admin, kept, gone):
    resident = a_person(session, "王建平", phone="13800000031")
    an_order(session, county[2], resident=resident)
    session.flush()
    with pytest.raises(Conflict, match="volunteer"):
        go(session, admin, resident, gone)
    with pytest.raises(Conflict, match="one and the same"):
        go(session, admin, kept, kept)
    with pytest.raises(Invalid):
        merging.merge(session, admin, MergeDraft(kept.id, gone.id, " "), at=NOON)
    me = an_actor(gone.person, (Role.SITE_ADMIN, county[0]))
    with pytest.raises(Conflict, match="own entry"):
        go(session, me, kept, gone)
    kept.person.document, gone.person.document = "440524188001010014", "11010519491231002X"
    with pytest.raises(Conflict, match="identity numbers"):
        go(session, admin, kept, gone)


def test_only_who_answers_for_both_places_merges_and_takes_apart(session, county, admin, kept, gone):
    elsewhere = a_volunteer(session, a_county(session)[2], "王建平")
    with pytest.raises(NotFound):
        go(session, admin, kept, elsewhere)
    with pytest.raises(NotFound):
        go(session, staff(session, Role.SITE_ADMIN, a_site(session)), kept, gone)
    with pytest.raises(Forbidden):
        go(session, staff(session, Role.CLERK, county[0]), kept, gone)
    row = go(session, admin, kept, gone)
    with pytest.raises(NotFound):
        merging.undo(session, staff(session, Role.SITE_ADMIN, a_site(session)), row.id, "两个人", at=NOON)


def test_nobody_gets_a_colleagues_rights_by_merging_who_could_not_give_them(session, county, kept, gone):
    session.add(RoleGrant(person_id=gone.id, role=Role.COUNTY_IT, site_id=county[0].id, since=NOON - DAY))
    session.flush()
    with pytest.raises((Forbidden, NotFound)):
        go(session, staff(session, Role.SITE_ADMIN, county[1]), kept, gone)


def test_pairs_are_found_once_and_a_refused_one_never_again(session, county, admin, kept, gone):
    kept.person.born_on = gone.person.born_on = BORN
    session.flush()
    while jobs.compare_people(session, NOON):
        pass
    (pair,) = session.scalars(select(Pair))
    assert (pair.one_id, pair.other_id, pair.why, pair.site_path) == (kept.id, gone.id, ["name"], county[2].path)
    merging.refuse(session, admin, pair.id, "双胞胎", at=NOON)
    for night in (1, 2):
        while jobs.compare_people(session, NOON + night * DAY):
            pass
    assert [one.state for one in session.scalars(select(Pair))] == [PairState.REFUSED]
    assert jobs.compare_people(session, NOON + 2 * DAY) == 0


def test_a_pair_of_another_place_does_not_exist_here(session, county, kept, gone):
    kept.person.born_on = gone.person.born_on = BORN
    (pair,) = finding.suggest(session, [kept.person], at=NOON)
    with pytest.raises(NotFound):
        merging.refuse(session, staff(session, Role.SITE_ADMIN, a_site(session)), pair.id, "", at=NOON)


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


def test_two_households_are_not_made_one(session, county, admin, kept, gone):
    for one in (kept, gone):
        home = a_home(session, county[2], one.person)
        session.add(HomeMember(home=home, person_id=one.id, state=HomeState.MEMBER, invited_at=NOON, since=NOON.date()))
    session.flush()
    with pytest.raises(Conflict, match="households"):
        go(session, admin, kept, gone)


def test_every_column_that_points_at_a_person_goes_over_or_stays_for_a_reason():
    known = {f"{one.table.__tablename__}.{one.column}" for one in own_data.SECTIONS} | set(own_data.LEFT_OUT)
    assert known == set(moves.names_of_moved()) | set(moves.STAYS), "say in merging/moves.py what becomes of it"
    assert not set(moves.names_of_moved()) & set(moves.STAYS)


def test_a_team_led_by_the_entry_that_goes_is_led_by_the_one_that_stays(session, county, admin, kept):
    team = a_team(session, county[2])
    leader = session.get_one(Volunteer, leader_of(session, team).user_id)
    go(session, admin, kept, leader)
    assert leader_of(session, team).user_id == kept.id
    assert session.scalar(select(Merge.minutes)) == 0
