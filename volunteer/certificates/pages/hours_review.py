"""/hours/review: what looks odd in the hours, why, and on which entries. A person decides; each look is written down."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Permission
from volunteer.accounts.queries import names_of
from volunteer.attendance.review import queries, reviewing
from volunteer.attendance.review.lifecycle import FindingKind, FindingState
from volunteer.attendance.review.models_findings import Finding
from volunteer.audit.recording import record
from volunteer.certificates import tracing
from volunteer.certificates.pages.my_hours import day_words
from volunteer.certificates.tracing import Origin
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.ledger.models import Transfer
from volunteer.ledger.rules import person_of
from volunteer.orders.models import ServiceOrder
from volunteer.web import filters, forms
from volunteer.web.acting import Errors, complaints
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("hours_review", __name__, url_prefix="/hours/review")
REVIEW = Permission.HOURS_REVIEW
PAGE = 20
MOST_ENTRIES = 50
KINDS = {
    FindingKind.TRAVEL: (N_("Too far in too little time"), "route"),
    FindingKind.DEVICE: (N_("One phone, many names"), "smartphone"),
    FindingKind.NIGHT: (N_("Many entries at night"), "moon"),
    FindingKind.SHARE: (N_("Many hours written in"), "pen-line"),
    FindingKind.UNRATED: (N_("Never rated"), "star-off"),
    FindingKind.PAIR: (N_("Always the same"), "copy"),
}
HINTS = {
    FindingKind.TRAVEL: N_("Faster than 80 km an hour in a straight line. A wrong pin or a forgotten check-out looks the same."),
    FindingKind.DEVICE: N_("A leader checks in for the team, but each under the own name. A borrowed phone looks the same."),
    FindingKind.NIGHT: N_("Between eleven and five. Somebody who catches up on a week looks the same."),
    FindingKind.SHARE: N_("Compared with colleagues over three months. A large event without phones looks the same."),
    FindingKind.UNRATED: N_("Over three months. Residents who cannot use a phone look the same."),
    FindingKind.PAIR: N_("Real visits differ by some minutes. A fixed lesson looks the same."),
}
STATES = {
    FindingState.OPEN: (N_("to look at"), "soon", "eye"),
    FindingState.ASKED: (N_("asked"), "info", "message-circle-question"),
    FindingState.FINE: (N_("fine"), "ok", "circle-check"),
    FindingState.TAKEN_BACK: (N_("taken back"), "late", "undo-2"),
}


@bp.get("")
@requires(REVIEW)
def show() -> ResponseReturnValue:
    """What waits, and what was decided; by kind."""
    tab = "decided" if request.args.get("tab") == "decided" else "waiting"
    typed = request.args.get("kind", "")
    kind = FindingKind(typed) if typed in set(FindingKind) else None
    page = min(max(request.args.get("page", 1, type=int), 1), 1_000)
    unit, actor = db.session(), current_actor()
    rows = queries.findings_for(unit, actor, waiting=tab == "waiting", kind=kind, page=page, size=PAGE)
    counts = queries.waiting_findings(unit, actor)
    return render_template(
        "certificates/review.html",
        rows=[(row, words_of(row)) for row in rows[:PAGE]],
        more=len(rows) > PAGE,
        page=page,
        tab=tab,
        kind=kind.value if kind else None,
        kinds=[(one.value, _(words), counts.get(one, 0)) for one, (words, _icon) in KINDS.items()],
        waiting=sum(counts.values()),
        states=_states(),
        icons={one.value: icon for one, (_words, icon) in KINDS.items()},
    )


@bp.get("/<int:finding_id>")
@requires(REVIEW)
def one(finding_id: int) -> ResponseReturnValue:
    """One finding with its evidence, and the decision."""
    return _page(finding_id, {}, {})


@bp.post("/<int:finding_id>/decide")
@requires(Permission.HOURS_APPROVE)
def decide(finding_id: int) -> ResponseReturnValue:
    """Fine, asked about, or taken back."""
    typed = request.form.get("state", "")
    chosen = _numbers(request.form.getlist("transfers"))
    try:
        with transaction() as unit:
            queries.finding_for(unit, current_actor(), finding_id)
            if typed not in {state.value for state in reviewing.DECISIONS}:
                raise Invalid.field("state", N_("Please choose one of these."))
            state, note = FindingState(typed), request.form.get("note", "")[:1000]
            reviewing.decide_finding(unit, current_actor(), finding_id, state, note, at=now(), transfers=chosen)
    except (Invalid, Conflict) as error:
        errors = complaints(error)
        return _page(finding_id, forms.typed(request.form), errors), 422 if isinstance(error, Invalid) else 409
    flash(_("Decided. It does not come again."))
    return redirect(url_for(".show"), code=303)


def words_of(finding: Finding) -> str:
    """Return in one line why it looks odd."""
    seen: dict[str, Any] = finding.evidence
    match finding.kind:
        case FindingKind.TRAVEL if seen["minutes"] < 0:
            return _("In two places %(km)s apart at the same time", km=filters.km(seen["metres"]))
        case FindingKind.TRAVEL:
            return ngettext(
                "Two visits %(km)s apart within %(num)s minute",
                "Two visits %(km)s apart within %(num)s minutes",
                seen["minutes"],
                km=filters.km(seen["metres"]),
            )
        case FindingKind.DEVICE:
            return _("One phone checked teams in under %(count)s names in a week", count=seen["count"])
        case FindingKind.NIGHT:
            return _("%(count)s entries written down in one night (%(day)s)", count=seen["entries"], day=seen["night"])
        case FindingKind.SHARE:
            return _(
                "%(share)s of 100 entries written in by hand, with colleagues %(others)s",
                share=seen["share"],
                others=seen["others"],
            )
        case FindingKind.UNRATED:
            return _(
                "None of %(count)s services rated, elsewhere %(usual)s of 100 are", count=seen["services"], usual=seen["usual"]
            )
        case FindingKind.PAIR:
            return _(
                "%(count)s times the same home and exactly %(minutes)s minutes", count=seen["times"], minutes=seen["minutes"]
            )


def _numbers(typed: list[str]) -> list[int]:
    """Return the entries that were ticked; what is no number of one is not."""
    return [int(one) for one in typed[:MOST_ENTRIES] if one.isascii() and one.isdigit() and len(one) < 10]


def _states() -> dict[str, tuple[str, str, str]]:
    return {state.value: (_(words), tone, icon) for state, (words, tone, icon) in STATES.items()}


def _page(finding_id: int, values: Any, errors: Errors) -> str:
    at, actor = now(), current_actor()
    with transaction() as unit:  # a look at somebody's hours is written down
        finding = queries.finding_for(unit, actor, finding_id)
        record(unit, actor, "finding_seen", finding.about, at=at, site_path=finding.site_path, person=finding.person_id)
        orders = finding.evidence.get("orders", [])[:MOST_ENTRIES]
        entries = _entries(unit, finding.evidence.get("transfers", [])[:MOST_ENTRIES])
        return render_template(
            "certificates/review_one.html",
            finding=finding,
            words=words_of(finding),
            title=_(KINDS[finding.kind][0]),
            hint=_(HINTS[finding.kind]),
            entries=entries,
            names=sorted(names_of(unit, finding.evidence.get("people", [])).items()),
            orders=list(unit.scalars(select(ServiceOrder.number).where(ServiceOrder.id.in_(orders)).order_by(ServiceOrder.id))),
            states=_states(),
            open=(finding.state.value, FindingState.FINE.value) if finding.state in queries.WAITING else (),
            own=reviewing.is_about(unit, finding, actor),
            may_decide=actor.can(Permission.HOURS_APPROVE, at=finding.site_path),
            may_take_back=actor.can(Permission.HOURS_CORRECT, at=finding.site_path),
            values=values,
            ticked=_numbers(request.form.getlist("transfers")),
            errors=errors,
            day_words=day_words,
        )


def _entries(unit: Session, ids: list[int]) -> list[tuple[str, Origin]]:
    """Return the entries that a finding names, each with its volunteer's name, in their order in time."""
    found = select(Transfer).where(Transfer.id.in_(ids)).options(joinedload(Transfer.target), joinedload(Transfer.source))
    by_person: dict[int, list[Transfer]] = {}
    for transfer in unit.scalars(found.order_by(Transfer.id)):
        by_person.setdefault(person_of(transfer.target.owner) or 0, []).append(transfer)
    names = names_of(unit, by_person)
    rows = [(names.get(who, ""), one) for who, mine in by_person.items() for one in tracing.origins_of(unit, who, mine)]
    return sorted(rows, key=lambda row: (row[1].service.came_at or row[1].transfer.at, row[1].transfer.id))
