"""一键派单: one plan for everything that waits, looked at on list and map, then sent: all of it or some."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from volunteer.access import Permission
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.orders.pages import dispatch_views
from volunteer.orders.plans import batch_offering, batching, queries_runs
from volunteer.orders.plans.batching import Wishes
from volunteer.orders.plans.lifecycle import AT_WORK, LineState, RunState
from volunteer.orders.waves.asking import is_night
from volunteer.places.models import Site
from volunteer.web import errors
from volunteer.web.identity import current_actor, requires
from volunteer.web.locale import chosen as language
from volunteer.web.unit import transaction

bp = Blueprint("dispatch_all", __name__)
OUT = "out"  # instead of a team: leave the order out
MOST_FIELDS = 500


@bp.get("/board/all")
@requires(Permission.ORDER_DISPATCH)
def show() -> ResponseReturnValue:
    """What waits at the desk, the plan that is open, and the last ones."""
    return _start_page()


@bp.post("/board/all")
@requires(Permission.ORDER_DISPATCH)
def start() -> ResponseReturnValue:
    """Begin a plan. A small one is ready with the answer, a large one is worked out by the job."""
    site = _site(request.form.get("site"))
    try:
        with transaction() as unit:
            run_id = batching.start_run(unit, current_actor(), site.id, at=now()).id
    except (Conflict, StaleDataError) as refused:
        return _start_page(_words(refused)), errors.HTTP_STATUS[Conflict]
    _work(run_id)
    return redirect(url_for(".run", run_id=run_id), code=303)


@bp.get("/board/all/<int:run_id>")
@requires(Permission.ORDER_DISPATCH)
def run(run_id: int) -> ResponseReturnValue:
    """One plan: its sums, its lines, its map."""
    return _run_page(run_id)


@bp.get("/board/all/<int:run_id>/live")
@requires(Permission.ORDER_DISPATCH)
def live(run_id: int) -> ResponseReturnValue:
    """How far the plan is, and whether the board has moved on since: asked every few seconds, mostly answered with 304."""
    found = queries_runs.run_of(db.session(), current_actor(), run_id)
    moved = queries_runs.moved(db.session(), found) if found.state is RunState.READY else None
    chosen = queries_runs.counts(db.session(), found).get(LineState.CHOSEN, 0)
    said = dispatch_views.mark(found, (moved, chosen), now()) + str(language())
    tag = hashlib.sha256(said.encode()).hexdigest()[:32]
    if tag in request.if_none_match:
        return _tagged(Response(status=304), tag)
    words = {
        "run": found,
        "progress": dispatch_views.progress(found),
        "moved": moved,
        "choosing": chosen,
        "seen": request.args.get("s"),
    }
    return _tagged(Response(render_template("orders/dispatch_live.html", **words), mimetype="text/html"), tag)


@bp.get("/board/all/<int:run_id>/ways")
@requires(Permission.ORDER_DISPATCH)
def ways(run_id: int) -> ResponseReturnValue:
    """The plan for the map."""
    found = queries_runs.run_of(db.session(), current_actor(), run_id)
    return jsonify(ways=dispatch_views.ways(db.session(), found))


@bp.post("/board/all/<int:run_id>/accept")
@requires(Permission.ORDER_DISPATCH)
def accept(run_id: int) -> ResponseReturnValue:
    """Make offers of the chosen lines, each in a transaction of its own: one that has moved on does not hold up the others.

    Whoever wished something otherwise on the same form sees the new plan first.
    """
    everything = request.form.get("all") == "yes"
    lines = None if everything else _ids(request.form.getlist("line"))

    def act(unit: Session) -> None:
        batching.accept_lines(unit, current_actor(), run_id, lines, at=now())

    if _wishes():
        return again(run_id)
    if (refused := _do(run_id, act)) is not None:
        return refused
    _offer(run_id)
    found = queries_runs.run_of(db.session(), current_actor(), run_id)
    counts = queries_runs.counts(db.session(), found)
    if sent := counts.get(LineState.OFFERED, 0):
        flash(_("%(n)s offers are on their way. The first yes of each team counts.", n=sent))
    missed = counts.get(LineState.MOVED_ON, 0) + counts.get(LineState.HELD, 0)
    if missed:
        flash(_("%(n)s could not be sent. See why below.", n=missed), "soon")
    return redirect(
        dispatch_views.address(found, "refused" if missed else "planned" if counts.get(LineState.PROPOSED) else "offered"),
        code=303,
    )


@bp.post("/board/all/<int:run_id>/again")
@requires(Permission.ORDER_DISPATCH)
def again(run_id: int) -> ResponseReturnValue:
    """Plan anew: as the board stands now, and as the dispatcher wishes."""
    wishes = _wishes()

    def act(unit: Session) -> None:
        batching.plan_again(unit, current_actor(), run_id, wishes, at=now())

    if (refused := _do(run_id, act)) is not None:
        return refused
    _work(run_id)
    flash(_("Planned again with your wishes. Look once more, then send.") if wishes else _("Planned again."))
    return redirect(url_for(".run", run_id=run_id), code=303)


@bp.post("/board/all/<int:run_id>/up")
@requires(Permission.ORDER_DISPATCH)
def pass_up(run_id: int) -> ResponseReturnValue:
    """Give the ticked orders for which nobody was found to the desk above."""
    lines, reason = _ids(request.form.getlist("up")), request.form.get("reason", "")

    def act(unit: Session) -> None:
        batch_offering.pass_up_lines(unit, current_actor(), run_id, lines, reason, at=now())

    if (refused := _do(run_id, act)) is not None:
        return refused
    flash(_("Passed up. The desk above has been told."))
    found = queries_runs.run_of(db.session(), current_actor(), run_id)
    return redirect(dispatch_views.address(found, "up"), code=303)


@bp.post("/board/all/<int:run_id>/drop")
@requires(Permission.ORDER_DISPATCH)
def drop(run_id: int) -> ResponseReturnValue:
    """Let go of the plan. Offers that were made stay."""

    def act(unit: Session) -> int:
        return batching.drop_run(unit, current_actor(), run_id, at=now()).site_id

    if (refused := _do(run_id, act)) is not None:
        return refused
    flash(_("The plan is dropped. Nothing more is sent."))
    found = queries_runs.run_of(db.session(), current_actor(), run_id)
    return redirect(url_for(".show", site=found.site_id), code=303)


def _do(run_id: int, act: Callable[[Session], object]) -> ResponseReturnValue | None:
    """Do one thing in a transaction; refused, the plan is shown again with the reason."""
    try:
        with transaction() as unit:
            act(unit)
    except (Conflict, Invalid) as refused:
        return _run_page(run_id, _words(refused)), errors.HTTP_STATUS[type(refused)]
    except StaleDataError as refused:
        return _run_page(run_id, _words(refused)), errors.HTTP_STATUS[Conflict]
    return None


def _work(run_id: int) -> None:
    """Plan a small board at once, in the steps in which the job plans a large one; whatever is left is the job's."""
    with transaction() as unit:
        task = batching.begin_plan(unit, run_id, at=now(), small=True)
    if task is None:
        return
    answer = task.answer()  # between two transactions: nobody waits for it
    with transaction() as unit:
        batching.keep_plan(unit, task, answer, at=now())
    while True:
        with transaction() as unit:
            if not batching.write_lines(unit, run_id, at=now()):
                return


