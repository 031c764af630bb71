"""A copy of everything held about whoever asks, as one file: for people to read, and for programs; and being forgotten."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

from flask import Blueprint, Response, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.accounts.pages import door
from volunteer.administration import forgetting, own_data
from volunteer.administration.own_data import Part
from volunteer.administration.wording import COLUMNS
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.web import throttle
from volunteer.web.county import zone
from volunteer.web.files import handed_out
from volunteer.web.identity import current_actor, current_person, requires, sign_out
from volunteer.web.unit import transaction

bp = Blueprint("own_data", __name__)


@bp.get("/me/data")
@requires(Permission.ACCOUNT_OWN)
def show() -> ResponseReturnValue:
    """What the copy holds, and the way to it."""
    return _page({})


@bp.post("/me/data")
@requires(Permission.ACCOUNT_OWN)
def download() -> ResponseReturnValue:
    """Hand the copy out, for the password or a fresh log-in."""
    at, actor = now(), current_actor()
    throttle.spend(throttle.OWN_DATA, str(actor.user_id), at)
    if wrong := door.complaint_about_proof(request.form.get("password", ""), at):
        return _page(wrong), 422
    with transaction() as unit:
        parts = own_data.collect(unit, actor, at=at)
        name = current_person().name
    day = local_date(at, zone()).isoformat()
    return handed_out(Response(_packed(parts, name, day), mimetype="application/zip"), f"my-data-{day}.zip")


@bp.post("/me/data/forget")
@requires(Permission.ACCOUNT_OWN)
def forget() -> ResponseReturnValue:
    """Forget whoever asks, for the password or a fresh log-in, and log them out."""
    at, actor = now(), current_actor()
    throttle.spend(throttle.OWN_DATA, f"forget:{actor.user_id}", at)
    wrong = {} if request.form.get("sure") == "yes" else {"sure": [_("Please tick this: it cannot be undone.")]}
    if wrong or (wrong := door.complaint_about_proof(request.form.get("password", ""), at)):
        return _page(wrong), 422
    with transaction() as unit:
        uid = forgetting.forget(unit, actor, int(actor.user_id or 0), at=at)
    forgetting.note(current_app.config["FORGOTTEN_FILE"], [uid])
    sign_out()
    return redirect("/", code=303)


def _packed(parts: list[Part], name: str, day: str) -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data.json", json.dumps({part.name: part.rows for part in parts}, ensure_ascii=False, indent=1))
        page = render_template("administration/own_data_file.html", parts=parts, name=name, day=day, column=_column)
        file.writestr("data.html", page)
    return data.getvalue()


def _column(name: str) -> str:
    """What a column is called, for people; the programs' name where none was thought of."""
    return _(COLUMNS[name]) if name in COLUMNS else name


def _page(errors: dict[str, list[str]]) -> str:
    ask = not door.is_fresh(now())
    has_password = current_person().password_hash is not None
    first = forgetting.obstacles(db.session(), int(current_actor().user_id or 0), at=now())
    words = {"errors": errors, "ask": ask, "has_password": has_password, "first": first}
    return render_template("administration/own_data.html", **words)
