"""The search for all staff, and the one by the end of a phone."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from volunteer.access import Permission
from volunteer.insights import searching, searching_phones
from volunteer.insights.pages.doors import door
from volunteer.insights.searching import Group
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_
from volunteer.web import forms
from volunteer.web.identity import current_actor, requires
from volunteer.web.throttle import Limit, spend
from volunteer.web.unit import transaction

bp = Blueprint("search", __name__)
WORDS = Limit("search", 120, 5)
PHONES = Limit("search-phone", 60, 60)
NAMES = {
    "orders": N_("Orders"),
    "people": N_("Volunteers"),
    "staff": N_("Staff"),
    "teams": N_("Teams"),
    "sites": N_("Sites"),
    "venues": N_("Venues"),
    "services": N_("Services"),
    "cases": N_("Complaints and praise"),
}


@bp.get("/search")
@requires(Permission.STAFF_SEARCH)
def show() -> ResponseReturnValue:
    """What is found, kind by kind."""
    words = request.args.get("q", "")[: searching.LONGEST].strip()
    actor = current_actor()
    if words:
        spend(WORDS, str(actor.user_id), now())
    return _page(words, searching.search(db.session(), actor, words))


@bp.post("/search/phone")
@requires(Permission.STAFF_SEARCH)
def by_phone() -> ResponseReturnValue:
    """Whoever has a phone with that end. Sent as a form, so that no address and no log ever holds the digits."""
    actor, at, typed = current_actor(), now(), request.form.get("tail", "")
    if searching_phones.may_search(actor):
        spend(PHONES, str(actor.user_id), at)
    try:
        with transaction() as session:
            groups = searching_phones.search_by_phone(session, actor, typed, at=at)
    except Invalid as error:
        errors = {name: [forms.worded(words) for words in said] for name, said in error.fields.items()}
        return _page("", [], errors=errors), 422
    return _page("", groups, tail=searching_phones.digits_of(typed))


def _page(words: str, groups: list[Group], *, tail: str | None = None, errors: dict[str, list[str]] | None = None) -> str:
    actor = current_actor()
    return render_template(
        "insights/search.html",
        words=words,
        groups=[(group, [(hit, door(actor, group.kind, hit)) for hit in group.hits]) for group in groups],
        names=NAMES,
        most=searching.MANY,
        tail=tail,
        errors=errors or {},
        may_phones=searching_phones.may_search(actor),
        looks_like_phone=searching_phones.digits_of(words),
    )
