"""From setting out to the minutes in the ledger, and every way of showing that the team was there. On both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from volunteer.access import SYSTEM
from volunteer.attendance.evidence import Position, Proof
from volunteer.attendance.jobs import forget_proofs
from volunteer.attendance.models import Attendance, Method
from volunteer.audit.models import AuditEntry
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.geo import Point
from volunteer.ledger import queries as ledger
from volunteer.ledger.models import Grade, Transfer, Unit
from volunteer.media.models import Photo
from volunteer.messaging.models import Message
from volunteer.orders import serving
from volunteer.orders.accepting import accept_offer, choose_members
from volunteer.orders.jobs import remind_visits
from volunteer.orders.lifecycle import Action, Status
from volunteer.orders.models import PhotoKind, ServiceOrder
from volunteer.orders.queries_inbox import inbox_of
from volunteer.orders.serving import RecordDraft
from volunteer.places.adopting import adopt_policy
from volunteer.places.models import Holiday, PolicyKind
from volunteer.teams.models import Membership, Volunteer

THERE = Position(Point(31.16, 120.64), 10)
TOWN = Position(Point(31.30, 120.64), 10)
DONE = NOON + timedelta(minutes=47)
RECORD = RecordDraft("换了两根灯管，线路正常。", people=2)


class Visit:
    """An order that a team has accepted; two members go."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.centre, self.branch, self.station = make.a_county(session)
        self.item = make.an_item(session, self.centre)
        self.team = make.a_team(session, self.station, members=3)
        self.leader = make.leader_of(session, self.team)
        self.order = make.an_order(session, self.station, item=self.item, status=Status.OFFERED)
        self.order.secret = "a-long-secret"
        accept_offer(session, self.leader, make.an_offer(session, self.order, self.team).id, at=NOON)
        mine = select(Volunteer).join(Membership).where(Membership.team_id == self.team.id).order_by(Volunteer.id)
        self.members = list(session.scalars(mine))
        choose_members(session, self.leader, self.order.id, [m.id for m in self.members[:2]], NOON, at=NOON)

    def do(self, verb, *what, at=NOON, by=None):
        return verb(self.session, by or self.leader, self.order.id, *what, at=at)

    def arrive(self, proof=None, at=NOON):
        return self.do(serving.check_in, proof or Proof(code=self.order.start_code), at=at)

    def leave(self, proof=None, at=DONE):
        return self.do(serving.check_out, proof or Proof(position=THERE), at=at)

    def came(self) -> list[Attendance]:
        return list(self.session.scalars(select(Attendance).order_by(Attendance.id)))

    def serve(self):
        self.arrive()
        self.leave()

    def told(self, template: str) -> list[Message]:
        self.session.flush()
        return list(self.session.scalars(select(Message).where(Message.template == template)))

    def minutes(self, member) -> int:
        return ledger.balance(self.session, f"person:{member.id}", Unit.MINUTES)

    def qr(self, at=NOON) -> str:
        return serving.presence_proof(self.order, at)


@pytest.fixture
def visit(session: Session) -> Visit:
    return Visit(session)


def test_the_whole_way_step_by_step(visit):
    assert visit.do(serving.set_out).status is Status.UNDER_WAY
    assert visit.arrive().status is Status.IN_SERVICE
    assert visit.leave().status is Status.SERVED
    order = visit.do(serving.finish, RECORD, at=DONE)
    assert (order.record, order.served_people, order.recorded_at) == ("换了两根灯管，线路正常。", 2, DONE)
    assert [visit.minutes(member) for member in visit.members] == [47, 47, 0]
    assert [event.what for event in order.events] == [
        "accept", "members", "set_out", "check_in", "check_out", "record",
    ]  # fmt: skip
    assert visit.told("team_set_out")
    assert visit.told("start_code")
    assert len(visit.told("hours_booked")) == 2


def test_every_step_tapped_twice_is_taken_once(visit):
    for _ in range(2):
        visit.do(serving.set_out)
    for _ in range(2):
        visit.arrive()
    for _ in range(2):
        visit.leave()
    for _ in range(2):
        visit.do(serving.finish, RECORD, at=DONE)
    assert len(visit.order.events) == 6
    assert len(visit.came()) == 2
    assert visit.minutes(visit.members[0]) == 47


