"""What points are called on every page, and what moved them, in words."""

from __future__ import annotations

from flask import Flask, g
from flask_babel import gettext as _

from volunteer.kernel.db import db
from volunteer.kernel.words import N_
from volunteer.ledger import ageing, point_labels, points
from volunteer.rewards.points import giving
from volunteer.rewards.points.homes import home_of
from volunteer.rewards.points.lifecycle import WishState
from volunteer.web.identity import current_actor
from volunteer.web.locale import chosen

REASONS = {
    points.SERVICE: (N_("Service"), "hand-heart"),
    points.RATING: (N_("A good rating"), "star"),
    points.TAKEN_BACK: (N_("Minutes were taken back"), "undo-2"),
    "reversal": (N_("Taken back"), "undo-2"),
    ageing.EXPIRY: (N_("Run out"), "timer-off"),
    ageing.BACK: (N_("Came back"), "undo-2"),
    giving.GIFT: (N_("Given"), "heart-handshake"),
    giving.WISH: (N_("For a wish"), "sparkles"),
    giving.POOL: (N_("For the pool of giving"), "heart"),
    "points_by_hand": (N_("Corrected by staff"), "pencil"),
    "reserve": (N_("Gift reserved"), "gift"),
    "collect": (N_("Gift fetched"), "gift"),
    "let_go": (N_("Gift let go"), "undo-2"),
    "refund": (N_("Gift taken back"), "undo-2"),
    "exchange_out": (N_("Changed to another platform"), "arrow-right-left"),
    "exchange_in": (N_("Came from another platform"), "arrow-right-left"),
    "exchange_back": (N_("Exchange called off"), "undo-2"),
    "merge": (N_("Two accounts put together"), "users-round"),
    "unmerge": (N_("Two accounts taken apart"), "users-round"),
}
WISHES = {
    WishState.OPEN: (N_("Points are gathered"), "info"),
    WishState.FULL: (N_("All gathered"), "soon"),
    WishState.FULFILLED: (N_("Came true"), "ok"),
    WishState.CANCELLED: (N_("Taken back"), "grey"),
}


def reason_words(reason: str) -> tuple[str, str]:
    """Return why points moved, in the reader's language, and its icon."""
    words, icon = REASONS.get(reason, (N_("Points were moved"), "arrow-right-left"))
    return _(words), icon


def weight(thousandths: int) -> str:
    """Return a weight as people write it: 1500 is 1.5."""
    return f"{thousandths / 1000:.3f}".rstrip("0").rstrip(".")


def points_word() -> str:
    """Return what points are called where the reader is at home; of somebody who is not logged in, the first county's word."""
    if "points_word" not in g:
        actor, locale = current_actor(), chosen()
        own = home_of(actor)
        path = own if own != "/" else min((path for _role, path in actor.grants if path != "/"), default="/1/")
        g.points_word = point_labels.points_label(db.session(), path, locale)
    word: str = g.points_word
    return word


def init_app(app: Flask) -> None:
    """Give every template the county's word for points."""
    app.jinja_env.globals["points_word"] = points_word
