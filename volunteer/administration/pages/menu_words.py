"""Categories of the menu (the tiles of the home page) and skills, which every centre shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.administration import menu
from volunteer.administration.pages.saving import saved
from volunteer.administration.pages.services import SHUT, STEPS, known
from volunteer.administration.picture_words import PICTURE_WORDS
from volunteer.administration.schemas_menu import CategoryForm, SkillForm
from volunteer.administration.schemas_places import Edit
from volunteer.catalogue import closing, editing
from volunteer.catalogue.models import ServiceCategory, Skill
from volunteer.catalogue.rules import ICONS
from volunteer.kernel.clock import now
from volunteer.kernel.db import db, load
from volunteer.kernel.errors import DomainError
from volunteer.web.acting import Errors, acted
from volunteer.web.asked import words_asked
from volunteer.web.identity import current_actor, requires

bp = Blueprint("manage_words", __name__, url_prefix="/manage")
P = Permission.MENU_MANAGE


@bp.get("/categories")
@requires(P)
def categories() -> ResponseReturnValue:
    """The tiles in their order."""
    return render_template("administration/categories.html", rows=menu.categories(db.session()), may_write=_may_write())


@bp.get("/categories/new")
@requires(P)
def new_category() -> ResponseReturnValue:
    """An empty tile."""
    editing.must_write_for_all(db.session(), current_actor())
    return _category(None, {"icon": ICONS[0]}, {})


@bp.post("/categories/new")
@requires(P)
def add_category() -> ResponseReturnValue:
    """Put it last."""

    def act(session: Session, edit: Edit) -> str:
        editing.new_category(session, current_actor(), edit.draft, at=now())
        return url_for(".categories")

    return saved(CategoryForm(), act, lambda values, errors: _category(None, values, errors), _("Written down."))


@bp.get("/categories/<int:category_id>")
@requires(P)
def category(category_id: int) -> ResponseReturnValue:
    """One tile's form."""
    editing.must_write_for_all(db.session(), current_actor())
    found = _found(ServiceCategory, category_id)
    values = {
        "code": found.code, "name": found.name, "name_en": found.name_en, "elder": found.elder_name,
        "elder_en": found.elder_name_en, "icon": found.icon, "seen": found.version,
    }  # fmt: skip
    return _category(found, values, {})


@bp.post("/categories/<int:category_id>")
@requires(P)
def change_category(category_id: int) -> ResponseReturnValue:
    """Write it down."""

    def act(session: Session, edit: Edit) -> str:
        editing.edit_category(session, current_actor(), category_id, edit.draft, seen=edit.seen, at=now())
        return url_for(".categories")

    def page(values: Mapping[str, Any], errors: Errors) -> str:
        return _category(_found(ServiceCategory, category_id), values, errors)

    return saved(CategoryForm(), act, page, _("Changed."))


@bp.post("/categories/<int:category_id>/<what>")
@requires(P)
def turn_category(category_id: int, what: str) -> ResponseReturnValue:
    """Earlier, later, off the home page, back."""
    known(what, (*STEPS, "close", "open"))

    def act(session: Session) -> ServiceCategory:
        if what in STEPS:
            return closing.move_category(session, current_actor(), category_id, STEPS[what], at=now())
        verb = closing.close_category if what == "close" else closing.open_category
        return verb(session, current_actor(), category_id, at=now())

    done = {"close": _(SHUT), "open": _("Open again.")}.get(what, _("Moved."))
    return acted(act, url_for(".categories"), done)


@bp.get("/skills")
@requires(P)
def skills() -> ResponseReturnValue:
    """Every skill with where it is used."""
    words = words_asked()
    return render_template(
        "administration/skills.html", rows=menu.skills(db.session(), words), words=words, may_write=_may_write()
    )


@bp.get("/skills/new")
@requires(P)
def new_skill() -> ResponseReturnValue:
    """An empty form."""
    editing.must_write_for_all(db.session(), current_actor())
    return _skill(None, {}, {})


@bp.post("/skills/new")
@requires(P)
def add_skill() -> ResponseReturnValue:
    """Let services ask for it and volunteers say it of themselves."""

    def act(session: Session, edit: Edit) -> str:
        editing.new_skill(session, current_actor(), edit.draft, at=now())
        return url_for(".skills")

    return saved(SkillForm(), act, lambda values, errors: _skill(None, values, errors), _("Written down."))


@bp.get("/skills/<int:skill_id>")
@requires(P)
def skill(skill_id: int) -> ResponseReturnValue:
    """One skill's form, and which services need it."""
    editing.must_write_for_all(db.session(), current_actor())
    found = _found(Skill, skill_id)
    values = {
        "code": found.code, "name": found.name, "name_en": found.name_en, "licensed": "yes" if found.licensed else "",
        "seen": found.version,
    }  # fmt: skip
    return _skill(found, values, {})


@bp.post("/skills/<int:skill_id>")
@requires(P)
def change_skill(skill_id: int) -> ResponseReturnValue:
    """Write it down."""

    def act(session: Session, edit: Edit) -> str:
        editing.edit_skill(session, current_actor(), skill_id, edit.draft, seen=edit.seen, at=now())
        return url_for(".skills")

    return saved(SkillForm(), act, lambda values, errors: _skill(_found(Skill, skill_id), values, errors), _("Changed."))


@bp.post("/skills/<int:skill_id>/<what>")
@requires(P)
def turn_skill(skill_id: int, what: str) -> ResponseReturnValue:
    """Offer it no more, or again."""
    known(what, ("close", "open"))
    verb = closing.close_skill if what == "close" else closing.open_skill
    done = _(SHUT) if what == "close" else _("Open again.")
    return acted(lambda session: verb(session, current_actor(), skill_id, at=now()), url_for(".skill", skill_id=skill_id), done)


def _found(kind: Any, key: int) -> Any:
    if key >= 2**31:
        abort(404)
    return load(db.session(), kind, key)


def _may_write() -> bool:
    try:
        editing.must_write_for_all(db.session(), current_actor())
    except DomainError:
        return False
    return True


def _category(found: ServiceCategory | None, values: Mapping[str, Any], errors: Errors) -> str:
    pictures = [(name, _(PICTURE_WORDS[name])) for name in ICONS]
    return render_template("administration/category.html", category=found, values=values, errors=errors, pictures=pictures)


def _skill(found: Skill | None, values: Mapping[str, Any], errors: Errors) -> str:
    uses = closing.items_of_skill(db.session(), found.id) if found else []
    return render_template("administration/skill.html", skill=found, values=values, errors=errors, uses=uses)
