"""A person decides about what looked odd: it is fine, somebody is asked, or entries are taken back. Nothing follows by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.humans import hand_of, same_human
from volunteer.accounts.models import Person
from volunteer.attendance.review.lifecycle import FindingState
from volunteer.attendance.review.models_findings import Finding
from volunteer.attendance.review.plausibility import Odd
from volunteer.audit.recording import record
from volunteer.kernel.checks import reason_of
from volunteer.kernel.db import insert_into, load, lock
from volunteer.kernel.errors import Conflict, Forbidden, Invalid
from volunteer.kernel.words import N_
from volunteer.ledger import correcting
from volunteer.messaging.outbox import Recipient, tell

LONGEST = 200
DECISIONS = (FindingState.FINE, FindingState.ASKED, FindingState.TAKEN_BACK)


def write_down(session: Session, odd: Iterable[Odd], paths: Mapping[str, str], *, at: datetime) -> int:
    """Keep what looked odd, each thing once for ever; ``paths`` says by key for whose eyes. Return how many were new."""
    new = 0
    for one in odd:
        values = {
            "kind": one.kind, "key": one.key, "site_path": paths[one.key], "person_id": one.person_id, "team_id": one.team_id,
            "evidence": dict(one.evidence), "found_at": at, "state": FindingState.OPEN, "note": "", "version": 1,
        }  # fmt: skip
        fresh = insert_into(session, Finding).values(**values).on_conflict_do_nothing(index_elements=["key"])
        new += session.scalar(fresh.returning(Finding.id)) is not None
    return new


def is_about(session: Session, finding: Finding, actor: Actor) -> bool:
    """Return whether a finding is about this actor, under whatever account."""
    named = {finding.person_id, *finding.evidence.get("people", ())} - {None}
    me = hand_of(session, actor.user_id)
    return any(same_human(me, hand_of(session, one)) for one in named)


def decide_finding(
    session: Session,
    actor: Actor,
    finding_id: int,
    state: FindingState,
    note: str,
    *,
    at: datetime,
    transfers: Iterable[int] = (),
) -> Finding:
    """Say what it is, with a reason: fine, asked about (they are told), or wrong (``transfers`` of it are taken back).

    The same person saying the same twice changes nothing. Raises Conflict for what is about oneself, or decided already.
    """
    finding = lock(session, Finding, finding_id)
    actor.must(Permission.HOURS_REVIEW, at=finding.site_path)
    actor.must(Permission.HOURS_APPROVE, at=finding.site_path)  # an auditor reads
    if state is FindingState.TAKEN_BACK:
        actor.must(Permission.HOURS_CORRECT, at=finding.site_path)
    if actor.user_id is None:
        raise Forbidden(Permission.HOURS_APPROVE.value)  # no machine decides
    if finding.state is state and finding.decided_by == actor.user_id:
        return finding
    if state not in DECISIONS:
        raise Invalid.field("state", N_("Please choose one of these."))
    if is_about(session, finding, actor):
        raise Conflict("own_finding", N_("This is about yourself. Somebody else has to decide."))
    said = reason_of(note, "note", LONGEST)
    chosen = sorted(set(transfers))
    if state is FindingState.TAKEN_BACK and not (chosen and set(chosen) <= set(finding.evidence.get("transfers", ()))):
        raise Invalid.field("transfers", N_("Please tick which entries are taken back."))

    finding.decide(state, actor, said, at)
    if state is FindingState.TAKEN_BACK:
        for transfer_id in chosen:
            correcting.take_back(session, actor, transfer_id, said, at=at)
    if state is FindingState.ASKED and finding.person_id is not None:
        person = load(session, Person, finding.person_id)
        tell(session, Recipient(person.id, locale=person.locale), "hours_question", {"reason": said}, at=at, about=finding.about)
    record(session, actor, "finding_decided", finding.about, at=at, site_path=finding.site_path, outcome=state.value)
    return finding
