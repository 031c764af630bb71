"""回访, 投诉, 表扬, 建议: the list of a place, one case with everything that can be done to it, and words held back.

Sealed words are opened on the page of one case only, and each look is written down.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.feedback import handling, queries
from volunteer.feedback.lifecycle import AT_WORK, CaseAction, CaseStatus, allows
from volunteer.feedback.models import Case, CaseKind
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.orders.afterwards import following, queries_cases
from volunteer.orders.afterwards.lifecycle import WordsState
from volunteer.orders.models import ServiceOrder
from volunteer.orders.pages import pictures
from volunteer.orders.pages.case_words import CHANNELS, DECISIONS, KINDS, LINES, PICTURES, STATES
from volunteer.web import filters, forms
from volunteer.web.acting import field_errors
from volunteer.web.asked import whole
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("cases", __name__, url_prefix="/cases")
TABS = {"open": N_("Waiting"), "mine": N_("Mine"), "answered": N_("Answered"), "closed": N_("Settled")}
WORDS = {"kinds": KINDS, "pictures": PICTURES, "states": STATES, "channels": CHANNELS, "lines": LINES}
HANDLE = Permission.CASES_HANDLE
Act = Callable[[Session, Case, datetime], Any]


@bp.get("")
@requires(HANDLE)
def show() -> ResponseReturnValue:
    """The cases of one's places: what is late first."""
    unit, actor, after = db.session(), current_actor(), _after()
    tab = request.args.get("tab", "open")
    tab = tab if tab in TABS else "open"
    typed = request.args.get("kind", "")
    kind = CaseKind(typed) if typed in set(CaseKind) else None
    words = request.args.get("q", "").replace("\0", "").strip()[:60]
    page = queries.cases_of(unit, actor, tab, words=words, kind=kind, after=after)
    here: dict[str, Any] = {"tab": tab} | ({"q": words} if words else {}) | ({"kind": kind.value} if kind else {})
    return render_template(
        "orders/cases.html",
        rows=page.rows,
        tabs=_tabs(unit, actor, "" if words else tab),
        narrower=[
            {"label": _(label), "href": url_for(".show", **here | {"kind": name or None}), "current": name == (kind or "")}
            for name, label in {"": N_("All kinds"), **KINDS}.items()
        ],
        words=words,
        tab=tab,
        next=url_for(".show", **here, after=page.next_key) if page.next_key else None,
        previous=url_for(".show", **here, after=max(0, after - queries.PAGE)) if after else None,
        at=now(),
        **WORDS,
    )


@bp.get("/<number>")
@requires(HANDLE)
def one(number: str) -> ResponseReturnValue:
    """One case. What the person wrote is private: opening the page is written down."""
    return _page(number)


@bp.post("/<number>/details")
@requires(HANDLE)
def details(number: str) -> ResponseReturnValue:
    """Whom to call: shown on request, and written down by itself."""
    return _page(number, phone=True)


@bp.get("/<number>/photos/<token>")
@requires(HANDLE)
def photo(number: str, token: str) -> ResponseReturnValue:
    """A photo that came with a case."""
    return pictures.show_of(queries.case_for(db.session(), current_actor(), number), token)


@bp.post("/<number>/take")
@requires(HANDLE)
def take(number: str) -> ResponseReturnValue:
    """I look into it."""
    return _do(number, lambda unit, case, at: handling.take_case(unit, current_actor(), case.id, at=at), _("It is yours now."))


@bp.post("/<number>/call")
@requires(HANDLE)
def call(number: str) -> ResponseReturnValue:
    """A call to the person: what they said, or that nobody was reached."""

    def act(unit: Session, case: Case, at: datetime) -> None:
        if (reached := request.form.get("reached")) not in {"yes", "no"}:
            raise Invalid.field("reached", N_("Please choose one of these."))
        handling.note_call(unit, current_actor(), case.id, _typed("call"), reached=reached == "yes", at=at)

    return _do(number, act, _("The call is written down."), field="call")


