"""/me/hours: where each minute came from; what is wrong is objected to, what is missing asked for, all of it taken away."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.accounts.pages import door
from volunteer.attendance.by_hand import asking, queries
from volunteer.attendance.by_hand.asking import AskDraft
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.attendance.contests import contesting
from volunteer.attendance.pages.fields import local_input, menu_options
from volunteer.attendance.pages.states import ask_states, contest_states
from volunteer.attendance.schemas import AskForm, ContestForm
from volunteer.certificates import exporting, tracing
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.media import queries as media
from volunteer.teams.models import Membership, Team
from volunteer.teams.pages.photos import photo_sent
from volunteer.web import filters, forms, throttle, wording
from volunteer.web.acting import Errors, complaints, saved_once
from volunteer.web.config import current_settings
from volunteer.web.county import zone
from volunteer.web.files import handed_out
from volunteer.web.identity import current_actor, current_person, requires
from volunteer.web.locale import chosen
from volunteer.web.unit import transaction

bp = Blueprint("my_hours", __name__, url_prefix="/me/hours")
OWN = Permission.HOURS_SEE_OWN
PAGE = 20


@bp.get("")
@requires(OWN)
def show() -> ResponseReturnValue:
    """Every entry, what was asked for, what was objected to, and the file."""
    return _page({})


@bp.get("/<int:transfer_id>")
@requires(OWN)
def one(transfer_id: int) -> ResponseReturnValue:
    """One entry with everything that is known about it, and the way to object."""
    return _entry(transfer_id, {}, {})


@bp.post("/<int:transfer_id>/contest")
@requires(OWN)
def object_to(transfer_id: int) -> ResponseReturnValue:
    """Say that an entry is wrong."""
    try:
        typed = forms.load_form(ContestForm(zone()), request.form)
        with transaction() as unit:
            contesting.contest(unit, current_actor(), transfer_id, at=now(), **typed)
    except (Invalid, Conflict) as error:
        return _entry(transfer_id, forms.typed(request.form), complaints(error)), 422 if isinstance(error, Invalid) else 409
    flash(_("Thank you. Your site looks at it and answers you."))
    return redirect(url_for(".one", transfer_id=transfer_id), code=303)


@bp.post("/contests/<int:contest_id>/withdraw")
@requires(OWN)
def withdraw_objection(contest_id: int) -> ResponseReturnValue:
    """Take an objection back."""
    with transaction() as unit:
        row = contesting.withdraw_contest(unit, current_actor(), contest_id, at=now())
        where = url_for(".one", transfer_id=row.transfer_id)
    return redirect(where, code=303)


@bp.get("/missing")
@requires(OWN)
def missing() -> ResponseReturnValue:
    """A form for hours that nobody wrote down."""
    return _missing({}, {})


@bp.post("/missing")
@requires(OWN)
def ask() -> ResponseReturnValue:
    """Ask for them."""

    def act(unit: Session) -> str:
        typed = forms.load_form(AskForm(zone()), request.form)
        draft = AskDraft(
            current_person().id, typed["began_at"], typed["ended_at"], typed["what"], typed["why"], item_id=typed["item"],
            team_id=typed["team"], photo=photo_sent(unit),
        )  # fmt: skip
        asking.ask_by_hand(unit, current_actor(), draft, at=now())
        return url_for(".show")

    return saved_once("hours-ask", act, _missing, _("Thank you. Somebody of your site looks at it and tells you."))


@bp.post("/asked/<int:ask_id>/withdraw")
@requires(OWN)
def withdraw(ask_id: int) -> ResponseReturnValue:
    """Take a request back."""
    with transaction() as unit:
        asking.withdraw_ask(unit, current_actor(), ask_id, at=now())
    return redirect(url_for(".show"), code=303)


@bp.get("/asked/<int:ask_id>/photo")
@requires(OWN)
def photo(ask_id: int) -> ResponseReturnValue:
    """The photo that I sent along, or that somebody sent for me."""
    found = db.session.get(HoursAsk, ask_id)
    if found is None or found.photo is None or current_actor().user_id not in {found.volunteer_id, found.asked_by}:
        raise NotFound("photo")
    return send_file(media.file_of(current_settings().media_folder, found.photo), mimetype="image/jpeg", max_age=0)


@bp.post("/export")
@requires(OWN)
def export() -> ResponseReturnValue:
    """Everything about my hours as one file: CSV, XLSX or JSON."""
    at, actor = now(), current_actor()
    kind = request.form.get("kind", "")
    if kind not in exporting.TYPES:
        raise NotFound("page")
    throttle.spend(throttle.OWN_DATA, f"hours:{actor.user_id}", at)
    if wrong := door.complaint_about_proof(request.form.get("password", ""), at):
        return _page(wrong), 422
    with transaction() as unit:
        data = exporting.take_out(unit, actor, kind, zone(), chosen(), at=at)
    return handed_out(Response(data, mimetype=exporting.TYPES[kind]), f"my-hours-{local_date(at, zone()).isoformat()}.{kind}")


def _page(errors: Errors) -> str:
    unit, me = db.session(), current_person()
    count = tracing.how_many(unit, me.id)
    page = min(max(request.args.get("page", 1, type=int), 1), max(-(-count // PAGE), 1))
    entries = tracing.received(unit, me.id, limit=PAGE, offset=(page - 1) * PAGE)
    return render_template(
        "certificates/my_hours.html",
        origins=tracing.origins_of(unit, me.id, entries),
        count=count,
        page=page,
        size=PAGE,
        asks=queries.asks_of(unit, me.id),
        ask_states=ask_states(),
        contests=tracing.contests_of(unit, me.id),
        contest_states=contest_states(),
        errors=errors,
        ask_proof=not door.is_fresh(now()),
        has_password=me.password_hash is not None,
        day_words=day_words,
    )


def _entry(transfer_id: int, values: Any, errors: Errors) -> str:
    origin = tracing.origin_of(db.session(), current_person().id, transfer_id)
    known = {"began_at": local_input(origin.service.came_at), "ended_at": local_input(origin.service.left_at)}
    return render_template(
        "certificates/my_hour.html",
        origin=origin,
        values=values,
        known=known,
        errors=errors,
        contest_states=contest_states(),
        open_contest=next((row for row in origin.contests if row.status == "open"), None),
        day_words=day_words,
    )


def _missing(values: Any, errors: Errors) -> str:
    unit, me, at = db.session(), current_person(), now()
    mine = select(Team).join(Membership, Membership.team_id == Team.id).where(Membership.volunteer_id == me.id)
    teams = unit.scalars(mine.order_by(Team.id).distinct()).all()  # also those that I have left: it was in the past
    return render_template(
        "certificates/missing.html",
        values=values,
        errors=errors,
        items=menu_options(unit),
        teams=[(str(team.id), filters.named(team)) for team in teams],
        latest=local_input(at),
    )


def day_words(day: date) -> str:
    """Return a day in words, in the reader's language."""
    return wording.calendar_day(day, local_date(now(), zone()), chosen())
