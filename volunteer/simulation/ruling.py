"""Rules of dispatch in the demo county: small things wait in the open pool, teams apply for company, repairs go by hand."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from volunteer.access import SYSTEM
from volunteer.orders.candidates import look
from volunteer.orders.models import ServiceOrder
from volunteer.orders.rulebook import automatic, claiming, queries_pool, ruling
from volunteer.orders.rulebook.models_rules import Handled, RuleMode
from volunteer.orders.rulebook.ruling import RuleDraft
from volunteer.places.models import Site
from volunteer.simulation.personas import HOME_BRANCH
from volunteer.simulation.settling import World
from volunteer.simulation.stage import Stage
from volunteer.teams.models import Team

LONG = 3 * 24 * 60  # minutes in the pool: whoever looks at the demo a day later still finds something there
SMALL, KIND = ("repair", "company"), ("digital", "daily", "home")  # categories
POOLED = 3  # orders in the pool, and as many for which teams may apply
WORDS = ("就在隔壁，今天下午就有空。", "我们上个月去过这位老人家里。")


def dispatch_by_rules(session: Session, world: World) -> None:
    """Let the centre and the home branch write rules, and the rules take a few orders. Draws no lots, moves no order."""
    stage = Stage(session, world)
    at = world.at
    lately = at - timedelta(days=25)
    centre, admin = session.get_one(Site, world.centre), stage.persona("admin")
    pool = RuleDraft(name="小事就近抢单", mode=RuleMode.POOL, categories=SMALL, km=8, minutes=LONG)
    apply = RuleDraft(name="陪伴类由队伍申请", mode=RuleMode.CHOOSE, position=2, categories=KIND, minutes=LONG)
    ruling.write_rule(session, SYSTEM, centre, pool, valid_from=lately, at=lately)
    ruling.write_rule(session, SYSTEM, centre, apply, valid_from=lately, at=lately)
    branch = world.sites[HOME_BRANCH]
    repairs = RuleDraft(
        name="工作日水电维修自动派", categories=("repair",), days=tuple(range(5)), begins=8, ends=18, km=5, score=0.6
    )
    written = ruling.write_rule(session, admin, branch, repairs, valid_from=lately, at=lately)
    ruling.switch_rule(session, admin, written.id, False, at=lately + timedelta(days=3))
    _take(stage)


def _take(stage: Stage) -> None:
    """The rules look at what is not late, and at the home branch; the job would do the same a few seconds later."""
    session, at = stage.session, stage.world.at
    rules = ruling.live_rules(session, at=at)
    taken = {Handled.POOL: 0, Handled.CHOOSE: 0}
    asked = automatic.asked_now(session)
    home = ServiceOrder.desk_path == stage.world.sites[HOME_BRANCH].path
    calm = (*automatic.waiting(at, rules), or_(ServiceOrder.due_at > at, home), ServiceOrder.urgent.is_(False))
    for order in session.scalars(select(ServiceOrder).where(*calm).order_by(home.desc(), ServiceOrder.id)).all():
        handling = automatic.dispatch_by_rule(session, order, rules, asked, at - timedelta(minutes=8))
        if handling.kind in taken:
            taken[handling.kind] += 1
        if handling.kind is Handled.CHOOSE:
            _apply(stage, order)
        if min(taken.values()) >= POOLED:
            return


def _apply(stage: Stage, order: ServiceOrder) -> None:
    """The two best teams would like to go."""
    at = stage.world.at - timedelta(minutes=3)
    stage.session.flush()  # what waits in the pool is looked up
    there = queries_pool.waiting(stage.session, order)
    best = look(stage.session, there.ruler, order, at=at).best(len(WORDS)) if there is not None else []
    for match, words in zip(best, WORDS, strict=False):
        team = stage.session.get_one(Team, match.team_id)
        if team.id in stage.world.leaders:
            claiming.apply_for(stage.session, stage.leader(team.id), order.id, team.id, words, at=at)
