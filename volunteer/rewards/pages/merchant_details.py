"""/merchant/details: a shop moves, or somebody else answers for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.kernel.clock import now
from volunteer.kernel.db import db, load
from volunteer.rewards.merchants import correcting
from volunteer.rewards.merchants.models import Merchant
from volunteer.rewards.merchants.schemas import DetailsForm
from volunteer.rewards.pages.merchant import one_shop
from volunteer.web import filters
from volunteer.web.acting import Errors, saved
from volunteer.web.identity import current_actor, requires

bp = Blueprint("merchant_details", __name__, url_prefix="/merchant/details")


@bp.get("")
@requires(Permission.MERCHANT_OWN)
def show() -> ResponseReturnValue:
    """What is written about the shop."""
    return _page(one_shop(), {}, {})


@bp.post("")
@requires(Permission.MERCHANT_OWN)
def correct() -> ResponseReturnValue:
    """Correct it."""
    number = one_shop().id

    def act(session: Any, draft: correcting.DetailsDraft) -> str:
        correcting.correct(session, current_actor(), number, draft, at=now())
        return url_for("merchant.show", shop=number)

    page = lambda values, errors: _page(load(db.session(), Merchant, number), values, errors)  # noqa: E731
    return saved(DetailsForm, act, page, _("Saved."))


def _page(shop: Merchant, values: Mapping[str, Any], errors: Errors) -> str:
    kept = {
        "address": shop.address, "contact": shop.contact, "phone": shop.phone, "words": shop.words, "village": shop.site_id,
        "point.latitude": shop.latitude, "point.longitude": shop.longitude,
    }  # fmt: skip
    site = shop.site
    around = {"data-lat": site.latitude, "data-lng": site.longitude}
    places = [(site.id, filters.named(site), around)]
    return render_template("rewards/merchant_details.html", shop=shop, values=values or kept, errors=errors, places=places)
