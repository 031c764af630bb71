"""/merchants/apply: a shop that would like to give something for points. No account is needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Invalid, NotFound
from volunteer.rewards.merchants import applying
from volunteer.rewards.merchants.applying import MerchantDraft
from volunteer.rewards.merchants.schemas import MerchantForm
from volunteer.teams.pages.fields import site_options
from volunteer.web import throttle
from volunteer.web.acting import Errors, saved
from volunteer.web.identity import open_to_all

bp = Blueprint("applying", __name__, url_prefix="/merchants")


@bp.get("/apply")
@open_to_all
def form() -> ResponseReturnValue:
    """The form."""
    return _form({}, {})


@bp.post("/apply")
@open_to_all
def apply() -> ResponseReturnValue:
    """Hand it in."""
    at = now()
    throttle.spend_here(throttle.PLACE_ADDRESS, at)

    def act(session: Any, draft: MerchantDraft) -> str:
        try:
            applying.apply(session, draft, at=at)
        except NotFound:
            raise Invalid.field("site", "Please choose one of these.") from None
        return url_for(".applied")

    return saved(MerchantForm, act, _form, "")


@bp.get("/applied")
@open_to_all
def applied() -> ResponseReturnValue:
    """What happens next."""
    return render_template("rewards/applied.html")


def _form(values: Mapping[str, Any], errors: Errors) -> str:
    return render_template("rewards/apply.html", values=values, errors=errors, sites=site_options(db.session()))
