"""What people of the demo county say about it: follow-ups of low ratings, complaints, praise, suggestions, in every state."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import NOBODY, Actor, Permission, link_holder
from volunteer.accounts.models import Person
from volunteer.feedback import handling, jobs, replying
from volunteer.feedback.models import Case, CaseChannel, CaseKind
from volunteer.feedback.opening import CaseDraft, speak
from volunteer.orders import rating
from volunteer.orders.afterwards import following, later, solved
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.models_rating import Rating
from volunteer.orders.rating import RatingDraft
from volunteer.places.models import Site
from volunteer.simulation.settling import World
from volunteer.simulation.stage import Stage

NOTICE = "demo"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LEFT_OPEN = 2 * DAY  # younger follow-ups still wait
SIDE = "您好，居民说约了九点，志愿者十点才到。当天是什么情况？"
TOLD = "那天上一家的水管漏得厉害，走晚了，没有及时打电话，是我们不对。"
ANSWER = "我们问过队伍了：那天上一家耽搁了，没有提前打电话，向您道歉。以后会晚到一定先打电话。"


def speak_up(session: Session, world: World) -> None:
    """Let people say what they think, and the staff of the home station and its desk deal with it. Draws no lots."""
    stage = Stage(session, world)
    _called_back(stage)
    orders = _done_at_home(stage)
    if len(orders) < 5:
        return
    _complaints(stage, orders)
    _praise(stage, orders)
    _suggestions(stage)
    _own_idea(stage)
    _held_words(stage)
    _really_solved(stage)


def _called_back(stage: Stage) -> None:
    """The centre has called those whose low rating is older than two days; the younger ones wait or were tried once."""
    at = stage.world.at
    cases = stage.session.scalars(select(Case).where(Case.kind == CaseKind.FOLLOW_UP).order_by(Case.id)).all()
    for case in cases:
        actor = stage.actor(stage.world.desks[_branch(stage, case)])
        if at - case.opened_at < LEFT_OPEN:
            handling.take_case(stage.session, actor, case.id, at=min(case.opened_at + 2 * HOUR, at))
            continue
        called = case.opened_at + 20 * HOUR
        handling.take_case(stage.session, actor, case.id, at=called)
        handling.note_call(stage.session, actor, case.id, "说了等得久，后来修好了，愿意再给一次机会。", reached=True, at=called)
        following.close(stage.session, actor, case.id, "已道歉，队长会提醒大家准时。", at=called + HOUR)


def _complaints(stage: Stage, orders: list[ServiceOrder]) -> None:
    """One waits, one is asked about, one was told by the team, one is answered, one was not enough, one is late."""
    at, desk = stage.world.at, stage.persona("dispatcher")
    session = stage.session
    _about(stage, orders[0], CaseKind.COMPLAINT, "约好九点，十点多才来，也没有先打电话。", at - 3 * HOUR)
    asked = _about(stage, orders[1], CaseKind.COMPLAINT, "志愿者来晚了一个小时。", at - DAY)
    handling.take_case(session, desk, asked.id, at=at - 22 * HOUR)
    handling.ask_team(session, desk, asked.id, SIDE, at=at - 21 * HOUR, team_id=stage.world.home_team)
    told = _about(stage, orders[2], CaseKind.COMPLAINT, "地上的水没有擦干净就走了。", at - 2 * DAY)
    handling.take_case(session, desk, told.id, at=at - 44 * HOUR)
    ask = handling.ask_team(session, desk, told.id, "居民说地上的水没有擦干。", at=at - 43 * HOUR, team_id=orders[2].team_id)
    session.flush()  # the team answers to a row
    handling.team_answer(session, stage.leader(ask.team_id), ask.id, TOLD, at=at - 30 * HOUR)
    for number, content in ((3, None), (4, False)):
        case = _about(stage, orders[number], CaseKind.COMPLAINT, "等了很久，没有人说一声。", at - 4 * DAY)
        handling.take_case(session, desk, case.id, at=at - 3 * DAY)
        handling.answer_case(session, desk, case.id, ANSWER, at=at - 2 * DAY)
        if content is False:
            speaker = Actor(case.person_id, frozenset(), name="")
            replying.say_content(session, speaker, case.id, content, "还是没有说为什么不打电话。", at=at - DAY)
    late = _said(stage, CaseKind.COMPLAINT, "服务站的门中午一直关着，来了两趟都没人。", at - 16 * DAY)
    session.flush()  # the job asks the database
    if late.due_at is not None and late.due_at < at:
        jobs.escalate_late(session, at - HOUR)


def _praise(stage: Stage, orders: list[ServiceOrder]) -> None:
    at, desk = stage.world.at, stage.persona("dispatcher")
    words = "来得准时，修好了还把地擦干净，谢谢你们。"
    thanked = _about(stage, orders[0], CaseKind.PRAISE, words, at - 3 * DAY, quotable=True)
    following.pass_on(stage.session, desk, thanked.id, words, at=at - 2 * DAY)
    handling.answer_case(stage.session, desk, thanked.id, "谢谢您，志愿者们看到很高兴。", at=at - 2 * DAY)
    _about(stage, orders[1], CaseKind.PRAISE, "师傅说话和气，讲得明白。", at - 5 * HOUR, quotable=True)


def _suggestions(stage: Stage) -> None:
    at = stage.world.at
    _said(stage, CaseKind.SUGGESTION, "能不能周末也安排一次磨剪刀？", at - 20 * HOUR)
    noted = _said(stage, CaseKind.SUGGESTION, "通知栏的字再大一些就好了。", at - 5 * DAY)
    handling.close_case(stage.session, stage.persona("clerk"), noted.id, "已经换成大字。", at=at - 4 * DAY)


def _own_idea(stage: Stage) -> None:
    """The resident persona has an answer, and is asked whether it is enough."""
    at, me = stage.world.at, stage.session.get_one(Person, stage.world.people["resident"])
    draft = CaseDraft(
        kind=CaseKind.SUGGESTION, words="服务站门口能不能放两把椅子？等的时候好坐一坐。", site_id=_home(stage).id,
        name=me.name, phone=me.phone or "", notice=NOTICE,
    )  # fmt: skip
    case = speak(stage.session, NOBODY, draft, at=at - 3 * DAY, person=me)
    handling.answer_case(stage.session, stage.persona("clerk"), case.id, "好主意，下周就放两把。", at=at - 2 * DAY)


def _held_words(stage: Stage) -> None:
    """Somebody wrote a phone into a rating of an order that had closed in silence."""
    at, session = stage.world.at, stage.session
    path = stage.persona("dispatcher").scopes(Permission.CASES_HANDLE)[0]
    silent = (
        select(ServiceOrder)
        .outerjoin(Rating, Rating.order_id == ServiceOrder.id)
        .where(ServiceOrder.status == Status.CLOSED, ServiceOrder.served_at.is_not(None), Rating.id.is_(None))
        .order_by(ServiceOrder.site_path.startswith(path).desc(), ServiceOrder.closed_at.desc(), ServiceOrder.id)
    )
    order = session.scalars(silent.limit(1)).first()
    if order is not None and rating.can_reopen(session, order, at):
        draft = RatingDraft(stars=4, words="修得好，再要修可以打我电话 13900009999。")
        rating.rate_order(session, link_holder(order.id, order.site_path), order.id, draft, at=at - HOUR)


def _really_solved(stage: Stage) -> None:
    """The oldest questions are answered; one of the resident's own requests waits for an answer."""
    at, session, me = stage.world.at, stage.session, stage.world.people["resident"]
    due = select(ServiceOrder).where(ServiceOrder.solved_ask_at <= at).order_by(ServiceOrder.solved_ask_at, ServiceOrder.id)
    for order in session.scalars(due.where(ServiceOrder.resident_id != me).limit(6)).all():
        if later.ask(session, order, at=at - 2 * DAY):
            session.flush()  # the answer looks for the question
            solved.say_solved(session, link_holder(order.id, order.site_path), order.id, True, at=at - DAY)
    closed = (ServiceOrder.status == Status.CLOSED, ServiceOrder.served_at.is_not(None), ServiceOrder.resident_id == me)
    own = session.scalars(select(ServiceOrder).where(*closed).order_by(ServiceOrder.closed_at, ServiceOrder.id)).first()
    if own is not None:
        later.ask(session, own, at=at - 3 * HOUR)


