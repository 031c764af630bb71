"""批量证明: asking for many certificates, following how far it is, releasing and fetching the file; and one's own yes or no."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from volunteer.access import Permission
from volunteer.accounts.humans import accounts_of
from volunteer.accounts.pages import door
from volunteer.certificates.batches import asking, queries, releasing
from volunteer.certificates.batches.files import KINDS
from volunteer.certificates.batches.lifecycle import AT_WORK, GOING_ON, BatchState
from volunteer.certificates.batches.rules import BatchDraft
from volunteer.certificates.models_batches import Outcome
from volunteer.certificates.schemas import BatchForm
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db, under
from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_
from volunteer.places.models import Site
from volunteer.teams.models import Team
from volunteer.web import idempotency, wording
from volunteer.web.county import zone
from volunteer.web.errors import explain
from volunteer.web.files import handed_out
from volunteer.web.forms import load_form, typed
from volunteer.web.identity import current_actor, requires
from volunteer.web.locale import chosen
from volunteer.web.unit import transaction

bp = Blueprint("batches", __name__)
P = Permission.CERTIFICATES_FOR_OTHERS
USUAL = timedelta(days=14)  # to answer
MOST_TEAMS = 500
WORDS = {
    BatchState.ASKING: N_("Being asked"),
    BatchState.ISSUING: N_("Being issued"),
    BatchState.PACKING: N_("Being printed"),
    BatchState.READY: N_("Ready"),
    BatchState.EMPTY: N_("Nothing to hand out"),
    BatchState.GONE: N_("File removed"),
    BatchState.DROPPED: N_("Dropped"),
}
TONES = {BatchState.ASKING: "info", BatchState.ISSUING: "soon", BatchState.PACKING: "soon", BatchState.READY: "ok"}
MISSING = {
    Outcome.NO_CONSENT: N_("no consent"),
    Outcome.NO_HOURS: N_("no hours that count in this time"),
    Outcome.UNPRINTABLE: N_("a word the typeface lacks"),
    Outcome.LEFT: N_("no longer registered"),
}


@bp.get("/manage/certificates")
@requires(P)
def home() -> ResponseReturnValue:
    """The batches of the reader's places."""
    page = queries.batches_at(db.session(), current_actor(), before=request.args.get("before", type=int))
    progress = queries.progress_of(db.session(), page.rows)
    rows = [(batch, progress[batch.id]) for batch in page.rows]
    return render_template("certificates/batches/home.html", rows=rows, next_key=page.next_key, **_vocabulary())


@bp.get("/manage/certificates/new")
@requires(P)
def new() -> ResponseReturnValue:
    """Whom to ask, for whom, and what for."""
    today = _today()
    values = {
        "first": today.replace(month=1, day=1).isoformat(),
        "last": today.isoformat(),
        "answer_by": (today + USUAL).isoformat(),
        "locale": chosen(),
    }
    return form_page(values, {})


@bp.post("/manage/certificates")
@requires(P)
def ask() -> ResponseReturnValue:
    """Ask them."""
    at, body = now(), idempotency.fingerprint(request.form)
    if (sheet := request.files.get("sheet")) is not None and sheet.filename:
        unread = {"sheet": [_("Please read the sheet first, so that you see whom it means.")]}
        return form_page(typed(request.form), unread), 422
    try:
        sent = load_form(BatchForm, request.form)
        with transaction() as session:
            there = idempotency.claim(session, request.form.get("once", ""), body, at, purpose=request.path)
            if there is None:
                batch = asking.ask(session, current_actor(), sent.pop("site"), BatchDraft(**sent), at=at)
                there = url_for(".show", batch_id=batch.id)
                idempotency.settle(session, there)
                flash(_("They are asked now. Nothing is issued without their yes."))
    except Invalid as error:
        if error.code.startswith("once"):
            raise
        beside = {name.partition(".")[0]: [_(words) for words in said] for name, said in error.fields.items()}
        return form_page(typed(request.form), beside, explain(error)), 422
    return redirect(there, code=303)


@bp.get("/manage/certificates/<int:batch_id>")
@requires(P)
def show(batch_id: int) -> ResponseReturnValue:
    """How far it is, who said what, and who is missing and why."""
    return _page(batch_id, {})


@bp.get("/manage/certificates/<int:batch_id>/live")
@requires(P)
def live(batch_id: int) -> ResponseReturnValue:
    """How far it is: asked every few seconds, mostly answered with 304."""
    batch = queries.visible(db.session(), current_actor(), batch_id)
    progress = queries.progress(db.session(), batch)
    tag = hashlib.sha256(f"{batch.version}:{progress}:{chosen()}".encode()).hexdigest()[:32]
    if tag in request.if_none_match:
        response = Response(status=304)
    else:
        seen = request.args.get("s", "")[:20]
        words = render_template("certificates/batches/live.html", batch=batch, progress=progress, seen=seen, **_vocabulary())
        response = Response(words)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.post("/manage/certificates/<int:batch_id>/start")
@requires(P)
def start(batch_id: int) -> ResponseReturnValue:
    """Issue for those who agreed."""
    with transaction() as session:
        asking.start(session, current_actor(), batch_id, at=now())
    flash(_("The certificates of those who agreed are being made. You may leave this page."))
    return redirect(url_for(".show", batch_id=batch_id), code=303)


