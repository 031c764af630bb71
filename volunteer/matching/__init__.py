"""Who could do it, in which order, and why: a request against the teams. Pure: numbers in, reasons out."""

from volunteer.matching.assign import assign
from volunteer.matching.explain import Obstacle, Reason, why_not
from volunteer.matching.filter import is_insured
from volunteer.matching.plan import Plan
from volunteer.matching.rank import Ranking, rank
from volunteer.matching.roster import Roster
from volunteer.matching.score import score
from volunteer.matching.terms import Match, Parts, Policy, Reasons, Request, Team, Weights
from volunteer.matching.unserved import Unserved
from volunteer.matching.week import ALL_WEEK, Week, hours_of_week
from volunteer.matching.weighing import Weighed, weighed

__all__ = [
    "ALL_WEEK",
    "Match",
    "Obstacle",
    "Parts",
    "Plan",
    "Policy",
    "Ranking",
    "Reason",
    "Reasons",
    "Request",
    "Roster",
    "Team",
    "Unserved",
    "Week",
    "Weighed",
    "Weights",
    "assign",
    "hours_of_week",
    "is_insured",
    "rank",
    "score",
    "weighed",
    "why_not",
]
