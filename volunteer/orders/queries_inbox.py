"""What a team's leader finds in the inbox: new offers, today, later, and records that are still to be written. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import BindParameter, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from volunteer.access import Actor, Permission
from volunteer.accounts.models import Person
from volunteer.attendance.models import Attendance
from volunteer.attendance.working_days import working_days_left
from volunteer.catalogue.models import ServiceItem
from volunteer.feedback.models import TeamAsk
from volunteer.feedback.queries import asks_open
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.errors import NotFound
from volunteer.orders import reach
from volunteer.orders.lifecycle import WITH_TEAM, OfferState, Status
from volunteer.orders.models import Offer, OrderPhoto, PhotoKind, ServiceOrder, Visitor
from volunteer.orders.visits.lifecycle import VisitorState
from volunteer.places.models import Holiday, Site
from volunteer.places.policies import clocks_at
from volunteer.teams.models import Team, Volunteer

LONGEST_BACK = timedelta(days=60)  # holidays that a late record may have to be counted over

# The statements of the inbox, put together once: a leader's phone asks every ten seconds.
MINE: BindParameter[int] = bindparam("teams", expanding=True)
TEAMS = (
    select(
        Team,
        Holiday.day,
        Holiday.works,
        exists().where(TeamAsk.team_id == Team.id, TeamAsk.answered_at.is_(None)),  # whether anybody waits for its side
    )
    .outerjoin(
        Holiday,
        and_(
            Holiday.site_id.in_(bindparam("counties", expanding=True)),
            Holiday.day > bindparam("since"),
            Holiday.day <= bindparam("today"),
        ),
    )
    .where(Team.id.in_(MINE))
    .order_by(Team.id)
)
OFFER = (
    select(Offer)
    .join(Offer.order)
    .outerjoin(ServiceOrder.item)
    .options(
        contains_eager(Offer.order).options(
            contains_eager(ServiceOrder.item).joinedload(ServiceItem.skills),
            joinedload(ServiceOrder.site).defer(Site.area),
        )
    )
)
OFFERS = OFFER.where(Offer.team_id.in_(MINE), Offer.state == OfferState.OPEN, Offer.expires_at > bindparam("at")).order_by(
    Offer.expires_at, Offer.id
)
UNWRITTEN = and_(
    ServiceOrder.status.in_((Status.SERVED, Status.CLOSED)),
    or_(ServiceOrder.recorded_at.is_(None), ServiceOrder.recorded_at < ServiceOrder.served_at),
)
IN_HAND = (
    select(ServiceOrder)
    .options(joinedload(ServiceOrder.item).joinedload(ServiceItem.skills), joinedload(ServiceOrder.site).defer(Site.area))
    .where(ServiceOrder.team_id.in_(MINE), or_(ServiceOrder.status.in_(sorted(WITH_TEAM)), UNWRITTEN))
    .order_by(ServiceOrder.id)
    .limit(1_000)
)
CREWS = (
    select(Visitor.order_id, Person.name, Attendance.came_at, Attendance.left_at)
    .join(Person, Person.id == Visitor.volunteer_id)
    .join(ServiceOrder, ServiceOrder.id == Visitor.order_id)
    .outerjoin(
        Attendance,
        and_(
            Attendance.volunteer_id == Visitor.volunteer_id,
            Attendance.about.like("order:%"),
            Attendance.left_at == ServiceOrder.served_at,
        ),
    )
    .where(Visitor.order_id.in_(bindparam("orders", expanding=True)), Visitor.state == VisitorState.GOING)
    .order_by(Visitor.order_id, Visitor.volunteer_id)
)

VISIT = select(ServiceOrder.id, ServiceOrder.team_id).where(ServiceOrder.number == bindparam("number"))


@dataclass(frozen=True, slots=True)
class Card:
    """An order that a team has in hand, with who goes; for a record also who came, for how long, and what is left."""

    order: ServiceOrder
    names: tuple[str, ...] = ()
    came: int = 0
    minutes: int = 0
    days_left: int = 0


@dataclass(frozen=True, slots=True)
class Inbox:
    """Everything that waits for a leader, in the order in which it needs attention."""

    teams: Sequence[Team]
    offers: Sequence[Offer]
    today: list[Card] = field(default_factory=list)
    later: list[Card] = field(default_factory=list)
    to_record: list[Card] = field(default_factory=list)
    asks: Sequence[TeamAsk] = ()  # about cases, still without the team's side

    @property
    def is_empty(self) -> bool:
        """Nothing to do at all."""
        return not (self.offers or self.today or self.later or self.to_record or self.asks)

    def tag(self) -> tuple[object, ...]:
        """What changes when anything on the page changes, but for the passing of time."""
        offers = tuple((offer.id, offer.version) for offer in self.offers)
        cards = tuple((card.order.id, card.order.version, card.names) for card in (*self.today, *self.later, *self.to_record))
        return offers, cards, tuple(ask.id for ask in self.asks)


def inbox_of(session: Session, actor: Actor, *, at: datetime) -> Inbox:
    """Return the inbox of all teams that this actor leads. Five queries, and one for each place whose team has records due."""
    teams, calendar, asked = _teams(session, actor, at)
    if not teams:
        return Inbox([], [])
    ids = [team.id for team in teams]
    offers = session.scalars(OFFERS, {"teams": ids, "at": at}).unique().all()
    orders = session.scalars(IN_HAND, {"teams": ids}).unique().all()
    crews = _crews(session, orders)
    inbox = Inbox(teams, offers, asks=asks_open(session, actor) if asked else ())
    zone = zone_of(session)
    today = local_date(at, zone)
    homes = {team.id: team.site_path for team in teams}
    due = {homes[order.team_id] for order in orders if order.team_id is not None and order.status not in WITH_TEAM}
    days = {path: clocks_at(session, path, at).record_days for path in due}
    for order in orders:
        names, came, minutes = crews.get(order.id, ((), 0, 0))
        if order.status not in WITH_TEAM:
            served = local_date(order.served_at or at, zone)
            left = working_days_left(served, today, calendar, days[homes[order.team_id or 0]])
            inbox.to_record.append(Card(order, names, came, minutes, left))
            continue
        starts = order.visit_begins or order.window_begins
        soon = order.status is not Status.ACCEPTED or starts is None or local_date(starts, zone) <= today
        (inbox.today if soon else inbox.later).append(Card(order, names))
    inbox.today.sort(key=_by_time)
    inbox.later.sort(key=_by_time)
    inbox.to_record.sort(key=lambda card: (card.days_left, card.order.served_at or at))
    return inbox


def open_offer(session: Session, actor: Actor, offer_id: int, *, at: datetime) -> Offer:
    """Return an offer to a team of this actor with what its card shows. Raises NotFound for anybody else's."""
    found = OFFER.options(joinedload(Offer.team)).where(Offer.id == offer_id)
    offer = session.scalars(found).unique().one_or_none()
    if offer is None or offer.team_id not in actor.leads:
        raise NotFound("offer")
    reach.must(actor, Permission.OFFER_ANSWER, offer.order)
    return offer


