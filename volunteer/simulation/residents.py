"""What residents of the demo county keep: places, help that comes again, somebody cared for, what a helper must know."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.accounts import caring
from volunteer.accounts.caring import CareDraft
from volunteer.accounts.models import Person
from volunteer.accounts.models_caring import ConsentHow, Relation
from volunteer.orders.households import addresses, marking, standing
from volunteer.orders.households.addresses import PlaceDraft
from volunteer.orders.households.marking import MarkerDraft
from volunteer.orders.households.standing import RhythmDraft
from volunteer.orders.lifecycle import WITH_TEAM, Status
from volunteer.orders.models import ServiceOrder
from volunteer.simulation.settling import World
from volunteer.simulation.stage import Stage

NOTICE = "demo"
NOTES = (
    ("alone", "敲门请大声些，等一会儿再敲", "老人独自居住，走得慢"),
    ("hearing", "请面对面慢慢说", "听力不好，电话常听不见"),
    ("disabled", "进门有一级台阶，轮椅停在门后", "行动不便，需要上门"),
)


def live_on(session: Session, world: World) -> None:
    """Let the resident persona keep what a year of living here leaves, and mark some households."""
    at, me = world.at, world.people["resident"]
    actor = Stage(session, world).actor(me)
    asked = select(ServiceOrder).where(ServiceOrder.resident_id == me, ServiceOrder.item_id.is_not(None))
    mine = session.scalars(asked.order_by(ServiceOrder.id)).all()
    if not mine:
        return
    home = mine[0]
    addresses.keep_place(session, actor, PlaceDraft(label="家", address=home.door or "", site_id=home.site_id), at=at)
    addresses.keep_place(session, actor, PlaceDraft(label="妈妈家", address="2幢101室", site_id=home.site_id), at=at)
    draft = CareDraft(name="沈阿婆", notice=NOTICE, relation=Relation.CHILD, how=ConsentHow.SPOKEN, agreed=True)
    caring.begin(session, actor, session.get_one(Person, me), draft, at=at)
    begins = world.today + timedelta(days=9)
    rhythm = RhythmDraft(weekdays=frozenset({1, 4}), from_minute=8 * 60, to_minute=12 * 60, begins=begins)
    standing.start_standing(session, actor, home.id, rhythm, notice=NOTICE, at=at)
    _mark(session, world)


def _mark(session: Session, world: World) -> None:
    busy = select(ServiceOrder).where(ServiceOrder.status.in_(sorted(WITH_TEAM | {Status.VERIFIED}))).order_by(ServiceOrder.id)
    branches = {order.id: order for order in session.scalars(busy).all()}
    desks = {desk: Stage(session, world).actor(person_id) for desk, person_id in world.desks.items()}
    left = list(NOTES)
    for order in branches.values():
        keeper = next((one for one in desks.values() if one.can(Permission.MARKERS_KEEP, at=order.site_path)), None)
        if keeper is None or not left:
            continue
        kind, note, reason = left.pop(0)
        draft = MarkerDraft(
            kind=kind, note=note, reason=reason, consent="本人口头同意，站点登记", check_on=world.today + timedelta(days=180)
        )
        marking.set_marker(session, keeper, order.id, draft, at=world.at)
