"""Who was asked how often: so that nobody is worn out and nobody is forgotten."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.orders.waves import queries_asking
from volunteer.web.identity import current_actor, requires

bp = Blueprint("asking", __name__)
TABS = ("all", "full", "forgotten")
LONGEST = 60


@bp.get("/asking")
@requires(Permission.ASKING_SEE)
def show() -> ResponseReturnValue:
    """Every team with its asks and answers; those whose budget is used up; those who could come and are not asked."""
    shown = request.args.get("show", "all")
    shown = shown if shown in TABS else "all"
    words = request.args.get("q", "").strip()[:LONGEST]
    typed = request.args.get("page", "1")
    page = int(typed) if typed.isascii() and typed.isdigit() and 0 < len(typed) < 5 and int(typed) else 1
    found = queries_asking.report(db.session(), current_actor(), show=shown, words=words, page=page, at=now())
    labels = {"all": _("All teams"), "full": _("Asked often enough"), "forgotten": _("Able and not asked")}
    return render_template(
        "orders/asking.html",
        report=found,
        shown=shown,
        words=words,
        tabs=[
            {"label": labels[name], "href": url_for(".show", show=name), "count": found.counts[name], "current": name == shown}
            for name in TABS
        ],
        before=url_for(".show", show=shown, q=words or None, page=page - 1) if page > 1 else None,
        after=url_for(".show", show=shown, q=words or None, page=page + 1) if found.more else None,
    )
