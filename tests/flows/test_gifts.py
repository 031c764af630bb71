"""A gift from the shelf to the hand and back: points wait, move on, and come home; nothing twice, nothing below zero."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.gifts import a_gift, a_merchant, a_street, at_the_till, give_points, with_points
from volunteer.access import Role
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.ledger.models import Account, Transfer, Unit
from volunteer.rewards.merchants import collecting, offering, refunding, reserving
from volunteer.rewards.merchants.collecting import Shown
from volunteer.rewards.merchants.lifecycle import RedemptionStatus, RefundStatus
from volunteer.rewards.merchants.refunding import RefundDraft

LATER = NOON + timedelta(hours=1)
DOC = Path(__file__).resolve().parents[2] / "docs/ledger.md"


def points(session: Session, owner: str) -> int:
    return session.scalar(select(Account.balance).where(Account.owner == owner, Account.unit == Unit.POINTS)) or 0


def test_reserved_points_wait_and_collected_ones_are_the_merchants(session):
    here = a_street(session)
    made = reserving.reserve(session, here.volunteer, here.gift.id, seen=40, at=NOON)
    mine, held, shop = f"person:{here.volunteer.user_id}", f"redemption:{made.id}", f"merchant:{here.merchant.id}"
    assert (points(session, mine), points(session, held), points(session, shop)) == (60, 40, 0)
    assert (here.gift.stock, made.expires_at, len(made.code), made.code.isdigit()) == (4, NOON + timedelta(hours=72), 8, True)
    assert len(made.token) > 20

    assert collecting.look(session, here.till, Shown(code=f"{made.code[:4]} {made.code[4:]}"), at=LATER).id == made.id
    done = collecting.collect(session, here.till, Shown(code=made.code), at=LATER)
    assert (done.status, done.collected_by) == (RedemptionStatus.COLLECTED, here.till.user_id)
    assert (points(session, mine), points(session, held), points(session, shop)) == (60, 0, 40)


@pytest.mark.parametrize("by_qr", [False, True])
def test_a_collected_code_is_not_collected_again_anywhere(session, by_qr):
    here = a_street(session)
    made = reserving.reserve(session, here.volunteer, here.gift.id, seen=40, at=NOON)
    shown = Shown(qr=collecting.qr_text(session, made)) if by_qr else Shown(code=made.code)
    colleague = at_the_till(session, here.merchant, "孙试")
    collecting.collect(session, here.till, shown, at=LATER)
    for again in (shown, Shown(code=made.code), Shown(qr=collecting.qr_text(session, made))):
        for who in (here.till, colleague):
            with pytest.raises(Conflict, match="used already"):
                collecting.collect(session, who, again, at=LATER)
    assert points(session, f"merchant:{here.merchant.id}") == 40


def test_another_shops_till_learns_nothing_from_a_code_and_is_told_from_a_qr(session):
    here = a_street(session)
    other = at_the_till(session, a_merchant(session, here.branch, "别家"))
    made = reserving.reserve(session, here.volunteer, here.gift.id, seen=40, at=NOON)
    with pytest.raises(Invalid) as known:
        collecting.look(session, other, Shown(code=made.code), at=LATER)
    with pytest.raises(Invalid) as unknown:
        collecting.look(session, other, Shown(code="00000000" if made.code != "00000000" else "00000001"), at=LATER)
    assert str(known.value) == str(unknown.value)
    with pytest.raises(Conflict, match="another shop"):
        collecting.look(session, other, Shown(qr=collecting.qr_text(session, made)), at=LATER)


def test_a_forged_qr_is_no_code_of_ours(session):
    here = a_street(session)
    made = reserving.reserve(session, here.volunteer, here.gift.id, seen=40, at=NOON)
    true = collecting.qr_text(session, made)
    for false in (
        true[:-1] + ("0" if true[-1] != "0" else "1"),
        true.replace("VG1.", "VG2."),
        true.replace(".", "..", 1),
        "VG1",
        "",
    ):
        with pytest.raises(Invalid):
            collecting.look(session, here.till, Shown(qr=false, code=""), at=LATER)
    with pytest.raises(Conflict, match="run out"):
        collecting.collect(session, here.till, Shown(qr=true), at=made.expires_at)


def test_nobody_hands_over_to_themselves(session):
    here = a_street(session)
    give_points(session, here.branch, here.till.user_id, 50)
    both = make.an_actor(session.get(make.Person, here.till.user_id), (Role.MERCHANT, here.branch), (Role.RESIDENT, here.station))
    made = reserving.reserve(session, both, here.gift.id, seen=40, at=NOON)
    with pytest.raises(Conflict, match="themselves"):
        collecting.collect(session, both, Shown(code=made.code), at=LATER)


def test_let_go_and_run_out_give_points_and_stock_back_once(session):
    here = a_street(session)
    one = reserving.reserve(session, here.volunteer, here.gift.id, seen=40, at=NOON)
    two = reserving.reserve(session, here.volunteer, here.gift.id, seen=40, at=NOON)
    for _ in range(2):
        reserving.let_go(session, here.volunteer, one.id, at=LATER)
    assert reserving.expire(session, two.expires_at - timedelta(seconds=1)) == 0
    assert (reserving.expire(session, two.expires_at), reserving.expire(session, two.expires_at)) == (1, 0)
    session.refresh(here.gift)
    assert (one.status, two.status) == (RedemptionStatus.LET_GO, RedemptionStatus.EXPIRED)
    assert (points(session, f"person:{here.volunteer.user_id}"), here.gift.stock) == (100, 5)
    back = session.scalars(
        select(Transfer).where(Transfer.about == f"redemption:{two.id}", Transfer.reverses_id.is_not(None))
    ).one()
    assert back.note == "not fetched in time"
    for done in (one, two):
        with pytest.raises(Conflict):
            collecting.collect(session, here.till, Shown(code=done.code), at=LATER)
    with pytest.raises(NotFound):
        reserving.let_go(session, here.till, one.id, at=LATER)


def test_what_ran_out_together_is_given_back_in_the_order_in_which_everybody_holds_accounts(session):
    here = a_street(session)
    people = [with_points(session, here.station, 40, f"居民{n}") for n in range(3)]
    for person in reversed(people):
        reserving.reserve(session, person, here.gift.id, seen=40, at=NOON)
    assert reserving.expire(session, NOON + timedelta(days=9)) == 3
    back = session.scalars(select(Transfer).where(Transfer.reverses_id.is_not(None)).order_by(Transfer.id)).all()
    owners = [entry.target.owner for entry in back]
    assert owners == sorted(owners)
    session.refresh(here.gift)
    assert (here.gift.stock, [points(session, owner) for owner in owners]) == (5, [40, 40, 40])


def test_what_the_shop_lost_is_given_back_but_not_put_on_the_shelf(session):
    here = a_street(session)
    made = reserving.reserve(session, here.volunteer, here.gift.id, seen=40, at=NOON)
    with pytest.raises(Invalid):
        reserving.withdraw(session, here.till, made.id, " ", at=LATER)
    reserving.withdraw(session, here.till, made.id, "运输途中打碎了", at=LATER)
    session.refresh(here.gift)
    assert (points(session, f"person:{here.volunteer.user_id}"), here.gift.stock) == (100, 4)
    with pytest.raises(Invalid):
        offering.restock(session, here.till, here.gift.id, 2, seen=4, at=LATER)
    assert offering.restock(session, here.till, here.gift.id, 2, seen=4, reason="受潮", at=LATER).stock == 2
    with pytest.raises(Conflict):
        offering.restock(session, here.till, here.gift.id, 9, seen=4, at=LATER)


def test_limits_are_said_and_hold(session):
    here = a_street(session, points=1000)
    here.gift.per_person, here.gift.per_month = 1, 2
    session.flush()  # the verbs read the row
    reserving.reserve(session, here.volunteer, here.gift.id, seen=40, at=NOON)
    with pytest.raises(Conflict, match="One person may have"):
        reserving.reserve(session, here.volunteer, here.gift.id, seen=40, at=NOON)
    next_month = NOON + timedelta(days=31)
    reserving.reserve(session, here.volunteer, here.gift.id, seen=40, at=next_month)
    for name in ("甲", "乙"):
        who = with_points(session, here.station, 50, name)
        if name == "甲":
            reserving.reserve(session, who, here.gift.id, seen=40, at=NOON)
        else:
            with pytest.raises(Conflict, match="this month are taken"):
                reserving.reserve(session, who, here.gift.id, seen=40, at=NOON)
    cheap = a_gift(session, here.merchant, points=1, stock=50)
    for _ in range(3):
        reserving.reserve(session, here.volunteer, cheap.id, seen=1, at=NOON)
    with pytest.raises(Conflict, match="waiting for you"):
        reserving.reserve(session, here.volunteer, cheap.id, seen=1, at=NOON)


def test_what_cannot_be_had_costs_nothing(session):
    here = a_street(session, points=30)
    refusals = [
        ({"seen": 40}, "balance is too low"),
        ({"seen": 30}, "have changed"),
    ]
    for more, words in refusals:
        with pytest.raises(Conflict, match=words), session.begin_nested():
            reserving.reserve(session, here.volunteer, here.gift.id, at=NOON, **more)
    stranger = with_points(session, make.a_county(session)[2], 100, "外县")
    with pytest.raises(NotFound):
        reserving.reserve(session, stranger, here.gift.id, seen=40, at=NOON)
    here.gift.stock = 0
    session.flush()  # the verb reads the row
    with pytest.raises(Conflict, match="last one"):
        reserving.reserve(session, here.volunteer, here.gift.id, seen=40, at=NOON)
    assert points(session, f"person:{here.volunteer.user_id}") == 30


def test_a_gift_is_taken_back_through_the_books_with_a_reason(session):
    here = a_street(session)
    made = reserving.reserve(session, here.volunteer, here.gift.id, seen=40, at=NOON)
    with pytest.raises(Conflict):
        refunding.ask(session, here.till, made.id, RefundDraft("bad"), at=LATER)
    collecting.collect(session, here.till, Shown(code=made.code), at=LATER)
    with pytest.raises(Invalid):
        refunding.ask(session, here.till, made.id, RefundDraft("other"), at=LATER)
    wish = refunding.ask(session, here.till, made.id, RefundDraft("bad", "蛋碎了", restock=True), at=LATER)
    assert refunding.ask(session, here.till, made.id, RefundDraft("bad"), at=LATER) is wish
    for _ in range(2):
        assert refunding.say_yes(session, here.admin, wish.id, at=LATER).status is RefundStatus.DONE
    session.refresh(here.gift)
    assert made.status is RedemptionStatus.REFUNDED
    assert (points(session, f"person:{here.volunteer.user_id}"), points(session, f"merchant:{here.merchant.id}")) == (100, 0)
    assert (points(session, f"redemption:{made.id}"), here.gift.stock) == (0, 5)


def test_above_the_limit_two_people_take_it_back(session):
    here = a_street(session, points=900, asked=500)
    here.gift.points = 500
    session.flush()  # the verbs read the row
    made = reserving.reserve(session, here.volunteer, here.gift.id, seen=500, at=NOON)
    collecting.collect(session, here.till, Shown(code=made.code), at=LATER)
    wish = refunding.ask(session, here.till, made.id, RefundDraft("lost"), at=LATER)
    assert refunding.say_yes(session, here.admin, wish.id, at=LATER).status is RefundStatus.SECONDED
    with pytest.raises(Conflict, match="second person"):
        refunding.say_yes(session, here.admin, wish.id, at=LATER)
    assert points(session, f"person:{here.volunteer.user_id}") == 400
    second = make.staff(session, Role.SITE_ADMIN, here.centre, "第二人")
    assert refunding.say_yes(session, second, wish.id, at=LATER).status is RefundStatus.DONE
    assert points(session, f"person:{here.volunteer.user_id}") == 900


def test_a_refused_wish_leaves_everything_and_is_not_asked_again(session):
    here = a_street(session)
    made = reserving.reserve(session, here.volunteer, here.gift.id, seen=40, at=NOON)
    collecting.collect(session, here.till, Shown(code=made.code), at=LATER)
    wish = refunding.ask(session, here.till, made.id, RefundDraft("wrong"), at=LATER)
    with pytest.raises(NotFound):
        refunding.say_yes(session, make.staff(session, Role.SITE_ADMIN, make.a_site(session, here.centre)), wish.id, at=LATER)
    refunding.refuse(session, here.admin, wish.id, "东西是好的", at=LATER)
    with pytest.raises(Conflict, match="refused"):
        refunding.ask(session, here.till, made.id, RefundDraft("bad"), at=LATER)
    with pytest.raises(Conflict):
        refunding.say_yes(session, here.admin, wish.id, at=LATER)
    assert points(session, f"merchant:{here.merchant.id}") == 40


def test_what_the_page_of_the_books_promises_about_gifts_holds_in_every_state(session):
    """The queries of docs/ledger.md find nothing after an ordinary day, and find a status that nobody booked."""
    here = a_street(session, points=1000)
    ones = [reserving.reserve(session, here.volunteer, here.gift.id, seen=40, at=NOON) for _ in range(5)]
    for one in ones[:2]:
        collecting.collect(session, here.till, Shown(code=one.code), at=LATER)
    wish = refunding.ask(session, here.till, ones[0].id, RefundDraft("bad"), at=LATER)
    refunding.say_yes(session, here.admin, wish.id, at=LATER)
    reserving.let_go(session, here.volunteer, ones[2].id, at=LATER)
    ones[3].expires_at = LATER
    session.flush()  # the job reads the rows
    reserving.expire(session, LATER)
    promises = DOC.read_text(encoding="utf-8").partition("### Gifts")[2].partition("\n### ")[0]
    queries = re.findall(r"```sql\n(.+?)```", promises, re.DOTALL)
    assert len(queries) == 4
    assert [session.execute(text(query.replace(":", r"\:"))).all() for query in queries] == [[], [], [], []]
    session.execute(text("UPDATE redemptions SET status = 'collected' WHERE id = :one"), {"one": ones[4].id})
    assert [bool(session.execute(text(query.replace(":", r"\:"))).all()) for query in queries[:2]] == [True, True]
