"""Somebody was missed: they are told and heard, a second person decides, and only what stands is counted. On both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.support import builders as make
from tests.support.turning import BEGINS, Turn
from volunteer.access import Role
from volunteer.attendance.evidence import Proof
from volunteer.audit.models import AuditEntry
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.orders import dispatching, serving
from volunteer.orders.jobs import propose_absences
from volunteer.orders.lifecycle import Status
from volunteer.orders.reasons import NOBODY_CAME
from volunteer.orders.visits import absences, missing
from volunteer.orders.visits.absences import decide, mark_absent, say
from volunteer.orders.visits.lifecycle import AbsenceState as A
from volunteer.orders.visits.lifecycle import VisitorState as V
from volunteer.orders.visits.models_absences import Absence

LATER = BEGINS + timedelta(minutes=31)
DAYS = LATER + timedelta(days=7)


class Hearing(Turn):
    """Member 1 and 2 were to go."""

    def __init__(self, session) -> None:
        super().__init__(session)
        self.choose(1, 2)
        self.admin = make.staff(session, Role.SITE_ADMIN, self.branch, "站长")

    def missed(self, n=1, at=LATER, by=None) -> Absence:
        return mark_absent(self.session, by or self.leader, self.order.id, self.members[n].id, at=at)

    def decided(self, absence, outcome, note="路上车坏了", at=DAYS, by=None) -> Absence:
        return decide(self.session, by or self.admin, absence.id, outcome, note, at=at)

    def count(self, n=1) -> int:
        return absences.count(self.session, self.members[n].id)


@pytest.fixture
def hearing(session) -> Hearing:
    return Hearing(session)


def test_who_was_missed_is_told_and_nothing_is_counted(hearing):
    for _ in range(2):
        absence = hearing.missed()
    assert (absence.state, absence.answer_by) == (A.OPEN, DAYS)
    assert hearing.told("absence_opened") == [hearing.members[1].id]
    assert hearing.count() == 0
    assert hearing.states()[1] is V.GOING


def test_it_is_too_early_before_the_time_is_over_and_for_who_was_there(hearing):
    with pytest.raises(Conflict, match="on their way"):
        hearing.missed(at=BEGINS + timedelta(minutes=29))
    proof = Proof(code=hearing.order.start_code, present=frozenset({hearing.members[1].id}))
    serving.check_in(hearing.session, hearing.leader, hearing.order.id, proof, at=BEGINS)
    with pytest.raises(Conflict, match="were there"):
        hearing.missed()
    assert hearing.missed(2).state is A.OPEN


def test_only_what_stands_is_counted_after_the_other_side_was_heard(hearing):
    absence = hearing.missed()
    with pytest.raises(Conflict, match="not been heard"):
        hearing.decided(absence, A.STANDS, at=LATER)
    say(hearing.session, hearing.me(1), absence.id, "公交车坏了", at=LATER)
    assert absence.said == "公交车坏了"
    assert b"\xe5\x85\xac" not in (absence.said_sealed or b"")
    hearing.decided(absence, A.STANDS, at=LATER)
    assert hearing.count() == 1
    assert hearing.states()[1] is V.NO_SHOW
    assert hearing.told("absence_stands") == [hearing.members[1].id]
    assert hearing.told("absence_decided") == [hearing.leader.user_id]
    assert hearing.session.scalar(select(AuditEntry.detail).where(AuditEntry.action == "absence_decided")) == {
        "outcome": "stands"
    }


@pytest.mark.parametrize(("outcome", "state"), [(A.EXCUSED, V.EXCUSED), (A.WITHDRAWN, V.GOING)])
def test_what_is_excused_or_taken_back_leaves_no_mark(hearing, outcome, state):
    absence = hearing.missed()
    hearing.decided(absence, outcome, at=LATER)  # in their favour nobody need wait
    assert (hearing.count(), hearing.states()[1]) == (0, state)


def test_a_decision_can_be_made_again(hearing):
    absence = hearing.missed()
    hearing.decided(absence, A.STANDS)
    hearing.decided(absence, A.EXCUSED)
    assert (hearing.count(), hearing.states()[1]) == (0, V.EXCUSED)


def test_whoever_has_a_part_in_it_does_not_decide(hearing):
    absence = hearing.missed()
    site = (Role.SITE_ADMIN, hearing.branch)
    for person in (hearing.members[0].person, hearing.members[1].person):
        with pytest.raises(Conflict, match="part of it"):
            hearing.decided(absence, A.STANDS, by=make.an_actor(person, site))
    with pytest.raises(Conflict, match="part of it"):
        hearing.decided(absence, A.STANDS, by=make.an_actor(hearing.members[3].person, site, leads={hearing.team.id}))
    with pytest.raises(Forbidden):
        hearing.decided(absence, A.STANDS, by=hearing.dispatcher)
    with pytest.raises(NotFound):
        hearing.decided(absence, A.STANDS, by=make.staff(hearing.session, Role.SITE_ADMIN, make.a_site(hearing.session)))
    with pytest.raises(Invalid):
        hearing.decided(absence, A.STANDS, note=" ")
    hearing.choose(0, 1, at=BEGINS)
    with pytest.raises(Conflict, match="themselves"):
        hearing.missed(0)


def test_nobody_speaks_for_another(hearing):
    absence = hearing.missed()
    with pytest.raises(NotFound):
        say(hearing.session, hearing.me(2), absence.id, "不是我", at=LATER)
    with pytest.raises(Invalid):
        say(hearing.session, hearing.me(1), absence.id, " ", at=LATER)
    hearing.decided(absence, A.WITHDRAWN)
    with pytest.raises(Conflict, match="decided"):
        say(hearing.session, hearing.me(1), absence.id, "晚了", at=DAYS)


def test_the_job_only_asks_the_leader(hearing):
    proof = Proof(code=hearing.order.start_code, present=frozenset({hearing.members[1].id}))
    serving.check_in(hearing.session, hearing.leader, hearing.order.id, proof, at=BEGINS)
    serving.check_out(hearing.session, hearing.leader, hearing.order.id, Proof(code=hearing.order.start_code), at=LATER)
    hearing.session.flush()
    assert propose_absences(hearing.session, LATER) == 1
    assert propose_absences(hearing.session, LATER) == 0
    absence = hearing.session.scalars(select(Absence)).one()
    assert (absence.state, absence.volunteer_id) == (A.PROPOSED, hearing.members[2].id)
    assert hearing.told("absence_proposed") == [hearing.leader.user_id]
    assert hearing.told("absence_opened") == []
    absences.drop(hearing.session, hearing.leader, hearing.order.id, hearing.members[2].id, at=LATER)
    assert absence.state is A.WITHDRAWN


def test_a_team_gives_an_order_back_and_it_stands_first_with_the_reason(hearing):
    order = serving.release(hearing.session, hearing.leader, hearing.order.id, "有人生病了", at=LATER)
    assert (order.status, order.reason, order.handed_back_at) == (Status.VERIFIED, "有人生病了", LATER)
    assert hearing.states() == {1: V.OFF, 2: V.OFF}
    assert hearing.told("visit_off") == [hearing.members[1].id, hearing.members[2].id]
    assert hearing.told("order_handed_back") == [hearing.dispatcher.user_id]
    assert hearing.told("team_released") == [order.resident_id]
    assert hearing.session.scalars(select(Absence)).all() == []
    other = make.a_team(hearing.session, hearing.station)
    dispatching.offer_to(hearing.session, hearing.dispatcher, order.id, [other.id], at=LATER)
    assert (order.reason, order.handed_back_at) == ("", None)


def test_nobody_came_is_told_at_once_and_moves_nothing_until_the_desk_takes_it_back(hearing):
    owner = make.an_actor(hearing.order.resident, (Role.RESIDENT, hearing.centre))
    with pytest.raises(Conflict, match="on their way"):
        missing.nobody_came(hearing.session, owner, hearing.order.id, at=BEGINS)
    for _ in range(2):
        order = missing.nobody_came(hearing.session, owner, hearing.order.id, at=LATER)
    assert (order.status, order.reason, order.due_at) == (Status.ACCEPTED, NOBODY_CAME, LATER)
    assert hearing.told("nobody_came") == [hearing.dispatcher.user_id]
    assert hearing.told("nobody_came_team") == [hearing.leader.user_id]
    serving.set_out(hearing.session, hearing.leader, order.id, at=LATER)
    assert order.reason == ""  # they come after all
    missing.nobody_came(hearing.session, owner, order.id, at=LATER + timedelta(minutes=30))
    dispatching.recall(hearing.session, hearing.dispatcher, order.id, "没有去", at=LATER + timedelta(hours=1))
    assert (order.status, order.team_id, order.reason) == (Status.VERIFIED, None, "")