@bp.post("/manage/certificates/<int:batch_id>/drop")
@requires(P)
def drop(batch_id: int) -> ResponseReturnValue:
    """Let go of it."""
    with transaction() as session:
        asking.drop(session, current_actor(), batch_id, at=now())
    flash(_("Dropped. Whoever was asked no longer sees it."))
    return redirect(url_for(".show", batch_id=batch_id), code=303)


@bp.post("/manage/certificates/<int:batch_id>/release")
@requires(P)
def release(batch_id: int) -> ResponseReturnValue:
    """The second person lets the file be fetched."""
    with transaction() as session:
        releasing.release(session, current_actor(), batch_id, at=now())
    flash(_("Released. Everybody in it has been told."))
    return redirect(url_for(".show", batch_id=batch_id), code=303)


@bp.post("/manage/certificates/<int:batch_id>/file")
@requires(P)
def take(batch_id: int) -> ResponseReturnValue:
    """Hand the file out, for the password or a fresh log-in."""
    at = now()
    queries.visible(db.session(), current_actor(), batch_id)
    if wrong := door.complaint_about_proof(request.form.get("password", ""), at):
        return _page(batch_id, wrong), 422
    kind = request.form.get("kind", "")[:10]
    with transaction() as session:
        path, batch = releasing.take(session, current_actor(), batch_id, kind, at=at)
        name = f"certificates-{batch.id}.{kind}"
    return handed_out(send_file(path, mimetype=KINDS[kind][1], conditional=False), name)


@bp.post("/manage/certificates/<int:batch_id>/people/<int:row_id>/guardian")
@requires(P)
def guardian(batch_id: int, row_id: int) -> ResponseReturnValue:
    """What the guardian of a child said."""
    with transaction() as session:
        asking.hear_guardian(session, current_actor(), row_id, request.form.get("answer") == "yes", at=now())
    flash(_("Written down."))
    return redirect(url_for(".show", batch_id=batch_id), code=303)


@bp.post("/me/certificate/asked/<int:row_id>")
@requires(Permission.CERTIFICATE_ISSUE_OWN)
def answer(row_id: int) -> ResponseReturnValue:
    """One's own yes or no."""
    yes = request.form.get("answer") == "yes"
    with transaction() as session:
        asking.answer(session, current_actor(), row_id, yes, at=now())
    flash(_("Thank you. You can change your mind until it is issued.") if yes else _("All right. Nothing is given to them."))
    return redirect(url_for("me.certificate") + "#asked", code=303)


def form_page(
    values: object,
    errors: dict[str, list[str]],
    message: str = "",
    *,
    said: str = "",
    faults: Sequence[tuple[int, str, str]] = (),
) -> str:
    """Return the form; ``said``: what was just read into it, ``faults``: (row, column, words) of a sheet that was not."""
    session, actor = db.session(), current_actor()
    scopes = actor.scopes(P)
    sites = session.scalars(select(Site).where(Site.path.in_(scopes)).order_by(Site.path)).all()
    open_teams = (under(scopes, Team.site_path), Team.closed_at.is_(None))
    teams = session.scalars(select(Team).where(*open_teams).order_by(Team.code).limit(MOST_TEAMS)).all()
    grades = asking.certified_at(session, sites[0].path, now()) if sites else frozenset()
    certified = sorted(grade.value for grade in grades)
    if isinstance(values, dict):
        values = values | {"grades": request.form.getlist("grades") or certified}
    return render_template(
        "certificates/batches/new.html",
        values=values,
        errors=errors,
        message=message,
        said=said,
        faults=faults,
        sites=sites,
        teams=teams,
        grades=certified,
        today=_today(),
        **_vocabulary(),
    )


def _page(batch_id: int, errors: dict[str, list[str]]) -> str:
    session, actor = db.session(), current_actor()
    batch = queries.visible(session, actor, batch_id)
    words, only = request.args.get("q", "").strip()[:40], request.args.get("show", "")[:12]
    people = queries.people_of(session, batch, words=words, only=only, after=request.args.get("after", 0, type=int))
    today = _today()
    return render_template(
        "certificates/batches/batch.html",
        batch=batch,
        progress=queries.progress(session, batch),
        people=people,
        q=words,
        show=only,
        errors=errors,
        ask_proof=not door.is_fresh(now()),
        is_second=accounts_of(session, actor.user_id).isdisjoint({batch.asked_by, batch.started_by}),
        is_child=lambda row: asking.is_child(row.volunteer.person, today),
        **_vocabulary(),
    )


def _vocabulary() -> dict[str, object]:
    return {
        "state_words": {state.value: _(words) for state, words in WORDS.items()},
        "tones": {state.value: tone for state, tone in TONES.items()},
        "missing_words": {outcome.value: _(words) for outcome, words in MISSING.items()},
        "at_work": AT_WORK,
        "going_on": GOING_ON,
        "day_words": _day_words,
    }


def _today() -> date:
    return local_date(now(), zone())


def _day_words(day: date) -> str:
    return wording.calendar_day(day, _today(), chosen())
