"""What merchants, their gifts and what is taken back are called in the log."""

from __future__ import annotations

from volunteer.kernel.words import N_

GIFT_ACTS = {
    "merchant_approved": N_("approved a shop"),
    "merchant_refused": N_("refused a shop"),
    "merchant_suspended": N_("put a shop on hold"),
    "merchant_resumed": N_("let a shop go on"),
    "merchant_staff_ended": N_("ended somebody's work at a till"),
    "merchant_corrected": N_("corrected what is written about a shop"),
    "merchant_hours": N_("changed a shop's opening hours"),
    "gift_proposed": N_("put a gift up"),
    "gift_changed": N_("changed a gift"),
    "gift_restocked": N_("changed how many of a gift are left"),
    "gift_shown": N_("put a gift back on the shelf"),
    "gift_hidden": N_("took a gift off the shelf"),
    "gift_priced": N_("set the points of a gift"),
    "refund_asked": N_("asked to take a gift back"),
    "refund_seconded": N_("said yes first to taking a gift back"),
    "refund_done": N_("took a gift back"),
    "refund_refused": N_("refused to take a gift back"),
}
GIFT_SUBJECTS = {
    "merchant": N_("Shop %(id)s"),
    "gift": N_("Gift %(id)s"),
    "refund": N_("Gift taken back %(id)s"),
    "redemption": N_("Reserved gift %(id)s"),
}
