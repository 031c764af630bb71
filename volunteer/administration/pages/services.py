"""服务菜单: the services of a centre, each with its form and its questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.administration import menu
from volunteer.administration.pages.saving import saved
from volunteer.administration.pages.site_choice import site_options
from volunteer.administration.schemas_menu import ItemForm, QuestionForm, as_lines
from volunteer.administration.schemas_places import Edit
from volunteer.catalogue import closing, editing, questions
from volunteer.catalogue.models import Question, QuestionKind, Risk, ServiceItem
from volunteer.kernel.clock import now
from volunteer.kernel.db import db, load
from volunteer.kernel.errors import Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.places.models import Site
from volunteer.web.acting import Errors, acted
from volunteer.web.asked import number_asked, turning, words_asked
from volunteer.web.identity import current_actor, requires

bp = Blueprint("manage_services", __name__, url_prefix="/manage/services")
P = Permission.MENU_MANAGE
RISKS = {
    Risk.LOW: (N_("Low"), N_("talking, reading, company")),
    Risk.MEDIUM: (N_("Medium"), N_("tools, lifting, a way outside")),
    Risk.HIGH: (N_("High"), N_("heights, electricity, water: adults with insurance only")),
}
KINDS = {
    QuestionKind.CHOICE: N_("one of several answers"),
    QuestionKind.YES_NO: N_("yes or no"),
    QuestionKind.NUMBER: N_("a number"),
    QuestionKind.TEXT: N_("words"),
}
STEPS = {"up": -1, "down": 1}
SHUT = N_("Closed. It can be opened again.")


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """The menu of my sites, page by page."""
    words, shut, category = words_asked(), number_asked("closed") == 1, number_asked("category")
    unit = db.session()
    found = menu.items(unit, current_actor(), words=words, category=category, closed=shut, page=number_asked("page", 1))
    return render_template(
        "administration/services.html",
        words=words,
        shut=shut,
        category=category,
        categories=[row for row, _uses in menu.categories(unit) if row.closed_at is None],
        listed=found,
        turn=turning(".show", found.page, found.page < found.pages, q=words, closed=int(shut), category=category),
    )


@bp.get("/new")
@requires(P)
def new() -> ResponseReturnValue:
    """An empty form with what is usual."""
    return _form(None, {"minutes": 60, "people": 1, "risk": "low", "reply_minutes": 240}, {})


@bp.post("/new")
@requires(P)
def add() -> ResponseReturnValue:
    """Put it on the menu."""

    def act(session: Session, edit: Edit) -> str:
        if edit.site is None:
            raise Invalid.field("site", _("Please choose one of these."))
        made = editing.add_item(session, current_actor(), load(session, Site, edit.site), edit.draft, at=now())
        return url_for(".item", item_id=made.id)

    return saved(ItemForm(), act, lambda values, errors: _form(None, values, errors), _("It is on the menu."))


@bp.get("/<int:item_id>")
@requires(P)
def item(item_id: int) -> ResponseReturnValue:
    """One service: its form, its questions, closing."""
    found = _mine(item_id)
    return _form(found, _values(found), {})


@bp.post("/<int:item_id>")
@requires(P)
def change(item_id: int) -> ResponseReturnValue:
    """Write it down."""

    def act(session: Session, edit: Edit) -> str:
        editing.edit_item(session, current_actor(), item_id, edit.draft, seen=edit.seen, at=now())
        return url_for(".item", item_id=item_id)

    return saved(ItemForm(), act, lambda values, errors: _form(_mine(item_id), values, errors), _("Changed."))


@bp.post("/<int:item_id>/close")
@requires(P)
def close(item_id: int) -> ResponseReturnValue:
    """Take it off the menu."""
    return acted(lambda session: closing.close_item(session, current_actor(), item_id, at=now()), _there(item_id), _(SHUT))


@bp.post("/<int:item_id>/open")
@requires(P)
def reopen(item_id: int) -> ResponseReturnValue:
    """Put it back."""
    return acted(
        lambda session: closing.open_item(session, current_actor(), item_id, at=now()), _there(item_id), _("Open again.")
    )


@bp.post("/<int:item_id>/<step>")
@requires(P)
def move(item_id: int, step: str) -> ResponseReturnValue:
    """One place earlier or later in its category."""
    known(step, STEPS)
    there = url_for(".show", category=_mine(item_id).category_id)
    return acted(lambda session: closing.move_item(session, current_actor(), item_id, STEPS[step], at=now()), there, _("Moved."))


@bp.get("/<int:item_id>/questions/new")
@requires(P)
def new_question(item_id: int) -> ResponseReturnValue:
    """An empty question."""
    found = _mine(item_id)
    return _question(found, None, {"seen": found.version, "kind": "choice"}, {})


@bp.post("/<int:item_id>/questions/new")
@requires(P)
def add_question(item_id: int) -> ResponseReturnValue:
    """Ask it from now on."""

    def act(session: Session, edit: Edit) -> str:
        questions.add_question(session, current_actor(), item_id, edit.draft, seen=edit.seen, at=now())
        return _there(item_id)

    return saved(QuestionForm(), act, lambda values, errors: _question(_mine(item_id), None, values, errors), _("Written down."))


@bp.get("/questions/<int:question_id>")
@requires(P)
def question(question_id: int) -> ResponseReturnValue:
    """One question's form."""
    found = _asked(question_id)
    values = {
        "code": found.code, "kind": found.kind.value, "name": found.name, "name_en": found.name_en,
        "required": "yes" if found.required else "", "choices": as_lines(found.offered), "seen": found.item.version,
    }  # fmt: skip
    return _question(found.item, found, values, {})


