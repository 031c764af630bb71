"""Papers are shown, checked, warned about and end; weeks, days off, breaks and wishes are kept."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.support.builders import NOON, a_county, a_skill, a_team, a_volunteer, an_actor, an_item, staff
from volunteer.access import Role
from volunteer.audit.models import AuditEntry
from volunteer.catalogue.models import ServiceCategory
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.messaging.models import Message
from volunteer.orders.visits.letting_go import close_volunteer
from volunteer.teams import jobs, papers, profiling
from volunteer.teams.belonging import members_of
from volunteer.teams.lifecycle import PaperState
from volunteer.teams.models import Availability, MemberRole, Membership, Standing, TeamSkill
from volunteer.teams.models_volunteers import DayOff, PaperKind, Wish
from volunteer.teams.papers import PaperDraft

DAY = timedelta(days=1)
TODAY = NOON.date()


@pytest.fixture
def place(session):
    """An electrician without a licence in a team, and the site's administrator."""
    centre, branch, station = a_county(session)
    skill = a_skill(session, "highvoltage", licensed=True)
    team = a_team(session, station)
    mine = a_volunteer(session, station, insured_until=None)
    session.add(Membership(team_id=team.id, volunteer_id=mine.id, role=MemberRole.MEMBER, since=NOON - DAY))
    session.flush()
    return mine, an_actor(mine.person, (Role.VOLUNTEER, station)), staff(session, Role.SITE_ADMIN, branch), team, skill


def a_licence(until=TODAY + 20 * DAY, **more) -> PaperDraft:
    return PaperDraft(kind=PaperKind.LICENCE, skill="highvoltage", number="DG-1", until=until, **more)


def sent(session) -> list[str]:
    return list(session.scalars(select(Message.template)))


def test_a_licence_counts_when_it_was_checked_and_the_team_can_more_at_once(session, place):
    mine, _, admin, team, skill = place
    paper = papers.enter_paper(session, admin, mine.id, a_licence(), at=NOON)
    assert paper.state is PaperState.APPROVED
    assert session.get(TeamSkill, (team.id, skill.id)) is not None


def test_a_training_waits_for_the_checker_who_is_somebody_else_of_the_place(session, place):
    mine, me, admin, _, _ = place
    paper = papers.send_paper(session, me, PaperDraft(kind=PaperKind.TRAINING, title="急救"), at=NOON)
    assert "paper_waits" in sent(session)
    with pytest.raises(NotFound):
        papers.check_paper(session, staff(session, Role.SITE_ADMIN, a_county(session)[0]), paper.id, yes=True, at=NOON)
    with pytest.raises(Invalid):
        papers.check_paper(session, admin, paper.id, yes=False, at=NOON)
    papers.check_paper(session, admin, paper.id, yes=False, words="看不清", at=NOON)
    with pytest.raises(Conflict):
        papers.check_paper(session, admin, paper.id, yes=True, at=NOON)
    assert (paper.state, paper.words) == (PaperState.REFUSED, "看不清")
    papers.paper_seen(session, admin, paper.id, at=NOON)
    assert "paper_seen" in set(session.scalars(select(AuditEntry.action)))


def test_what_is_missing_on_a_paper_is_said_at_once(session, place):
    _, me, _, _, _ = place
    with pytest.raises(Invalid) as refused:
        papers.send_paper(session, me, PaperDraft(kind=PaperKind.LICENCE, until=TODAY - DAY), at=NOON)
    assert set(refused.value.fields) == {"skill", "until", "photos"}
    with pytest.raises(Invalid) as refused:
        papers.send_paper(session, me, PaperDraft(kind=PaperKind.INSURANCE), at=NOON)
    assert set(refused.value.fields) == {"until", "number", "photos"}


def test_insurance_makes_insured_and_an_older_paper_does_not_shorten_it(session, place):
    mine, _, admin, _, _ = place
    papers.enter_paper(session, admin, mine.id, PaperDraft(kind=PaperKind.INSURANCE, number="A", until=TODAY + 90 * DAY), at=NOON)
    papers.enter_paper(session, admin, mine.id, PaperDraft(kind=PaperKind.INSURANCE, number="B", until=TODAY + 5 * DAY), at=NOON)
    assert (mine.insured_until, mine.insurance) == (TODAY + 90 * DAY, "A")


