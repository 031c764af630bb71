"""Forms of stars, benefits and households: whatever is refused stands above the form; every button works once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, DomainError, Forbidden, NotFound
from volunteer.web import forms
from volunteer.web.acting import Page, complaints, done_once
from volunteer.web.errors import explain


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
