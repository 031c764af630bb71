"""Pages of sheets: what can be brought in, a sheet's template, its preview with its faults, and undoing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.accounts.pages import door
from volunteer.audit.recording import record
from volunteer.exchange import importing, planning, undoing, writing
from volunteer.exchange.checking import columns_of
from volunteer.exchange.columns import Fault
from volunteer.exchange.kinds import KINDS, kind_called
from volunteer.exchange.kinds.base import Kind
from volunteer.exchange.lifecycle import State
from volunteer.exchange.models import Import
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.web import idempotency, locale
from volunteer.web.errors import explain
from volunteer.web.files import handed_out
from volunteer.web.identity import current_actor, current_person, requires
from volunteer.web.unit import transaction

bp = Blueprint("sheets", __name__, url_prefix="/manage/sheets")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {"xlsx": XLSX, "csv": "text/csv; charset=utf-8"}
ICONS = {
    "sites": "building-2", "grids": "grid-3x3", "venues": "map-pin", "holidays": "calendar-days", "skills": "wrench",
    "services": "list-checks", "questions": "message-circle-question-mark", "teams": "hand-heart", "volunteers": "users-round",
}  # fmt: skip


@bp.get("")
@requires(Permission.SHEETS_USE)
def home() -> ResponseReturnValue:
    """Every kind of sheet that the reader may use, and what was brought in lately."""
    actor = current_actor()
    kinds = [kind for kind in KINDS if importing.scopes(actor, kind)]
    rows = importing.imports_of(db.session(), actor, kinds)
    return render_template("exchange/home.html", kinds=kinds, icons=ICONS, rows=rows, titles=_titles())


@bp.get("/<name>")
@requires(Permission.SHEETS_USE)
def show(name: str) -> ResponseReturnValue:
    """One kind: its template, an upload, and what is there."""
    return _page(_mine(name), {})


@bp.get("/<name>/template.<form>")
@requires(Permission.SHEETS_USE)
def template(name: str, form: str) -> ResponseReturnValue:
    """The empty sheet with an example row."""
    kind = _mine(name)
    chosen = locale.chosen()
    if form == "csv":
        return _file(writing.template_csv(kind.sheet, chosen), f"{name}-template", form, proof=False)
    if form != "xlsx":
        raise NotFound("page")
    lists = kind.lists(db.session(), current_actor(), now())
    return _file(writing.template_xlsx(kind.sheet, chosen, say, lists), f"{name}-template", form, proof=False)


@bp.post("/<name>/export")
@requires(Permission.SHEETS_USE)
@door.after_proof
def export(name: str) -> ResponseReturnValue:
    """What is there, as the same sheet: it can be changed and brought back. Written down, for names are in it."""
    kind, actor, at = _mine(name), current_actor(), now()
    form = "csv" if request.form.get("form") == "csv" else "xlsx"
    with transaction() as session:
        rows = list(kind.rows(session, actor, at))
        scope = importing.must_use(actor, kind)
        record(session, actor, "sheet_exported", f"sheet:{name}", at=at, site_path=scope, rows=len(rows))
    chosen = locale.chosen()
    if form == "csv":
        return _file(writing.csv_of(kind.sheet, rows, chosen), name, form)
    lists = kind.lists(db.session(), actor, at)
    return _file(writing.xlsx_of(kind.sheet, rows, chosen, say, lists=lists), name, form)


@bp.post("/<name>")
@requires(Permission.SHEETS_USE)
def upload(name: str) -> ResponseReturnValue:
    """Read a sheet and show what it would do; nothing is changed. Reading holds no lock."""
    kind, actor, at = _mine(name), current_actor(), now()
    sent = request.files.get("sheet")
    if sent is None or not sent.filename:
        return _page(kind, {"sheet": [_("Please choose a file.")]}), 422
    body = idempotency.fingerprint(request.form, request.files)
    data = sent.stream.read()
    checked, _table = importing.read(kind, data)
    plan = planning.plan(db.session(), actor, kind, checked, at=at)
    with transaction() as session:
        there = idempotency.claim(session, request.form.get("once", ""), body, at, purpose=request.path)
        if there is None:
            row = importing.keep(session, actor, kind, data, sent.filename, checked, plan, locale=locale.chosen(), at=at)
            there = url_for(".preview", import_id=row.id)
            idempotency.settle(session, there)
    return redirect(there, code=303)


@bp.get("/imports/<int:import_id>")
@requires(Permission.SHEETS_USE)
def preview(import_id: int) -> ResponseReturnValue:
    """What a sheet would do, what is wrong with it, or what it did."""
    return _import_page(importing.visible(db.session(), current_actor(), import_id))


@bp.post("/imports/<int:import_id>/marked.xlsx")
@requires(Permission.SHEETS_USE)
@door.after_proof
def marked(import_id: int) -> ResponseReturnValue:
    """The same sheet with its wrong cells marked, for whoever sent it."""
    session, actor = db.session(), current_actor()
    row = _own(import_id)
    kind = kind_called(row.kind)
    checked, table = importing.read(kind, importing.file_of(session, row))
    if table is None or not table.rows:
        raise Conflict("sheet_unreadable", N_("This file cannot be marked: it cannot be read at all."))
    plan = planning.plan(session, actor, kind, checked, at=now())
    columns = columns_of(kind.sheet, table)
    return _file(writing.marked_xlsx(kind.sheet, table, columns, plan.faults, locale.chosen(), say), f"{row.kind}-marked", "xlsx")


@bp.post("/imports/<int:import_id>/apply")
@requires(Permission.SHEETS_USE)
def apply(import_id: int) -> ResponseReturnValue:
    """Bring it in, all or nothing. The file is read before the transaction begins."""
    row = _own(import_id)
    if row.state is State.READ:
        checked, _table = importing.read(kind_called(row.kind), importing.file_of(db.session(), row))
        try:
            with transaction() as session:
                importing.apply(session, current_actor(), import_id, checked, at=now())
        except (Conflict, Invalid) as error:
            flash(explain(error), "late")
            return redirect(url_for(".preview", import_id=import_id), code=303)
        flash(_("The sheet was brought in."))
    return redirect(url_for(".preview", import_id=import_id), code=303)


@bp.post("/imports/<int:import_id>/drop")
@requires(Permission.SHEETS_USE)
def drop(import_id: int) -> ResponseReturnValue:
    """Forget an upload."""
    kind = _own(import_id).kind
    with transaction() as session:
        importing.drop(session, current_actor(), import_id, at=now())
    return redirect(url_for(".show", name=kind), code=303)


@bp.post("/imports/<int:import_id>/undo")
@requires(Permission.SHEETS_USE)
def undo(import_id: int) -> ResponseReturnValue:
    """Take it back, or say everything that is in the way."""
    try:
        with transaction() as session:
            undoing.undo(session, current_actor(), import_id, at=now())
    except undoing.InTheWay as error:
        row = importing.visible(db.session(), current_actor(), import_id)
        return _import_page(row, error.obstacles, explain(error)), 409
    flash(_("The import was undone."))
    return redirect(url_for(".preview", import_id=import_id), code=303)


def say(message: str, /, **params: Any) -> str:
    """Return a msgid in the reader's language, with its placeholders filled in."""
    return str(_(message, **params) if "%(" in message else _(message))


