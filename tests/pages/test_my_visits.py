"""A volunteer's own visits, the leader's stand-ins, 「没人来」, and the hearing that a site decides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.support import builders as make
from tests.support.leading import HOUR, Phone
from tests.support.visiting import signed_in
from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.audit.models import AuditEntry
from volunteer.catalogue.models import Skill
from volunteer.kernel.clock import now
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder, Visitor
from volunteer.orders.placing import hash_secret
from volunteer.orders.visits.lifecycle import AbsenceState, VisitorState
from volunteer.orders.visits.models_absences import Absence
from volunteer.places.models import Site
from volunteer.teams.models import VolunteerSkill
from volunteer.web.unit import transaction


class Mates(Phone):
    """The leader has accepted; the second member goes, each member has a phone of their own."""

    def __init__(self, app) -> None:
        super().__init__(app)
        with app.app_context(), transaction() as session:
            for member in self.members:
                session.add(RoleGrant(person_id=member, role=Role.VOLUNTEER, site_id=self.station_id, since=make.LONG_AGO))
            admin = make.staff(session, Role.SITE_ADMIN, session.get_one(Site, self.station_id), "站长")
            self.admin_id = admin.user_id
        self.phones = [signed_in(app, member) for member in self.members]
        self.admin = signed_in(app, self.admin_id)
        self.accept()
        self.choose(self.members[1])
        self.mine = f"/me/visits/{self.number}"

    def mate(self, n, path):
        return self.see(path, self.phones[n])

    def say(self, n, what, **data):
        return self.post(f"{self.mine}/{what}", self.phones[n], **data)

    def state(self, n):
        return self.read(select(Visitor.state).where(Visitor.volunteer_id == self.members[n]))

    def late(self):
        """The promised time passes."""
        with self.app.app_context(), transaction() as session:
            before = now() - 2 * HOUR
            session.execute(update(ServiceOrder).where(ServiceOrder.id == self.order_id).values(visit_begins=before))


@pytest.fixture
def mates(app) -> Mates:
    return Mates(app)


def test_who_goes_reads_the_door_and_each_look_is_written_down(mates):
    assert "换灯管" in mates.mate(1, "/me/visits")
    page = mates.mate(1, mates.mine)
    assert "3幢201室" in page
    assert "我来不了" in page
    looks = select(AuditEntry.detail).where(AuditEntry.action == "private_seen").order_by(AuditEntry.id.desc())
    assert mates.read(looks)["on"] == "my_visit"


def test_a_team_mate_who_does_not_go_reads_no_door_and_may_wait(mates):
    page = mates.mate(2, mates.mine)
    assert "3幢201室" not in page
    assert "19900000000" not in page
    assert mates.say(2, "wait").status_code == 303
    assert mates.state(2) is VisitorState.WAITING
    assert mates.say(2, "step-back").status_code == 303
    assert mates.state(2) is VisitorState.OFF


def test_a_stranger_finds_nothing(mates):
    with mates.app.app_context(), transaction() as session:
        stranger = make.a_volunteer(session, session.get_one(Site, mates.station_id), "外人")
        session.add(RoleGrant(person_id=stranger.id, role=Role.VOLUNTEER, site_id=mates.station_id, since=make.LONG_AGO))
        stranger_id = stranger.id
    client = signed_in(mates.app, stranger_id)
    assert client.get(mates.mine).status_code == 404
    for act in ("cannot", "answer", "wait", "step-back"):
        assert mates.post(f"{mates.mine}/{act}", client).status_code == 404


def test_one_tap_excuses_and_the_next_says_yes(mates):
    assert mates.say(1, "cannot", why="family").status_code == 303
    assert mates.state(1) is VisitorState.EXCUSED
    asked = next(n for n in (0, 2) if mates.state(n) is VisitorState.ASKED)
    assert "您能顶上吗" in mates.mate(asked, "/me/visits")
    assert mates.say(asked, "answer", answer="yes").status_code == 303
    assert mates.state(asked) is VisitorState.GOING
    assert "家里有事" in mates.see(mates.at)  # the leader reads why
    assert "3幢201室" not in mates.mate(1, mates.mine)


@pytest.mark.parametrize("odd", ["", "x" * 5000, "☃", "unwell'--"])
def test_odd_reasons_are_refused_in_words_or_count_as_other(mates, odd):
    assert mates.say(1, "cannot", why=odd).status_code in {303, 422}


def test_beside_each_who_does_not_fit_stands_why(mates):
    with mates.app.app_context(), transaction() as session:
        skill = session.scalars(select(Skill)).first()
        skill.licensed, skill.name = True, "电工"
        ended = now().date() - timedelta(days=20)
        row = session.get_one(VolunteerSkill, (mates.members[2], skill.id))
        row.licence_until = ended
    page = mates.see(mates.at)
    assert f"电工证 {ended.month}月{ended.day}日到期" in page
    refused = mates.choose(mates.members[2])  # a form made by hand
    assert refused.status_code == 422
    assert "到期" in refused.get_data(as_text=True)
    assert mates.state(2) is None


def test_stand_ins_are_named_on_the_visits_page(mates):
    assert mates.post(f"{mates.at}/stand-ins", members=[str(mates.members[2])]).status_code == 303
    assert mates.state(2) is VisitorState.STANDBY
    assert "替补" in mates.mate(2, "/me/visits")
    assert mates.post(f"{mates.at}/stand-ins", members=["999999"]).status_code == 422


def test_somebody_who_was_missed_is_heard_and_a_second_person_decides(mates):
    assert mates.post(f"{mates.at}/absent/{mates.members[1]}").status_code == 409  # the time is not over
    mates.late()
    assert "没来" in mates.see(mates.at)
    assert mates.post(f"{mates.at}/absent/{mates.members[1]}").status_code == 303
    number = mates.read(select(Absence.id))
    assert "怎么回事" in mates.mate(1, "/me/visits")
    where = f"/me/visits/absences/{number}/say"
    assert mates.post(where, mates.phones[1], words=" ").status_code == 422
    assert mates.post(where, mates.phones[2], words="不是我").status_code == 404
    assert mates.post(where, mates.phones[1], words="车坏在半路，给队长打过电话").status_code == 303

    assert mates.client.get(f"/manage/absences/{number}").status_code == 403
    page = mates.see("/manage/absences", mates.admin)
    assert "车坏在半路" not in page
    assert "车坏在半路" in mates.see(f"/manage/absences/{number}", mates.admin)
    decide = f"/manage/absences/{number}/decide"
    assert mates.post(decide, mates.admin, outcome="nonsense", note="x").status_code == 422
    assert mates.post(decide, mates.admin, outcome="excused", note="").status_code == 422
    assert mates.post(decide, mates.admin, outcome="excused", note="路上车坏了").status_code == 303
    assert mates.read(select(Absence.state)) is AbsenceState.EXCUSED
    assert mates.state(1) is VisitorState.EXCUSED
    assert "没有任何计入" in mates.mate(1, "/me/visits")


def test_the_resident_says_that_nobody_came_and_the_desk_can_send_another_team(mates):
    page = f"/o/secret-{mates.number}"
    with mates.app.app_context(), transaction() as session:
        order = session.get_one(ServiceOrder, mates.order_id)
        order.secret_hash = hash_secret(order.secret)
        branch = order.desk
        dispatcher = make.staff(session, Role.DISPATCHER, branch).user_id
    visitor = mates.app.test_client()
    assert "没人来" not in mates.see(page, visitor)
    assert mates.post(f"{page}/nobody-came", visitor).status_code == 303  # too early: said in words, nothing changed
    assert mates.read(select(ServiceOrder.reason)) == ""
    mates.late()
    assert "没人来" in mates.see(page, visitor)
    assert mates.post(f"{page}/nobody-came", visitor).status_code == 303
    desk = signed_in(mates.app, dispatcher)
    assert "居民说没人来" in mates.see("/board?tab=working", desk)
    assert "居民说没人来" in mates.see(f"/board/orders/{mates.number}", desk)
    taken = mates.post(f"/board/orders/{mates.number}/recall", desk, reason="没去")
    assert taken.status_code == 303
    assert "派给" in mates.see(f"/board/orders/{mates.number}", desk)


def test_the_board_goes_on_to_the_next_order_when_asked_to(mates):
    with mates.app.app_context(), transaction() as session:
        one, two = (mates.order(session, Status.VERIFIED) for _ in range(2))
        numbers, team = (one.number, two.number), mates.team_id
        dispatcher = make.staff(session, Role.DISPATCHER, one.desk).user_id
    desk = signed_in(mates.app, dispatcher)
    following = desk.get(f"/board/next?but={numbers[0]}")
    assert following.location.split("?")[0] == f"/board/orders/{numbers[1]}"
    assert mates.post("/board/go-on", desk, go_on="yes", back=f"/board/orders/{numbers[0]}").status_code == 303
    mates.see(f"/board/orders/{numbers[0]}", desk)
    sent = mates.post(f"/board/orders/{numbers[0]}/offer", desk, team=str(team))
    assert sent.location.split("?")[0] == f"/board/orders/{numbers[1]}"
    mates.see(f"/board/orders/{numbers[1]}", desk)
    last = mates.post(f"/board/orders/{numbers[1]}/offer", desk, team=str(team))
    assert last.location.split("?")[0] == f"/board/orders/{numbers[1]}"  # nothing is left
