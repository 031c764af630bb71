"""补录: one asks, another of the site lets it through; nobody does both, in no disguise. On both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from volunteer.access import SYSTEM, Role
from volunteer.attendance.by_hand.asking import AskDraft, ask_by_hand, withdraw_ask
from volunteer.attendance.by_hand.deciding import credit_by_hand, refuse_by_hand
from volunteer.attendance.by_hand.lifecycle import AskStatus
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.attendance.models import Attendance
from volunteer.audit.models import AuditEntry
from volunteer.kernel.db import write
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.ledger import queries, verify
from volunteer.ledger.correcting import take_back
from volunteer.ledger.models import Grade, Transfer, Unit
from volunteer.ledger.rules import person
from volunteer.messaging.models import Message
from volunteer.places.models import PolicyKind, PolicyRow

YESTERDAY = NOON - timedelta(days=1)
HOUR = timedelta(hours=1)


class Missing:
    """A volunteer of a team served yesterday, and nobody wrote it down."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.centre, self.branch, self.station = make.a_county(session)
        self.team = make.a_team(session, self.station, members=2)
        self.leader = make.leader_of(session, self.team)
        self.member = next(one.volunteer for one in self.team.members if one.volunteer_id != self.leader.user_id)
        self.me = make.an_actor(self.member.person, (Role.VOLUNTEER, self.station))
        self.clerk = make.staff(session, Role.CLERK, self.station, "站点员")
        self.admin = make.staff(session, Role.SITE_ADMIN, self.branch, "站长")
        self.director = make.staff(session, Role.DIRECTOR, self.centre, "主任")
        self.draft = AskDraft(self.member.id, YESTERDAY, YESTERDAY + HOUR, "帮张奶奶搬东西", "手机没电了", team_id=self.team.id)

    def ask(self, by=None, at=NOON, **changes) -> HoursAsk:
        return ask_by_hand(self.session, by or self.me, replace(self.draft, **changes), at=at)

    def balance(self) -> int:
        return queries.balance(self.session, person(self.member.id), Unit.MINUTES)

    def told(self, template: str) -> list[int | None]:
        self.session.flush()
        return list(self.session.scalars(select(Message.person_id).where(Message.template == template).order_by(Message.id)))

    def rule(self, **values) -> None:
        row = PolicyRow(site_id=self.centre.id, kind=PolicyKind.BY_HAND, valid_from=make.LONG_AGO, values=values, made_at=NOON)
        self.session.add(row)
        self.session.flush()


@pytest.fixture
def missing(session) -> Missing:
    return Missing(session)


def test_asked_by_the_volunteer_let_through_by_the_site_booked_with_grade_d(missing, session):
    ask = missing.ask()
    assert (ask.status, missing.balance()) == (AskStatus.ASKED, 0)
    assert missing.told("hours_ask_waits") == [missing.admin.user_id]
    for _ in range(2):  # a second tap changes nothing
        credit_by_hand(session, missing.admin, ask.id, at=NOON)
    (transfer,) = session.scalars(select(Transfer).where(Transfer.about == ask.about, Transfer.unit == Unit.MINUTES))
    assert (transfer.amount, transfer.grade, transfer.reason, transfer.day) == (60, Grade.D, "by_hand", YESTERDAY.date())
    assert transfer.source.owner == f"site:{missing.station.id}:minutes-issued"
    assert (ask.status, ask.minutes, missing.balance()) == (AskStatus.BOOKED, 60, 60)
    assert missing.told("hours_by_hand_booked") == [missing.member.id]
    acts = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == ask.about).order_by(AuditEntry.id)).all()
    assert acts == ["hours_asked", "hours_by_hand_approved"]
    assert verify.findings(session) == []


def test_what_was_said_is_sealed(missing):
    ask = missing.ask()
    assert ask.what == "帮张奶奶搬东西"
    assert "张奶奶".encode() not in (ask.what_sealed or b"")


def test_nobody_lets_through_what_they_asked_for_or_would_get(missing, session):
    ask = missing.ask(by=missing.admin)
    assert missing.told("hours_asked_for_you") == [missing.member.id]
    with pytest.raises(Conflict, match="asked for these hours"):
        credit_by_hand(session, missing.admin, ask.id, at=NOON)
    site = (Role.SITE_ADMIN, missing.branch)
    with pytest.raises(Conflict, match="your own hours"):
        credit_by_hand(session, make.an_actor(missing.member.person, site), ask.id, at=NOON)
    with pytest.raises(Conflict, match="lead this team"):
        refuse_by_hand(session, make.an_actor(make.a_person(session), site, leads={missing.team.id}), ask.id, "不对", at=NOON)
    with pytest.raises(Forbidden):
        credit_by_hand(session, SYSTEM, ask.id, at=NOON)
    assert missing.balance() == 0


