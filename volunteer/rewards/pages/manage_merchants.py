"""/manage/merchants: who may come in, what a gift takes, who stands at a till, what is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.accounts.humans import accounts_of
from volunteer.kernel.clock import now
from volunteer.kernel.db import db, load
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.places import queries as places
from volunteer.rewards.merchants import applying, offering, queries, refunding
from volunteer.rewards.merchants.belonging import managed, shops_of
from volunteer.rewards.merchants.lifecycle import WAITING, MerchantStatus, RefundStatus
from volunteer.rewards.merchants.models import Merchant, MerchantStaff
from volunteer.rewards.merchants.schemas import PriceForm
from volunteer.rewards.pages import shop_words
from volunteer.web import filters, forms
from volunteer.web.acting import acted, field_errors, run_once
from volunteer.web.asked import page_asked, whole, words_asked
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("manage_merchants", __name__, url_prefix="/manage/merchants")
HOUSE = {
    "opening": shop_words.opening,
    "limits": shop_words.limits,
    "statuses": shop_words.MERCHANTS,
    "refund_words": shop_words.REFUNDS,
}


@bp.get("")
@requires(Permission.MERCHANTS_MANAGE)
def show() -> ResponseReturnValue:
    """The shops of my sites, by where they stand; gifts without a price; what is to be taken back."""
    unit, actor, at, page = db.session(), current_actor(), now(), page_asked()
    asked, words = request.args.get("status", ""), words_asked()
    status = MerchantStatus(asked) if asked in set(MerchantStatus) else None
    rows, pages = queries.listed(unit, actor, status=status, words=words, page=page)
    counts = queries.merchant_counts(unit, actor)
    page = min(page, pages)
    turn: dict[str, Any] = {"status": status.value if status else None, "q": words or None}
    tabs = [{"label": _("All"), "href": url_for(".show"), "count": sum(counts.values()), "current": status is None}]
    tabs += [
        {"label": _(shop_words.MERCHANTS[one][0]), "href": url_for(".show", status=one.value), "count": counts.get(one, 0),
         "current": status is one}
        for one in MerchantStatus
    ]  # fmt: skip
    return render_template(
        "rewards/manage_merchants.html",
        rows=rows,
        tabs_of=tabs,
        words=words,
        unpriced=queries.unpriced(unit, actor),
        refunds=[one for one in queries.refunds(unit, actor, at=at) if one.status in WAITING],
        previous=url_for(".show", page=page - 1, **turn) if page > 1 else None,
        following=url_for(".show", page=page + 1, **turn) if page < pages else None,
        **HOUSE,
    )


@bp.get("/<int:merchant_id>")
@requires(Permission.MERCHANTS_MANAGE)
def merchant(merchant_id: int) -> ResponseReturnValue:
    """One shop."""
    return _page(merchant_id, {}, None)


@bp.post("/<int:merchant_id>/approve")
@requires(Permission.MERCHANTS_MANAGE)
def approve(merchant_id: int) -> ResponseReturnValue:
    """Let it in, paired with a site."""
    typed = request.form.get("site", "")
    site_id = whole(typed) or 0
    return _decided(merchant_id, lambda session: applying.approve(session, current_actor(), merchant_id, site_id, at=now()),
                    _("The shop is in. Now invite somebody to its till."))  # fmt: skip


@bp.post("/<int:merchant_id>/refuse")
@requires(Permission.MERCHANTS_MANAGE)
def refuse(merchant_id: int) -> ResponseReturnValue:
    """Say no, with a reason."""
    reason = request.form.get("reason", "")[:400]
    return _decided(merchant_id, lambda session: applying.refuse(session, current_actor(), merchant_id, reason, at=now()),
                    _("Refused. The shop has been told."))  # fmt: skip


@bp.post("/<int:merchant_id>/suspend")
@requires(Permission.MERCHANTS_MANAGE)
def suspend(merchant_id: int) -> ResponseReturnValue:
    """Put it on hold."""
    reason = request.form.get("reason", "")[:400]
    return _decided(merchant_id, lambda session: applying.suspend(session, current_actor(), merchant_id, reason, at=now()),
                    _("On hold. What is reserved may still be fetched."))  # fmt: skip


@bp.post("/<int:merchant_id>/resume")
@requires(Permission.MERCHANTS_MANAGE)
def resume(merchant_id: int) -> ResponseReturnValue:
    """Let it go on."""
    return _decided(merchant_id, lambda session: applying.resume(session, current_actor(), merchant_id, at=now()),
                    _("The shop goes on."))  # fmt: skip


@bp.post("/<int:merchant_id>/invite")
@requires(Permission.MERCHANTS_MANAGE)
def invite(merchant_id: int) -> ResponseReturnValue:
    """Invite somebody to the till, and show the link this once."""
    links: list[str] = []

    def act(session: Any) -> str:
        links.append(applying.invite(session, current_actor(), merchant_id, request.form.get("name", "")[:100], at=now())[1])
        return url_for(".merchant", merchant_id=merchant_id)

    try:
        there = run_once(act)
    except (Invalid, Conflict) as error:
        if error.code.startswith("once"):
            raise
        db.session.rollback()
        errors = field_errors(error) if isinstance(error, Invalid) else {"": [explain(error)]}
        return _page(merchant_id, errors, None), 409 if isinstance(error, Conflict) else 422
    return _page(merchant_id, {}, links[0]) if links else redirect(there, code=303)


@bp.post("/staff/<int:staff_id>/end")
@requires(Permission.MERCHANTS_MANAGE)
def dismiss(staff_id: int) -> ResponseReturnValue:
    """Somebody no longer stands at this till."""
    found = load(db.session(), MerchantStaff, staff_id)
    number = managed(db.session(), current_actor(), found.merchant_id).id
    return acted(
        lambda session: applying.dismiss(session, current_actor(), staff_id, at=now()),
        url_for(".merchant", merchant_id=number),
        _("They are no longer at this till."),
    )


@bp.post("/gifts/<int:gift_id>/price")
@requires(Permission.MERCHANTS_MANAGE)
def price(gift_id: int) -> ResponseReturnValue:
    """Say how many points a gift takes."""
    there = request.form.get("merchant", "")
    back = (
        url_for(".merchant", merchant_id=int(there))
        if there.isascii() and there.isdigit() and len(there) < 10
        else url_for(".show")
    )
    try:
        points = forms.load_form(PriceForm, request.form)
        with transaction() as session:
            offering.price(session, current_actor(), gift_id, points, at=now())
    except Invalid as error:
        db.session.rollback()
        flash(" ".join(words for said in field_errors(error).values() for words in said), "late")
        return redirect(back, code=303)
    except Conflict as error:
        db.session.rollback()
        flash(explain(error), "late")
        return redirect(back, code=303)
    flash(_("Priced. It is in the shop now."))
    return redirect(back, code=303)


@bp.get("/refunds")
@requires(Permission.MERCHANTS_MANAGE)
def refunds() -> ResponseReturnValue:
    """What is to be taken back, and what was decided lately."""
    unit, actor, at = db.session(), current_actor(), now()
    rows, mine = queries.refunds(unit, actor, at=at), accounts_of(unit, actor.user_id)
    return render_template("rewards/refunds.html", rows=rows, reasons=refunding.REASONS, waiting=WAITING,
                           seconded=RefundStatus.SECONDED, mine=mine, shops=shops_of(unit, mine), **HOUSE)  # fmt: skip


@bp.post("/refunds/<int:refund_id>/yes")
@requires(Permission.MERCHANTS_MANAGE)
def say_yes(refund_id: int) -> ResponseReturnValue:
    """Take it back, or be the first of two who say so."""
    try:
        with transaction() as session:
            done = refunding.say_yes(session, current_actor(), refund_id, at=now()).status is RefundStatus.DONE
    except Conflict as error:
        db.session.rollback()
        flash(explain(error), "late")
        return redirect(url_for(".refunds"), code=303)
    flash(_("Taken back. The points are with the person again.") if done else _("Noted. A second person must say yes, too."))
    return redirect(url_for(".refunds"), code=303)


@bp.post("/refunds/<int:refund_id>/refuse")
@requires(Permission.MERCHANTS_MANAGE)
def refuse_refund(refund_id: int) -> ResponseReturnValue:
    """Leave it as it is, and say why."""
    reason = request.form.get("reason", "")[:400]
    return acted(
        lambda session: refunding.refuse(session, current_actor(), refund_id, reason, at=now()),
        url_for(".refunds"),
        _("Refused. The shop has been told."),
    )


def _decided(merchant_id: int, act: Any, done: str) -> ResponseReturnValue:
    return acted(act, url_for(".merchant", merchant_id=merchant_id), done)


def _page(merchant_id: int, errors: Mapping[str, list[str]], link: str | None) -> str:
    unit, actor = db.session(), current_actor()
    shop = managed(unit, actor, merchant_id)
    return render_template(
        "rewards/manage_merchant.html",
        shop=shop,
        gifts=queries.gifts_of(unit, shop.id),
        staff=[one for one in shop.staff if one.ended_at is None],
        owed=queries.owed(unit, shop.id),
        own=shop.id in shops_of(unit, accounts_of(unit, current_actor().user_id)),
        sites=_sites(shop),
        errors=errors,
        link=link,
        **HOUSE,
    )


def _sites(shop: Merchant) -> list[tuple[int, str]]:
    paths = current_actor().scopes(Permission.MERCHANTS_MANAGE)
    return [(site.id, filters.named(site)) for path in paths for site in places.open_sites(db.session(), under=path)]