@bp.post("/<number>/ask")
@requires(HANDLE)
def ask(number: str) -> ResponseReturnValue:
    """Ask the team for its side; it reads the edited text and nothing else."""

    def act(unit: Session, case: Case, at: datetime) -> None:
        known = {team.id for team in queries_cases.teams_to_ask(unit, case)} if case.team_id is None else set()
        typed = request.form.get("team", "")
        team_id = whole(typed)
        if case.team_id is None and team_id not in known:
            raise Invalid.field("team", N_("Please say which team this is about."))
        names = following.names_about(unit, case)
        handling.ask_team(unit, current_actor(), case.id, _typed("shown"), at=at, team_id=team_id, names=names)

    return _do(number, act, _("The team has been asked."))


@bp.post("/<number>/answer")
@requires(HANDLE)
def answer(number: str) -> ResponseReturnValue:
    """Answer the person."""

    def act(unit: Session, case: Case, at: datetime) -> None:
        answered = handling.answer_case(unit, current_actor(), case.id, _typed("answer"), at=at)
        following.release_of(unit, answered, at=at)

    return _do(number, act, _("Answered. The person has been told."), field="answer")


@bp.post("/<number>/close")
@requires(HANDLE)
def close(number: str) -> ResponseReturnValue:
    """Done: the rating behind a follow-up counts and shows from now on."""
    return _do(
        number,
        lambda unit, case, at: following.close(unit, current_actor(), case.id, _typed("outcome"), at=at),
        _("Closed."),
        field="outcome",
    )


@bp.post("/<number>/up")
@requires(HANDLE)
def up(number: str) -> ResponseReturnValue:
    """Pass it to the site above; a second tap finds it there already."""

    def act(unit: Session, case: Case, at: datetime) -> None:
        if request.form.get("desk", str(case.desk_id)) == str(case.desk_id):
            handling.hand_up(unit, current_actor(), case.id, _typed("reason"), at=at)

    return _do(number, act, _("Handed up. The site above has been told."))


@bp.post("/<number>/pass-on")
@requires(HANDLE)
def pass_on(number: str) -> ResponseReturnValue:
    """Praise reaches those whom it is for."""
    return _do(
        number,
        lambda unit, case, at: following.pass_on(unit, current_actor(), case.id, _typed("quote"), at=at),
        _("The volunteers have been told. Thank you for passing it on."),
    )


@bp.get("/words")
@requires(HANDLE)
def held() -> ResponseReturnValue:
    """Words of ratings that wait for a person: a phone, a name or hard words are in them."""
    unit, actor, after = db.session(), current_actor(), _after()
    page = queries_cases.held_words(unit, actor, after=after)
    return render_template(
        "orders/held_words.html",
        rows=page.rows,
        tabs=_tabs(unit, actor, "words"),
        shows=following.shows,
        next=url_for(".held", after=page.next_key) if page.next_key else None,
        previous=url_for(".held", after=max(0, after - queries_cases.PAGE)) if after else None,
    )


@bp.get("/words/<number>")
@requires(HANDLE)
def words(number: str) -> ResponseReturnValue:
    """The words of one rating; the look is written down."""
    return _words_page(number)


@bp.post("/words/<number>")
@requires(HANDLE)
def decide(number: str) -> ResponseReturnValue:
    """Show, show with parts covered, or keep hidden; with a reason."""
    decision = request.form.get("decision", "")
    try:
        if decision not in DECISIONS:
            raise Invalid.field("decision", N_("Please choose one of these."))
        with transaction() as unit:
            rating = queries_cases.rating_of(unit, current_actor(), number)
            following.decide_words(
                unit, current_actor(), rating.order.number, WordsState(decision), _typed("shown"), _typed("reason"), at=now()
            )
    except Invalid as error:
        return _words_page(number, error), 422
    except Conflict as error:
        return _words_page(number, refused=explain(error)), 409
    flash(_("Decided. The words themselves are not changed."))
    return redirect(url_for(".held"), code=303)


def _do(number: str, act: Act, thanks: str, *, field: str = "words") -> ResponseReturnValue:
    """Do one thing to a case; refused, the page is shown again. ``field``: what the form calls the verb's "words"."""
    try:
        with transaction() as unit:
            act(unit, queries.case_for(unit, current_actor(), number), now())
    except Invalid as error:
        fields = {field if name == "words" else name: words for name, words in field_errors(error).items()}
        return _page(number, errors=fields), 422
    except Conflict as error:
        return _page(number, refused=explain(error)), 409
    flash(thanks)
    return redirect(url_for(".one", number=number), code=303)


