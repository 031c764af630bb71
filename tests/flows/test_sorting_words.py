"""Free words on a database: suggested from the menu that holds here, answered by the resident, settled by staff, learned at night."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.support.builders import NOON, a_county, a_person, a_site, an_actor, an_item, staff
from tests.support.counting import counting
from volunteer.access import NOBODY, Role, link_holder
from volunteer.catalogue import suggesting
from volunteer.catalogue.models_words import WordModel
from volunteer.kernel import errands
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.orders import changing
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.placing import OrderDraft, place_order, verify_order
from volunteer.orders.words import jobs_words, queries_words, sorting
from volunteer.orders.words.models_sorting import Sorting


@pytest.fixture
def menu(session):
    centre, branch, station = a_county(session)
    items = [
        an_item(session, centre, name="换灯管灯泡", name_en="Change a lamp", summary="灯不亮、一闪一闪"),
        an_item(session, centre, name="疏通下水道", name_en="Blocked drains", skills=("plumbing",)),
        an_item(session, centre, name="上门理发", name_en="Haircut at home", skills=("haircut",)),
    ]
    for item, code in zip(items, ("lamp", "drain", "haircut"), strict=True):
        item.code = code
    session.flush()
    return centre, station, {item.code: item for item in items}


def in_own_words(session, station, words="厨房间的灯不亮了", name="李试", **values):
    draft = OrderDraft(name=name, phone="13800000001", notice="test", words=words, site_id=station.id, **values)
    return place_order(session, NOBODY, draft, at=NOON)


def owner(order):
    return link_holder(order.id, order.site_path)


def answer(session, order, code):
    return sorting.settle_by_resident(session, owner(order), changing.own_order(session, owner(order), order.id), code, at=NOON)


def night(session):
    jobs_words.learn_words(session, NOON)
    left = errands.take(session)
    for errand in left:
        errand.settle(session, errand.go(), NOON)
    session.flush()
    return len(left)


def test_a_county_understands_free_words_on_its_first_day(session, menu):
    _, station, items = menu
    found = suggesting.suggest(session, "楼道口那盏灯一闪一闪的", station.path)
    assert found.item is items["lamp"]
    assert found.likely
    assert found.is_sure
    assert [skill.code for skill in found.skills] == ["electric"]
    assert "灯" in "".join(found.because)
    assert suggesting.suggest(session, "嗯", station.path) is None


def test_one_word_alone_is_never_almost_certain(session, menu):
    found = suggesting.suggest(session, "剃头", menu[1].path)
    assert found.item is menu[2]["haircut"]
    assert found.likely
    assert not found.is_sure or len(found.because) > 1


def test_only_the_menu_that_holds_there_is_suggested(session, menu):
    elsewhere = a_site(session)
    other = an_item(session, elsewhere, name="换灯泡")
    found = suggesting.suggest(session, "灯不亮了", elsewhere.path)
    assert found is None or found.item is other
    menu[2]["lamp"].closed_at = NOON
    session.flush()
    found = suggesting.suggest(session, "灯不亮了", menu[1].path)
    assert found is None or found.item.code != "lamp"


def test_the_resident_says_yes_once_and_staff_still_check(session, menu):
    centre, station, items = menu
    order = in_own_words(session, station)
    assert not sorting.answered(session, order)
    answer(session, order, "lamp")
    answer(session, order, "lamp")
    assert (order.item, order.status) == (items["lamp"], Status.PLACED)
    assert [event.what for event in order.events] == ["place", "sorted"]
    verify_order(session, staff(session, Role.CLERK, centre), order.id, at=NOON)
    assert session.get(Sorting, order.id).item is items["lamp"]
    assert session.get(Sorting, order.id).answer == "yes"


def test_the_resident_may_say_no_and_is_not_asked_again(session, menu):
    order = in_own_words(session, menu[1])
    answer(session, order, "")
    assert order.item is None
    assert sorting.answered(session, order)
    assert session.get(Sorting, order.id).answer == "no"


def test_what_staff_have_looked_at_is_not_changed_by_a_late_tap(session, menu):
    centre, station, items = menu
    order = in_own_words(session, station)
    verify_order(session, staff(session, Role.CLERK, centre), order.id, item_id=items["drain"].id, at=NOON)
    with pytest.raises(Conflict):
        answer(session, order, "lamp")
    assert order.item is items["drain"]


def test_nobody_answers_for_somebody_else(session, menu):
    order = in_own_words(session, menu[1])
    stranger = an_actor(a_person(session), (Role.RESIDENT, menu[0]))
    with pytest.raises(NotFound):
        sorting.settle_by_resident(session, stranger, changing.own_order(session, stranger, order.id), "lamp", at=NOON)


def test_every_correction_is_kept_and_none_of_its_words(session, menu):
    centre, station, items = menu
    clerk = staff(session, Role.CLERK, centre)
    order = in_own_words(session, station, "沈家姆妈屋里个物事弗灵哉")
    verify_order(session, clerk, order.id, item_id=items["drain"].id, at=NOON)
    right = in_own_words(session, station, "门口有只狗", item="lamp")
    verify_order(session, clerk, right.id, at=NOON)
    wrong = in_own_words(session, station, "其实是要剃头", item="lamp")
    verify_order(session, clerk, wrong.id, item_id=items["haircut"].id, at=NOON)
    session.flush()
    kept = {row.order_id: row.item.code for row in session.scalars(select(Sorting))}
    assert kept == {order.id: "drain", wrong.id: "haircut"}
    assert "沈家" not in repr(session.execute(select(Sorting.__table__)).all())


def test_a_night_learns_once_and_workers_take_the_newest(session, menu):
    centre, station, items = menu
    clerk = staff(session, Role.CLERK, centre)
    said = "阿囥勒阁几浪哉"
    assert night(session) == 1
    assert night(session) == 0
    before = suggesting.suggest(session, said, station.path)
    for n in range(6):
        order = in_own_words(session, station, said, f"李{n}")
        verify_order(session, clerk, order.id, item_id=items["haircut"].id, at=NOON)
    session.flush()
    assert night(session) == 1
    after = suggesting.suggest(session, said, station.path)
    assert before is None or not before.likely or before.item.code != "haircut"
    assert after.item.code == "haircut"
    newest = session.scalars(select(WordModel).order_by(WordModel.id.desc())).first()
    assert newest.corrections == 6
    assert newest.first > 0.5


def test_forgotten_words_leave_the_next_model_and_no_word_of_one_person_enters_one(session, menu):
    centre, station, items = menu
    order = in_own_words(session, station, "找沈国强修灯")
    verify_order(session, staff(session, Role.CLERK, centre), order.id, item_id=items["lamp"].id, at=NOON)
    session.flush()
    night(session)
    stored = session.scalars(select(WordModel)).one()
    assert not any("沈国" in name for name in suggesting.current(session).places)
    assert "沈国强".encode() not in stored.data
    order.resident.wrapped_key = None
    session.flush()
    assert [example.text for example in queries_words.lesson(session).corrections] == []
    assert night(session) == 1


def test_a_county_without_a_menu_learns_nothing_and_suggests_nothing(session):
    assert night(session) == 0
    assert suggesting.suggest(session, "灯不亮了") is None


def test_a_failed_lesson_leaves_the_old_model(session, menu):
    night(session)
    jobs_words._store("x", 0, session, ValueError("no"), NOON)
    assert session.scalar(select(func.count()).select_from(WordModel)) == 1


def test_only_three_models_are_kept(session, menu):
    for n in range(5):
        menu[2]["lamp"].summary = f"灯不亮 {n}"
        session.flush()
        night(session)
    assert session.scalar(select(func.count()).select_from(WordModel)) == 3


def test_a_suggestion_takes_few_queries(session, menu):
    night(session)
    suggesting.suggest(session, "灯不亮了", menu[1].path)
    session.flush()
    with counting(session.get_bind()) as sent:
        suggesting.suggest(session, "楼道灯不亮", menu[1].path)
    assert len(sent) <= 4
    assert session.scalars(select(ServiceOrder)).all() == []
