"""The search of all staff: characters, pinyin and initials, own places only; by phone only who may, and written down."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support import builders
from tests.support.builders import NOON
from volunteer.access import Actor, Role
from volunteer.accounts import finding
from volunteer.accounts.models import Person
from volunteer.audit.models import AuditEntry
from volunteer.insights import searching
from volunteer.insights.searching import Kind
from volunteer.insights.searching_phones import digits_of, search_by_phone
from volunteer.kernel.errors import Forbidden, Invalid
from volunteer.places.models import Site
from volunteer.teams.enrolling import VolunteerDraft, enrol_volunteers


def found(session: Session, role: Role, site: Site, words: str) -> dict[Kind, list[str]]:
    actor = builders.an_actor(None, (role, site))
    return {group.kind: [hit.name for hit in group.hits] for group in searching.search(session, actor, words)}


@pytest.mark.parametrize("words", ["陆晓岚", "晓", "luxiaolan", "lu xiao", "lxl", "LXL", "ＬＸＬ", "xl"])
def test_a_volunteer_is_found_by_characters_pinyin_and_initials(session: Session, words: str) -> None:
    centre, _, station = builders.a_county(session)
    builders.a_volunteer(session, station, "陆晓岚")
    assert found(session, Role.DIRECTOR, centre, words)[Kind.PEOPLE] == ["陆晓岚"]


def test_a_volunteer_is_found_by_the_beginning_of_the_number(session: Session) -> None:
    centre, _, station = builders.a_county(session)
    volunteer = builders.a_volunteer(session, station, "陆晓岚")
    assert found(session, Role.DIRECTOR, centre, volunteer.number.lower())[Kind.PEOPLE] == ["陆晓岚"]


def test_a_new_name_is_found_and_the_old_one_no_more(session: Session) -> None:
    centre, _, station = builders.a_county(session)
    builders.a_volunteer(session, station, "陆晓岚").person.name = "沈星河"
    session.flush()
    assert found(session, Role.DIRECTOR, centre, "sxh")[Kind.PEOPLE] == ["沈星河"]
    assert Kind.PEOPLE not in found(session, Role.DIRECTOR, centre, "lxl")


def test_volunteers_that_register_in_bulk_are_found_as_well(session: Session) -> None:
    centre, _, station = builders.a_county(session)
    actor = builders.an_actor(None, (Role.SITE_ADMIN, centre))
    enrol_volunteers(session, actor, [VolunteerDraft(site=station, number="X1", name="顾南溪", phone="13800004321")], at=NOON)
    assert found(session, Role.DIRECTOR, centre, "gnx")[Kind.PEOPLE] == ["顾南溪"]
    assert [person.name for person in finding.by_phone_part(session, "4321", limit=9)] == ["顾南溪"]


def test_orders_teams_sites_and_services_are_found_and_nothing_of_another_centre(session: Session) -> None:
    centre, _, station = builders.a_county(session)
    item = builders.an_item(session, centre, name="换灯管")
    order = builders.an_order(session, station, item=item, place="荷塘新村")
    builders.a_team(session, station, name="荷塘电工队")
    station.name, station.search = "荷塘村", "荷塘村 hetangcun htc"
    session.flush()
    mine = found(session, Role.DIRECTOR, centre, "荷塘")
    assert mine == {Kind.ORDERS: ["换灯管"], Kind.TEAMS: ["荷塘电工队"], Kind.SITES: ["荷塘村"]}
    assert found(session, Role.DIRECTOR, centre, "hdg")[Kind.SERVICES] == ["换灯管"]
    assert found(session, Role.DIRECTOR, centre, order.number)[Kind.ORDERS] == ["换灯管"]
    assert found(session, Role.CLERK, station, "换灯")[Kind.SERVICES] == ["换灯管"]
    other = builders.a_site(session)
    for words in ("荷塘", "hdg", order.number):
        assert found(session, Role.DIRECTOR, other, words) == {}


def test_residents_are_not_found_by_name_and_signs_are_no_wildcards(session: Session) -> None:
    centre, _, station = builders.a_county(session)
    builders.an_order(session, station, resident=builders.a_person(session, "慕容雪"))
    assert found(session, Role.DIRECTOR, centre, "慕容") == {}
    for words in ("%", "_", "\\", "'", "  ", "\x00"):
        assert Kind.PEOPLE not in found(session, Role.DIRECTOR, centre, words)


@pytest.mark.parametrize(("typed", "digits"), [("4321", "4321"), ("0000-4321", "00004321"), ("４３２１", "4321"), ("321", None), ("四三二一", None), ("", None)])  # fmt: skip
def test_the_end_of_a_phone_is_four_digits_or_more(typed: str, digits: str | None) -> None:
    assert digits_of(typed) == digits


def looked(session: Session, actor: Actor, typed: str) -> list[tuple[Kind, str]]:
    return [(group.kind, hit.key) for group in search_by_phone(session, actor, typed, at=NOON) for hit in group.hits]


def test_by_the_end_of_the_phone_a_dispatcher_finds_the_callers_order_and_it_is_written_down(session: Session) -> None:
    centre, branch, station = builders.a_county(session)
    caller = builders.a_person(session, "李奶奶", "13800004321")
    order = builders.an_order(session, station, resident=caller)
    builders.a_person(session, "王爷爷", "13900004321")
    actor = builders.staff(session, Role.DISPATCHER, branch)
    assert looked(session, actor, "4321") == [(Kind.ORDERS, order.number)]
    assert looked(session, actor, "13800004321") == [(Kind.ORDERS, order.number)]
    assert looked(session, actor, "99994321") == []
    entries = session.execute(select(AuditEntry.subject, AuditEntry.site_path).order_by(AuditEntry.id)).tuples().all()
    assert entries == [(f"person:{caller.id}", station.path)] * 2 + [("person:unknown", "/")]
    abroad = builders.staff(session, Role.DISPATCHER, builders.a_site(session))
    assert looked(session, abroad, "4321") == []


def test_an_administrator_finds_volunteers_by_phone_but_no_residents(session: Session) -> None:
    centre, _, station = builders.a_county(session)
    volunteer = builders.a_volunteer(session, station, "陆晓岚")
    volunteer.person.phone = "13800004321"
    builders.an_order(session, station, resident=builders.a_person(session, "李奶奶", "13900004321"))
    session.flush()
    actor = builders.staff(session, Role.SITE_ADMIN, centre)
    assert looked(session, actor, "4321") == [(Kind.PEOPLE, volunteer.number)]


def test_a_director_may_not_look_by_phone_and_three_digits_are_too_few(session: Session) -> None:
    centre = builders.a_site(session)
    with pytest.raises(Forbidden):
        looked(session, builders.staff(session, Role.DIRECTOR, centre), "4321")
    with pytest.raises(Invalid):
        looked(session, builders.staff(session, Role.DISPATCHER, centre), "321")


def test_people_of_an_older_version_become_findable(session: Session) -> None:
    centre, _, station = builders.a_county(session)
    volunteer = builders.a_volunteer(session, station, "陆晓岚")
    volunteer.person.phone = "13800004321"
    session.flush()
    session.execute(update(Person).values(search=None, phone_tail_index=None))
    session.expire_all()
    assert found(session, Role.DIRECTOR, centre, "lxl") == {}
    assert finding.index_missing(session, NOON) == 1
    session.flush()
    assert found(session, Role.DIRECTOR, centre, "lxl")[Kind.PEOPLE] == ["陆晓岚"]
    assert finding.index_missing(session, NOON) == 0
    assert [person.id for person in finding.by_phone_part(session, "4321", limit=9)] == [volunteer.id]
