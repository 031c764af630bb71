"""Four shops that give something for points, one that would like to, and gifts in every state of their way."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor
from volunteer.kernel.errors import Conflict
from volunteer.ledger.models import Account, Unit
from volunteer.ledger.rules import person_of
from volunteer.rewards.merchants import applying, collecting, offering, refunding, reserving
from volunteer.rewards.merchants.applying import HoursDraft, MerchantDraft
from volunteer.rewards.merchants.collecting import Shown
from volunteer.rewards.merchants.models import Gift, Merchant, MerchantStaff, Redemption
from volunteer.rewards.merchants.offering import GiftDraft
from volunteer.rewards.merchants.refunding import RefundDraft
from volunteer.simulation import personas
from volunteer.simulation.goods import picture
from volunteer.simulation.people import full_name
from volunteer.simulation.settling import World
from volunteer.simulation.stage import Stage

Line = tuple[str, str, str, int, int, int, str]  # picture, name, English, points, stock, a month for one person, a sentence
SHOPS: tuple[tuple[str, str, str, tuple[Line, ...]], ...] = (
    ("便民超市·演示", "Corner Shop (demo)", "鲈乡路12号", (
        ("eggs", "鸡蛋一盒（10枚）", "Ten eggs", 40, 18, 2, "散养鸡蛋，当天到货。"),
        ("sack", "大米一袋（5斤）", "Rice, 2.5 kg", 90, 12, 1, "本地新米。"),
        ("bottle", "菜籽油一瓶", "A bottle of rapeseed oil", 120, 6, 1, "1.8 升。"),
        ("soap", "毛巾香皂套装", "Towel and soap", 35, 25, 0, ""),
    )),
    ("老街面馆·演示", "Old Street Noodles (demo)", "老街3号", (
        ("bowl", "牛肉面一碗", "A bowl of beef noodles", 60, 30, 2, "凭码堂食。"),
        ("cake", "手工糕点一份", "Home-made cake", 30, 3, 2, "每天下午出炉。"),
    )),
    ("惠民理发·演示", "Neighbourhood Barber (demo)", "鲈乡二村5号", (
        ("scissors", "理发一次", "A haircut", 50, 20, 1, "老人可以预约上门。"),
        ("umbrella", "晴雨伞一把", "An umbrella", 80, 8, 1, ""),
    )),
    ("文明实践书店·演示", "Practice Bookshop (demo)", "中山路20号", (
        ("notebook", "笔记本和铅笔", "Notebook and pencil", 20, 40, 3, ""),
        ("flask", "保温杯一个", "A thermos flask", 150, 5, 1, "印有志愿服务标志。"),
        ("lamp", "节能灯泡两只", "Two lamps", 25, 0, 2, "这个月的已经换完了。"),
        ("greens", "时令蔬菜一份", "Vegetables of the season", 25, 15, 0, "周三、周六到货。"),
    )),
)  # fmt: skip
WAITS = MerchantDraft(
    name="阳光水果店·演示", address="人民路8号", words="想提供时令水果。", contact="何试", phone="13800009120", site_id=0
)
UNPRICED = GiftDraft(name="水果拼盘", name_en="Fruit plate", words="当季水果。", asked=45, stock=10)
TAKEN_BACK = (RefundDraft("bad", "拿到时就是破损的"), RefundDraft("wrong", "给错了规格", restock=True))
FORGOTTEN = timedelta(hours=80)  # longer than a gift is kept
ENOUGH = 40  # points of those who fetch something; whoever has many is left for the others of the county


def keep_shop(session: Session, world: World) -> None:
    """Let shops come in, put gifts up, and people fetch them."""
    rng = random.Random(f"shops {world.seed}")  # noqa: S311 - invented people
    stage = Stage(session, world)
    admin, branch = stage.persona("admin"), world.sites[personas.HOME_BRANCH]
    since = world.at - timedelta(days=120)
    shops: list[tuple[Merchant, Actor, list[Gift]]] = []
    for number, (name, name_en, address, lines) in enumerate(SHOPS):
        draft = MerchantDraft(name=name, name_en=name_en, address=address, contact=full_name(rng),
                              phone=f"1380000911{number}", site_id=branch.id)  # fmt: skip
        merchant = applying.apply(session, draft, at=since)
        applying.approve(session, admin, merchant.id, branch.id, at=since + timedelta(days=2))
        merchant.latitude += rng.uniform(-0.006, 0.006)
        merchant.longitude += rng.uniform(-0.006, 0.006)
        session.add(MerchantStaff(merchant_id=merchant.id, person_id=world.people["merchant"], since=since))
        session.flush()  # the till asks who stands at it
        till = stage.persona("merchant")
        gifts = list(_put_up(session, admin, till, merchant, lines, since + timedelta(days=3)))
        applying.set_hours(session, till, merchant.id, HoursDraft(opens=450, closes=1230 + 15 * number), at=since)
        shops.append((merchant, till, gifts))
    _only_first(session, world, shops, rng)
    offering.propose(session, shops[0][1], shops[0][0].id, UNPRICED, at=world.at - timedelta(hours=20))
    applying.apply(session, MerchantDraft(**(WAITS.__dict__ | {"site_id": branch.id})), at=world.at - timedelta(hours=5))
    _fetch(session, world, stage, shops)


def _put_up(
    session: Session, admin: Actor, till: Actor, merchant: Merchant, lines: tuple[Line, ...], at: datetime
) -> Iterator[Gift]:
    for number, (what, name, name_en, points, stock, per_person, words) in enumerate(lines):
        photo = picture(session, what, number + merchant.id, at=at)
        draft = GiftDraft(name=name, name_en=name_en, words=words, asked=points, stock=stock + 3, per_person=per_person,
                          per_month=200 if per_person else 0, photo_id=photo.id if photo else None)  # fmt: skip
        gift = offering.propose(session, till, merchant.id, draft, at=at)
        offering.price(session, admin, gift.id, points, at=at + timedelta(days=1))
        offering.restock(session, till, gift.id, stock, seen=stock + 3, reason="盘点后更正", at=at + timedelta(days=2))
        yield gift


def _only_first(session: Session, world: World, shops: list[tuple[Merchant, Actor, list[Gift]]], rng: random.Random) -> None:
    """The persona stands at one till; the other shops have people of their own, who have not come yet."""
    admin = Stage(session, world).persona("admin")
    for merchant, _till, _gifts in shops[1:]:
        for one in list(merchant.staff):
            one.ended_at = world.at - timedelta(days=90)
        applying.invite(session, admin, merchant.id, full_name(rng), at=world.at - timedelta(days=3))


def _fetch(session: Session, world: World, stage: Stage, shops: list[tuple[Merchant, Actor, list[Gift]]]) -> None:
    """Some reserve, some fetch, one lets go, one forgets, and one brings something back."""
    _first, till, gifts = shops[0]
    people = [stage.actor(number) for number in _rich(session, world)]
    done: list[Redemption] = []
    for number, actor in enumerate(people):
        gift = gifts[(0, 3)[number % 2]]
        at = world.at - FORGOTTEN if number == 0 else world.at - timedelta(hours=9) + timedelta(minutes=20 * number)
        try:
            with session.begin_nested():
                done.append(reserving.reserve(session, actor, gift.id, seen=gift.points or 0, at=at))
        except Conflict:
            continue  # somebody with fewer points than it takes
    for number, one in enumerate(done[1:]):
        later = one.reserved_at + timedelta(hours=2)
        if number < 5:
            collecting.collect(session, till, Shown(code=one.code or ""), at=later)
        elif number == 5:
            reserving.let_go(session, stage.actor(one.person_id), one.id, at=later)
        elif number == 6:
            reserving.withdraw(session, till, one.id, "货架上的碰碎了", at=later)
    reserving.expire(session, world.at)
    for one, draft in zip(done[1:3], TAKEN_BACK, strict=False):
        wish = refunding.ask(session, till, one.id, draft, at=world.at - timedelta(hours=1))
        if draft.restock:
            refunding.say_yes(session, stage.persona("admin"), wish.id, at=world.at)
    mine = stage.persona("volunteer")
    for shop in (0, 1):
        gift = shops[shop][2][0]
        try:
            with session.begin_nested():
                reserving.reserve(session, mine, gift.id, seen=gift.points or 0, at=world.at - timedelta(hours=4))
        except Conflict:
            break  # not enough points


def _rich(session: Session, world: World) -> list[int]:
    """Return some volunteers with points, none of them a persona."""
    theirs = (Account.unit == Unit.POINTS, Account.owner.startswith("person:"), Account.balance >= ENOUGH)
    found = select(Account.owner).where(*theirs)
    numbers = [person_of(owner) for owner in session.scalars(found.order_by(Account.balance, Account.id).limit(20))]
    return [number for number in numbers if number is not None and number not in set(world.people.values())][:9]
