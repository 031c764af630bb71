"""/merchant/statements: what one's own shop is owed; accepted, or said to be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.accounts.pages import door
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import NotFound
from volunteer.rewards.pages.settlements import STATES, file_of, page_of
from volunteer.rewards.settling import deciding, queries
from volunteer.rewards.settling.rules import yuan
from volunteer.rewards.settling.schemas import LinesForm, SeenForm
from volunteer.web.acting import Errors, Page, saved
from volunteer.web.identity import current_actor, requires

bp = Blueprint("statements", __name__, url_prefix="/merchant/statements")
P = Permission.MERCHANT_OWN


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """Every month of one's own shop."""
    unit = db.session()
    shops = queries.shops(unit, current_actor())
    typed = request.args.get("shop", "")
    shop = next((one for one in shops if str(one.id) == typed), shops[0] if shops and not typed else None)
    if shop is None and typed:
        raise NotFound("merchant")
    return render_template(
        "rewards/statements.html",
        shops=shops,
        shop=shop,
        rows=queries.of_merchant(unit, shop.id) if shop else [],
        owed=queries.owed_now(unit, shop.id) if shop else 0,
        states=STATES,
        yuan=yuan,
    )


@bp.get("/<int:statement_id>")
@requires(P)
def statement(statement_id: int) -> ResponseReturnValue:
    """One month, line by line."""
    return _one(statement_id, {}, {})


@bp.post("/<int:statement_id>.<kind>")
@requires(P)
@door.after_proof
def sheet(statement_id: int, kind: str) -> ResponseReturnValue:
    """One month as a file."""
    return file_of(queries.statement_own(db.session(), current_actor(), statement_id), kind)


@bp.post("/<int:statement_id>/accept")
@requires(P)
def accept(statement_id: int) -> ResponseReturnValue:
    """It is right."""

    def act(session: Session, draft: dict[str, Any]) -> str:
        deciding.accept(session, current_actor(), statement_id, draft["seen"], at=now())
        return url_for(".statement", statement_id=statement_id)

    return saved(SeenForm, act, _again(statement_id), _("Thank you. Two people of the site approve it now."))


@bp.post("/<int:statement_id>/dispute")
@requires(P)
def dispute(statement_id: int) -> ResponseReturnValue:
    """Some lines are not right."""

    def act(session: Session, draft: dict[str, Any]) -> str:
        deciding.dispute(session, current_actor(), statement_id, draft["lines"], draft["words"], at=now())
        return url_for(".statement", statement_id=statement_id)

    return saved(LinesForm, act, _again(statement_id), _("Said. The site looks at it and answers you."))


def _again(statement_id: int) -> Page:
    return lambda typed, wrong: _one(statement_id, typed, wrong)


def _one(statement_id: int, typed: Mapping[str, Any], wrong: Errors) -> str:
    found = queries.statement_own(db.session(), current_actor(), statement_id)
    return page_of(
        found, side="shop", own=True, silent=False, may_approve=False, waits_for_other=False, values=typed, errors=wrong
    )
