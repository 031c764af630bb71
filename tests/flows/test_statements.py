"""Statements as of any moment, what is still open by age, and the rules of a second person for keys."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from tests.flows.test_chain import MIDNIGHT, NOON
from tests.support import builders as make
from tests.support.counting import counting
from volunteer.access import SYSTEM, Role
from volunteer.insights.books import naming, whose
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.ledger import book, closing, keys, rotating, statements
from volunteer.ledger.models import Unit
from volunteer.ledger.models_keys import Purpose
from volunteer.ledger.rules import held_for, issued_by, merchant, person, wish
from volunteer.orders.models import ServiceOrder

DAY = timedelta(days=1)
NUMBERS = count(1)
POINTS = issued_by(3, Unit.POINTS)


def move(session, amount, source, target, at, unit=Unit.POINTS, **more):
    given = {"reason": "service", "key": f"any:{next(NUMBERS)}", **more}
    return book.move(session, unit, amount, source=source, target=target, at=at, **given)


def test_a_balance_is_known_as_of_any_past_moment(session):
    for day, amount in ((0, 10), (2, 20), (4, 30)):
        move(session, amount, POINTS, person(7), NOON + day * DAY)
    spent = move(session, 25, person(7), merchant(1), NOON + 5 * DAY, reason="collect")
    book.reverse(session, spent, note="not there", at=NOON + 6 * DAY)
    known = [statements.balance_as_of(session, person(7), Unit.POINTS, NOON + day * DAY) for day in range(-1, 8)]
    assert known == [0, 10, 10, 30, 30, 60, 35, 60, 60]
    assert statements.balance_as_of(session, person(7), Unit.POINTS, NOON + 2 * DAY - timedelta(seconds=1)) == 10
    assert statements.balance_as_of(session, person(7), Unit.MINUTES, NOON + DAY) == 0


def test_a_statement_adds_up_page_by_page(session):
    for number in range(1, 24):
        move(session, number, POINTS, person(7), NOON + (number // 3) * DAY)
        if number % 4 == 0:
            move(session, number // 2, person(7), merchant(1), NOON + (number // 3) * DAY, reason="collect")
    mine = statements.of_owner(session, person(7), Unit.POINTS)
    since, until = NOON + 2 * DAY, NOON + 6 * DAY
    whole = statements.statement(session, mine, since=since, until=until)
    assert whole.opening == statements.balance_as_of(session, person(7), Unit.POINTS, since - timedelta(seconds=1))
    assert whole.closing == statements.balance_as_of(session, person(7), Unit.POINTS, until - timedelta(seconds=1))
    assert whole.lines[0].after == whole.closing
    assert whole.lines[-1].after - whole.lines[-1].amount == whole.opening
    pages, before = [], None
    while True:
        page = statements.statement(session, mine, since=since, until=until, before=before, size=4)
        pages += page.lines
        before = page.next_key
        if before is None:
            break
    assert pages == list(whole.lines)
    assert (page.opening, page.came, page.went) == (whole.opening, whole.came, whole.went)


@pytest.fixture
def places(session):
    centre, branch, station = make.a_county(session)
    volunteer = make.a_volunteer(session, station, "王试")
    team = make.a_team(session, station, name="本队")
    item = make.an_item(session, centre)
    order = make.an_order(session, site=station, item=item)
    order.team_id = team.id
    session.flush()
    return centre, branch, station, volunteer, team, order


def test_person_team_and_site_have_a_statement_where_one_answers_for_them(session, places):
    centre, _branch, station, volunteer, team, order = places
    given = move(
        session, 60, issued_by(station.id, Unit.MINUTES), person(volunteer.id), NOON, Unit.MINUTES, about=f"order:{order.id}"
    )
    move(session, 30, issued_by(station.id, Unit.MINUTES), person(volunteer.id), NOON, Unit.MINUTES, about="order:0")
    auditor = make.staff(session, Role.AUDITOR, centre)
    codes = {"person": volunteer.number, "team": team.code, "site": station.code}
    read = {
        kind: statements.statement(session, whose.find(session, auditor, kind, code, Unit.MINUTES).whose)
        for kind, code in codes.items()
    }
    assert {kind: (one.came, one.went) for kind, one in read.items()} == {"person": (90, 0), "team": (60, 0), "site": (0, 90)}
    over = move(
        session, 60, person(volunteer.id), person(7), NOON, Unit.MINUTES, reason="merge", about=f"order:{order.id}"
    )  # the team served once, whoever the minutes went over to
    team_s = whose.find(session, auditor, "team", team.code, Unit.MINUTES).whose
    assert statements.statement(session, team_s).closing == 60
    book.reverse(session, over, note="apart", at=NOON)
    book.reverse(session, given, note="twice", at=NOON + DAY)
    found = whose.find(session, auditor, "team", team.code, Unit.MINUTES)
    assert statements.statement(session, found.whose).closing == 0
    assert whose.sums_by_person(session, found.whose, NOON - DAY, NOON + 2 * DAY) == [(person(volunteer.id), 2, 0)]
    stranger = make.staff(session, Role.AUDITOR, make.a_county(session)[0])
    clerk = make.staff(session, Role.CLERK, station)
    for actor in (stranger, clerk):
        for kind, code in codes.items():
            with pytest.raises(NotFound):
                whose.find(session, actor, kind, code, Unit.MINUTES)
    assert session.get(ServiceOrder, order.id) is order


def test_what_is_open_is_listed_by_age_and_what_was_paid_is_not(session):
    move(session, 500, POINTS, person(7), NOON)
    move(session, 10, person(7), held_for(1), NOON, reason="reserve")
    move(session, 20, person(7), held_for(2), NOON + 20 * DAY, reason="reserve")
    move(session, 20, held_for(2), merchant(1), NOON + 21 * DAY, reason="collect")
    move(session, 5, person(7), wish(3), NOON + 80 * DAY, reason="points_wish")
    move(session, 20, merchant(1), "merchant:1:settled", NOON + 30 * DAY, reason="settle")
    move(session, 8, person(7), merchant(1), NOON + 95 * DAY, reason="collect")
    items = closing.open_items(session)
    assert [(item.owner, item.balance, (item.since - NOON).days) for item in items] == [
        (held_for(1), 10, 0), (wish(3), 5, 80), (merchant(1), 8, 95),
    ]  # fmt: skip
    classes = {one.kind: one.counts for one in closing.by_age(session, NOON + 100 * DAY)}
    assert classes == {"redemption": [0, 0, 0, 1], "wish": [0, 1, 0, 0], "merchant": [1, 0, 0, 0]}
    assert [item.owner for item in closing.open_items(session, limit=1)] == [held_for(1)]
    (points,) = (one for one in closing.sums(session) if one.unit is Unit.POINTS)
    assert (points.issued, points.people, points.waiting, points.other, points.total) == (500, 457, 23, 20, 0)


def test_owners_are_named_in_words_and_people_elsewhere_by_number(session, places):
    centre, branch, station, *_ = places
    mine, other = make.a_volunteer(session, station, "李试"), make.a_volunteer(session, make.a_county(session)[2], "王试")
    order = make.an_order(session, station)
    neighbour = make.staff(session, Role.RESIDENT, station, name="赵奶奶").user_id
    shown = {person(mine.id), person(other.id), person(neighbour)}
    owners = shown | {f"site:{branch.id}:points-issued", f"order:{order.id}", "merchant:9:settled", "x", ""}
    with counting(session.get_bind().engine) as sent:
        known = naming.in_words(session, [centre.path], owners | {person(number) for number in range(2_000, 2_300)})
    assert len(sent) <= 4, "one query for each kind"
    assert (known[person(mine.id)].name, known[person(mine.id)].number) == ("李试", mine.number)
    assert (known[person(neighbour)].name, known[person(neighbour)].number) == ("赵奶奶", "")
    assert (known[person(other.id)].name, known[person(other.id)].number) == ("", other.number)
    assert (known[f"site:{branch.id}:points-issued"].name, known[f"site:{branch.id}:points-issued"].what) == (
        branch.name, "%(word)s issued",
    )  # fmt: skip
    assert known[f"order:{order.id}"].number == order.number
    assert (known["merchant:9:settled"].name, known["merchant:9:settled"].what) == ("", "paid to the shop")
    assert not known["x"].is_known
    assert set(naming.KINDS) >= set(closing.OPEN)
    gone = {person(other.id + 10**8), "person:x", f"person:{10**12}"}
    assert [one.name for one in naming.in_words(session, [centre.path], gone).values()] == ["", "", ""]


def test_what_is_read_is_what_lies_below_the_readers_places(session, places):
    _centre, branch, station, *_ = places
    volunteer = make.a_volunteer(session, station)
    move(session, 50, issued_by(branch.id, Unit.POINTS), person(volunteer.id), NOON)
    move(session, 7, issued_by(10**6, Unit.POINTS), person(10**6), NOON)
    (points,) = (one for one in closing.sums(session, whose.reach_of([branch.path])) if one.unit is Unit.POINTS)
    assert (points.issued, points.people) == (50, 50)
    neighbour = make.staff(session, Role.RESIDENT, station).user_id
    move(session, 20, person(volunteer.id), person(neighbour), NOON, reason="points_gift")
    (points,) = (one for one in closing.sums(session, whose.reach_of([branch.path])) if one.unit is Unit.POINTS)
    assert (points.people, points.total) == (50, 0)
    (points,) = (
        one for one in closing.sums(session, whose.reach_of([make.a_county(session)[0].path])) if one.unit is Unit.POINTS
    )
    assert (points.issued, points.people) == (0, 0)
    assert closing.sums(session, whose.reach_of([])) == [closing.Sums(unit, 0, 0, 0, 0) for unit in Unit]


def test_a_new_key_takes_two_people(session, places):
    centre, branch, *_ = places
    first = keys.current(session, Purpose.CERTIFICATE, at=NOON)
    it, other = make.staff(session, Role.COUNTY_IT, centre), make.staff(session, Role.COUNTY_IT, centre)
    auditor = make.staff(session, Role.AUDITOR, centre)
    asked = rotating.ask(session, it, Purpose.CERTIFICATE, "一年一换", at=NOON)
    assert rotating.ask(session, it, Purpose.CERTIFICATE, "again", at=NOON) is asked
    with pytest.raises(Conflict, match="already asked"):
        rotating.ask(session, other, Purpose.CERTIFICATE, "me too", at=NOON)
    with pytest.raises(Conflict, match="second person"):
        rotating.decide(session, it, asked.id, True, at=NOON)
    assert keys.current(session, Purpose.CERTIFICATE, at=NOON) is first
    rotating.decide(session, auditor, asked.id, True, at=MIDNIGHT)
    assert rotating.decide(session, auditor, asked.id, True, at=MIDNIGHT + DAY) is asked
    assert keys.current(session, Purpose.CERTIFICATE, at=MIDNIGHT).kid == asked.kid != first.kid
    assert [(key.kid, key.ends) for key in keys.published(session, Purpose.CERTIFICATE)] == [
        (first.kid, MIDNIGHT),
        (asked.kid, None),
    ]
    with pytest.raises(Conflict, match="already decided"):
        rotating.decide(session, other, asked.id, False, at=MIDNIGHT)
    with pytest.raises(Forbidden):
        rotating.ask(session, make.staff(session, Role.COUNTY_IT, branch), Purpose.LEDGER, "why", at=NOON)
    with pytest.raises(Forbidden):
        rotating.ask(session, auditor, Purpose.LEDGER, "why", at=NOON)


def test_a_request_for_a_key_is_refused_or_grows_old(session, places):
    centre, *_ = places
    auditor = make.staff(session, Role.AUDITOR, centre)
    first = keys.current(session, Purpose.LEDGER, at=NOON)
    with pytest.raises(Invalid, match="say why"):
        rotating.ask(session, SYSTEM, Purpose.LEDGER, " ", at=NOON)
    asked = rotating.ask(session, SYSTEM, Purpose.LEDGER, "once a year", at=NOON)
    rotating.decide(session, auditor, asked.id, False, at=NOON)
    asked = rotating.ask(session, SYSTEM, Purpose.LEDGER, "once a year", at=NOON)
    with pytest.raises(Conflict, match="week old"):
        rotating.decide(session, auditor, asked.id, True, at=NOON + 8 * DAY)
    assert keys.current(session, Purpose.LEDGER, at=NOON) is first
    alone = rotating.change_alone(session, Purpose.LEDGER, "the file was copied", at=NOON)
    assert keys.current(session, Purpose.LEDGER, at=NOON) is alone
