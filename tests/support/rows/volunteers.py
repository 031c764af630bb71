"""The routes of volunteers and teams: registering, one's own profile, teams, and those who look after them."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.everybody import ABROAD, NEXT, County
from tests.support.rows import EVERYBODY, IN, LINK, PEOPLE, Row, Values, all_of_us
from volunteer.kernel.clock import now
from volunteer.places.models import Site
from volunteer.teams import founding
from volunteer.teams.belonging import members_of
from volunteer.teams.lifecycle import Answer
from volunteer.teams.models import MemberRole, Standing, Team, Volunteer
from volunteer.teams.models_teams import AskKind, TeamApplication, TeamAsk
from volunteer.teams.models_volunteers import DayOff, Guardian, Paper, PaperKind
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction

COUNT = count(1)
SOON = (now() + timedelta(days=20)).date().isoformat()
VOLUNTEERS = [who + place for who in ("volunteer", "leader") for place in ("", NEXT, ABROAD)]


def made(build):
    """What a row is about, made in a transaction of its own."""

    def extra(county: County, values: Values) -> Values:
        with county.app.app_context(), transaction() as session:
            return build(county, session)

    return extra


def code(county: County, session: Session) -> Values:
    return {"code": session.get_one(Team, county.team).code}


def a_day(county: County, session: Session) -> Values:
    today = now().date()
    row = DayOff(volunteer_id=county.ids["volunteer"], first=today, last=today)
    session.add(row)
    session.flush()
    return {"row_id": row.id}


def a_paper(county: County, session: Session) -> Values:
    row = Paper(volunteer_id=county.ids["volunteer"], kind=PaperKind.TRAINING, sent_at=now(), photo=county._photo(session))
    session.add(row)
    session.flush()
    return {"paper_id": row.id}


def an_application(county: County, session: Session) -> Values:
    """By the volunteer whose own it is."""
    return _applied(session, session.get_one(Volunteer, county.ids["volunteer"]))


def somebodys_application(county: County, session: Session) -> Values:
    """By somebody else: whoever is told yes leads a team from then on."""
    return _applied(session, make.a_volunteer(session, session.get_one(Site, county.station)))


def _applied(session: Session, founder: Volunteer) -> Values:
    for waiting in session.scalars(select(TeamApplication)):
        waiting.answer = Answer.WITHDRAWN
    session.flush()
    draft = founding.ApplicationDraft(name="新队", kind="other", site=founder.site, point=None, reach_km=3, capacity=2)
    actor = make.an_actor(founder.person)
    return {"application_id": founding.apply_for_team(session, actor, draft, at=now()).id}


def an_ask(kind: AskKind, mine: bool = True):
    def build(county: County, session: Session) -> Values:
        team = session.get_one(Team, county.team)
        fresh = make.a_volunteer(session, session.get_one(Site, county.station))
        who = county.ids["volunteer"] if mine else fresh.id
        ask = TeamAsk(team_id=team.id, volunteer_id=who, kind=kind, asked_at=now())
        session.add(ask)
        session.flush()
        return {"ask_id": ask.id, "code": team.code}

    return build


def a_member(county: County, session: Session) -> Values:
    team = session.get_one(Team, county.team)
    fresh = make.a_volunteer(session, team.site)
    session.add(make.Membership(team_id=team.id, volunteer_id=fresh.id, role=MemberRole.MEMBER, since=make.LONG_AGO))
    session.flush()
    return {"code": team.code, "member": str(fresh.id), "number_of": fresh.number}


def a_stranger(county: County, session: Session) -> Values:
    fresh = make.a_volunteer(session, session.get_one(Site, county.station))
    return {"code": session.get_one(Team, county.team).code, "number_of": fresh.number}


def somebody(standing: Standing, guardian: bool = False):
    def build(county: County, session: Session) -> Values:
        fresh = make.a_volunteer(session, session.get_one(Site, county.station), standing=standing)
        if guardian:
            session.add(Guardian(volunteer_id=fresh.id, notice="1", consented_at=now()))
        session.flush()
        return {"volunteer_id": fresh.id}

    return build


def own_volunteer(county: County, session: Session) -> Values:
    return {"volunteer_id": county.ids["volunteer"]}


def another_team(closed: bool = False):
    def build(county: County, session: Session) -> Values:
        team = make.a_team(session, session.get_one(Site, county.station))
        team.closed_at = now() if closed else None
        member = members_of(session, team.id, at=now())[-1]
        return {"code": team.code, "member": str(member.volunteer_id)}

    return build


def site(values: Values) -> Values:
    return {"site": str(values["site"])}


def a_person(values: Values) -> Values:
    return {
        "once": once(), "name": "新志愿者", "phone": f"1370000{next(COUNT):04d}", "born_on": "1990-01-02",
        "site": str(values["site"]), "consent": "yes",
    }  # fmt: skip


def training(values: Values) -> Values:
    return {"once": once(), "kind": "training", "title": f"急救{next(COUNT)}"}


def a_team(values: Values) -> Values:
    return {
        "once": once(), "name": "新队", "kind": "other", "site": str(values["site"]), "reach_km": "3", "capacity": "2",
    }  # fmt: skip


def data(**wanted: Any):
    return lambda values: wanted


def mine(**more: Any) -> Row:
    """One's own: every volunteer has it, nobody else."""
    return Row("volunteer", IN, **more)


def one_of_mine(build, **more: Any) -> Row:
    return Row("volunteer", extra=made(build), **more)


