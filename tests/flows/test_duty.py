"""值守: who is ready now is found, exactly, as long as it lasts; who is not is not found. On both databases."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from volunteer.access import Actor, Role
from volunteer.catalogue.models import Skill
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.geo import Point
from volunteer.matching.nearest import Found, first_k
from volunteer.teams import duty, profiling
from volunteer.teams.jobs import end_duties
from volunteer.teams.models import Standing, Volunteer, VolunteerSkill
from volunteer.teams.models_duty import Duty, DutySpot, PlaceFrom
from volunteer.teams.queries_duty import nearest_on_duty, who

HOUR = timedelta(hours=1)
HERE = (31.16, 120.65)


class Watch:
    """A station with volunteers, two skills, one of them with a licence."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.centre, self.branch, self.station = make.a_county(session)
        self.lamp = make.a_skill(session, "electric")
        self.team = make.a_team(session, self.station, members=2)
        self.people = list(session.scalars(select(Volunteer).order_by(Volunteer.id)).all())

    def actor(self, volunteer: Volunteer) -> Actor:
        return Actor(volunteer.id, frozenset({(Role.VOLUNTEER, self.centre.path)}))

    def ready(self, volunteer: Volunteer, *, hours: int = 4, point: Point | None = None, at=NOON) -> Duty:
        return duty.begin(self.session, self.actor(volunteer), hours, point=point, at=at)

    def found(self, *skills: Skill, at=NOON, k: int = 50) -> list[int]:
        return [one.id for one in nearest_on_duty(self.session, HERE, [skill.id for skill in skills], at=at, k=k)]


@pytest.fixture
def watch(session: Session) -> Watch:
    return Watch(session)


def test_who_is_ready_is_found_at_the_home_site_until_it_is_over(watch, session):
    one, other = watch.people[:2]
    assert watch.found() == []
    watch.ready(one, hours=2)
    assert (watch.found(), watch.found(watch.lamp)) == ([one.id], [one.id])
    assert watch.found(at=NOON + 2 * HOUR) == []  # over, whether or not the job was here
    assert session.get_one(Duty, one.id).place_from is PlaceFrom.SITE
    watch.ready(other, point=Point(31.1601, 120.65))
    assert session.get_one(Duty, other.id).place_from is PlaceFrom.DEVICE
    assert set(watch.found()) == {one.id, other.id}


def test_the_job_forgets_who_and_where(watch, session):
    watch.ready(watch.people[0], hours=1)
    watch.ready(watch.people[1], hours=8)
    assert end_duties(session, NOON + HOUR) == 1
    assert session.scalars(select(Duty.volunteer_id)).all() == [watch.people[1].id]
    assert set(session.scalars(select(DutySpot.volunteer_id))) == {watch.people[1].id}
    assert end_duties(session, NOON + HOUR) == 0


def test_who_says_so_is_not_found_any_more_and_saying_it_twice_is_harmless(watch):
    me = watch.people[0]
    watch.ready(me)
    duty.end(watch.session, watch.actor(me), at=NOON)
    duty.end(watch.session, watch.actor(me), at=NOON)
    assert watch.found() == []


def test_saying_it_again_moves_and_prolongs(watch, session):
    me = watch.people[0]
    watch.ready(me, hours=1)
    again = watch.ready(me, hours=8, point=Point(31.3, 120.65), at=NOON + HOUR / 2)
    assert (again.since, again.until) == (NOON, NOON + HOUR * 8.5)
    ((near, _, until),) = who(session, nearest_on_duty(session, HERE, [], at=NOON), watch.centre.path)
    assert near.metres == pytest.approx(15_567, abs=5)
    assert until == again.until


def test_a_licence_that_ends_today_ends_being_found_for_it_at_midnight(watch, session):
    me = watch.people[0]
    gas = make.a_skill(session, "gas")
    gas.licensed = True
    session.add(VolunteerSkill(volunteer_id=me.id, skill_id=gas.id, proficiency=0.9, licence_until=NOON.date()))
    watch.ready(me, hours=12, at=NOON + 6 * HOUR)  # until six in the morning
    assert watch.found(gas, at=NOON + 11 * HOUR) == [me.id]
    assert watch.found(gas, at=NOON + 13 * HOUR) == []
    assert watch.found(watch.lamp, at=NOON + 13 * HOUR) == [me.id]
    assert watch.found(watch.lamp, gas, at=NOON + 11 * HOUR) == [me.id]


def test_whoever_unlearns_it_takes_a_break_or_leaves_is_not_found(watch, session):
    one, other = watch.people[:2]
    for volunteer in (one, other):
        watch.ready(volunteer)
    profiling.save_profile(session, watch.actor(one), locale="en", speaks="", site=watch.station, skills=[], at=NOON)
    assert (watch.found(watch.lamp), set(watch.found())) == ([other.id], {one.id, other.id})
    profiling.pause(session, watch.actor(one), NOON.date(), at=NOON)
    assert watch.found() == [other.id]
    other.standing = Standing.CLOSED
    duty.follow(session, other.id, at=NOON)
    assert watch.found() == []


def test_minors_those_on_a_break_and_strangers_are_not_on_duty(watch, session):
    me = watch.people[0]
    me.person.born_on = NOON.date().replace(year=NOON.year - 15)
    with pytest.raises(Conflict, match="Only adults"):
        watch.ready(me)
    me.person.born_on, me.paused_until = None, NOON.date()
    with pytest.raises(Conflict, match="break"):
        watch.ready(me)
    me.paused_until, me.standing = None, Standing.WAITING
    with pytest.raises(Conflict, match="approved"):
        watch.ready(me)
    with pytest.raises(Invalid):
        watch.ready(watch.people[1], hours=100)
    with pytest.raises(NotFound):
        duty.begin(session, make.staff(session, Role.DISPATCHER, watch.branch), 2, at=NOON)


def test_the_database_finds_whom_measuring_everybody_finds(watch, session):
    rng = random.Random(3)
    people = list(session.scalars(select(Volunteer)).all())
    while len(people) < 60:
        make.a_team(session, watch.station, members=10, skills=("electric",) if rng.random() < 0.5 else ())
        people = list(session.scalars(select(Volunteer).order_by(Volunteer.id)).all())
    places = {}
    for volunteer in people:
        places[volunteer.id] = Point(31.16 + rng.gauss(0, 0.2), 120.65 + rng.gauss(0, 0.2))
        watch.ready(volunteer, point=places[volunteer.id])
    able = set(session.scalars(select(VolunteerSkill.volunteer_id).where(VolunteerSkill.skill_id == watch.lamp.id)))
    assert 5 < len(able) < len(people)
    for _ in range(25):
        point = (31.16 + rng.gauss(0, 0.3), 120.65 + rng.gauss(0, 0.3))
        for skills, ids in (((), sorted(places)), ((watch.lamp.id,), sorted(able))):
            everybody = Found(ids, [places[one].latitude for one in ids], [places[one].longitude for one in ids])
            assert nearest_on_duty(session, point, skills, at=NOON, k=7) == first_k(point, everybody, 7)
            near = [one for one in first_k(point, everybody, 99) if one.metres <= 9000]
            assert nearest_on_duty(session, point, skills, at=NOON, k=99, most=9000, start=9000) == near


def test_people_of_another_centre_are_not_named(watch, session):
    watch.ready(watch.people[0])
    near = nearest_on_duty(session, HERE, [], at=NOON)
    assert who(session, near, "/999/") == []
