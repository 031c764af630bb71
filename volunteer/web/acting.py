"""What a page does with a form: one verb is run once, and a refusal leads back to the form with what was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import Schema
from sqlalchemy.orm import Session

from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from volunteer.web import forms, idempotency
from volunteer.web.errors import explain
from volunteer.web.unit import transaction

Errors = Mapping[str, list[str]]
Act = Callable[[Session, Any], str]  # the verb, with what the form loads to; returns the address to go on to
Page = Callable[[Mapping[str, Any], Errors], str]


def field_errors(error: Invalid | None) -> dict[str, list[str]]:
    """Return a refusal's complaints by field, in the reader's language."""
    if error is None:
        return {}
    if len(error.fields) == 1 and error.context:
        return {name: [explain(error)] for name in error.fields}
    return {name: [_(words) for words in listed] for name, listed in error.fields.items()}


def complaints(error: DomainError) -> dict[str, list[str]]:
    """Return a refusal's complaints by field, in the reader's language; one without a field stands on its own ("form").

    What is wrong with one box of several stands beside them all: "days.3" complains at "days".
    """
    found = field_errors(error) if isinstance(error, Invalid) else {}
    return {name.partition(".")[0]: said for name, said in found.items()} or {"form": [explain(error)]}


def done_once(purpose: str, act: Callable[[Session], str]) -> str:
    """Do ``act`` in a transaction of its own and return where it led; a double tap leads where the first one did."""
    at, body = now(), idempotency.fingerprint(request.form, request.files)
    with transaction() as session:
        there = idempotency.claim(session, request.form.get("once", ""), body, at, purpose=purpose)
        if there is None:
            there = act(session)
            idempotency.settle(session, there)
    return there


def run_once(act: Callable[[Session], str]) -> str:
    """Do ``act`` once for each rendered form of this address."""
    return done_once(request.path, act)


def saved_once(purpose: str, act: Callable[[Session], str], page: Page, done: str) -> ResponseReturnValue:
    """Do ``act`` once and go on where it leads; any refusal, also of an old form, shows ``page`` again with what was typed."""
    try:
        there = done_once(purpose, act)
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        db.session.rollback()
        return page(forms.typed(request.form), complaints(error)), 409 if isinstance(error, Conflict) else 422
    flash(done)
    return redirect(there, code=303)


def acted_once(purpose: str, act: Callable[[Session], object], there: str, done: str) -> ResponseReturnValue:
    """Run the verb of one button, once, and go on. A refusal is told where one came from."""

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


def saved(schema: Schema | type[Schema] | None, act: Act, page: Page, done: str) -> ResponseReturnValue:
    """Load the form, act once and go on; or show ``page`` again with what was typed and what is wrong with it."""
    try:
        draft = forms.load_form(schema, request.form) if schema is not None else None
        there = run_once(lambda session: act(session, draft))
    except (Invalid, Conflict) as error:
        if error.code.startswith("once"):
            raise
        return again(error, page)
    if done:
        flash(done)
    return redirect(there, code=303)


def again(error: Invalid | Conflict, page: Page) -> ResponseReturnValue:
    """Show the form again: complaints stand beside their fields, anything else at the top."""
    db.session.rollback()
    errors = field_errors(error) if isinstance(error, Invalid) else {}
    errors = errors or {"": [explain(error)]}
    answer = page(forms.typed(request.form), errors)
    return answer, 409 if isinstance(error, Conflict) else 422


def acted(act: Callable[[Session], object], there: str, done: str) -> ResponseReturnValue:
    """Run a verb that is harmless twice and go on. A refusal is told where one came from."""
    try:
        with transaction() as session:
            act(session)
    except (Invalid, Conflict) as error:
        db.session.rollback()
        flash(explain(error), "late")
        return redirect(there, code=303)
    flash(done)
    return redirect(there, code=303)
