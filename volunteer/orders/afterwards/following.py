"""回访: a low rating neither counts nor shows before the centre has called back; words that hurt wait for a person."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.models import Person
from volunteer.audit.recording import record
from volunteer.feedback import handling, telling
from volunteer.feedback.models import Case, CaseChannel, CaseKind
from volunteer.feedback.opening import CaseDraft, open_case
from volunteer.feedback.rules import MASK, findings, masked
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.messaging.outbox import Recipient, tell
from volunteer.orders.afterwards import thanking
from volunteer.orders.afterwards.lifecycle import WordsAction, WordsState
from volunteer.orders.models import ServiceOrder, Visitor
from volunteer.orders.models_rating import Rating, RatingHold
from volunteer.orders.visits.lifecycle import VisitorState
from volunteer.places.policies import cases_at
from volunteer.teams.models import MemberRole, Membership, Team

MOST_STARS = 5
DECISIONS = {WordsState.SHOWN: WordsAction.SHOW, WordsState.MASKED: WordsAction.MASK, WordsState.HIDDEN: WordsAction.HIDE}


def take_in(session: Session, actor: Actor, order: ServiceOrder, rating: Rating, *, at: datetime) -> None:
    """Look at a rating that was just written: count it, or open its follow-up and let it wait; hold words back that hurt."""
    terms = cases_at(session, order.site_path, at)
    words = rating.words or ""
    rating.advance(WordsAction.HOLD if findings(words, names_of(session, order)) else WordsAction.SHOW)
    rating.masked = None
    rating.words_reason, rating.words_by, rating.words_at = "", None, None
    if rating.stars > terms.low_stars:
        rating.hold = None
        count(session, order.team_id, rating.stars)
        return
    draft = CaseDraft(
        kind=CaseKind.FOLLOW_UP,
        words=words,
        about=f"order:{order.id}",
        label=order.number,
        team_id=order.team_id,
        name=order.contact or "",
        phone=order.phone or "",
        channel=CaseChannel.RATING,
        stars=rating.stars,
    )
    case = open_case(session, actor, draft, site=order.site, person=order.resident, at=at)
    until = at + timedelta(days=terms.hold_days)
    rating.hold = RatingHold(order_id=order.id, team_id=order.team_id, case_id=case.id, stars=rating.stars, until=until)
    telling.tell_staff(session, case, "case_follow_up", at=at, number=order.number)  # whom to call stands at the order


def count(session: Session, team_id: int | None, stars: int) -> None:
    """Let stars count for the team, as (stars - 1) / 4."""
    if team_id is None:
        return
    share = (stars - 1) / (MOST_STARS - 1)
    counted = update(Team).where(Team.id == team_id).execution_options(synchronize_session=False)
    session.execute(counted.values(rating_sum=Team.rating_sum + share, rating_count=Team.rating_count + 1))


def release(session: Session, hold_id: int, *, at: datetime) -> bool:
    """Let a rating that was held count and show, once. Returns whether it was still held."""
    hold = lock(session, RatingHold, hold_id)
    if hold.released_at is not None:
        return False
    hold.released_at = at
    count(session, hold.team_id, hold.stars)
    rating = session.scalar(select(Rating).where(Rating.hold_id == hold.id))
    if rating is not None:
        thanking.thank(session, rating.order, rating, at=at)
    return True


def release_of(session: Session, case: Case, *, at: datetime) -> None:
    """Let the rating behind a case count and show when the case is closed; cases about other things have none."""
    if case.closed_at is None or case.kind is not CaseKind.FOLLOW_UP:
        return
    hold = session.scalar(select(RatingHold.id).where(RatingHold.case_id == case.id))
    if hold is not None:
        release(session, hold, at=at)


def shows(rating: Rating) -> bool:
    """Return whether a rating counts and may be shown."""
    return rating.hold is None or rating.hold.released_at is not None


def showing() -> ColumnElement[bool]:
    """Return the condition that a rating counts and may be shown, as ``shows`` says of one."""
    released = select(RatingHold.id).where(RatingHold.id == Rating.hold_id, RatingHold.released_at.is_not(None))
    return or_(Rating.hold_id.is_(None), released.exists())


def words_of(rating: Rating) -> str:
    """Return what may be shown of a rating's words: all, with parts covered, or nothing."""
    if not shows(rating):
        return ""
    if rating.words_state is WordsState.SHOWN:
        return rating.words or ""
    return (rating.masked or "") if rating.words_state is WordsState.MASKED else ""