def test_another_account_of_the_same_person_is_the_same_person(missing, session):
    """The volunteer's own phone or document on a staff account, and the asker's."""
    ask = missing.ask(by=missing.clerk)
    keyring = session.info["keyring"]
    twin = make.a_person(session, "小号", phone=missing.member.person.phone)
    other = make.a_person(session, "另一个")
    other.document_index = missing.member.person.document_index = keyring.blind("document", "440524188001010014")
    session.flush()
    asker = make.a_person(session, "站点员的另一个号")
    asker.phone_index = session.scalar(select(type(asker).phone_index).where(type(asker).id == missing.clerk.user_id))
    session.flush()
    for who in (twin, other, asker):
        with pytest.raises(Conflict, match="Somebody else"):
            credit_by_hand(session, make.an_actor(who, (Role.SITE_ADMIN, missing.branch)), ask.id, at=NOON)
    assert credit_by_hand(session, missing.director, ask.id, at=NOON).minutes == 60


def test_whoever_may_not_ask_does_not_see_the_volunteer(missing, session):
    stranger = make.a_volunteer(session, missing.station, "路人")
    elsewhere = make.a_team(session, missing.station)
    for actor in (
        make.an_actor(stranger.person, (Role.VOLUNTEER, missing.station)),
        make.leader_of(session, elsewhere),
        make.staff(session, Role.CLERK, make.a_site(session)),
        make.staff(session, Role.DISPATCHER, missing.centre),
    ):
        with pytest.raises(NotFound):
            missing.ask(by=actor)
    with pytest.raises(NotFound):
        missing.ask(by=missing.leader, team_id=None)  # a leader's right is the team's
    assert missing.ask(by=missing.leader).asked_by == missing.leader.user_id
    with pytest.raises(Invalid, match="in this team"):
        missing.ask(by=missing.me, team_id=elsewhere.id)


def test_only_the_sites_own_decide(missing, session):
    ask = missing.ask()
    with pytest.raises(NotFound):
        credit_by_hand(session, make.staff(session, Role.SITE_ADMIN, make.a_site(session)), ask.id, at=NOON)
    with pytest.raises(Forbidden):
        credit_by_hand(session, missing.clerk, ask.id, at=NOON)
    with pytest.raises(Forbidden):
        credit_by_hand(session, make.staff(session, Role.AUDITOR, missing.centre), ask.id, at=NOON)


def test_refused_with_a_reason_and_then_nothing_more(missing, session):
    ask = missing.ask(by=missing.clerk)
    with pytest.raises(Invalid):
        refuse_by_hand(session, missing.admin, ask.id, " ", at=NOON)
    for _ in range(2):
        refuse_by_hand(session, missing.admin, ask.id, "那天没有这次服务", at=NOON)
    assert (ask.status, ask.reason) == (AskStatus.REFUSED, "那天没有这次服务")
    assert missing.told("hours_by_hand_refused") == [missing.member.id]
    assert missing.told("hours_ask_refused") == [missing.clerk.user_id]
    for act in (lambda: credit_by_hand(session, missing.director, ask.id, at=NOON),
                lambda: withdraw_ask(session, missing.clerk, ask.id, at=NOON)):  # fmt: skip
        with pytest.raises(Conflict, match="already"):
            act()


def test_taken_back_before_it_is_decided_by_those_it_is_about(missing, session):
    ask = missing.ask(by=missing.clerk)
    with pytest.raises(NotFound):
        withdraw_ask(session, missing.admin, ask.id, at=NOON)
    for _ in range(2):
        withdraw_ask(session, missing.me, ask.id, at=NOON)
    with pytest.raises(Conflict):
        credit_by_hand(session, missing.admin, ask.id, at=NOON)


def test_time_that_counts_already_is_not_counted_again(missing, session):
    credit_by_hand(session, missing.admin, missing.ask().id, at=NOON)
    half = missing.ask(began_at=YESTERDAY + HOUR / 2, ended_at=YESTERDAY + 2 * HOUR)
    assert credit_by_hand(session, missing.admin, half.id, at=NOON).minutes == 60
    inside = missing.ask(ended_at=YESTERDAY + HOUR / 2)
    with pytest.raises(Conflict, match="counted already"):
        credit_by_hand(session, missing.admin, inside.id, at=NOON)
    left = select(func.count()).select_from(Attendance).where(Attendance.about == inside.about)
    assert (inside.status, session.scalar(left), missing.balance()) == (AskStatus.ASKED, 0, 120)


