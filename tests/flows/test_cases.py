"""A case from the first word to the answer: the table of states, the team's side, the site above, words that wait for a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import NOON, a_county, a_team, an_item, an_order, leader_of, staff
from tests.support.cases import a_case, held_words
from volunteer.access import Actor, Role
from volunteer.audit.models import AuditEntry
from volunteer.feedback import handling, jobs, replying
from volunteer.feedback.lifecycle import CaseStatus
from volunteer.feedback.models import CaseKind
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.messaging.models import Message
from volunteer.orders.afterwards import following
from volunteer.orders.afterwards.lifecycle import WordsState
from volunteer.orders.lifecycle import Status

DAY = timedelta(days=1)


@pytest.fixture
def place(session):
    return a_county(session)


@pytest.fixture
def clerk(session, place):
    return staff(session, Role.CLERK, place[2])


def complaint(session, place, **wanted):
    return a_case(session, place[2], words="来晚了一个小时", at=NOON, **wanted)


def messages(session, template):
    return session.query(Message).filter(Message.template == template).count()


def test_a_case_is_taken_called_about_and_answered_and_a_double_tap_changes_nothing(session, place, clerk):
    case = complaint(session, place)
    for _ in range(2):
        handling.take_case(session, clerk, case.id, at=NOON)
        handling.note_call(session, clerk, case.id, "聊过了", reached=True, at=NOON)
    for _ in range(2):
        handling.answer_case(session, clerk, case.id, "已经和队伍谈过", at=NOON + DAY)
    assert [event.what for event in case.events] == ["open", "take", "called", "answer"]
    assert (case.status, case.answer, case.taken_by) == (CaseStatus.ANSWERED, "已经和队伍谈过", clerk.user_id)
    assert messages(session, "case_answered") == 1
    with pytest.raises(Conflict, match="case_wrong_status"):
        handling.note_call(session, clerk, case.id, "再打一次", reached=True, at=NOON + DAY)


def test_a_complaint_whose_answer_is_awaited_is_not_just_closed(session, place, clerk):
    with pytest.raises(Conflict, match="answer_awaited"):
        handling.close_case(session, clerk, complaint(session, place).id, "不用管", at=NOON)
    nameless = complaint(session, place, wants_answer=False)
    for _ in range(2):
        handling.close_case(session, clerk, nameless.id, "已记下", at=NOON)
    assert nameless.status is CaseStatus.CLOSED


@pytest.mark.parametrize("shown", ["电话13800000001", "一三八 0000 0001", "李奶奶说来晚了", "你们是骗子，李奶奶"])
def test_the_team_never_reads_a_phone_or_the_name_of_who_spoke(session, place, clerk, shown):
    case = complaint(session, place, team_id=a_team(session, place[2]).id)
    with pytest.raises(Invalid) as refused:
        handling.ask_team(session, clerk, case.id, shown, at=NOON)
    assert list(refused.value.fields) == ["shown"]
    assert case.asks == []


def test_the_team_tells_its_side_once_and_another_team_finds_nothing(session, place, clerk):
    team, other = a_team(session, place[2]), a_team(session, place[2])
    case = complaint(session, place, team_id=team.id)
    ask = handling.ask_team(session, clerk, case.id, "来晚了一个小时", at=NOON)
    assert handling.ask_team(session, clerk, case.id, "再问一次", at=NOON) is ask
    session.flush()
    assert messages(session, "case_team_asked") == 1
    with pytest.raises(NotFound):
        handling.team_answer(session, leader_of(session, other), ask.id, "不是我们", at=NOON)
    with pytest.raises(Invalid):
        handling.team_answer(session, leader_of(session, team), ask.id, "  ", at=NOON)
    for _ in range(2):
        handling.team_answer(session, leader_of(session, team), ask.id, "路上堵车", at=NOON)
    with pytest.raises(Conflict, match="answered_already"):
        handling.team_answer(session, leader_of(session, team), ask.id, "别的话", at=NOON)
    assert (ask.answer, case.events[-1].what) == ("路上堵车", "team_said")


def test_a_case_goes_to_the_site_above_and_no_further_than_the_centre(session, place, clerk):
    centre, branch, _ = place
    case = complaint(session, place)
    assert case.desk_id == branch.id
    with pytest.raises(Invalid):
        handling.hand_up(session, clerk, case.id, " ", at=NOON)
    handling.hand_up(session, clerk, case.id, "本所解决不了", at=NOON)
    assert (case.desk_id, case.status, case.taken_by) == (centre.id, CaseStatus.OPEN, None)
    with pytest.raises(Conflict, match="no_desk_above"):
        handling.hand_up(session, clerk, case.id, "还要往上", at=NOON)


def test_what_is_late_goes_up_by_itself_once_a_term_and_stays_at_the_centre(session, place):
    case = complaint(session, place)
    session.flush()
    assert jobs.escalate_late(session, NOON + DAY) == 0
    assert jobs.escalate_late(session, NOON + 30 * DAY) == 1
    assert (case.late, case.desk_id) == (True, place[0].id)
    session.flush()
    assert jobs.escalate_late(session, NOON + 90 * DAY) == 1
    session.flush()
    assert (case.desk_id, case.due_at, jobs.escalate_late(session, NOON + 120 * DAY)) == (place[0].id, None, 0)


def test_an_answer_heard_in_silence_closes_and_not_enough_goes_to_the_site_above(session, place, clerk):
    quiet, loud = complaint(session, place), complaint(session, place)
    for case in (quiet, loud):
        handling.answer_case(session, clerk, case.id, "已道歉", at=NOON)
    replying.say_content(session, Actor(loud.person_id, frozenset()), loud.id, False, "还是没说原因", at=NOON + DAY)
    assert (loud.status, loud.desk_id) == (CaseStatus.REOPENED, place[0].id)
    session.flush()
    assert jobs.close_answered(session, NOON + DAY) == 0
    assert jobs.close_answered(session, NOON + 60 * DAY) == 1
    assert quiet.status is CaseStatus.CLOSED
    handling.answer_case(session, clerk, loud.id, "原因是路上堵车", at=NOON + 2 * DAY)
    assert loud.status is CaseStatus.CLOSED  # the second answer is the last


def test_other_places_and_roles_find_or_may_nothing(session, place):
    case = complaint(session, place)
    with pytest.raises(NotFound):
        handling.take_case(session, staff(session, Role.CLERK, a_county(session)[2]), case.id, at=NOON)
    with pytest.raises(Forbidden):
        handling.take_case(session, staff(session, Role.AUDITOR, place[0]), case.id, at=NOON)


def test_praise_reaches_the_leaders_with_words_only_when_that_was_allowed(session, place, clerk):
    team = a_team(session, place[2])
    silent = a_case(session, place[2], CaseKind.PRAISE, "修得好", at=NOON, team_id=team.id)
    with pytest.raises(Invalid):
        following.pass_on(session, clerk, silent.id, "修得好", at=NOON)
    for _ in range(2):
        following.pass_on(session, clerk, silent.id, "", at=NOON)
    open_words = a_case(session, place[2], CaseKind.PRAISE, "修得好", at=NOON, team_id=team.id, quotable=True)
    following.pass_on(session, clerk, open_words.id, "修得好", at=NOON)
    assert (messages(session, "praise"), messages(session, "praise_quoted")) == (1, 1)


def test_held_words_are_shown_masked_or_hidden_and_never_changed(session, place, clerk):
    order = an_order(session, place[2], item=an_item(session, place[0]), status=Status.CLOSED, served_at=NOON)
    rating = held_words(session, order.id, "电话13800000001，谢谢")
    covered = following.masked_words(session, rating)
    assert "138" not in covered
    for shown, reason, field in ((covered, " ", "reason"), ("谢谢", "有电话", "shown"), (rating.words, "有电话", "shown")):
        with pytest.raises(Invalid) as refused:
            following.decide_words(session, clerk, order.number, WordsState.MASKED, shown, reason, at=NOON)
        assert list(refused.value.fields) == [field]
    for _ in range(2):
        following.decide_words(session, clerk, order.number, WordsState.MASKED, covered, "有电话", at=NOON)
    assert (rating.words, following.words_of(rating)) == ("电话13800000001，谢谢", covered)
    following.decide_words(session, clerk, order.number, WordsState.HIDDEN, "", "还是不显示", at=NOON)
    assert following.words_of(rating) == ""
    session.flush()
    assert session.query(AuditEntry).filter(AuditEntry.action == "rating_words_decided").count() == 2
