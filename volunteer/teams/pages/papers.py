"""/me/profile/papers: licences, trainings, insurance, each with its photo, seen by oneself and the site's checker alone."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import DomainError, NotFound
from volunteer.kernel.words import N_
from volunteer.teams import papers, profiling
from volunteer.teams.lifecycle import PaperState
from volunteer.teams.models_volunteers import Paper, PaperKind
from volunteer.teams.pages.photos import photo_sent, show_photo
from volunteer.teams.queries_people import open_skills
from volunteer.teams.schemas import PaperForm
from volunteer.web import county, filters, forms
from volunteer.web.acting import Errors, complaints, done_once
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("papers", __name__, url_prefix="/me/profile/papers")
OWN = Permission.VOLUNTEER_OWN
KINDS = {PaperKind.LICENCE: N_("Licence"), PaperKind.TRAINING: N_("Training"), PaperKind.INSURANCE: N_("Insurance")}
STATES = {
    PaperState.WAITING: (N_("waits to be checked"), "soon", "clock"),
    PaperState.APPROVED: (N_("counts"), "ok", "circle-check"),
    PaperState.REFUSED: (N_("not accepted"), "late", "circle-x"),
    PaperState.WITHDRAWN: (N_("taken back"), "grey", "undo-2"),
}


@bp.get("")
@requires(OWN)
def show() -> ResponseReturnValue:
    """What I have shown, and the form for more."""
    return _page({"kind": request.args.get("kind", "licence")}, {})


@bp.post("")
@requires(OWN)
def send() -> ResponseReturnValue:
    """Show a paper."""

    def act(unit: Session) -> str:
        draft = papers.PaperDraft(**data, photo=photo_sent(unit))
        papers.send_paper(unit, current_actor(), draft, at=now())
        return url_for(".show")

    try:
        data = forms.load_form(PaperForm, request.form)
        where = done_once("paper", act)
    except DomainError as error:
        db.session.rollback()
        return _page(request.form, complaints(error)), 422
    flash(_("Thank you. Your station checks it and tells you."))
    return redirect(where, code=303)


@bp.post("/<int:paper_id>/withdraw")
@requires(OWN)
def withdraw(paper_id: int) -> ResponseReturnValue:
    """Take back what nobody has checked yet."""
    with transaction() as unit:
        papers.withdraw_paper(unit, current_actor(), paper_id, at=now())
    return redirect(url_for(".show"), code=303)


@bp.get("/<int:paper_id>/photo")
@requires(OWN)
def photo(paper_id: int) -> ResponseReturnValue:
    """The photo of one of my papers."""
    found = db.session.get(Paper, paper_id)
    if found is None or found.volunteer_id != current_actor().user_id:
        raise NotFound("paper")
    return show_photo(found)


def paper_words(session: Session) -> dict[str, Any]:
    """Return what the parts about papers need: words of kinds and states, licensed skills, today."""
    return {
        "paper_kinds": [(kind.value, _(words)) for kind, words in KINDS.items()],
        "kind_words": {kind.value: _(words) for kind, words in KINDS.items()},
        "state_words": {state.value: (_(words), tone, icon) for state, (words, tone, icon) in STATES.items()},
        "licensed": [(one.code, filters.named(one)) for one in open_skills(session, licensed=True)],
        "today": local_date(now(), county.zone()),
    }


def _page(values: Any, errors: Errors) -> str:
    mine = profiling.own(db.session(), current_actor())
    rows = [one for one in papers.papers_of(db.session(), mine.id) if one.state is not PaperState.WITHDRAWN]
    return render_template("teams/papers.html", mine=mine, rows=rows, values=values, errors=errors, **paper_words(db.session()))
