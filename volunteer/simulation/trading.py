"""Two platforms that points are exchanged with, and last month's settlements of the shops, each at another point of its way."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from volunteer.access import Actor
from volunteer.kernel.clock import local_date, month_before, zone_of
from volunteer.kernel.errors import Conflict
from volunteer.ledger.models import Account, Unit
from volunteer.ledger.rules import person_of
from volunteer.places.models import Site
from volunteer.rewards.merchants import collecting, reserving
from volunteer.rewards.merchants.collecting import Shown
from volunteer.rewards.merchants.lifecycle import MerchantStatus
from volunteer.rewards.merchants.models import Gift, Merchant, MerchantStaff
from volunteer.rewards.partners import agreeing, exchanging, linking
from volunteer.rewards.partners.agreeing import PartnerDraft
from volunteer.rewards.partners.models import Partner, PartnerAccount, PartnerCall
from volunteer.rewards.settling import deciding, looking, preparing
from volunteer.simulation import personas
from volunteer.simulation.settling import World
from volunteer.simulation.stage import Stage

PLATFORMS = (
    PartnerDraft(
        code="star-households", name="星级文明户平台·演示", name_en="Star households (demo)", unit="文明分", person_daily=500
    ),
    PartnerDraft(code="bank", name="银行·演示", name_en="Bank (demo)", unit="积分", gives=False, person_daily=300),
)
OUT, COMING_IN = 50, 40
ENOUGH = 35  # points of those who fetch something last month
SHORTLY = timedelta(minutes=3)


def trade(session: Session, world: World) -> None:
    """Agree with the platforms, move some points, and settle last month."""
    stage = Stage(session, world)
    branch = world.sites[personas.HOME_BRANCH]
    rng = random.Random(f"trading {world.seed}")  # noqa: S311 - invented people
    _platforms(session, world, stage, branch)
    _last_month(session, world, stage, rng)
    _settle(session, world, stage, branch)
    looking.look(session, at=world.at)


def _platforms(session: Session, world: World, stage: Stage, branch: Site) -> None:
    admin, it, at = stage.persona("admin"), stage.persona("it"), world.at - timedelta(days=40)
    for draft, who, account in zip(PLATFORMS, ("volunteer", "resident"), ("WM3205090007", "6222020009998877"), strict=True):
        partner = agreeing.make_partner(session, admin, branch.id, draft, at=at)
        rate = agreeing.propose_rate(session, admin, partner.id, 10, 1, local_date(at, zone_of(session)), at=at)
        agreeing.decide(session, it, rate.id, True, at=at + SHORTLY)
        agreeing.decide(session, it, agreeing.propose_secret(session, admin, partner.id, at=at).id, True, at=at + SHORTLY)
        agreeing.set_active(session, admin, partner.id, True, at=at + 2 * SHORTLY)
        actor = stage.persona(who)
        link = linking.ask_link(session, actor, partner.id, account, True, at=at + timedelta(days=3))
        linking.verified(session, link, True, at=at + timedelta(days=3, minutes=20))
        _move(session, partner, link, actor, account, world.at)
        answered = update(PartnerCall).where(PartnerCall.partner_id == partner.id)
        session.execute(answered.values({"due_at": None, "answered_at": world.at, "code": 200}))
    session.flush()  # the proposal below is about what stands
    agreeing.propose_rate(
        session, admin, partner.id, 12, 1, local_date(world.at, zone_of(session)) + timedelta(days=10), at=world.at - SHORTLY
    )


def _move(session: Session, partner: Partner, link: PartnerAccount, actor: Actor, account: str, at: datetime) -> None:
    """Some points went out and some came in; a few wait for the other platform, which cannot be reached from here."""
    if partner.gives:
        for days in (9, 0):
            began = at - timedelta(days=days, minutes=50)
            try:
                with session.begin_nested():
                    made = exchanging.send_points(session, actor, link.id, OUT, at=began)
            except Conflict:
                return  # not enough points
            if days:
                exchanging.reserved_there(session, made, at=began + timedelta(seconds=4))
                exchanging.confirmed_there(session, made, at=began + timedelta(seconds=9))
    else:
        began = at - timedelta(days=6)
        day = local_date(began, zone_of(session))
        made = exchanging.reserve(session, partner, "bank-transfer-0001", account, COMING_IN, COMING_IN // 10, day, at=began)
        exchanging.confirm(session, made, at=began + timedelta(seconds=2))


def _settled(world: World) -> datetime:
    """When the month before was settled: on the first days of a month, that is the month before the last."""
    return world.at - timedelta(days=2)


def _last_month(session: Session, world: World, stage: Stage, rng: random.Random) -> None:
    """In the last days of last month gifts went over every counter; at one of them many within minutes."""
    first = local_date(_settled(world), zone_of(session)).replace(day=1)
    noon = datetime(first.year, first.month, first.day, 11, tzinfo=zone_of(session))
    people = _with_points(session, world)
    for number, merchant in enumerate(_shops(session)):
        gift = session.scalars(
            select(Gift).where(Gift.merchant_id == merchant.id, Gift.points <= 50).order_by(Gift.points)
        ).first()
        if gift is None:
            continue
        with _at_the_till(session, world, merchant):
            for turn in range(6 if number == 0 else 3):
                pause = timedelta(minutes=turn + 1) if number == 0 else timedelta(hours=20 * turn + 1, minutes=rng.randrange(50))
                _fetch(session, stage, people, gift, noon - timedelta(days=3) + pause)
    session.flush()  # statements ask the books


def _fetch(session: Session, stage: Stage, people: list[int], gift: Gift, at: datetime) -> None:
    for number in list(people):
        people.remove(number)
        people.append(number)  # everybody in turn
        actor = stage.actor(number)
        try:
            with session.begin_nested():
                one = reserving.reserve(session, actor, gift.id, seen=gift.points or 0, at=at - timedelta(hours=2))
        except Conflict:
            continue  # used up, or another limit
        collecting.collect(session, stage.persona("merchant"), Shown(code=one.code or ""), at=at)
        return


def _settle(session: Session, world: World, stage: Stage, branch: Site) -> None:
    """One waits for the shop, one is disputed, one has its first approval, one is paid."""
    director, admin, till = stage.persona("director"), stage.persona("admin"), stage.persona("merchant")
    month = month_before(local_date(_settled(world), zone_of(session)))
    early = world.at - timedelta(days=75)
    worth = preparing.propose_worth(session, director, branch.id, 10, 100, local_date(early, zone_of(session)), at=early)
    preparing.decide_worth(session, admin, worth.id, True, at=early + timedelta(hours=3))
    at = _settled(world)
    for number, merchant in enumerate(_shops(session)):
        made = preparing.prepare_by_itself(session, merchant.id, month, at=at)
        if made is None or number == 0:
            continue
        with _at_the_till(session, world, merchant):
            if number == 1:
                deciding.dispute(session, till, made.id, [made.lines[0].id], "这一件当天没有货，没有给出去", at=at + SHORTLY)
            else:
                deciding.accept(session, till, made.id, made.digest, at=at + SHORTLY)
        if number == 1:
            continue
        deciding.approve(session, director, made.id, made.digest, at=at + 2 * SHORTLY)
        if number == 3:
            deciding.approve(session, admin, made.id, made.digest, at=at + 3 * SHORTLY)
            paid_on = local_date(at, zone_of(session))
            deciding.pay(session, director, made.id, paid_on, "演示-0001", at=at + 4 * SHORTLY)


@contextmanager
def _at_the_till(session: Session, world: World, merchant: Merchant) -> Iterator[None]:
    """The persona stood at every till then, and stands at one now."""
    mine = (MerchantStaff.merchant_id == merchant.id, MerchantStaff.person_id == world.people["merchant"])
    served = session.scalars(select(MerchantStaff).where(*mine)).first()
    ended = served.ended_at if served else None
    if served:
        served.ended_at = None
    session.flush()  # the till asks who stands at it
    yield
    if served:
        served.ended_at = ended
    session.flush()  # they have left again


def _shops(session: Session) -> list[Merchant]:
    return list(
        session.scalars(select(Merchant).where(Merchant.status == MerchantStatus.APPROVED).order_by(Merchant.id).limit(4))
    )


def _with_points(session: Session, world: World) -> list[int]:
    """Return some volunteers with points, none of them a persona."""
    found = select(Account.owner).where(
        Account.unit == Unit.POINTS, Account.owner.startswith("person:"), Account.balance >= ENOUGH
    )
    numbers = [person_of(owner) for owner in session.scalars(found.order_by(Account.balance.desc(), Account.id).limit(120))]
    return [number for number in numbers if number is not None and number not in set(world.people.values())]