def test_the_end_of_a_licence_is_warned_of_twice_and_then_the_team_cannot_any_more(session, place):
    mine, _, admin, team, skill = place
    papers.enter_paper(session, admin, mine.id, a_licence(), at=NOON)
    assert jobs.warn_of_papers(session, NOON) == 1
    assert jobs.warn_of_papers(session, NOON + DAY) == 0
    assert jobs.warn_of_papers(session, NOON + 14 * DAY) == 1
    assert jobs.warn_of_papers(session, NOON + 15 * DAY) == 0
    assert sent(session).count("licence_ends") >= 2
    assert jobs.end_papers(session, NOON + 20 * DAY) == 0
    assert jobs.end_papers(session, NOON + 21 * DAY) == 1
    assert jobs.end_papers(session, NOON + 22 * DAY) == 0
    session.expire_all()
    assert session.get(TeamSkill, (team.id, skill.id)) is None


def test_nobody_is_warned_of_a_paper_that_has_been_renewed(session, place):
    mine, _, admin, _, _ = place
    papers.enter_paper(session, admin, mine.id, a_licence(), at=NOON)
    papers.enter_paper(session, admin, mine.id, a_licence(TODAY + 400 * DAY), at=NOON)
    assert jobs.warn_of_papers(session, NOON) == 1
    assert "licence_ends" not in sent(session)


def test_a_week_is_saved_whole_and_the_teams_hours_follow(session, place):
    mine, me, _, team, _ = place
    profiling.save_week(session, me, [(0, 480, 600), (0, 600, 720)], at=NOON)
    rows = session.execute(select(Availability.weekday, Availability.begins, Availability.ends))
    assert rows.all() == [(0, 480, 720)]
    with pytest.raises(Invalid):
        profiling.save_week(session, me, [(0, 720, 480)], at=NOON)


def test_days_off_are_written_once_and_taken_back_by_oneself_only(session, place):
    mine, me, _, _, _ = place
    row = profiling.add_days(session, me, TODAY, TODAY + DAY, at=NOON)
    assert profiling.add_days(session, me, TODAY, TODAY + DAY, at=NOON) is row
    other = a_volunteer(session, mine.site)
    with pytest.raises(NotFound):
        profiling.remove_days(session, an_actor(other.person), row.id, at=NOON)
    profiling.remove_days(session, me, row.id, at=NOON)
    assert session.scalar(select(DayOff.id)) is None
    for first, last in ((TODAY, TODAY - DAY), (TODAY - 9 * DAY, TODAY - 8 * DAY), (TODAY, date(9999, 12, 31))):
        with pytest.raises(Invalid):
            profiling.add_days(session, me, first, last, at=NOON)


def test_a_break_has_an_end_and_wishes_are_one_or_the_other(session, place):
    mine, me, _, _, _ = place
    an_item(session, mine.site)
    assert session.scalar(select(ServiceCategory.code)) == "repair"
    assert profiling.pause(session, me, TODAY + 9 * DAY, at=NOON).paused_until == TODAY + 9 * DAY
    assert profiling.pause(session, me, None, at=NOON).paused_until is None
    profiling.save_wishes(session, me, reach_km=4.0, by_day=True, dislikes=["repair"], at=NOON)
    assert session.scalar(select(Wish.likes)) is False
    for wrong in ({"likes": ["repair"], "dislikes": ["repair"]}, {"likes": ["nothing"]}):
        with pytest.raises(Invalid):
            profiling.save_wishes(session, me, reach_km=None, by_day=False, **wrong, at=NOON)
    with pytest.raises(Invalid):
        profiling.save_wishes(session, me, reach_km=float("inf"), by_day=False, at=NOON)


def test_only_skills_without_a_licence_are_claimed_in_the_profile(session, place):
    mine, me, _, _, _ = place
    a_skill(session, "cooking")
    profiling.save_profile(session, me, locale="en", speaks="吴语", site=mine.site, skills=["cooking"], at=NOON)
    assert mine.person.locale == "en"
    with pytest.raises(Invalid):
        profiling.save_profile(session, me, locale="zh_Hans", speaks="", site=mine.site, skills=["highvoltage"], at=NOON)
    with pytest.raises(Invalid):
        profiling.save_profile(session, me, locale="xx", speaks="", site=mine.site, skills=[], at=NOON)


def test_a_closed_volunteer_is_in_no_team_and_comes_back_with_the_same_number(session, place):
    mine, me, admin, team, _ = place
    number = mine.number
    with pytest.raises(Invalid):
        close_volunteer(session, admin, mine.id, " ", at=NOON)
    close_volunteer(session, admin, mine.id, "长期联系不上", at=NOON)
    assert mine.id not in {one.volunteer_id for one in members_of(session, team.id, at=NOON + DAY)}
    with pytest.raises(NotFound):
        profiling.pause(session, me, None, at=NOON)
    profiling.open_again(session, admin, mine.id, at=NOON + DAY)
    assert (mine.standing, mine.number) == (Standing.ACTIVE, number)
