"""A site closes without stranding anybody, says before what depends on it, and opens again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.support.builders import NOON, a_county, a_site, a_team, a_volunteer, an_item, an_order, staff
from volunteer.access import SYSTEM, Role
from volunteer.accounts.granting import held
from volunteer.accounts.models import RoleGrant
from volunteer.administration.closing import close_site, open_site
from volunteer.administration.depending import dependents, heirs
from volunteer.audit.models import AuditEntry
from volunteer.kernel.errors import Conflict, Forbidden, Invalid
from volunteer.kernel.geo import Point
from volunteer.orders.lifecycle import Status
from volunteer.places.editing import close_venue, edit_venue, open_venue
from volunteer.places.founding import VenueDraft, found_venue
from volunteer.places.queries import keep_still, villages

HERE = Point(31.1, 120.6)


@pytest.fixture
def county(session):
    centre, branch, station = a_county(session)
    return centre, branch, station, a_site(session, branch)


def test_an_empty_site_closes_with_its_venues_and_opens_with_them(session, county):
    _, branch, station, _ = county
    hall = found_venue(session, SYSTEM, station, VenueDraft(code="HALL", name="文化礼堂", point=HERE), at=NOON)
    shut = found_venue(session, SYSTEM, station, VenueDraft(code="SHUT", name="旧书屋", point=HERE), at=NOON)
    close_venue(session, SYSTEM, shut.id, at=NOON)
    later = NOON + timedelta(days=1)
    close_site(session, SYSTEM, station.id, at=later)
    assert (station.closed_at, hall.closed_at, shut.closed_at) == (later, later, NOON)
    assert station not in dict(villages(session, under=branch.path)).get(branch, [])
    with pytest.raises(Invalid, match="site is closed"):
        open_venue(session, SYSTEM, hall.id, at=later)
    with pytest.raises(Invalid, match="site is closed"):
        found_venue(session, SYSTEM, station, VenueDraft(code="NEW", name="新礼堂", point=HERE), at=later)
    with pytest.raises(Invalid, match="site is closed"):
        keep_still(session, station)
    open_site(session, SYSTEM, station.id, at=later)
    assert (station.closed_at, hall.closed_at, shut.closed_at) == (None, None, NOON)


def test_a_site_in_use_is_not_closed_without_somebody_who_takes_over(session, county):
    _, _, station, _ = county
    an_order(session, station, status=Status.PLACED)
    a_team(session, station)
    found = dependents(session, station, at=NOON)
    assert (found.orders.number, found.teams.number, found.stranded) == (1, 1, True)
    with pytest.raises(Conflict, match="choose who takes them over"):
        close_site(session, SYSTEM, station.id, at=NOON)
    assert station.closed_at is None


def test_the_heir_takes_over_what_lives_and_history_stays(session, county):
    _, branch, station, heir = county
    item = an_item(session, branch)
    live = an_order(session, station, item=item, status=Status.ACCEPTED)
    past = an_order(session, station, item=item, status=Status.CLOSED)
    team, volunteer = a_team(session, station), a_volunteer(session, station)
    session.add(RoleGrant(person_id=volunteer.id, role=Role.VOLUNTEER, site_id=station.id, since=NOON))
    hall = found_venue(session, SYSTEM, station, VenueDraft(code="HALL", name="文化礼堂", point=HERE), at=NOON)
    close_site(session, SYSTEM, station.id, heir_id=heir.id, at=NOON)
    assert (live.site_id, live.site_path, live.desk_id) == (heir.id, heir.path, branch.id)
    assert (past.site_id, past.site_path) == (station.id, station.path)
    assert (team.site_path, volunteer.site_id, hall.site_id, hall.closed_at) == (heir.path, heir.id, heir.id, None)
    assert [grant.site_id for grant in held(session, volunteer.id, NOON)] == [heir.id]
    assert dependents(session, station, at=NOON).nothing
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "site_closed")).one()
    assert (entry.detail["orders"], entry.detail["teams"], entry.detail["heir"]) == (1, 1, heir.id)


def test_a_branch_hands_its_desk_to_another_branch(session, county):
    centre, branch, station, other_station = county
    other = a_site(session, centre)
    live = an_order(session, branch, status=Status.VERIFIED)
    live.desk, live.desk_path = branch, branch.path
    for site in (station, other_station):
        close_site(session, SYSTEM, site.id, at=NOON)
    close_site(session, SYSTEM, branch.id, heir_id=other.id, at=NOON)
    assert (live.site_path, live.desk_id, live.desk_path) == (other.path, other.id, other.path)


def test_staff_roles_end_with_the_site(session, county):
    _, _, station, _ = county
    clerk = staff(session, Role.CLERK, station)
    [(person, role)] = dependents(session, station, at=NOON).staff.first
    assert (person.id, role) == (clerk.user_id, Role.CLERK)
    close_site(session, SYSTEM, station.id, at=NOON)
    assert held(session, clerk.user_id, NOON + timedelta(seconds=1)) == []


def test_what_must_not_close_is_refused_with_words(session, county):
    centre, branch, station, heir = county
    with pytest.raises(Invalid, match="centre cannot be closed"):
        close_site(session, SYSTEM, centre.id, at=NOON)
    with pytest.raises(Conflict, match="open sites below"):
        close_site(session, SYSTEM, branch.id, at=NOON)
    for wrong in (branch, station):
        with pytest.raises(Invalid, match="same level"):
            close_site(session, SYSTEM, station.id, heir_id=wrong.id, at=NOON)
    with pytest.raises(Forbidden):
        close_site(session, staff(session, Role.SITE_ADMIN, station), station.id, at=NOON)
    assert heirs(session, staff(session, Role.SITE_ADMIN, branch), station) == [heir]
    for site in (station, heir, branch):
        close_site(session, SYSTEM, site.id, at=NOON)
    with pytest.raises(Invalid, match="above is closed"):
        open_site(session, SYSTEM, station.id, at=NOON)


def test_the_second_of_two_who_edit_a_venue_is_told_and_the_audit_says_which_fields(session, county):
    _, _, station, heir = county
    hall = found_venue(session, SYSTEM, station, VenueDraft(code="HALL", name="文化礼堂", point=HERE), at=NOON)
    seen = hall.version
    draft = VenueDraft(code="HALL", name="新文化礼堂", point=HERE)
    edit_venue(session, SYSTEM, hall.id, draft, site=heir, seen=seen, at=NOON)
    session.flush()  # the version goes up
    assert hall.site_id == heir.id
    with pytest.raises(Conflict, match="Somebody else changed this"):
        edit_venue(session, SYSTEM, hall.id, draft, seen=seen, at=NOON)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "venue_edited")).one()
    assert entry.detail["fields"] == ["name", "site"]
