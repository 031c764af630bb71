"""Whoever asks to be forgotten is: nothing that names them stays in any table, and what the law has kept leads to nobody."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.builders import NOON, a_county, a_person, a_volunteer, an_actor, an_item, an_order, staff
from tests.support.cases import a_case
from tests.support.databases import Database, SqliteFactory
from volunteer.access import SYSTEM, Role
from volunteer.accounts.models import ConsentKind, Person, RoleGrant
from volunteer.accounts.registering import record_consent
from volunteer.administration import backup, forgetting, jobs
from volunteer.audit.models import AuditEntry
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import Base, make_engine, write
from volunteer.kernel.errors import Conflict, Forbidden, NotFound
from volunteer.messaging.models import Message
from volunteer.messaging.outbox import Recipient, tell
from volunteer.orders.households.models_household import Marker, SavedPlace
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import OrderEvent, ServiceOrder

NAME, PHONE, DOOR, ANSWER = "金丝雀甲", "19912345678", "金丝雀路7号", "金丝雀三楼"
LATITUDE, LONGITUDE = 31.123456, 120.654321


@pytest.fixture
def county(session):
    return a_county(session)


def a_resident(session, county, status=Status.CLOSED) -> tuple[Person, ServiceOrder]:
    """Somebody known here by name, phone, place, words and a message; with one order."""
    person = a_person(session, NAME, PHONE, born_on=NOON.date())
    session.add(RoleGrant(person_id=person.id, role=Role.RESIDENT, site_id=county[0].id, since=NOON))
    order = an_order(
        session,
        county[2],
        item=an_item(session, county[0]),
        status=status,
        resident=person,
        latitude=LATITUDE,
        longitude=LONGITUDE,
    )
    order.contact, order.phone, order.door, order.words = NAME, PHONE, DOOR, ANSWER
    order.answers = [{"code": "floor", "value": ANSWER}]
    order.place = DOOR
    session.add(
        OrderEvent(
            order=order,
            what="place",
            from_status=status,
            to_status=status,
            actor_id=person.id,
            actor_name=NAME,
            note=ANSWER,
            at=NOON,
        )
    )
    place = SavedPlace(person=person, site=county[2], latitude=LATITUDE, longitude=LONGITUDE, kept_at=NOON)
    marker = Marker(person=person, site_path=county[2].path, check_on=NOON.date(), kept_at=NOON)
    session.add_all([place, marker])
    place.label, place.door, marker.kind, marker.note = "家", DOOR, "bedridden", ANSWER
    tell(session, Recipient(person.id, PHONE), "order_placed", {"number": order.number}, at=NOON, secret={"code": "123456"})
    record_consent(session, an_actor(person), person, ConsentKind.ORDER_NOTICE, notice="1", at=NOON)
    session.flush()
    return person, order


def everything(session: Session) -> str:
    """Every row of every table as text."""
    session.flush()
    return json.dumps(
        [
            [table.name, *(str(value) for value in row)]
            for table in Base.metadata.sorted_tables
            for row in session.execute(select(table))
        ],
        ensure_ascii=False,
    )


def test_nothing_that_names_whoever_is_forgotten_stays_in_any_table(session, county, keyring):
    person, order = a_resident(session, county)
    index = keyring.blind("phone", PHONE)
    before = everything(session)
    assert all(canary in before for canary in (NAME, DOOR, ANSWER, str(LATITUDE), index))
    uid = forgetting.forget(session, an_actor(person, (Role.RESIDENT, county[0])), person.id, at=NOON)
    after = everything(session)
    for canary in (NAME, DOOR, ANSWER, PHONE, str(LATITUDE), str(LONGITUDE), index):
        assert canary not in after, canary
    assert uid == person.uid
    assert person.is_forgotten
    assert (person.phone, order.words, order.contact, order.door) == (None, None, None, None)
    for table in (SavedPlace, Marker, Message):
        assert session.scalar(select(table).where(table.person_id == person.id)) is None


def test_what_the_law_has_kept_stays_and_says_who_asked_for_it_to_be_destroyed(session, county):
    person, order = a_resident(session, county)
    me = an_actor(person, (Role.RESIDENT, county[0]))
    for _ in range(2):  # asked twice it stays so
        forgetting.forget(session, me, person.id, at=NOON)
    kept = select(AuditEntry).where(AuditEntry.action == "person_forgotten", AuditEntry.subject == f"person:{person.id}")
    (entry,) = session.scalars(kept)
    assert (entry.actor_id, entry.actor_name) == (person.id, "")
    session.refresh(order)
    assert (order.status, order.item_id is not None, round(order.latitude, 2)) == (Status.CLOSED, True, 31.12)


@pytest.mark.parametrize("status", [Status.PLACED, Status.ACCEPTED, Status.SERVED])
def test_an_open_request_comes_first(session, county, status):
    person, _ = a_resident(session, county, status)
    with pytest.raises(Conflict, match="not_forgotten"):
        forgetting.forget(session, SYSTEM, person.id, at=NOON)
    assert person.name == NAME


def test_volunteers_staff_and_whoever_waits_for_an_answer_hear_what_comes_first(session, county):
    volunteer = a_volunteer(session, county[2])
    clerk = staff(session, Role.CLERK, county[2])
    case = a_case(session, county[2], words="来晚了", at=NOON)
    for person_id, words in ((volunteer.id, "ten years"), (clerk.user_id, "role"), (case.person_id, "looked at")):
        assert any(words in said for said in forgetting.obstacles(session, person_id, at=NOON)), words
        with pytest.raises(Conflict, match="not_forgotten"):
            forgetting.forget(session, SYSTEM, person_id, at=NOON)


def test_nobody_forgets_somebody_else(session, county):
    person, _ = a_resident(session, county)
    for role in (Role.CLERK, Role.DISPATCHER, Role.AUDITOR, Role.DIRECTOR):
        with pytest.raises((Forbidden, NotFound)):
            forgetting.forget(session, staff(session, role, county[0]), person.id, at=NOON)
    other, _ = a_person(session, "邻居"), None
    with pytest.raises((Forbidden, NotFound)):
        forgetting.forget(session, an_actor(other, (Role.RESIDENT, county[0])), person.id, at=NOON)


def test_who_comes_back_with_a_backup_is_forgotten_again(
    sqlite: Database, sqlite_factory: SqliteFactory, keyring: Keyring, tmp_path: Path
):
    file = tmp_path / "forgotten"
    info: dict[str, object] = {"keyring": keyring, "forgotten_file": file}
    with Session(sqlite.engine, info=info) as session, write(session):
        person, _ = a_resident(session, a_county(session))
        person_id, uid = person.id, person.uid
    archive = backup.make(sqlite.url, tmp_path / "media", tmp_path / "kept", "0006", at=NOON)
    with Session(sqlite.engine, info=info) as session, write(session):
        forgetting.note(file, [forgetting.forget(session, SYSTEM, person_id, at=NOON)])
    assert forgetting.noted_in(file) == {uid}
    assert file.stat().st_mode & 0o777 == 0o600
    url = f"sqlite:///{tmp_path}/back.sqlite3"
    backup.restore(archive, url, tmp_path / "back")
    engine = make_engine(url)
    with Session(engine, info=info) as session, write(session):
        assert session.get_one(Person, person_id).phone == PHONE  # a copy of before opens with the keys
        assert jobs.forget_again(session, NOON + timedelta(days=1)) == 1
        assert jobs.forget_again(session, NOON + timedelta(days=1)) == 0
        assert not any(canary in everything(session) for canary in (NAME, DOOR, ANSWER))
    engine.dispose()


def test_who_was_forgotten_without_being_noted_is_noted_by_the_job(session, county, tmp_path):
    session.info["forgotten_file"] = tmp_path / "forgotten"
    person, _ = a_resident(session, county)
    forgetting.forget(session, SYSTEM, person.id, at=NOON)
    assert jobs.forget_again(session, NOON) == 0
    assert forgetting.noted_in(tmp_path / "forgotten") >= {person.uid}