def test_steps_cannot_be_skipped(visit):
    with pytest.raises(Conflict):
        visit.leave()
    with pytest.raises(Conflict, match="check out first"):
        visit.do(serving.finish, RECORD)
    with pytest.raises(Conflict):
        visit.do(serving.nobody_home, "")


def test_a_transfer_says_where_it_comes_from(visit):
    visit.serve()
    visit.do(serving.finish, RECORD, at=DONE)
    transfer = visit.session.scalars(select(Transfer).order_by(Transfer.id)).first()
    first = visit.members[0]
    assert transfer.key == f"order:{visit.order.id}:minutes:{first.id}"
    assert (transfer.about, transfer.grade, transfer.policy_version) == (f"order:{visit.order.id}", Grade.B, "hours:0")
    assert transfer.source.owner == f"site:{visit.team.site_id}:minutes-issued"
    assert transfer.day == NOON.date()


# One test for each way of showing presence, and one for its forged twin.


def test_code_and_position_both_times_is_an_a(visit):
    proof = Proof(code=visit.order.start_code, position=THERE)
    visit.arrive(proof)
    visit.leave(proof)
    assert {(row.came_by, row.left_by, row.grade) for row in visit.came()} == {
        (Method.CODE_AND_POSITION, Method.CODE_AND_POSITION, Grade.A)
    }


def test_code_with_a_position_elsewhere_is_not_an_a(visit):
    visit.arrive(Proof(code=visit.order.start_code, position=TOWN))
    row = visit.came()[0]
    assert (row.came_by, row.grade, row.came_latitude) == (Method.CODE, Grade.B, None)


def test_the_code_alone_is_a_b(visit):
    visit.arrive()
    assert visit.came()[0].grade is Grade.B


def test_a_guessed_code_lets_nobody_in(visit):
    wrong = f"{(int(visit.order.start_code) + 1) % 10_000:04d}"
    with pytest.raises(Invalid, match="not the start code"):
        visit.arrive(Proof(code=wrong))
    assert visit.order.status is Status.ACCEPTED
    assert visit.came() == []


def test_the_rotating_qr_is_a_b(visit):
    visit.arrive(Proof(qr=visit.qr()))
    assert visit.came()[0].came_by is Method.QR
    visit.leave(Proof(qr=visit.qr(DONE)))
    assert {row.grade for row in visit.came()} == {Grade.B}


def test_a_photographed_qr_works_neither_later_nor_twice(visit):
    with pytest.raises(Conflict, match="run out"):
        visit.arrive(Proof(qr=visit.qr()), at=NOON + timedelta(minutes=5))
    visit.arrive(Proof(qr=visit.qr()))
    with pytest.raises(Conflict, match="used already"):
        visit.leave(Proof(qr=visit.qr()), at=NOON + timedelta(seconds=31))


def test_a_qr_of_another_order_is_refused(visit):
    other = make.an_order(visit.session, visit.station, item=visit.item)
    other.secret = visit.order.secret
    with pytest.raises(Invalid, match="not for this visit"):
        visit.arrive(Proof(qr=serving.presence_proof(other, NOON)))


def test_the_position_alone_is_a_b(visit):
    visit.arrive(Proof(position=THERE))
    row = visit.came()[0]
    assert (row.came_by, row.grade, row.came_latitude) == (Method.FENCE, Grade.B, 31.16)


@pytest.mark.parametrize("position", [TOWN, Position(Point(31.16, 120.64), 0), Position(Point(31.30, 120.64), 50_000)])
def test_a_claimed_position_is_refused(visit, position):
    with pytest.raises(Invalid):
        visit.arrive(Proof(position=position))
    assert visit.order.status is Status.ACCEPTED


def test_the_leaders_roll_call_is_a_c(visit):
    visit.arrive(Proof())
    assert visit.came()[0].grade is Grade.C


def test_nobody_but_the_teams_leader_calls_the_roll(visit):
    stranger = make.leader_of(visit.session, make.a_team(visit.session, visit.station))
    member = make.an_actor(visit.members[1].person)
    for somebody in (stranger, member):
        with pytest.raises(NotFound):
            visit.do(serving.check_in, Proof(), by=somebody)


def test_the_weaker_of_in_and_out_counts(visit):
    visit.arrive(Proof(code=visit.order.start_code, position=THERE))
    assert visit.came()[0].grade is Grade.A
    visit.leave(Proof())
    assert visit.came()[0].grade is Grade.C


