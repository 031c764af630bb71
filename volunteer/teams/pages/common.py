"""What the pages of volunteers and teams share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import BinaryIO, cast

from flask import Response, request, send_file
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.kernel.clock import now
from volunteer.kernel.errors import DomainError, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.media import queries as media
from volunteer.media import storing
from volunteer.media.models import Photo
from volunteer.places import queries as places
from volunteer.places.models import Site
from volunteer.teams.models import Team, Volunteer
from volunteer.teams.models_volunteers import Paper
from volunteer.teams.queries_people import team_of_code
from volunteer.teams.rules import PARTS
from volunteer.web import filters, idempotency
from volunteer.web.config import current_settings
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor
from volunteer.web.unit import transaction

Errors = dict[str, list[str]]
Options = list[tuple[str, list[tuple[int, str]]]]
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
PART_WORDS = {"morning": N_("Morning"), "afternoon": N_("Afternoon"), "evening": N_("Evening"), "night": N_("Night")}
MOST_TRIES = 400


def complaints(error: DomainError) -> Errors:
    """Return a refusal's complaints by field, in the reader's language; one without a field stands on its own."""
    if not isinstance(error, Invalid) or not error.fields:
        return {"form": [explain(error)]}
    return {name.partition(".")[0]: [_(words) for words in said] for name, said in error.fields.items()}


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


def done_once(purpose: str, act: Callable[[Session], str]) -> str:
    """Do ``act`` in a transaction and return where it led; a double tap leads where the first one did."""
    body = idempotency.fingerprint(request.form, request.files)
    with transaction() as unit:
        earlier = idempotency.claim(unit, request.form.get("once", ""), body, now(), purpose=purpose)
        if earlier is not None:
            return earlier
        location = act(unit)
        idempotency.settle(unit, location)
        return location


def photo_sent(unit: Session) -> Photo | None:
    """Store the one photo of this request, if there is one. Raises Invalid beside the field."""
    for file in request.files.getlist("photos")[:1]:
        if file.filename:
            stream, who = cast("BinaryIO", file.stream), current_actor().user_id
            return storing.store(unit, current_settings().media_folder, stream, uploader_id=who, at=now())
    return None


def show_photo(paper: Paper) -> Response:
    """Answer with the photo of a paper. Raises NotFound when it has none."""
    if paper.photo is None:
        raise NotFound("photo")
    response = send_file(media.file_of(current_settings().media_folder, paper.photo), mimetype="image/jpeg")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def codes(volunteer: Volunteer) -> list[str]:
    """Return the codes of what somebody can do."""
    return [held.skill.code for held in volunteer.skills]


def listed(values: Iterable[str]) -> list[str]:
    """Return typed numbers, one for each word: commas, spaces and lines part them."""
    text = " ".join(values)
    for mark in ",，、;；\n\r\t":
        text = text.replace(mark, " ")
    return [one for one in text.split(" ") if one][:MOST_TRIES]
