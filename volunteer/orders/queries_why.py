"""What a page that explains an offer reads: the offer as it was kept, names of the teams beside it, a leader's past offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.accounts.models import Person
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.db import under
from volunteer.kernel.errors import NotFound
from volunteer.orders.lifecycle import OfferState
from volunteer.orders.models import Offer, ServiceOrder
from volunteer.orders.rulebook.models_rules import DispatchRule
from volunteer.places.models import Site
from volunteer.teams.models import Team

PAGE = 20


def offer_seen(session: Session, actor: Actor, offer_id: int) -> Offer:
    """Return an offer of an order in this dispatcher's places. Raises NotFound for any other. One query."""
    scopes = actor.scopes(Permission.ORDER_DISPATCH)
    found = (
        select(Offer)
        .join(Offer.order)
        .where(Offer.id == offer_id, under(scopes, ServiceOrder.site_path, ServiceOrder.desk_path))
        .options(
            joinedload(Offer.team),
            joinedload(Offer.order).options(
                joinedload(ServiceOrder.item).joinedload(ServiceItem.skills),
                joinedload(ServiceOrder.site).defer(Site.area),
                joinedload(ServiceOrder.team),
            ),
        )
    )
    offer = session.scalars(found).unique().one_or_none()
    if offer is None:
        raise NotFound("offer")
    return offer


def others_asked(session: Session, offer: Offer) -> Sequence[Offer]:
    """Return the other offers of the same order, the latest first."""
    found = select(Offer).where(Offer.order_id == offer.order_id, Offer.id != offer.id).options(joinedload(Offer.team))
    return session.scalars(found.order_by(Offer.id.desc())).all()


def teams_of(session: Session, team_ids: Iterable[int]) -> dict[int, Team]:
    """Return teams by id, closed ones too: they were there then."""
    return {team.id: team for team in session.scalars(select(Team).where(Team.id.in_(list(team_ids))))}


def name_of(session: Session, person_id: int | None) -> str:
    """Return the name of the member of staff who sent an offer; nothing for the machine."""
    return (session.scalar(select(Person.name).where(Person.id == person_id)) or "") if person_id else ""


def past_offers(session: Session, actor: Actor, *, at: datetime, page: int) -> Sequence[Row[Any]]:
    """Return what the teams of this leader were asked and is over, the latest first: a page and one more."""
    over = or_(Offer.state != OfferState.OPEN, Offer.expires_at <= at)
    found = (
        select(
            Offer.id, Offer.made_at, Offer.state, Offer.rank, Offer.candidates, Offer.how, ServiceItem.name, ServiceItem.name_en
        )
        .join(ServiceOrder, ServiceOrder.id == Offer.order_id)
        .outerjoin(ServiceItem, ServiceItem.id == ServiceOrder.item_id)
        .where(Offer.team_id.in_(sorted(actor.leads)), over)
        .order_by(Offer.made_at.desc(), Offer.id.desc())
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
    )
    return session.execute(found).all()


def rule_of(session: Session, offer: Offer) -> DispatchRule | None:
    """Return the version of the rule by which the offer came about, None when a person or a plan made it."""
    kind, _, number = offer.policy_version.partition(":")
    return session.get(DispatchRule, int(number)) if kind == "rule" and number.isdigit() else None
