"""Speaking up: a complaint, praise or a suggestion about anything, without an account; and the page on which it is followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from volunteer.access import Actor, case_holder
from volunteer.feedback import opening, queries, replying
from volunteer.feedback.lifecycle import AT_WORK, CaseStatus
from volunteer.feedback.models import Case, CaseKind
from volunteer.feedback.schemas import ContentForm, SpeakForm
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.orders.afterwards import following
from volunteer.orders.models import ServiceOrder
from volunteer.orders.pages import pictures
from volunteer.orders.pages.placing import site_choices
from volunteer.places import queries as places
from volunteer.web import filters, forms, idempotency, locale, throttle
from volunteer.web.acting import field_errors
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, current_person, open_to_all
from volunteer.web.pages import NOTICE_VERSION
from volunteer.web.unit import transaction

bp = Blueprint("speaking", __name__)
PURPOSE = "speak"
A_DAY = 24 * 3600
KINDS = {
    CaseKind.COMPLAINT: N_("A complaint"),
    CaseKind.PRAISE: N_("Praise"),
    CaseKind.SUGGESTION: N_("A suggestion"),
    CaseKind.FOLLOW_UP: N_("About your rating"),
}
GONE = N_("This page was open for too long. Please go back to your request and start there once more.")
Errors = dict[str, list[str]]
Act = Callable[[Session, Actor, Case, datetime], Any]


@bp.get("/speak")
@open_to_all
def new() -> ResponseReturnValue:
    """The form; from an order's own page it is about this order."""
    order, person = _order(db.session(), request.args.get("about", "")), current_person()
    kind = request.args.get("kind", "")
    values = MultiDict({"answer": "yes", "kind": kind if kind in opening.SPOKEN else ""})
    if person is not None and order is None:
        values["name"], values["phone"] = person.name, person.phone or ""
    return _form(order, values, {})


@bp.post("/speak")
@open_to_all
def speak() -> ResponseReturnValue:
    """Write it down. A double tap makes one case; a mistake leads back, with everything kept."""
    at, typed = now(), request.form
    throttle.spend_here(throttle.SPEAK_ADDRESS, at)
    body = idempotency.fingerprint(typed, request.files)
    kept, wrong = pictures.keep(
        request.files.getlist("photos"), typed.getlist("kept"), most=opening.MOST_PHOTOS, too_many=opening.TOO_MANY_PHOTOS
    )
    errors: Errors = {"photos": [_(words) for words in wrong]} if wrong else {}
    order = _order(db.session(), typed.get("about", ""))
    if typed.get("about") and order is None:
        errors["about"] = [_(GONE)]
    if not errors:
        try:
            return redirect(url_for(".show", secret=_speak(typed, body, kept, at), new=1), code=303)
        except Invalid as error:
            if not error.fields:
                raise
            errors = field_errors(error)
    db.session.rollback()
    return _form(_order(db.session(), typed.get("about", "")), typed, errors, kept), 422


@bp.get("/speak/photos/<name>")
@open_to_all
def kept_photo(name: str) -> ResponseReturnValue:
    """A photo that waits for its form to be accepted, under a name that only this form knows."""
    return pictures.show_kept(name)


@bp.get("/c/<secret>")
@open_to_all
def show(secret: str) -> ResponseReturnValue:
    """The page of one case: number and code when it is new, where it stands, and the answer."""
    return _page(secret, MultiDict(), {})


@bp.get("/c/<secret>/photos/<token>")
@open_to_all
def photo(secret: str, token: str) -> ResponseReturnValue:
    """A photo of this case."""
    return pictures.show_of(queries.case_by_secret(db.session(), secret), token)


