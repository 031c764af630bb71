"""Is this certificate real? Anybody may ask."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.certificates import issuing, queries
from volunteer.certificates.rules import public_facts, tidy_number
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.web import throttle
from volunteer.web.identity import current_actor, open_to_all, requires
from volunteer.web.unit import transaction

bp = Blueprint("verify", __name__)


@bp.get("/verify")
@open_to_all
def ask() -> ResponseReturnValue:
    """One field for the number; a number that cannot be one is said so beside it."""
    typed = request.args.get("number", "").strip()[:60]
    if number := tidy_number(typed):
        return redirect(url_for(".show", number=number))
    errors = {"number": [_("This number is incomplete or mistyped. It has 13 digits, in groups of four.")]} if typed else {}
    return render_template("certificates/verify.html", values={"number": typed}, errors=errors), 422 if errors else 200


@bp.get("/verify/<number>")
@open_to_all
def show(number: str) -> ResponseReturnValue:
    """Valid, replaced, revoked or unknown, with the facts masked."""
    throttle.spend_here(throttle.VERIFY_ADDRESS, now())
    tidy = tidy_number(number)
    found = queries.find(db.session(), tidy) if tidy else None
    if found is None:
        return render_template("certificates/verified.html", found=None, number=number[:40], at=now()), 404
    return render_template(
        "certificates/verified.html",
        found=found,
        number=found.number,
        facts=public_facts(found.facts),
        may_revoke=current_actor().can(Permission.CERTIFICATE_REVOKE, at=found.site.path),
        at=now(),
    )


@bp.post("/verify/<number>/revoke")
@requires(Permission.CERTIFICATE_REVOKE)
def revoke(number: str) -> ResponseReturnValue:
    """Declare a certificate void."""
    with transaction() as session:
        issuing.revoke(session, current_actor(), number, request.form.get("reason", ""), at=now())
    flash(_("The certificate is revoked. Its page says so from now on."))
    return redirect(url_for(".show", number=number), code=303)
