"""Cases as people find them: by secret link, by number and code, by place, by team; and what is counted of them. Reads only."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from volunteer.access import Actor, Permission
from volunteer.feedback.lifecycle import AT_WORK, CaseStatus
from volunteer.feedback.models import Case, CaseKind, CasePhoto, TeamAsk
from volunteer.feedback.opening import NUMBER_LETTER, hash_secret
from volunteer.kernel.errors import NotFound
from volunteer.kernel.paging import Page, cut
from volunteer.kernel.serials import tidy_number
from volunteer.places.models import Site

PAGE = 20
LONGEST_TOKEN = 64
LETTER = re.compile(rf"^\s*{NUMBER_LETTER}", re.IGNORECASE)
TABS: dict[str, frozenset[CaseStatus]] = {
    "open": AT_WORK,
    "answered": frozenset({CaseStatus.ANSWERED}),
    "closed": frozenset({CaseStatus.CLOSED}),
}

WHOLE = select(Case).options(
    joinedload(Case.person),
    joinedload(Case.holder_person),
    joinedload(Case.site).defer(Site.area),
    joinedload(Case.desk).defer(Site.area),
    joinedload(Case.team),
    selectinload(Case.events),
    selectinload(Case.asks).joinedload(TeamAsk.team),
    selectinload(Case.photos).joinedload(CasePhoto.photo),
)


def case_by_secret(session: Session, token: str) -> Case:
    """Return the case that a secret link opens, with all that its page shows. Raises NotFound."""
    if not token or len(token) > LONGEST_TOKEN:
        raise NotFound("case")
    found = session.scalars(WHOLE.where(Case.secret_hash == hash_secret(token))).unique().one_or_none()
    if found is None:
        raise NotFound("case")
    return found


def case_by_code(session: Session, number: str, code: str) -> Case | None:
    """Return the case of that number when the code fits, else None; which of the two was wrong is not said.

    Its letter may be left out: number keys have none.
    """
    tidy = tidy_number(number[:40])
    found = session.scalar(select(Case).where(Case.number == f"{NUMBER_LETTER}{tidy or ''}"))
    expected = (found.code or "") if found is not None else ""
    fits = hmac.compare_digest((expected or "no such").encode(), "".join(code.split())[:12].encode())
    return found if found is not None and fits else None


def is_case_number(typed: str) -> bool:
    """Return whether somebody typed a case's number and not an order's: it begins with its letter."""
    return LETTER.match(typed[:40]) is not None


def tidy_case_number(typed: str) -> str | None:
    """Return the case number that somebody typed, or None when it is none."""
    tidy = tidy_number(typed[:40]) if is_case_number(typed) else None
    return f"{NUMBER_LETTER}{tidy}" if tidy else None


def case_for(session: Session, actor: Actor, number: str) -> Case:
    """Return a case of a place where the actor handles cases. Raises NotFound."""
    found = session.scalars(WHOLE.where(Case.number == number[:20])).unique().one_or_none()
    if found is None or not actor.can(Permission.CASES_HANDLE, at=found.site_path):
        raise NotFound("case")
    return found


def cases_of(
    session: Session, actor: Actor, tab: str, *, words: str = "", kind: CaseKind | None = None, after: int = 0
) -> Page[Case]:
    """Return a page of the cases of an actor's places: what is late first, then what is promised soonest;
    what is closed newest first.

    Tab "mine" is what this actor has taken. ``words``: a case's or an order's number.
    """
    places = (joinedload(Case.site).defer(Site.area), joinedload(Case.desk).defer(Site.area))
    found = select(Case).where(within(actor)).options(*places, joinedload(Case.team), joinedload(Case.holder_person))
    if tab == "mine":
        found = found.where(Case.taken_by == actor.user_id, Case.status.in_(sorted(AT_WORK)))
    elif not words:
        found = found.where(Case.status.in_(sorted(TABS.get(tab, AT_WORK))))
    if kind is not None:
        found = found.where(Case.kind == kind)
    if words:
        found = found.where(or_(Case.number == (tidy_case_number(words) or ""), Case.label == (tidy_number(words) or words[:80])))
    by_promise = (Case.late.desc(), Case.due_at.is_(None), Case.due_at, Case.id)
    order = (Case.opened_at.desc(), Case.id.desc()) if tab == "closed" else by_promise
    rows = session.scalars(found.order_by(*order).offset(after).limit(PAGE + 1)).unique().all()
    return cut(rows, PAGE, [after + number + 1 for number in range(len(rows))])


def tab_counts(session: Session, actor: Actor) -> dict[str, int]:
    """Return how many cases wait in each tab."""
    by_status = dict(
        session.execute(
            select(Case.status, func.count()).where(within(actor), Case.status != CaseStatus.CLOSED).group_by(Case.status)
        )
        .tuples()
        .all()
    )
    mine = select(func.count()).select_from(Case).where(Case.taken_by == actor.user_id, Case.status.in_(sorted(AT_WORK)))
    return {
        "open": sum(by_status.get(status, 0) for status in AT_WORK),
        "answered": by_status.get(CaseStatus.ANSWERED, 0),
        "mine": session.scalar(mine.where(within(actor))) or 0,
    }


def ask_for(session: Session, actor: Actor, ask_id: int) -> TeamAsk:
    """Return what a team of this leader is asked. Raises NotFound for another team's."""
    ask = session.get(TeamAsk, ask_id)
    if ask is None or ask.team_id not in actor.leads:
        raise NotFound("ask")
    actor.must(Permission.CASES_ANSWER, at=ask.team.site_path)
    return ask


def asks_of(session: Session, actor: Actor, *, limit: int = 50) -> Sequence[TeamAsk]:
    """Return what the teams of this leader are asked: what waits first, then the newest."""
    found = (
        select(TeamAsk)
        .where(TeamAsk.team_id.in_(actor.leads))
        .options(joinedload(TeamAsk.case).joinedload(Case.person), joinedload(TeamAsk.team))
        .order_by(TeamAsk.answered_at.is_(None).desc(), TeamAsk.asked_at.desc(), TeamAsk.id.desc())
    )
    return session.scalars(found.limit(limit)).all() if actor.leads else []


def asks_open(session: Session, actor: Actor) -> Sequence[TeamAsk]:
    """Return what waits for the teams of this leader to tell, what is due first."""
    if not actor.leads:
        return []
    found = select(TeamAsk).where(TeamAsk.team_id.in_(actor.leads), TeamAsk.answered_at.is_(None))
    found = found.options(joinedload(TeamAsk.case), joinedload(TeamAsk.team))
    return session.scalars(found.order_by(TeamAsk.due_at, TeamAsk.id).limit(50)).all()


def spoken_by(session: Session, person_id: int, *, limit: int = 10) -> Sequence[Case]:
    """Return what a person has said, the newest first."""
    return session.scalars(select(Case).where(Case.person_id == person_id).order_by(Case.id.desc()).limit(limit)).all()


def within(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a case lies where this actor handles cases."""
    return or_(false(), *(Case.site_path.startswith(path) for path in actor.scopes(Permission.CASES_HANDLE)))
