"""How a team is doing, for its own eyes and its site's: few numbers prove little, and the page says so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from volunteer.kernel.clock import local_date, zone_of
from volunteer.orders.lifecycle import OfferState, Status
from volunteer.orders.models import Offer, ServiceOrder, Visitor
from volunteer.orders.visits.lifecycle import VisitorState
from volunteer.teams.belonging import present
from volunteer.teams.models import Membership, VolunteerSkill

DONE = (Status.SERVED, Status.CLOSED)
SPAN = timedelta(days=90)
FEW = 5  # answers below which a share or a median says nothing
EXPIRING = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Health:
    """The last 90 days of one team. ``answer_minutes``: median; ``silent``: offers nobody answered in time."""

    members: int = 0
    active: int = 0  # members who were on a visit
    offers: int = 0
    accepted: int = 0
    declined: int = 0
    silent: int = 0
    answer_minutes: int | None = None
    minutes: int = 0  # of visits that were done
    expiring: int = 0  # licences of members that end within 30 days

    @property
    def few(self) -> bool:
        """Whether too little happened to say anything about shares."""
        return self.offers < FEW

    @property
    def declined_share(self) -> float:
        """Which share of what was asked was declined."""
        return self.declined / self.offers if self.offers else 0.0

    @property
    def silent_share(self) -> float:
        """Which share of what was asked got no answer."""
        return self.silent / self.offers if self.offers else 0.0


def health_of(session: Session, team_ids: Collection[int], *, at: datetime) -> Mapping[int, Health]:
    """Return the health of every team asked for. Four queries, however many teams."""
    ids, since = list(team_ids), at - SPAN
    if not ids:
        return {}
    of_teams = (Membership.team_id.in_(ids), present(at))
    members: dict[int, int] = dict(
        session.execute(select(Membership.team_id, func.count()).where(*of_teams).group_by(Membership.team_id)).tuples().all()
    )
    asked: dict[int, list[tuple[OfferState, float]]] = {}
    rows = select(Offer.team_id, Offer.state, Offer.made_at, Offer.answered_at).where(
        Offer.team_id.in_(ids), Offer.made_at >= since
    )
    for team_id, state, made, closed in session.execute(rows):
        asked.setdefault(team_id, []).append((state, (closed - made).total_seconds() / 60 if closed else 0.0))
    done = (
        select(ServiceOrder.team_id, Visitor.volunteer_id, ServiceOrder.visit_begins, ServiceOrder.visit_ends)
        .join(Visitor, Visitor.order_id == ServiceOrder.id)
        .where(Visitor.state == VisitorState.GOING, ServiceOrder.status.in_(DONE))
        .where(ServiceOrder.team_id.in_(ids), ServiceOrder.visit_begins >= since, ServiceOrder.visit_begins <= at)
    )
    went: dict[int, set[int]] = {}
    minutes: dict[int, float] = {}
    for team_id, volunteer_id, begins, ends in session.execute(done):
        went.setdefault(team_id, set()).add(volunteer_id)
        minutes[team_id] = minutes.get(team_id, 0.0) + ((ends - begins).total_seconds() / 60 if ends else 0.0)
    today = local_date(at, zone_of(session))
    ending = (
        select(Membership.team_id, func.count())
        .join(VolunteerSkill, VolunteerSkill.volunteer_id == Membership.volunteer_id)
        .where(*of_teams, VolunteerSkill.licence_until.between(today, today + EXPIRING))
        .group_by(Membership.team_id)
    )
    expiring: dict[int, int] = dict(session.execute(ending).tuples().all())
    return {
        team_id: _health(
            members.get(team_id, 0),
            len(went.get(team_id, ())),
            asked.get(team_id, []),
            round(minutes.get(team_id, 0)),
            expiring.get(team_id, 0),
        )
        for team_id in ids
    }


def _health(members: int, active: int, asked: list[tuple[OfferState, float]], minutes: int, expiring: int) -> Health:
    counted = [(state, took) for state, took in asked if state in {OfferState.ACCEPTED, OfferState.DECLINED, OfferState.LAPSED}]
    answered = [took for state, took in counted if state is not OfferState.LAPSED]
    by_state = {state: sum(one is state for one, _ in counted) for state in OfferState}
    return Health(
        members=members,
        active=min(active, members) if members else active,
        offers=len(counted),
        accepted=by_state[OfferState.ACCEPTED],
        declined=by_state[OfferState.DECLINED],
        silent=by_state[OfferState.LAPSED],
        answer_minutes=round(median(answered)) if answered else None,
        minutes=minutes,
        expiring=expiring,
    )
