"""一键派单: one plan for everything that waits at a desk, looked at by a person, offered line by line.

A plan is worked out in short steps, each in a transaction of its own, by the request that asked for it or by the job; whoever
dies in the middle is taken over after a lease. A desk stands in one open plan at most: its claim is a row with a unique key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, literal, or_, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.queries import load_actor
from volunteer.audit.recording import record
from volunteer.kernel.db import insert_into, load, lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.orders.plans import planning
from volunteer.orders.plans.lifecycle import AT_WORK, UNDER_HAND, LineAction, LineState, RunAction, RunState
from volunteer.orders.plans.models_runs import DispatchClaim, DispatchLine, DispatchRun
from volunteer.orders.plans.planning_lines import write_line
from volunteer.places.models import Site

SMALL = 60  # orders that are planned while the dispatcher waits
SLICE = 50  # lines that are written in one transaction
LEASE = timedelta(seconds=90)  # longer than any plan takes; then another planner may take over
PATIENCE = timedelta(minutes=30)  # so long a plan may be looked at: later the board is another
ATTEMPTS = 3
OPEN_LINES = (LineState.PROPOSED, LineState.CHOSEN)


@dataclass(frozen=True)
class Wishes:
    """What the dispatcher wants otherwise, by line: another team; left out; back in."""

    team: dict[int, int]
    out: frozenset[int] = frozenset()
    back: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.team or self.out or self.back)


def start_run(session: Session, actor: Actor, site_id: int, *, at: datetime) -> DispatchRun:
    """Begin a plan for everything that waits at this desk and below. Asked for twice by the same person it is the same plan.

    Desks below that stand in another open plan are left to it. Raises Conflict when this desk itself does, and when nothing
    waits; NotFound or Forbidden outside the actor's places.
    """
    site = load(session, Site, site_id)
    actor.must(Permission.ORDER_DISPATCH, at=site.path)
    lock(session, Site, site_id)
    _end_stale(session, site.path, at)
    if (mine := _open_run_of(session, actor, site)) is not None:
        return mine
    waiting = planning.count(session, site.path)
    if not waiting:
        raise Conflict("nothing_waits", N_("Nothing waits to be dispatched here."))

    run = DispatchRun(
        site=site,
        site_path=site.path,
        scope=planning.scope_of(actor, site.path),
        person_id=actor.user_id,
        started_at=at,
        until=at + PATIENCE,
        waiting=waiting,
        size=min(waiting, planning.MOST),
    )
    session.add(run)
    session.flush()  # claims point at it
    _claim(session, run, planning.desks_of(session, site.path))
    record(session, actor, "run_started", f"run:{run.id}", at=at, site_path=site.path, orders=waiting)
    return run


def plan_again(session: Session, actor: Actor, run_id: int, wishes: Wishes, *, at: datetime) -> DispatchRun:
    """Plan the same desk anew: as it stands now, and as the dispatcher wishes. What was offered stays offered."""
    run = ready_run(session, actor, run_id)
    lines = {line.id: line for line in session.scalars(select(DispatchLine).where(DispatchLine.run_id == run.id))}
    if not {*wishes.team, *wishes.out, *wishes.back} <= lines.keys():
        raise NotFound("line")
    if any(line.state is LineState.CHOSEN for line in lines.values()):
        raise Conflict("run_offering", N_("The chosen offers are just being made. Please wait a moment."))
    for line_id, team_id in wishes.team.items():
        if team_id not in {other["team"] for other in lines[line_id].others} | {lines[line_id].team_id}:
            raise Invalid.field("team", N_("Please choose one of these."))

    team: dict[str, int] = run.wishes.get("team", {}) | {str(lines[one].order_id): to for one, to in wishes.team.items()}
    out = {*run.wishes.get("out", ()), *(lines[one].order_id for one in wishes.out)} - {
        lines[one].order_id for one in wishes.back
    }
    run.wishes = {"team": team, "out": sorted(out)}
    session.execute(delete(DispatchLine).where(DispatchLine.run_id == run.id, DispatchLine.state != LineState.OFFERED))
    run.advance(RunAction.PLAN_AGAIN)
    run.done, run.draft, run.attempts, run.fault = 0, [], 0, ""
    run.until = at + PATIENCE
    run.waiting = planning.count(session, run.site_path)
    run.size = min(run.waiting, planning.MOST)
    _claim(session, run, planning.desks_of(session, run.site_path))
    record(
        session, actor, "run_planned_again", f"run:{run.id}", at=at, site_path=run.site_path,
        teams=len(wishes.team), out=len(wishes.out), back=len(wishes.back),
    )  # fmt: skip
    return run


def begin_plan(session: Session, run_id: int, *, at: datetime, small: bool = False) -> planning.Task | None:
    """Take a plan in hand that waits, or whose planner has died; None when somebody else has it.

    ``small``: only when it is small enough to be worked out while somebody waits for a page.
    """
    run = lock(session, DispatchRun, run_id)
    if small and run.size > SMALL:
        return None
    if not (run.state is RunState.WAITING or (run.state is RunState.PLANNING and run.until <= at)):
        return None
    if run.attempts >= ATTEMPTS:
        _end(session, run, RunAction.FAIL, at, fault="planner_died")
        return None
    run.advance(RunAction.BEGIN)
    run.until = at + LEASE
    run.attempts += 1
    claimed = session.scalars(select(DispatchClaim.desk_path).where(DispatchClaim.run_id == run.id))
    return planning.read(session, run, claimed, at=at)


def keep_plan(
    session: Session, task: planning.Task, answer: planning.Solved | BaseException, *, at: datetime
) -> DispatchRun | None:
    """Keep what the solver answered, for its lines to be written. A planner that was taken over is not listened to."""
    run = lock(session, DispatchRun, task.run_id)
    if run.state is not RunState.PLANNING or run.attempts != task.attempt:
        return None
    if isinstance(answer, BaseException):
        return _end(session, run, RunAction.FAIL, at, fault=type(answer).__name__)
    run.advance(RunAction.KEEP)
    run.draft, run.until, run.done = answer.draft, at + LEASE, 0
    run.waiting, run.size = task.waiting, len(run.draft)
    run.total, run.bound, run.gap = answer.total, answer.bound, answer.gap
    run.prices = answer.prices
    run.policy_version, run.learned = f"matching:{task.policy.version}", task.learned
    return run


def write_lines(session: Session, run_id: int, *, at: datetime) -> int:
    """Write the next lines of a plan with their reasons; return how many. After the last it is ready to be looked at."""
    run = lock(session, DispatchRun, run_id)
    if run.state is not RunState.WRITING:
        return 0
    acting = load_actor(session, run.person_id, at)
    if acting is None:
        _end(session, run, RunAction.FAIL, at, fault="planner_gone")
        return 1
    some = run.draft[run.done : run.done + SLICE]
    orders = planning.of_ids(session, [one["order"] for one in some])
    written = {
        line.order_id: line
        for line in session.scalars(
            select(DispatchLine).where(DispatchLine.run_id == run.id, DispatchLine.order_id.in_(list(orders)))
        )
    }
    for one in some:
        order = orders.get(one["order"])
        if order is not None and not ("kept" in one and order.id in written):  # it was offered from this very plan
            line = written.get(order.id) or DispatchLine(run_id=run.id, order_id=order.id, state=LineState.PROPOSED)
            write_line(session, acting.actor, line, order, one, at=at)
            session.add(line)
    run.done += len(some)
    run.until = at + LEASE
    if run.done >= len(run.draft):
        _show(session, run, at)
    return max(1, len(some))


def accept_lines(session: Session, actor: Actor, run_id: int, line_ids: Sequence[int] | None, *, at: datetime) -> DispatchRun:
    """Choose lines of a plan to be offered: all that are proposed, or these. ``offer_next`` makes the offers, a few at a time.

    What was chosen or offered before stays so: the same button pressed twice.
    """
    run = _of(session, actor, run_id)
    if line_ids is not None and not line_ids:
        raise Invalid.field("line", N_("Choose at least one line."))
    here = select(DispatchLine).where(DispatchLine.run_id == run.id)
    lines = session.scalars(here if line_ids is None else here.where(DispatchLine.id.in_(line_ids))).all()
    if line_ids is not None and len(lines) != len(set(line_ids)):
        raise NotFound("line")
    chosen = [line for line in lines if line.state is LineState.PROPOSED]
    if not chosen:
        return run
    _must_be_ready(run)

    for line in chosen:
        line.advance(LineAction.CHOOSE)
        line.chosen_by = actor.user_id
    run.until = at + PATIENCE
    record(session, actor, "run_accepted", f"run:{run.id}", at=at, site_path=run.site_path, lines=len(chosen))
    return run


def drop_run(session: Session, actor: Actor, run_id: int, *, at: datetime) -> DispatchRun:
    """Let go of a plan and of its desks. Offers that were made stay."""
    run = _of(session, actor, run_id)
    if run.state not in UNDER_HAND:
        return run
    if _number(session, run, LineState.CHOSEN):
        raise Conflict("run_offering", N_("The chosen offers are just being made. Please wait a moment."))

    offered = _number(session, run, LineState.OFFERED)
    record(session, actor, "run_dropped", f"run:{run.id}", at=at, site_path=run.site_path, offered=offered)
    return _end(session, run, RunAction.KEEP_OFFERED if offered else RunAction.DROP, at)


def drop_plans(session: Session, path: str) -> None:
    """Drop the open plans that this ground has a part in: they are of a tree that is no more."""
    part = or_(DispatchRun.site_path.startswith(path), literal(path).startswith(DispatchRun.site_path))
    for run in session.scalars(select(DispatchRun).where(DispatchRun.state.in_(sorted(UNDER_HAND)), part)):
        run.advance(RunAction.DROP)
        session.execute(delete(DispatchClaim).where(DispatchClaim.run_id == run.id))


def finish_if_done(session: Session, run_id: int, *, at: datetime) -> None:
    """End a plan of which nothing is left to decide."""
    run = lock(session, DispatchRun, run_id)
    if run.state is not RunState.READY or _number(session, run, *OPEN_LINES):
        return
    session.flush()  # the numbers are counted in the database
    offered = _number(session, run, LineState.OFFERED)
    if offered:
        rest = _number(session, run, LineState.LEFT_OUT, LineState.MOVED_ON, LineState.HELD)
        _end(session, run, RunAction.KEEP_OFFERED if rest else RunAction.FINISH, at)


def end_stale(session: Session, *, at: datetime) -> int:
    """End plans that nobody decided about in time; return how many."""
    return _end_stale(session, "/", at)


def _of(session: Session, actor: Actor, run_id: int) -> DispatchRun:
    """The plan, held; it does not exist for whoever does not dispatch at its desk."""
    run = lock(session, DispatchRun, run_id)
    if not actor.can(Permission.ORDER_DISPATCH, at=run.site_path):
        raise NotFound("run")
    return run


def ready_run(session: Session, actor: Actor, run_id: int) -> DispatchRun:
    """Return a plan that may be worked with, held. Raises NotFound for another desk's, Conflict for one that is not ready."""
    run = _of(session, actor, run_id)
    _must_be_ready(run)
    return run


