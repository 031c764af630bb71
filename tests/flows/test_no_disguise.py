"""Another account of the same human being opens no door: not for one's own gift, refund, price, star, entry, key or wish."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.gifts import Street, a_gift, a_street, with_points
from tests.support.pointing import a_wish, earn
from tests.support.recognising import Stars, book_minutes
from volunteer.access import Actor, Role
from volunteer.accounts import granting
from volunteer.accounts.models import Person
from volunteer.administration.merging import merging
from volunteer.administration.merging.merging import MergeDraft
from volunteer.administration.merging.models import Merge
from volunteer.kernel.errors import Conflict, Forbidden, NotFound
from volunteer.ledger import correcting, rotating
from volunteer.ledger.models_keys import Purpose
from volunteer.recognition import awarding
from volunteer.rewards.merchants import collecting, offering, refunding, reserving
from volunteer.rewards.merchants.collecting import Shown
from volunteer.rewards.merchants.lifecycle import RefundStatus
from volunteer.rewards.merchants.models import Refund
from volunteer.rewards.merchants.refunding import RefundDraft
from volunteer.rewards.points import giving, wishing

LATER = NOON + timedelta(hours=1)


def share_a_phone(session: Session, one: int | None, other: int | None) -> None:
    """Two accounts that are one human being."""
    session.get_one(Person, other).phone_index = session.get_one(Person, one).phone_index
    session.flush()  # the verbs read the rows


def collected(session: Session, here: Street) -> Refund:
    """A gift that was handed over, and that the shop asks to take back."""
    made = reserving.reserve(session, here.volunteer, here.gift.id, seen=here.gift.points or 0, at=NOON)
    collecting.collect(session, here.till, Shown(code=made.code), at=LATER)
    return refunding.ask(session, here.till, made.id, RefundDraft("bad"), at=LATER)


def test_nobody_hands_a_gift_to_their_other_account(session):
    here = a_street(session)
    share_a_phone(session, here.till.user_id, here.volunteer.user_id)
    made = reserving.reserve(session, here.volunteer, here.gift.id, seen=40, at=NOON)
    for act in (collecting.look, collecting.collect):
        with pytest.raises(Conflict, match="themselves"):
            act(session, here.till, Shown(code=made.code), at=LATER)


@pytest.mark.parametrize("whose", ["till", "volunteer"])
def test_neither_the_shop_nor_whoever_gets_the_points_back_takes_a_gift_back(session, whose):
    here = a_street(session)
    refund = collected(session, here)
    share_a_phone(session, getattr(here, whose).user_id, here.admin.user_id)
    with pytest.raises(Conflict):
        refunding.say_yes(session, here.admin, refund.id, at=LATER)
    assert refund.status is RefundStatus.ASKED


def test_two_yeses_of_one_person_are_one(session):
    here = a_street(session, points=900, asked=500)
    here.gift.points = 500
    session.flush()  # the verbs read the row
    refund = collected(session, here)
    again = make.staff(session, Role.SITE_ADMIN, here.centre, "又一个")
    share_a_phone(session, here.admin.user_id, again.user_id)
    refunding.say_yes(session, here.admin, refund.id, at=LATER)
    with pytest.raises(Conflict, match="second person"):
        refunding.say_yes(session, again, refund.id, at=LATER)


def test_nobody_prices_gifts_of_their_own_shop(session):
    here = a_street(session)
    gift = a_gift(session, here.merchant, name="油一桶", points=None)
    share_a_phone(session, here.till.user_id, here.admin.user_id)
    with pytest.raises(Conflict, match="own shop"):
        offering.price(session, here.admin, gift.id, 9_999, at=NOON)


def test_nobody_lets_a_wish_come_true_at_their_own_shop(session):
    here = a_street(session)
    wish = a_wish(session, here.branch, 50)
    giving.give_to_wish(session, here.volunteer, wish.id, 50, "one", at=NOON)
    share_a_phone(session, here.till.user_id, here.admin.user_id)
    with pytest.raises(Conflict, match="own shop"):
        wishing.fulfil(session, here.admin, wish.id, here.merchant.id, "送到了", at=NOON)


def test_nobody_awards_or_decides_about_their_other_account(session):
    stars = Stars(session)
    row, award = stars.proposed(), None
    puppet = make.staff(session, Role.SITE_ADMIN, stars.centre)
    share_a_phone(session, row.volunteer_id, puppet.user_id)
    with pytest.raises(Conflict, match="themselves"):
        awarding.award(session, puppet, row.id, stars.site.id, at=NOON)
    award = awarding.award(session, stars.admin, row.id, stars.site.id, at=NOON)
    doubt = awarding.object_to(session, stars.other, award.id, "没见他来过", at=NOON)
    disguised = make.staff(session, Role.SITE_ADMIN, stars.centre)
    share_a_phone(session, stars.admin.user_id, disguised.user_id)
    for who in (puppet, disguised):
        with pytest.raises(Conflict):
            awarding.settle(session, who, doubt.id, upheld=False, answer="没有问题", at=NOON)
    with pytest.raises(Conflict):
        awarding.revoke(session, puppet, award.id, "不要了", at=NOON)


def test_nobody_takes_back_hours_of_their_other_account(session):
    centre, _, station = make.a_county(session)
    volunteer, admin = make.a_volunteer(session, station), make.staff(session, Role.SITE_ADMIN, centre)
    entry = book_minutes(session, volunteer, 60)
    share_a_phone(session, volunteer.id, admin.user_id)
    with pytest.raises(Conflict, match="own hours"):
        correcting.take_back(session, admin, entry.id, "不想要", at=NOON)


def test_a_key_is_not_changed_by_one_person_with_two_accounts(session):
    centre, *_ = make.a_county(session)
    one, other = (make.staff(session, Role.COUNTY_IT, centre) for _ in range(2))
    share_a_phone(session, one.user_id, other.user_id)
    asked = rotating.ask(session, one, Purpose.LEDGER, "一年一换", at=NOON)
    with pytest.raises(Conflict, match="second person"):
        rotating.decide(session, other, asked.id, True, at=NOON)


def merged(session: Session, actor: Actor, kept: int | None, gone: int | None) -> Merge:
    return merging.merge(session, actor, MergeDraft(kept or 0, gone or 0, "同一个人"), at=NOON)


def test_nobody_merges_somebodys_points_into_their_other_account_or_takes_that_apart(session):
    centre, _, station = make.a_county(session)
    admin, rich = make.staff(session, Role.SITE_ADMIN, centre), make.a_volunteer(session, station)
    puppet = with_points(session, station, 0)
    earn(session, rich.id, station, 500)
    share_a_phone(session, admin.user_id, puppet.user_id)
    with pytest.raises(Conflict, match="your own entry"):
        merged(session, admin, puppet.user_id, rich.id)
    row = merged(session, make.staff(session, Role.SITE_ADMIN, centre), puppet.user_id, rich.id)
    with pytest.raises(Conflict, match="your own entry"):
        merging.undo(session, admin, row.id, "不是同一个人", at=NOON)


def test_a_role_that_is_still_to_begin_is_handed_on_only_by_who_could_give_it(session):
    centre, branch, station = make.a_county(session)
    it, admin = make.staff(session, Role.COUNTY_IT, centre), make.staff(session, Role.SITE_ADMIN, branch)
    kept, gone = make.a_volunteer(session, station, "王建平"), make.a_volunteer(session, station, "王建萍")
    granting.grant_role(session, it, gone.id, Role.COUNTY_IT, branch, at=NOON, since=NOON + timedelta(days=1))
    with pytest.raises(Forbidden):
        merged(session, admin, kept.id, gone.id)


def test_who_has_risen_since_a_merge_is_not_taken_apart_from_below(session):
    centre, branch, station = make.a_county(session)
    it, admin = make.staff(session, Role.COUNTY_IT, centre), make.staff(session, Role.SITE_ADMIN, branch)
    kept, gone = make.a_volunteer(session, station, "王建平"), make.a_volunteer(session, station, "王建萍")
    row = merged(session, admin, kept.id, gone.id)
    granting.grant_role(session, it, kept.id, Role.DIRECTOR, centre, at=NOON)
    with pytest.raises(NotFound):
        merging.undo(session, admin, row.id, "不是同一个人", at=LATER)
    assert row.undone_at is None
