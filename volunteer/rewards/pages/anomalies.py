"""/manage/anomalies: what looks odd about points, with the evidence. A person decides; nothing follows by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.accounts.humans import accounts_of
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.words import N_
from volunteer.rewards.merchants.belonging import shops_of
from volunteer.rewards.settling import looking
from volunteer.rewards.settling.odd import Odd
from volunteer.rewards.settling.schemas import VerdictForm
from volunteer.web.acting import Errors, saved
from volunteer.web.identity import current_actor, requires

bp = Blueprint("anomalies", __name__, url_prefix="/manage/anomalies")
P = Permission.SETTLEMENTS_HANDLE
KINDS = {
    Odd.SAME_PAIR: (N_("The same person at the same shop, again and again"), "repeat"),
    Odd.OWN_TILL: (N_("Staff of the shop, or their family, at their own till"), "store"),
    Odd.GIVEN_ON: (N_("Points of several people gathered, then spent at one shop"), "git-merge"),
    Odd.BURST: (N_("Many gifts within minutes"), "zap"),
    Odd.CLOSED: (N_("Gifts while the shop is closed, or at night"), "moon"),
    Odd.NO_STOCK: (N_("Much is handed over of what is never stocked up"), "package-x"),
}
FACTS = {
    "count": N_("Gifts handed over"),
    "points": N_("Points"),
    "share": N_("Share of all that the shop handed over"),
    "by_self": N_("Handed over by the same person"),
    "givers": N_("People who gave points"),
    "given": N_("Points given"),
    "people": N_("Different people"),
    "minutes": N_("Within minutes"),
    "night": N_("At night"),
    "shut": N_("While it was closed"),
    "left": N_("Still in stock"),
}


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """What was found and nobody has looked into; or everything."""
    return _page({}, {})


@bp.post("/<int:finding_id>")
@requires(P)
def decide(finding_id: int) -> ResponseReturnValue:
    """Say what it was."""

    def act(session: Session, draft: dict[str, Any]) -> str:
        looking.decide(session, current_actor(), finding_id, draft["verdict"] == "wrong", draft["note"], at=now())
        return url_for(".show")

    return saved(VerdictForm, act, _page, _("Written down. What has to follow is done by its own act."))


def _page(typed: Mapping[str, Any], wrong: Errors) -> str:
    open_only = request.args.get("show") != "all"
    unit, actor = db.session(), current_actor()
    rows, mine = looking.findings(unit, actor, open_only=open_only), accounts_of(unit, actor.user_id)
    own = {"mine": mine, "shops": shops_of(unit, mine)}
    return render_template(
        "rewards/anomalies.html", rows=rows, open_only=open_only, kinds=KINDS, facts_of=_facts, values=typed, errors=wrong, **own
    )


def _facts(evidence: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [(_(FACTS[name]), evidence[name]) for name in FACTS if evidence.get(name) is not None]
    return [(name, f"{value:.0%}" if isinstance(value, float) else str(value)) for name, value in found]
