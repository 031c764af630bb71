"""What looks odd is written down once, for a person; what they decide is kept, and nothing follows by itself. On both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.flows.test_by_hand import Missing
from tests.support import builders as make
from tests.support.builders import NOON
from volunteer.access import SYSTEM, Role
from volunteer.administration.merging import merging
from volunteer.administration.merging.merging import MergeDraft
from volunteer.attendance.by_hand.lifecycle import AskStatus
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.attendance.jobs import forget_marks
from volunteer.attendance.models import Attendance, Method
from volunteer.attendance.review.lifecycle import FindingKind, FindingState
from volunteer.attendance.review.models_findings import CheckMark, Finding
from volunteer.attendance.review.queries import finding_for, findings_for
from volunteer.attendance.review.reviewing import decide_finding
from volunteer.audit.models import AuditEntry
from volunteer.kernel.db import write
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.ledger import book, queries
from volunteer.ledger.models import Grade, Unit
from volunteer.ledger.rules import issued_by, person
from volunteer.orders.hours.gathering import look_at_new, look_back
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.models_rating import RatedBy, Rating

LATER = NOON + timedelta(hours=1)
MINUTE = timedelta(minutes=1)
K, S = FindingKind, FindingState


class Books(Missing):
    """Services that were recorded as they say, whatever is true."""

    def serve(self, began, minutes=30, *, who=None, at=NOON, north=0.0, by=None, resident=None, rated=False) -> ServiceOrder:
        volunteer = who or self.member
        more = {"resident": resident} if resident else {}
        order = make.an_order(self.session, self.station, status=Status.CLOSED, latitude=self.station.latitude + north, **more)
        order.team, order.served_at = self.team, began + minutes * MINUTE
        self.session.add(
            Attendance(
                about=f"order:{order.id}", volunteer_id=volunteer.id, came_at=began, came_by=Method.CODE,
                left_at=began + minutes * MINUTE, left_by=Method.CODE, grade=Grade.B, minutes=minutes,
            )
        )  # fmt: skip
        order.write_down("record", by or self.leader, at)
        if rated:
            self.session.add(Rating(order_id=order.id, stars=5, by=RatedBy.LINK, at=at))
        book.move(
            self.session, Unit.MINUTES, minutes, source=issued_by(self.station.id, Unit.MINUTES), target=person(volunteer.id),
            reason="service", key=f"order:{order.id}:minutes:{volunteer.id}", about=f"order:{order.id}",
            day=began.date(), grade=Grade.B, at=at,
        )  # fmt: skip
        self.session.flush()
        return order

    def look(self, at=LATER) -> list[Finding]:
        while look_at_new(self.session, at=at):
            pass
        self.session.flush()
        return list(self.session.scalars(select(Finding).order_by(Finding.id)))

    def balance(self) -> int:
        return queries.balance(self.session, person(self.member.id), Unit.MINUTES)

    def far_apart(self) -> Finding:
        self.serve(NOON - 3 * 60 * MINUTE)
        self.serve(NOON - 3 * 60 * MINUTE + 36 * MINUTE, north=0.126)
        (finding,) = self.look()
        return finding


@pytest.fixture
def books(session) -> Books:
    return Books(session)


def test_two_visits_far_apart_are_written_down_once_with_their_entries(books, session):
    finding = books.far_apart()
    assert (finding.kind, finding.state, finding.person_id) == (K.TRAVEL, S.OPEN, books.member.id)
    assert finding.site_path == books.station.path
    assert finding.evidence["minutes"] == 6
    assert 13_900 < finding.evidence["metres"] < 14_100
    assert len(finding.evidence["transfers"]) == 2
    assert books.look(at=LATER + 60 * MINUTE) == [finding]
    assert books.balance() == 60  # nothing was taken away


def test_one_person_under_two_names_in_two_places_is_seen_once_they_are_merged(books, session):
    twin = make.a_volunteer(session, books.station, "王试")
    books.serve(NOON - 180 * MINUTE)
    books.serve(NOON - 144 * MINUTE, who=twin, north=0.126)
    merging.merge(session, books.admin, MergeDraft(books.member.id, twin.id, "同一个人"), at=NOON)
    (finding,) = books.look()
    assert (finding.kind, finding.person_id, books.balance()) == (K.TRAVEL, books.member.id, 60)
    decide_finding(
        session, books.admin, finding.id, S.TAKEN_BACK, "不可能同时在", at=LATER, transfers=finding.evidence["transfers"]
    )
    assert (books.balance(), queries.balance(session, person(twin.id), Unit.MINUTES)) == (0, 0)


def test_what_is_younger_than_a_few_minutes_waits(books):
    books.serve(NOON - 60 * MINUTE, at=LATER - MINUTE)
    assert books.look() == []
    books.serve(NOON - 24 * MINUTE, north=0.126, at=LATER - MINUTE)
    assert len(books.look(at=LATER + 10 * MINUTE)) == 1


def test_fine_with_a_reason_and_it_never_comes_again(books, session):
    finding = books.far_apart()
    with pytest.raises(Invalid):
        decide_finding(session, books.admin, finding.id, S.FINE, " ", at=LATER)
    for _ in range(2):
        decide_finding(session, books.admin, finding.id, S.FINE, "搭救护车去的", at=LATER)
    assert (finding.state, finding.note, books.balance()) == (S.FINE, "搭救护车去的", 60)
    books.serve(NOON - 2 * 60 * MINUTE, north=0.126)  # the same visits are looked at again
    assert [one.state for one in books.look(at=LATER + MINUTE)] == [S.FINE]
    with pytest.raises(Conflict, match="already"):
        decide_finding(session, books.director, finding.id, S.ASKED, "再问问", at=LATER)
    acts = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == finding.about)).all()
    assert acts == ["finding_decided"]


def test_asked_first_and_then_taken_back_entry_by_entry(books, session):
    finding = books.far_apart()
    decide_finding(session, books.director, finding.id, S.ASKED, "两次服务离得很远", at=LATER)
    assert books.told("hours_question") == [books.member.id]
    first, second = finding.evidence["transfers"]
    for wrong in ((), (10**6,)):
        with pytest.raises(Invalid):
            decide_finding(session, books.admin, finding.id, S.TAKEN_BACK, "没有去过", at=LATER, transfers=wrong)
    decide_finding(session, books.admin, finding.id, S.TAKEN_BACK, "没有去过", at=LATER, transfers=[second])
    assert (finding.state, books.balance()) == (S.TAKEN_BACK, 30)
    assert books.told("hours_taken_back") == [books.member.id]
    assert first != second


def test_an_auditor_reads_a_director_takes_nothing_back_nobody_decides_about_themselves(books, session):
    finding = books.far_apart()
    auditor = make.staff(session, Role.AUDITOR, books.centre)
    assert finding_for(session, auditor, finding.id) is finding
    with pytest.raises(Forbidden):
        decide_finding(session, auditor, finding.id, S.FINE, "没事", at=LATER)
    take = finding.evidence["transfers"]
    with pytest.raises(Forbidden):
        decide_finding(session, books.director, finding.id, S.TAKEN_BACK, "不对", at=LATER, transfers=take)
    own = make.an_actor(books.member.person, (Role.SITE_ADMIN, books.branch))
    with pytest.raises(Conflict, match="yourself"):
        decide_finding(session, own, finding.id, S.FINE, "没事", at=LATER)
    stranger = make.staff(session, Role.SITE_ADMIN, make.a_site(session))
    with pytest.raises(NotFound):
        decide_finding(session, stranger, finding.id, S.FINE, "没事", at=LATER)
    assert findings_for(session, stranger, waiting=True, kind=None, page=1, size=20) == []
    assert findings_for(session, auditor, waiting=True, kind=K.PAIR, page=1, size=20) == []


def test_the_same_resident_and_minutes_and_many_at_night(books, session):
    resident = make.a_person(session, "李奶奶")
    night = NOON.replace(hour=16, minute=30) - timedelta(days=1)  # half past midnight in Shanghai
    for number in range(5):
        books.serve(NOON - timedelta(days=30 - 7 * number), 45, resident=resident, at=night)
    for number in range(5):
        books.serve(NOON - timedelta(days=20, hours=number), 20 + number, at=night)
    found = {one.kind: one for one in books.look()}
    assert set(found) == {K.PAIR, K.NIGHT}
    assert (found[K.PAIR].evidence["times"], found[K.PAIR].person_id) == (5, books.member.id)
    assert (found[K.NIGHT].evidence["entries"], found[K.NIGHT].person_id) == (10, books.leader.user_id)


def test_one_device_under_many_names(books, session):
    order = books.serve(NOON)
    for person_ in (books.leader, books.me, books.admin):
        session.add(CheckMark(about=f"order:{order.id}", by_id=person_.user_id, device="d" * 40, at=NOON))
    session.add(CheckMark(about=f"order:{order.id}", by_id=books.clerk.user_id, device=None, at=NOON))
    session.flush()
    assert [look_back(session, at=LATER) for _ in range(2)] == [1, 0]
    (finding,) = session.scalars(select(Finding))
    assert (finding.kind, finding.evidence["count"], finding.site_path) == (K.DEVICE, 3, books.station.path)
    with pytest.raises(Conflict, match="yourself"):
        decide_finding(session, books.admin, finding.id, S.FINE, "没事", at=LATER)
    assert forget_marks(session, NOON + timedelta(days=181)) == 4
    assert look_back(session, at=NOON + timedelta(days=8)) == 0


def test_an_approver_unlike_the_others_and_a_team_that_nobody_rates(books, session):
    beside = make.a_site(session, books.branch)
    others = [make.a_team(session, beside), make.a_team(session, beside)]
    for number in range(12):
        books.serve(NOON - timedelta(days=60 - number), at=NOON - timedelta(days=50))
    for team in others:
        for number in range(12):
            books.team = team
            books.serve(NOON - timedelta(days=60 - number, hours=2), at=NOON - timedelta(days=50), rated=number > 1)
    peer = make.staff(session, Role.SITE_ADMIN, books.branch, "同事")
    for admin, site, count in ((books.admin, books.station, 30), (peer, beside, 1)):
        for number in range(count):
            begins = NOON - timedelta(days=20, minutes=number)
            session.add(
                HoursAsk(
                    volunteer=books.member, site=site, site_path=site.path, began_at=begins, ended_at=begins + MINUTE,
                    asked_by=books.clerk.user_id, asked_at=NOON, status=AskStatus.BOOKED, decided_by=admin.user_id, decided_at=NOON,
                    minutes=1,
                )
            )  # fmt: skip
    for number in range(60):
        book.move(
            session, Unit.MINUTES, 1, source=issued_by(beside.id, Unit.MINUTES), target=person(books.member.id), reason="service",
            key=f"test:{number}", about="", day=NOON.date(), grade=Grade.B, at=NOON,
        )  # fmt: skip
    session.flush()
    assert look_back(session, at=LATER) == 2
    found = {one.kind: one for one in session.scalars(select(Finding))}
    assert (found[K.SHARE].person_id, found[K.SHARE].site_path) == (books.admin.user_id, books.station.path)
    assert found[K.UNRATED].team_id not in {team.id for team in others}
    assert look_back(session, at=LATER) == 0


def test_two_looks_at_once_write_one_row_and_of_many_decisions_one_holds(database, keyring, at_once):
    with Session(database.engine, info={"keyring": keyring}, expire_on_commit=False) as session, write(session):
        books = Books(session)
        books.serve(NOON - 3 * 60 * MINUTE)
        books.serve(NOON - 3 * 60 * MINUTE + 36 * MINUTE, north=0.126)
        admins = [make.staff(session, Role.SITE_ADMIN, books.branch, f"站长{n}") for n in range(5)]
    assert at_once([lambda s: look_at_new(s, at=LATER) for _ in range(4)]).total() == 4
    with Session(database.engine, info={"keyring": keyring}) as session:
        (finding,) = session.scalars(select(Finding.id))
    ended = at_once([lambda s, who=who: decide_finding(s, who, finding, S.FINE, "没事", at=LATER) for who in admins])
    assert ended == {"done": 1, "refused": 4}


def test_the_machine_decides_nothing(books, session):
    finding = books.far_apart()
    with pytest.raises(Forbidden):
        decide_finding(session, SYSTEM, finding.id, S.TAKEN_BACK, "机器", at=LATER, transfers=finding.evidence["transfers"])
    assert finding.state is S.OPEN
