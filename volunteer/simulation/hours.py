"""Hours in the demo county: some were written in afterwards, one is objected to, and a few look odd."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.attendance import checking
from volunteer.attendance.by_hand import asking, deciding
from volunteer.attendance.by_hand.asking import AskDraft
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.attendance.contests import contesting
from volunteer.attendance.models import Attendance, Method
from volunteer.catalogue.models import ServiceItem
from volunteer.certificates.tracing import received
from volunteer.kernel.clock import local_date, start_of_day
from volunteer.kernel.geo import geodesic_metres
from volunteer.ledger import book
from volunteer.ledger.models import Grade, Unit
from volunteer.ledger.rules import issued_by, person
from volunteer.orders import serving
from volunteer.orders.hours import gathering
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.places.policies import hours_at
from volunteer.simulation.settling import World
from volunteer.simulation.stage import Stage
from volunteer.teams.belonging import members_of
from volunteer.teams.models import Team

HOUR = timedelta(hours=1)
NIGHT = timedelta(hours=23, minutes=20)
FAR_METRES = 3_000
AT_NIGHT = 11  # entries that somebody let through in one night: an event without a phone, or something to look at


def write_in(session: Session, world: World) -> None:
    """Let people ask for hours, decide about them, object and be looked at. Draws no lots."""
    stage = Stage(session, world)
    mates = [one.volunteer_id for one in members_of(session, world.home_team, at=world.at)]
    mates = [one for one in mates if one not in world.people.values()]
    _asked(stage, mates)
    _at_night(stage, mates)
    _twice(stage)
    _objected(stage)
    session.flush()  # what is new is looked at as it stands
    while gathering.look_at_new(session, at=world.at):
        pass
    gathering.look_back(session, at=world.at)


def _ask(
    stage: Stage,
    who: Actor,
    volunteer_id: int,
    when: tuple[int, int, int],
    words: tuple[str, str],
    at: datetime,
    *,
    team: bool = True,
) -> HoursAsk:
    """Ask for some minutes, ``when``: so many days ago, at which hour, how many."""
    days, hour, minutes = when
    begins = start_of_day(stage.world.today - timedelta(days=days), stage.zone) + hour * HOUR
    ends, team_id = begins + timedelta(minutes=minutes), stage.world.home_team if team else None
    item = stage.session.scalars(select(ServiceItem.id).order_by(ServiceItem.id)).first()
    return asking.ask_by_hand(
        stage.session, who, AskDraft(volunteer_id, begins, ends, *words, item_id=item, team_id=team_id), at=at
    )


def _asked(stage: Stage, mates: list[int]) -> None:
    """In each state one: two wait, one is booked, one refused, one taken back."""
    session, at = stage.session, stage.world.at
    me, leader, clerk, admin = (stage.persona(key) for key in ("volunteer", "leader", "clerk", "admin"))
    mine = me.user_id or 0
    _ask(stage, me, mine, (3, 14, 50), ("陪邻居王爷爷去卫生院复查", "手机没电，没能签到"), at - 20 * HOUR)
    _ask(stage, leader, mates[0], (2, 9, 90), ("帮社区食堂送餐", "新队员还不会签到"), at - 4 * HOUR)
    booked = _ask(stage, clerk, mine, (9, 9, 60), ("站里便民服务日值台", "当天停电，没有二维码"), at - 7 * 24 * HOUR, team=False)
    deciding.credit_by_hand(session, admin, booked.id, at=at - 6 * 24 * HOUR)
    refused = _ask(stage, leader, mates[1], (12, 20, 180), ("晚上巡逻", "忘了"), at - 10 * 24 * HOUR)
    deciding.refuse_by_hand(session, admin, refused.id, "当晚没有安排巡逻，请核对日期", at=at - 9 * 24 * HOUR)
    gone = _ask(stage, me, mine, (5, 15, 30), ("教老人用手机", "漏签"), at - 4 * 24 * HOUR)
    asking.withdraw_ask(session, me, gone.id, at=at - 3 * 24 * HOUR)


def _at_night(stage: Stage, mates: list[int]) -> None:
    """Events without phones: asked for by the leader, let through by the director in one late evening."""
    world, leader, director = stage.world, stage.persona("leader"), stage.persona("director")
    night = start_of_day(world.today - timedelta(days=2), stage.zone) + NIGHT
    words = ("清洁家园集中行动", "现场没有信号")
    for number in range(AT_NIGHT):
        round_, place = divmod(number, len(mates) - 1)
        ask = _ask(stage, leader, mates[1 + place], (6 + round_, 8, 40), words, night - 10 * HOUR)
        deciding.credit_by_hand(stage.session, director, ask.id, at=night + timedelta(minutes=2 * number))


def _twice(stage: Stage) -> None:
    """Somebody's name stood on the roll-call of one visit while they were on another, kilometres away."""
    session = stage.session
    ours = select(Team.id).where(Team.site_path.startswith(stage.persona("admin").scopes(Permission.HOURS_REVIEW)[0]))
    ended = (ServiceOrder.team_id.in_(ours), ServiceOrder.status == Status.CLOSED, ServiceOrder.recorded_at.is_not(None))
    orders = list(session.scalars(select(ServiceOrder).where(*ended).order_by(ServiceOrder.id)))
    pairs = ((one, two) for one in orders for two in orders if one is not two and one.served_at and two.served_at)
    for one, two in sorted(pairs, key=lambda pair: abs(pair[0].served_at - pair[1].served_at)):  # type: ignore[operator]
        far = geodesic_metres((one.latitude, one.longitude), (two.latitude, two.longitude)) > FAR_METRES
        there = serving.came(session, two)
        goer = next(
            (row for row in serving.came(session, one) if row.volunteer_id not in {mate.volunteer_id for mate in there}), None
        )
        if not far or goer is None or not there or goer.left_at is None:
            continue
        came_at = goer.left_at + HOUR / 60
        row = Attendance(
            about=serving.round_of(two), volunteer_id=goer.volunteer_id, came_at=came_at, came_by=Method.ROLL_CALL,
            left_at=came_at + HOUR, left_by=Method.ROLL_CALL, grade=Grade.C,
        )  # fmt: skip
        session.add(row)
        session.flush()  # counting asks the database
        _book(stage, two, row)
        return


def _book(stage: Stage, order: ServiceOrder, row: Attendance) -> None:
    team = stage.session.get_one(Team, order.team_id)
    terms = hours_at(stage.session, team.site_path, row.came_at)
    if minutes := checking.count_minutes(stage.session, row, terms):
        book.move(
            stage.session, Unit.MINUTES, minutes, source=issued_by(team.site_id, Unit.MINUTES), target=person(row.volunteer_id),
            reason=serving.SERVICE, key=checking.key_of(row.about, row.volunteer_id), at=stage.world.at - HOUR,
            about=f"order:{order.id}", day=local_date(row.came_at, stage.zone), grade=row.grade,
            policy_version=f"hours:{terms.version}",
        )  # fmt: skip


def _objected(stage: Stage) -> None:
    """The volunteer says that an entry by roll-call was longer."""
    session, me = stage.session, stage.persona("volunteer")
    entries = received(session, me.user_id or 0)
    one = next((entry for entry in entries if entry.grade is Grade.C), entries[-1])
    contesting.contest(session, me, one.id, "那天一直帮到十一点半，少记了半个小时。", at=stage.world.at - 5 * HOUR)
