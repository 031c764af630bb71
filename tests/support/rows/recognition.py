"""Stars: who proposes, awards, doubts and revokes, who sets thresholds, and what is everybody's own."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.everybody import County
from tests.support.recognising import as_volunteer, book_minutes
from tests.support.rows import EVERYBODY, IN, LINK, Row, Values
from volunteer.accounts.queries import load_actor
from volunteer.kernel.clock import SHANGHAI, local_date, now
from volunteer.places.adopting import adopt_policy
from volunteer.places.models import PolicyKind, Site
from volunteer.recognition import awarding, handing_out, homes, keeping_benefits
from volunteer.recognition.keeping_benefits import BenefitDraft
from volunteer.recognition.lifecycle import EligibilityState, HomeState
from volunteer.recognition.models import Eligibility
from volunteer.recognition.models_benefits import BenefitClass
from volunteer.recognition.models_homes import HomeMember
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction

COUNT = count(1)
AWARDERS = "admin director"


def made(build):
    """What a row is about, made in a transaction of its own."""

    def extra(county: County, values: Values) -> Values:
        with county.app.app_context(), transaction() as session:
            return build(county, session)

    return extra


def acting(county: County, session: Session, who: str):
    found = load_actor(session, county.ids[who], now())
    assert found
    return found.actor


def proposed(county: County, session: Session, state: EligibilityState = EligibilityState.PROPOSED) -> Values:
    """Somebody new whose hours reach a star."""
    station = session.get_one(Site, county.station)
    volunteer = make.a_volunteer(session, station)
    book_minutes(session, volunteer, 6_000)
    row = Eligibility(volunteer_id=volunteer.id, stars=1, minutes=6_000, policy_version="stars:0", found_at=now(), state=state)
    session.add(row)
    session.flush()
    return {"row_id": row.id, "body": station.parent_id}


def aside(county: County, session: Session) -> Values:
    return proposed(county, session, EligibilityState.ASIDE)


def awarded(county: County, session: Session) -> Values:
    """An award of the branch by somebody who is asked nothing else."""
    values = proposed(county, session)
    branch = session.get_one(Site, values["body"])
    who = make.staff(session, next(iter(acting(county, session, "admin").grants))[0], branch)
    award = awarding.award(session, who, values["row_id"], branch.id, at=now())
    doubt = awarding.object_to(session, who, award.id, "有人不同意", at=now())
    session.flush()
    return {"number": award.number, "doubt_id": doubt.id}


def to_come(county: County, session: Session) -> Values:
    """A version of the county's that has not begun."""
    station = session.get_one(Site, county.station)
    centre = station.parent.parent
    begins = now() + timedelta(days=20, minutes=next(COUNT))
    row = adopt_policy(session, acting(county, session, "it"), centre, PolicyKind.STARS, {}, valid_from=begins, at=now())
    session.flush()
    return {"row_id": row.id, "centre": centre.id}


def levels(values: Values) -> Values:
    day = local_date(now(), SHANGHAI) + timedelta(days=100 + next(COUNT))
    figures = {"one": "100", "two": "300", "three": "600", "four": "1000", "five": "1500", "notice_days": "7"}
    return {"once": once(), "site": str(values["centre"]), "valid_from": day.isoformat()} | figures


def ticked(values: Values) -> Values:
    return {"once": once(), "chosen": str(values["row_id"]), "site": str(values["body"]), "reason": "先看看"}


def because(_: Values) -> Values:
    return {"once": once(), "reason": "有理由", "outcome": "keep"}


def given(county: County, session: Session) -> Values:
    """A line of the branch's catalogue, and one use of it at the station by somebody new."""
    station = session.get_one(Site, county.station)
    volunteer = make.a_volunteer(session, station)
    draft = BenefitDraft(code=f"R{next(COUNT)}", kind=BenefitClass.SHOPS, name="免费理发", begins=date(2026, 1, 1))
    line = keeping_benefits.write_benefit(session, acting(county, session, "admin"), station.parent, draft, at=now())
    clerk = acting(county, session, "clerk")
    use = handing_out.hand_out(session, clerk, line.id, volunteer.number, station.id, at=now())
    return {
        "benefit_id": line.id, "use_id": use.id, "volunteer": volunteer.number, "place": station.id, "body": station.parent_id,
    }  # fmt: skip


def benefit_form(values: Values) -> Values:
    own = {"kind": "shops", "name": "免费理发", "first_day": "2026-01-01", "period": "year", "site": str(values["body"])}
    return {"once": once(), "code": f"N{next(COUNT)}"} | own


def shown(values: Values) -> Values:
    return {
        "once": once(), "shown": values["volunteer"], "benefit": str(values["benefit_id"]), "site": str(values["place"]),
        "reason": "点错了",
    }  # fmt: skip


def a_home(county: County, session: Session) -> Values:
    """A home of somebody new, with an open link."""
    station = session.get_one(Site, county.station)
    head = as_volunteer(make.a_volunteer(session, station))
    homes.found(session, head, "试家", station.id, at=now())
    return {"token": homes.open_link(session, head, at=now()), "place": station.id}


def in_no_home(county: County, session: Session) -> Values:
    """Nobody who may knock is in a home, and one asks the volunteer in."""
    values = a_home(county, session)
    for member in session.scalars(select(HomeMember).where(HomeMember.person_id.in_(county.ids.values()))):
        member.state = HomeState.LEFT
    home = homes.by_link(session, values["token"], at=now())
    asked = HomeMember(person_id=county.ids["volunteer"], state=HomeState.INVITED, invited_at=now())
    home.members.append(asked)
    session.flush()
    return values | {"member_id": asked.id}


