"""/merchant: one's own shop: what waits to be fetched, what was handed over, the gifts, the opening hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.kernel.clock import now
from volunteer.kernel.db import db, load
from volunteer.kernel.errors import NotFound
from volunteer.kernel.text import masked_name
from volunteer.rewards.merchants import applying, offering, queries, refunding, reserving
from volunteer.rewards.merchants.belonging import merchants_of, own_merchant
from volunteer.rewards.merchants.models import Gift, Merchant
from volunteer.rewards.merchants.schemas import GiftForm, HoursForm, RefundForm, StockForm
from volunteer.rewards.pages import shop_words
from volunteer.teams.pages.photos import photo_sent
from volunteer.web.acting import Errors, acted, saved
from volunteer.web.asked import page_asked, whole
from volunteer.web.identity import current_actor, requires

bp = Blueprint("merchant", __name__, url_prefix="/merchant")
HOUSE = {
    "opening": shop_words.opening,
    "is_open": shop_words.is_open,
    "limits": shop_words.limits,
    "states": shop_words.REDEMPTIONS,
}


@bp.get("")
@requires(Permission.MERCHANT_OWN)
def show() -> ResponseReturnValue:
    """The shop's own page."""
    unit, at = db.session(), now()
    shops = merchants_of(unit, current_actor(), Permission.MERCHANT_OWN)
    if not shops:
        return render_template("rewards/merchant_none.html")
    shop = _asked(shops)
    return render_template(
        "rewards/merchant.html",
        shop=shop,
        shops=shops,
        today=queries.at_till(unit, [shop.id], at),
        waiting=[(one, masked_name(one.person.name)) for one in queries.waiting(unit, shop.id)],
        gifts=queries.gifts_of(unit, shop.id),
        owed=queries.owed(unit, shop.id),
        **HOUSE,
    )


@bp.get("/handed-over")
@requires(Permission.MERCHANT_OWN)
def handed_over() -> ResponseReturnValue:
    """What was handed over, and asking to take something back."""
    unit, page = db.session(), page_asked()
    shop = one_shop()
    rows, pages = queries.handed_over(unit, shop.id, page=page)
    page = min(page, pages)
    return render_template(
        "rewards/handed_over.html",
        shop=shop,
        rows=[(one, masked_name(one.person.name)) for one in rows],
        reasons=refunding.REASONS,
        refunds=shop_words.REFUNDS,
        previous=url_for(".handed_over", shop=shop.id, page=page - 1) if page > 1 else None,
        following=url_for(".handed_over", shop=shop.id, page=page + 1) if page < pages else None,
        **HOUSE,
    )


@bp.get("/handed-over/<int:redemption_id>")
@requires(Permission.MERCHANT_OWN)
def handed(redemption_id: int) -> ResponseReturnValue:
    """One gift that was handed over: when, by whom, and taking it back."""
    return _handed(redemption_id, {}, {})


@bp.post("/handed-over/<int:redemption_id>/refund")
@requires(Permission.MERCHANT_OWN)
def refund(redemption_id: int) -> ResponseReturnValue:
    """Ask the site to take it back."""

    def act(session: Any, draft: refunding.RefundDraft) -> str:
        refunding.ask(session, current_actor(), redemption_id, draft, at=now())
        return url_for(".handed", redemption_id=redemption_id)

    page = lambda values, errors: _handed(redemption_id, values, errors)  # noqa: E731
    return saved(RefundForm, act, page, _("The station has been asked. You will hear from it."))


@bp.post("/reserved/<int:redemption_id>/withdraw")
@requires(Permission.MERCHANT_OWN)
def withdraw(redemption_id: int) -> ResponseReturnValue:
    """There is nothing left to hand over."""
    reason = request.form.get("reason", "")[:400]
    return acted(
        lambda session: reserving.withdraw(session, current_actor(), redemption_id, reason, at=now()),
        url_for(".show"),
        _("The person has been told and has the points back."),
    )


@bp.get("/gifts/new")
@requires(Permission.MERCHANT_OWN)
def new_gift() -> ResponseReturnValue:
    """Put something up."""
    return _gift_form(None, one_shop(), {}, {})


@bp.post("/gifts/new")
@requires(Permission.MERCHANT_OWN)
def propose() -> ResponseReturnValue:
    """Put it up; the site prices it."""
    shop = one_shop()
    number = shop.id

    def act(session: Any, draft: offering.GiftDraft) -> str:
        photo = photo_sent(session)
        wanted = replace(draft, photo_id=photo.id if photo else None)
        made = offering.propose(session, current_actor(), number, wanted, at=now())
        return url_for(".gift", gift_id=made.id)

    page = lambda values, errors: _gift_form(None, load(db.session(), Merchant, number), values, errors)  # noqa: E731
    return saved(GiftForm, act, page, _("Put up. It is in the shop as soon as the station has priced it."))


