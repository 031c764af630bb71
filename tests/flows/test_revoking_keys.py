"""A key that leaked is revoked by two people; what rests on a key that holds stays proved, what does not is named."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.flows.test_chain import MIDNIGHT, NOON, post
from tests.flows.test_proofs import run
from tests.support import builders as make
from volunteer.access import Role
from volunteer.accounts.models import Person
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.ledger import checkpoints, keys, proving, rotating, walking
from volunteer.ledger.models_keys import Loss, Purpose
from volunteer.ledger.pages.books import _jwk
from volunteer.ledger.rotating import RevokeDraft

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def centre(session):
    return make.a_site(session)


@pytest.fixture
def it(session, centre):
    return make.staff(session, Role.COUNTY_IT, centre, "机房")


@pytest.fixture
def auditor(session, centre):
    return make.staff(session, Role.AUDITOR, centre, "审计")


@pytest.fixture
def books(session):
    """Two days, each signed by the one key; the entries of either."""
    first = post(session, 1)
    checkpoints.sign(session, day=NOON.date(), at=MIDNIGHT)
    second = post(session, 2)
    checkpoints.sign(session, day=NOON.date() + DAY, at=MIDNIGHT + DAY)
    return first, second, keys.current(session, Purpose.LEDGER, at=NOON)


def ask(session, who, key, since, at=MIDNIGHT + 2 * DAY, why=Loss.LEAKED):
    return rotating.ask_to_revoke(session, who, RevokeDraft(key.kid, since, why, "备份盘丢了"), at=at)


def revoke(session, it, auditor, key, since, at=MIDNIGHT + 2 * DAY):
    asked = rotating.decide(session, auditor, ask(session, it, key, since, at).id, True, at=at)
    session.flush()
    return asked


def test_two_people_revoke_a_key_and_a_new_one_signs_at_once(session, it, auditor, books):
    _, _, key = books
    asked = ask(session, it, key, MIDNIGHT + HOUR)
    assert ask(session, it, key, MIDNIGHT + HOUR) is asked  # a second tap
    again = make.staff(session, Role.COUNTY_IT, make.a_site(session), "另一个账号")
    session.get_one(Person, again.user_id).phone_index = session.get_one(Person, it.user_id).phone_index
    for mine in (it, again):
        with pytest.raises(Conflict):
            rotating.decide(session, mine, asked.id, True, at=MIDNIGHT + 2 * DAY)
    assert key.revoked_from is None
    rotating.decide(session, auditor, asked.id, True, at=MIDNIGHT + 2 * DAY)
    old, new = keys.published(session, Purpose.LEDGER)
    assert (old.revoked_from, old.revoked_why, old.ends) == (MIDNIGHT + HOUR, Loss.LEAKED, MIDNIGHT + 2 * DAY)
    assert (new.revoked_from, new.ends) == (None, None)
    assert (old.is_revoked_at(MIDNIGHT), old.is_revoked_at(MIDNIGHT + HOUR)) == (False, True)
    assert _jwk(old)["revoked_why"] == "leaked"


def test_a_moment_is_made_earlier_and_never_later(session, it, auditor, books):
    _, _, key = books
    revoke(session, it, auditor, key, MIDNIGHT + HOUR)
    with pytest.raises(Conflict):
        ask(session, it, key, MIDNIGHT + 2 * HOUR)
    revoke(session, it, auditor, key, MIDNIGHT - 400 * DAY, at=MIDNIGHT + 3 * DAY)
    assert key.revoked_from == key.begins  # the whole of its time
    assert len(keys.published(session, Purpose.LEDGER)) == 2  # no further key was made


def test_what_cannot_be_is_refused(session, centre, it, books):
    _, _, key = books
    with pytest.raises(Invalid):
        ask(session, it, key, MIDNIGHT + 3 * DAY)  # still to come
    with pytest.raises(NotFound):
        rotating.ask_to_revoke(session, it, RevokeDraft("0" * 16, MIDNIGHT, Loss.LEAKED, "丢了"), at=MIDNIGHT + DAY)
    with pytest.raises(Invalid):
        rotating.ask_to_revoke(session, it, RevokeDraft(key.kid, MIDNIGHT, Loss.LEAKED, ""), at=MIDNIGHT + DAY)
    with pytest.raises(Forbidden):
        ask(session, make.staff(session, Role.DIRECTOR, centre), key, MIDNIGHT)


def test_a_checkpoint_of_after_the_moment_is_named_until_one_that_is_believed_stands_on_it(session, it, auditor, books):
    _, _, key = books
    assert list(walking.findings(session)) == []
    revoke(session, it, auditor, key, MIDNIGHT + HOUR)
    (found,) = walking.findings(session)
    assert (found.check, found.row) == ("checkpoint", "checkpoint 2")  # of the day after; the first one stands
    checkpoints.sign(session, day=NOON.date() + 2 * DAY, at=MIDNIGHT + 2 * DAY + HOUR)
    assert list(walking.findings(session)) == []


def test_a_thief_who_writes_an_earlier_time_is_not_believed(session, it, auditor, books):
    _, _, key = books
    checkpoints.sign(session, day=NOON.date() + DAY, at=MIDNIGHT)  # upon that of a day later
    revoke(session, it, auditor, key, MIDNIGHT + HOUR)
    assert [found.row for found in walking.findings(session)] == ["checkpoint 2", "checkpoint 3"]


def test_proofs_are_drawn_anew_and_a_stranger_is_told_what_the_old_ones_are_worth(session, it, auditor, books, tmp_path):
    first, second, key = books
    before, after = proving.prove(session, first.id), proving.prove(session, second.id)
    revoke(session, it, auditor, key, MIDNIGHT + HOUR)
    published = tmp_path / "keys.json"
    published.write_text(json.dumps({"keys": [_jwk(one) for one in keys.published(session)]}))
    old = run(tmp_path, before, "--keys", str(published))
    assert (old.returncode, "BUT its key is revoked" in old.stdout) == (0, True)
    late = run(tmp_path, after, "--keys", str(published))
    assert (late.returncode, "revoked from" in late.stderr) == (1, True)
    with pytest.raises(Conflict):
        proving.prove(session, first.id)  # nothing that is believed covers it yet
    checkpoints.sign(session, day=NOON.date() + 2 * DAY, at=MIDNIGHT + 2 * DAY + HOUR)
    for one in (first, second):
        anew = run(tmp_path, proving.prove(session, one.id), "--keys", str(published))
        assert anew.returncode == 0, anew.stderr
        assert "BUT" not in anew.stdout
