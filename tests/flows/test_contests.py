"""A volunteer says that an entry is wrong; the site answers; what is right is let through by a third person. On both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.flows.test_by_hand import HOUR, YESTERDAY, Missing
from tests.support import builders as make
from tests.support.builders import NOON
from volunteer.access import Role
from volunteer.administration.merging import merging
from volunteer.administration.merging.merging import MergeDraft
from volunteer.attendance.by_hand.asking import AskDraft, ask_by_hand
from volunteer.attendance.by_hand.deciding import credit_by_hand
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.attendance.contests.contesting import accept_contest, contest, refuse_contest, withdraw_contest
from volunteer.attendance.contests.lifecycle import ContestStatus
from volunteer.attendance.contests.models_contests import HoursContest
from volunteer.audit.models import AuditEntry
from volunteer.certificates.tracing import origins_of, received
from volunteer.kernel.db import write
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.ledger import queries, verify
from volunteer.ledger.models import Transfer, Unit
from volunteer.ledger.rules import person


class Objecting(Missing):
    """An hour was written in; it was two."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.before = credit_by_hand(session, self.director, self.ask().id, at=NOON)
        found = select(Transfer).where(Transfer.about == self.before.about, Transfer.unit == Unit.MINUTES)
        self.transfer = session.scalars(found).one()

    def object(self, words="是两个小时", **times) -> HoursContest:
        return contest(self.session, self.me, self.transfer.id, words, at=NOON, **times)


@pytest.fixture
def objecting(session) -> Objecting:
    return Objecting(session)


def test_accepted_it_is_taken_back_and_the_right_hours_wait_for_a_third_person(objecting, session):
    row = objecting.object(began_at=YESTERDAY, ended_at=YESTERDAY + 2 * HOUR)
    assert objecting.told("contest_waits") == [objecting.admin.user_id]
    assert "两个小时".encode() not in (row.words_sealed or b"")
    for _ in range(2):  # a second tap changes nothing
        accept_contest(
            session, objecting.admin, row.id, "查过记录，您说得对", began_at=YESTERDAY, ended_at=YESTERDAY + 2 * HOUR, at=NOON
        )
    assert (row.status, row.reply, objecting.balance()) == (ContestStatus.ACCEPTED, "查过记录，您说得对", 0)
    (asked,) = session.scalars(select(HoursAsk).where(HoursAsk.contest_id == row.id))
    assert asked.site_id == objecting.station.id
    with pytest.raises(Conflict, match="asked for these hours"):
        credit_by_hand(session, objecting.admin, asked.id, at=NOON)
    assert credit_by_hand(session, objecting.director, asked.id, at=NOON).minutes == 120
    assert objecting.balance() == 120
    assert objecting.told("contest_accepted") == [objecting.member.id]
    acts = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == row.about).order_by(AuditEntry.id)).all()
    assert acts == ["hours_contested", "contest_answered"]
    assert verify.findings(session) == []


def test_refused_it_stays_and_the_volunteer_reads_why(objecting, session):
    row = objecting.object()
    with pytest.raises(Invalid):
        refuse_contest(session, objecting.admin, row.id, " ", at=NOON)
    for _ in range(2):
        refuse_contest(session, objecting.admin, row.id, "签到签退都在", at=NOON)
    assert (row.status, row.reply, objecting.balance()) == (ContestStatus.REFUSED, "签到签退都在", 60)
    assert objecting.told("contest_refused") == [objecting.member.id]
    with pytest.raises(Conflict, match="answered"):
        accept_contest(session, objecting.admin, row.id, "改主意了", at=NOON)
    assert objecting.object("还是不对").id != row.id  # it may be said again


