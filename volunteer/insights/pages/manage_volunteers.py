"""/manage/volunteers: who is registered in one's places, what they have shown, and what waits for an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from volunteer.access import Permission
from volunteer.accounts.documents import masked
from volunteer.audit.recording import record
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.orders.visits import letting_go
from volunteer.teams import ages, joining, papers, profiling
from volunteer.teams.belonging import teams_of
from volunteer.teams.models import Standing
from volunteer.teams.pages.fields import site_called, site_options, week_grid
from volunteer.teams.pages.papers import paper_words
from volunteer.teams.pages.photos import photo_sent, show_photo
from volunteer.teams.queries_people import guardian_of, open_skills, papers_waiting, volunteers_at, waiting_at
from volunteer.teams.schemas import CounterForm, MemberForm, PaperForm
from volunteer.web import county, filters, forms, locale
from volunteer.web.acting import Errors, complaints, done_once
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("volunteers", __name__, url_prefix="/manage/volunteers")
MANAGE = Permission.TEAMS_MANAGE
STANDINGS = {
    Standing.ACTIVE: (N_("active"), "ok"),
    Standing.WAITING: (N_("waits for approval"), "soon"),
    Standing.REFUSED: (N_("refused"), "late"),
    Standing.CLOSED: (N_("closed"), "grey"),
    Standing.LEFT: (N_("has left"), "grey"),
}
TABS = {
    "active": N_("Active"),
    "waiting": N_("New"),
    "papers": N_("Papers"),
    "left": N_("Left"),
    "closed": N_("Closed"),
    "refused": N_("Refused"),
}


@bp.get("")
@requires(MANAGE)
def show() -> ResponseReturnValue:
    """The list, searched and paged; what waits has a tab of its own."""
    unit, actor = db.session(), current_actor()
    tab = request.args.get("tab", "active")
    tab = tab if tab in TABS else "active"
    words = request.args.get("q", "")[:60].strip()
    key = request.args.get("key", type=int)
    key = min(max(key, 0), 2**31) if key is not None else None
    standing = None if words else Standing.ACTIVE if tab == "papers" else Standing(tab)
    waiting = waiting_at(unit, actor)
    counts = {"waiting": waiting.registrations, "papers": waiting.papers}
    return render_template(
        "teams/volunteers.html",
        tab=tab,
        tab_rows=[(one, _(said), counts.get(one)) for one, said in TABS.items()],
        words=words,
        people=volunteers_at(unit, actor, words, standing=standing, before=key) if tab != "papers" or words else None,
        papers=papers_waiting(unit, actor, after=key or 0) if tab == "papers" and not words else None,
        first=key is None,
        standing_words=_standings(),
        **paper_words(unit),
    )


@bp.get("/new")
@requires(MANAGE)
def new() -> ResponseReturnValue:
    """Register somebody who stands at the counter."""
    return _new({}, {})


@bp.post("/new")
@requires(MANAGE)
def register() -> ResponseReturnValue:
    """Register them."""

    def act(unit: Session) -> str:
        draft = joining.JoinDraft(**data, site=site_called(unit, site), locale=locale.chosen())
        made = joining.register_at_counter(unit, current_actor(), draft, at=now())
        return url_for(".person", volunteer_id=made.id)

    try:
        data = forms.load_form(CounterForm, request.form)
        site = data.pop("site")
        where = done_once("counter", act)
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        db.session.rollback()
        return _new(request.form, complaints(error)), 422
    flash(_("Registered."))
    return redirect(where, code=303)


@bp.get("/<int:volunteer_id>")
@requires(MANAGE)
def person(volunteer_id: int) -> ResponseReturnValue:
    """One volunteer; that somebody looked is written down."""
    with transaction() as unit:
        mine = profiling.volunteer_at(unit, current_actor(), volunteer_id)
        record(unit, current_actor(), "volunteer_seen", f"person:{mine.id}", at=now(), site_path=mine.site.path)
    return _page(volunteer_id, {})


@bp.post("/<int:volunteer_id>/answer")
@requires(MANAGE)
def answer(volunteer_id: int) -> ResponseReturnValue:
    """Approve a registration, or not and why."""

    def act(unit: Session, data: dict[str, Any]) -> object:
        return joining.answer_registration(unit, current_actor(), volunteer_id, yes=data["yes"], words=data["words"], at=now())

    return _do(volunteer_id, act)


@bp.post("/<int:volunteer_id>/guardian")
@requires(MANAGE)
def guardian(volunteer_id: int) -> ResponseReturnValue:
    """The guardian was spoken to."""
    return _do(volunteer_id, lambda unit, data: joining.hear_guardian(unit, current_actor(), volunteer_id, at=now()))


@bp.post("/<int:volunteer_id>/close")
@requires(MANAGE)
def close(volunteer_id: int) -> ResponseReturnValue:
    """Close a volunteer, with a reason."""

    def act(unit: Session, data: dict[str, Any]) -> object:
        return letting_go.close_volunteer(unit, current_actor(), volunteer_id, data["words"], at=now())

    return _do(volunteer_id, act)


@bp.post("/<int:volunteer_id>/open")
@requires(MANAGE)
def open_again(volunteer_id: int) -> ResponseReturnValue:
    """Let them serve again."""
    return _do(volunteer_id, lambda unit, data: profiling.open_again(unit, current_actor(), volunteer_id, at=now()))


@bp.post("/<int:volunteer_id>/papers")
@requires(MANAGE)
def enter(volunteer_id: int) -> ResponseReturnValue:
    """Write down a paper that was shown at the counter."""

    def act(unit: Session) -> str:
        draft = papers.PaperDraft(**data, photo=photo_sent(unit))
        papers.enter_paper(unit, current_actor(), volunteer_id, draft, at=now())
        return url_for(".person", volunteer_id=volunteer_id)

    try:
        data = forms.load_form(PaperForm, request.form)
        where = done_once("paper-entered", act)
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        db.session.rollback()
        return _page(volunteer_id, complaints(error), request.form), 422
    flash(_("Written down. It counts from now on."))
    return redirect(where, code=303)


@bp.post("/papers/<int:paper_id>")
@requires(MANAGE)
def check(paper_id: int) -> ResponseReturnValue:
    """Approve a paper, or refuse it with words."""
    data = forms.load_form(MemberForm, request.form)
    try:
        with transaction() as unit:
            found = papers.check_paper(unit, current_actor(), paper_id, yes=data["yes"], words=data["words"], at=now())
            who = found.volunteer_id
    except Invalid as error:
        flash(" ".join(complaints(error).popitem()[1]), "late")
        return redirect(url_for(".show", tab="papers"), code=303)
    flash(_("Approved. It counts from now on.") if data["yes"] else _("Refused. They have been told why."))
    back = url_for(".show", tab="papers") if request.form.get("from") == "list" else url_for(".person", volunteer_id=who)
    return redirect(back, code=303)


@bp.get("/papers/<int:paper_id>/photo")
@requires(MANAGE)
def photo(paper_id: int) -> ResponseReturnValue:
    """The photo of a paper; that somebody looked is written down."""
    with transaction() as unit:
        found = papers.paper_seen(unit, current_actor(), paper_id, at=now())
        current_actor().must(MANAGE, at=found.volunteer.site.path)
        return show_photo(found)


def _do(volunteer_id: int, act: Callable[[Session, dict[str, Any]], object]) -> ResponseReturnValue:
    try:
        data = forms.load_form(MemberForm, request.form)
        with transaction() as unit:
            act(unit, data)
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        db.session.rollback()
        return _page(volunteer_id, complaints(error)), 422 if isinstance(error, Invalid) else 409
    flash(_("Saved."))
    return redirect(url_for(".person", volunteer_id=volunteer_id), code=303)


def _new(values: Any, errors: Errors) -> str:
    return render_template(
        "teams/volunteer_new.html",
        values=values,
        errors=errors,
        sites=site_options(db.session()),
        skills=[(one.code, filters.named(one)) for one in open_skills(db.session(), licensed=False)],
        week=week_grid(),
        ticked=set(values.getlist("week")) if isinstance(values, MultiDict) else set(),
    )


def _page(volunteer_id: int, errors: Errors, typed: Any = None) -> str:
    unit, at = db.session(), now()
    mine = profiling.volunteer_at(unit, current_actor(), volunteer_id)
    document = mine.person.document
    doubles = joining.doubles_of(unit, mine.person)
    return render_template(
        "teams/volunteer.html",
        mine=mine,
        person=mine.person,
        document=masked(document) if document else "",
        doubles=len(doubles),
        guardian=guardian_of(unit, mine.id),
        minor=ages.needs_guardian(mine.person.born_on, local_date(at, county.zone())),
        teams=teams_of(unit, mine.id, at=at),
        work=letting_go.work_of_volunteer(unit, mine.id, at=at),
        rows=papers.papers_of(unit, mine.id),
        values=typed or {},
        errors=errors,
        standing_words=_standings(),
        **paper_words(unit),
    )


def _standings() -> dict[str, tuple[str, str]]:
    return {one.value: (_(words), tone) for one, (words, tone) in STANDINGS.items()}
