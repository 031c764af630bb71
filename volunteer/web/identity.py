"""Who is asking. Flask-Login is known here and nowhere else; its remember cookie, which cannot be revoked, is not used.

Every view says who may use it, with ``requires(permission)`` or ``open_to_all``; one that says nothing answers nobody.
The door only asks whether any grant has the permission: the verb behind it asks where.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import urlsplit

import flask_login
import structlog
from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from volunteer.access import NOBODY, Actor, Permission
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Forbidden
from volunteer.settings import Settings
from volunteer.web import sessions
from volunteer.web.config import current_settings
from volunteer.web.devices import device_words
from volunteer.web.unit import transaction

View = TypeVar("View", bound=Callable[..., Any])
KEPT = ("locale", "elder", "theme")  # what a visitor chose stays chosen across signing in and out
ANYONE = "anyone"
LONGEST_PATH = 500
TOUCH_PATIENCE = 0.2  # seconds
log = structlog.get_logger("volunteer.web")


class Person(Protocol):
    """What the edge needs to know about a person; the rows are the accounts package's."""

    id: Any
    name: Any


class Loaded(NamedTuple):
    """A person who may act now, as whom, and the one page that they must be done with before any other."""

    person: Any
    actor: Actor
    first: str | None = None


LoadActor = Callable[[Session, int, datetime], Loaded | None]


class _SignedIn(flask_login.UserMixin):  # type: ignore[misc]
    """Flask-Login's user: a session's token with the person behind it."""

    def __init__(self, token: str, session_id: int, person_id: int, loaded: Loaded | None) -> None:
        self.token = token
        self.session_id = session_id
        self.person_id = person_id
        self.loaded = loaded

    def get_id(self) -> str:
        return self.token


def requires(permission: Permission) -> Callable[[View], View]:
    """Let in whoever holds ``permission`` somewhere; ask others to sign in, and refuse the rest."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if _signed_in() is None:
                return _ask_to_sign_in()
            if not current_actor().may(permission):
                raise Forbidden(permission.value)
            return view(*args, **kwargs)

        guarded.required_permission = permission  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def open_to_all(view: View) -> View:
    """Let everybody in; what they see still depends on what they hold (a code, a link)."""
    view.required_permission = ANYONE  # type: ignore[attr-defined]
    return view


def even_when_led(view: View) -> View:
    """Let this view also be used by somebody who is led to another page first."""
    view.even_when_led = True  # type: ignore[attr-defined]
    return view


def led_to() -> str | None:
    """Return the page that the signed-in person must be done with before any other, or None."""
    user = _signed_in()
    return user.loaded.first if user and user.loaded else None


def current_actor() -> Actor:
    """Return who acts in this request; NOBODY for a visitor."""
    user = _signed_in()
    return user.loaded.actor if user and user.loaded else NOBODY


def current_person() -> Any:
    """Return the signed-in person's row, or None for a visitor."""
    user = _signed_in()
    return user.loaded.person if user and user.loaded else None


def current_session_id() -> int | None:
    """Return the id of this browser's session row, or None for a visitor."""
    user = _signed_in()
    return user.session_id if user else None


def known_person_id() -> int | None:
    """Return whose session this is, for the log; None for a visitor, and when nobody has asked who it is. Reads nothing."""
    return getattr(g.get("_login_user"), "person_id", None)  # where Flask-Login keeps it for the request


def sign_in(person: Person) -> None:
    """Open a fresh session for ``person`` in this browser; whatever token it had before is dead."""
    old = session.get("_user_id")
    at = now()
    person_id = int(person.id)
    with transaction() as unit:
        if old:
            sessions.end(unit, old, at=at)
        token = sessions.start(unit, person_id, limits(current_settings()), device=_device(), at=at)
    _forget_visitor()
    found = sessions.find(db.session(), token, limits(current_settings()), at=at)
    loaded = current_app.extensions["load_actor"](db.session(), person_id, at)
    flask_login.login_user(_SignedIn(token, found.id if found else 0, person_id, loaded))


def sign_out() -> None:
    """End this browser's session on the server, then forget it here."""
    token = session.get("_user_id")
    if token:
        with transaction() as unit:
            sessions.end(unit, token, at=now())
    flask_login.logout_user()
    _forget_visitor()


def safe_path(target: str | None) -> str | None:
    """Return ``target`` when it is a plain path of this site, else None: nobody is sent elsewhere by a link of ours."""
    if not target or len(target) > LONGEST_PATH or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(ord(character) < 33 or ord(character) == 127 for character in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def page_before() -> str | None:
    """Return the page of ours that the browser says this request was sent from, None for any other or none."""
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:  # a host in brackets that is none
        return None
    return safe_path(parts.path + (f"?{parts.query}" if parts.query else "")) if parts.netloc == request.host else None


def limits(settings: Settings) -> sessions.Limits:
    """Return how long sessions live in this installation."""
    return sessions.Limits(timedelta(minutes=settings.session_idle_minutes), timedelta(days=settings.session_days))


def init_app(app: Flask, load_actor: LoadActor) -> None:
    """Set up Flask-Login on our session rows. ``load_actor`` comes from above: the edge knows no people."""
    app.extensions["load_actor"] = load_actor
    manager = flask_login.LoginManager()
    manager.session_protection = None  # bound to nothing that changes on a train; the row is the authority
    manager.init_app(app)

    @manager.user_loader  # type: ignore[untyped-decorator]
    def _load(token: str) -> _SignedIn | None:
        at = now()
        found = sessions.find(db.session(), token, limits(current_settings()), at=at)
        if found is None:
            return None
        if found.stale:
            _touch(found.id, at)
        loaded = load_actor(db.session(), found.person_id, at)
        return _SignedIn(token, found.id, found.person_id, loaded) if loaded else None

    @app.before_request
    def _no_silent_views() -> None:
        view = app.view_functions.get(request.endpoint or "")
        if view is not None and request.endpoint != "static" and not hasattr(view, "required_permission"):
            app.logger.error("the view %s does not say who may use it", request.endpoint)
            abort(404)

    @app.before_request
    def _first_things_first() -> ResponseReturnValue | None:
        view = app.view_functions.get(request.endpoint or "")
        if "_user_id" not in session or request.endpoint == "static" or hasattr(view, "even_when_led"):
            return None
        first = led_to()
        if first is None or view is None:
            return None
        if request.path.startswith("/api/"):
            abort(403)
        return redirect(first, code=303)


def _touch(session_id: int, at: datetime) -> None:
    """Note that a session is used. Who only reads waits for no long import and no full disk: it is noted the next time."""
    try:
        with transaction(patience=TOUCH_PATIENCE) as unit:
            sessions.touch(unit, session_id, at=at)
    except DBAPIError:
        log.warning("session_not_touched")


def _signed_in() -> _SignedIn | None:
    user = flask_login.current_user  # a proxy; what it stands for is wanted
    return user._get_current_object() if user.is_authenticated else None


def _ask_to_sign_in() -> ResponseReturnValue:
    if request.path.startswith("/api/"):
        abort(401)
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("login.show", next=safe_path(here)))


def _forget_visitor() -> None:
    kept = {name: session[name] for name in KEPT if name in session}
    session.clear()
    session.update(kept)
    session.permanent = bool(kept)


def _device() -> str:
    return device_words((request.user_agent.string or "")[:400])
