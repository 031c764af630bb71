"""The pages of cases: what staff read and do, each look written down; the team's answer; a caller's "really solved"."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.support import builders as make
from tests.support.cases import ask_about, case_about, held_words
from tests.support.leading import Phone
from tests.support.visiting import signed_in
from volunteer.access import Role
from volunteer.audit.models import AuditEntry
from volunteer.feedback.lifecycle import CaseStatus
from volunteer.feedback.models import Case, CaseKind, TeamAsk
from volunteer.kernel.clock import now
from volunteer.orders.afterwards.lifecycle import WordsState
from volunteer.orders.afterwards.models_later import ReallySolved
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.models_rating import Rating
from volunteer.places.models import Site
from volunteer.teams.models import Team
from volunteer.web.unit import transaction

SECRET = "他家在三幢，来晚了"


class Desk(Phone):
    """A clerk's browser over a closed order of which something was said."""

    def __init__(self, app) -> None:
        super().__init__(app)
        with app.app_context(), transaction() as session:
            station = session.get_one(Site, self.station_id)
            clerk = make.staff(session, Role.CLERK, station).user_id
            auditor = make.staff(session, Role.AUDITOR, station.parent.parent).user_id
            done = self.order(session, Status.CLOSED, served_at=now(), closed_at=now(), team=session.get_one(Team, self.team_id))
            self.done_id, self.done = done.id, done.number
            case = case_about(session, station, done.id, CaseKind.COMPLAINT, self.team_id)
            case.words = SECRET
            self.case_id, self.case = case.id, case.number
        self.clerk, self.auditor = signed_in(app, clerk), signed_in(app, auditor)
        self.page = f"/cases/{self.case}"

    def do(self, what, status=303, **data):
        answer = self.post(f"{self.page}/{what}", self.clerk, **data)
        assert answer.status_code == status, answer.get_data(as_text=True)[-400:]
        return answer.get_data(as_text=True)

    def stands(self):
        return self.read(select(Case.status).where(Case.id == self.case_id))

    def looks(self):
        seen = (AuditEntry.action == "private_seen", AuditEntry.subject == f"case:{self.case_id}")
        return self.read(select(func.count()).select_from(AuditEntry).where(*seen))


@pytest.fixture
def desk(app) -> Desk:
    return Desk(app)


def test_the_list_names_cases_and_never_their_words(desk):
    for query in ("", "?tab=mine", "?q=" + desk.done, "?kind=complaint", "?tab=nonsense&kind=x&after=-1", "?q=%00%F0%9F%98%80"):
        text = desk.see("/cases" + query, desk.clerk)
        assert SECRET not in text
        assert (desk.case in text) == (query not in {"?tab=mine", "?q=%00%F0%9F%98%80"})
    assert desk.looks() == 0


def test_each_look_at_a_case_is_written_down_and_the_phone_is_asked_for(desk):
    text = desk.see(desk.page, desk.clerk)
    assert SECRET in text
    assert f"/desk/orders/{desk.done}" in text
    assert desk.looks() == 1
    assert "tel:" not in text
    assert "tel:" in desk.do("details", 200)
    assert desk.looks() == 2
    assert desk.auditor.get(desk.page).status_code == 403
    assert desk.client.get(desk.page).status_code == 403
    assert desk.looks() == 2


