"""Who asks for hours, lets them through, objects to an entry, looks at what is odd, and takes their own away."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.everybody import ABROAD, NEXT, County
from tests.support.rows import Row, Values
from volunteer.access import Actor, Role
from volunteer.attendance.by_hand.asking import AskDraft, ask_by_hand
from volunteer.attendance.contests.contesting import contest
from volunteer.attendance.contests.lifecycle import ContestStatus
from volunteer.attendance.contests.models_contests import HoursContest
from volunteer.attendance.review.lifecycle import FindingKind
from volunteer.attendance.review.models_findings import Finding
from volunteer.certificates.queries import services_of
from volunteer.kernel.clock import SHANGHAI, now
from volunteer.teams.models import Volunteer
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction

COUNT = count(1)
LONG, MINUTE = timedelta(days=29), timedelta(minutes=2)


def made(build):
    """What a row is about, made in a transaction of its own."""

    def extra(county: County, values: Values) -> Values:
        with county.app.app_context(), transaction() as session:
            return build(county, session)

    return extra


def times() -> tuple[datetime, datetime]:
    """Two minutes that nobody has asked for yet."""
    begins = (now() - LONG).replace(second=0, microsecond=0) + next(COUNT) * 2 * MINUTE
    return begins, begins + MINUTE


def _asked(county: County, session: Session, by: str) -> Values:
    volunteer = session.get_one(Volunteer, county.ids["volunteer"])
    role = {"volunteer": Role.VOLUNTEER, "clerk": Role.CLERK}[by]
    actor = Actor(county.ids[by], frozenset({(role, volunteer.site.path)}), name=by)
    begins, ends = times()
    draft = AskDraft(volunteer.id, begins, ends, "帮忙", "忘了签到", photo=county._photo(session))
    return {"ask_id": ask_by_hand(session, actor, draft, at=now()).id}


def asked_by_me(county: County, session: Session) -> Values:
    return _asked(county, session, "volunteer")


def asked_for_me(county: County, session: Session) -> Values:
    return _asked(county, session, "clerk")


def objection(county: County, session: Session) -> Values:
    """The volunteer objects to the newest of their entries."""
    for row in session.scalars(select(HoursContest).where(HoursContest.status == ContestStatus.OPEN)):
        row.status = ContestStatus.WITHDRAWN
    session.flush()
    volunteer = session.get_one(Volunteer, county.ids["volunteer"])
    actor = make.an_actor(volunteer.person, (Role.VOLUNTEER, volunteer.site))
    newest = max(one.transfer_id for one in services_of(session, volunteer.id))
    return {"contest_id": contest(session, actor, newest, "时间不对", at=now()).id}


def missing(values: Values) -> Values:
    begins, ends = times()
    local = [at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M") for at in (begins, ends)]
    return {"once": once(), "began_at": local[0], "ended_at": local[1], "what": "帮忙", "why": "忘了签到"}


def finding(county: County, session: Session) -> Values:
    """Something odd about the volunteer's newest entry."""
    volunteer = session.get_one(Volunteer, county.ids["volunteer"])
    newest = max(one.transfer_id for one in services_of(session, volunteer.id))
    evidence = {"metres": 14_000, "minutes": 6, "transfers": [newest]}
    row = Finding(
        kind=FindingKind.TRAVEL, key=f"row:{next(COUNT)}", site_path=volunteer.site.path, person_id=volunteer.id,
        evidence=evidence, found_at=now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return {"finding_id": row.id}


WHO = "leader clerk admin"
NOT_THEIRS = {who + place: 404 for who in ("leader", "admin") for place in ("", NEXT, ABROAD)}
ROWS: dict[str, Row] = {
    "GET /me/hours": Row("volunteer", 0),
    "GET /me/hours/<int:transfer_id>": Row("volunteer"),
    "POST /me/hours/<int:transfer_id>/contest": Row("volunteer", data=lambda _: {"words": "时间不对"}),
    "POST /me/hours/contests/<int:contest_id>/withdraw": Row("volunteer", extra=made(objection)),
    "GET /me/hours/missing": Row("volunteer", 0),
    "POST /me/hours/missing": Row("volunteer", 0, data=missing),
    "POST /me/hours/asked/<int:ask_id>/withdraw": Row("volunteer", extra=made(asked_by_me)),
    "GET /me/hours/asked/<int:ask_id>/photo": Row("volunteer", extra=made(asked_by_me)),
    "POST /me/hours/export": Row("volunteer", 0, data=lambda _: {"kind": "csv"}),
    "GET /hours/asked": Row(WHO, 0),
    "GET /hours/asked/new": Row(WHO, 0),
    "POST /hours/asked/new": Row(WHO, 422, data=lambda _: {"once": once()}, but=dict.fromkeys(WHO.split(), 422)),
    "POST /hours/asked/<int:ask_id>/withdraw": Row("clerk", extra=made(asked_for_me), but=NOT_THEIRS),
    "GET /hours/waiting": Row("admin director", 0),
    "GET /hours/waiting/<int:ask_id>": Row("admin director", extra=made(asked_for_me)),
    "GET /hours/waiting/<int:ask_id>/photo": Row("admin director", extra=made(asked_for_me)),
    "POST /hours/waiting/<int:ask_id>/approve": Row("admin director", extra=made(asked_for_me)),
    "POST /hours/waiting/<int:ask_id>/refuse": Row("admin director", extra=made(asked_for_me), data=lambda _: {"reason": "不对"}),
    "GET /hours/review": Row("admin director auditor", 0),
    "GET /hours/review/<int:finding_id>": Row("admin director auditor", extra=made(finding)),
    "POST /hours/review/<int:finding_id>/decide": Row(
        "admin director", extra=made(finding), data=lambda _: {"state": "fine", "note": "没事"}
    ),
    "GET /hours/contests": Row("admin", 0),
    "GET /hours/contests/<int:contest_id>": Row("admin", extra=made(objection)),
    "POST /hours/contests/<int:contest_id>/accept": Row("admin", extra=made(objection), data=lambda _: {"reply": "写错了"}),
    "POST /hours/contests/<int:contest_id>/refuse": Row("admin", extra=made(objection), data=lambda _: {"reply": "没有错"}),
}
