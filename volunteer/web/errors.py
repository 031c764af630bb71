"""Refusals and accidents, and how each looks: a friendly page, or problem details (RFC 9457) under /api."""

from __future__ import annotations

import secrets
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, TooMany
from volunteer.kernel.words import N_
from volunteer.web import accidents, forms, locale
from volunteer.web.context import page_above
from volunteer.web.identity import known_person_id

HTTP_STATUS: dict[type[DomainError], int] = {Invalid: 422, NotFound: 404, Forbidden: 403, Conflict: 409, TooMany: 429}
HTTP_TITLES = {
    400: N_("That did not work"),
    403: N_("This is not for your role"),
    404: N_("We cannot find that"),
    409: N_("Something has changed"),
    413: N_("That is too large"),
    422: N_("Please look at this again"),
    429: N_("One moment, please"),
}
HTTP_WORDS = {
    400: N_("We could not read what was sent. Please go back and try again."),
    404: N_("This page does not exist. The address may be mistyped, or the link is too old."),
    405: N_("This page cannot be used that way. Please start from the first page."),
    413: N_("That is too large. Please send smaller or fewer photos."),
    414: N_("The address is too long."),
    415: N_("We cannot read this kind of file."),
    429: N_("That was a little fast. Please wait a moment and try again."),
}
SORRY = N_("Something went wrong on our side. Nothing you had saved is lost. Please try again in a moment.")
BUSY = N_("The service is very busy right now. Nothing is lost. Please try again in a moment.")
EXPIRED = N_("This page was open for too long, or cookies are switched off. Please reload it and send again.")
YIELDED = frozenset({"40P01", "40001"})  # PostgreSQL let the other one of two go first
WORTH_ANOTHER_LOOK = frozenset({409, 422, 429})  # the page that the form was on says more
log = structlog.get_logger("volunteer.web")


def answer(status: int, code: str, message: str, *, fields: dict[str, list[str]] | None = None) -> Response:
    """Return the page or the problem document for a refusal whose ``message`` is already translated."""
    if request.path.startswith("/api/"):
        body: dict[str, Any] = {"type": "about:blank", "title": message, "status": status, "code": code}
        if fields:
            body["errors"] = fields
        response = jsonify(body)
        response.content_type = "application/problem+json"
    else:
        said = [words for listed in (fields or {}).values() for words in listed if words != message]
        title = _(HTTP_TITLES.get(status, HTTP_TITLES[400]))
        back = page_above(request.path) if request.method == "POST" and status in WORTH_ANOTHER_LOOK else "/"
        response = Response(
            render_template(
                "errors/page.html",
                title=title,
                message=message,
                advice=" ".join(said),
                back_url=back,
                back_label=_("Back to where I was") if back != "/" else None,
            )
        )
    response.status_code = status
    return response


def explain(error: DomainError) -> str:
    """Return the error's message in the reader's language, with its context filled in."""
    return str(_(error.message, **error.context) if "%(" in error.message else _(error.message))


def reference() -> str:
    """Return this request's short name, which a person can read to us over the phone; the log has it too."""
    if "reference" not in g:
        g.reference = secrets.token_hex(4)
    return str(g.reference)


def init_app(app: Flask) -> None:
    """Register every handler. Whatever is not named here is a bug and becomes the 500 page."""
    app.register_error_handler(DomainError, refused)
    app.register_error_handler(ValidationError, lambda error: refused(forms.invalid(error)))
    app.register_error_handler(StaleDataError, lambda error: refused(overtaken()))
    app.register_error_handler(IntegrityError, _twice)
    app.register_error_handler(OperationalError, _no_database)
    app.register_error_handler(InterfaceError, _no_database)  # a connection that is closed already
    app.register_error_handler(CSRFError, _old_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)
    app.teardown_appcontext(_let_go)


def refused(error: DomainError) -> Response:
    """Answer a refusal of the domain's."""
    status = next(HTTP_STATUS[kind] for kind in type(error).__mro__ if kind in HTTP_STATUS)
    said = {"code": error.code, "status": status, "endpoint": request.endpoint, "person": known_person_id()}
    log.info("refused", **said, reference=reference())
    fields = {name: [_(words) for words in listed] for name, listed in getattr(error, "fields", {}).items()}
    response = answer(status, error.code, explain(error), fields=fields)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.context.get("seconds", 60))
    return response


def _twice(error: IntegrityError) -> Response:
    return refused(overtaken()) if is_unique_violation(error) else _bug(error)


def _no_database(error: OperationalError | InterfaceError) -> Response:
    db.session.rollback()
    if getattr(error.orig, "sqlstate", None) in YIELDED:
        return refused(overtaken())
    log.error("database", error=type(error.orig).__name__, reference=reference())
    response = plain(503, BUSY)
    response.headers["Retry-After"] = "5"
    return response


def _let_go(error: BaseException | None) -> None:
    """End the session before Flask-SQLAlchemy does: a server that went away meanwhile takes no answer back that is made."""
    try:
        db.session.remove()
    except DBAPIError as gone:
        log.warning("database", error=type(gone.orig).__name__)
        db.session().invalidate()
        db.session.registry.clear()


def _old_form(error: CSRFError) -> Response:
    log.info("refused", code="csrf", status=400, reference=reference())
    return answer(400, "form_expired", _(EXPIRED))


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    if error.code >= 500:
        return _bug(error)
    words = HTTP_WORDS.get(error.code, HTTP_WORDS[400])
    response = answer(error.code, error.name.lower().replace(" ", "_"), _(words))
    if allow := dict(error.get_headers()).get("Allow"):
        response.headers["Allow"] = allow
    return response


def _bug(error: Exception) -> Response:
    if current_app.testing:
        raise error
    db.session.rollback()
    log.exception("bug", kind=type(error).__name__, reference=reference(), exc_info=_without_values(error))
    accidents.note(type(error).__name__, request.endpoint or "", reference(), at=now())
    return plain(500, SORRY)


def overtaken() -> Conflict:
    """Return what the slower of two simultaneous acts is told."""
    return Conflict("overtaken", N_("Somebody else was faster. Please look at the page again."))


def is_unique_violation(error: IntegrityError) -> bool:
    """True when a unique key refused the row, on either database."""
    return getattr(error.orig, "sqlstate", None) == "23505" or "UNIQUE constraint failed" in str(error.orig)


def plain(status: int, words: str) -> Response:
    """Return a page that needs no database and no layout: it must come up when those are what broke."""
    if request.path.startswith("/api/"):
        response = jsonify({"type": "about:blank", "title": _(words), "status": status, "reference": reference()})
        response.content_type = "application/problem+json"
    else:
        lang = "en" if locale.chosen() == "en" else "zh-Hans"
        said = {"title": _("Sorry"), "message": _(words), "reference": reference()}
        response = Response(current_app.jinja_env.get_template("errors/plain.html").render(lang=lang, **said))
    response.status_code = status
    return response


def _without_values(error: BaseException) -> Any:
    """Hide bound parameters: they may hold names and phones."""
    if hasattr(error, "hide_parameters"):
        error.hide_parameters = True
    return error
