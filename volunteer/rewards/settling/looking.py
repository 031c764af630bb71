"""The facts of the past weeks, what is odd about them, and what a person decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, joinedload

from volunteer.access import Actor, Permission
from volunteer.accounts.humans import same_person
from volunteer.accounts.models_caring import Care
from volunteer.audit.models import AuditEntry
from volunteer.audit.recording import record
from volunteer.kernel.checks import reason_of
from volunteer.kernel.clock import zone_of
from volunteer.kernel.db import insert_into, load, lock, under
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.ledger.models import Account, Transfer, Unit
from volunteer.ledger.rules import person_of
from volunteer.rewards.merchants import rules
from volunteer.rewards.merchants.belonging import must_not_be_theirs, staff_of
from volunteer.rewards.merchants.models import Gift, Merchant, Redemption
from volunteer.rewards.settling.models_findings import PointsFinding, Verdict
from volunteer.rewards.settling.odd import Collected, Facts, Finding, Given, Shop, Stocked, find

P = Permission.SETTLEMENTS_HANDLE
WEEKS = timedelta(days=30)
MOST = 200_000
STOCKED = "gift_restocked"


def look(session: Session, *, at: datetime) -> int:
    """Write down what is odd about the past thirty days and was not told before; return how many."""
    paths = {number: path for number, path in session.execute(select(Merchant.id, Merchant.site_path))}  # noqa: C416
    told = 0
    for one in find(facts_of(session, at=at)):
        told += _tell(session, one, paths.get(one.merchant_id or 0, "/"), at)
    return told


def facts_of(session: Session, *, at: datetime) -> Facts:
    """Return what the detectors look at."""
    zone, since = zone_of(session), at - WEEKS
    rows = session.execute(
        select(
            Redemption.id, Redemption.merchant_id, Redemption.person_id, Redemption.gift_id, Redemption.points,
            Redemption.collected_at, Redemption.collected_by,
        )
        .where(Redemption.collected_at >= since)
        .order_by(Redemption.id)
        .limit(MOST)
    )  # fmt: skip
    collected = [Collected(a, b, c, d, e, moment.astimezone(zone), by) for a, b, c, d, e, moment, by in rows]
    merchants = session.scalars(select(Merchant).where(Merchant.id.in_({one.merchant_id for one in collected}))).all()
    return Facts(collected, _given(session, since), {one.id: _shop(session, one) for one in merchants}, _stock(session, since))


def findings(session: Session, actor: Actor, *, open_only: bool, limit: int = 100) -> Sequence[PointsFinding]:
    """Return what was found at the actor's places, the newest first."""
    found = select(PointsFinding).where(under(actor.scopes(P), PointsFinding.site_path))
    if open_only:
        found = found.where(PointsFinding.verdict.is_(None))
    shown = found.options(joinedload(PointsFinding.merchant), joinedload(PointsFinding.person))
    return session.scalars(shown.order_by(PointsFinding.day.desc(), PointsFinding.id.desc()).limit(limit)).all()


def decide(session: Session, actor: Actor, finding_id: int, wrong: bool, note: str, *, at: datetime) -> PointsFinding:
    """A person says what it was. Nothing follows by itself: what is to be done is done by its own act.

    Raises Conflict for one's own shop or points, and when somebody else has decided; Invalid without words.
    """
    finding = load(session, PointsFinding, finding_id)
    actor.must(P, at=finding.site_path)
    if finding.merchant_id is not None:
        must_not_be_theirs(session, actor, finding.merchant_id)
    if same_person(session, finding.person_id, actor.user_id):
        raise Conflict("own_points", N_("Nobody decides about their own points. Please ask a colleague."))
    finding = lock(session, PointsFinding, finding_id)
    words, verdict = " ".join(note.split()), Verdict.WRONG if wrong else Verdict.FINE
    if finding.verdict is not None:
        if (finding.decided_by, finding.verdict) == (actor.user_id, verdict):
            return finding
        raise Conflict("decided", N_("Somebody has decided about this already."))
    words = reason_of(words, "note", 300)
    finding.verdict, finding.note, finding.decided_by, finding.decided_at = verdict, words, actor.user_id, at
    record(
        session, actor, "odd_points_decided", f"finding:{finding.id}", at=at, site_path=finding.site_path, verdict=verdict.value
    )
    return finding


def _tell(session: Session, one: Finding, path: str, at: datetime) -> bool:
    values = {
        "mark": one.mark(), "kind": one.kind, "merchant_id": one.merchant_id, "person_id": one.person_id, "site_path": path,
        "day": one.local.date(), "evidence": one.evidence, "found_at": at, "note": "",
    }  # fmt: skip
    statement = insert_into(session, PointsFinding).values(**values).on_conflict_do_nothing(index_elements=["mark"])
    return session.scalar(statement.returning(PointsFinding.id)) is not None


def _given(session: Session, since: datetime) -> list[Given]:
    """Points that went straight from one person to another."""
    zone = zone_of(session)
    source, target = aliased(Account), aliased(Account)
    rows = session.execute(
        select(Transfer.id, source.owner, target.owner, Transfer.amount, Transfer.at)
        .join(source, Transfer.source_id == source.id)
        .join(target, Transfer.target_id == target.id)
        .where(Transfer.unit == Unit.POINTS, Transfer.at >= since, Transfer.reverses_id.is_(None))
        .where(source.owner.startswith("person:"), target.owner.startswith("person:"))
        .limit(MOST)
    )
    found = ((number, person_of(a), person_of(b), points, moment) for number, a, b, points, moment in rows)
    return [Given(number, a, b, points, moment.astimezone(zone)) for number, a, b, points, moment in found if a and b]


def _shop(session: Session, merchant: Merchant) -> Shop:
    staff = frozenset(staff_of(session, merchant.id))
    family: set[int] = set()
    if staff:
        near = select(Care.helper_id, Care.person_id).where(Care.ended_at.is_(None))
        for helper, person in session.execute(near.where(Care.helper_id.in_(staff) | Care.person_id.in_(staff))):
            family |= {helper, person}
    opened = partial(_is_open, merchant.opens, merchant.closes, tuple(merchant.closed_days))
    return Shop(merchant.id, staff, frozenset(family) - staff, opened)


def _is_open(opens: int, closes: int, closed_days: Sequence[str], local: datetime) -> bool:
    return rules.is_open(opens, closes, closed_days, local)


def _stock(session: Session, since: datetime) -> list[Stocked]:
    """How often the stock of each gift was filled up since: the log of acts says so."""
    logged = select(AuditEntry.subject, func.count()).where(AuditEntry.action == STOCKED, AuditEntry.at >= since)
    filled: dict[str, int] = dict(session.execute(logged.group_by(AuditEntry.subject)).tuples().all())
    rows = session.execute(select(Gift.id, Gift.merchant_id, Gift.stock, Gift.made_at))
    return [
        Stocked(number, merchant, left, filled.get(f"gift:{number}", 0) + (made_at >= since))
        for number, merchant, left, made_at in rows
    ]
