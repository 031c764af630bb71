"""The words of cases: kinds, where one stands, lines of its diary. Msgids; templates and pages translate them."""

from __future__ import annotations

from volunteer.kernel.words import N_

KINDS = {
    "follow_up": N_("Follow-up"),
    "complaint": N_("Complaint"),
    "praise": N_("Praise"),
    "suggestion": N_("Suggestion"),
}
PICTURES = {
    "follow_up": "phone-call",
    "complaint": "message-circle-warning",
    "praise": "heart",
    "suggestion": "lightbulb",
}
STATES = {
    "open": (N_("Waiting"), "soon"),
    "looking": (N_("Being looked into"), "info"),
    "answered": (N_("Answered"), "ok"),
    "closed": (N_("Settled"), "grey"),
    "reopened": (N_("Looked at once more"), "late"),
}
CHANNELS = {
    "web": N_("on the web"),
    "phone": N_("by phone"),
    "counter": N_("at the counter"),
    "rating": N_("with a rating"),
}
LINES = {
    "open": N_("Came in"),
    "take": N_("Taken on"),
    "hand_up": N_("Handed up"),
    "answer": N_("Answered"),
    "close": N_("Settled"),
    "content": N_("The person is content"),
    "lapse": N_("Closed: nobody objected"),
    "reopen": N_("Not enough: looked at once more"),
    "called": N_("Called"),
    "not_reached": N_("Called, nobody reached"),
    "ask_team": N_("The team was asked"),
    "team_said": N_("The team told its side"),
    "added": N_("The person added something"),
    "passed_on": N_("Passed on to the volunteers"),
    "handed_on": N_("A colleague took it over"),
}
DECISIONS = {
    "shown": (N_("Show the words"), N_("They are about the work, and harm nobody.")),
    "masked": (N_("Show them with parts covered"), N_("Cover what must not be read with ＊.")),
    "hidden": (N_("Keep them hidden"), N_("The stars count all the same.")),
}
