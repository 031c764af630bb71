"""What the names of acts and subjects of points mean, for people who read logs."""

from __future__ import annotations

from volunteer.kernel.words import N_

POINT_ACTS = {
    "points_named": N_("gave points a name"),
    "point_rule_drafted": N_("wrote a draft of the rules of points"),
    "point_rule_dropped": N_("put a draft of the rules of points away"),
    "point_rule_published": N_("published rules of points"),
    "own_points_taken": N_("took a list of their own points"),
    "points_owed_taken": N_("took a list of what is owed in points"),
    "wish_posted": N_("posted a small wish"),
    "wish_fulfilled": N_("said that a small wish came true"),
    "wish_cancelled": N_("took a small wish back"),
    "points_requested": N_("asked for points to be moved by hand"),
    "points_request_decided": N_("decided about points moved by hand"),
    "points_claim_taken": N_("took points that were owed"),
    "points_claim_waived": N_("let points go that were owed"),
}
POINT_SUBJECTS = {
    "points": N_("Rules of points %(id)s"),
    "wish": N_("Small wish %(id)s"),
    "points-request": N_("Request about points %(id)s"),
    "claim": N_("Points that are owed %(id)s"),
}
