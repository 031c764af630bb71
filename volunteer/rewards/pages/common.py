"""What the pages of shop, till and merchants share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import Schema
from sqlalchemy.orm import Session

from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.orders.pages.inbox import field_errors
from volunteer.rewards.merchants import rules
from volunteer.rewards.merchants.lifecycle import MerchantStatus, RedemptionStatus, RefundStatus
from volunteer.rewards.merchants.models import Gift, Merchant
from volunteer.web import forms, idempotency
from volunteer.web.county import zone
from volunteer.web.errors import explain
from volunteer.web.unit import transaction

Errors = Mapping[str, list[str]]
Page = Callable[[Mapping[str, Any], Errors], str]
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
REDEMPTIONS = {
    RedemptionStatus.RESERVED: (N_("Waiting for you"), "info", "gift"),
    RedemptionStatus.COLLECTED: (N_("Fetched"), "ok", "circle-check"),
    RedemptionStatus.LET_GO: (N_("Let go"), "grey", "undo-2"),
    RedemptionStatus.EXPIRED: (N_("Not fetched in time"), "grey", "timer-off"),
    RedemptionStatus.REFUNDED: (N_("Brought back"), "grey", "undo-2"),
}
MERCHANTS = {
    MerchantStatus.APPLIED: (N_("Waits for an answer"), "soon"),
    MerchantStatus.APPROVED: (N_("Open to all"), "ok"),
    MerchantStatus.REFUSED: (N_("Refused"), "grey"),
    MerchantStatus.SUSPENDED: (N_("On hold"), "late"),
}
REFUNDS = {
    RefundStatus.ASKED: (N_("Waits for an answer"), "soon"),
    RefundStatus.SECONDED: (N_("Waits for a second person"), "soon"),
    RefundStatus.DONE: (N_("Brought back"), "ok"),
    RefundStatus.REFUSED: (N_("Refused"), "grey"),
}


def saved(schema: type[Schema] | None, act: Callable[[Session, Any], str], page: Page, done: str) -> ResponseReturnValue:
    """Load the form, act once and go on; or show ``page`` again with what was typed and what is wrong with it."""
    try:
        draft = forms.load_form(schema, request.form) if schema is not None else None
        there = once(lambda session: act(session, draft))
    except (Invalid, Conflict) as error:
        if error.code.startswith("once"):
            raise
        db.session.rollback()
        errors = field_errors(error) if isinstance(error, Invalid) else {}
        said = errors or {"": [explain(error)]}
        return page(forms.typed(request.form), said), 409 if isinstance(error, Conflict) else 422
    if done:
        flash(done)
    return redirect(there, code=303)


def once(act: Callable[[Session], str]) -> str:
    """Run ``act`` in a transaction of its own, once for each rendered form; return where it leads."""
    at, body = now(), idempotency.fingerprint(request.form, request.files)
    with transaction() as session:
        there = idempotency.claim(session, request.form.get("once", ""), body, at, purpose=request.path)
        if there is None:
            there = act(session)
            idempotency.settle(session, there)
    return there


def acted(act: Callable[[Session], object], there: str, done: str) -> ResponseReturnValue:
    """Run a verb that is harmless twice and go on. A refusal is told where one came from."""
    try:
        with transaction() as session:
            act(session)
    except (Invalid, Conflict) as error:
        db.session.rollback()
        flash(explain(error), "late")
        return redirect(there, code=303)
    flash(done)
    return redirect(there, code=303)


def opening(merchant: Merchant) -> str:
    """Return when a shop is open, in words."""
    hours = f"{_clock(merchant.opens)}-{_clock(merchant.closes)}"
    if not merchant.closed_days:
        return _("every day %(hours)s", hours=hours)
    shut = _(", ").join(_(WEEKDAYS[int(day)]) for day in merchant.closed_days)
    return _("%(hours)s, closed on %(days)s", hours=hours, days=shut)


def is_open(merchant: Merchant) -> bool:
    """Return whether a shop is open now."""
    return rules.is_open(merchant.opens, merchant.closes, merchant.closed_days, now().astimezone(zone()))


def limits(gift: Gift) -> list[str]:
    """Return the limits of a gift, in words."""
    said = []
    if gift.per_person:
        said.append(_("At most %(most)s a month for one person", most=gift.per_person))
    if gift.per_month:
        said.append(_("%(most)s a month for everybody together", most=gift.per_month))
    return said


def asked_page() -> int:
    """Return the page of a list that the address asks for."""
    typed = request.args.get("page", "")
    return min(int(typed), 9999) if typed.isascii() and typed.isdigit() and 0 < len(typed) < 6 else 1


def words_asked() -> str:
    """Return what was typed into the search field."""
    return request.args.get("q", "").replace("\0", "").strip()[:60]


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
