"""“Is it this?”: what somebody's own words may mean, shown while they type and to those who check a request. Nothing is kept."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.catalogue.dangers import Danger, danger_in
from volunteer.catalogue.sorting import LIKELY
from volunteer.catalogue.suggesting import Suggested, suggest
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.placing import MOST_WORDS
from volunteer.orders.words import sorting
from volunteer.web import locale, throttle
from volunteer.web.identity import open_to_all

bp = Blueprint("guessing", __name__)
GUESS_ADDRESS = throttle.Limit("guess-address", 300, 15)  # a whole station may type behind one address


@bp.post("/order/guess")
@open_to_all
def guess() -> ResponseReturnValue:
    """What the words typed so far may mean, as a fragment: danger first. They are looked at and forgotten."""
    throttle.spend_here(GUESS_ADDRESS, now())
    words = request.form.get("words", "")[:MOST_WORDS]
    danger = danger_in(words)
    suggested = None if danger else suggest(db.session(), words)
    shown = suggested if suggested is not None and suggested.likely else None
    answer = Response(render_template("orders/guess.html", danger=danger_words(danger), suggested=present(shown)))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def danger_words(danger: Danger | None) -> dict[str, str] | None:
    """Return whom to call and why, in the reader's language."""
    if danger is None:
        return None
    return {"call": danger.call, "words": danger.name_en if locale.chosen() == "en" else danger.name}


def present(suggested: Suggested | None) -> dict[str, Any] | None:
    """Return a suggestion with how sure it is in plain words."""
    if suggested is None:
        return None
    return {
        "item": suggested.item,
        "skills": suggested.skills,
        "category": suggested.category,
        "because": suggested.because,
        "sure": sure_words(suggested),
        "likely": suggested.likely,
        "others": suggested.others,
    }


def sure_words(suggested: Suggested) -> str:
    """Return how sure a suggestion is as people say it."""
    if suggested.is_sure:
        return _("almost certain")
    return _("probably") if suggested.chance >= LIKELY else _("perhaps")


def for_resident(session: Session, order: ServiceOrder) -> dict[str, Any] | None:
    """Return what to ask whoever ordered in free words, once, until staff have looked at it."""
    if order.item is not None or order.status is not Status.PLACED or not order.words or sorting.answered(session, order):
        return None
    found = suggest(session, order.words, order.site_path)
    return present(found) if found is not None and found.likely else None


def for_staff(session: Session, order: ServiceOrder, words: str) -> dict[str, Any]:
    """Return what to suggest to whoever checks an order in free words, and the danger that the words speak of."""
    found = suggest(session, words, order.site_path) if order.item is None and words else None
    return {"suggested": present(found), "heard": danger_words(danger_in(words))}
