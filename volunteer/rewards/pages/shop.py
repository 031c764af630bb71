"""/shop: gifts for points, reserved at home; and the page that is shown at the till."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from volunteer.access import Permission
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.media import queries as media
from volunteer.media.models import Photo
from volunteer.rewards.merchants import collecting, queries, reserving
from volunteer.rewards.merchants.lifecycle import RedemptionStatus
from volunteer.rewards.merchants.models import Gift, Redemption
from volunteer.rewards.pages import shop_words
from volunteer.web import qr
from volunteer.web.acting import acted, run_once
from volunteer.web.asked import page_asked, whole, words_asked
from volunteer.web.config import current_settings
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, current_person, open_to_all, requires

bp = Blueprint("shop", __name__, url_prefix="/shop")
PAGE = 24
HOUSE = {
    "opening": shop_words.opening,
    "is_open": shop_words.is_open,
    "limits": shop_words.limits,
    "states": shop_words.REDEMPTIONS,
}


@bp.get("")
@requires(Permission.POINTS_OWN)
def show() -> ResponseReturnValue:
    """What there is, near first."""
    unit, actor, at, page = db.session(), current_actor(), now(), page_asked()
    mine, words = queries.balance(unit, current_person().id), words_asked()
    affordable = request.args.get("show") == "mine"
    rows = queries.shelf(unit, actor, at=at, words=words, within=mine if affordable else None)
    pages = max(1, -(-len(rows) // PAGE))
    page = min(page, pages)
    turn: dict[str, Any] = {"show": "mine" if affordable else None, "q": words or None}
    return render_template(
        "rewards/shop.html",
        rows=rows[(page - 1) * PAGE : page * PAGE],
        mine=mine,
        words=words,
        affordable=affordable,
        waiting=[one for one in queries.reservations(unit, current_person().id) if one.status is RedemptionStatus.RESERVED],
        previous=url_for(".show", page=page - 1, **turn) if page > 1 else None,
        following=url_for(".show", page=page + 1, **turn) if page < pages else None,
        **HOUSE,
    )


@bp.get("/gifts/<int:gift_id>")
@requires(Permission.POINTS_OWN)
def gift(gift_id: int) -> ResponseReturnValue:
    """One gift: what it is, where, how many are left, what limits leave."""
    return _gift(gift_id, "")


@bp.post("/gifts/<int:gift_id>/reserve")
@requires(Permission.POINTS_OWN)
def reserve(gift_id: int) -> ResponseReturnValue:
    """Keep one for me."""
    at, typed = now(), request.form.get("points", "")
    seen = whole(typed) or 0

    def act(session: Any) -> str:
        made = reserving.reserve(session, current_actor(), gift_id, seen=seen, at=at)
        return url_for(".reservation", token=made.token)

    try:
        return redirect(run_once(act), code=303)
    except Conflict as error:
        if error.code == "still_at_work":
            raise
        db.session.rollback()
        words = _("You do not have enough points for it.") if error.code == "balance_too_low" else explain(error)
        try:
            return _gift(gift_id, words), 409
        except NotFound:
            raise error from None


@bp.get("/reservations")
@requires(Permission.POINTS_OWN)
def reservations() -> ResponseReturnValue:
    """What I reserved: the newest first."""
    typed = request.args.get("before", "")
    before = whole(typed)
    rows = queries.reservations(db.session(), current_person().id, limit=PAGE + 1, before=before)
    older = url_for(".reservations", before=rows[PAGE - 1].id) if len(rows) > PAGE else None
    return render_template("rewards/reservations.html", rows=rows[:PAGE], older=older, **HOUSE)


@bp.get("/reservations/<token>")
@requires(Permission.POINTS_OWN)
def reservation(token: str) -> ResponseReturnValue:
    """The code that is shown at the till. The phone keeps this page, which names nobody, for where there is no network."""
    found = queries.reservation(db.session(), current_actor(), token)
    response = Response(render_template("rewards/reservation.html", **_present(found), refused=""))
    response.headers["X-Offline"] = "keep"
    return response


@bp.get("/reservations/<token>/now")
@requires(Permission.POINTS_OWN)
def live(token: str) -> ResponseReturnValue:
    """The same as a fragment that the page fetches again and again; unchanged it is a 304."""
    found = queries.reservation(db.session(), current_actor(), token)
    response = Response(render_template("rewards/reservation_now.html", **_present(found)))
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


@bp.post("/reservations/<token>/let-go")
@requires(Permission.POINTS_OWN)
def let_go(token: str) -> ResponseReturnValue:
    """I do not want it any more."""
    found = queries.reservation(db.session(), current_actor(), token)
    number = found.id
    return acted(
        lambda session: reserving.let_go(session, current_actor(), number, at=now()),
        url_for(".reservation", token=token),
        _("Let go. Your points are back."),
    )


@bp.get("/photos/<token>")
@open_to_all
def photo(token: str) -> ResponseReturnValue:
    """The picture of a gift; pictures of anything else are not here."""
    found = db.session.scalar(select(Photo).join(Gift, Gift.photo_id == Photo.id).where(Photo.token == token[:40]).limit(1))
    if found is None:
        raise NotFound("photo")
    response = send_file(media.file_of(current_settings().media_folder, found), mimetype="image/jpeg")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def _gift(gift_id: int, refused: str) -> str:
    unit, actor = db.session(), current_actor()
    shown = queries.offer(unit, actor, gift_id, at=now())
    mine = queries.balance(unit, current_person().id)
    return render_template("rewards/gift.html", shown=shown, gift=shown.gift, mine=mine, refused=refused, **HOUSE)


def _present(found: Redemption) -> dict[str, Any]:
    waits = found.status is RedemptionStatus.RESERVED and found.expires_at > now()
    text = collecting.qr_text(db.session(), found) if waits else ""
    address = current_settings().public_url.rstrip("/") + url_for("till.show", qr=text)
    return {
        "one": found,
        "waits": waits,
        "code": found.code if waits else "",
        "picture": qr.data_uri(address) if text else "",
        **HOUSE,
    }