def decide_words(
    session: Session, actor: Actor, number: str, decision: WordsState, shown: str, reason: str, *, at: datetime
) -> Rating:
    """Decide about words that were held back: show, show with parts covered, or keep hidden; the reason is kept.

    ``shown`` is for MASKED: the words, some characters covered and nothing else changed. Deciding the same twice changes nothing.
    """
    found = select(Rating).join(ServiceOrder, ServiceOrder.id == Rating.order_id).where(ServiceOrder.number == number[:16])
    rating = session.scalars(found.with_for_update(of=Rating)).one_or_none()
    if rating is None:
        raise NotFound("rating")
    order = rating.order
    actor.must(Permission.CASES_HANDLE, at=order.site_path)
    if decision not in DECISIONS:
        raise Invalid.field("decision", N_("Please choose one of these."))
    if rating.words_state is decision and rating.words_by == actor.user_id:
        return rating
    if not rating.words:
        raise Conflict("no_words", N_("There are no words to decide about."))
    tidy = " ".join(reason.split())[:300]
    if not tidy:
        raise Invalid.field("reason", N_("Please say why, in a few words."))
    if decision is WordsState.MASKED and not _only_covered(rating.words, shown):
        raise Invalid.field("shown", N_("Only cover characters with ＊. Nothing else may be changed."))

    rating.advance(DECISIONS[decision])
    rating.masked = _lines(shown) if decision is WordsState.MASKED else None
    rating.words_reason, rating.words_by, rating.words_at = tidy, actor.user_id, at
    subject, path = f"order:{order.id}", order.site_path
    record(session, actor, "rating_words_decided", subject, at=at, site_path=path, decision=decision.value)
    return rating


def masked_words(session: Session, rating: Rating) -> str:
    """Return the words with everything covered that was found: what the form begins with."""
    words = rating.words or ""
    return masked(words, findings(words, names_of(session, rating.order)))


def names_of(session: Session, order: ServiceOrder) -> list[str]:
    """Return the names that must not stand in words about an order: who came, who leads the team, who asked."""
    came = select(Person.name).join(Visitor, Visitor.volunteer_id == Person.id).where(Visitor.order_id == order.id)
    return [*session.scalars(came), *leaders_names(session, order.team_id), order.resident.name, order.contact or ""]


def leaders_names(session: Session, team_id: int | None) -> list[str]:
    """Return the names of those who lead a team or led it."""
    if team_id is None:
        return []
    leading = Membership.role.in_((MemberRole.LEADER, MemberRole.DEPUTY))
    found = select(Person.name).join(Membership, Membership.volunteer_id == Person.id)
    return list(session.scalars(found.where(Membership.team_id == team_id, leading)))


def names_about(session: Session, case: Case) -> list[str]:
    """Return the names that must not go on from a case."""
    if case.about.startswith("order:"):
        return names_of(session, load(session, ServiceOrder, int(case.about.removeprefix("order:"))))
    return leaders_names(session, case.team_id)


def close(session: Session, actor: Actor, case_id: int, outcome: str, *, at: datetime) -> Case:
    """Close a case; the rating behind it counts and shows from now on."""
    case = handling.close_case(session, actor, case_id, outcome, at=at)
    release_of(session, case, at=at)
    return case


def pass_on(session: Session, actor: Actor, case_id: int, quote: str, *, at: datetime) -> Case:
    """Tell the volunteers whom praise is for: those who came, else the team's leaders; with ``quote`` when it was allowed."""
    case = lock(session, Case, case_id)
    actor.must(Permission.CASES_HANDLE, at=case.site_path)
    before = case.passed_on_at
    case = handling.pass_on_praise(session, actor, case_id, quote, at=at, names=names_about(session, case))
    people = _praised(session, case)
    if not people:
        raise Conflict("nobody_to_praise", N_("We do not know whom this praise is for."))
    if before is None:
        said = " ".join(quote.split())
        for person in people:
            template = "praise_quoted" if said else "praise"
            params = {"quote": said} if said else {}
            tell(session, Recipient(person.id, locale=person.locale), template, params, at=at, about=telling.about(case))
    return case


def _praised(session: Session, case: Case) -> list[Person]:
    found = select(Person)
    if case.about.startswith("order:"):
        number = int(case.about.removeprefix("order:"))
        came = select(Visitor.volunteer_id).where(Visitor.order_id == number, Visitor.state == VisitorState.GOING)
        if people := session.scalars(found.where(Person.id.in_(came)).order_by(Person.id)).all():
            return list(people)
    if case.team_id is None:
        return []
    leads = select(Membership.volunteer_id).where(
        Membership.team_id == case.team_id,
        Membership.until.is_(None),
        Membership.role.in_((MemberRole.LEADER, MemberRole.DEPUTY)),
    )
    return list(session.scalars(found.where(Person.id.in_(leads)).order_by(Person.id)))


def _only_covered(words: str, shown: str) -> bool:
    before, after = _lines(words), _lines(shown)
    return len(before) == len(after) and MASK in after and all(new in (old, MASK) for old, new in zip(before, after, strict=True))


def _lines(text: str) -> str:
    """Browsers send line ends their own way."""
    return text.replace("\r\n", "\n").strip()
