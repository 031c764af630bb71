"""任务: the leader's inbox on a phone: new offers, today, later, records to write; 接单 and 婉拒."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_
from volunteer.orders import accepting
from volunteer.orders.days import free_times
from volunteer.orders.lifecycle import OfferState
from volunteer.orders.models import ServiceOrder
from volunteer.orders.pages.task_words import answers_of, bring, summary, why
from volunteer.orders.queries_inbox import Inbox, inbox_of, open_offer
from volunteer.orders.schemas_visits import DeclineForm
from volunteer.web import forms, locale
from volunteer.web.acting import field_errors
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("inbox", __name__)
GONE = {
    OfferState.ACCEPTED: N_("Your team has accepted this."),
    OfferState.DECLINED: N_("Your team has said no to this. No harm done."),
    OfferState.LAPSED: N_("The time to answer has passed. Another team is being asked."),
    OfferState.RECALLED: N_("This request is no longer open. Thank you for being willing."),
}


@bp.get("/inbox")
@requires(Permission.OFFER_ANSWER)
def show() -> ResponseReturnValue:
    """Everything that waits for the leader."""
    at = now()
    return render_template("orders/inbox.html", inbox=inbox_of(db.session(), current_actor(), at=at), **_words(at))


@bp.get("/inbox/rows")
@requires(Permission.OFFER_ANSWER)
def rows() -> ResponseReturnValue:
    """The same as a fragment, for the page that keeps itself up to date; 304 while nothing has changed."""
    at = now()
    inbox = inbox_of(db.session(), current_actor(), at=at)
    tag = _tag(inbox, at)
    if tag in request.if_none_match:
        response = Response(status=304)
    else:
        response = Response(render_template("orders/inbox_rows.html", inbox=inbox, **_words(at)))
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.get("/inbox/offers/<int:offer_id>")
@requires(Permission.OFFER_ANSWER)
def offer(offer_id: int) -> ResponseReturnValue:
    """One offer in full, with the ways to say yes and no."""
    return _offer_page(offer_id)


@bp.post("/inbox/offers/<int:offer_id>/accept")
@requires(Permission.OFFER_ANSWER)
def accept(offer_id: int) -> ResponseReturnValue:
    """接单."""
    at, despite = now(), request.form.get("despite") == "yes"
    try:
        with transaction() as session:
            if not despite:
                free_times.must_have_time(session, current_actor(), offer_id, at=at)
            number = accepting.accept_offer(session, current_actor(), offer_id, at=at).number
    except free_times.NoTime as busy:
        return _offer_page(offer_id, busy=busy), 409
    flash(_("Accepted. Now say who goes and when."))
    return redirect(url_for("visits.show", number=number), code=303)


@bp.post("/inbox/offers/<int:offer_id>/decline")
@requires(Permission.OFFER_ANSWER)
def decline(offer_id: int) -> ResponseReturnValue:
    """拒单, with a reason and without a price."""
    try:
        reason = forms.load_form(DeclineForm, request.form)
        with transaction() as session:
            accepting.decline_offer(session, current_actor(), offer_id, reason, at=now())
    except Invalid as error:
        return _offer_page(offer_id, error), 422
    flash(_("Declined. Thank you for saying so quickly."))
    return redirect(url_for("inbox.show"), code=303)


def _offer_page(offer_id: int, error: Invalid | None = None, busy: free_times.NoTime | None = None) -> str:
    at = now()
    found = open_offer(db.session(), current_actor(), offer_id, at=at)
    is_open = found.state is OfferState.OPEN and found.expires_at > at
    return render_template(
        "orders/offer.html",
        offer=found,
        order=found.order,
        open=is_open,
        busy=_busy(found.order, busy, at) if busy else None,
        gone=_(GONE.get(found.state, GONE[OfferState.LAPSED])),
        answers=answers_of(found.order),
        summary=summary(found.order.item),
        reasons=[(choice.value, _(words)) for choice, words in accepting.DECLINE_WORDS.items()],
        values=forms.typed(request.form),
        errors={"why" if name == "reason" else name: words for name, words in field_errors(error).items()},
        **_words(at),
    )


def _busy(order: ServiceOrder, busy: free_times.NoTime, at: datetime) -> dict[str, Any]:
    """When the team would be free, and the day on which it is not."""
    return {"nearest": busy.nearest, "day": local_date(order.window_begins or at, zone()).isoformat()}


def _words(at: datetime) -> dict[str, Any]:
    return {"at": at, "why": why, "bring": bring}


def _tag(inbox: Inbox, at: datetime) -> str:
    """A fingerprint of what is shown: the rows, the minute (words say how much time is left), the language, the menu."""
    shown = (inbox.tag(), int(at.timestamp()) // 60, locale.chosen(), sorted(current_actor().leads))
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:24]
