"""/manage/settlements: each shop's month, what a point is worth, the two who approve, the money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.accounts.humans import accounts_of
from volunteer.accounts.pages import door
from volunteer.accounts.queries import names_of
from volunteer.audit.recording import record
from volunteer.kernel import handing_out
from volunteer.kernel.clock import local_date, month_before, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Invalid, NotFound
from volunteer.kernel.words import ENGLISH, N_
from volunteer.rewards.merchants.belonging import shops_of
from volunteer.rewards.pages.partners import managed_sites
from volunteer.rewards.points.pages.words import points_word
from volunteer.rewards.settling import deciding, preparing, queries
from volunteer.rewards.settling.lifecycle import StatementStatus
from volunteer.rewards.settling.models import Statement
from volunteer.rewards.settling.rules import SILENCE, read_month, yuan
from volunteer.rewards.settling.schemas import LinesForm, PaidForm, PrepareForm, SeenForm, WordsForm, WorthForm
from volunteer.web import filters, locale
from volunteer.web.acting import Errors, acted, saved
from volunteer.web.asked import page_asked
from volunteer.web.county import zone
from volunteer.web.files import handed_out
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("settlements", __name__, url_prefix="/manage/settlements")
P = Permission.SETTLEMENTS_HANDLE
STATES = {
    StatementStatus.PREPARED: (N_("the shop is asked"), "info", "hourglass"),
    StatementStatus.DISPUTED: (N_("the shop says: not right"), "late", "message-square-warning"),
    StatementStatus.ACCEPTED: (N_("waits for approval"), "soon", "users-round"),
    StatementStatus.APPROVED_ONCE: (N_("waits for a second person"), "soon", "users-round"),
    StatementStatus.APPROVED: (N_("to be paid"), "soon", "banknote"),
    StatementStatus.PAID: (N_("paid"), "ok", "circle-check"),
    StatementStatus.WITHDRAWN: (N_("taken back"), "grey", "undo-2"),
}


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """A month's statements, shops without one, and what a point is worth."""
    return _list({}, {})


@bp.post("/worth")
@requires(P)
def worth() -> ResponseReturnValue:
    """Propose what a point is worth."""

    def act(session: Session, draft: dict[str, Any]) -> str:
        preparing.propose_worth(session, current_actor(), draft["site"], draft["points"], draft["fen"], draft["first"], at=now())
        return url_for(".show")

    return saved(WorthForm, act, _list, _("Proposed. It holds when a colleague agrees."))


@bp.post("/worth/<int:worth_id>")
@requires(P)
def decide_worth(worth_id: int) -> ResponseReturnValue:
    """Agree to a colleague's proposal, or not."""
    agreed = request.form.get("answer") == "yes"

    def act(session: Session) -> object:
        return preparing.decide_worth(session, current_actor(), worth_id, agreed, at=now())

    return acted(act, url_for(".show"), _("Agreed. It holds now.") if agreed else _("Turned down."))


@bp.post("/prepare")
@requires(P)
def prepare() -> ResponseReturnValue:
    """Make one shop's statement now."""

    def act(session: Session, draft: dict[str, Any]) -> str:
        month = read_month(draft["month"])
        if month is None:
            raise Invalid.field("month", N_("Please choose a month."))
        made = preparing.prepare(session, current_actor(), draft["merchant"], month, at=now())
        return url_for(".statement", statement_id=made.id)

    return saved(PrepareForm, act, _list, _("Prepared. The shop has been told."))


@bp.get("/<int:statement_id>")
@requires(P)
def statement(statement_id: int) -> ResponseReturnValue:
    """One statement with its lines, and what can be done now."""
    return _one(statement_id, {}, {})


@bp.post("/<int:statement_id>.<kind>")
@requires(P)
@door.after_proof
def sheet(statement_id: int, kind: str) -> ResponseReturnValue:
    """The statement as a file; that it was taken is written down."""
    with transaction() as session:
        found = queries.statement_managed(session, current_actor(), statement_id)
        record(session, current_actor(), "statement_taken", f"statement:{found.id}", at=now(), site_path=found.site_path)
        return file_of(found, kind)


@bp.post("/<int:statement_id>/answer")
@requires(P)
def answer(statement_id: int) -> ResponseReturnValue:
    """Answer what the shop disputed: lines stay, or are left out."""

    def act(session: Session, draft: dict[str, Any]) -> object:
        return deciding.answer(session, current_actor(), statement_id, draft["lines"], draft["words"], at=now())

    return _do(statement_id, LinesForm, act, _("Answered. The shop looks at it again."))