def _offer(run_id: int) -> None:
    """Make a few offers at once; of many the job makes the rest."""
    for _few in range(batching.SMALL // batch_offering.FEW):
        with transaction() as unit:
            if not batch_offering.offer_next(unit, run_id, at=now()):
                return


def _start_page(refused: str = "") -> str:
    unit, actor = db.session(), current_actor()
    places = queries_runs.places(unit, actor)
    site = _site(request.values.get("site"))
    return render_template(
        "orders/dispatch_all.html",
        site=site,
        places=places,
        waits=queries_runs.waits(unit, site.path),
        open_run=queries_runs.open_at(unit, site),
        may_open=actor,
        recent=dispatch_views.recent(queries_runs.lately(unit, site)),
        refused=refused,
    )


def _run_page(run_id: int, refused: str = "") -> str:
    unit, actor = db.session(), current_actor()
    found = queries_runs.run_of(unit, actor, run_id)
    chosen, counts = dispatch_views.chosen_of(request.args), queries_runs.counts(unit, found)
    at_work = found.state in AT_WORK
    return render_template(
        "orders/dispatch_run.html",
        run=found,
        state=dispatch_views.state_words(found),
        refused=refused,
        near=dispatch_views.NEAR,
        far=dispatch_views.FAR,
        chosen=chosen,
        at_work=at_work,
        ready=found.state is RunState.READY,
        progress=dispatch_views.progress(found),
        moved=queries_runs.moved(unit, found) if found.state is RunState.READY else None,
        choosing=counts.get(LineState.CHOSEN, 0),
        proposed=counts.get(LineState.PROPOSED, 0),
        totals=dispatch_views.totals(found, counts),
        fault=dispatch_views.fault_words(found) if found.state is RunState.FAILED else "",
        tabs=dispatch_views.tabs(found, counts, chosen),
        skipped=queries_runs.names_of(unit, found.skipped),
        night=found.state is RunState.READY and is_night(unit, found.site_path, now()),
        **(dispatch_views.listed(unit, found, chosen) if not at_work else {"rows": []}),
    )


def _site(typed: str | None) -> Site:
    """The desk that is meant; without one the widest that this dispatcher has."""
    places = queries_runs.places(db.session(), current_actor())
    found = [site for site in places if not typed or str(site.id) == typed]
    if not found:
        raise NotFound("site")
    return found[0]


def _wishes() -> Wishes:
    """Read what the form wishes otherwise: ``team-<line>`` with a team or "out", ``back`` for lines to be planned again."""
    team: dict[int, int] = {}
    out: set[int] = set()
    for name, value in list(request.form.items())[:MOST_FIELDS]:
        line = _ids([name.removeprefix("team-")]) if name.startswith("team-") and value else []
        if line and value == OUT:
            out.add(line[0])
        elif line:
            team[line[0]] = _ids([value])[0]
    return Wishes(team, frozenset(out), frozenset(_ids(request.form.getlist("back"))))


def _ids(typed: list[str]) -> list[int]:
    """Numbers as a form sends them. Raises NotFound for anything else: no page of ours sends that."""
    if not all(one.isascii() and one.isdigit() and len(one) < 10 for one in typed):
        raise NotFound("line")
    return [int(one) for one in typed]


def _words(refused: Exception) -> str:
    return errors.explain(refused if isinstance(refused, Conflict | Invalid) else errors.overtaken())


def _tagged(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