@bp.post("/c/<secret>/content")
@open_to_all
def content(secret: str) -> ResponseReturnValue:
    """Is the answer enough? "No" is looked at a second time, by the site above."""

    def act(unit: Session, actor: Actor, case: Case, at: datetime) -> None:
        said = forms.load_form(ContentForm, request.form)
        told = replying.say_content(unit, actor, case.id, said["content"] == "yes", said["words"], at=at)
        following.release_of(unit, told, at=at)

    yes = request.form.get("content") == "yes"
    return _do(secret, act, _("Thank you. Good to know.") if yes else _("Thank you. Somebody else looks at it a second time."))


@bp.post("/c/<secret>/add")
@open_to_all
def add(secret: str) -> ResponseReturnValue:
    """Say more, while it is being looked into."""
    throttle.spend_here(throttle.SPEAK_ADDRESS, now())
    words = request.form.get("words", "")
    return _do(
        secret, lambda unit, actor, case, at: replying.add_words(unit, actor, case.id, words, at=at), _("Added. Thank you.")
    )


def about_order(order: ServiceOrder) -> str:
    """Return a name for the order that only we can have made, good for a day: nobody speaks about another's."""
    return "" if order.resident.is_forgotten else str(_signer().dumps(order.id))


def kind_words(case: Case) -> str:
    """Return what kind of case it is, in the reader's language."""
    return str(_(KINDS[case.kind]))


def state_words(case: Case) -> str:
    """Return where a case stands, in plain words."""
    if case.status is CaseStatus.OPEN:
        return str(_("We have it. %(place)s reads it.", place=filters.named(case.desk)))
    if case.status is CaseStatus.LOOKING:
        return str(_("Somebody is looking into it."))
    if case.status is CaseStatus.REOPENED:
        return str(_("%(place)s looks at it a second time.", place=filters.named(case.desk)))
    if case.status is CaseStatus.ANSWERED:
        return str(_("There is an answer."))
    return str(_("Settled"))


def _speak(typed: MultiDict[str, str], body: str, kept: Sequence[str], at: datetime) -> str:
    """Return the secret of the case that was written now, or by the first of two taps."""
    draft: opening.CaseDraft = forms.load_form(SpeakForm(NOTICE_VERSION, locale.chosen()), typed)
    with transaction() as unit:
        number = idempotency.claim(unit, typed.get("once", ""), body, at, purpose=PURPOSE)
        if number is not None:
            return unit.scalars(select(Case).where(Case.number == number)).one().secret or ""
        draft = replace(draft, photos=pictures.kept_photos(unit, kept))
        order = _order(unit, typed.get("about", ""))
        if order is not None:
            draft = _about(order, draft)
        elif draft.site_id is None and (centre := places.centre(unit)) is not None:
            draft = replace(draft, site_id=centre.id)
        person = order.resident if order is not None else None
        case = opening.speak(unit, current_actor(), draft, at=at, person=person)
        idempotency.settle(unit, case.number)  # the link is a secret: it is not stored in clear
        return case.secret or ""


def _about(order: ServiceOrder, draft: opening.CaseDraft) -> opening.CaseDraft:
    """The draft about an order: its place, its team, and the phone that stands on it."""
    site_id = order.desk_id if order.site.closed_at is not None else order.site_id
    draft = replace(draft, about=f"order:{order.id}", label=order.number, team_id=order.team_id, site_id=site_id)
    return replace(draft, name=order.contact or "", phone=order.phone or "") if draft.wants_answer else draft


def _order(unit: Session, signed: str) -> ServiceOrder | None:
    """The order behind a signed name; none when the name is old, not ours, or nobody is there to answer."""
    try:
        order = unit.get(ServiceOrder, _signer().loads(signed[:300], max_age=A_DAY)) if signed else None
    except BadSignature:
        return None
    return order if order is not None and not order.resident.is_forgotten else None


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or b"", salt="about-order")


