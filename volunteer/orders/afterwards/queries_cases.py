"""What the pages of cases read beside the cases: words of ratings that wait for a decision, teams to ask, the order behind."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.feedback.models import Case
from volunteer.kernel.db import under
from volunteer.kernel.errors import NotFound
from volunteer.kernel.paging import Page, cut
from volunteer.orders.afterwards.lifecycle import WordsState
from volunteer.orders.models import ServiceOrder
from volunteer.orders.models_rating import Rating
from volunteer.places.models import Site
from volunteer.teams.models import Team

PAGE = 20
MOST_TEAMS = 300
WAITING = (WordsState.HELD, WordsState.UNREAD)


def held_words(session: Session, actor: Actor, *, after: int = 0) -> Page[Rating]:
    """Return a page of the ratings whose words wait for a decision at this actor's places, the oldest first."""
    orders = joinedload(Rating.order)
    found = (
        select(Rating)
        .join(Rating.order)
        .where(*_waits(actor))
        .options(
            orders.joinedload(ServiceOrder.site).defer(Site.area), orders.joinedload(ServiceOrder.item), joinedload(Rating.hold)
        )
        .order_by(Rating.at, Rating.id)
    )
    rows = session.scalars(found.offset(after).limit(PAGE + 1)).unique().all()
    return cut(rows, PAGE, [after + number + 1 for number in range(len(rows))])


def held_count(session: Session, actor: Actor) -> int:
    """Return how many ratings' words wait for a decision."""
    found = select(func.count()).select_from(Rating).join(ServiceOrder, ServiceOrder.id == Rating.order_id)
    return session.scalar(found.where(*_waits(actor))) or 0


def rating_of(session: Session, actor: Actor, number: str) -> Rating:
    """Return the rating with words of the order with that number, where this actor handles cases. Raises NotFound."""
    found = select(Rating).join(Rating.order).where(ServiceOrder.number == number[:16], Rating.words_sealed.is_not(None))
    rating = session.scalars(found.options(joinedload(Rating.order), joinedload(Rating.hold))).one_or_none()
    if rating is None or not actor.can(Permission.CASES_HANDLE, at=rating.order.site_path):
        raise NotFound("rating")
    return rating


def order_behind(session: Session, case: Case) -> ServiceOrder | None:
    """Return the order that a case is about, if it is about one."""
    number = case.about.removeprefix("order:")
    return session.get(ServiceOrder, int(number)) if number != case.about and number.isdigit() else None


def has_cases(session: Session, actor: Actor, order: ServiceOrder) -> bool:
    """Return whether something was said about an order that this actor may read."""
    if not actor.can(Permission.CASES_HANDLE, at=order.site_path):
        return False
    return bool(session.scalar(select(exists().where(Case.about == f"order:{order.id}"))))


def teams_to_ask(session: Session, case: Case) -> Sequence[Team]:
    """Return the open teams under the desk of a case that names none."""
    found = select(Team).where(under([case.desk_path], Team.site_path), Team.closed_at.is_(None))
    return session.scalars(found.order_by(Team.code).limit(MOST_TEAMS)).all()


def _waits(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    places = under(actor.scopes(Permission.CASES_HANDLE), ServiceOrder.site_path)
    return places, Rating.words_state.in_(WAITING), Rating.words_sealed.is_not(None)