@bp.post("/questions/<int:question_id>")
@requires(P)
def change_question(question_id: int) -> ResponseReturnValue:
    """Write it down."""
    there = _there(_asked(question_id).item_id)

    def act(session: Session, edit: Edit) -> str:
        questions.edit_question(session, current_actor(), question_id, edit.draft, seen=edit.seen, at=now())
        return there

    def page(values: Mapping[str, Any], errors: Errors) -> str:
        found = _asked(question_id)
        return _question(found.item, found, values, errors)

    return saved(QuestionForm(), act, page, _("Changed."))


@bp.post("/questions/<int:question_id>/<what>")
@requires(P)
def turn_question(question_id: int, what: str) -> ResponseReturnValue:
    """Earlier, later, no more, again."""
    known(what, (*STEPS, "close", "open"))
    there, actor = _there(_asked(question_id).item_id), current_actor()

    def act(session: Session) -> Question:
        if what in STEPS:
            return questions.move_question(session, actor, question_id, STEPS[what], at=now())
        verb = questions.close_question if what == "close" else questions.open_question
        return verb(session, actor, question_id, at=now())

    return acted(act, there, _("Changed."))


def known(word: str, words: Iterable[str]) -> None:
    """An address with another word is no page."""
    if word not in words:
        raise NotFound("page")


def _there(item_id: int) -> str:
    return url_for(".item", item_id=item_id)


def _mine(item_id: int) -> ServiceItem:
    if item_id >= 2**31:
        abort(404)
    found = load(db.session(), ServiceItem, item_id)
    current_actor().must(P, at=found.site.path)
    return found


def _asked(question_id: int) -> Question:
    if question_id >= 2**31:
        abort(404)
    found = load(db.session(), Question, question_id)
    current_actor().must(P, at=found.item.site.path)
    return found


def _values(found: ServiceItem) -> dict[str, Any]:
    names = (
        "code", "name", "name_en", "summary", "summary_en", "bring", "bring_en", "minutes", "people", "reply_minutes", "stopper",
        "stopper_en", "stopper_call",
    )  # fmt: skip
    values: dict[str, Any] = {name: getattr(found, name) for name in names}
    return values | {
        "category": found.category.code,
        "risk": found.risk.value,
        "skills": [skill.code for skill in found.skills],
        "seen": found.version,
    }


def _form(found: ServiceItem | None, values: Mapping[str, Any], errors: Errors) -> str:
    unit = db.session()
    chosen = request.form.getlist("skills") if request.method == "POST" else values.get("skills", [])
    return render_template(
        "administration/service.html",
        item=found,
        values=dict(values) | {"skills": chosen},
        errors=errors,
        sites=site_options(P) if found is None else [],
        categories=[row for row, _uses in menu.categories(unit) if row.closed_at is None or (found and row is found.category)],
        skills=[row for row, _uses in menu.skills(unit) if row.closed_at is None or (found and row in found.skills)],
        risks=[(risk.value, _(label), _(hint)) for risk, (label, hint) in RISKS.items()],
        kinds={kind: _(words) for kind, words in KINDS.items()},
        orders=menu.open_orders_of(unit, found) if found else 0,
    )


def _question(found: ServiceItem, question: Question | None, values: Mapping[str, Any], errors: Errors) -> str:
    kinds = [(kind.value, _(words)) for kind, words in KINDS.items()]
    return render_template(
        "administration/question.html", item=found, question=question, values=values, errors=errors, kinds=kinds
    )