def own_home(county: County, session: Session, head: str = "volunteer") -> Values:
    """The volunteer's own home, with one more member."""
    in_no_home(county, session)
    station = session.get_one(Site, county.station)
    home = homes.found(session, acting(county, session, head), "自家", station.id, at=now())
    other = make.a_volunteer(session, station)
    member = HomeMember(person_id=other.id, state=HomeState.MEMBER, invited_at=now(), since=now().date())
    home.members.append(member)
    session.flush()
    return {"member_id": member.id, "volunteer": make.a_volunteer(session, station).number, "place": station.id}


def in_a_home(county: County, session: Session) -> Values:
    """The volunteer lives in somebody else's home."""
    values = in_no_home(county, session)
    homes.answer(session, acting(county, session, "volunteer"), values["member_id"], yes=True, at=now())
    return values


def founding(values: Values) -> Values:
    return {
        "once": once(),
        "name": f"{next(COUNT)}号家",
        "site": str(values["place"]),
        "number": values["volunteer"],
        "yes": "yes",
    }


BRANCHES = {"admin": 404, "admin_next": 404}  # a branch sets no thresholds

ROWS: dict[str, Row] = {
    "GET /manage/stars": Row(AWARDERS, IN, hides=True),
    "POST /manage/stars/award": Row(AWARDERS, extra=made(proposed), data=ticked),
    "POST /manage/stars/aside": Row(AWARDERS, extra=made(proposed), data=ticked),
    "POST /manage/stars/proposals/<int:row_id>/take-up": Row(AWARDERS, extra=made(aside), data=because),
    "GET /manage/stars/awards/<number>": Row(AWARDERS, extra=made(awarded)),
    "POST /manage/stars/awards/<number>/object": Row(AWARDERS, extra=made(awarded), data=because),
    "POST /manage/stars/awards/<number>/revoke": Row(AWARDERS, extra=made(awarded), data=because),
    "POST /manage/stars/awards/<number>/doubts/<int:doubt_id>/settle": Row(AWARDERS, extra=made(awarded), data=because),
    "GET /manage/stars/levels": Row("admin it", IN),
    "POST /manage/stars/levels": Row("it", extra=made(to_come), data=levels, but=BRANCHES | {"admin_abroad": 404}),
    "POST /manage/stars/levels/preview": Row("it", extra=made(to_come), data=levels, but=BRANCHES | {"admin_abroad": 404}),
    "POST /manage/stars/levels/<int:row_id>/take-back": Row(
        "it", extra=made(to_come), data=because, but=BRANCHES | {"admin_abroad": 404}
    ),
    "GET /me/stars": Row("volunteer", IN, hides=True),
    "POST /me/stars/naming": Row("volunteer", IN, data=lambda _: {"wish": "yes"}),
    "GET /stars/notice": LINK,
    "GET /manage/benefits": Row("admin", IN),
    "GET /manage/benefits/new": Row("admin", IN),
    "POST /manage/benefits/new": Row("admin", extra=made(given), data=benefit_form),
    "GET /manage/benefits/<int:benefit_id>": Row("admin", extra=made(given)),
    "POST /manage/benefits/<int:benefit_id>": Row("admin", extra=made(given), data=benefit_form),
    "POST /manage/benefits/<int:benefit_id>/close": Row("admin", extra=made(given), data=because),
    "POST /manage/benefits/<int:benefit_id>/open": Row("admin", extra=made(given), data=because),
    "GET /benefits": Row("clerk admin", IN),
    "POST /benefits/look": Row("clerk admin", extra=made(given), data=shown),
    "POST /benefits/hand-out": Row("clerk admin", extra=made(given), data=shown),
    "POST /benefits/uses/<int:use_id>/take-back": Row("clerk admin", extra=made(given), data=shown),
    "GET /me/benefits": Row("volunteer", IN),
    "POST /me/benefits/code": Row("volunteer", IN),
    "GET /me/home": Row(EVERYBODY, IN),
    "POST /me/home": Row(EVERYBODY, IN, extra=made(in_no_home), data=founding),
    "POST /me/home/invite": Row("volunteer", 404, others=404, extra=made(own_home), data=founding),
    "POST /me/home/link": Row("volunteer", 404, others=404, extra=made(own_home), data=founding),
    "POST /me/home/link/close": Row("volunteer", 404, others=404, extra=made(own_home), data=founding),
    "POST /me/home/invitations/<int:member_id>": Row("volunteer", 404, others=404, extra=made(in_no_home), data=founding),
    "POST /me/home/members/<int:member_id>/remove": Row("volunteer", 404, others=404, extra=made(own_home), data=founding),
    "POST /me/home/members/<int:member_id>/head": Row("volunteer", 404, others=404, extra=made(own_home), data=founding),
    "POST /me/home/leave": Row("volunteer", 404, others=404, extra=made(in_a_home), data=founding),
    "POST /me/home/close": Row("volunteer", 404, others=404, extra=made(own_home), data=founding),
    "GET /home/<token>": Row(EVERYBODY, IN, extra=made(a_home)),
    "POST /home/<token>": Row(EVERYBODY, IN, extra=made(in_no_home), data=founding),
    "GET /homes": Row("admin director auditor", IN),
}
