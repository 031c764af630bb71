"""Using a benefit: a volunteer shows a short-lived code, staff hand it out in one act, and the same site may take it back.

Two limits are kept by two rows that are only ever changed by a conditional UPDATE, so that the last one is handed out once
on either database. Locks are taken in one order: the code, the benefit, the person's count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission, county_of
from volunteer.accounts.humans import same_person
from volunteer.audit.recording import record
from volunteer.kernel import serials
from volunteer.kernel.checks import reason_of
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import insert_into, load, lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_, named
from volunteer.ledger.models import Account, Grade, Transfer, Unit
from volunteer.ledger.rules import counts, person
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places.models import Site
from volunteer.recognition.benefit_rules import Holder, Offer, Why, obstacles, period_key, year_before
from volunteer.recognition.counting import rules_at
from volunteer.recognition.models_benefits import Benefit, BenefitCode, BenefitCount, BenefitUse
from volunteer.recognition.queries import held_by
from volunteer.teams.fit import years_old
from volunteer.teams.models import Standing, Volunteer

LASTS = timedelta(minutes=10)
DIGITS = 8
REFUSED: dict[Why, str] = {
    Why.CLOSED: N_("This benefit is no longer given."),
    Why.TO_COME: N_("This benefit has not begun yet."),
    Why.OVER: N_("This benefit is over."),
    Why.GONE: N_("All of these have been handed out."),
    Why.STARS: N_("This needs more stars."),
    Why.MINUTES: N_("This needs more hours in the last twelve months."),
    Why.AGE_UNKNOWN: N_("This depends on the age, which we do not know."),
    Why.YOUNG: N_("They are too young for this."),
    Why.OLD: N_("They are too old for this."),
    Why.OFTEN: N_("They have had this as often as it is given."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a volunteer showed: who they are, and the code's row when it was a code."""

    volunteer: Volunteer
    code: BenefitCode | None = None


def make_code(session: Session, actor: Actor, *, at: datetime) -> str:
    """Return eight digits by which the volunteer is known for ten minutes and one use; an earlier code that was not used ends."""
    volunteer = session.get(Volunteer, actor.user_id) if actor.user_id is not None else None
    if volunteer is None or volunteer.standing is not Standing.ACTIVE:
        raise NotFound("volunteer")
    used = select(BenefitUse.id).where(BenefitUse.code_id == BenefitCode.id).exists()
    session.execute(
        delete(BenefitCode).where(BenefitCode.volunteer_id == volunteer.id, ~used),
        execution_options={"synchronize_session": False},
    )
    while True:
        digits = serials.digits(DIGITS)
        hashed = _hash(session, digits)
        living = BenefitCode.code_hash == hashed, BenefitCode.expires_at > at
        if session.scalar(select(BenefitCode.id).where(*living)) is None:
            break
    session.add(BenefitCode(volunteer_id=volunteer.id, code_hash=hashed, made_at=at, expires_at=at + LASTS))
    return digits


def who_shows(session: Session, actor: Actor, typed: str, *, at: datetime) -> Shown:
    """Return whom a code or a volunteer's number stands for; held while it is a code. Raises Invalid beside the field."""
    tidy = "".join(typed.split())
    if tidy.isascii() and tidy.isdigit() and len(tidy) == DIGITS:
        found = select(BenefitCode.id).where(BenefitCode.code_hash == _hash(session, tidy), BenefitCode.expires_at > at)
        code_id = session.scalar(found)
        if code_id is None:
            raise Invalid.field("shown", N_("This code is not right, or its ten minutes are over. Please ask for a new one."))
        code = lock(session, BenefitCode, code_id)
        return Shown(_ours(actor, code.volunteer), code)
    volunteer = session.scalar(select(Volunteer).where(Volunteer.number == tidy.upper()))
    if volunteer is None:
        raise Invalid.field("shown", N_("Please type the eight digits, or the volunteer number."))
    return Shown(_ours(actor, volunteer))


