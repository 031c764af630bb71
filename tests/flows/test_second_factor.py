"""A second factor from its first code to its last recovery code: each thing counts once, also when two send it at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.builders import NOON, a_county, an_actor, staff
from tests.support.databases import Database
from volunteer.access import Actor, Role
from volunteer.accounts import halfway, second_factor, totp
from volunteer.accounts.models import Person
from volunteer.accounts.models_entering import RecoveryCode, SecondFactor
from volunteer.audit.models import AuditEntry
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.messaging.models import Message
from volunteer.places.models import Site
from volunteer.web.models import WebSession


def code(session: Session, actor: Actor, at=NOON, step: int = 0) -> str:
    return totp.code_at(session.get_one(SecondFactor, actor.user_id).secret, totp.step_at(at) + step)


def with_factor(session: Session, site: Site | None = None, role: Role = Role.DISPATCHER) -> tuple[Actor, list[str]]:
    actor = staff(session, role, site or a_county(session)[1])
    second_factor.begin(session, actor, at=NOON - timedelta(hours=1))
    early = NOON - timedelta(hours=1)
    return actor, second_factor.confirm(session, actor, code(session, actor, early), at=early)


def test_it_counts_from_its_first_right_code_on(session: Session) -> None:
    actor = staff(session, Role.DISPATCHER, a_county(session)[1])
    second_factor.begin(session, actor, at=NOON)
    assert not second_factor.is_on(session, actor.user_id)
    with pytest.raises(Invalid):
        second_factor.confirm(session, actor, "000000", at=NOON + timedelta(days=30))
    codes = second_factor.confirm(session, actor, code(session, actor), at=NOON)
    assert second_factor.is_on(session, actor.user_id)
    assert len(codes) == len(set(codes)) == second_factor.codes_left(session, actor.user_id) == 10
    with pytest.raises(Conflict):
        second_factor.begin(session, actor, at=NOON)
    with pytest.raises(Conflict):
        second_factor.confirm(session, actor, "1", at=NOON)


def test_nothing_is_taken_before_it_is_in_use(session: Session) -> None:
    actor = staff(session, Role.DISPATCHER, a_county(session)[1])
    with pytest.raises(Conflict):
        second_factor.confirm(session, actor, "123456", at=NOON)
    second_factor.begin(session, actor, at=NOON)
    assert second_factor.accept(session, actor.user_id, code(session, actor), at=NOON) is None


def test_a_code_is_taken_once_and_none_before_it(session: Session) -> None:
    actor, _ = with_factor(session)
    now = code(session, actor)
    before = code(session, actor, step=-1)
    assert second_factor.accept(session, actor.user_id, now, at=NOON) == "code"
    session.expire_all()
    assert second_factor.accept(session, actor.user_id, now, at=NOON) is None
    assert second_factor.accept(session, actor.user_id, before, at=NOON) is None
    assert second_factor.accept(session, actor.user_id, code(session, actor, step=1), at=NOON) == "code"


def test_the_code_that_confirmed_it_opens_nothing_more(session: Session) -> None:
    actor = staff(session, Role.DISPATCHER, a_county(session)[1])
    second_factor.begin(session, actor, at=NOON)
    first = code(session, actor)
    second_factor.confirm(session, actor, first, at=NOON)
    assert second_factor.accept(session, actor.user_id, first, at=NOON) is None


def test_each_recovery_code_opens_once_and_only_its_owners_door(session: Session) -> None:
    actor, codes = with_factor(session)
    other, _ = with_factor(session)
    assert second_factor.accept(session, other.user_id, codes[0], at=NOON) is None
    assert second_factor.accept(session, actor.user_id, codes[0].upper().replace("-", " "), at=NOON) == "recovery"
    assert second_factor.accept(session, actor.user_id, codes[0], at=NOON) is None
    assert second_factor.codes_left(session, actor.user_id) == 9
    fresh = second_factor.renew_codes(session, actor, at=NOON)
    assert second_factor.accept(session, actor.user_id, codes[1], at=NOON) is None
    assert second_factor.accept(session, actor.user_id, fresh[1], at=NOON) == "recovery"


def test_secret_and_recovery_codes_are_stored_nowhere_in_plain(session: Session) -> None:
    actor, codes = with_factor(session)
    secret = session.get_one(SecondFactor, actor.user_id).secret
    stored = "".join(repr(session.execute(select(kind.__table__)).all()) for kind in (SecondFactor, RecoveryCode))
    assert secret not in stored
    assert not [one for one in codes if one in stored or one.replace("-", "") in stored]


def test_an_administrator_of_the_place_takes_it_away_and_the_person_hears_of_it(session: Session) -> None:
    _centre, branch, station = a_county(session)
    actor, _ = with_factor(session, branch)
    row = WebSession(token_hash="t", person_id=actor.user_id, started_at=NOON, seen_at=NOON, expires_at=NOON)
    session.add(row)
    for wrong, refusal in (
        (staff(session, Role.SITE_ADMIN, station), (NotFound, Forbidden)),
        (staff(session, Role.DISPATCHER, branch), Forbidden),
        (staff(session, Role.SITE_ADMIN, a_county(session)[0]), NotFound),
    ):
        with pytest.raises(refusal):
            second_factor.reset(session, wrong, actor.user_id, at=NOON)
    second_factor.reset(session, staff(session, Role.SITE_ADMIN, branch), actor.user_id, at=NOON)
    session.flush()
    session.refresh(row)
    assert row.ended_at is not None
    assert not second_factor.is_on(session, actor.user_id)
    assert second_factor.codes_left(session, actor.user_id) == 0
    told = session.scalars(select(Message.template).where(Message.person_id == actor.user_id)).all()
    assert set(told) == {"factor_reset"}
    assert "factor_reset" in session.scalars(select(AuditEntry.action)).all()


def test_nobody_resets_their_own(session: Session) -> None:
    actor, _ = with_factor(session, role=Role.SITE_ADMIN)
    with pytest.raises(Conflict):
        second_factor.reset(session, actor, actor.user_id, at=NOON)


def test_a_log_in_half_done_waits_ten_minutes_and_five_tries(session: Session) -> None:
    actor, _ = with_factor(session)
    person = session.get_one(Person, actor.user_id)
    token = halfway.wait_for_second(session, person, how="password", at=NOON)
    assert halfway.waiting(session, "guessed", at=NOON) is None
    assert halfway.waiting(session, token, at=NOON + timedelta(minutes=10)) is None
    for _ in range(4):
        assert halfway.show_second(session, token, "000001", at=NOON)[0] is None
    right = code(session, actor)
    assert halfway.show_second(session, token, right, at=NOON) == (person, "password+code")
    assert halfway.show_second(session, token, code(session, actor, step=1), at=NOON) == (None, "")

    token = halfway.wait_for_second(session, person, how="password", at=NOON)
    for _ in range(5):
        halfway.show_second(session, token, "000001", at=NOON)
    assert halfway.show_second(session, token, code(session, actor, step=1), at=NOON) == (None, "")


def test_of_two_who_send_the_same_code_one_is_taken(database: Database, keyring: Keyring) -> None:
    """Both have read the factor before either writes, as two workers do."""
    info = {"keyring": keyring, "argon2_cost": 1}
    with Session(database.engine, info=info) as session, write(session):
        actor, codes = with_factor(session)
        right = code(session, actor)
    for typed in (right, codes[0]):
        with Session(database.engine, info=info) as one, Session(database.engine, info=info) as two:
            for session in (one, two):
                assert second_factor.is_on(session, actor.user_id)
                session.commit()
            with write(one):
                first = second_factor.accept(one, actor.user_id, typed, at=NOON)
            with write(two):
                second = second_factor.accept(two, actor.user_id, typed, at=NOON)
        assert (first is None) != (second is None)


def test_it_is_turned_off_once_and_can_be_set_up_anew(session: Session) -> None:
    actor, codes = with_factor(session)
    for _ in range(2):
        second_factor.turn_off(session, actor, at=NOON)
    assert not second_factor.is_on(session, actor.user_id)
    assert second_factor.accept(session, actor.user_id, codes[0], at=NOON) is None
    with pytest.raises(Conflict):
        second_factor.renew_codes(session, actor, at=NOON)
    second_factor.begin(session, an_actor(session.get_one(Person, actor.user_id)), at=NOON)
    assert [entry.action for entry in session.scalars(select(AuditEntry))] == ["factor_on", "factor_off"]
