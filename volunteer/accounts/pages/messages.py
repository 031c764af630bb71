"""/me/messages: everything that somebody was told, to be read again; what is new is marked once."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from volunteer.access import Permission
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.words import CHINESE, ENGLISH
from volunteer.messaging import outbox, templates
from volunteer.messaging.models import Message
from volunteer.web.asked import page_asked
from volunteer.web.identity import current_person, requires
from volunteer.web.unit import transaction

bp = Blueprint("messages", __name__)
PAGE = 30
LANGUAGES = {CHINESE: "zh-Hans", ENGLISH: "en"}


@bp.get("/me/messages")
@requires(Permission.ACCOUNT_OWN)
def show() -> ResponseReturnValue:
    """What I was told, the newest first."""
    person_id, page = current_person().id, page_asked()
    rows = outbox.inbox_of(db.session(), person_id, limit=PAGE + 1, offset=(page - 1) * PAGE)
    told = [(_words(row), LANGUAGES[row.locale], row.created_at, row.read_at is None) for row in rows[:PAGE]]
    more = len(rows) > PAGE
    if any(new for *_told, new in told):
        with transaction() as session:
            outbox.mark_read(session, person_id, at=now())
    return render_template(
        "accounts/messages.html",
        told=told,
        previous=url_for(".show", page=page - 1) if page > 1 else None,
        following=url_for(".show", page=page + 1) if more else None,
    )


def _words(row: Message) -> str:
    return templates.render(row.template, row.locale, row.params)
