"""What the centre does with a case: takes it, calls, asks the team, answers, closes, hands it up; and the team's answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.feedback import telling
from volunteer.feedback.lifecycle import AT_WORK, CaseAction, CaseStatus, next_status
from volunteer.feedback.models import Case, CaseKind, TeamAsk
from volunteer.feedback.opening import MOST_WORDS, TOO_LONG, promised
from volunteer.feedback.rules import findings, masked
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.places.policies import cases_at
from volunteer.places.queries import above

CALLED, MISSED, ASKED, TEAM_SAID = "called", "not_reached", "ask_team", "team_said"  # lines that move nothing
PRAISE_SHOWN = 200
STILL_PRIVATE = N_("Here are still a phone, an identity number, a name or hard words. Please take them out.")


def take_case(session: Session, actor: Actor, case_id: int, *, at: datetime) -> Case:
    """Say that one looks into it oneself. Taking it twice changes nothing; a colleague's case may be taken over."""
    case = _handled(session, actor, case_id)
    if case.status is CaseStatus.LOOKING and case.taken_by == actor.user_id:
        return case
    case.advance(CaseAction.TAKE, by=actor, at=at)
    case.taken_by = actor.user_id
    return case


def note_call(session: Session, actor: Actor, case_id: int, words: str, *, reached: bool, at: datetime) -> Case:
    """Write down a call to the person: what they said, or that nobody was reached."""
    case = _handled(session, actor, case_id)
    _must_be_at_work(case)
    said = _said(words) if reached else words.strip()[:MOST_WORDS]
    last = case.events[-1] if case.events else None
    what = CALLED if reached else MISSED
    if last is not None and last.what == what and last.actor_id == actor.user_id and (last.note or "") == said:
        return case
    case.write_down(what, actor, at, said)
    return case


def ask_team(
    session: Session,
    actor: Actor,
    case_id: int,
    shown: str,
    *,
    at: datetime,
    team_id: int | None = None,
    names: Iterable[str] = (),
) -> TeamAsk:
    """Ask the team for its side; it reads ``shown`` and nothing else. A phone, an identity number or the person's name in
    it is refused. Asking again while an answer is awaited changes nothing.
    """
    case = _handled(session, actor, case_id)
    _must_be_at_work(case)
    _must_be_readable(case)
    asked = case.team_id if case.team_id is not None else team_id
    if asked is None:
        raise Invalid.field("team", N_("Please say which team this is about."))
    for ask in case.asks:
        if ask.team_id == asked and ask.answered_at is None:
            return ask
    if len(shown) > MOST_WORDS:
        raise Invalid.field("shown", TOO_LONG)
    private = [name for name in (*names, case.contact or "", case.person.name if case.person else "") if name]
    if findings(shown, private):
        raise Invalid.field("shown", STILL_PRIVATE)

    days = cases_at(session, case.site_path, at).team_days
    ask = TeamAsk(team_id=asked, asked_by=actor.user_id, asked_at=at, due_at=at + timedelta(days=days))
    case.asks.append(ask)
    ask.shown = shown.strip()
    if case.team_id is None:
        case.team_id = asked
    case.write_down(ASKED, actor, at)
    telling.tell_team(session, case, asked, "case_team_asked", at=at)
    return ask


def team_answer(session: Session, actor: Actor, ask_id: int, words: str, *, at: datetime) -> TeamAsk:
    """The team says its side, once. Raises NotFound for another team's, Conflict for a second, other answer."""
    ask = session.get(TeamAsk, ask_id)
    if ask is None or ask.team_id not in actor.leads:
        raise NotFound("ask")
    case = lock(session, Case, ask.case_id)
    actor.must(Permission.CASES_ANSWER, at=ask.team.site_path)
    _must_be_readable(case)
    if ask.answered_at is not None:
        if ask.answer == words.strip():
            return ask
        raise Conflict("answered_already", N_("Your team has answered this already. Thank you."))
    ask.answer = _said(words)
    ask.answered_at, ask.answered_by = at, actor.user_id
    case.write_down(TEAM_SAID, actor, at)
    telling.tell_staff(session, case, "case_team_said", at=at)
    return ask


def answer_case(session: Session, actor: Actor, case_id: int, words: str, *, at: datetime) -> Case:
    """Answer the person, who is told and may say whether that is enough. The same answer twice changes nothing."""
    case = _handled(session, actor, case_id)
    if case.status in {CaseStatus.ANSWERED, CaseStatus.CLOSED} and case.answer is not None and case.answer == words.strip():
        return case
    next_status(case.status, CaseAction.ANSWER)
    _must_be_readable(case)
    said = _said(words)

    case.advance(CaseAction.ANSWER, by=actor, at=at, note=said)
    case.answer = said
    case.answered_at = at
    case.taken_by = case.taken_by or actor.user_id
    case.due_at = at + timedelta(days=cases_at(session, case.site_path, at).content_days)
    telling.tell_person(session, case, "case_answered", at=at)
    if case.content is not None or not case.wants_answer:  # the second answer is the last; nobody waits for one unasked
        case.advance(CaseAction.LAPSE, by=actor, at=at)
        _end(case, at)
    return case


