"""Words of shops and gifts: when a shop is open, what a gift allows, how reservations, shops and refunds stand."""

from __future__ import annotations

from flask_babel import gettext as _

from volunteer.kernel.clock import now
from volunteer.kernel.words import N_
from volunteer.rewards.merchants import rules
from volunteer.rewards.merchants.lifecycle import MerchantStatus, RedemptionStatus, RefundStatus
from volunteer.rewards.merchants.models import Gift, Merchant
from volunteer.web.county import zone

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


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
