"""The matcher's reasons in plain words: four bars for a team that can do it, a sentence for each thing in the way of another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask_babel import gettext as _

from volunteer.catalogue.models import Skill
from volunteer.kernel.clock import local_date, now
from volunteer.matching import Obstacle, Reason, Reasons
from volunteer.orders.candidates import Answer, Candidate
from volunteer.orders.lifecycle import OfferState
from volunteer.orders.models import Offer
from volunteer.orders.pages import weighed_words
from volunteer.orders.pages.weighed_words import rated_words
from volunteer.web import filters, wording
from volunteer.web.county import zone
from volunteer.web.locale import chosen

TOLD = 3  # differences to the first on the list
UNWAIVABLE = frozenset({Obstacle.MISSING_SKILL, Obstacle.NO_LICENCE, Obstacle.NOT_INSURED})


@dataclass(frozen=True, slots=True)
class Bar:
    """One short bar: what it is about, 0 to 1, and the facts behind it."""

    label: str
    value: float
    words: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A team on the list, ready to be shown."""

    team_id: int
    rank: int
    name: str
    distance: str
    note: str
    bars: list[Bar]
    latitude: float
    longitude: float
    asked_before: bool  # for this order: then another team is preselected


@dataclass(frozen=True, slots=True)
class Verdict:
    """What there is to say about one team that somebody asked about."""

    team_id: int
    name: str
    distance: str
    sentences: list[str]
    may_ask: bool  # everything but the skill, a break or an earlier answer may be overruled


def choice(candidate: Candidate) -> Choice:
    """Return a candidate with its bars and its line of facts."""
    card, reasons = candidate.card, candidate.match.reasons
    able = min((card.able.get(code, 0) for code in reasons.skills), default=0)
    facts = [
        _("%(n)s who can do it", n=able) if able else "",
        _("helped this resident before") if reasons.parts.continuity else "",
        _("%(n)s in hand", n=reasons.load) if reasons.load else _("nothing in hand"),
        asked_words(candidate.asked),
    ]
    return Choice(
        team_id=card.id,
        rank=candidate.match.rank,
        name=filters.named(card),
        distance=filters.km(candidate.metres),
        note=" · ".join(fact for fact in facts if fact),
        bars=bars(candidate, able),
        latitude=card.point[0],
        longitude=card.point[1],
        asked_before=candidate.asked is not None,
    )


def bars(candidate: Candidate, able: int) -> list[Bar]:
    """Return skill, distance, availability with load, and rating: each with its words."""
    reasons, parts = candidate.match.reasons, candidate.match.reasons.parts
    in_hand = _("%(load)s of %(capacity)s orders in hand", load=reasons.load, capacity=reasons.capacity)
    if reasons.hours_asked:
        hours = _("free in %(free)s of the %(asked)s hours asked for", free=reasons.hours_free, asked=reasons.hours_asked)
        in_hand = f"{hours}, {in_hand}"
    skilled = _("%(n)s members can do this", n=able) if able else _("anybody can do this")
    return [
        Bar(_("Skill"), parts.skill, skilled),
        Bar(_("Near"), parts.near, filters.km(candidate.metres)),
        Bar(_("Free"), free_share(reasons), in_hand),
        Bar(_("Well rated"), parts.rated, rated_words(reasons.rating, reasons.ratings)),
    ]


def free_share(reasons: Reasons) -> float:
    """Return how free a team is, 0 to 1: a fact beside the score, where orders in hand count as a price."""
    room = 1 - reasons.load / reasons.capacity if reasons.capacity else 0.0
    hours = (reasons.hours_free or 0) / reasons.hours_asked if reasons.hours_asked else 1.0
    return max(room, 0.0) * hours


