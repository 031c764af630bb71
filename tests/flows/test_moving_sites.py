"""A site moves with everything that lives below it; history stays counted where it was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import NOON, a_county, a_site, a_team, an_item, an_order, staff
from volunteer.access import SYSTEM, Role
from volunteer.administration.closing import close_site
from volunteer.administration.moving import move_site, targets
from volunteer.administration.references import BONDS, STAYS
from volunteer.kernel.db import Base
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.kernel.tables import import_all_models
from volunteer.orders.lifecycle import Action, Status
from volunteer.orders.plans import batching
from volunteer.orders.plans.lifecycle import RunState
from volunteer.places import queries
from volunteer.teams.queries import directory


@pytest.fixture
def county(session):
    """One centre, two branches; the station of the first has a team, an open order and a closed one."""
    centre, branch, station = a_county(session)
    other = a_site(session, centre)
    item = an_item(session, centre)
    team = a_team(session, station)
    live = an_order(session, station, item=item, status=Status.VERIFIED)
    past = an_order(session, station, item=item, status=Status.CLOSED, closed_at=NOON)
    session.flush()  # what moves is read by statements
    return centre, branch, station, other, team, live, past


def test_a_station_moves_with_its_team_and_its_open_orders(session, county):
    centre, branch, station, other, team, live, past = county
    before, new = station.path, f"{other.path}{station.id}/"
    moved = move_site(session, SYSTEM, station.id, other.id, at=NOON)
    assert (moved.sites, moved.orders, moved.teams) == (1, 1, 1)
    assert (station.path, team.site_path, live.site_path) == (new, new, new)
    assert (live.desk_id, live.desk_path) == (other.id, other.path)
    assert (past.site_path, past.desk_path) == (before, branch.path)  # history keeps
    assert [event.what for event in live.events][-1] == "moved"
    assert queries.branch_over(session, station) is other
    assert [card.id for card in directory(session).under(other.path)] == [team.id]


def test_an_open_plan_of_ground_that_moves_is_dropped_and_gives_its_desks_back(session, county):
    _, branch, station, other, *_ = county
    boss = staff(session, Role.DISPATCHER, branch)
    run = batching.start_run(session, boss, branch.id, at=NOON)
    move_site(session, SYSTEM, station.id, other.id, at=NOON)
    assert run.state is RunState.DROPPED
    assert batching.start_run(session, staff(session, Role.DISPATCHER, other), other.id, at=NOON).id != run.id


def test_a_branch_takes_its_stations_along(session, county):
    _, branch, station, _, team, live, _ = county
    abroad, *_ = a_county(session)
    move_site(session, SYSTEM, branch.id, abroad.id, at=NOON)
    assert station.path == f"{abroad.path}{branch.id}/{station.id}/"
    assert (live.site_path, live.desk_path, team.site_path) == (station.path, branch.path, station.path)


def test_an_order_that_went_up_to_the_centre_stays_there(session, county):
    centre, _, station, other, _, live, _ = county
    live.desk, live.desk_path = centre, centre.path
    session.flush()  # what moves is read by statements
    move_site(session, SYSTEM, station.id, other.id, at=NOON)
    assert (live.desk_id, live.desk_path) == (centre.id, centre.path)


def test_an_order_that_is_opened_again_is_where_its_village_is_now(session, county):
    _, _, station, other, _, _, past = county
    move_site(session, SYSTEM, station.id, other.id, at=NOON)
    past.advance(Action.REOPEN, by=SYSTEM, at=NOON)
    assert past.site_path == station.path


def test_what_cannot_hang_there_is_refused_with_words(session, county):
    centre, branch, station, other, *_ = county
    for site, parent, words in (
        (centre, branch, "stands at the top"),
        (branch, station, "below itself"),
        (branch, branch, "below itself"),
        (station, centre, "A station lies below a branch"),
        (branch, other, "A station lies below a branch"),
    ):
        with pytest.raises(Invalid, match=words):
            move_site(session, SYSTEM, site.id, parent.id, at=NOON)
    close_site(session, SYSTEM, other.id, at=NOON)
    with pytest.raises(Invalid, match="above is closed"):
        move_site(session, SYSTEM, station.id, other.id, at=NOON)


def test_a_site_is_moved_by_whoever_looks_after_both_sites_above(session, county):
    centre, branch, station, other, *_ = county
    inside, above = staff(session, Role.SITE_ADMIN, branch), staff(session, Role.SITE_ADMIN, centre)
    with pytest.raises(NotFound):
        move_site(session, inside, station.id, other.id, at=NOON)
    with pytest.raises(Forbidden):
        move_site(session, inside, branch.id, centre.id, at=NOON)
    with pytest.raises(Forbidden):
        move_site(session, staff(session, Role.DIRECTOR, centre), station.id, other.id, at=NOON)
    assert [site.id for site in targets(session, above, station)] == [other.id]
    assert move_site(session, above, station.id, other.id, at=NOON).sites == 1
    assert move_site(session, above, station.id, other.id, at=NOON).sites == 0  # it is there already


def test_the_second_of_two_who_change_a_site_is_told(session, county):
    _, _, station, other, *_ = county
    seen = station.version
    station.name = "改名"
    session.flush()  # somebody else's change
    with pytest.raises(Conflict, match="Somebody else changed this"):
        move_site(session, SYSTEM, station.id, other.id, seen=seen, at=NOON + timedelta(minutes=1))


def test_whatever_is_bound_to_a_site_has_been_thought_of():
    """A table that names a site by number or stores a path says in administration/references.py what becomes of it."""
    import_all_models()
    tables = Base.metadata.tables.values()
    bound = {
        str(column)
        for table in tables
        for column in table.columns
        if any(key.column.table.name == "sites" for key in column.foreign_keys) or column.name.endswith("path")
    }
    followed = {f"{bond.table.__tablename__}.{name}" for bond in BONDS for name in (bond.site, bond.path) if name is not None}
    assert bound - followed - set(STAYS) == set()
    assert set(STAYS) <= bound
