"""Handing over the work of a colleague who leaves: everything on one page, a colleague for each thing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission, Role
from volunteer.accounts import staff
from volunteer.accounts.wording import role_word
from volunteer.administration import handing_over
from volunteer.administration.handing_over import EMPTY, STAY, Item, Kind
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_
from volunteer.places.models import Site
from volunteer.web import filters
from volunteer.web.acting import field_errors
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("handing_over", __name__)
A_NAME = {"lang": "zh-Hans"}  # of an option: not to be translated
KINDS = {
    Kind.POST: N_("Posts that would be empty"),
    Kind.HOLD: N_("Orders open on the board"),
    Kind.ORDER: N_("Orders taken for residents"),
    Kind.STANDING: N_("Help that comes every week"),
    Kind.CASE: N_("Complaints being looked into"),
    Kind.TEAM: N_("Teams led"),
    Kind.INVITATION: N_("Invitations on their way"),
}


@bp.get("/manage/people/<int:person_id>/hand-over")
@requires(Permission.PEOPLE_MANAGE)
def show(person_id: int) -> ResponseReturnValue:
    """What waits for somebody, with a colleague for each; ``to`` proposes one for everything they may do."""
    return _page(person_id, {}, {})


@bp.post("/manage/people/<int:person_id>/hand-over")
@requires(Permission.PEOPLE_MANAGE)
def hand_over(person_id: int) -> ResponseReturnValue:
    """Move it all, and end the roles."""
    staff.person_for(db.session(), current_actor(), person_id)
    chosen = {key.removeprefix("to."): value for key, value in request.form.items() if key.startswith("to.")}
    try:
        with transaction() as unit:
            moved = handing_over.hand_over(unit, current_actor(), person_id, chosen, at=now())
    except Invalid as error:
        return _page(person_id, chosen, {f"to.{key}": words for key, words in field_errors(error).items()}), 422
    flash(_("Handed over: %(count)s. The roles have ended, and the colleagues have been told.", count=moved))
    return redirect(url_for("person.show", person_id=person_id), code=303)


def _page(person_id: int, chosen: dict[str, str], errors: dict[str, list[str]]) -> str:
    unit, actor = db.session(), current_actor()
    person = staff.person_for(unit, actor, person_id)
    items = handing_over.open_items(unit, actor, person_id, at=now())
    proposed = request.args.get("to", "")
    values: dict[str, Any] = {f"to.{item.key}": chosen.get(item.key) or _propose(item, proposed) for item in items}
    everybody = sorted({choice for item in items for choice in item.choices if choice[0].isdigit()}, key=lambda one: one[1])
    return render_template(
        "administration/hand_over.html",
        person=person,
        groups=[(_(words), [one for one in items if one.kind is kind]) for kind, words in KINDS.items()],
        name_of=_name,
        options_of=_options,
        everybody=[(*one, A_NAME) for one in everybody],
        proposed=proposed,
        values=values,
        errors=errors,
        count=len(items),
    )


def _propose(item: Item, to: str) -> str:
    values = [value for value, _name in item.choices]
    if to in values:
        return to
    return values[0] if len(values) == 1 else ""


def _name(item: Item) -> str:
    if item.kind is not Kind.POST:
        return item.name
    site = db.session.get(Site, int(item.path.strip("/").rsplit("/", 1)[-1]))
    return f"{_(role_word(Role(item.name)))} · {filters.named(site) if site else ''}"


def _options(item: Item) -> list[tuple[str, str, dict[str, str]]]:
    words = {STAY: _("goes on leading it, as a volunteer"), EMPTY: _("stays empty for now")}
    return [(value, words[value], {}) if value in words else (value, name, A_NAME) for value, name in item.choices]
