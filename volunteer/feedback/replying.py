"""What the person says to the answer: enough, or not; asked once. "Not enough" brings it before the site above."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.feedback import telling
from volunteer.feedback.lifecycle import AT_WORK, CaseAction, CaseStatus
from volunteer.feedback.models import Case
from volunteer.feedback.opening import MOST_WORDS, TOO_LONG, promised
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.places.queries import above

ADDED = "added"


def say_content(session: Session, actor: Actor, case_id: int, content: bool, words: str, *, at: datetime) -> Case:
    """Say once whether the answer is enough; "no" is looked at a second time, by the site above. Twice changes nothing."""
    case = _own(session, actor, case_id)
    if case.content is not None:
        if case.content is content:
            return case
        raise Conflict("content_said", N_("You have told us already. Thank you."))
    if case.status is not CaseStatus.ANSWERED:
        raise Conflict("not_answered", N_("There is no answer yet."))
    said = _short(words)

    case.content = content
    case.reply = said
    if content:
        case.advance(CaseAction.CONTENT, by=actor, at=at)
        case.closed_at, case.due_at = at, None
        return case
    case.advance(CaseAction.REOPEN, by=actor, at=at, note=said)
    if (higher := above(session, case.desk)) is not None:
        case.desk, case.desk_id, case.desk_path = higher, higher.id, higher.path
    case.taken_by = None
    case.due_at = promised(session, case.site_path, case.kind, at)
    telling.tell_staff(session, case, "case_second_look", at=at, roles=telling.ABOVE)
    return case


def add_words(session: Session, actor: Actor, case_id: int, words: str, *, at: datetime) -> Case:
    """Add something while the case is being looked into; whoever has it reads it in the diary."""
    case = _own(session, actor, case_id)
    if case.status not in AT_WORK:
        raise Conflict("case_wrong_status", N_("This case is answered. Nothing more is to be done about it."))
    said = _short(words)
    if not said:
        raise Invalid.field("words", N_("Please write a few words."))
    last = case.events[-1] if case.events else None
    if last is not None and last.what == ADDED and last.note == said:
        return case
    if sum(event.what == ADDED for event in case.events) >= 20:
        raise Conflict("enough_added", N_("You have added a lot already. Please call us instead."))
    case.write_down(ADDED, actor, at, said)
    telling.tell_staff(session, case, "case_added", at=at)
    return case


def _own(session: Session, actor: Actor, case_id: int) -> Case:
    """The case, locked, when this is who spoke: by its secret link, or by their account."""
    case = lock(session, Case, case_id)
    by_link = actor.case_id == case.id
    if not (by_link or (actor.user_id is not None and actor.user_id == case.person_id)):
        raise NotFound("case")
    if by_link:
        actor.must(Permission.ORDER_FOLLOW, at=case.site_path)
    return case


def _short(words: str) -> str:
    if len(words) > MOST_WORDS:
        raise Invalid.field("words", TOO_LONG)
    return words.strip()
