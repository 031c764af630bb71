"""The visit page on the leader's phone: one big button that changes (出发, 我到了, 完成, 写记录), and what hangs on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO, cast

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.attendance.evidence import Proof
from volunteer.attendance.tariff import looks_forgotten, suggested_end
from volunteer.kernel.clock import now
from volunteer.kernel.db import db, load
from volunteer.kernel.errors import Invalid, NotFound, TooMany
from volunteer.kernel.words import N_
from volunteer.media import queries as media
from volunteer.media.models import Photo
from volunteer.media.storing import store
from volunteer.orders import accepting, rescheduling, serving
from volunteer.orders.households import marking
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import PhotoKind, ServiceOrder
from volunteer.orders.pages import appointment
from volunteer.orders.pages.task_words import answers_of, bring
from volunteer.orders.queries_inbox import photo_of_visit, visit_id_of, visit_of
from volunteer.orders.schemas_visits import AppointmentForm, ArrivalForm, PeopleForm, ProofForm, RecordForm, ReleaseForm
from volunteer.orders.serving import RecordDraft
from volunteer.orders.visits import absences, turnout
from volunteer.orders.visits.crew import USUAL_MINUTES
from volunteer.web import forms, phones, throttle
from volunteer.web.acting import field_errors
from volunteer.web.config import current_settings
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("visits", __name__, url_prefix="/inbox/visits/<number>")
START_CODE = throttle.Limit("start-code", 6, 720)  # of 10,000 codes; then the QR or the roll-call
TOO_MANY = N_("Too many wrong codes. Please scan the QR code of the resident, or call the roll.")
LOCAL = "%Y-%m-%dT%H:%M"
RELEASE_REASONS = (
    N_("Nobody of us is free any more"), N_("Somebody fell ill"), N_("Tools or material are missing"),
    N_("It is more than we can do"), N_("The time does not work out"),
)  # fmt: skip
Act = Callable[[Session, int, datetime], ServiceOrder]


@bp.get("")
@requires(Permission.VISIT_LEAD)
def show(number: str) -> ResponseReturnValue:
    """The visit as it stands; what is private only while the team has it in hand, and each look is written down."""
    return _page(number)


@bp.post("/members")
@requires(Permission.VISIT_LEAD)
def members(number: str) -> ResponseReturnValue:
    """Who goes and when."""

    def act(session: Session, order_id: int, at: datetime) -> ServiceOrder:
        chosen = forms.load_form(AppointmentForm(zone()), request.form)
        return accepting.choose_members(session, current_actor(), order_id, chosen.pop("members"), at=at, **chosen)

    return _do(number, act, _("Settled. The resident knows when you come."), "members")


@bp.post("/stand-ins")
@requires(Permission.VISIT_LEAD)
def stand_ins(number: str) -> ResponseReturnValue:
    """Who is ready if somebody drops out."""

    def act(session: Session, order_id: int, at: datetime) -> ServiceOrder:
        chosen = forms.load_form(PeopleForm, request.form)["members"]
        return turnout.name_stand_ins(session, current_actor(), order_id, chosen, at=at)

    return _do(number, act, _("Noted. They have been told."), "stand_ins")


@bp.post("/absent/<int:member>")
@requires(Permission.VISIT_LEAD)
def absent(number: str, member: int) -> ResponseReturnValue:
    """Somebody did not come; or the machine was wrong to ask. Nothing is counted before they were heard."""
    mistake = request.form.get("mistake") == "yes"

    def act(session: Session, order_id: int, at: datetime) -> ServiceOrder:
        verb = absences.drop if mistake else absences.mark_absent
        return verb(session, current_actor(), order_id, member, at=at).order

    return _do(number, act, _("Noted.") if mistake else _("Noted. They are asked what happened, and your site decides."))


@bp.post("/move")
@requires(Permission.VISIT_LEAD)
def move(number: str) -> ResponseReturnValue:
    """Yes or no to the other time that the resident asked for."""
    yes = request.form.get("answer") == "yes"

    def act(session: Session, order_id: int, at: datetime) -> ServiceOrder:
        typed = request.form.get("move", "")
        if not (typed.isascii() and typed.isdigit() and len(typed) < 10) or request.form.get("answer") not in {"yes", "no"}:
            raise NotFound("move")
        return rescheduling.answer_move(session, current_actor(), int(typed), yes, at=at)

    return _do(number, act, _("Agreed. Now say who goes, and when.") if yes else _("The resident and the desk have been told."))


@bp.post("/set-out")
@requires(Permission.VISIT_LEAD)
def set_out(number: str) -> ResponseReturnValue:
    """出发."""
    done = _("Take care on the way. The resident knows that you are coming.")
    return _do(number, lambda session, order_id, at: serving.set_out(session, current_actor(), order_id, at=at), done)


@bp.post("/arrive")
@requires(Permission.VISIT_LEAD)
def arrive(number: str) -> ResponseReturnValue:
    """我到了: 签到 by start code, QR, position or roll-call."""
    return _prove(number, ArrivalForm, serving.check_in, _("Checked in. The time counts from now."))


@bp.post("/leave")
@requires(Permission.VISIT_LEAD)
def leave(number: str) -> ResponseReturnValue:
    """完成: 签退."""
    return _prove(number, ProofForm, serving.check_out, _("Well done. Two lines for the record, and the hours are yours."))


@bp.post("/record")
@requires(Permission.VISIT_LEAD)
def record(number: str) -> ResponseReturnValue:
    """写记录: two lines, people served, photos of both sides."""

    def act(session: Session, order_id: int, at: datetime) -> ServiceOrder:
        order = load(session, ServiceOrder, order_id)
        if serving.is_recorded(order):
            return order
        typed = forms.load_form(RecordForm, request.form)
        before, after = _photos(session, "before", at), _photos(session, "after", at)
        draft = RecordDraft(typed["words"], typed["people"], before, after)
        return serving.finish(session, current_actor(), order.id, draft, at=at)

    return _do(number, act, _("Thank you. The hours are in everybody's account."), "record")


@bp.post("/release")
@requires(Permission.VISIT_LEAD)
def release(number: str) -> ResponseReturnValue:
    """The team cannot come after all."""
    return _let_go(number, serving.release, _("Given back. The centre finds another team, and the resident has been told."))


@bp.post("/nobody-home")
@requires(Permission.VISIT_LEAD)
def nobody_home(number: str) -> ResponseReturnValue:
    """Nobody opened the door."""
    return _let_go(number, serving.nobody_home, _("Noted. The centre arranges another time with the resident."))


@bp.get("/scan")
@requires(Permission.VISIT_LEAD)
def scan(number: str) -> ResponseReturnValue:
    """Where the resident's QR leads: one button that hands it in."""
    order = visit_of(db.session(), current_actor(), number)
    return render_template("orders/visit_scan.html", order=order, proof=request.args.get("proof", "")[:60])


