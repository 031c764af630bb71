"""授星: an act of a body, made known for some days, doubted by whoever has a reason, revoked with one. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.humans import is_among, same_person
from volunteer.audit.recording import record
from volunteer.kernel import serials
from volunteer.kernel.checks import reason_of
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, DomainError, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.ledger.models import Grade
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places.models import Site
from volunteer.recognition.counting import Rules, graded_minutes, rules_at
from volunteer.recognition.lifecycle import PROPOSALS, EligibilityAction, EligibilityState
from volunteer.recognition.models import AwardState, DoubtKind, Eligibility, StarAward, StarDoubt
from volunteer.recognition.naming import may_be_named
from volunteer.recognition.stars import notice_of
from volunteer.teams.models import Standing

MOST = 100  # awarded in one go
SECOND_PERSON = N_("Somebody else has to decide this: you are part of it.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of several proposals that were ticked: an award, or why there is none."""

    eligibility_id: int
    award: StarAward | None
    refusal: DomainError | None = None


def award(session: Session, actor: Actor, eligibility_id: int, site_id: int, *, at: datetime) -> StarAward:
    """Give the star that a volunteer's hours reach, in the name of the site, and announce it. A second tap changes nothing.

    The hours are counted once more. Raises NotFound for another place, Conflict for oneself, for somebody who is no longer
    a volunteer, for hours that no longer reach it, and when somebody else has awarded it or put it aside.
    """
    row = lock(session, Eligibility, eligibility_id)
    home, site = row.volunteer.site, load(session, Site, site_id)
    actor.must(Permission.STARS_AWARD, at=home.path)
    actor.must(Permission.STARS_AWARD, at=site.path)
    if not home.path.startswith(site.path):
        raise Invalid.field("site", N_("This site does not look after that volunteer."))
    if row.state is EligibilityState.AWARDED:
        return _made_before(session, actor, row)
    PROPOSALS.next(row.state, EligibilityAction.AWARD)
    if same_person(session, row.volunteer_id, actor.user_id):
        raise Conflict("own_star", N_("Nobody awards themselves. Please ask a colleague."))
    if row.volunteer.standing is not Standing.ACTIVE:
        raise Conflict("not_active", N_("They are no longer registered as a volunteer."))
    rules = rules_at(session, home.path, at)
    minutes = rules.minutes(graded_minutes(session, [row.volunteer_id])[row.volunteer_id])
    needed = rules.stars.thresholds[row.stars - 1]
    if minutes < needed:
        raise Conflict("hours_fell", N_("Their hours no longer reach this star."))

    made = _announce(session, actor, row, site, rules, minutes, needed, at)
    row.advance(EligibilityAction.AWARD)
    row.closed_at, row.closed_by = at, actor.user_id
    record(session, actor, "star_awarded", _about(made), at=at, site_path=site.path, stars=made.stars)
    _tell(session, made, "star_awarded", at, until=made.notice_until.isoformat())
    return made


def award_many(session: Session, actor: Actor, ids: Sequence[int], site_id: int, *, at: datetime) -> list[Outcome]:
    """Award every proposal that was ticked, in the order of their ids; one that is refused leaves the others alone."""
    outcomes = []
    for eligibility_id in _some(ids):
        try:
            with session.begin_nested():
                outcomes.append(Outcome(eligibility_id, award(session, actor, eligibility_id, site_id, at=at)))
        except DomainError as refusal:
            outcomes.append(Outcome(eligibility_id, None, refusal))
    return outcomes


def put_aside(session: Session, actor: Actor, ids: Sequence[int], reason: str, *, at: datetime) -> list[Eligibility]:
    """Say that these stars are not to be given now, and why; none is proposed again until somebody takes it up."""
    words = reason_of(reason)
    rows = [_proposal(session, actor, eligibility_id) for eligibility_id in _some(ids)]
    waiting = [row for row in rows if row.state is not EligibilityState.ASIDE]
    for row in waiting:
        PROPOSALS.next(row.state, EligibilityAction.PUT_ASIDE)
    for row in waiting:
        row.advance(EligibilityAction.PUT_ASIDE)
        row.closed_at, row.closed_by, row.note = at, actor.user_id, words
        record(session, actor, "star_put_aside", f"person:{row.volunteer_id}", at=at, site_path=row.volunteer.site.path)
    return rows