def _about(stage: Stage, order: ServiceOrder, kind: CaseKind, words: str, at: datetime, *, quotable: bool = False) -> Case:
    """Whose order it was says something about it."""
    draft = CaseDraft(
        kind=kind, words=words, site_id=order.site_id, about=f"order:{order.id}", label=order.number, team_id=order.team_id,
        name=order.contact or "", phone=order.phone or "", notice=NOTICE, quotable=quotable,
    )  # fmt: skip
    return speak(stage.session, NOBODY, draft, at=at, person=order.resident)


def _said(stage: Stage, kind: CaseKind, words: str, at: datetime) -> Case:
    """Somebody at the counter says something and leaves no name."""
    draft = CaseDraft(kind=kind, words=words, site_id=_home(stage).id, wants_answer=False, channel=CaseChannel.COUNTER)
    return speak(stage.session, stage.persona("clerk"), draft, at=at)


def _home(stage: Stage) -> Site:
    path = stage.persona("clerk").scopes(Permission.CASES_HANDLE)[0]
    return stage.session.scalars(select(Site).where(Site.path == path)).one()


def _done_at_home(stage: Stage) -> list[ServiceOrder]:
    """What was served under the dispatcher persona's desk lately, but for the personas' own; the home team's first."""
    path = stage.persona("dispatcher").scopes(Permission.CASES_HANDLE)[0]
    own = list(stage.world.people.values())
    found = (
        select(ServiceOrder)
        .where(
            ServiceOrder.status == Status.CLOSED,
            ServiceOrder.served_at.is_not(None),
            ServiceOrder.team_id.is_not(None),
            ServiceOrder.site_path.startswith(path),
            ServiceOrder.resident_id.not_in(own),
        )
        .order_by((ServiceOrder.team_id == stage.world.home_team).desc(), ServiceOrder.served_at.desc(), ServiceOrder.id)
    )
    return list(stage.session.scalars(found.limit(8)))


def _branch(stage: Stage, case: Case) -> str:
    """The code of the branch whose desk has the case."""
    return next((code for code, site in stage.world.sites.items() if site.id == case.desk_id), "")