def test_what_was_taken_back_makes_room_for_what_is_right(missing, session):
    wrong = credit_by_hand(session, missing.admin, missing.ask().id, at=NOON)
    transfer = session.scalars(select(Transfer).where(Transfer.about == wrong.about, Transfer.unit == Unit.MINUTES)).one()
    take_back(session, missing.admin, transfer.id, "时间写错了", at=NOON)
    right = missing.ask(ended_at=YESTERDAY + HOUR / 2)
    assert credit_by_hand(session, missing.admin, right.id, at=NOON).minutes == 30
    assert missing.balance() == 30


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"began_at": NOON, "ended_at": NOON + HOUR}, "still to come"),
        ({"ended_at": YESTERDAY - HOUR}, "before the beginning"),
        ({"ended_at": YESTERDAY}, "before the beginning"),
        ({"began_at": NOON - timedelta(days=31), "ended_at": NOON - timedelta(days=31) + HOUR}, "too long ago"),
        ({"what": " "}, "few words"),
        ({"why": "x" * 501}, "a little long"),
        ({"item_id": 10**6}, "choose one"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(missing, changes, said):
    with pytest.raises(Invalid) as refused:
        missing.ask(**changes)
    assert any(said in words for complaints in refused.value.fields.values() for words in complaints)


def test_a_day_of_twenty_five_hours_is_refused(missing, session):
    missing.rule(person_month=0)
    midnight = YESTERDAY.replace(hour=16) - timedelta(days=2)  # 0:00 in Shanghai
    for number in range(3):
        begins = midnight + timedelta(hours=8 * number)
        missing.ask(began_at=begins, ended_at=begins + timedelta(hours=8))
    with pytest.raises(Invalid, match="24 hours"):
        missing.ask(began_at=midnight + timedelta(hours=3), ended_at=midnight + timedelta(hours=4))


def test_one_person_has_a_limit_in_a_month_and_what_waits_counts(missing, session):
    missing.rule(person_month=100)
    first = missing.ask()
    with pytest.raises(Conflict, match="one person in one month"):
        missing.ask(began_at=YESTERDAY + 2 * HOUR, ended_at=YESTERDAY + 3 * HOUR)
    refuse_by_hand(session, missing.admin, first.id, "不对", at=NOON)
    assert missing.ask(began_at=YESTERDAY + 2 * HOUR, ended_at=YESTERDAY + 3 * HOUR)


def test_one_approver_has_a_limit_in_a_month_and_a_colleague_goes_on(missing, session):
    missing.rule(approver_month=90)
    asks = [missing.ask(began_at=YESTERDAY + n * HOUR, ended_at=YESTERDAY + (n + 1) * HOUR) for n in range(2)]
    credit_by_hand(session, missing.admin, asks[0].id, at=NOON)
    with pytest.raises(Conflict, match="ask a colleague"):
        credit_by_hand(session, missing.admin, asks[1].id, at=NOON)
    assert credit_by_hand(session, missing.director, asks[1].id, at=NOON).minutes == 60


def test_of_many_who_decide_at_once_one_does(database, keyring, at_once):
    with Session(database.engine, info={"keyring": keyring}, expire_on_commit=False) as session, write(session):
        missing = Missing(session)
        ids = [missing.ask(began_at=YESTERDAY + n * HOUR, ended_at=YESTERDAY + (n + 1) * HOUR).id for n in range(3)]
        admins = [make.staff(session, Role.SITE_ADMIN, missing.branch, f"站长{n}") for n in range(6)]
        me = missing.me
    ended = at_once([lambda s, a=a, who=who: credit_by_hand(s, who, a, at=NOON) for a in ids[:2] for who in admins])
    assert ended == {"done": 2, "refused": 10}
    acts = [lambda s, who=who: credit_by_hand(s, who, ids[2], at=NOON) for who in admins[:5]]
    ended = at_once([*acts, lambda s: withdraw_ask(s, me, ids[2], at=NOON)])
    assert ended == {"done": 1, "refused": 5}
    with Session(database.engine, info={"keyring": keyring}) as session:
        booked = set(session.scalars(select(HoursAsk.id).where(HoursAsk.status == AskStatus.BOOKED)))
        posted = select(Transfer.about).where(Transfer.unit == Unit.MINUTES)
        assert {f"by_hand:{one}" for one in booked} == set(session.scalars(posted))
        assert verify.findings(session) == []


def test_one_approver_at_many_desks_does_not_pass_the_month(database, keyring, at_once):
    with Session(database.engine, info={"keyring": keyring}, expire_on_commit=False) as session, write(session):
        missing = Missing(session)
        missing.rule(approver_month=120)
        ids = [missing.ask(began_at=YESTERDAY + n * HOUR, ended_at=YESTERDAY + (n + 1) * HOUR).id for n in range(5)]
        admin = missing.admin
    ended = at_once([lambda s, a=a: credit_by_hand(s, admin, a, at=NOON) for a in ids])
    assert ended == {"done": 2, "refused": 3}