def _must_be_ready(run: DispatchRun) -> None:
    if run.state in AT_WORK:
        raise Conflict("run_at_work", N_("This plan is still being worked out."))
    if run.state is not RunState.READY:
        raise Conflict("run_over", N_("This plan is over. Please make a new one."))


def _open_run_of(session: Session, actor: Actor, site: Site) -> DispatchRun | None:
    mine = (DispatchRun.site_id == site.id, DispatchRun.person_id == actor.user_id, DispatchRun.state.in_(sorted(UNDER_HAND)))
    return session.scalars(select(DispatchRun).where(*mine).order_by(DispatchRun.id.desc()).limit(1)).first()


def _claim(session: Session, run: DispatchRun, desks: Sequence[str]) -> None:
    """Take these desks under the plan's hand. Raises Conflict when its own desk stands in another plan."""
    rows = [{"desk_path": path, "run_id": run.id} for path in desks]  # in one order for everybody: nobody waits in a ring
    session.execute(insert_into(session, DispatchClaim).values(rows).on_conflict_do_nothing(index_elements=["desk_path"]))
    found = select(DispatchClaim.desk_path, DispatchClaim.run_id).where(DispatchClaim.desk_path.in_(desks))
    held = dict(session.execute(found).tuples().all())
    if held[run.site_path] != run.id:
        other = session.get_one(DispatchRun, held[run.site_path])
        raise Conflict(
            "run_open", N_("%(name)s has a plan open here (%(place)s)."), name=other.person.name, place=other.site.name
        )
    run.skipped = [path for path in desks if held[path] != run.id]