def _form(order: ServiceOrder | None, values: MultiDict[str, str], errors: Errors, kept: Sequence[str] = ()) -> str:
    return render_template(
        "feedback/speak.html",
        order=order,
        about=about_order(order) if order is not None else "",
        kinds=[
            ("complaint", _(KINDS[CaseKind.COMPLAINT]), _("Something went wrong"), "megaphone"),
            ("praise", _(KINDS[CaseKind.PRAISE]), _("Somebody did well"), "heart"),
            ("suggestion", _(KINDS[CaseKind.SUGGESTION]), _("Something could be better"), "lightbulb"),
        ],
        answers=[
            ("yes", _("Yes, please"), _("We ring you or write to you. You can follow it with a number and a code.")),
            ("no", _("No, I only want to say it"), _("Then we ask for no name. You get a number and a code all the same.")),
        ],
        sites=site_choices(db.session()),
        values=values,
        errors=errors,
        kept=kept,
    )


def _actor(case: Case) -> Actor:
    """Whoever owns the case by account acts as themselves, anybody else as the holder of the link."""
    actor = current_actor()
    own = actor.user_id is not None and actor.user_id == case.person_id
    return actor if own else case_holder(case.id, case.site_path)


def _do(secret: str, act: Act, thanks: str) -> ResponseReturnValue:
    at = now()
    try:
        with transaction() as unit:
            case = queries.case_by_secret(unit, secret)
            act(unit, _actor(case), case, at)
    except Conflict as refused:
        flash(explain(refused), "soon")
    except Invalid as error:
        return _page(secret, request.form, field_errors(error)), 422
    else:
        flash(thanks)
    return redirect(url_for(".show", secret=secret), code=303)


def _page(secret: str, values: MultiDict[str, str], errors: Errors) -> str:
    case = queries.case_by_secret(db.session(), secret)
    at_work = case.status in AT_WORK
    return render_template(
        "feedback/case.html",
        case=case,
        secret=secret,
        new=request.args.get("new") == "1" and case.status is CaseStatus.OPEN,
        kind=kind_words(case),
        state=state_words(case),
        story=_story(case),
        promise=_promise(case) if at_work else "",
        at_work=at_work and not case.is_forgotten,
        asked=case.status is CaseStatus.ANSWERED and case.content is None,
        added=[event for event in case.events if event.what == replying.ADDED and event.note],
        values=values,
        errors=errors,
    )


def _promise(case: Case) -> str:
    if case.late and case.due_at is None:
        return str(_("We are late with this, and we are sorry. Please call us if nobody rings you soon."))
    if case.due_at is None:
        return ""
    day = filters.day(case.due_at)
    if case.late:
        return str(_("We are late with this, and we are sorry. %(place)s has it now, until %(day)s.",
                     place=filters.named(case.desk), day=day))  # fmt: skip
    if case.wants_answer:
        return str(_("You hear from us by %(day)s.", day=day))
    return str(_("Somebody reads it by %(day)s. What comes of it stands here.", day=day))


def _story(case: Case) -> list[dict[str, Any]]:
    """The steps of a case for whoever waits: said, looked into, answered, closed."""
    taken = next((event.at for event in case.events if event.what == "take"), None)
    looking = case.status in (CaseStatus.LOOKING, CaseStatus.REOPENED)
    done = case.status in (CaseStatus.ANSWERED, CaseStatus.CLOSED)
    rows: list[tuple[str, datetime | None, str]] = [(_("You told us"), case.opened_at, "done")]
    rows.append((_("Somebody looks into it"), taken, "done" if done else "now" if looking else "next"))
    if case.answered_at is not None or case.status is not CaseStatus.CLOSED:
        rows.append((_("We answer"), case.answered_at, "done" if done and case.answered_at else "next"))
    if case.content is False:
        rows.append((_("Looked at a second time"), None, "done" if done else "now"))
    closed = case.status is CaseStatus.CLOSED
    rows.append((_("Settled"), case.closed_at, "done" if closed else "now" if done else "next"))
    return [{"title": title, "at": filters.moment(at) if at else "", "state": state} for title, at, state in rows]