def test_one_open_objection_for_an_entry_and_it_can_be_taken_back(objecting, session):
    row = objecting.object()
    assert objecting.object("再说一次").id == row.id
    with pytest.raises(NotFound):
        withdraw_contest(session, objecting.admin, row.id, at=NOON)
    for _ in range(2):
        withdraw_contest(session, objecting.me, row.id, at=NOON)
    with pytest.raises(Conflict):
        refuse_contest(session, objecting.admin, row.id, "不对", at=NOON)


def test_only_ones_own_entries_and_what_still_stands(objecting, session):
    other = make.a_volunteer(session, objecting.station, "别人")
    with pytest.raises(NotFound):
        contest(session, make.an_actor(other.person, (Role.VOLUNTEER, objecting.station)), objecting.transfer.id, "我的", at=NOON)
    with pytest.raises(Invalid):
        objecting.object(" ")
    with pytest.raises(Invalid, match="both times"):
        objecting.object(began_at=YESTERDAY)
    with pytest.raises(Invalid, match="before the beginning"):
        objecting.object(began_at=YESTERDAY, ended_at=YESTERDAY - timedelta(minutes=1))
    accept_contest(session, objecting.admin, objecting.object().id, "写错了", at=NOON)
    with pytest.raises(Conflict, match="taken back"):
        objecting.object()


def test_only_those_who_answer_for_the_unit_and_never_ones_own(objecting, session):
    row = objecting.object()
    with pytest.raises(Forbidden):
        accept_contest(session, objecting.clerk, row.id, "写错了", at=NOON)
    with pytest.raises(NotFound):
        accept_contest(session, make.staff(session, Role.SITE_ADMIN, make.a_site(session)), row.id, "写错了", at=NOON)
    twin = make.a_person(session, "小号", phone=objecting.member.person.phone)
    for who in (objecting.member.person, twin):
        with pytest.raises(Conflict, match="own hours"):
            refuse_contest(session, make.an_actor(who, (Role.SITE_ADMIN, objecting.centre)), row.id, "写错了", at=NOON)


def test_of_many_who_answer_at_once_one_does(database, keyring, at_once):
    with Session(database.engine, info={"keyring": keyring}, expire_on_commit=False) as session, write(session):
        objecting = Objecting(session)
        row = objecting.object().id
        admins = [make.staff(session, Role.SITE_ADMIN, objecting.branch, f"站长{n}") for n in range(4)]
        me = objecting.me
    acts = [lambda s, who=who: accept_contest(s, who, row, "写错了", at=NOON) for who in admins]
    acts += [lambda s, who=who: refuse_contest(s, who, row, "没有错", at=NOON) for who in admins]
    assert at_once([*acts, lambda s: withdraw_contest(s, me, row, at=NOON)]) == {"done": 1, "refused": 8}


def test_an_entry_that_came_over_from_another_entry_of_the_same_person_is_objected_to_as_well(objecting, session):
    kept = make.a_volunteer(session, objecting.station, "王建平")
    merging.merge(
        session,
        make.staff(session, Role.SITE_ADMIN, objecting.centre),
        MergeDraft(kept.id, objecting.member.id, "同一个人"),
        at=NOON,
    )
    session.flush()
    (carried,) = received(session, kept.id)
    (origin,) = origins_of(session, kept.id, [carried])
    assert (origin.service.entry.unit_path, origin.back) == (objecting.station.path, None)
    me = make.an_actor(kept.person, (Role.VOLUNTEER, objecting.station))
    row = contest(session, me, carried.id, "没有这么久", at=NOON)
    assert row.site_path == objecting.station.path
    accept_contest(session, objecting.admin, row.id, "您说得对", at=NOON)
    assert queries.balance(session, person(kept.id), Unit.MINUTES) == 0
    draft = AskDraft(kept.id, YESTERDAY, YESTERDAY + HOUR / 2, "搬东西", "时间写错了")
    right = ask_by_hand(session, me, draft, at=NOON)  # what was taken back makes room, whoever it was booked for
    assert credit_by_hand(session, objecting.admin, right.id, at=NOON).minutes == 30
    assert verify.findings(session) == []
