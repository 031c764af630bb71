"""My hours, where each minute came from, and the certificate to take away."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.attendance.uses import uses_of
from volunteer.certificates import freezing, issuing, queries
from volunteer.certificates.batches import asking
from volunteer.certificates.batches import queries as batch_queries
from volunteer.certificates.models import Standing
from volunteer.certificates.printing import sheet_of, signer_at
from volunteer.certificates.rules import drafted
from volunteer.certificates.schemas import CertificateForm
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import CHINESE, ENGLISH, N_
from volunteer.messaging import outbox, templates
from volunteer.orders.pages.task_words import bring
from volunteer.orders.queries import orders_of, visits_of
from volunteer.teams.models import Volunteer
from volunteer.web import wording
from volunteer.web.acting import complaints
from volunteer.web.county import zone
from volunteer.web.errors import explain
from volunteer.web.files import shown_as
from volunteer.web.forms import load_form
from volunteer.web.identity import current_actor, current_person, requires
from volunteer.web.locale import chosen
from volunteer.web.unit import transaction

bp = Blueprint("me", __name__)
PAGE = 20
MESSAGES = 5
LANGUAGES = {CHINESE: "zh-Hans", ENGLISH: "en"}


@bp.get("/me")
@requires(Permission.ACCOUNT_OWN)
def home() -> ResponseReturnValue:
    """A volunteer's hours; for everybody else what they have asked for."""
    if not current_actor().may(Permission.HOURS_SEE_OWN):
        return render_template("certificates/asked.html", orders=orders_of(db.session(), current_person().id))
    today = _today()
    hours = queries.hours_of(db.session(), current_person().id, today, site_path=_home(), at=now())
    year = request.args.get("year", type=int)
    services = hours.of_year(year if year in hours.years else None)
    page = min(max(request.args.get("page", 1, type=int), 1), len(services) // PAGE + 1)
    return render_template(
        "certificates/me.html",
        hours=hours,
        visits=visits_of(db.session(), current_person().id),
        bring=bring,
        orders=orders_of(db.session(), current_person().id, limit=3),
        told=_told(current_person().id),
        this_year=today.year,
        year=year if year in hours.years else None,
        services=services[(page - 1) * PAGE : page * PAGE],
        count=len(services),
        page=page,
        more=page * PAGE < len(services),
        size=PAGE,
        day_words=_day_words,
        week_words=_week_words,
        uses_for=lambda one: uses_of(db.session(), one.entry.grade, one.entry.unit_path, one.day),
    )


@bp.get("/me/certificate")
@requires(Permission.CERTIFICATE_ISSUE_OWN)
def certificate() -> ResponseReturnValue:
    """Choose what to certify; the certificates issued so far."""
    asked = {"period": "twelve", "grades": _certified(), "locale": chosen(), "kind": "service"}
    return _form(asked, {})


@bp.post("/me/certificate")
@requires(Permission.CERTIFICATE_ISSUE_OWN)
def issue() -> ResponseReturnValue:
    """Issue a certificate."""
    person_id, at = current_person().id, now()
    try:
        ask = load_form(CertificateForm, request.form)
        with transaction() as session:
            draft = drafted(ask, _today(), queries.oldest_day(session, person_id))
            made = issuing.issue(session, current_actor(), person_id, draft, at=at)
            number = made.number
    except Invalid as error:
        _report(error)
        return _form(request.form, complaints(error) if error.fields else {}, explain(error)), 422
    except Conflict as error:
        return _form(request.form, {"period": [explain(error)]}), 409
    flash(_("Your certificate is ready."))
    return redirect(url_for(".certificate", made=number), code=303)


@bp.post("/me/certificate/star")
@requires(Permission.CERTIFICATE_ISSUE_OWN)
def issue_star() -> ResponseReturnValue:
    """Print the certificate of a star award."""
    award, locale = request.form.get("award", ""), request.form.get("locale", "")
    try:
        with transaction() as session:
            number = issuing.issue_star(session, current_actor(), award, locale, at=now()).number
    except Invalid as error:
        _report(error)
        raise
    flash(_("Your certificate is ready."))
    return redirect(url_for(".certificate", made=number), code=303)


@bp.post("/me/certificates/<number>/replace")
@requires(Permission.CERTIFICATE_ISSUE_OWN)
def replace(number: str) -> ResponseReturnValue:
    """Issue a certificate anew from today's records."""
    with transaction() as session:
        new = issuing.replace(session, current_actor(), number, at=now()).number
    flash(_("The new certificate is ready. The old one now says that it was replaced."))
    return redirect(url_for(".certificate", made=new), code=303)


@bp.get("/me/certificates/<number>.pdf")
@requires(Permission.CERTIFICATE_ISSUE_OWN)
def pdf(number: str) -> ResponseReturnValue:
    """The certificate as a PDF, the same every time."""
    found = queries.own(db.session(), current_actor().user_id, number)
    if found.standing is not Standing.VALID:
        raise Conflict(
            "certificate_not_valid", N_("This certificate is no longer valid. Please take the new one, or issue another.")
        )
    return shown_as(
        Response(sheet_of(db.session(), found, at=now()).pdf(), mimetype="application/pdf"), f"certificate-{found.number}.pdf"
    )


def _form(values: object, errors: dict[str, list[str]], message: str = "") -> str:
    volunteer_id = current_person().id
    return render_template(
        "certificates/certificate.html",
        values=values,
        errors=errors,
        message="" if errors else message,
        grades=_certified(),
        away=queries.was_lent(db.session(), volunteer_id),
        awards=queries.awards_of(db.session(), volunteer_id),
        asked=batch_queries.asked_of(db.session(), volunteer_id),
        is_child=asking.is_child(current_person(), _today()),
        signs_pdfs=signer_at(db.session(), now()),
        certificates=queries.certificates_of(db.session(), volunteer_id),
        made=request.args.get("made"),
        today=_today(),
        day_words=_day_words,
    )


def _certified() -> list[str]:
    """The grades that the volunteer's centre certifies."""
    volunteer = db.session.get(Volunteer, current_person().id)
    taken = freezing.certified_grades(db.session(), volunteer, now()) if volunteer else frozenset()
    return sorted(grade.value for grade in taken)


def _report(error: Invalid) -> None:
    """What cannot be printed is told to the centre, in a transaction of its own: the one that found it is rolled back."""
    if error.code == "certificate_unprintable":
        with transaction() as session:
            issuing.report_unprintable(session, current_actor(), error.context["characters"], at=now())


def _told(person_id: int) -> list[tuple[str, str, datetime]]:
    """Return what a person was told lately: the words, the language that they were told in, and when."""
    rows = outbox.inbox_of(db.session(), person_id, limit=MESSAGES)
    return [(templates.render(row.template, row.locale, row.params), LANGUAGES[row.locale], row.created_at) for row in rows]


def _home() -> str:
    """The path of a place where the reader is a volunteer."""
    return current_actor().scopes(Permission.HOURS_SEE_OWN)[0]


def _today() -> date:
    return local_date(now(), zone())


def _day_words(day: date) -> str:
    return wording.calendar_day(day, _today(), chosen())


def _week_words(monday: date, minutes: int) -> str:
    span = f"{_day_words(monday)}–{_day_words(monday + timedelta(days=6))}"
    return f"{span} · {wording.hours(minutes, chosen())}"