def visit_of(session: Session, actor: Actor, number: str) -> ServiceOrder:
    """Return the order with that number when a team of this actor has it. Raises NotFound otherwise."""
    order = (
        session.scalars(
            select(ServiceOrder)
            .options(
                joinedload(ServiceOrder.item).joinedload(ServiceItem.skills),
                joinedload(ServiceOrder.site),
                joinedload(ServiceOrder.team),
                joinedload(ServiceOrder.resident),
                joinedload(ServiceOrder.crew).joinedload(Visitor.volunteer).joinedload(Volunteer.person),
            )
            .where(ServiceOrder.number == number)
        )
        .unique()
        .one_or_none()
    )
    if order is None or order.team_id is None or order.team_id not in actor.leads:
        raise NotFound("visit")
    reach.must(actor, Permission.VISIT_LEAD, order)
    return order


def visit_id_of(session: Session, actor: Actor, number: str) -> int:
    """Return the id of the order with that number when a team of this actor has it: the verb locks and reads it.

    Raises NotFound otherwise.
    """
    found = session.execute(VISIT, {"number": number}).one_or_none()
    if found is None or found.team_id is None or found.team_id not in actor.leads:
        raise NotFound("visit")
    return int(found.id)


def photo_of_visit(session: Session, actor: Actor, number: str, token: str) -> OrderPhoto:
    """Return a photo of a visit: the team's own, and the resident's while the team has the order in hand."""
    order = visit_of(session, actor, number)
    for photo in order.seen_photos:
        if photo.photo.token == token and (photo.kind is not PhotoKind.ASKED or order.status in WITH_TEAM):
            return photo
    raise NotFound("photo")


def _teams(session: Session, actor: Actor, at: datetime) -> tuple[list[Team], dict[date, bool], bool]:
    """The teams, the differing days of their county's calendar, and whether a team is asked for its side, in one query."""
    counties = [int(path.strip("/").split("/")[0]) for path in actor.scopes(Permission.OFFER_ANSWER) if path != "/"]
    today = local_date(at, zone_of(session))
    given = {"teams": list(actor.leads), "counties": counties, "today": today, "since": today - LONGEST_BACK}
    rows = session.execute(TEAMS, given)
    teams: dict[int, Team] = {}
    calendar: dict[date, bool] = {}
    asked = False
    for team, day, works, waits in rows:
        teams[team.id] = team
        asked = asked or waits
        if day is not None:
            calendar[day] = works
    return list(teams.values()), calendar, asked


def _crews(session: Session, orders: Sequence[ServiceOrder]) -> dict[int, tuple[tuple[str, ...], int, int]]:
    """By order: who goes, how many of them came, and for how many minutes the longest of them stayed."""
    names: dict[int, list[str]] = {}
    stays: dict[int, list[int]] = {}
    rows = session.execute(CREWS, {"orders": [order.id for order in orders]})
    for order_id, name, came_at, left_at in rows:
        names.setdefault(order_id, []).append(name)
        if came_at is not None and left_at is not None:
            stays.setdefault(order_id, []).append(int((left_at - came_at).total_seconds() // 60))
    return {
        order_id: (tuple(called), len(stays.get(order_id, ())), max(stays.get(order_id, (0,))))
        for order_id, called in names.items()
    }


def _by_time(card: Card) -> tuple[bool, datetime, int]:
    starts = card.order.visit_begins or card.order.window_begins or card.order.accepted_at or card.order.placed_at
    return card.order.visit_begins is not None, starts, card.order.id
