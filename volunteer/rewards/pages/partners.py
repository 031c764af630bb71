"""/manage/partners: what is agreed with other platforms, by two people each time, and what hangs or differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from volunteer.access import Permission
from volunteer.accounts.humans import accounts_of
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db, under
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.kernel.words import N_
from volunteer.places.models import Site
from volunteer.rewards.partners import agreeing, exchanging, queries, reconciling
from volunteer.rewards.partners.lifecycle import Status
from volunteer.rewards.partners.models import CallKind, ChangeKind, Exchange, PartnerChange, PartnerDifference
from volunteer.rewards.partners.rules import Difference
from volunteer.rewards.partners.schemas import PartnerForm, RateForm, TermsForm
from volunteer.web import filters
from volunteer.web.acting import Errors, acted, saved
from volunteer.web.asked import page_asked
from volunteer.web.county import zone
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("partners", __name__, url_prefix="/manage/partners")
P = Permission.PARTNERS_MANAGE
EXCHANGES = {
    Status.HELD: (N_("waits for the other platform"), "info", "hourglass"),
    Status.RESERVED: (N_("reserved"), "info", "hourglass"),
    Status.CONFIRMED: (N_("arrived"), "ok", "circle-check"),
    Status.RETURNED: (N_("given back"), "grey", "undo-2"),
    Status.CANCELLED: (N_("taken back by the other platform"), "grey", "undo-2"),
    Status.EXPIRED: (N_("not confirmed in time"), "grey", "timer-off"),
}
KINDS = {ChangeKind.RATE: N_("Another rate"), ChangeKind.SECRET: N_("A new secret"), ChangeKind.TERMS: N_("Other terms")}
DIFFERENCES = {
    Difference.ONLY_OURS: N_("Only our book has it"),
    Difference.ONLY_THEIRS: N_("Only their book has it"),
    Difference.STATUS: N_("It stands otherwise in the two books"),
    Difference.POINTS: N_("The points differ"),
}
CALLS = {
    CallKind.VERIFY: N_("Is this account this person's?"),
    CallKind.VERIFIED: N_("The account is confirmed"),
    CallKind.UNLINK: N_("A link has ended"),
    CallKind.RESERVE: N_("Please reserve"),
    CallKind.CONFIRM: N_("Please confirm"),
    CallKind.CANCEL: N_("Please let go"),
    CallKind.STATE: N_("How does it stand?"),
    CallKind.DAY: N_("The list of a day"),
}
LABELS = {
    "code": N_("Code"),
    "name": N_("Name"),
    "address": N_("Address of their interface"),
    "person_daily": N_("One person a day"),
    "total_daily": N_("All together a day"),
}


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """Every partner, and a form for another."""
    return _list({"gives": "yes", "takes": "yes", "person_daily": "500", "total_daily": "50000"}, {})


@bp.post("")
@requires(P)
def add() -> ResponseReturnValue:
    """Write a partner down."""
    site_id = request.form.get("site", type=int) or _first_site()

    def act(session: Any, draft: agreeing.PartnerDraft) -> str:
        return url_for(".partner", partner_id=agreeing.make_partner(session, current_actor(), site_id, draft, at=now()).id)

    return saved(PartnerForm, act, _list, _("Written down. Rate and secret come next; a colleague agrees to each."))


@bp.get("/<int:partner_id>")
@requires(P)
def partner(partner_id: int) -> ResponseReturnValue:
    """One partner with everything that was agreed, waits, hangs or differs."""
    return _one(partner_id, {}, {})


@bp.post("/<int:partner_id>/rate")
@requires(P)
def rate(partner_id: int) -> ResponseReturnValue:
    """Propose another rate."""

    def act(session: Any, draft: dict[str, Any]) -> str:
        agreeing.propose_rate(session, current_actor(), partner_id, draft["ours"], draft["theirs"], draft["first"], at=now())
        return url_for(".partner", partner_id=partner_id)

    return saved(RateForm, act, lambda typed, wrong: _one(partner_id, typed, wrong), _(PROPOSED))


@bp.post("/<int:partner_id>/terms")
@requires(P)
def terms(partner_id: int) -> ResponseReturnValue:
    """Propose another address, other limits or directions."""

    def act(session: Any, draft: agreeing.PartnerDraft) -> str:
        agreeing.propose_terms(session, current_actor(), partner_id, draft, at=now())
        return url_for(".partner", partner_id=partner_id)

    return saved(TermsForm, act, lambda typed, wrong: _one(partner_id, typed, wrong), _(PROPOSED))


@bp.post("/<int:partner_id>/secret")
@requires(P)
def secret(partner_id: int) -> ResponseReturnValue:
    """Propose a new secret."""
    there = url_for(".partner", partner_id=partner_id)
    return acted(lambda session: agreeing.propose_secret(session, current_actor(), partner_id, at=now()), there, _(PROPOSED))


@bp.post("/changes/<int:change_id>")
@requires(P)
def decide(change_id: int) -> ResponseReturnValue:
    """Agree to what a colleague proposed, or not. A new secret is shown here, and never again."""
    accepted = request.form.get("answer") == "yes"
    try:
        with transaction() as session:
            made = agreeing.decide(session, current_actor(), change_id, accepted, at=now())
    except Conflict as error:
        db.session.rollback()
        flash(explain(error), "late")
        made = None
    else:
        flash(_("Agreed. It holds now.") if accepted else _("Turned down."))
    change = db.session.get_one(PartnerChange, change_id)
    if made is not None:
        return render_template("rewards/partner_secret.html", partner=change.partner, secret=made)
    return redirect(url_for(".partner", partner_id=change.partner_id), code=303)


@bp.post("/<int:partner_id>/active")
@requires(P)
def switch(partner_id: int) -> ResponseReturnValue:
    """Open or suspend."""
    active, there = request.form.get("active") == "yes", url_for(".partner", partner_id=partner_id)
    done = _("Open. Points can be moved.") if active else _("Suspended. What is on its way is finished all the same.")
    return acted(lambda session: agreeing.set_active(session, current_actor(), partner_id, active, at=now()), there, done)


@bp.post("/calls/<int:call_id>/again")
@requires(P)
def again(call_id: int) -> ResponseReturnValue:
    """Send a call again that was given up."""
    try:
        with transaction() as session:
            partner_id = agreeing.send_again(session, current_actor(), call_id, at=now()).partner_id
    except Conflict as error:
        db.session.rollback()
        flash(explain(error), "late")
        return redirect(url_for(".show"), code=303)
    flash(_("It goes out in a moment."))
    return redirect(url_for(".partner", partner_id=partner_id), code=303)


@bp.post("/exchanges/<int:exchange_id>/decide")
@requires(P)
def settle(exchange_id: int) -> ResponseReturnValue:
    """Settle by hand what hangs, after speaking with the partner."""
    went, note = request.form.get("went") == "yes", request.form.get("note", "")

    def act(session: Any) -> object:
        return exchanging.decide(session, current_actor(), exchange_id, went, note, at=now())

    return acted(act, _there(exchange_id), _("Settled and booked."))


@bp.post("/differences/<int:difference_id>")
@requires(P)
def looked(difference_id: int) -> ResponseReturnValue:
    """Write down what a difference was."""

    def act(session: Any) -> object:
        return reconciling.decide(session, current_actor(), difference_id, request.form.get("note", ""), at=now())

    found = db.session.get(PartnerDifference, difference_id)
    if found is None:
        raise NotFound("partnerdifference")
    return acted(act, url_for(".partner", partner_id=found.partner_id), _("Written down."))


PROPOSED = N_("Proposed. It holds when a colleague agrees.")


def _list(typed: Mapping[str, Any], wrong: Errors) -> str:
    unit, actor = db.session(), current_actor()
    rows = queries.partners_managed(unit, actor)
    return render_template(
        "rewards/partners.html",
        rows=rows,
        waiting=queries.counts_of(unit, [one.id for one in rows]),
        sites=[(site.id, filters.named(site)) for site in managed_sites(P)],
        values=typed,
        errors=wrong,
        labels=LABELS,
    )


def _one(partner_id: int, typed: Mapping[str, Any], wrong: Errors) -> str:
    unit, actor, at = db.session(), current_actor(), now()
    found = queries.partner_of(unit, actor, partner_id)
    only_open = request.args.get("show") != "all"
    rows, pages = queries.exchanges_of(unit, partner_id, only_open=only_open, page=page_asked())
    page, show_all = min(page_asked(), pages), None if only_open else "all"
    today = local_date(at, zone())
    as_is = {"address": found.address, "person_daily": found.person_daily, "total_daily": found.total_daily}
    as_is |= {name: "yes" for name in ("gives", "takes") if getattr(found, name)}
    return render_template(
        "rewards/partner.html",
        partner=found,
        changes=queries.changes_of(unit, partner_id),
        rates=queries.rates_of(unit, partner_id),
        secrets=queries.secrets_held(unit, partner_id, at),
        differences=queries.differences_of(unit, partner_id),
        calls=queries.failed_calls(unit, partner_id),
        rows=rows,
        only_open=only_open,
        hanging={one.id for one in rows if one.status is Status.RESERVED and one.sender == "centre" and one.expires_at <= at},
        previous=url_for(".partner", partner_id=partner_id, page=page - 1, show=show_all) if page > 1 else None,
        following=url_for(".partner", partner_id=partner_id, page=page + 1, show=show_all) if page < pages else None,
        today=today,
        values={"first": today.isoformat()} | as_is | dict(typed),
        errors=wrong,
        mine=accounts_of(unit, actor.user_id),
        kinds=KINDS,
        says=EXCHANGES,
        differs=DIFFERENCES,
        asked=CALLS,
        labels=LABELS,
        interface=url_for("partners_api.receive", code=found.code, _external=True),
    )


def _there(exchange_id: int) -> str:
    found = db.session.get(Exchange, exchange_id)
    if found is None:
        raise NotFound("exchange")
    return url_for(".partner", partner_id=found.partner_id)


def managed_sites(permission: Permission) -> list[Site]:
    """Return the open centres and branches over which the reader holds ``permission``."""
    paths = current_actor().scopes(permission)
    found = select(Site).where(under(paths, Site.path), Site.closed_at.is_(None)).order_by(Site.path).limit(200)
    return [site for site in db.session.scalars(found) if site.path.count("/") <= 3]


def _first_site() -> int:
    sites = managed_sites(P)
    return sites[0].id if sites else 0
