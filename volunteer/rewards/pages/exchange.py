"""/points/exchange: one's own accounts with other platforms, and points moved there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.ledger.models import Unit
from volunteer.ledger.queries import balance
from volunteer.ledger.rules import person
from volunteer.rewards.pages.partners import EXCHANGES
from volunteer.rewards.partners import exchanging, linking, queries
from volunteer.rewards.partners.lifecycle import LinkState
from volunteer.rewards.partners.models import Partner, PartnerRate
from volunteer.rewards.partners.schemas import LinkForm, SendForm
from volunteer.web.acting import Errors, acted, saved
from volunteer.web.asked import page_asked
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, requires

bp = Blueprint("points_exchange", __name__, url_prefix="/points/exchange")
P = Permission.POINTS_OWN


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """What is linked, what can be moved, what became of it."""
    return _page({}, {})


@bp.post("/<int:partner_id>/link")
@requires(P)
def link(partner_id: int) -> ResponseReturnValue:
    """Link an account; the other platform is asked whether it is ours."""

    def act(session: Any, draft: dict[str, Any]) -> str:
        linking.ask_link(session, current_actor(), partner_id, draft["account"], draft["agree"], at=now())
        return url_for(".show")

    return saved(LinkForm, act, lambda typed, wrong: _page(typed, wrong, at_partner=partner_id), _(ASKED))


@bp.post("/links/<int:link_id>/end")
@requires(P)
def unlink(link_id: int) -> ResponseReturnValue:
    """Take the consent back."""
    done = _("The link has ended. Nothing more is sent there.")
    return acted(lambda session: linking.end_link(session, current_actor(), link_id, at=now()), url_for(".show"), done)


@bp.post("/send")
@requires(P)
def send() -> ResponseReturnValue:
    """Move points out."""

    def act(session: Any, draft: dict[str, Any]) -> str:
        exchanging.send_points(session, current_actor(), draft["link"], draft["points"], at=now())
        return url_for(".show")

    return saved(SendForm, act, _page, _("On their way. You are told when they have arrived."))


@bp.post("/<int:exchange_id>/back")
@requires(P)
def back(exchange_id: int) -> ResponseReturnValue:
    """Take back what the other platform has not answered yet."""
    done = _("Taken back. The points are in your account.")
    return acted(lambda session: exchanging.take_back(session, current_actor(), exchange_id, at=now()), url_for(".show"), done)


ASKED = N_("Asked. You can move points as soon as the other platform has confirmed that the account is yours.")


def _page(typed: Mapping[str, Any], wrong: Errors, at_partner: int = 0) -> str:
    unit, actor, at = db.session(), current_actor(), now()
    page = page_asked()
    rows, pages = queries.exchanges_by(unit, actor, page)
    page = min(page, pages)
    links = {one.partner_id: one for one in queries.links_of(unit, actor)}
    partners = [one for one in linking.partners_for(unit, actor) if one.active or one.id in links]
    today = local_date(at, zone())
    return render_template(
        "rewards/exchange.html",
        partners=[(one, links.get(one.id), _rate(one, today)) for one in partners],
        mine=balance(unit, person(actor.user_id or 0), Unit.POINTS),
        verified=LinkState.VERIFIED,
        rows=rows,
        says=EXCHANGES,
        previous=url_for(".show", page=page - 1) if page > 1 else None,
        following=url_for(".show", page=page + 1) if page < pages else None,
        values=typed,
        errors=wrong,
        at_partner=at_partner,
    )


def _rate(partner: Partner, today: Any) -> PartnerRate | None:
    try:
        return exchanging.agreed_rate(db.session(), partner.id, today)
    except Conflict:
        return None