def close_case(session: Session, actor: Actor, case_id: int, outcome: str, *, at: datetime) -> Case:
    """Close a case to which nobody waits for an answer, or whose person was spoken to; ``outcome`` is for the diary.

    Raises Conflict for a complaint whose answer is awaited: that one is answered. Twice changes nothing.
    """
    case = _handled(session, actor, case_id)
    if case.status is CaseStatus.CLOSED:
        return case
    next_status(case.status, CaseAction.CLOSE)
    if case.wants_answer and case.kind is not CaseKind.FOLLOW_UP and case.answered_at is None and not case.is_forgotten:
        raise Conflict("answer_awaited", N_("An answer was asked for. Please answer it; then it closes."))
    case.advance(CaseAction.CLOSE, by=actor, at=at, note=_said(outcome))
    case.taken_by = case.taken_by or actor.user_id
    _end(case, at)
    return case


def hand_up(session: Session, actor: Actor, case_id: int, reason: str, *, at: datetime) -> Case:
    """Pass the case to the site above, with a reason. Raises Conflict at the centre, above which is nobody."""
    case = _handled(session, actor, case_id)
    next_status(case.status, CaseAction.HAND_UP)
    return go_up(session, actor, case, _said(reason, "reason"), at=at)


def go_up(session: Session, actor: Actor, case: Case, reason: str, *, at: datetime) -> Case:
    """Move the case to the desk above its own, with new working days; at the top it stays, and those there are told."""
    higher = above(session, case.desk)
    if higher is None and actor.user_id is not None:
        raise Conflict("no_desk_above", N_("There is no desk above this one."))
    if higher is not None:
        case.desk, case.desk_path = higher, higher.path
        case.desk_id = higher.id
        case.taken_by = None
    case.due_at = promised(session, case.site_path, case.kind, at) if higher is not None else None  # told once at the top
    case.advance(CaseAction.HAND_UP, by=actor, at=at, note=reason)
    telling.tell_staff(session, case, "case_handed_up", at=at, roles=telling.ABOVE)
    return case


def pass_on_praise(session: Session, actor: Actor, case_id: int, quote: str, *, at: datetime, names: Iterable[str] = ()) -> Case:
    """Mark praise as passed on to those whom it is for; ``quote`` is what of the words they read, "" for none.

    Words are passed on only when the person agreed, and without phones, names or hard words. Who they are, the caller knows.
    """
    case = _handled(session, actor, case_id)
    if case.kind is not CaseKind.PRAISE:
        raise Conflict("not_praise", N_("Only praise is passed on."))
    quote = " ".join(quote.split())
    if quote and not case.quotable:
        raise Invalid.field("quote", N_("The person did not agree that their words are passed on."))
    if len(quote) > PRAISE_SHOWN:
        raise Invalid.field("quote", TOO_LONG)
    if findings(quote, [*names, case.contact or ""]):
        raise Invalid.field("quote", STILL_PRIVATE)
    if case.passed_on_at is None:
        case.passed_on_at = at
        case.write_down("passed_on", actor, at)
    return case


def words_for_team(case: Case, names: Iterable[str] = ()) -> str:
    """Return the words with everything covered that must not go on: what the form for the team begins with."""
    words = case.words or ""
    return masked(words, findings(words, [*names, case.contact or "", case.person.name if case.person else ""]))


def look(session: Session, actor: Actor, case: Case, *, at: datetime, phone: bool = False) -> None:
    """Write down that somebody reads what the person wrote, and with ``phone`` also whom to call."""
    actor.must(Permission.CASES_HANDLE, at=case.site_path)
    fields = ["words", "photos", "notes", *(["contact", "phone"] if phone else [])]
    record(session, actor, "private_seen", telling.about(case), at=at, site_path=case.site_path, fields=fields, on="cases")


def _handled(session: Session, actor: Actor, case_id: int) -> Case:
    """The case, locked, when this actor handles cases of its place. Raises NotFound or Forbidden."""
    case = lock(session, Case, case_id)
    actor.must(Permission.CASES_HANDLE, at=case.site_path)
    return case


def _must_be_at_work(case: Case) -> None:
    if case.status not in AT_WORK:
        raise Conflict("case_wrong_status", N_("This case is answered. Nothing more is to be done about it."))


def _must_be_readable(case: Case) -> None:
    if case.is_forgotten:
        raise Conflict("case_forgotten", N_("The words of this person are no longer kept. Please close the case."))


def _end(case: Case, at: datetime) -> None:
    case.closed_at = at
    case.due_at = None


def _said(words: str, name: str = "words") -> str:
    tidy = words.strip()
    if not tidy:
        raise Invalid.field(name, N_("Please write a few words."))
    if len(tidy) > MOST_WORDS:
        raise Invalid.field(name, TOO_LONG)
    return tidy
