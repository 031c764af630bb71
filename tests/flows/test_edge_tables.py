"""The edge's own rows, on both databases and under many at once: sessions, throttles, keys of requests, the job lease."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from tests.support.builders import NOON, a_person
from tests.support.databases import Database
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.places.models import Mark
from volunteer.web import idempotency, leases, sessions, throttle
from volunteer.web.models import JobRun, ThrottleCount, WebSession

LIMITS = sessions.Limits(timedelta(hours=12), timedelta(days=14))
LIMIT = throttle.Limit("try", 5, 15)


def test_a_session_is_found_by_its_token_and_only_the_hash_is_stored(session: Session) -> None:
    person = a_person(session)
    token = sessions.start(session, person.id, LIMITS, device="Phone", at=NOON)
    found = sessions.find(session, token, LIMITS, at=NOON)
    assert found is not None
    assert (found.person_id, found.stale) == (person.id, False)
    row = session.scalars(select(WebSession)).one()
    assert token not in repr(vars(row))
    assert sessions.find(session, row.token_hash, LIMITS, at=NOON) is None


def test_a_session_ends_when_idle_and_at_its_absolute_limit(session: Session) -> None:
    token = sessions.start(session, a_person(session).id, LIMITS, device="", at=NOON)
    assert sessions.find(session, token, LIMITS, at=NOON + timedelta(hours=11))
    assert sessions.find(session, token, LIMITS, at=NOON + timedelta(hours=12)) is None
    at = NOON
    while at < NOON + timedelta(days=13, hours=12):
        at += timedelta(hours=6)
        found = sessions.find(session, token, LIMITS, at=at)
        assert found is not None
        sessions.touch(session, found.id, at=at)
    assert sessions.find(session, token, LIMITS, at=NOON + timedelta(days=14)) is None


def test_a_session_asks_to_be_touched_once_a_minute(session: Session) -> None:
    token = sessions.start(session, a_person(session).id, LIMITS, device="", at=NOON)
    stale = [sessions.find(session, token, LIMITS, at=NOON + timedelta(seconds=s)).stale for s in (0, 59, 60)]
    assert stale == [False, False, True]


def test_sessions_are_ended_one_by_one_or_all(session: Session) -> None:
    person, other = a_person(session), a_person(session)
    tokens = [sessions.start(session, person.id, LIMITS, device=f"{n}", at=NOON) for n in range(3)]
    rows = sessions.living(session, person.id, LIMITS, at=NOON)
    with pytest.raises(NotFound):
        sessions.end_one(session, other.id, rows[0].id, at=NOON)
    sessions.end(session, tokens[0], at=NOON)
    assert len(sessions.living(session, person.id, LIMITS, at=NOON)) == 2
    sessions.end_all(session, person.id, at=NOON, but=sessions.find(session, tokens[2], LIMITS, at=NOON).id)
    assert [bool(sessions.find(session, token, LIMITS, at=NOON)) for token in tokens] == [False, False, True]
    sessions.forget_old(session, NOON + timedelta(days=400))
    assert session.scalar(select(func.count(WebSession.id))) == 0


def test_tries_are_counted_by_window_and_forgotten(session: Session) -> None:
    assert [throttle.count(session, LIMIT, "a", NOON) for _ in range(3)] == [1, 2, 3]
    assert throttle.count(session, LIMIT, "b", NOON) == 1
    assert throttle.count(session, LIMIT, "a", NOON + timedelta(minutes=15)) == 1
    assert not any(row.name.split(":")[1] == "a" for row in session.scalars(select(ThrottleCount)))
    throttle.forget_old(session, NOON + timedelta(days=2))
    assert session.scalar(select(func.count()).select_from(ThrottleCount)) == 0


def at_once(database: Database, keyring: Keyring, times: int, act: Callable[[Session], object]) -> Counter[str]:
    """Run ``act`` in a transaction of its own, many at once; return what came of each."""

    def one(_: int) -> str:
        with Session(database.engine) as session:
            session.info["keyring"] = keyring
            try:
                with write(session):
                    return str(act(session))
            except (Conflict, Invalid) as refusal:
                return refusal.code

    with ThreadPoolExecutor(10) as pool:
        return Counter(pool.map(one, range(times)))


def test_many_at_once_are_all_counted(database: Database, keyring: Keyring) -> None:
    outcome = at_once(database, keyring, 30, lambda session: throttle.count(session, LIMIT, "a", NOON))
    assert outcome == Counter(str(n) for n in range(1, 31))


def test_fifty_taps_do_it_once_and_lead_to_the_same_place(database: Database, keyring: Keyring) -> None:
    def tap(session: Session) -> str:
        earlier = idempotency.claim(session, "a-random-key", "body", NOON)
        if earlier is not None:
            return earlier
        session.add(Mark(name="done", value=1))  # a second one would break its key
        idempotency.settle(session, "/o/secret")
        return "/o/secret"

    assert at_once(database, keyring, 50, tap) == {"/o/secret": 50}


def test_the_same_key_with_another_body_is_refused(session: Session) -> None:
    assert idempotency.claim(session, "key", "one", NOON) is None
    with pytest.raises(Conflict):
        idempotency.claim(session, "key", "one", NOON)  # the first is still at work
    idempotency.settle(session, "/somewhere")
    assert idempotency.claim(session, "key", "one", NOON) == "/somewhere"
    with pytest.raises(Invalid):
        idempotency.claim(session, "key", "two", NOON)
    assert idempotency.claim(session, "key", "two", NOON, purpose="another act") is None


@pytest.mark.parametrize("key", ["", "x" * 200])
def test_a_form_without_a_key_is_refused(session: Session, key: str) -> None:
    with pytest.raises(Invalid):
        idempotency.claim(session, key, "body", NOON)


def test_a_rolled_back_request_may_be_repeated(database: Database, keyring: Keyring) -> None:
    def fail(session: Session) -> None:
        idempotency.claim(session, "key", "body", NOON)
        raise Conflict("balance_too_low", "no")

    assert at_once(database, keyring, 2, fail) == {"balance_too_low": 2}


def test_the_fingerprint_is_of_everything_but_the_tokens() -> None:
    from io import BytesIO

    def body(**form: str) -> str:
        return idempotency.fingerprint(MultiDict(form))

    assert body(a="1", once="x", csrf_token="y") == body(a="1", once="z")
    assert body(a="1") != body(a="2")
    photos = [MultiDict({"photo": FileStorage(BytesIO(data), "a.jpg")}) for data in (b"one", b"one", b"two")]
    prints = [idempotency.fingerprint(MultiDict(), files) for files in photos]
    assert prints[0] == prints[1] != prints[2]
    assert photos[0]["photo"].stream.read() == b"one"


def test_one_holder_at_a_time_and_the_fence_grows(session: Session) -> None:
    assert leases.hold(session, "one", at=NOON) == 1
    assert leases.hold(session, "two", at=NOON + timedelta(seconds=5)) is None
    assert leases.hold(session, "one", at=NOON + timedelta(seconds=5)) == 1
    assert leases.hold(session, "two", at=NOON + timedelta(seconds=11)) == 2
    assert leases.hold(session, "one", at=NOON + timedelta(seconds=12)) is None
    assert not leases.still_holds(session, 1, at=NOON + timedelta(seconds=12))
    assert leases.still_holds(session, 2, at=NOON + timedelta(seconds=12))
    leases.let_go(session, "two", at=NOON + timedelta(seconds=13))
    assert leases.hold(session, "one", at=NOON + timedelta(seconds=13)) == 3


def test_a_holder_whose_time_ran_out_gets_a_new_fence(session: Session) -> None:
    assert leases.hold(session, "one", at=NOON) == 1
    assert leases.hold(session, "one", at=NOON + timedelta(seconds=7)) == 2


def test_a_slot_is_claimed_once_and_only_under_the_lease(database: Database, keyring: Keyring) -> None:
    at_once(database, keyring, 1, lambda session: leases.hold(session, "one", at=NOON))
    outcome = at_once(database, keyring, 20, lambda session: leases.claim_slot(session, "a.job", NOON, 1, at=NOON) is not None)
    assert outcome == {"True": 1, "False": 19}
    late = NOON + timedelta(seconds=6)
    assert at_once(database, keyring, 1, lambda session: leases.claim_slot(session, "a.job", late, 1, at=late)) == {"None": 1}
    with Session(database.engine) as session:
        assert session.scalar(select(func.count(JobRun.id))) == 1


def test_twenty_workers_and_one_lease(database: Database, keyring: Keyring) -> None:
    outcome = at_once(database, keyring, 20, lambda session: leases.hold(session, str(id(session)), at=NOON))
    assert outcome["1"] == 1
    assert outcome["None"] == 19
