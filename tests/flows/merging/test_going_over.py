"""One person, one book: two entries become one without losing a minute or a right."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from tests.flows.test_certificates import serve
from tests.flows.test_points import a_rule
from tests.support.builders import (
    NOON,
    a_person,
    a_skill,
    a_team,
    an_actor,
    an_order,
    leader_of,
)
from tests.support.merging import give_points, go, minutes, points
from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.administration import own_data
from volunteer.administration.merging import jobs, moves
from volunteer.administration.merging.models import Merge
from volunteer.administration.own_data import collect
from volunteer.certificates.queries import services_of
from volunteer.ledger import queries, verify
from volunteer.ledger.models import Unit
from volunteer.ledger.point_rules import Terms
from volunteer.ledger.rules import person
from volunteer.messaging.models import Message
from volunteer.orders.afterwards import thanking
from volunteer.orders.models import ServiceOrder
from volunteer.orders.models_rating import RatedBy, Rating
from volunteer.teams.models import Standing, Volunteer, VolunteerSkill

DAY = timedelta(days=1)


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


def test_a_rating_after_the_merge_still_brings_its_bonus(session, county, admin, kept, gone):
    a_rule(session, county[0], Terms(bonus={"5": 20}))
    booked = serve(session, gone, county[2], 90)
    go(session, admin, kept, gone)
    order = session.get_one(ServiceOrder, int(booked.about.removeprefix("order:")))
    order.served_at = NOON
    thanking.thank(session, order, Rating(order_id=order.id, stars=5, by=RatedBy.LINK, at=NOON), at=NOON)
    jobs.carry_on(session, NOON + DAY)
    assert points(session, kept) == 20


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


def test_every_column_that_points_at_a_person_goes_over_or_stays_for_a_reason():
    known = {f"{one.table.__tablename__}.{one.column}" for one in own_data.SECTIONS} | set(own_data.LEFT_OUT)
    moved = {f"{table.name}.{column}" for table, column in moves.moved_columns()}
    assert known == moved | set(moves.STAYS), "say in merging/moves.py what becomes of it"
    assert not moved & set(moves.STAYS)


def test_a_team_led_by_the_entry_that_goes_is_led_by_the_one_that_stays(session, county, admin, kept):
    team = a_team(session, county[2])
    leader = session.get_one(Volunteer, leader_of(session, team).user_id)
    go(session, admin, kept, leader)
    assert leader_of(session, team).user_id == kept.id
    assert session.scalar(select(Merge.minutes)) == 0