def test_a_forgotten_check_out_is_said_afterwards_and_a_d(visit):
    visit.arrive()
    visit.leave(Proof(ended_at=NOON + timedelta(minutes=40)), at=NOON + timedelta(hours=20))
    row = visit.came()[0]
    assert (row.left_at, row.left_by, row.grade) == (NOON + timedelta(minutes=40), Method.BY_HAND, Grade.D)


@pytest.mark.parametrize("ended", [NOON - timedelta(minutes=1), DONE + timedelta(minutes=1)])
def test_an_end_before_the_beginning_or_still_to_come_is_refused(visit, ended):
    visit.arrive()
    with pytest.raises(Invalid):
        visit.leave(Proof(ended_at=ended))


def test_only_who_is_present_gets_minutes(visit):
    one, two, three = visit.members
    with pytest.raises(Invalid, match="chosen to go"):
        visit.arrive(Proof(present=frozenset({three.id})))
    with pytest.raises(Invalid, match="who is here"):
        visit.arrive(Proof(present=frozenset()))
    visit.arrive(Proof(present=frozenset({two.id})))
    visit.leave()
    visit.do(serving.finish, RECORD, at=DONE)
    assert [visit.minutes(member) for member in (one, two)] == [0, 47]


def test_time_on_two_visits_at_once_counts_once(visit):
    """Ten of the forty-seven minutes were credited elsewhere already."""
    one = visit.members[0]
    visit.session.add(
        Attendance(
            about="shift:1", volunteer_id=one.id, came_at=NOON - timedelta(minutes=30), came_by=Method.QR,
            left_at=NOON + timedelta(minutes=10), left_by=Method.QR, grade=Grade.B, minutes=40,
        )
    )  # fmt: skip
    visit.serve()
    visit.do(serving.finish, RECORD, at=DONE)
    assert [visit.minutes(member) for member in visit.members[:2]] == [37, 47]


def test_a_record_needs_words_and_people(visit):
    visit.serve()
    with pytest.raises(Invalid) as refused:
        visit.do(serving.finish, RecordDraft(" ", people=0), at=DONE)
    assert set(refused.value.fields) == {"words", "people"}


def test_photos_of_both_sides_are_kept(visit):
    visit.serve()
    photos = [Photo(token=f"t{n}", width=1, height=1, size=1, sha256="0", stored_at=NOON) for n in range(2)]
    order = visit.do(serving.finish, RecordDraft("好了", 1, (photos[0],), (photos[1],)), at=DONE)
    assert [photo.kind for photo in order.photos] == [PhotoKind.BEFORE, PhotoKind.AFTER]


def test_a_record_may_follow_the_rating(visit):
    visit.serve()
    visit.order.advance(Action.RATE, by=visit.leader, at=DONE)
    visit.do(serving.finish, RECORD, at=DONE)
    assert visit.minutes(visit.members[0]) == 47


def test_a_late_record_is_taken_and_flagged(visit):
    visit.serve()
    later = NOON + timedelta(days=15)
    order = visit.do(serving.finish, RECORD, at=later)
    assert order.events[-1].note == serving.LATE
    assert visit.session.scalar(select(AuditEntry.action).where(AuditEntry.action == "record_late"))
    assert visit.minutes(visit.members[0]) == 47


def test_holidays_of_the_centre_do_not_count_as_working_days(visit):
    visit.serve()
    later = NOON + timedelta(days=14)  # Wednesday to Wednesday: ten working days
    assert serving.record_days_left(visit.session, visit.order, at=later) == 0
    visit.session.add(Holiday(site_id=visit.centre.id, day=date(2026, 3, 5), works=False))
    assert serving.record_days_left(visit.session, visit.order, at=later) == 1


def test_the_centre_says_within_how_many_working_days_a_record_is_written(visit):
    visit.serve()
    assert serving.record_days_left(visit.session, visit.order, at=DONE) == 10
    adopt_policy(visit.session, SYSTEM, visit.centre, PolicyKind.CLOCKS, {"record_days": 5}, valid_from=NOON, at=NOON)
    assert serving.record_days_left(visit.session, visit.order, at=DONE) == 5
    assert [card.days_left for card in inbox_of(visit.session, visit.leader, at=DONE).to_record] == [5]


