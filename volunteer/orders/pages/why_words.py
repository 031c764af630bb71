"""Why this team, and why not that one, in plain words: only from what was kept with the offer, never worked out anew.

The words for one team and for two against each other stand in ``weighed_words``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row

from volunteer.catalogue.models import Skill
from volunteer.kernel.words import N_
from volunteer.matching import Obstacle, Parts, Policy, Reason
from volunteer.matching.weighing import Weighed, apart, policy_kept
from volunteer.orders.models import Offer, OfferHow
from volunteer.orders.pages.explaining import obstacle_words
from volunteer.orders.pages.weighed_words import PARTS
from volunteer.orders.rulebook.models_rules import DispatchRule
from volunteer.web import filters

HOW = {
    OfferHow.BY_HAND: N_("A dispatcher chose this team."),
    OfferHow.BATCH: N_("It came out of a plan for the whole board, which a dispatcher looked at and accepted."),
    OfferHow.RULE: N_("A rule of the centre asked this team by itself."),  # ``how_words`` names it
    OfferHow.AGAIN: N_("The team before said no or did not answer, so the next one was asked by itself."),
    OfferHow.POOL: N_("The team took it, or applied for it, from the open pool."),
}


@dataclass(frozen=True)
class Kept:
    """What an offer kept, as far as it is there: offers from before have less."""

    mine: Weighed | None  # None for a team that was not on the list
    policy: Policy | None
    beside: list[Weighed]
    total: int
    overridden: list[Reason]
    facts: Mapping[str, Any]


def kept_of(offer: Offer) -> Kept:
    """Read what was stored with an offer."""
    facts: Mapping[str, Any] = offer.reasons
    urgency = float(facts.get("urgency", 0.0))
    listed = {"rank": offer.rank, "metres": offer.metres, "team_id": offer.team_id}
    policy = facts.get("policy")
    return Kept(
        mine=_weighed({**facts, **listed}, urgency) if "parts" in facts else None,
        policy=policy_kept(policy) if isinstance(policy, Mapping) else None,
        beside=[one for other in facts.get("beside", ()) if (one := _weighed(other, urgency))],
        total=int(facts.get("total", 0)),
        overridden=[Reason(Obstacle(one["obstacle"]), one["facts"]) for one in facts.get("overridden", ())],
        facts=facts,
    )


def how_words(offer: Offer, rule: DispatchRule | None) -> str:
    """Return which way the offer came about; a rule by its name."""
    if rule is not None and offer.how is OfferHow.RULE:
        return _("The rule “%(rule)s” asked this team by itself.", rule=rule.name)
    return _(HOW[offer.how])


def version_of(offer: Offer, kept: Kept) -> str:
    """Return the version of the rules of matching that were weighed by; an offer by a rule names that rule instead of it."""
    return str(kept.policy.version) if kept.policy else offer.policy_version.removeprefix("matching:")


def overridden_words(kept: Kept, skills: Sequence[Skill], metres: float) -> list[str]:
    """Return what stood in the way of a team that was chosen all the same."""
    return [obstacle_words(reason, skills, metres) for reason in kept.overridden]


def place_words(offer: Offer | Row[Any]) -> str:
    """Return where the team stood: number 7 of 23."""
    if not offer.rank:
        return _("It was not on the list: somebody chose it all the same.")
    return _("Number %(rank)s of %(able)s teams that could do it.", rank=offer.rank, able=offer.candidates)


def rules_of(policy: Policy) -> list[tuple[str, str]]:
    """Return the rules of that day as (name, figure)."""
    weights = policy.weights
    return [
        (_("Weight of skill"), f"{weights.skill:g}"),
        (_("Weight of nearness"), f"{weights.near:g}"),
        (_("Weight of ratings"), f"{weights.rated:g}"),
        (_("Weight of acquaintance"), f"{weights.continuity:g}"),
        (_("Scale of nearness"), filters.km(1000 * policy.scale_km)),
        (_("Farthest team"), filters.km(1000 * policy.reach_km)),
        (_("Rating of a new team"), _("%(stars)s stars", stars=f"{5 * policy.prior:.1f}")),
        (_("Trust in few ratings"), f"{policy.prior_ratings:g}"),
        (_("Price of load"), f"{policy.load_price:g}"),
        (_("Nearness when urgent"), f"{policy.urgent_pull:g}"),
    ]


def nameless(kept: Kept) -> str:
    """Return for the team itself what set it apart from the first of the others, without saying who that is."""
    if kept.mine is None or kept.policy is None or not kept.beside:
        return ""
    best = min(kept.beside, key=lambda one: one.rank)
    gaps = apart(kept.mine, best, kept.policy)
    if not gaps:
        return _("Another team stood level with yours.")
    sides = {
        "skill": (_("how well you do this"), _("how well they do this")),
        "near": (_("you are nearer"), _("they are nearer")),
        "rated": (_("residents rate you better"), _("residents rate them better")),
        "continuity": (_("you know this home"), _("they know this home")),
        "load": (_("you had less in hand"), _("they had less in hand")),
        "learned": (_("other places need you less"), _("other places need them less")),
    }
    ahead = kept.mine.rank < best.rank
    telling = next((name for name, gap in gaps if (gap > 0) == ahead and name in sides), "")
    if not telling:
        return ""
    if ahead:
        return _("What put you in front of the next team: %(what)s.", what=sides[telling][0])
    return _("What put another team in front of you: %(what)s.", what=sides[telling][1])


def _weighed(kept: Mapping[str, Any], urgency: float) -> Weighed | None:
    parts = kept.get("parts", {})
    if not all(name in parts for name in PARTS):
        return None
    prices = kept.get("prices", {"load": kept["price"]} if "price" in kept else {})
    return Weighed(
        team_id=int(kept["team_id"]),
        rank=int(kept["rank"]),
        parts=Parts(**{name: float(parts[name]) for name in PARTS}),
        prices={name: float(price) for name, price in prices.items()},
        metres=float(kept.get("metres", 0.0)),
        load=int(kept.get("load", 0)),
        capacity=int(kept.get("capacity", 0)),
        rating=float(kept.get("rating", 0.0)),
        ratings=int(kept.get("ratings", 0)),
        urgency=urgency,
    )
