"""Fields of the forms of volunteers and teams: a site, a team, the squares of a week, a list of numbers."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.kernel.errors import Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.places import queries as places
from volunteer.places.models import Site
from volunteer.teams.models import Team, Volunteer
from volunteer.teams.queries_people import team_of_code
from volunteer.teams.rules import PARTS
from volunteer.web import filters

Options = list[tuple[str, list[tuple[int, str]]]]
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
PART_WORDS = {"morning": N_("Morning"), "afternoon": N_("Afternoon"), "evening": N_("Evening"), "night": N_("Night")}
MOST_TRIES = 400


def site_options(session: Session) -> Options:
    """Return every open station by branch, for a select."""
    found = [
        (filters.named(branch), [(branch.id, filters.named(branch)), *((one.id, filters.named(one)) for one in stations)])
        for branch, stations in places.villages(session)
    ]
    if not found and (centre := places.centre(session)) is not None:
        return [(filters.named(centre), [(centre.id, filters.named(centre))])]
    return found


def site_called(session: Session, site_id: int) -> Site:
    """Return an open site. Raises Invalid beside the field."""
    site = session.get(Site, site_id)
    if site is None or site.closed_at is not None:
        raise Invalid.field("site", N_("Please choose one of these."))
    return site


def week_grid() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return the grid of a week: for each day its number, its word, and (value, words) of its squares."""
    return [
        (str(day), _(word), [(f"{day}-{part}", _(PART_WORDS[part])) for part, _begins, _ends in PARTS])
        for day, word in enumerate(WEEKDAYS)
    ]


def team_called(session: Session, code: str) -> Team:
    """Return the team with that code. Raises NotFound."""
    team = team_of_code(session, code)
    if team is None:
        raise NotFound("team")
    return team


def codes(volunteer: Volunteer) -> list[str]:
    """Return the codes of what somebody can do."""
    return [held.skill.code for held in volunteer.skills]


def listed(values: Iterable[str]) -> list[str]:
    """Return typed numbers, one for each word: commas, spaces and lines part them."""
    text = " ".join(values)
    for mark in ",，、;；\n\r\t":
        text = text.replace(mark, " ")
    return [one for one in text.split(" ") if one][:MOST_TRIES]