def verdict(answer: Answer, skills: Sequence[Skill]) -> Verdict:
    """Return why a team is not the proposed one, every reason at once."""
    said = [obstacle_words(reason, skills, answer.metres) for reason in answer.obstacles]
    if answer.paused:
        said.append(_("is taking a break"))
    if words := asked_words(answer.asked):
        said.append(words)
    if answer.rank:
        said.append(_("is number %(rank)s of the %(able)s that can do it", rank=answer.rank, able=answer.able))
    if answer.unlike_first and answer.weighed and answer.first:
        against = weighed_words.differences(answer.weighed, answer.first, answer.policy)[:TOLD]
        said.extend(_("against number 1: %(what)s", what=what) for what in against)
    unfit = any(reason.obstacle in UNWAIVABLE for reason in answer.obstacles)
    return Verdict(
        team_id=answer.card.id,
        name=filters.named(answer.card),
        distance=filters.km(answer.metres),
        sentences=said,
        may_ask=not (unfit or answer.paused or answer.asked_now),
    )


def obstacle_words(reason: Reason, skills: Iterable[Skill], metres: float) -> str:
    """Return one obstacle as part of a sentence about the team; ``metres`` is the distance that is shown elsewhere too."""
    facts: dict[str, Any] = dict(reason.facts)
    if reason.obstacle is Obstacle.MISSING_SKILL:
        names = [filters.named(skill) for skill in skills if skill.code in facts["skills"]]
        return _("does not have the skill: %(skills)s", skills=", ".join(names) or ", ".join(facts["skills"]))
    if reason.obstacle is Obstacle.NO_LICENCE:
        names = [filters.named(skill) for skill in skills if skill.code in facts["skills"]]
        return _("has nobody with a licence in date for: %(skills)s", skills=", ".join(names) or ", ".join(facts["skills"]))
    if reason.obstacle is Obstacle.NOT_INSURED:
        if facts.get("until"):
            day = wording.calendar_day(date.fromisoformat(str(facts["until"])), local_date(now(), zone()), chosen())
            return _("has insured adults for this risky work only until %(day)s", day=day)
        return _("has no insured adult for this risky work")
    if reason.obstacle is Obstacle.TOO_FAR:
        return _("is %(far)s away and goes at most %(reach)s", far=filters.km(metres), reach=filters.km(facts["reach_metres"]))
    if reason.obstacle is Obstacle.NO_TIME:
        return _("has nobody free at that time")
    if reason.obstacle is Obstacle.NOT_HERE:
        return _("serves in other places")
    if reason.obstacle is Obstacle.BRAKED:
        return braked_words(str(facts["what"]), facts["have"], facts["most"])
    return _("has %(load)s of %(capacity)s orders in hand already", load=facts["load"], capacity=facts["capacity"])


def braked_words(what: str, have: int, most: int) -> str:
    """Return what is too much with a team, as part of a sentence about it."""
    if what == "late_records":
        return _("owes %(have)s records; from %(most)s on it gets nothing new until they are written", have=have, most=most)
    if what == "unanswered":
        return _("left the last %(have)s offers without an answer; after %(most)s the machine does not ask", have=have, most=most)
    return _("has %(have)s orders in hand; from %(most)s on it gets nothing new", have=have, most=most)


def asked_words(offer: Offer | None) -> str:
    """Return what came of the team's last offer for this order; nothing when there was none."""
    if offer is None:
        return ""
    when = filters.moment(offer.answered_at or offer.made_at)
    words = {
        OfferState.OPEN: _("is being asked now"),
        OfferState.ACCEPTED: _("accepted %(when)s", when=when),
        OfferState.DECLINED: _("was asked already and said no, %(when)s", when=when),
        OfferState.LAPSED: _("was asked already and did not answer, %(when)s", when=when),
        OfferState.RECALLED: _("was asked before, taken back %(when)s", when=when),
    }
    return words[offer.state]


def out_of_reach(found: Verdict) -> Verdict:
    """Return the verdict on a team that belongs to another branch: this desk cannot ask it."""
    elsewhere = _("belongs to another branch; the desk above can ask it")
    return replace(found, sentences=[elsewhere, *found.sentences], may_ask=False)