def lead(build=code, **more: Any) -> Row:
    return Row("leader", extra=made(build), **more)


def manage(build, **more: Any) -> Row:
    return Row("admin", extra=made(build), **more)


YES, WHY = data(yes="yes"), data(words="试一试")
SETTINGS = data(about="换灯", reach_km="3", capacity="2")
PROFILE, LEAD, VOLUNTEER = "/me/profile", "/teams/<code>/lead", "/manage/volunteers"
ROWS: dict[str, Row] = {
    "GET /join": LINK,
    "POST /join/code": all_of_us(data=data(phone="13800000001")),
    "POST /join/phone": all_of_us(data=data(phone="13800000001", code="000000"), answer=422),
    "POST /join": Row(EVERYBODY, 422, 422, 422, dict.fromkeys(PEOPLE, 422) | dict.fromkeys(VOLUNTEERS, IN)),
    f"GET {PROFILE}": mine(),
    f"POST {PROFILE}": mine(data=lambda values: site(values) | {"locale": "zh_Hans"}),
    f"POST {PROFILE}/guardian": mine(data=data(guardian_name="妈妈", guardian_phone="13800000001")),
    f"GET {PROFILE}/times": mine(),
    f"POST {PROFILE}/times": mine(data=data(week="0-morning")),
    f"POST {PROFILE}/days": mine(data=data(first=SOON)),
    f"POST {PROFILE}/days/<int:row_id>/remove": one_of_mine(a_day, data=lambda _: {"once": once()}),
    f"POST {PROFILE}/pause": mine(data=data(end="yes")),
    f"GET {PROFILE}/papers": mine(),
    f"POST {PROFILE}/papers": mine(data=training),
    f"POST {PROFILE}/papers/<int:paper_id>/withdraw": one_of_mine(a_paper),
    f"GET {PROFILE}/papers/<int:paper_id>/photo": one_of_mine(a_paper),
    f"GET {PROFILE}/wishes": mine(),
    f"POST {PROFILE}/wishes": mine(data=data(reach_km="3")),
    f"GET {PROFILE}/leave": mine(),
    f"POST {PROFILE}/leave": Row("volunteer", 422, but={"volunteer": 422}),  # nobody was sure
    "GET /teams": mine(),
    "GET /teams/apply": mine(),
    "POST /teams/apply": mine(data=a_team),
    "POST /teams/applications/<int:application_id>/withdraw": one_of_mine(an_application),
    "POST /teams/asks/<int:ask_id>/answer": one_of_mine(an_ask(AskKind.INVITE), data=data()),
    "POST /teams/asks/<int:ask_id>/withdraw": one_of_mine(an_ask(AskKind.JOIN)),
    "GET /teams/<code>": Row(EVERYBODY, IN, IN, IN, dict.fromkeys(PEOPLE, IN), extra=made(code)),
    "POST /teams/<code>/ask": mine(extra=made(code)),
    "POST /teams/<code>/leave": mine(extra=made(code)),
    f"GET {LEAD}": lead(),
    f"POST {LEAD}/invite": lead(a_stranger, data=lambda values: {"number": values["number_of"]}),
    f"POST {LEAD}/asks/<int:ask_id>": lead(an_ask(AskKind.JOIN, mine=False), data=YES),
    f"POST {LEAD}/asks/<int:ask_id>/withdraw": lead(an_ask(AskKind.INVITE, mine=False)),
    f"POST {LEAD}/deputy": lead(a_member, data=lambda values: {"member": values["member"], "deputy": "yes"}),
    f"POST {LEAD}/remove": lead(a_member, data=lambda values: {"member": values["member"]}),
    f"POST {LEAD}/hand-over": lead(data=data(words="家里有事")),
    f"POST {LEAD}/settings": lead(data=SETTINGS),
    f"POST {LEAD}/pause": lead(data=data(end="yes")),
    "GET /manage/teams": Row("admin", IN),
    "GET /manage/teams/<code>": manage(code),
    "POST /manage/teams/applications/<int:application_id>": manage(somebodys_application, data=YES),
    "POST /manage/teams/<code>/close": manage(another_team()),
    "POST /manage/teams/<code>/open": manage(another_team(closed=True)),
    "POST /manage/teams/<code>/leader": manage(another_team(), data=lambda values: {"member": values["member"], "agreed": "yes"}),
    f"GET {VOLUNTEER}": Row("admin", IN),
    f"GET {VOLUNTEER}/new": Row("admin", IN),
    f"POST {VOLUNTEER}/new": Row("admin", data=a_person),
    f"GET {VOLUNTEER}/<int:volunteer_id>": manage(own_volunteer),
    f"POST {VOLUNTEER}/<int:volunteer_id>/answer": manage(somebody(Standing.WAITING), data=YES),
    f"POST {VOLUNTEER}/<int:volunteer_id>/guardian": manage(somebody(Standing.ACTIVE, guardian=True)),
    f"POST {VOLUNTEER}/<int:volunteer_id>/close": manage(somebody(Standing.ACTIVE), data=WHY),
    f"POST {VOLUNTEER}/<int:volunteer_id>/open": manage(somebody(Standing.CLOSED)),
    f"POST {VOLUNTEER}/<int:volunteer_id>/papers": manage(own_volunteer, data=training),
    f"POST {VOLUNTEER}/papers/<int:paper_id>": manage(a_paper, data=YES),
    f"GET {VOLUNTEER}/papers/<int:paper_id>/photo": manage(a_paper),
}
