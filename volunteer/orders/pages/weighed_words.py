"""A team as it was weighed, and two of them against each other, in plain words.

Points are hundredths of a score: a perfect team of the starting policy has 100.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from volunteer.kernel.words import N_
from volunteer.matching import Policy
from volunteer.matching.weighing import Way, Weighed, apart, ways_up
from volunteer.teams.ratings import ENOUGH, as_stars
from volunteer.web import filters

LABELS = {
    "skill": N_("Skill"),
    "near": N_("Near"),
    "rated": N_("Well rated"),
    "continuity": N_("Knows the home"),
    "load": N_("Orders in hand"),
    "learned": N_("Sought after elsewhere"),
    "plan": N_("Needed for other orders of the plan"),
}
MOST_RATINGS = 200  # beyond this more ratings are no way to get ahead
PARTS = ("skill", "near", "rated", "continuity")


@dataclass(frozen=True, slots=True)
class Line:
    """One part of a score, or one price: the fact behind it, and what it came to."""

    label: str
    words: str
    points: str


def lines(one: Weighed, policy: Policy) -> list[Line]:
    """Return every part and price of a team with the fact behind it and its points."""
    given = one.points(policy)
    return [
        Line(_(LABELS.get(name, name)), fact(one, name), points(value)) for name, value in given.items() if name in PARTS or value
    ]


def rated_words(rating: float, ratings: int) -> str:
    """Return what a team's own ratings say in words: nothing while they are few. The score takes them shrunk anyway."""
    if ratings >= ENOUGH:
        return _("%(stars)s stars from %(n)s ratings", stars=f"{as_stars(rating):.1f}", n=ratings)
    if not ratings:
        return _("no ratings yet")
    return ngettext("%(num)s rating: too few to go by", "%(num)s ratings: too few to go by", ratings)


def fact(one: Weighed, name: str) -> str:
    """Return the fact behind a part or a price."""
    if name == "near":
        return filters.km(one.metres)
    if name == "rated":
        return rated_words(one.rating, one.ratings)
    if name == "continuity":
        return _("was there before") if one.parts.continuity else _("was never there")
    if name == "load":
        return _("%(load)s of %(capacity)s orders in hand", load=one.load, capacity=one.capacity)
    return f"{100 * one.parts.skill:.0f} %" if name == "skill" else ""


def points(value: float) -> str:
    """Return points with their sign: +36.0, −2.5."""
    return f"{100 * value:+.1f}".replace("-", "−") if value else "0.0"


def figure(value: float) -> str:
    """Return points without a sign that is plus."""
    return f"{100 * value:.1f}".replace("-", "−")


def differences(one: Weighed, other: Weighed, policy: Policy) -> list[str]:
    """Return what sets ``one`` apart from ``other``, the most telling first, each with its points."""
    said = []
    for name, gap in apart(one, other, policy):
        words = _difference(one, other, name, gap)
        said.append(_("%(what)s (%(points)s)", what=words, points=points(gap)))
    return said


def _difference(one: Weighed, other: Weighed, name: str, gap: float) -> str:
    ahead = gap > 0
    if name == "near":
        far = filters.km(abs(one.metres - other.metres))
        return _("%(far)s nearer", far=far) if ahead else _("%(far)s farther away", far=far)
    if name == "rated":
        mine, theirs = fact(one, name), fact(other, name)
        if (one.rating - other.rating) * gap <= 0:  # what was given, against what it counts for
            return _("few ratings prove little: %(mine)s, the other %(theirs)s", mine=mine, theirs=theirs)
        if ahead:
            return _("better rated: %(mine)s, the other %(theirs)s", mine=mine, theirs=theirs)
        return _("not as well rated: %(mine)s, the other %(theirs)s", mine=mine, theirs=theirs)
    if name == "load":
        mine, theirs = fact(one, name), fact(other, name)
        if ahead:
            return _("less to do: %(mine)s, the other %(theirs)s", mine=mine, theirs=theirs)
        return _("more to do already: %(mine)s, the other %(theirs)s", mine=mine, theirs=theirs)
    words = {
        "skill": (_("better at this work"), _("not as good at this work")),
        "continuity": (_("has helped this resident before"), _("has not helped this resident before")),
        "learned": (_("less sought after elsewhere"), _("more sought after elsewhere")),
    }
    better, worse = words.get(name, (_("of less use for other orders"), _("of more use for other orders")))
    return better if ahead else worse


def ways(behind: Weighed, ahead: Weighed, policy: Policy) -> list[str]:
    """Return what alone would have put a team in front of another."""
    found = ways_up(behind, ahead, policy)
    said = []
    if Way.NEARER in found:
        said.append(_("%(far)s nearer", far=filters.km(behind.metres - found[Way.NEARER])))
    ratings, orders = int(found.get(Way.RATINGS, 0)), int(found.get(Way.FEWER, 0))
    if 0 < ratings <= MOST_RATINGS:
        said.append(_("one more rating of five stars") if ratings == 1 else _("%(n)s more ratings of five stars", n=ratings))
    if orders:
        said.append(_("one order fewer in hand") if orders == 1 else _("%(n)s orders fewer in hand", n=orders))
    return said
