"""Roles with their days, resets, and the one administrator whom nobody may shut out."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.builders import NOON, a_county, a_person, staff
from volunteer.access import SYSTEM, Actor, Permission, Role
from volunteer.accounts import resetting, second_factor, signing_in, totp
from volunteer.accounts import staff as people
from volunteer.accounts.granting import grant_role, held, lengthen_role, revoke_role
from volunteer.accounts.models import LoginCode, Person, RoleGrant
from volunteer.accounts.models_entering import ResetLink, SecondFactor
from volunteer.accounts.queries import load_actor
from volunteer.accounts.registering import PersonDraft, disable, enable, register_person, set_password
from volunteer.accounts.staff import Show
from volunteer.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from volunteer.messaging.delivering import claim
from volunteer.messaging.models import Message
from volunteer.places.models import Site
from volunteer.web.models import WebSession

DAY = timedelta(days=1)
PHONE = "13800000001"
OLD, NEW = "seven red lanterns", "eight green kites"


@pytest.fixture(autouse=True)
def _setting(session: Session) -> None:
    session.info |= {"argon2_cost": 1, "public_url": "http://here"}


def known(session: Session, role: Role, site: Site, login_name: str = "zhou", phone: str | None = PHONE) -> Person:
    draft = PersonDraft(name="周试", phone=phone, login_name=login_name, password=OLD)
    return register_person(session, SYSTEM, draft, at=NOON - DAY, role=role, site=site)


def may_dispatch(session: Session, person: Person, site: Site, at) -> bool:
    acting = load_actor(session, person.id, at)
    return acting is not None and acting.actor.can(Permission.ORDER_DISPATCH, at=site.path)


def test_a_role_begins_is_lengthened_and_ends(session: Session) -> None:
    _centre, branch, _station = a_county(session)
    boss, person = staff(session, Role.SITE_ADMIN, branch), a_person(session)
    grant = grant_role(session, boss, person.id, Role.DISPATCHER, branch, at=NOON, since=NOON + DAY, until=NOON + 3 * DAY)
    assert [may_dispatch(session, person, branch, NOON + n * DAY) for n in range(5)] == [False, True, True, False, False]
    lengthen_role(session, boss, grant.id, NOON + 4 * DAY, at=NOON + 2 * DAY)
    assert may_dispatch(session, person, branch, NOON + 3 * DAY)
    lengthen_role(session, boss, grant.id, None, at=NOON + 2 * DAY)
    row = WebSession(token_hash="s", person_id=person.id, started_at=NOON, seen_at=NOON, expires_at=NOON)
    session.add(row)
    session.flush()
    revoke_role(session, boss, grant.id, at=NOON + 3 * DAY)
    session.refresh(row)
    assert row.ended_at is not None
    assert not may_dispatch(session, person, branch, NOON + 3 * DAY)
    with pytest.raises(Conflict):
        lengthen_role(session, boss, grant.id, None, at=NOON + 3 * DAY)
    with pytest.raises(Invalid):
        grant_role(session, boss, person.id, Role.CLERK, branch, at=NOON, since=NOON + DAY, until=NOON + DAY)


def test_whoever_stands_above_is_not_touched_from_below(session: Session) -> None:
    """A branch's administrator cannot become the auditor of the branch by resetting a password."""
    centre, branch, station = a_county(session)
    boss = staff(session, Role.SITE_ADMIN, branch)
    auditor = known(session, Role.AUDITOR, branch)
    (grant,) = held(session, auditor.id, NOON)
    for act in (
        lambda: resetting.make_link(session, boss, auditor.id, at=NOON),
        lambda: set_password(session, boss, auditor, NEW, at=NOON),
        lambda: second_factor.reset(session, boss, auditor.id, at=NOON),
        lambda: disable(session, boss, auditor.id, at=NOON),
        lambda: revoke_role(session, boss, grant.id, at=NOON),
        lambda: lengthen_role(session, boss, grant.id, NOON + DAY, at=NOON),
    ):
        with pytest.raises(Forbidden):
            act()
    disable(session, staff(session, Role.SITE_ADMIN, centre), auditor.id, at=NOON)
    enable(session, staff(session, Role.COUNTY_IT, centre), auditor.id, at=NOON)
    assert station.path


def test_the_last_administrator_of_a_county_stays(session: Session) -> None:
    centre, branch, _station = a_county(session)
    first = staff(session, Role.SITE_ADMIN, centre)
    second = staff(session, Role.COUNTY_IT, centre)
    below = staff(session, Role.SITE_ADMIN, branch)
    (mine,), (theirs,) = held(session, first.user_id, NOON), held(session, second.user_id, NOON)
    lengthen_role(session, first, theirs.id, NOON + 9 * DAY, at=NOON)  # the second has an end: the first is the last
    for act in (
        lambda: revoke_role(session, second, mine.id, at=NOON),
        lambda: lengthen_role(session, second, mine.id, NOON + DAY, at=NOON),
        lambda: disable(session, second, first.user_id, at=NOON),
    ):
        with pytest.raises(Conflict, match="last_administrator"):
            act()
    lengthen_role(session, first, theirs.id, None, at=NOON)
    revoke_role(session, second, mine.id, at=NOON)
    with pytest.raises(DomainError):
        disable(session, below, second.user_id, at=NOON)
    disable(session, SYSTEM, second.user_id, at=NOON)  # the console may: it can make another


