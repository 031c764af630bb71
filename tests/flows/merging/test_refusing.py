"""Who is not merged, by whom not, and which pairs are shown at all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.support.builders import (
    NOON,
    a_county,
    a_person,
    a_site,
    a_volunteer,
    an_actor,
    an_order,
    staff,
)
from tests.support.merging import a_home, go
from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.administration.merging import finding, jobs, merging
from volunteer.administration.merging.lifecycle import PairState
from volunteer.administration.merging.merging import MergeDraft
from volunteer.administration.merging.models import Pair
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.recognition.lifecycle import HomeState
from volunteer.recognition.models_homes import HomeMember

DAY = timedelta(days=1)
BORN = date(1968, 3, 2)


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


def test_two_households_are_not_made_one(session, county, admin, kept, gone):
    for one in (kept, gone):
        home = a_home(session, county[2], one.person)
        session.add(HomeMember(home=home, person_id=one.id, state=HomeState.MEMBER, invited_at=NOON, since=NOON.date()))
    session.flush()
    with pytest.raises(Conflict, match="households"):
        go(session, admin, kept, gone)