@bp.get("/gifts/<int:gift_id>")
@requires(Permission.MERCHANT_OWN)
def gift(gift_id: int) -> ResponseReturnValue:
    """One gift: words, stock, on the shelf or not."""
    return _gift_form(gift_id, None, {}, {})


@bp.post("/gifts/<int:gift_id>")
@requires(Permission.MERCHANT_OWN)
def edit(gift_id: int) -> ResponseReturnValue:
    """Change what it is."""
    typed = request.form.get("version", "")
    seen = whole(typed) or 0

    def act(session: Any, draft: offering.GiftDraft) -> str:
        _own_gift(gift_id)
        photo = photo_sent(session)
        wanted = replace(draft, photo_id=photo.id if photo else None)
        offering.edit(session, current_actor(), gift_id, wanted, seen, at=now())
        return url_for(".gift", gift_id=gift_id)

    page = lambda values, errors: _gift_form(gift_id, None, values, errors)  # noqa: E731
    return saved(GiftForm, act, page, _("Saved."))


@bp.post("/gifts/<int:gift_id>/stock")
@requires(Permission.MERCHANT_OWN)
def stock(gift_id: int) -> ResponseReturnValue:
    """Say how many are left."""

    def act(session: Any, draft: Any) -> str:
        actor = current_actor()
        offering.restock(session, actor, gift_id, draft.stock, seen=draft.seen, reason=draft.reason, at=now())
        return url_for(".gift", gift_id=gift_id)

    page = lambda values, errors: _gift_form(gift_id, None, values, errors)  # noqa: E731
    return saved(StockForm, act, page, _("Saved."))


@bp.post("/gifts/<int:gift_id>/shelf")
@requires(Permission.MERCHANT_OWN)
def shelf(gift_id: int) -> ResponseReturnValue:
    """Take it off the shelf, or put it back."""
    active = request.form.get("active") == "yes"
    return acted(
        lambda session: offering.show(session, current_actor(), gift_id, active=active, at=now()),
        url_for(".gift", gift_id=gift_id),
        _("It is in the shop again.") if active else _("It is out of the shop. What is reserved stays reserved."),
    )


@bp.get("/hours")
@requires(Permission.MERCHANT_OWN)
def hours() -> ResponseReturnValue:
    """When the shop is open."""
    return _hours(one_shop(), {}, {})


@bp.post("/hours")
@requires(Permission.MERCHANT_OWN)
def set_hours() -> ResponseReturnValue:
    """Say when it is open."""
    number = one_shop().id

    def act(session: Any, draft: applying.HoursDraft) -> str:
        applying.set_hours(session, current_actor(), number, draft, at=now())
        return url_for(".show", shop=number)

    page = lambda values, errors: _hours(load(db.session(), Merchant, number), values, errors)  # noqa: E731
    return saved(HoursForm, act, page, _("Saved."))


def _asked(shops: Any) -> Merchant:
    typed = request.args.get("shop", "") or request.form.get("shop", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else shops[0].id
    found = next((one for one in shops if one.id == number), None)
    if found is None:
        raise NotFound("merchant")
    return found  # type: ignore[no-any-return]


def one_shop() -> Merchant:
    """Return the shop that is asked for, of one's own; the first where none is."""
    shops = merchants_of(db.session(), current_actor(), Permission.MERCHANT_OWN)
    if not shops:
        raise NotFound("merchant")
    return _asked(shops)


def _own_gift(gift_id: int) -> Gift:
    found = load(db.session(), Gift, gift_id)
    own_merchant(db.session(), current_actor(), found.merchant_id)
    return found


def _gift_form(gift_id: int | None, shop: Merchant | None, values: Mapping[str, Any], errors: Errors) -> str:
    gift = _own_gift(gift_id) if gift_id is not None else None
    shop = gift.merchant if gift is not None else shop
    kept = {name: getattr(gift, name) for name in offering.GiftDraft.__dataclass_fields__} if gift is not None else {}
    return render_template("rewards/merchant_gift.html", gift=gift, shop=shop, values=kept | dict(values), errors=errors)


def _hours(shop: Merchant, values: Mapping[str, Any], errors: Errors) -> str:
    kept = {"opens": _time(shop.opens), "closes": _time(shop.closes), "closed": shop.closed_days}
    days = [(str(number), _(word)) for number, word in enumerate(shop_words.WEEKDAYS)]
    return render_template("rewards/merchant_hours.html", shop=shop, values=values or kept, errors=errors, days=days)


def _handed(redemption_id: int, values: Mapping[str, Any], errors: Errors) -> str:
    unit = db.session()
    shops = merchants_of(unit, current_actor(), Permission.MERCHANT_OWN)
    one = queries.handed_one(unit, [shop.id for shop in shops], redemption_id)
    return render_template(
        "rewards/handed.html",
        one=one,
        who=masked_name(one.person.name),
        values=values,
        errors=errors,
        reasons=[(name, _(words)) for name, words in refunding.REASONS.items()],
        refunds=shop_words.REFUNDS,
        **HOUSE,
    )


def _time(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"
