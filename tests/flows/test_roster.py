"""Which teams there are: read once for each version of the database, fresh where it matters."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support import builders as make
from tests.support.builders import NOON
from volunteer.teams import queries as teams
from volunteer.teams.changing import roster_changed
from volunteer.teams.models import MemberRole, Membership
from volunteer.teams.models_teams import TeamArea


@pytest.fixture
def station(session):
    return make.a_county(session)[2]


def test_a_directory_is_kept_until_the_roster_has_changed(session, station):
    make.a_team(session, station, name="甲队")
    roster_changed(session)
    first = teams.directory(session)
    assert teams.directory(session) is first
    make.a_team(session, station, name="乙队")
    assert teams.directory(session) is first
    roster_changed(session)
    assert {card.name for card in teams.directory(session).cards.values()} == {"甲队", "乙队"}


def test_a_new_rating_is_seen_at_once(session, station):
    team = make.a_team(session, station)
    roster_changed(session)
    assert teams.directory(session).cards[team.id].team.ratings == 0
    team.rating_sum, team.rating_count = 0.8, 1
    session.flush()
    assert teams.directory(session).cards[team.id].team.rating == 0.8


def test_without_a_version_nothing_is_kept(session, station):
    make.a_team(session, station)
    assert len(teams.directory(session).cards) == 1
    make.a_team(session, station)
    assert len(teams.directory(session).cards) == 2


def test_a_change_that_was_rolled_back_leaves_what_was_there(session, station):
    make.a_team(session, station, name="甲队")
    roster_changed(session)
    with session.begin_nested() as inner:
        make.a_team(session, station, name="乙队")
        roster_changed(session)
        assert len(teams.directory(session).cards) == 2
        inner.rollback()
    assert [card.name for card in teams.directory(session).cards.values()] == ["甲队"]


def test_loads_and_breaks_are_fresh(session, station):
    one, other = make.a_team(session, station, paused_until=NOON + timedelta(days=1)), make.a_team(session, station)
    roster_changed(session)
    directory = teams.directory(session)
    roster = directory.roster(station.path, {other.id: 3}, at=NOON)
    assert [(team.id, roster.at(row).load) for row, team in enumerate(roster.teams)] == [(other.id, 3)]
    assert directory.roster(station.path, {other.id: 3}, at=NOON) is roster
    assert len(directory.roster(station.path, {}, at=NOON + timedelta(days=2))) == 2
    assert one.id in directory.cards


def test_other_loads_and_prices_lie_over_the_same_columns(session, station):
    one, other = make.a_team(session, station), make.a_team(session, station)
    roster_changed(session)
    directory = teams.directory(session)
    plain = directory.roster(station.path, {}, at=NOON)
    laden = directory.roster(station.path, {other.id: 1}, at=NOON)
    dear = directory.roster(station.path, {}, at=NOON, prices=teams.Prices(7, {one.id: 0.25}))
    assert plain.ground is laden.ground is dear.ground
    assert [roster.learned.tolist() for roster in (plain, dear)] == [[0.0, 0.0], [0.25, 0.0]]
    assert directory.roster(station.path, {}, at=NOON, prices=teams.Prices(7, {one.id: 0.25})) is dear


def test_a_team_with_an_area_is_left_out_elsewhere(session, station):
    bound, free = make.a_team(session, station), make.a_team(session, station)
    session.add(TeamArea(team_id=bound.id, site_id=station.id))
    roster_changed(session)
    directory = teams.directory(session)
    assert directory.elsewhere("/", station.path) == frozenset()
    assert directory.elsewhere("/", "/999/") == {bound.id}
    assert free.id not in directory.elsewhere("/", "/999/")


def test_the_mean_rating_of_a_place_needs_enough_of_them(session, station):
    few = make.a_team(session, station, rating_sum=9.5, rating_count=10)
    roster_changed(session)
    assert teams.directory(session).mean_rating(station.path) is None
    few.rating_sum, few.rating_count = 19.0, 20
    session.flush()
    assert teams.directory(session).mean_rating(station.path) == 0.95
    assert teams.directory(session).mean_rating("/999/") is None


def test_closed_teams_are_gone_and_names_are_found_in_any_spelling(session, station):
    make.a_team(session, station, name="松陵电工服务队", closed_at=NOON)
    kept = make.a_team(session, station, name="江陵电工服务队")
    directory = teams.directory(session)
    for words in ("电工", "diangong", "jldg", " 江陵 "):
        assert [card.id for card in directory.named(words, scope="/")] == [kept.id]
    assert directory.named("", scope="/") == []
    assert directory.named("电工", scope="/999/") == []


def test_leaders_and_what_somebody_leads(session, station):
    team = make.a_team(session, station, members=3)
    members = sorted(team.members, key=lambda member: member.volunteer_id)
    members[1].role = MemberRole.DEPUTY
    session.add(
        Membership(
            team_id=team.id, volunteer_id=members[2].volunteer_id, role=MemberRole.LEADER, since=NOON, until=NOON + timedelta(1)
        )
    )
    session.flush()
    leaders = [leader.person.id for leader in teams.leaders_of(session, [team.id], at=NOON - timedelta(days=1))]
    assert leaders == [members[0].volunteer_id, members[1].volunteer_id]
    assert teams.led_by(session, members[1].volunteer_id, NOON) == [(team.id, team.site_path)]
    assert teams.led_by(session, members[2].volunteer_id, NOON + timedelta(days=2)) == []