def hand_out(session: Session, actor: Actor, benefit_id: int, typed: str, site_id: int, *, at: datetime) -> BenefitUse:
    """Write down that a benefit was handed out at a site. The same code again, for the same benefit, is the same act.

    Raises Invalid for a code that is none, Conflict with the first reason why this person cannot have it now.
    """
    site = load(session, Site, site_id)
    actor.must(Permission.BENEFITS_HAND_OUT, at=site.path)
    shown = who_shows(session, actor, typed, at=at)
    benefit = load(session, Benefit, benefit_id)
    if not site.path.startswith(benefit.site.path):
        raise NotFound("benefit")
    if shown.code is not None and (earlier := _use_of(session, shown.code)) is not None:
        if earlier.benefit_id == benefit.id and earlier.used_by == actor.user_id:
            return earlier
        raise Conflict("code_used", N_("This code was used already. Please ask for a new one."))
    if same_person(session, shown.volunteer.id, actor.user_id):
        raise Conflict("own_benefit", N_("Nobody hands out to themselves. Please ask a colleague."))
    today = local_date(at, zone_of(session))
    why = obstacles(offer_of(benefit), holder_of(session, shown.volunteer, at=at), today)
    if why:
        raise Conflict("benefit_refused", REFUSED[why[0]])

    period = period_key(benefit.period, today)
    _count(session, benefit, shown.volunteer.id, period)
    use = BenefitUse(
        benefit=benefit,
        volunteer=shown.volunteer,
        site=site,
        site_path=site.path,
        period=period,
        code_id=shown.code.id if shown.code else None,
        used_at=at,
        used_by=actor.user_id,
    )
    session.add(use)
    session.flush()  # the audit log names its id
    record(session, actor, "benefit_handed_out", f"benefit_use:{use.id}", at=at, site_path=site.path, benefit=benefit.code)
    _tell(session, use, "benefit_handed_out", at)
    return use


def take_back(session: Session, actor: Actor, use_id: int, reason: str, *, at: datetime) -> BenefitUse:
    """Take back a use that was a mistake, at the site that wrote it down; it may be had again. Twice changes nothing."""
    use = lock(session, BenefitUse, use_id)
    actor.must(Permission.BENEFITS_HAND_OUT, at=use.site_path)
    words = reason_of(reason)
    if use.taken_back_at is not None:
        return use
    use.taken_back_at, use.taken_back_by, use.taken_back_reason = at, actor.user_id, words
    one_less = update(Benefit).where(Benefit.id == use.benefit_id, Benefit.used > 0).values(used=Benefit.used - 1)
    session.execute(one_less, execution_options={"synchronize_session": False})
    mine = _counted(use.benefit_id, use.volunteer_id, use.period)
    free = update(BenefitCount).where(*mine, BenefitCount.used > 0).values(used=BenefitCount.used - 1)
    session.execute(free, execution_options={"synchronize_session": False})
    session.expire(use.benefit, ["used"])
    record(session, actor, "benefit_taken_back", f"benefit_use:{use.id}", at=at, site_path=use.site_path)
    _tell(session, use, "benefit_taken_back", at, reason=words)
    return use


def offer_of(benefit: Benefit) -> Offer:
    """Return what a line of the catalogue asks for, as the rule wants it."""
    return Offer(
        stars_least=benefit.stars_least, minutes_least=benefit.minutes_least, age_least=benefit.age_least,
        age_most=benefit.age_most, begins=benefit.begins, ends=benefit.ends, limit_all=benefit.limit_all, used=benefit.used,
        closed=benefit.closed_at is not None, limit_each=benefit.limit_each,
    )  # fmt: skip


def holder_of(session: Session, volunteer: Volunteer, *, at: datetime) -> Holder:
    """Return what the rule asks about a volunteer; how often they had something is counted apart, see ``used_by``."""
    today = local_date(at, zone_of(session))
    weakest = rules_at(session, volunteer.site.path, at).weakest
    born_on = volunteer.person.born_on
    return Holder(
        stars=held_by(session, volunteer.id),
        minutes=minutes_since(session, volunteer.id, year_before(today), weakest),
        age=years_old(born_on, today) if born_on else None,
    )


