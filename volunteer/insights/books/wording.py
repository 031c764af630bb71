"""What the books' own words mean, for people: reasons, and kinds of accounts that are open."""

from __future__ import annotations

from volunteer.kernel.words import N_

REASONS = {
    "service": N_("service"),
    "by_hand": N_("written in afterwards"),
    "reversal": N_("taken back"),
    "points_service": N_("points for service"),
    "points_rating": N_("points for a good rating"),
    "points_expiry": N_("points ran out"),
    "points_gift": N_("points given away"),
    "points_back": N_("points sent back"),
    "points_wish": N_("given to a wish"),
    "points_pool": N_("given to the pool"),
    "points_undone": N_("points taken back"),
    "reserve": N_("gift reserved"),
    "points_by_hand": N_("points corrected by hand"),
    "collect": N_("gift fetched"),
    "let_go": N_("reservation let go"),
    "refund": N_("gift given back"),
    "settle": N_("paid to a merchant"),
    "exchange_out": N_("sent to a partner"),
    "exchange_in": N_("came from a partner"),
    "exchange_back": N_("came back from a partner"),
    "merge": N_("two entries of one person made one"),
    "unmerge": N_("taken apart again"),
}
OPEN = {
    "redemption": N_("Reserved gifts"),
    "exchange": N_("On the way to partners"),
    "wish": N_("Held for wishes"),
    "merchant": N_("Owed to merchants"),
    "claim": N_("Spent before the minutes were taken back"),
}


def reason_word(reason: str) -> str:
    """Return the msgid for why something moved; a reason that has no words yet stands for itself."""
    return REASONS.get(reason, reason)