def _mine(name: str) -> Kind:
    kind = kind_called(name)
    importing.must_use(current_actor(), kind)
    return kind


def _own(import_id: int) -> Import:
    row = importing.visible(db.session(), current_actor(), import_id)
    if row.made_by != current_person().id:
        raise NotFound("sheet")
    return row


def _titles() -> dict[str, str]:
    return {kind.sheet.name: say(kind.sheet.title) for kind in KINDS}


def _page(kind: Kind, errors: dict[str, list[str]]) -> str:
    return render_template(
        "exchange/kind.html", kind=kind, title=say(kind.sheet.title), errors=errors, locale_name=locale.chosen(), say=say
    )


def _import_page(row: Import, obstacles: Sequence[undoing.Obstacle] = (), refused: str = "") -> str:
    kind = kind_called(row.kind)
    chosen = locale.chosen()
    mine = row.made_by == current_person().id
    report = importing.report_of(db.session(), row) if mine and row.state in {State.READ, State.WRONG} else None
    headers = {column.key: column.called(chosen) for column in kind.sheet.columns}
    faults = [Fault(*one) for one in report["faults"]] if report else []
    said = [(one.row, headers.get(one.column, ""), say(one.message, **one.params)) for one in faults]
    notes = [say(message, **params) for message, params in report["notes"]] if report else []
    blocked = [
        (one.row, one.label, say(one.message), "、".join(f"{say(words)} {count}" for words, count in one.things))
        for one in obstacles
    ]
    return render_template(
        "exchange/import.html", row=row, kind=kind, title=say(kind.sheet.title), mine=mine, report=report, headers=headers,
        faults=said, notes=notes, blocked=blocked, refused=refused, maker=row.maker.name,
    )  # fmt: skip


def _file(data: bytes, name: str, form: str, *, proof: bool = True) -> Response:
    return handed_out(Response(data, content_type=TYPES[form]), f"{name}.{form}", proof=proof)
