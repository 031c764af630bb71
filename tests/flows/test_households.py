"""Places of one's own, and markers of vulnerable households: who sees them, when, and what is left of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from tests.support.builders import NOON, a_county, a_person, a_site, a_team, an_actor, an_item, an_order, leader_of, staff
from volunteer.access import NOBODY, Role
from volunteer.audit.models import AuditEntry
from volunteer.kernel.errors import Forbidden, Invalid, NotFound
from volunteer.orders.households import addresses, marking
from volunteer.orders.households.addresses import PlaceDraft
from volunteer.orders.households.marking import MarkerDraft
from volunteer.orders.households.models_household import Marker, MarkerKind, SavedPlace
from volunteer.orders.lifecycle import WITH_TEAM, Status

CANARY = "金丝雀-床边有氧气"
TODAY = (NOON + timedelta(hours=8)).date()


@pytest.fixture
def county(session):
    return a_county(session)


def a_marker(**changed):
    values: dict[str, Any] = {
        "kind": "bedridden",
        "reason": "站点走访",
        "consent": "本人签字",
        "note": CANARY,
        "check_on": TODAY + timedelta(days=90),
    }
    return MarkerDraft(**(values | changed))


def test_a_place_is_kept_changed_and_really_removed(session, county):
    me = an_actor(a_person(session))
    place = addresses.keep_place(session, me, PlaceDraft(label="家", address="3幢201", site_id=county[2].id), at=NOON)
    twin = addresses.keep_place(session, me, PlaceDraft(label="家", address="3幢201", site_id=county[2].id), at=NOON)
    assert twin.id == place.id
    addresses.keep_place(session, me, PlaceDraft(label="妈妈家", address="2幢", site_id=county[2].id), place_id=place.id, at=NOON)
    assert [(one.label, one.door) for one in addresses.places_of(session, me.user_id)] == [("妈妈家", "2幢")]
    stored = session.execute(text("SELECT * FROM saved_places")).all()
    assert "妈妈家".encode() not in repr(stored).encode()
    addresses.remove_place(session, me, place.id)
    session.flush()  # counted below
    assert session.scalars(select(SavedPlace)).all() == []


def test_anothers_place_does_not_exist(session, county):
    place = addresses.keep_place(session, an_actor(a_person(session)), PlaceDraft(label="家", site_id=county[2].id), at=NOON)
    for stranger in (an_actor(a_person(session)), NOBODY):
        with pytest.raises(NotFound):
            addresses.remove_place(session, stranger, place.id)
        with pytest.raises(NotFound):
            addresses.keep_place(session, stranger, PlaceDraft(label="x", site_id=county[2].id), place_id=place.id, at=NOON)


def test_a_place_without_a_name_or_a_village_is_refused_with_words(session, county):
    with pytest.raises(Invalid) as refused:
        addresses.keep_place(session, an_actor(a_person(session)), PlaceDraft(label=" ", address="火星"), at=NOON)
    assert set(refused.value.fields) == {"label", "site"}


@pytest.mark.parametrize("status", sorted(Status))
def test_the_team_sees_markers_only_while_it_has_the_order(session, county, status):
    team = a_team(session, county[2])
    order = an_order(session, county[2], item=an_item(session, county[0]), status=status, team=team)
    marking.set_marker(session, staff(session, Role.CLERK, county[2]), order.id, a_marker(), at=NOON)
    session.flush()  # read below
    seen = marking.look_before_serving(session, leader_of(session, team), order, at=NOON)
    assert [one.note for one in seen] == ([CANARY] if status in WITH_TEAM else [])
    looks = session.scalars(select(AuditEntry).where(AuditEntry.action == "markers_seen")).all()
    assert len(looks) == len(seen)
    assert marking.look_before_serving(session, leader_of(session, a_team(session, county[2])), order, at=NOON) == []


def test_past_its_day_of_recheck_a_team_no_longer_sees_it_and_the_desk_is_reminded(session, county):
    team = a_team(session, county[2])
    order = an_order(session, county[2], status=Status.ACCEPTED, team=team)
    clerk = staff(session, Role.CLERK, county[2])
    marking.set_marker(session, clerk, order.id, a_marker(), at=NOON)
    session.flush()  # read below
    later = NOON + timedelta(days=91)
    assert marking.look_before_serving(session, leader_of(session, team), order, at=later) == []
    assert [one.due for one in marking.look(session, clerk, order, at=later)] == [True]


def test_only_clerks_and_dispatchers_of_the_place_keep_and_see_them(session, county):
    order = an_order(session, county[2])
    for role, refusal in ((Role.DIRECTOR, Forbidden), (Role.SITE_ADMIN, Forbidden), (Role.AUDITOR, Forbidden)):
        with pytest.raises(refusal):
            marking.look(session, staff(session, role, county[0]), order, at=NOON)
    with pytest.raises(NotFound):
        marking.set_marker(session, staff(session, Role.CLERK, a_site(session)), order.id, a_marker(), at=NOON)


def test_the_same_kind_again_corrects_it_and_removing_leaves_nothing_but_the_act(session, county):
    order = an_order(session, county[2])
    clerk = staff(session, Role.CLERK, county[2])
    for note in (CANARY, "改过的"):
        marking.set_marker(session, clerk, order.id, a_marker(note=note), at=NOON)
        session.flush()  # looked up the second time
    (marker,) = session.scalars(select(Marker)).all()
    assert marker.note == "改过的"
    with pytest.raises(NotFound):
        marking.remove_own(session, an_actor(a_person(session)), marker.id, at=NOON)
    marking.remove_own(session, an_actor(order.resident), marker.id, at=NOON)  # the household takes its consent back
    session.flush()  # counted below
    assert session.scalars(select(Marker)).all() == []
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action.like("marker%"))).all()
    assert [entry.action for entry in entries] == ["marker_set", "marker_corrected", "marker_removed"]
    assert CANARY not in repr([entry.detail for entry in entries])


def test_kinds_are_data(session, county):
    session.add_all(
        [MarkerKind(code="carer", name="照护者", name_en="Carer"), MarkerKind(code="alone", name="独居", closed_at=NOON)]
    )
    session.flush()  # read below
    assert ("carer" in marking.kinds(session), "alone" in marking.kinds(session)) == (True, False)


def test_what_is_missing_is_said_all_at_once(session, county):
    order = an_order(session, county[2])
    clerk, draft = (
        staff(session, Role.CLERK, county[2]),
        a_marker(kind="x", reason="", consent=" ", note="长" * 300, check_on=TODAY),
    )
    with pytest.raises(Invalid) as refused:
        marking.set_marker(session, clerk, order.id, draft, at=NOON)
    assert set(refused.value.fields) == {"kind", "reason", "consent", "note", "check_on"}