def test_after_a_reopening_the_second_turn_is_counted_by_itself(visit):
    visit.serve()
    visit.do(serving.finish, RECORD, at=DONE)
    order = visit.order
    order.advance(Action.RATE, by=visit.leader, at=DONE)
    order.advance(Action.REOPEN, by=visit.leader, at=DONE)
    order.advance(Action.OFFER, by=visit.leader, at=DONE)
    again = NOON + timedelta(days=1)
    accept_offer(visit.session, visit.leader, make.an_offer(visit.session, order, visit.team, expires_at=again).id, at=DONE)
    visit.do(serving.check_in, Proof(), at=again)
    visit.do(serving.check_out, Proof(), at=again + timedelta(minutes=20))
    assert not serving.is_recorded(order)
    visit.do(serving.finish, RecordDraft("又来了一趟"), at=again + timedelta(minutes=20))
    first = visit.members[0]
    keys = set(visit.session.scalars(select(Transfer.key).where(Transfer.key.like(f"%minutes:{first.id}%"))))
    assert keys == {f"order:{order.id}:minutes:{first.id}", f"order:{order.id}:minutes:{first.id}:2"}
    assert visit.minutes(first) == 67


@pytest.mark.parametrize("verb", [serving.release, serving.nobody_home])
def test_letting_go_gives_the_order_back_and_tells_the_resident(visit, verb):
    visit.do(serving.set_out)
    order = visit.do(verb, "工具坏了")
    assert (order.status, order.team_id, order.visit_begins, list(order.visitors)) == (Status.VERIFIED, None, None, [])
    assert order.events[-1].note == "工具坏了"
    assert visit.told("team_released" if verb is serving.release else "nobody_home")
    assert visit.do(verb, "工具坏了") is order
    assert len([event for event in order.events if event.what == verb.__name__]) == 1


def test_letting_go_needs_a_reason(visit):
    with pytest.raises(Invalid, match="why"):
        visit.do(serving.release, " ")


def test_what_is_private_is_shown_to_who_serves_and_each_look_is_written_down(visit):
    def look(actor):
        return serving.private_part(visit.session, actor, visit.order, at=NOON)

    seen = look(visit.leader)
    assert (seen.contact, seen.phone, seen.door) == ("李奶奶", "19900000000", "3幢201室")
    looks = select(AuditEntry).where(AuditEntry.action == "private_seen")
    entry = visit.session.scalars(looks).one()
    assert (entry.actor_id, entry.subject) == (visit.leader.user_id, f"order:{visit.order.id}")
    assert "19900000000" not in str(entry.detail)
    assert look(make.leader_of(visit.session, make.a_team(visit.session, visit.station))) is None
    visit.serve()
    assert look(visit.leader) is None
    assert len(visit.session.scalars(looks).all()) == 1


def test_nobody_sets_out_or_checks_in_before_somebody_was_chosen(session):
    visit = Visit(session)
    visit.order.crew.clear()
    for act in (lambda: visit.do(serving.set_out), visit.arrive):
        with pytest.raises(Conflict, match="who goes"):
            act()
    assert session.get(ServiceOrder, visit.order.id).status is Status.ACCEPTED


def test_those_who_go_and_the_resident_are_reminded_once_for_each_time(session):
    visit = Visit(session)
    tomorrow = NOON + timedelta(days=1)
    choose_members(session, visit.leader, visit.order.id, [visit.members[0].id], tomorrow, at=NOON)
    assert remind_visits(session, NOON) == 0
    soon = tomorrow - timedelta(minutes=110)
    assert remind_visits(session, soon) == 1
    assert remind_visits(session, soon) == 0
    assert {message.person_id for message in visit.told("visit_soon")} == {visit.members[0].id, visit.order.resident_id}
    choose_members(session, visit.leader, visit.order.id, [visit.members[0].id], tomorrow + timedelta(minutes=5), at=soon)
    assert remind_visits(session, soon + timedelta(minutes=10)) == 1


def test_used_proofs_are_dropped_after_a_day(visit):
    visit.arrive(Proof(qr=visit.qr()))
    assert forget_proofs(visit.session, NOON + timedelta(hours=1)) == 0
    assert forget_proofs(visit.session, NOON + timedelta(days=2)) == 1