def used_by(session: Session, volunteer_id: int, benefits: Sequence[Benefit], today: date) -> Mapping[int, int]:
    """Return how often somebody had each benefit in the period of today."""
    rows = session.execute(
        select(BenefitCount.benefit_id, BenefitCount.period, BenefitCount.used).where(BenefitCount.volunteer_id == volunteer_id)
    ).all()
    known = {(row.benefit_id, row.period): row.used for row in rows}
    return {benefit.id: known.get((benefit.id, period_key(benefit.period, today)), 0) for benefit in benefits}


def minutes_since(session: Session, volunteer_id: int, first: date, weakest: str) -> int:
    """Return the minutes of service since the local day ``first`` whose evidence counts for stars, less what was taken back."""
    grades = [grade for grade in Grade if counts(grade, weakest)]
    shown = Transfer.grade.in_(grades) if Grade.D not in grades else or_(Transfer.grade.in_(grades), Transfer.grade.is_(None))
    account = select(Account.id).where(Account.owner == person(volunteer_id), Account.unit == Unit.MINUTES).scalar_subquery()
    total = 0
    for sign, side in ((1, Transfer.target_id), (-1, Transfer.source_id)):
        found = select(func.coalesce(func.sum(Transfer.amount), 0)).where(side == account, Transfer.day >= first, shown)
        total += sign * int(session.scalar(found) or 0)
    return total


def _count(session: Session, benefit: Benefit, volunteer_id: int, period: str) -> None:
    """Count one more of the benefit, then one more for the person; either refuses what would be one too many."""
    room = Benefit.limit_all.is_(None) | (Benefit.used < Benefit.limit_all)
    one_more = update(Benefit).where(Benefit.id == benefit.id, room).values(used=Benefit.used + 1).returning(Benefit.used)
    if session.scalar(one_more.execution_options(synchronize_session=False)) is None:
        raise Conflict("benefit_refused", REFUSED[Why.GONE])
    session.expire(benefit, ["used"])

    fresh = insert_into(session, BenefitCount).values(benefit_id=benefit.id, volunteer_id=volunteer_id, period=period, used=0)
    session.execute(fresh.on_conflict_do_nothing())
    again = update(BenefitCount).where(*_counted(benefit.id, volunteer_id, period)).values(used=BenefitCount.used + 1)
    if benefit.limit_each is not None:
        again = again.where(BenefitCount.used < benefit.limit_each)
    if session.scalar(again.returning(BenefitCount.used).execution_options(synchronize_session=False)) is None:
        raise Conflict("benefit_refused", REFUSED[Why.OFTEN])


def _counted(benefit_id: int, volunteer_id: int, period: str) -> tuple[ColumnElement[bool], ...]:
    return BenefitCount.benefit_id == benefit_id, BenefitCount.volunteer_id == volunteer_id, BenefitCount.period == period


def _ours(actor: Actor, volunteer: Volunteer) -> Volunteer:
    """A volunteer of the actor's county who is one; else nobody is found, whatever was typed."""
    counties = {county_of(path) for path in actor.scopes(Permission.BENEFITS_HAND_OUT) if path != "/"}
    if volunteer.standing is not Standing.ACTIVE or county_of(volunteer.site.path) not in counties:
        raise Invalid.field("shown", N_("Nobody of this county is known by that."))
    return volunteer


def _use_of(session: Session, code: BenefitCode) -> BenefitUse | None:
    return session.scalar(select(BenefitUse).where(BenefitUse.code_id == code.id))


def _hash(session: Session, digits: str) -> str:
    return str(session.info["keyring"].blind("benefit-code", digits))


def _tell(session: Session, use: BenefitUse, template: str, at: datetime, **params: str) -> None:
    who = use.volunteer.person
    recipient = Recipient(who.id, None, who.locale)
    params["benefit"] = named(use.benefit, who.locale)
    tell(session, recipient, template, params, at=at, about=f"benefit_use:{use.id}")
