"""Why this team, why not that one: for the dispatcher the whole picture, for a team what concerns itself (PIPL art. 24)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.text import normalise
from volunteer.matching.weighing import Weighed
from volunteer.orders import queries_why
from volunteer.orders.lifecycle import OfferState
from volunteer.orders.models import Offer, OfferHow
from volunteer.orders.pages import asking_words, explaining, plan_words, task_words, weighed_words, why_words
from volunteer.orders.pages.board_views import tab_of
from volunteer.orders.pages.why_words import Kept
from volunteer.orders.queries_inbox import open_offer
from volunteer.teams.models import Team
from volunteer.web import filters
from volunteer.web.identity import current_actor, requires

bp = Blueprint("why", __name__)
LONGEST = 60
DEEPEST = 500  # pages back


@bp.get("/why/offers/<int:offer_id>")
@requires(Permission.ORDER_DISPATCH)
def offer(offer_id: int) -> ResponseReturnValue:
    """The whole picture, with ?with=… compared with a team that stood beside it, with ?team=… a look for one."""
    unit, actor = db.session(), current_actor()
    found = queries_why.offer_seen(unit, actor, offer_id)
    kept = why_words.kept_of(found)
    names = queries_why.teams_of(unit, {one.team_id for one in kept.beside})
    others = queries_why.others_asked(unit, found)
    return render_template(
        "orders/why.html",
        offer=found,
        order=found.order,
        kept=kept,
        by=queries_why.name_of(unit, found.made_by),
        back=url_for("board.order", number=found.order.number, tab=tab_of(found.order.status)),
        outcome=explaining.asked_words(found),
        version=why_words.version_of(found, kept),
        together=[
            *asking_words.kept(found.reasons.get("asking")),
            *plan_words.kept(found.reasons.get("plan"), found.team_id, {one: filters.named(team) for one, team in names.items()}),
        ],
        how=why_words.how_words(found, queries_why.rule_of(unit, found)),
        place=why_words.place_words(found),
        lines=weighed_words.lines(kept.mine, kept.policy) if kept.mine and kept.policy else [],
        net=weighed_words.figure(kept.mine.net(kept.policy)) if kept.mine and kept.policy else "",
        overridden=why_words.overridden_words(kept, found.order.item.skills if found.order.item else [], found.metres),
        beside=[_beside(one, names, kept) for one in sorted(kept.beside, key=lambda one: one.rank) if one.team_id in names],
        compared=_compared(found, kept, names, others, request.args.get("with", "")),
        asked=[(filters.named(one.team), explaining.asked_words(one), one.id) for one in others],
        rules=why_words.rules_of(kept.policy) if kept.policy else [],
        may_rules=actor.can(Permission.POLICIES_MANAGE, at=found.order.desk_path),
        **_looked_for(request.args.get("team", "").strip()[:LONGEST], names, found),
    )


@bp.get("/inbox/offers/<int:offer_id>/why")
@requires(Permission.OFFER_ANSWER)
def own(offer_id: int) -> ResponseReturnValue:
    """For a team's leader: why they were asked, and what came of it. Nothing of the resident, no other team by name."""
    unit, at = db.session(), now()
    found = open_offer(unit, current_actor(), offer_id, at=at)
    kept = why_words.kept_of(found)
    return render_template(
        "orders/why_own.html",
        offer=found,
        order=found.order,
        kept=kept,
        why=task_words.why(found),
        outcome=_outcome(found),
        version=why_words.version_of(found, kept),
        together=[
            *asking_words.kept(found.reasons.get("asking")),
            *plan_words.kept(found.reasons.get("plan"), found.team_id, {}),
        ],
        place=why_words.place_words(found) if found.how is not OfferHow.POOL else "",
        apart=why_words.nameless(kept) if found.how is not OfferHow.POOL else "",
        lines=weighed_words.lines(kept.mine, kept.policy) if kept.mine and kept.policy else [],
        net=weighed_words.figure(kept.mine.net(kept.policy)) if kept.mine and kept.policy else "",
        desk=found.order.desk,
    )


@bp.get("/inbox/offers")
@requires(Permission.OFFER_ANSWER)
def asked() -> ResponseReturnValue:
    """For a team's leader: everything the team was asked, what came of it, and why."""
    typed = request.args.get("page", "1")
    page = min(int(typed), DEEPEST) if typed.isascii() and typed.isdigit() and len(typed) < 5 and int(typed) else 1
    found = queries_why.past_offers(db.session(), current_actor(), at=now(), page=page)
    return render_template(
        "orders/asked.html",
        rows=[(row, _result(row.state), why_words.place_words(row)) for row in found[: queries_why.PAGE]],
        before=url_for(".asked", page=page - 1) if page > 1 else None,
        after=url_for(".asked", page=page + 1) if len(found) > queries_why.PAGE else None,
    )


def _result(state: OfferState) -> tuple[str, str]:
    """Return what came of an offer in a word or two, and its tone."""
    words = {
        OfferState.OPEN: (_("No answer in time"), "grey"),
        OfferState.ACCEPTED: (_("You said yes"), "ok"),
        OfferState.DECLINED: (_("You said no"), "grey"),
        OfferState.LAPSED: (_("No answer in time"), "grey"),
        OfferState.RECALLED: (_("Taken back"), "grey"),
    }
    return words[state]


def _outcome(found: Offer) -> str:
    words = {
        OfferState.OPEN: _("Your team has not answered yet."),
        OfferState.ACCEPTED: _("Your team said yes."),
        OfferState.DECLINED: _("Your team said no. That costs nothing."),
        OfferState.LAPSED: _("The time to answer passed."),
        OfferState.RECALLED: _("It was taken back: another team was faster, or the order changed."),
    }
    return words[found.state]


def _beside(one: Weighed, names: dict[int, Team], kept: Kept) -> dict[str, Any]:
    return {
        "team_id": one.team_id,
        "rank": one.rank,
        "name": filters.named(names[one.team_id]),
        "net": weighed_words.figure(one.net(kept.policy)) if kept.policy else "",
        "facts": " · ".join([filters.km(one.metres), weighed_words.fact(one, "rated"), weighed_words.fact(one, "load")]),
    }


def _compared(found: Offer, kept: Kept, names: dict[int, Team], others: Sequence[Offer], typed: str) -> dict[str, Any] | None:
    other = next((one for one in kept.beside if str(one.team_id) == typed and one.team_id in names), None)
    if other is None or kept.mine is None or kept.policy is None:
        return None
    gap = kept.mine.net(kept.policy) - other.net(kept.policy)
    behind, ahead = (other, kept.mine) if gap >= 0 else (kept.mine, other)
    last = found.team if behind is kept.mine else names[other.team_id]
    return {
        "team_id": other.team_id,
        "name": filters.named(names[other.team_id]),
        "differences": weighed_words.differences(other, kept.mine, kept.policy),
        "gap": weighed_words.figure(abs(gap)),
        "ahead": gap < 0,
        "asked": next((explaining.asked_words(one) for one in others if one.team_id == other.team_id), ""),
        "level": abs(gap) < 1e-9,
        "last": filters.named(last),
        "ways": weighed_words.ways(behind, ahead, kept.policy),
    }


def _looked_for(words: str, names: dict[int, Team], found: Offer) -> dict[str, Any]:
    """Teams whose name was typed, among those that were kept; of the others only so much is known as was kept."""
    wanted = normalise(words)
    hits = [team for team in names.values() if wanted and wanted in team.search]
    return {"words": words, "hits": [(team.id, filters.named(team)) for team in hits if team.id != found.team_id]}