def test_an_administrators_link_sets_a_password_once(session: Session) -> None:
    _centre, branch, _station = a_county(session)
    boss, person = staff(session, Role.SITE_ADMIN, branch), known(session, Role.CLERK, branch)
    first = resetting.make_link(session, boss, person.id, at=NOON).rsplit("/", 1)[1]
    token = resetting.make_link(session, boss, person.id, at=NOON).rsplit("/", 1)[1]
    assert token not in repr(
        [*session.execute(select(ResetLink.__table__)).all(), *session.execute(select(Message.__table__)).all()]
    )
    assert signing_in.check_password(session, "zhou", OLD) is person
    for dead, at in ((first, NOON), (token, NOON + DAY), ("guessed", NOON)):
        with pytest.raises(NotFound):
            resetting.behind(session, dead, at=at)
    with pytest.raises(Invalid):
        resetting.use_link(session, token, "short", at=NOON)
    assert resetting.use_link(session, token, NEW, at=NOON) is person
    assert signing_in.check_password(session, "zhou", NEW) is person
    with pytest.raises(NotFound):
        resetting.use_link(session, token, OLD, at=NOON)
    assert session.scalars(select(Message.template).where(Message.person_id == person.id)).all().count("password_changed") == 2


def code_sent(session: Session) -> str | None:
    texts = [one.text for one in claim(session, at=NOON) if "新密码" in one.text]
    return re.findall(r"\d{6}", texts[-1])[0] if texts else None


@pytest.mark.parametrize(("role", "sent"), [(Role.VOLUNTEER, True), (Role.CLERK, False), (Role.SITE_ADMIN, False)])
def test_a_phone_alone_opens_a_volunteers_account_but_no_staff_account(session: Session, role: Role, sent: bool) -> None:
    person = known(session, role, a_county(session)[1])
    resetting.request_code(session, "zhou", PHONE, at=NOON)
    code = code_sent(session)
    assert (code is not None) is sent
    if sent:
        assert resetting.by_code(session, "zhou", PHONE, code, NEW, at=NOON) is person
        assert resetting.by_code(session, "zhou", PHONE, code, NEW, at=NOON) is None
        assert signing_in.check_password(session, "zhou", NEW) is person


def test_with_a_second_factor_staff_reset_by_phone_and_that(session: Session) -> None:
    person = known(session, Role.CLERK, a_county(session)[1])
    factor = SecondFactor(person_id=person.id, person=person, begun_at=NOON, confirmed_at=NOON)
    session.add(factor)
    factor.secret = totp.new_secret()
    session.flush()  # it is looked up by its key
    resetting.request_code(session, "zhou", PHONE, at=NOON)
    code = code_sent(session)
    assert resetting.by_code(session, "zhou", PHONE, code, NEW, at=NOON) is None
    assert resetting.by_code(session, "zhou", PHONE, code, NEW, "000000", at=NOON) is None
    right = totp.code_at(factor.secret, totp.step_at(NOON))
    assert resetting.by_code(session, "zhou", PHONE, code, NEW, right, at=NOON) is person


def test_a_code_for_a_new_password_opens_no_door_and_the_other_way_round(session: Session) -> None:
    known(session, Role.VOLUNTEER, a_county(session)[1])
    resetting.request_code(session, "zhou", PHONE, at=NOON)
    code = code_sent(session)
    assert signing_in.sign_in_by_code(session, PHONE, code, at=NOON) is None
    signing_in.request_code(session, PHONE, at=NOON)
    door = [one.text for one in claim(session, at=NOON) if "登录验证码" in one.text][-1][6:12]
    assert resetting.by_code(session, "zhou", PHONE, door, NEW, at=NOON) is None


def test_strangers_leave_the_same_rows(session: Session) -> None:
    known(session, Role.VOLUNTEER, a_county(session)[1])
    for name, phone in (("zhou", "13800000002"), ("nobody", PHONE)):
        resetting.request_code(session, name, phone, at=NOON)
        assert code_sent(session) is None
    assert len(session.scalars(select(LoginCode)).all()) == 2


def test_the_list_is_ones_own_staff_searched_and_cut(session: Session) -> None:
    centre, branch, station = a_county(session)
    boss = staff(session, Role.SITE_ADMIN, branch, "管理甲")
    names = [staff(session, Role.CLERK, station, f"站员{n:02d}").user_id for n in range(32)]
    staff(session, Role.VOLUNTEER, station, "志愿丁")
    staff(session, Role.DISPATCHER, centre, "调度乙")
    paths = boss.scopes(Permission.PEOPLE_MANAGE)
    first = people.listing(session, paths, at=NOON)
    assert (first.total, first.pages, len(first.rows)) == (33, 2, 30)
    assert len(people.listing(session, paths, at=NOON, page=9).rows) == 3
    found = people.listing(session, paths, at=NOON, words="guanlijia")
    assert [row.person.name for row in found.rows] == ["管理甲"]
    lengthen_role(session, boss, held(session, names[0], NOON)[0].id, NOON + 5 * DAY, at=NOON)
    revoke_role(session, boss, held(session, names[1], NOON)[0].id, at=NOON)
    disable(session, boss, names[2], at=NOON)
    counts = people.counts(session, paths, at=NOON)
    assert (counts[Show.WORKING], counts[Show.ENDING], counts[Show.GONE]) == (31, 1, 2)
    assert people.listing(session, (), at=NOON).total == 0


def test_residents_and_other_places_are_not_there(session: Session) -> None:
    centre, branch, station = a_county(session)
    boss = staff(session, Role.SITE_ADMIN, branch)
    for role, site in ((Role.RESIDENT, station), (Role.CLERK, a_county(session)[2]), (Role.DIRECTOR, centre)):
        with pytest.raises(NotFound):
            people.person_for(session, boss, staff(session, role, site).user_id)
    for role in (Role.VOLUNTEER, Role.CLERK):
        assert people.person_for(session, boss, staff(session, role, station).user_id)
    assert session.scalars(select(RoleGrant)).first() is not None
    assert isinstance(boss, Actor)