@pytest.mark.parametrize(
    ("what", "data", "field"),
    [
        ("answer", {"answer": " "}, "answer"),
        ("answer", {"answer": "长" * 2001}, "answer"),
        ("ask", {"shown": "电话 138 0000 0001"}, "shown"),
        ("call", {"call": "聊过"}, "reached"),
        ("call", {"reached": "yes", "call": ""}, "call"),
        ("up", {"reason": ""}, "reason"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(desk, what, data, field):
    text = desk.do(what, 422, **data)
    assert f'id="e-{field}"' in text
    assert '<details class="confirm" open>' in text
    if typed := data.get(field, "").strip():
        assert typed in text
    assert desk.stands() is CaseStatus.OPEN


def test_a_case_is_taken_asked_about_told_and_answered(desk):
    for _ in range(2):
        desk.do("take")
        desk.do("ask", shown="那天几点到的？")
    ask = desk.read(select(TeamAsk.id))
    assert f"/inbox/asks/{ask}" in desk.see("/inbox")
    assert f"/inbox/asks/{ask}" in desk.see("/inbox/rows")
    text = desk.see(f"/inbox/asks/{ask}")
    assert "那天几点到的？" in text
    assert SECRET not in text
    assert desk.stranger.get(f"/inbox/asks/{ask}").status_code == 404
    assert desk.post(f"/inbox/asks/{ask}", words="").status_code == 422
    for _ in range(2):
        assert desk.post(f"/inbox/asks/{ask}", words="路上堵车").status_code == 303
    assert desk.post(f"/inbox/asks/{ask}", words="别的").status_code == 409
    assert f"/inbox/asks/{ask}" not in desk.see("/inbox")
    assert "路上堵车" in desk.see(desk.page, desk.clerk)
    for _ in range(2):
        desk.do("answer", answer="已经和队伍谈过")
    assert desk.stands() is CaseStatus.ANSWERED
    assert desk.do("take", 409)


def test_a_second_tap_does_not_hand_a_case_up_twice(desk):
    before = desk.read(select(Case.desk_id).where(Case.id == desk.case_id))
    for _ in range(2):
        desk.do("up", reason="本所解决不了", desk=str(before))
    assert "/up" not in desk.see(desk.page, desk.clerk)
    desk.do("up", 409, reason="还要往上")


def test_held_words_are_read_on_their_page_and_decided_with_a_reason(desk):
    with desk.app.app_context(), transaction() as session:
        held_words(session, desk.done_id, "张师傅电话13800000001")
    assert "13800000001" not in desk.see("/cases/words", desk.clerk)
    page = f"/cases/words/{desk.done}"
    assert page in desk.see("/cases/words", desk.clerk)
    assert "张师傅电话13800000001" in desk.see(page, desk.clerk)
    for data, field in (
        ({}, "decision"),
        ({"decision": "hidden"}, "reason"),
        ({"decision": "masked", "shown": "改了", "reason": "x"}, "shown"),
    ):
        answer = desk.post(page, desk.clerk, **data)
        assert (answer.status_code, f'id="e-{field}"' in answer.get_data(as_text=True)) == (422, True)
    for _ in range(2):
        assert desk.post(page, desk.clerk, decision="hidden", reason="里面有电话").status_code == 303
    assert desk.read(select(Rating.words_state)) is WordsState.HIDDEN
    assert page not in desk.see("/cases/words", desk.clerk)


@pytest.mark.parametrize(("said", "status"), [("yes", Status.CLOSED), ("no", Status.VERIFIED)])
def test_a_caller_is_asked_whether_it_is_really_solved(desk, said, status):
    page = f"/desk/orders/{desk.done}"
    text = desk.see(page, desk.clerk)
    assert f"{page}/solved" in text
    assert f"/cases?q={desk.done}" in text
    assert desk.post(f"{page}/solved", desk.clerk).status_code == 422
    for _ in range(2):
        assert desk.post(f"{page}/solved", desk.clerk, solved=said, said="还在滴水").status_code == 303
    assert desk.read(select(ReallySolved.solved)) is (said == "yes")
    assert desk.read(select(ServiceOrder.status).where(ServiceOrder.id == desk.done_id)) is status
    assert f"{page}/solved" not in desk.see(page, desk.clerk)


def test_an_answered_ask_can_still_be_read_by_its_team(desk):
    with desk.app.app_context(), transaction() as session:
        ask = ask_about(session, session.get_one(Case, desk.case_id), desk.team_id)
        number = ask.id
    desk.post(f"/inbox/asks/{number}", words="路上堵车")
    assert "路上堵车" in desk.see(f"/inbox/asks/{number}")
