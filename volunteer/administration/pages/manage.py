"""The first page of those who manage: what is still to do, and every page that they may open."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from volunteer.access import Permission
from volunteer.administration import checklist, hub
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.text import search_text
from volunteer.web import county
from volunteer.web.config import current_settings
from volunteer.web.context import page_exists
from volunteer.web.identity import current_actor, requires

bp = Blueprint("manage", __name__)

MANY = 12  # pages from which on one looks for a page by its name


@bp.get("/manage")
@requires(Permission.MANAGE_SEE)
def show() -> ResponseReturnValue:
    """The list of the first days until it is done, then the hub alone."""
    actor, at = current_actor(), now()
    steps: list[checklist.Step] = []
    if scopes := actor.scopes(Permission.PLACES_MANAGE):
        today = local_date(at, county.zone())
        facts = checklist.facts_of(db.session(), scopes[0], current_settings().sms_sender, at=at, today=today)
        steps = checklist.steps_of(facts, at)
    groups = [
        (group, there) for group, entries in hub.entries_for(actor) if (there := [e for e in entries if page_exists(e.path)])
    ]
    return render_template(
        "administration/manage.html",
        steps=[] if all(step.done for step in steps) else steps,
        done=sum(step.done for step in steps),
        groups=groups,
        many=sum(len(entries) for _group, entries in groups) >= MANY,
        found_by=search_text,
    )