def take_up(session: Session, actor: Actor, eligibility_id: int, *, at: datetime) -> Eligibility:
    """Propose again what was put aside."""
    row = _proposal(session, actor, eligibility_id)
    if row.state is EligibilityState.ASIDE:
        row.advance(EligibilityAction.TAKE_UP)
        row.closed_at = row.closed_by = None
        record(session, actor, "star_taken_up", f"person:{row.volunteer_id}", at=at, site_path=row.volunteer.site.path)
    return row


def object_to(session: Session, actor: Actor, award_id: int, words: str, *, at: datetime) -> StarDoubt:
    """Write down an objection that somebody made: the award does not stand before a second person has decided."""
    made = _held(session, actor, award_id)
    said = reason_of(words)
    if made.revoked_at is not None:
        raise Conflict("award_revoked", N_("This award was revoked already."))
    for doubt in made.doubts:  # a second tap
        if doubt.is_open and doubt.raised_by == actor.user_id and doubt.said == said:
            return doubt
    doubt = StarDoubt(award=made, kind=DoubtKind.OBJECTION, raised_at=at, raised_by=actor.user_id)
    session.add(doubt)
    doubt.said = said
    record(session, actor, "star_doubted", _about(made), at=at, site_path=made.site_path)
    return doubt


def settle(session: Session, actor: Actor, doubt_id: int, *, upheld: bool, answer: str, at: datetime) -> StarDoubt:
    """Decide about a doubt: the award stays, or it is revoked. Never by whoever awarded, or whom it is about."""
    doubt = load(session, StarDoubt, doubt_id)
    made = _held(session, actor, doubt.award_id)
    session.refresh(doubt)  # as it is now that its award is held
    if not doubt.is_open:
        if doubt.upheld is upheld and doubt.settled_by == actor.user_id:
            return doubt
        raise Conflict("doubt_settled", N_("Somebody else has decided this already."))
    if is_among(session, actor.user_id, (made.decided_by, made.volunteer_id)):
        raise Conflict("second_person", SECOND_PERSON)
    words = reason_of(answer)

    doubt.settled_at, doubt.settled_by, doubt.upheld, doubt.answer = at, actor.user_id, upheld, words
    record(session, actor, "star_doubt_settled", _about(made), at=at, site_path=made.site_path, upheld=upheld)
    if upheld:
        _revoke(session, actor, made, words, at)
    return doubt


def revoke(session: Session, actor: Actor, award_id: int, reason: str, *, at: datetime) -> StarAward:
    """Take an award back by an act, with the reason; the volunteer is told. The row stays and says so. Twice changes nothing."""
    made = _held(session, actor, award_id)
    words = reason_of(reason)
    if same_person(session, made.volunteer_id, actor.user_id):
        raise Conflict("own_star", SECOND_PERSON)
    if made.revoked_at is None:
        _revoke(session, actor, made, words, at)
    return made


def end_notices(session: Session, at: datetime, *, batch: int = 200) -> int:
    """Let awards stand whose notice has passed without an open doubt; return how many. The volunteers are told."""
    today = local_date(at, zone_of(session))
    doubted = select(StarDoubt.id).where(StarDoubt.award_id == StarAward.id, StarDoubt.settled_at.is_(None)).exists()
    due = (
        select(StarAward.id)
        .where(StarAward.stands_at.is_(None), StarAward.revoked_at.is_(None), StarAward.notice_until < today, ~doubted)
        .order_by(StarAward.id)
        .limit(batch)
    )
    ids = session.scalars(due).all()
    for award_id in ids:
        made = lock(session, StarAward, award_id)
        session.expire(made, ["doubts"])
        if made.state is AwardState.NOTICE:
            made.stands_at = at
            _tell(session, made, "star_stands", at)
    return len(ids)