@bp.get("/sheet")
@requires(Permission.VISIT_LEAD)
def sheet(number: str) -> ResponseReturnValue:
    """The visit on paper, for members without a phone."""
    with transaction() as session:  # a look at what is private is written down
        order = visit_of(session, current_actor(), number)
        private = serving.private_part(session, current_actor(), order, at=now(), on="sheet")
        return render_template("orders/visit_sheet.html", order=order, private=private, answers=answers_of(order), bring=bring)


@bp.get("/photos/<token>")
@requires(Permission.VISIT_LEAD)
def photo(number: str, token: str) -> ResponseReturnValue:
    """A photo of the visit; the resident's only while the team has the order in hand."""
    found = photo_of_visit(db.session(), current_actor(), number, token)
    path = media.file_of(current_settings().media_folder, found.photo)
    return send_file(path, mimetype="image/jpeg", conditional=True, max_age=0)


def _do(number: str, act: Act, done: str, fold: str = "", order_id: int = 0) -> ResponseReturnValue:
    """Run one verb on the visit; a refusal that names fields comes back on the page, everything typed kept."""
    order_id = order_id or visit_id_of(db.session(), current_actor(), number)
    try:
        with transaction() as session:
            order = act(session, order_id, now())
            back = url_for(".show", number=number) if order.team_id in current_actor().leads else url_for("inbox.show")
    except Invalid as error:
        return _page(number, error, fold), 422
    flash(done)
    return redirect(back, code=303)


