"""Founding a county: sites, the menu, volunteers, teams, each by its verb."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.support.builders import NOON, a_county, a_team, an_actor, staff
from volunteer.access import SYSTEM, Role
from volunteer.accounts.models import Consent, Person
from volunteer.accounts.queries import by_phone, load_actor
from volunteer.catalogue.editing import ItemDraft, add_category, add_item, add_skill
from volunteer.catalogue.models import QuestionKind, Risk
from volunteer.catalogue.questions import QuestionDraft
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.kernel.geo import Point
from volunteer.places.founding import SiteDraft, VenueDraft, found_site, found_venue, keep_calendar
from volunteer.places.models import SiteLevel, Venue
from volunteer.teams.enrolling import TeamDraft, VolunteerDraft, add_team_class, enrol_volunteers, found_team, join_teams
from volunteer.teams.models import MemberRole, Volunteer
from volunteer.teams.queries import directory, led_by
from volunteer.teams.refreshing import refresh_teams

HERE = Point(31.16, 120.64)
TODAY = NOON.date()


def a_draft(code: str = "A1") -> SiteDraft:
    return SiteDraft(code=code, name="鲈乡二村", name_en="Luxiang", point=HERE)


def test_a_county_is_founded_from_the_top(session):
    centre = found_site(session, SYSTEM, a_draft("C"), at=NOON)
    branch = found_site(session, SYSTEM, a_draft("B"), centre, at=NOON)
    station = found_site(session, SYSTEM, a_draft("S"), branch, at=NOON)
    assert [site.level for site in (centre, branch, station)] == list(SiteLevel)
    assert station.path == f"/{centre.id}/{branch.id}/{station.id}/"
    assert "luxiangercun" in station.search
    venue = found_venue(session, SYSTEM, station, VenueDraft(code="V", name="文化礼堂", point=HERE), at=NOON)
    session.flush()  # the query below wants it
    assert session.scalars(select(Venue).where(Venue.site_id == station.id)).all() == [venue]


def test_nothing_is_founded_below_a_station_or_twice_or_by_a_clerk(session):
    centre, _, station = a_county(session)
    with pytest.raises(Invalid, match="below a station"):
        found_site(session, SYSTEM, a_draft(), station, at=NOON)
    with pytest.raises(Conflict, match="site_code_taken"):
        found_site(session, SYSTEM, a_draft(centre.code), centre, at=NOON)
    with pytest.raises(Forbidden):
        found_site(session, staff(session, Role.CLERK, centre), a_draft(), centre, at=NOON)


def test_a_day_of_the_calendar_is_written_over(session):
    centre, *_ = a_county(session)
    keep_calendar(session, SYSTEM, centre, {TODAY: (False, "春节", "Spring Festival")}, at=NOON)
    [row] = keep_calendar(session, SYSTEM, centre, {TODAY: (True, "调休", "Working day")}, at=NOON)
    assert (row.works, row.name) == (True, "调休")


def a_line(**changes) -> ItemDraft:
    lamp = ItemDraft(code="lamp", category="repair", name="换灯管", minutes=40, skills=["electric"], risk=Risk.MEDIUM)
    return replace(lamp, **changes)


def test_a_line_of_the_menu_has_its_skills_and_questions(session):
    centre, *_ = a_county(session)
    add_skill(session, SYSTEM, "electric", "电工", licensed=True, at=NOON)
    add_category(session, SYSTEM, "repair", "水电维修", "Repairs", "lightbulb", elder="修水电", at=NOON)
    which = QuestionDraft(code="lamp", kind=QuestionKind.CHOICE, name="哪种灯？", choices=[("tube", "灯管", "Tube")])
    item = add_item(session, SYSTEM, centre, a_line(questions=[which]), at=NOON)
    assert [skill.code for skill in item.skills] == ["electric"]
    assert item.questions[0].choices == [{"value": "tube", "name": "灯管", "name_en": "Tube"}]
    assert "huandengguan" in item.search
    with pytest.raises(Conflict, match="item_code_taken"):
        add_item(session, SYSTEM, centre, a_line(), at=NOON)
    with pytest.raises(NotFound, match="skill"):
        add_item(session, SYSTEM, centre, a_line(code="x", skills=["magic"]), at=NOON)
    with pytest.raises(Invalid):
        add_item(session, SYSTEM, centre, a_line(code="x", minutes=0), at=NOON)
    with pytest.raises(Invalid, match="choice"):
        add_item(session, SYSTEM, centre, a_line(code="x", questions=[replace(which, choices=())]), at=NOON)


def a_registration(site, number: int = 1, **changes) -> VolunteerDraft:
    draft = VolunteerDraft(
        site=site,
        number=f"Z-{number}",
        name="顾听荷",
        phone=f"1990009{number:04d}",
        document="99000019700101001X",
        born_on=date(1970, 1, 1),
        skills=[("electric", 0.9, TODAY + timedelta(days=100)), ("haircut", 0.5, None)],
        hours=[(5, 480, 720)],
    )
    return replace(draft, **changes)


@pytest.fixture
def skills(session):
    add_skill(session, SYSTEM, "electric", "电工", licensed=True, at=NOON)
    add_skill(session, SYSTEM, "haircut", "理发", at=NOON)


def test_volunteers_who_enrol_together_are_sealed_and_found_like_anybody(session, skills):
    _, _, station = a_county(session)
    ids = enrol_volunteers(session, SYSTEM, [a_registration(station, n) for n in (1, 2, 3)], at=NOON)
    person = session.get(Person, ids[1])
    assert (person.phone, person.document) == ("19900090002", "99000019700101001X")
    assert [found.id for found in by_phone(session, "19900090002")] == [ids[1]]
    assert load_actor(session, ids[0], NOON).actor.grants == {(Role.VOLUNTEER, station.path)}
    assert len(session.scalars(select(Consent).where(Consent.person_id.in_(ids))).all()) == 3


def test_somebody_who_is_known_becomes_a_volunteer_without_becoming_two(session, skills):
    _, _, station = a_county(session)
    person = staff(session, Role.CLERK, station)
    assert enrol_volunteers(session, SYSTEM, [a_registration(station, person_id=person.user_id)], at=NOON) == [person.user_id]
    assert session.get(Volunteer, person.user_id).number == "Z-1"


def test_an_enrolment_that_cannot_be_is_refused(session, skills):
    centre, _, station = a_county(session)
    with pytest.raises(NotFound, match="skill"):
        enrol_volunteers(session, SYSTEM, [a_registration(station, skills=[("magic", 1.0, None)])], at=NOON)
    with pytest.raises(Invalid):
        enrol_volunteers(session, SYSTEM, [a_registration(station, phone="12345")], at=NOON)
    with pytest.raises(Forbidden):
        enrol_volunteers(session, staff(session, Role.CLERK, centre), [a_registration(station)], at=NOON)
    assert enrol_volunteers(session, SYSTEM, [], at=NOON) == []


def test_a_team_can_do_what_its_members_can(session, skills):
    _, branch, station = a_county(session)
    add_team_class(session, SYSTEM, "repair", "水电维修", "Repairs", standing=False, at=NOON)
    draft = TeamDraft(site=branch, kind="repair", code="T-9", name="松陵电工服务队", point=HERE, reach_km=8, capacity=3)
    team = found_team(session, SYSTEM, draft, at=NOON)
    past = [("electric", 0.8, TODAY - timedelta(days=1))]
    ids = enrol_volunteers(
        session, SYSTEM, [a_registration(station, 1), a_registration(station, 2, skills=past, hours=[(0, 470, 600)])], at=NOON
    )
    join_teams(session, SYSTEM, [(team, ids[0], MemberRole.LEADER), (team, ids[1], MemberRole.MEMBER)], at=NOON)
    card = directory(session).cards[team.id]
    assert card.team.skills == {"electric": 0.9, "haircut": 0.5}  # a licence that ran out counts for nothing
    assert card.able == {"electric": 1, "haircut": 1}
    assert card.team.availability == 0b1111 << (5 * 24 + 8) | 0b11 << 8
    assert led_by(session, ids[0], NOON) == [(team.id, branch.path)]
    assert led_by(session, ids[1], NOON) == []
    with pytest.raises(Conflict, match="team_code_taken"):
        found_team(session, SYSTEM, draft, at=NOON)
    with pytest.raises(NotFound, match="team_class"):
        found_team(session, SYSTEM, replace(draft, kind="magic", code="T-8"), at=NOON)


def test_a_licence_that_runs_out_is_noticed_when_the_team_is_refreshed(session, skills):
    _, _, station = a_county(session)
    team = a_team(session, station, skills=(), members=0)
    [one] = enrol_volunteers(session, SYSTEM, [a_registration(station)], at=NOON)
    join_teams(session, SYSTEM, [(team, one, MemberRole.LEADER)], at=NOON)
    later = NOON + timedelta(days=101)
    refresh_teams(session, [team.id], at=later)
    assert directory(session).cards[team.id].team.skills == {"haircut": 0.5}


def test_only_a_manager_of_the_place_founds_and_fills_teams(session, skills):
    _, branch, station = a_county(session)
    team = a_team(session, station, members=0)
    draft = TeamDraft(site=branch, kind="other", code="T-9", name="队", point=HERE, reach_km=8, capacity=3)
    clerk = staff(session, Role.CLERK, branch)
    with pytest.raises(Forbidden):
        found_team(session, clerk, draft, at=NOON)
    with pytest.raises(NotFound):
        join_teams(session, an_actor(), [(team, 1, MemberRole.MEMBER)], at=NOON)
    assert found_team(session, staff(session, Role.SITE_ADMIN, branch), draft, at=NOON).site is branch


def test_an_office_is_called_after_its_place_unless_the_name_says_so_already(session):
    centre = found_site(session, SYSTEM, replace(a_draft("C"), name="演示县新时代文明实践中心", name_en="Centre"), at=NOON)
    branch = found_site(session, SYSTEM, replace(a_draft("B"), name="松陵街道", name_en="Songling"), centre, at=NOON)
    station = found_site(session, SYSTEM, replace(a_draft("S"), name="鲈乡二村"), branch, at=NOON)
    assert centre.office == ("演示县新时代文明实践中心", "Centre")
    assert branch.office == ("松陵街道文明实践所", "Songling Practice Branch")
    assert station.office == ("鲈乡二村文明实践站", "Luxiang Practice Station")


def test_county_it_founds_in_its_own_county_only(session, skills):
    centre, branch, _ = a_county(session)
    it, elsewhere = staff(session, Role.COUNTY_IT, centre), a_county(session)[0]
    draft = SiteDraft(code="IT-1", name="新站", point=HERE)
    assert found_site(session, it, draft, branch, at=NOON).level is SiteLevel.STATION
    add_category(session, SYSTEM, "repair", "水电维修", "Repairs", "lightbulb", at=NOON)
    assert add_item(session, it, centre, a_line(), at=NOON).site is centre
    for refused in (
        lambda: found_site(session, it, replace(draft, code="IT-2"), elsewhere, at=NOON),
        lambda: found_site(session, it, replace(draft, code="IT-3"), at=NOON),
        lambda: add_skill(session, it, "x", "新技能", at=NOON),
    ):
        with pytest.raises(NotFound):
            refused()
    with pytest.raises(Forbidden):
        found_site(session, staff(session, Role.DIRECTOR, centre), replace(draft, code="IT-4"), branch, at=NOON)
