"""What the pages of stars, benefits and households share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from volunteer.teams.pages.common import Errors, complaints, done_once
from volunteer.web import forms, wording
from volunteer.web.county import zone
from volunteer.web.errors import explain
from volunteer.web.locale import chosen

LAST = 1_000  # page of a list; what lies behind is found by searching
Page = Callable[[Mapping[str, Any], Errors], str]


def page_asked() -> int:
    """Return which page of a list the address asks for."""
    typed = request.args.get("page", "")
    return min(max(int(typed), 1), LAST) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 1


def words_asked() -> str:
    """Return what was typed into the search field."""
    return request.args.get("q", "").replace("\0", "").strip()[:60]


def turning(endpoint: str, page: int, more: bool, **carried: Any) -> dict[str, str | None]:
    """Return the addresses of the pages before and after."""
    here = {name: value for name, value in carried.items() if value}
    return {
        "previous": url_for(endpoint, page=page - 1, **here) if page > 1 else None,
        "next": url_for(endpoint, page=page + 1, **here) if more and page < LAST else None,
    }


def number_sent(name: str) -> int:
    """Return a whole number of the form. Raises Invalid beside the field."""
    typed = request.form.get(name, "").strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise Invalid.field(name, "Please choose one of these.")
    return int(typed)


def saved(purpose: str, act: Callable[[Session], str], page: Page, done: str) -> ResponseReturnValue:
    """Run ``act`` once and go on where it leads; a refusal shows ``page`` again with what was typed and what is wrong."""
    try:
        where = done_once(purpose, act)
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        db.session.rollback()
        return page(forms.typed(request.form), complaints(error)), 409 if isinstance(error, Conflict) else 422
    flash(done)
    return redirect(where, code=303)


def acted(purpose: str, act: Callable[[Session], Any], there: str, done: str) -> ResponseReturnValue:
    """Run a verb of one button, once, and go on. A refusal is told where one came from."""

    def run(session: Session) -> str:
        act(session)
        return there

    try:
        done_once(purpose, run)
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        db.session.rollback()
        flash(explain(error), "late")
        return redirect(there, code=303)
    flash(done)
    return redirect(there, code=303)


def day_words(day: date) -> str:
    """Return a calendar day in the reader's language."""
    return wording.calendar_day(day, local_date(now(), zone()), chosen())
