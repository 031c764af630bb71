"""Orders that took another way in the demo county: one in parts, one that two households wait for, one handed to a neighbour."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import NOBODY, SYSTEM, Role
from volunteer.accounts.granting import grant_role
from volunteer.accounts.registering import PersonDraft, register_person
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.geo import Point
from volunteer.orders import accepting, dispatching
from volunteer.orders.candidates import candidates_for
from volunteer.orders.counties import neighbours
from volunteer.orders.counties.neighbours import NeighbourDraft
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.parts import duplicates
from volunteer.orders.parts.joining import join_order
from volunteer.orders.parts.parting import split_order
from volunteer.orders.parts.parting_rules import PartDraft
from volunteer.orders.placing import OrderDraft, where_and_what
from volunteer.orders.rulebook.models_rules import Handling
from volunteer.places.founding import SiteDraft, found_site
from volunteer.simulation.settling import World
from volunteer.simulation.stage import Stage, Stuck

MINUTE = timedelta(minutes=1)
ELSEWHERE = SiteDraft(
    code="DEMO-NEIGHBOUR",
    name="邻县新时代文明实践中心（虚构）",
    name_en="Neighbour county (fiction)",
    point=Point(31.62, 121.18),
    phone="0512-00000020",
    head="虚构",
)
NOTICE = "demo"
STEP = 0.0003  # degrees: some thirty metres


def take_other_ways(session: Session, world: World) -> None:
    """Split one order, let a household join another, hand a third to a county that does not exist. Draws no lots."""
    stage = Stage(session, world)
    waiting = _waiting(stage)
    _in_parts(stage, waiting)
    _joined(stage)
    _handed_over(stage, waiting)


def _waiting(stage: Stage) -> list[ServiceOrder]:
    """Verified orders that nobody has looked at for an hour and no rule has in hand, the newest first."""
    handled = select(Handling.order_id)
    found = select(ServiceOrder).where(
        ServiceOrder.status == Status.VERIFIED,
        ServiceOrder.item_id.is_not(None),
        ServiceOrder.reason == "",
        ServiceOrder.handed_back_at.is_(None),
        ServiceOrder.id.not_in(handled),
    )
    quiet = stage.world.at - 60 * MINUTE
    orders = stage.session.scalars(found.order_by(ServiceOrder.id.desc())).all()
    return [order for order in orders if order.events[-1].at < quiet and not order.offers]


def _in_parts(stage: Stage, waiting: list[ServiceOrder]) -> None:
    """Two parts: a team has said yes to the first, the second still waits."""
    session, boss, at = stage.session, stage.persona("dispatcher"), stage.world.at
    carry = session.get_one(ServiceItem, stage.world.items["moving"])
    for order in waiting:
        if order.item_id == carry.id:
            continue
        drafts = [PartDraft(order.item_id), PartDraft(carry.id, "有大件要先挪开，做完再搬回原处")]
        found = candidates_for(session, boss, order, at=at)
        team = next((one.card.id for one in found.shown if one.card.id in stage.world.leaders), None)
        if team is None:
            continue
        split_order(session, boss, order.id, drafts, at=at - 45 * MINUTE)
        (offer,) = dispatching.offer_to(session, boss, order.parts[0].id, [team], at=at - 44 * MINUTE)
        accepting.accept_offer(session, stage.leader(team), offer.id, at=at - 30 * MINUTE)
        waiting.remove(order)
        return
    raise Stuck("no order could be split")


def _joined(stage: Stage) -> None:
    """A household two doors on wanted the same, and joined instead of ordering."""
    session, at = stage.session, stage.world.at - 25 * MINUTE
    found = select(ServiceOrder).where(ServiceOrder.status == Status.PLACED, ServiceOrder.item_id.is_not(None))
    draft = OrderDraft(name="周阿婆", phone="13800000077", notice=NOTICE, address="隔壁单元")
    for order in session.scalars(found.order_by(ServiceOrder.id.desc())).all():
        if order.item is None or order.placed_at > at:
            continue
        there = Point(order.latitude + STEP, order.longitude)
        answers = {answer["code"]: answer["value"] for answer in order.answers}
        asked = replace(draft, item=order.item.code, site_id=order.site_id, point=there, answers=answers)
        wrong: dict[str, list[str]] = {}
        located, _ = where_and_what(session, asked, wrong)
        if wrong or located is None or order not in duplicates.alike(session, NOBODY, asked, located, at=at):
            continue
        join_order(session, NOBODY, order.number, asked, at=at)
        return
    raise Stuck("no order could be joined")


def _handed_over(stage: Stage, waiting: list[ServiceOrder]) -> None:
    """The county beside this one is made up, and says so in its name; it has taken an order and looks for a team."""
    session, world, boss = stage.session, stage.world, stage.persona("dispatcher")
    at = world.at
    there = found_site(session, SYSTEM, ELSEWHERE, at=at - timedelta(days=40))
    grant_role(session, SYSTEM, world.people["it"], Role.COUNTY_IT, there, at=at - timedelta(days=40))  # one machine for both
    draft = PersonDraft(name="许邻", phone="13800000078")
    other = register_person(session, SYSTEM, draft, at=at - timedelta(days=40), role=Role.DISPATCHER, site=there)
    agreement = NeighbourDraft(
        neighbour_id=there.id,
        contact="邻县派单台",
        phone="0512-00000020",
        agreement="两县互助：本县没有合适的队伍时，经居民同意，由邻县就近派队。",
        since=world.today - timedelta(days=30),
    )
    neighbours.add_neighbour(session, stage.persona("it"), world.centre, agreement, at=at - timedelta(days=30))
    for order in waiting:
        if order.part_of_id is None:
            going = neighbours.propose(session, boss, order.id, there.id, "这几天本县的队伍都排满了", at=at - 40 * MINUTE)
            neighbours.say(session, boss, order.id, True, at=at - 35 * MINUTE, heard=True)
            neighbours.answer(session, stage.actor(other.id), going.id, True, at=at - 20 * MINUTE)
            return
    raise Stuck("no order could be handed over")
