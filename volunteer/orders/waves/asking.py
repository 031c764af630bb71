"""How teams answered so far, and whom to ask next: what the matcher's waves need of the database. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from volunteer.kernel.clock import local_date, start_of_day, zone_of
from volunteer.matching import waves
from volunteer.orders.candidates import Look, centre_of
from volunteer.orders.lifecycle import OfferState
from volunteer.orders.models import Offer, OfferHow, ServiceOrder
from volunteer.places.policies import asking_at, clocks_at
from volunteer.teams.models import Team

LOOKED_BACK = timedelta(days=180)  # an older answer weighs next to nothing
MEAN_OF = timedelta(days=56)
WEEK = timedelta(days=7)
SHORTLIST = 100  # teams among which a wave is chosen
SAID = frozenset({OfferState.ACCEPTED, OfferState.DECLINED, OfferState.LAPSED})
OFFERS = select(Offer.team_id, Offer.state, Offer.made_at).where(
    Offer.team_id.in_(bindparam("teams", expanding=True)), Offer.made_at > bindparam("since"), Offer.how != OfferHow.POOL
)
MEAN = (
    select(func.count(), func.coalesce(func.sum(case((Offer.state == OfferState.ACCEPTED, 1), else_=0)), 0))
    .join(Team, Team.id == Offer.team_id)
    .where(Offer.made_at > bindparam("since"), Offer.state.in_(sorted(SAID)), Offer.how != OfferHow.POOL)
    .where(Team.site_path.startswith(bindparam("centre")))
)
FOUNDED = select(Team.id, Team.founded_at).where(Team.id.in_(bindparam("teams", expanding=True)))


@dataclass(frozen=True, slots=True)
class History:
    """What one team was asked lately. last: when it was asked for the last time, or came to be."""

    answers: tuple[waves.Answer, ...]
    today: int
    week: int
    last: datetime


@dataclass(frozen=True, slots=True)
class NextWave:
    """Whom to ask now, with the chance of each that was looked at, by team id; and of those that have not answered yet."""

    wave: waves.Wave
    chances: Mapping[int, float]
    unasked_days: Mapping[int, float]
    terms: waves.Terms

    def note(self, team_id: int) -> dict[str, Any]:
        """Return what an offer keeps of why the team was asked together with the others."""
        return {
            "chance": round(self.chances[team_id], 4),
            "together": round(self.wave.together, 4),
            "wanted": self.wave.wanted,
            "at_once": len(self.wave.team_ids),
            "why": self.wave.why[team_id].value,
            "unasked_days": round(self.unasked_days[team_id], 1),
            "passed_over": len(self.wave.passed_over),
            "version": self.terms.version,
        }


def histories(session: Session, team_ids: Collection[int], *, at: datetime) -> dict[int, History]:
    """Return how each of the teams was asked and answered in the last half year; two queries."""
    zone = zone_of(session)
    midnight, week = start_of_day(local_date(at, zone), zone), at - WEEK
    found: dict[int, list[tuple[OfferState, datetime]]] = {team_id: [] for team_id in team_ids}
    for team_id, state, made_at in session.execute(OFFERS, {"teams": list(team_ids), "since": at - LOOKED_BACK}):
        found[team_id].append((state, made_at))
    silent = [team_id for team_id, offers in found.items() if not offers]
    founded: dict[int, datetime] = dict(session.execute(FOUNDED, {"teams": silent}).tuples().all()) if silent else {}
    return {
        team_id: History(
            answers=tuple(
                waves.Answer(made_at.astimezone(zone), state is OfferState.ACCEPTED)
                for state, made_at in sorted(offers, key=lambda one: one[1])
                if state in SAID
            ),
            today=sum(made_at >= midnight for _, made_at in offers),
            week=sum(made_at > week for _, made_at in offers),
            last=max((made_at for _, made_at in offers), default=max(founded.get(team_id, at), at - LOOKED_BACK)),
        )
        for team_id, offers in found.items()
    }


def mean_at(session: Session, site_path: str, terms: waves.Terms, *, at: datetime) -> float:
    """Return the share of yes among the answers that the centre's teams gave lately."""
    answers, yes = session.execute(MEAN, {"since": at - MEAN_OF, "centre": centre_of(site_path)}).one()
    return waves.mean_of(yes, answers, terms)


