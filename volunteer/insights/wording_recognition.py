"""What acts about stars, benefits and homes mean, for people who read logs."""

from __future__ import annotations

from volunteer.kernel.words import N_

RECOGNITION = {
    "star_awarded": N_("awarded a star"),
    "star_put_aside": N_("put a proposed star aside"),
    "star_taken_up": N_("proposed a star again"),
    "star_doubted": N_("wrote down an objection to a star"),
    "star_doubt_settled": N_("decided about an objection to a star"),
    "star_revoked": N_("revoked a star"),
    "star_naming_agreed": N_("agreed to be named in public"),
    "star_naming_withdrawn": N_("no longer agrees to be named in public"),
    "benefit_written": N_("wrote a benefit"),
    "benefit_edited": N_("changed a benefit"),
    "benefit_closed": N_("closed a benefit"),
    "benefit_opened": N_("opened a benefit again"),
    "benefits_seen": N_("looked at somebody's benefits"),
    "benefit_handed_out": N_("handed out a benefit"),
    "benefit_taken_back": N_("took back the use of a benefit"),
    "home_founded": N_("founded a household"),
    "home_joined": N_("joined a household"),
    "home_left": N_("left a household"),
    "home_member_removed": N_("took somebody out of a household"),
    "home_handed_on": N_("handed a household on"),
    "home_closed": N_("ended a household"),
}
RECOGNISED = {
    "star_award": N_("Star award %(id)s"),
    "benefit": N_("Benefit %(id)s"),
    "benefit_use": N_("Use of benefit %(id)s"),
    "home": N_("Household %(id)s"),
}
