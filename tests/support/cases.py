"""Cases, asks and ratings whose words are held back, made as the verbs make them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from tests.support import builders as make
from volunteer.access import NOBODY, SYSTEM, Actor
from volunteer.accounts.models import Person
from volunteer.feedback.handling import ask_team
from volunteer.feedback.models import Case, CaseKind, TeamAsk
from volunteer.feedback.opening import CaseDraft, open_case
from volunteer.kernel.clock import now
from volunteer.orders.afterwards.lifecycle import WordsState
from volunteer.orders.models import ServiceOrder
from volunteer.orders.models_rating import RatedBy, Rating
from volunteer.places.models import Site


def a_case(
    session: Session,
    site: Site,
    kind: CaseKind = CaseKind.COMPLAINT,
    words: str = "来晚了",
    at=None,
    *,
    person: Person | None = None,
    **wanted,
) -> Case:
    """Something was said; ``person`` None: without a name when no answer is wanted, else by somebody new."""
    draft = CaseDraft(kind=kind, words=words, name="李奶奶", **wanted)
    if person is None and draft.wants_answer:
        person = make.a_person(session, "李奶奶")
    return open_case(session, NOBODY, draft, site=site, person=person, at=at or now())


def case_about(
    session: Session, site: Site, order_id: int, kind: CaseKind, team_id: int, *, wants_answer: bool = True, **more
) -> Case:
    """Something was said about an order."""
    order = session.get_one(ServiceOrder, order_id)
    draft: dict[str, Any] = {
        "about": f"order:{order.id}",
        "label": order.number,
        "team_id": team_id,
        "wants_answer": wants_answer,
    }
    return a_case(session, site, kind, person=order.resident if wants_answer else None, **draft, **more)


def ask_about(session: Session, case: Case, team_id: int, actor: Actor = SYSTEM) -> TeamAsk:
    """The team is asked."""
    ask = ask_team(session, actor, case.id, "当天几点到的？", at=now(), team_id=team_id)
    session.flush()
    return ask


def held_words(session: Session, order_id: int, words: str = "张师傅电话13800000001", stars: int = 5) -> Rating:
    """A rating of a closed order whose words wait for a decision."""
    order = session.get_one(ServiceOrder, order_id)
    rating = Rating(order=order, stars=stars, by=RatedBy.LINK, at=now(), words_state=WordsState.HELD)
    session.add(rating)
    rating.words = words
    session.flush()
    return rating