def _prove(number: str, form: type[ProofForm], verb: Callable[..., ServiceOrder], done: str) -> ResponseReturnValue:
    order_id = visit_id_of(db.session(), current_actor(), number)  # nobody uses up the tries of another team's visit
    try:
        proof: Proof = forms.load_form(form(zone()), request.form)
        proof = replace(proof, device=phones.mark())
        if proof.code:
            throttle.spend(START_CODE, number, now())
    except TooMany:
        return _page(number, Invalid.field("code", TOO_MANY)), 422
    except Invalid as error:
        return _page(number, error), 422

    def act(session: Session, order_id: int, at: datetime) -> ServiceOrder:
        order = verb(session, current_actor(), order_id, proof, at=at)
        if proof.code:
            throttle.forgive_here(session, START_CODE, number)
        return order

    return phones.keep(_do(number, act, done, order_id=order_id))


def _let_go(number: str, verb: Callable[..., ServiceOrder], done: str) -> ResponseReturnValue:
    reason = str(forms.load_form(ReleaseForm, request.form))
    try:
        with transaction() as session:
            order = visit_of(session, current_actor(), number)
            verb(session, current_actor(), order.id, reason, at=now())
    except Invalid as error:
        return _page(number, error, verb.__name__), 422
    flash(done)
    return redirect(url_for("inbox.show"), code=303)


def _photos(session: Session, side: str, at: datetime) -> tuple[Photo, ...]:
    sent = [file for file in request.files.getlist(side) if file.filename]
    if len(sent) > serving.MOST_PHOTOS:
        raise Invalid.field(side, N_("At most three photos, please."))
    folder, me = current_settings().media_folder, current_actor().user_id
    try:
        return tuple(store(session, folder, cast("BinaryIO", file.stream), uploader_id=me, at=at) for file in sent)
    except Invalid as error:
        raise Invalid.field(side, error.message) from None


def _page(number: str, error: Invalid | None = None, fold: str = "") -> str:
    at = now()
    with transaction() as session:  # a look at what is private is written down
        order = visit_of(session, current_actor(), number)
        context = _stage(session, order, error, at)
        return render_template(
            "orders/visit.html",
            order=order,
            at=at,
            private=serving.private_part(session, current_actor(), order, at=at),
            markers=marking.look_before_serving(session, current_actor(), order, at=at),
            move=rescheduling.open_move(session, order.id) if order.status is Status.ACCEPTED else None,
            photos={kind.value: [p.photo.token for p in order.seen_photos if p.kind is kind] for kind in PhotoKind},
            answers=answers_of(order),
            bring=bring,
            errors=field_errors(error),
            fold=fold,
            people=appointment.people_of(session, order, at),
            release_reasons=[(said, said) for said in map(_, RELEASE_REASONS)],
            **context,
        )


def _stage(session: Session, order: ServiceOrder, error: Invalid | None, at: datetime) -> dict[str, Any]:
    """What the page shows beside the facts, by where the visit stands."""
    typed: Any = request.form if error is not None else {}
    stage: dict[str, Any] = {"recorded": serving.is_recorded(order), "values": typed, "ready": [], "refused": []}
    if order.status in {Status.ACCEPTED, Status.UNDER_WAY}:
        stage |= appointment.form_of(session, order, error, at)
    if order.status is Status.IN_SERVICE:
        came = serving.came(session, order)
        began = min((row.came_at for row in came), default=at)
        usual = order.item.minutes if order.item else USUAL_MINUTES
        stage["began"] = began
        stage["forgotten"] = looks_forgotten(began, usual, at)
        stage["suggestion"] = {"ended_at": suggested_end(began, usual, at).astimezone(zone()).strftime(LOCAL)}
    if order.status in {Status.SERVED, Status.CLOSED}:
        names = {visitor.volunteer_id: visitor.volunteer.person.name for visitor in order.visitors}
        came = serving.came(session, order)
        stage["came"] = [(names.get(row.volunteer_id, ""), row) for row in came]
        stage["days_left"] = serving.record_days_left(session, order, at=at)
    return stage
