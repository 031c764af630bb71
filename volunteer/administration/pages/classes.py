"""The classes of teams: the eight standing ones and a county's own (8 + N)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import Schema, fields
from marshmallow.validate import Length
from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.administration.pages.saving import saved
from volunteer.administration.schemas_menu import CODE
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.kernel.words import N_
from volunteer.teams.enrolling import add_team_class
from volunteer.teams.models import TeamClass
from volunteer.teams.queries_people import team_classes
from volunteer.web.acting import Errors
from volunteer.web.identity import current_actor, requires

bp = Blueprint("manage_classes", __name__, url_prefix="/manage/team-classes")
P = Permission.TEAMS_MANAGE


class ClassForm(Schema):
    """A class of teams as it is typed."""

    code = fields.String(load_default="", validate=CODE)
    name = fields.String(required=True, validate=Length(max=40))
    name_en = fields.String(load_default="", validate=Length(max=60))


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """All of them, and a field for one more."""
    return _page({}, {})


@bp.post("")
@requires(P)
def add() -> ResponseReturnValue:
    """One more of the N."""

    def act(session: Session, typed: Mapping[str, Any]) -> str:
        if session.scalar(select(TeamClass.id).where(TeamClass.code == typed["code"])):
            raise Conflict("class_code_taken", N_("There is a class with this code already."))
        add_team_class(session, current_actor(), typed["code"], typed["name"], typed["name_en"], standing=False, at=now())
        return url_for(".show")

    return saved(ClassForm(), act, _page, _("Written down."))


@bp.get("/<code>")
@requires(P)
def one(code: str) -> ResponseReturnValue:
    """The words of one."""
    found = _found(code)
    return _one(found, {"name": found.name, "name_en": found.name_en}, {})


@bp.post("/<code>")
@requires(P)
def change(code: str) -> ResponseReturnValue:
    """Call it something else; its code stays, because sheets find it by that."""

    def act(session: Session, typed: Mapping[str, Any]) -> str:
        found = _found(code)
        add_team_class(session, current_actor(), found.code, typed["name"], typed["name_en"], standing=found.standing, at=now())
        return url_for(".show")

    found = _found(code)
    return saved(ClassForm(exclude=("code",)), act, lambda values, errors: _one(found, values, errors), _("Written down."))


def _found(code: str) -> TeamClass:
    found = db.session.scalar(select(TeamClass).where(TeamClass.code == code[:40]))
    if found is None:
        raise NotFound("team_class")
    return found


def _page(values: Mapping[str, Any], errors: Errors) -> str:
    return render_template("administration/classes.html", rows=team_classes(db.session()), values=values, errors=errors)


def _one(found: TeamClass, values: Mapping[str, Any], errors: Errors) -> str:
    return render_template("administration/class.html", row=found, values=values, errors=errors)