def _end_stale(session: Session, site_path: str, at: datetime) -> int:
    """End plans at, above or below a place that nobody decided about in time."""
    found = select(DispatchRun).where(DispatchRun.state.in_((RunState.READY, RunState.WAITING)), DispatchRun.until <= at)
    ended = 0
    for run in session.scalars(found.order_by(DispatchRun.id)).all():
        near = run.site_path.startswith(site_path) or site_path.startswith(run.site_path)
        if near and not _number(session, run, LineState.CHOSEN):
            offered = _number(session, run, LineState.OFFERED)
            _end(session, run, RunAction.KEEP_OFFERED if offered else RunAction.GO_STALE, at)
            ended += 1
    return ended


def _end(session: Session, run: DispatchRun, action: RunAction, at: datetime, fault: str = "") -> DispatchRun:
    run.advance(action)
    run.ended_at, run.draft, run.fault = at, [], fault
    session.execute(delete(DispatchClaim).where(DispatchClaim.run_id == run.id))
    return run


def _show(session: Session, run: DispatchRun, at: datetime) -> None:
    """The plan is ready to be looked at: count what it says."""
    session.flush()  # the lines are counted in the database
    served = (DispatchLine.run_id == run.id, DispatchLine.state == LineState.PROPOSED)
    means = select(func.count(), func.avg(DispatchLine.metres), func.avg(DispatchLine.score)).where(*served)
    number, metres, quality = session.execute(means).one()
    run.served, run.metres, run.quality = number, metres or 0.0, quality or 0.0
    run.kept = _number(session, run, LineState.KEPT)
    run.changed = session.scalar(
        select(func.count()).select_from(DispatchLine).where(*served, DispatchLine.team_id != DispatchLine.first_team_id)
    ) or 0  # fmt: skip
    run.advance(RunAction.SHOW)
    run.planned_at, run.until, run.draft = at, at + PATIENCE, []


def _number(session: Session, run: DispatchRun, *states: LineState) -> int:
    counted = select(func.count()).select_from(DispatchLine)
    return session.scalar(counted.where(DispatchLine.run_id == run.id, DispatchLine.state.in_(states))) or 0