def _page(number: str, *, errors: dict[str, list[str]] | None = None, refused: str = "", phone: bool = False) -> str:
    actor, at = current_actor(), now()
    with transaction() as unit:  # a look at what somebody said is written down
        case = queries.case_for(unit, actor, number)
        handling.look(unit, actor, case, at=at, phone=phone)
        order = queries_cases.order_behind(unit, case)
        private = following.names_about(unit, case)
        covered = "" if case.is_forgotten else handling.words_for_team(case, private)
        quote = covered[: handling.PRAISE_SHOWN] if case.quotable else ""
        values = {"shown": covered, "quote": quote, "desk": str(case.desk_id)} | forms.typed(request.form)
        team = case.team
        return render_template(
            "orders/case.html",
            case=case,
            order=order,
            order_href=_order_href(actor, order),
            team=team,
            details=phone and not case.is_forgotten,
            may=_may(case, actor),
            teams=_team_options(unit, case),
            waits_words=order is not None and order.rating is not None and order.rating.words_state in queries_cases.WAITING
            and bool(order.rating.words_sealed),
            counts=order is None or order.rating is None or following.shows(order.rating),
            values=values,
            errors=errors or {},
            refused=refused,
            at=at,
            **WORDS,
        )  # fmt: skip


def _may(case: Case, actor: Actor) -> dict[str, bool]:
    """Which buttons fit where the case stands."""
    at_work, readable = case.status in AT_WORK, not case.is_forgotten
    awaited = case.wants_answer and case.kind is not CaseKind.FOLLOW_UP and case.answered_at is None and readable
    own = case.status is CaseStatus.LOOKING and case.taken_by == actor.user_id
    return {
        "take": allows(case.status, CaseAction.TAKE) and not own,
        "call": at_work and readable and bool(case.phone_sealed),
        "ask": at_work and readable and all(ask.answered_at is not None for ask in case.asks),
        "answer": allows(case.status, CaseAction.ANSWER) and readable and case.wants_answer,
        "close": allows(case.status, CaseAction.CLOSE) and not awaited,
        "up": allows(case.status, CaseAction.HAND_UP) and case.desk.parent_id is not None,
        "pass_on": case.kind is CaseKind.PRAISE and case.passed_on_at is None and (bool(case.team_id) or bool(case.about)),
    }


def _words_page(number: str, error: Invalid | None = None, refused: str = "") -> str:
    actor, at = current_actor(), now()
    with transaction() as unit:
        rating = queries_cases.rating_of(unit, actor, number)
        order = rating.order
        record(unit, actor, "private_seen", f"order:{order.id}", at=at, site_path=order.site_path, fields=["rating"], on="words")
        fresh = {"shown": following.masked_words(unit, rating)}
        return render_template(
            "orders/rating_words.html",
            rating=rating,
            order=order,
            shows=following.shows(rating),
            decisions=[(name, _(label), _(hint)) for name, (label, hint) in DECISIONS.items()],
            values=fresh | forms.typed(request.form),
            errors=field_errors(error),
            refused=refused,
        )


def _tabs(unit: Session, actor: Actor, current: str) -> list[dict[str, Any]]:
    counts: dict[str, int] = queries.tab_counts(unit, actor)
    shown = [
        {"label": _(label), "href": url_for(".show", tab=name), "count": counts.get(name), "current": name == current}
        for name, label in TABS.items()
    ]
    waiting = queries_cases.held_count(unit, actor)
    return [*shown, {"label": _("Held words"), "href": url_for(".held"), "count": waiting, "current": current == "words"}]


def _team_options(unit: Session, case: Case) -> list[tuple[int, str]]:
    if case.team_id is not None or case.status not in AT_WORK:
        return []
    return [(team.id, filters.named(team)) for team in queries_cases.teams_to_ask(unit, case)]


def _order_href(actor: Actor, order: ServiceOrder | None) -> str | None:
    """Where the reader may open the order."""
    if order is None:
        return None
    if actor.can(Permission.ORDER_VERIFY, at=order.site_path):
        return url_for("desk.order", number=order.number)
    return None


def _typed(name: str) -> str:
    return request.form.get(name, "").replace("\0", "")


def _after() -> int:
    typed = request.args.get("after", "0")
    return whole(typed, 6) or 0
