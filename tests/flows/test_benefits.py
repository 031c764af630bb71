"""礼遇 on both databases: the catalogue is kept, a code is shown, a use is written down once, limits hold, a mistake is taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.recognising import Stars, as_volunteer, book_minutes, nights
from volunteer.access import Role
from volunteer.kernel.db import write
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.ledger.models import Grade
from volunteer.messaging.models import Message
from volunteer.recognition import awarding, handing_out, keeping_benefits
from volunteer.recognition.keeping_benefits import BenefitDraft
from volunteer.recognition.models_benefits import Benefit, BenefitClass, BenefitCode, BenefitCount, BenefitUse, Period
from volunteer.teams.models import Standing

DRAFT = BenefitDraft(code="B1", kind=BenefitClass.TRANSPORT, name="公交免费", name_en="Free bus rides", begins=date(2026, 1, 1))


class Giving(Stars):
    """The county of the stars with a clerk who hands out, and one line of the catalogue."""

    def __init__(self, session: Session, **conditions) -> None:
        super().__init__(session)
        self.clerk = make.staff(session, Role.CLERK, self.station, "李试")
        self.me = as_volunteer(self.volunteer)
        self.benefit = keeping_benefits.write_benefit(session, self.admin, self.centre, replace(DRAFT, **conditions), at=NOON)

    def code(self, at=NOON) -> str:
        return handing_out.make_code(self.session, self.me, at=at)

    def use(self, shown: str | None = None, at=NOON, who=None) -> BenefitUse:
        return handing_out.hand_out(
            self.session, who or self.clerk, self.benefit.id, shown or self.volunteer.number, self.station.id, at=at
        )


@pytest.fixture
def giving(session: Session) -> Giving:
    return Giving(session, limit_each=2, period=Period.MONTH)


def test_a_benefit_is_handed_out_by_a_code_in_one_act(session, giving):
    use = giving.use(giving.code())
    assert (use.volunteer_id, use.site_id, use.period) == (giving.volunteer.id, giving.station.id, "2026-03")
    assert giving.benefit.used == 1
    assert session.scalars(select(Message.template).where(Message.person_id == giving.volunteer.id)).all() == [
        "benefit_handed_out"
    ]


def test_the_same_code_twice_is_one_use_and_serves_nothing_else(session, giving):
    code = giving.code()
    assert giving.use(code) is giving.use(code)
    other = keeping_benefits.write_benefit(session, giving.admin, giving.centre, replace(DRAFT, code="B2"), at=NOON)
    with pytest.raises(Conflict, match="used already"):
        handing_out.hand_out(session, giving.clerk, other.id, code, giving.station.id, at=NOON)
    with pytest.raises(Conflict, match="used already"):
        giving.use(code, who=make.staff(session, Role.CLERK, giving.station))
    assert giving.benefit.used == 1


def test_a_code_ends_after_ten_minutes_and_when_another_is_made_and_is_kept_only_as_a_hash(session, giving):
    code = giving.code()
    assert code not in session.scalars(select(BenefitCode.code_hash)).one()
    with pytest.raises(Invalid, match="ten minutes"):
        giving.use(code, at=NOON + timedelta(minutes=10))
    later = giving.code()
    with pytest.raises(Invalid):
        giving.use(code)
    assert giving.use(later)


def test_a_number_serves_too_with_spaces_or_small_letters(giving):
    assert giving.use(f" {giving.volunteer.number.lower()} ")
    for typed in ("", "00000000", "WJ-9999-9999", "1" * 400):
        with pytest.raises(Invalid):
            giving.use(typed or " ")


def test_a_limit_for_each_holds_in_its_period_and_begins_anew(giving):
    giving.use()
    giving.use()
    with pytest.raises(Conflict, match="as often"):
        giving.use()
    assert giving.use(at=nights(30))


def test_a_use_taken_back_with_a_reason_may_be_had_again(session, giving):
    first = giving.use()
    giving.use()
    with pytest.raises(Invalid):
        handing_out.take_back(session, giving.clerk, first.id, "", at=NOON)
    handing_out.take_back(session, giving.clerk, first.id, "点错了", at=NOON)
    handing_out.take_back(session, giving.clerk, first.id, "又点一次", at=NOON)
    assert (giving.benefit.used, first.taken_back_reason) == (1, "点错了")
    assert giving.use()
    beside = make.staff(session, Role.CLERK, make.a_site(session, giving.branch))
    with pytest.raises(NotFound):
        handing_out.take_back(session, beside, first.id, "不是我的", at=NOON)


def test_stars_count_once_they_stand_and_hours_only_when_they_are_shown_well_enough(session):
    giving = Giving(session, stars_least=1, minutes_least=6_000)
    with pytest.raises(Conflict, match="more stars"):
        giving.use()
    made = awarding.award(session, giving.admin, giving.proposed().id, giving.centre.id, at=NOON)
    with pytest.raises(Conflict, match="more stars"):
        giving.use()
    awarding.end_notices(session, nights(8))
    assert made.stands_at
    assert giving.use()
    awarding.revoke(session, giving.other, made.id, "虚报", at=nights(9))
    with pytest.raises(Conflict, match="more stars"):
        giving.use()
    poor = make.a_volunteer(session, giving.station)
    book_minutes(session, poor, 9_000, grade=Grade.D)
    giving.benefit.stars_least = 0
    with pytest.raises(Conflict, match="more hours"):
        giving.use(poor.number)
    old = make.a_volunteer(session, giving.station)
    book_minutes(session, old, 9_000, day=date(2025, 3, 3))
    with pytest.raises(Conflict, match="more hours"):
        giving.use(old.number)


def test_nobody_hands_out_to_themselves_elsewhere_or_to_who_left(session, giving):
    both = make.an_actor(giving.volunteer.person, (Role.CLERK, giving.station))
    with pytest.raises(Conflict, match="themselves"):
        giving.use(who=both)
    abroad, _, there = make.a_county(session)
    with pytest.raises(NotFound):
        giving.use(who=make.staff(session, Role.CLERK, there))
    stranger = make.a_volunteer(session, there)
    with pytest.raises(Invalid):
        giving.use(stranger.number)
    with pytest.raises(Forbidden):
        giving.use(who=make.staff(session, Role.AUDITOR, giving.centre))
    giving.volunteer.standing = Standing.LEFT
    with pytest.raises(Invalid):
        giving.use()
    with pytest.raises(NotFound):
        giving.code()
    assert abroad


def test_the_catalogue_is_kept_by_its_own_site_and_never_deleted(session, giving):
    with pytest.raises(Conflict, match="code already"):
        keeping_benefits.write_benefit(session, giving.admin, giving.centre, DRAFT, at=NOON)
    with pytest.raises(Invalid) as refused:
        keeping_benefits.write_benefit(
            session, giving.admin, giving.centre,
            replace(DRAFT, code="?", name=" ", ends=date(2025, 1, 1), limit_each=0, age_least=9, age_most=8), at=NOON,
        )  # fmt: skip
    assert set(refused.value.fields) == {"code", "name", "ends", "limit_each", "age_most"}
    line = giving.benefit
    seen = line.version
    keeping_benefits.edit_benefit(session, giving.admin, line.id, replace(DRAFT, name="公交半价"), seen=seen, at=NOON)
    session.flush()
    with pytest.raises(Conflict, match="changed this"):
        keeping_benefits.edit_benefit(session, giving.admin, line.id, DRAFT, seen=seen, at=NOON)
    keeping_benefits.close_benefit(session, giving.admin, line.id, at=NOON)
    with pytest.raises(Conflict, match="no longer given"):
        giving.use()
    keeping_benefits.open_benefit(session, giving.admin, line.id, at=NOON)
    assert giving.use()
    with pytest.raises(NotFound):
        keeping_benefits.close_benefit(session, giving.clerk, line.id, at=NOON)
    assert [one.code for one in keeping_benefits.given_at(session, giving.station.path, NOON.date())] == ["B1"]


def test_a_branchs_own_benefit_is_given_below_it_and_nowhere_else(session, giving):
    own = keeping_benefits.write_benefit(session, giving.admin, giving.branch, replace(DRAFT, code="B9"), at=NOON)
    beside = make.a_site(session, make.a_site(session, giving.centre))
    clerk = make.staff(session, Role.CLERK, beside)
    with pytest.raises(NotFound):
        handing_out.hand_out(session, clerk, own.id, giving.volunteer.number, beside.id, at=NOON)
    assert handing_out.hand_out(session, giving.clerk, own.id, giving.volunteer.number, giving.station.id, at=NOON)


def racing(database, keyring, **conditions):
    with Session(database.engine, info={"keyring": keyring}) as session, write(session):
        giving = Giving(session, **conditions)
        others = [make.a_volunteer(session, giving.station).number for _ in range(11)]
        clerks = [make.staff(session, Role.CLERK, giving.station) for _ in range(12)]
        return giving.benefit.id, giving.station.id, [giving.volunteer.number, *others], clerks, giving.code()


def test_of_twelve_who_want_the_last_one_one_has_it(database, keyring, at_once):
    benefit, site, numbers, clerks, _ = racing(database, keyring, limit_all=1)
    acts = [
        lambda s, who=who, n=number: handing_out.hand_out(s, who, benefit, n, site, at=NOON)
        for who, number in zip(clerks, numbers, strict=True)
    ]
    assert at_once(acts) == {"done": 1, "refused": 11}
    assert counted(database) == (1, 1, 1)


def test_of_twelve_clerks_who_serve_one_person_at_once_only_as_many_as_the_limit_do(database, keyring, at_once):
    benefit, site, numbers, clerks, _ = racing(database, keyring, limit_each=2)
    assert at_once([lambda s, who=who: handing_out.hand_out(s, who, benefit, numbers[0], site, at=NOON) for who in clerks]) == {
        "done": 2,
        "refused": 10,
    }
    assert counted(database) == (2, 2, 2)


def test_one_code_tapped_twelve_times_at_once_is_one_use(database, keyring, at_once):
    benefit, site, _, clerks, code = racing(database, keyring)
    assert at_once([lambda s: handing_out.hand_out(s, clerks[0], benefit, code, site, at=NOON) for _ in range(12)]) == {
        "done": 12
    }
    assert counted(database) == (1, 1, 1)


def counted(database) -> tuple[int, int, int]:
    with Session(database.engine) as session:
        return (
            session.scalar(select(func.count(BenefitUse.id))),
            session.scalar(select(Benefit.used)),
            session.scalar(select(func.sum(BenefitCount.used))),
        )