@bp.post("/<int:statement_id>/approve")
@requires(P)
def approve(statement_id: int) -> ResponseReturnValue:
    """One of the two."""

    def act(session: Session, draft: dict[str, Any]) -> object:
        return deciding.approve(session, current_actor(), statement_id, draft["seen"], at=now())

    return _do(statement_id, SeenForm, act, _("Approved."))


@bp.post("/<int:statement_id>/pay")
@requires(P)
def pay(statement_id: int) -> ResponseReturnValue:
    """The money went out."""

    def act(session: Session, draft: dict[str, Any]) -> object:
        return deciding.pay(session, current_actor(), statement_id, draft["paid_on"], draft["reference"], at=now())

    return _do(statement_id, PaidForm, act, _("Booked. The shop has been told."))


@bp.post("/<int:statement_id>/withdraw")
@requires(P)
def withdraw(statement_id: int) -> ResponseReturnValue:
    """Take it back before it is paid."""

    def act(session: Session, draft: dict[str, Any]) -> object:
        return deciding.withdraw(session, current_actor(), statement_id, draft["note"], at=now())

    return _do(statement_id, WordsForm, act, _("Taken back. Its lines wait for another statement."))


def file_of(found: Statement, kind: str) -> Response:
    """Return a statement as CSV or XLSX. Raises NotFound for anything else."""
    if kind not in {"csv", "xlsx"}:
        raise NotFound("page")
    rows = queries.as_rows(found, zone(), english=locale.chosen() == ENGLISH)
    head = [_("Entry"), _("Handed over on"), _("Gift"), points_word(), _("Yuan")]
    title = f"{found.merchant.name} {found.month:%Y-%m}"
    data = handing_out.csv_file(head, rows) if kind == "csv" else handing_out.xlsx_file(head, rows, title=title)
    response = Response(data, content_type=handing_out.TYPES[kind])
    return handed_out(response, f"statement-{found.merchant_id}-{found.month:%Y-%m}.{kind}")


def page_of(found: Statement, **more: Any) -> str:
    """Return the page of one statement, for either side."""
    people = {found.first_by, found.second_by, found.paid_by} - {None}
    return render_template(
        "rewards/statement.html",
        statement=found,
        state=STATES[found.status],
        lines=found.lines,
        names=names_of(db.session(), [one for one in people if one is not None]),
        yuan=yuan,
        gift=lambda line: (line.what_en if locale.chosen() == ENGLISH else "") or line.what,
        **more,
    )


def _do(statement_id: int, schema: type[Any], act: Any, done: str) -> ResponseReturnValue:
    there = url_for(".statement", statement_id=statement_id)

    def once(session: Session, draft: dict[str, Any]) -> str:
        act(session, draft)
        return there

    return saved(schema, once, lambda typed, wrong: _one(statement_id, typed, wrong), done)


def _list(typed: Mapping[str, Any], wrong: Errors) -> str:
    unit, actor, today = db.session(), current_actor(), local_date(now(), zone())
    month = read_month(request.args.get("month", "")) or month_before(today)
    page = page_asked()
    rows, pages = queries.of_month(unit, actor, month, page)
    mine = accounts_of(unit, actor.user_id)
    page = min(page, pages)
    return render_template(
        "rewards/settlements.html",
        month=month,
        months=sorted({month, month_before(today), *queries.months(unit, actor)}, reverse=True),
        rows=rows,
        open=queries.not_prepared(unit, actor, month) if month < today.replace(day=1) else [],
        worths=queries.worths(unit, actor),
        sites=[(site.id, filters.named(site)) for site in managed_sites(P)],
        states=STATES,
        yuan=yuan,
        mine=mine,
        shops=shops_of(unit, mine),
        previous=url_for(".show", month=f"{month:%Y-%m}", page=page - 1) if page > 1 else None,
        following=url_for(".show", month=f"{month:%Y-%m}", page=page + 1) if page < pages else None,
        values={"first": today.replace(day=1).isoformat()} | dict(typed),
        errors=wrong,
    )


def _one(statement_id: int, typed: Mapping[str, Any], wrong: Errors) -> str:
    unit, actor, at = db.session(), current_actor(), now()
    found = queries.statement_managed(unit, actor, statement_id)
    mine = accounts_of(unit, actor.user_id)
    own = found.merchant_id in shops_of(unit, mine)
    silent = found.status is StatementStatus.PREPARED and at >= found.made_at + SILENCE
    waits = found.status in {StatementStatus.ACCEPTED, StatementStatus.APPROVED_ONCE} or silent
    return page_of(
        found,
        side="site",
        own=own,
        silent=silent,
        may_approve=waits and not own and mine.isdisjoint({found.first_by, found.second_by}),
        waits_for_other=found.status is StatementStatus.APPROVED_ONCE and found.first_by in mine,
        values={"paid_on": local_date(at, zone()).isoformat()} | dict(typed),
        errors=wrong,
    )