def _announce(
    session: Session, actor: Actor, row: Eligibility, site: Site, rules: Rules, minutes: int, needed: int, at: datetime
) -> StarAward:
    today = local_date(at, zone_of(session))
    notice = notice_of(today, rules.stars.notice_days)
    month = f"{today:%y%m}"
    made = StarAward(
        number=f"X{month}-{serials.take(session, f'star:{month}'):04d}",
        volunteer=row.volunteer,
        stars=row.stars,
        minutes=minutes,
        needed=needed,
        evidence=Grade(rules.weakest),
        policy_version=rules.version,
        site=site,
        site_path=site.path,
        decided_at=at,
        decided_by=actor.user_id,
        notice_from=notice.begins,
        notice_until=notice.until,
        public=may_be_named(session, row.volunteer, today),
        stands_at=at if notice.is_over(today) else None,
    )
    session.add(made)
    session.flush()  # the audit log and the messages name its id; a second award of the same star is refused here
    return made


def _made_before(session: Session, actor: Actor, row: Eligibility) -> StarAward:
    """The award that this very person made of it; Conflict when it was somebody else."""
    mine = StarAward.volunteer_id == row.volunteer_id, StarAward.stars == row.stars, StarAward.revoked_at.is_(None)
    made = session.scalar(select(StarAward).where(*mine))
    if made is None or made.decided_by != actor.user_id:
        raise Conflict("awarded_already", N_("A colleague has awarded this star already."))
    return made


def _revoke(session: Session, actor: Actor, made: StarAward, words: str, at: datetime) -> None:
    """What is left open about it is settled with it, and the star is not proposed again by itself."""
    made.revoked_at, made.revoked_by, made.revoked_reason, made.public = at, actor.user_id, words, False
    for doubt in made.doubts:
        if doubt.is_open:
            doubt.settled_at, doubt.settled_by, doubt.upheld, doubt.answer = at, actor.user_id, True, words
    same = select(Eligibility).where(Eligibility.volunteer_id == made.volunteer_id, Eligibility.stars == made.stars)
    row = session.scalar(same)
    if row is not None:
        row.advance(EligibilityAction.REVOKE)
        row.closed_at, row.closed_by, row.note = at, actor.user_id, words
    record(session, actor, "star_revoked", _about(made), at=at, site_path=made.site_path, stars=made.stars)
    _tell(session, made, "star_revoked", at, reason=words)


def _some(ids: Sequence[int]) -> list[int]:
    """Return what was ticked, in one order for everybody: no two wait in a ring. Raises Invalid for none and for too many."""
    if not ids:
        raise Invalid.field("chosen", N_("Please tick at least one."))
    if len(set(ids)) > MOST:
        raise Invalid.field("chosen", N_("These are too many at once."))
    return sorted(set(ids))


def _proposal(session: Session, actor: Actor, eligibility_id: int) -> Eligibility:
    row = lock(session, Eligibility, eligibility_id)
    actor.must(Permission.STARS_AWARD, at=row.volunteer.site.path)
    return row


def _held(session: Session, actor: Actor, award_id: int) -> StarAward:
    """The award, held; of the actor's place, and never asked for by whom it is about: that is decided by the verb."""
    if session.get(StarAward, award_id) is None:
        raise NotFound("staraward")
    made = lock(session, StarAward, award_id)
    session.expire(made, ["doubts"])
    actor.must(Permission.STARS_AWARD, at=made.site_path)
    return made


def _about(made: StarAward) -> str:
    return f"star_award:{made.number}"


def _tell(session: Session, made: StarAward, template: str, at: datetime, **params: str) -> None:
    person = made.volunteer.person
    recipient = Recipient(person.id, None, person.locale)
    tell(session, recipient, template, {"stars": made.stars, **params}, at=at, about=_about(made))