def next_wave(
    session: Session,
    found: Look,
    *,
    at: datetime,
    without: Collection[int] = (),
    waiting: Iterable[Offer] = (),
    among: int = SHORTLIST,
    sure: bool = False,
) -> NextWave:
    """Return whom to ask next about a looked-at order. Four queries.

    ``without``: teams that are not asked again. ``among`` so many of the best. ``sure``: as likely as if it were urgent.
    """
    order, local = found.order, at.astimezone(zone_of(session))
    terms = asking_at(session, order.desk_path, at)
    terms = replace(terms, wanted=terms.wanted_urgent) if sure else terms
    shortlist = found.best(among, frozenset(without))
    open_ones = [offer.team_id for offer in waiting]
    known = histories(session, {*(match.team_id for match in shortlist), *open_ones}, at=at)
    mean = mean_at(session, order.desk_path, terms, at=at)
    chances = {team_id: waves.chance_of_yes(one.answers, mean, terms, at=local) for team_id, one in known.items()}
    unasked = {team_id: _days_unasked(found, team_id, one, at) for team_id, one in known.items()}
    choices = [
        waves.Choice(
            team_id=match.team_id,
            net=match.net,
            chance=chances[match.team_id],
            asked_today=known[match.team_id].today,
            asked_week=known[match.team_id].week,
            unasked_days=unasked[match.team_id],
        )
        for match in shortlist
    ]
    wave = waves.next_wave(choices, terms, urgent=order.urgent, waiting=[chances[team_id] for team_id in open_ones])
    return NextWave(wave, chances, unasked, terms)


def notes_by_hand(session: Session, found: Look, team_ids: Collection[int], *, at: datetime) -> dict[int, dict[str, Any]]:
    """Return what the offers keep that a person makes to several teams at once: by team id."""
    terms, local = asking_at(session, found.order.desk_path, at), at.astimezone(zone_of(session))
    mean = mean_at(session, found.order.desk_path, terms, at=at)
    known = histories(session, team_ids, at=at)
    chances = {team_id: waves.chance_of_yes(one.answers, mean, terms, at=local) for team_id, one in known.items()}
    wave = waves.Wave(
        team_ids=tuple(team_ids),
        together=waves.together(chances.values()),
        wanted=terms.wanted_for(urgent=found.order.urgent),
        why=dict.fromkeys(team_ids, waves.Why.BY_HAND),
        passed_over={},
    )
    unasked = {team_id: _days_unasked(found, team_id, one, at) for team_id, one in known.items()}
    following = NextWave(wave, chances, unasked, terms)
    return {team_id: following.note(team_id) for team_id in team_ids}


def answer_by(session: Session, order: ServiceOrder, at: datetime) -> datetime:
    """Return until when a team that is asked at ``at`` may answer; the quiet hours do not count unless it is urgent."""
    clocks, zone = clocks_at(session, order.desk_path, at), zone_of(session)
    minutes = clocks.urgent_offer_minutes if order.urgent else clocks.offer_minutes
    terms = asking_at(session, order.desk_path, at)
    return waves.answer_by(at.astimezone(zone), minutes, terms, urgent=order.urgent).astimezone(at.tzinfo)


def quiet_until(session: Session, order: ServiceOrder, at: datetime) -> datetime | None:
    """Return until when nobody is asked about the order; None when it may be asked about now."""
    terms, local = asking_at(session, order.desk_path, at), at.astimezone(zone_of(session))
    if order.urgent or not waves.is_quiet(local, terms):
        return None
    return waves.end_of_quiet(local, terms).astimezone(at.tzinfo)


def is_night(session: Session, site_path: str, at: datetime) -> bool:
    """Return whether a desk asks nobody now unless it is urgent."""
    return waves.is_quiet(at.astimezone(zone_of(session)), asking_at(session, site_path, at))


def tomorrow(session: Session, order: ServiceOrder, at: datetime) -> datetime:
    """Return when teams that were asked often enough today may be asked again: in the morning, after the quiet hours."""
    zone = zone_of(session)
    morning = start_of_day(local_date(at, zone) + timedelta(days=1), zone)
    return quiet_until(session, order, morning) or morning


def _days_unasked(found: Look, team_id: int, history: History, at: datetime) -> float:
    """A team that took a break was not forgotten in the meantime."""
    card = found.directory.cards.get(team_id)
    since = max(history.last, card.paused_until) if card and card.paused_until else history.last
    return max(0.0, (at - since) / timedelta(days=1))
