"""What is agreed with a partner. Rates, secrets, address and limits are proposed by one person and decided by another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.humans import same_person
from volunteer.audit.recording import record
from volunteer.kernel import outward, signing
from volunteer.kernel.checks import CODELESS, NAMELESS, Checks
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.places.models import Site
from volunteer.rewards.partners.calls import identity, secrets_of
from volunteer.rewards.partners.models import ChangeKind, Partner, PartnerCall, PartnerChange, PartnerRate, PartnerSecret
from volunteer.rewards.partners.rules import CODE, LARGEST

P = Permission.PARTNERS_MANAGE
BOTH_VALID = timedelta(days=1)  # how long the old secret holds beside the new one
NOT_CALLABLE = N_("Please write an address that begins with https:// and lies in the open internet.")


@dataclass(frozen=True, slots=True)
class PartnerDraft:
    """What is written down about a new partner."""

    code: str
    name: str
    name_en: str = ""
    unit: str = ""
    address: str = ""
    gives: bool = True
    takes: bool = True
    person_daily: int = 500
    total_daily: int = 50_000


def make_partner(session: Session, actor: Actor, site_id: int, draft: PartnerDraft, *, at: datetime) -> Partner:
    """Write a partner down. Nothing moves before a second person has agreed to rate and secret. Raises Invalid, NotFound."""
    site = load(session, Site, site_id)
    actor.must(P, at=site.path)
    checks = Checks()
    name = checks.text("name", draft.name, 60, missing=NAMELESS)
    name_en, unit = checks.text("name_en", draft.name_en, 90), checks.text("unit", draft.unit, 20)
    if not CODE.fullmatch(draft.code):
        checks.say("code", CODELESS)
    elif session.scalar(select(Partner.id).where(Partner.code == draft.code)) is not None:
        checks.say("code", N_("This code is taken."))
    _check_terms(session, checks, draft.address, draft.person_daily, draft.total_daily)
    checks.done()

    partner = Partner(
        site=site, code=draft.code, name=name, name_en=name_en, unit=unit, address=draft.address, gives=draft.gives,
        takes=draft.takes, person_daily=draft.person_daily, total_daily=draft.total_daily, made_by=actor.user_id, made_at=at,
    )  # fmt: skip
    session.add(partner)
    session.flush()  # the log names it
    record(session, actor, "partner_made", f"partner:{partner.id}", at=at, site_path=site.path)
    return partner


def propose_rate(
    session: Session, actor: Actor, partner_id: int, ours: int, theirs: int, first: date, *, at: datetime
) -> PartnerChange:
    """Propose how many of ours are worth how many of theirs, from a day on."""
    partner = _mine(session, actor, partner_id)
    checks = Checks()
    checks.number("ours", ours, 1, LARGEST)
    checks.number("theirs", theirs, 1, LARGEST)
    if first < local_date(at, zone_of(session)):
        checks.say("first", N_("A rate begins today or later."))
    checks.done()
    return _propose(session, actor, partner, ChangeKind.RATE, {"ours": ours, "theirs": theirs, "first": first.isoformat()}, at)


def propose_terms(session: Session, actor: Actor, partner_id: int, draft: PartnerDraft, *, at: datetime) -> PartnerChange:
    """Propose another address, other limits or directions."""
    partner = _mine(session, actor, partner_id)
    checks = Checks()
    _check_terms(session, checks, draft.address, draft.person_daily, draft.total_daily)
    checks.done()
    wanted: dict[str, Any] = {
        "address": draft.address, "gives": draft.gives, "takes": draft.takes, "person_daily": draft.person_daily,
        "total_daily": draft.total_daily,
    }  # fmt: skip
    return _propose(session, actor, partner, ChangeKind.TERMS, wanted, at)


def propose_secret(session: Session, actor: Actor, partner_id: int, *, at: datetime) -> PartnerChange:
    """Propose a new secret. It is made, and shown once, when the second person agrees."""
    return _propose(session, actor, _mine(session, actor, partner_id), ChangeKind.SECRET, {}, at)


def decide(session: Session, actor: Actor, change_id: int, accepted: bool, *, at: datetime) -> str | None:
    """Agree to a proposal of somebody else, or not. Returns the new secret when one was made: it is never shown again.

    Raises Conflict for one's own proposal and for one that somebody has decided about.
    """
    change = load(session, PartnerChange, change_id)
    partner = _mine(session, actor, change.partner_id)
    change = lock(session, PartnerChange, change_id)
    if change.decided_at is not None:
        raise Conflict("decided", N_("Somebody has decided about this already."))
    if accepted and same_person(session, actor.user_id, change.asked_by):
        raise Conflict("second_person", N_("A second person must agree: nobody agrees to their own proposal."))
    change.decided_by, change.decided_at, change.accepted = actor.user_id, at, accepted
    record(
        session,
        actor,
        "partner_change_decided",
        f"partner:{partner.id}",
        at=at,
        site_path=partner.site.path,
        kind=change.kind.value,
        accepted=accepted,
    )
    return _apply(session, actor, partner, change, at) if accepted else None


def set_active(session: Session, actor: Actor, partner_id: int, active: bool, *, at: datetime) -> Partner:
    """Open or suspend the exchange. What is on its way is finished all the same. Raises Conflict without rate or secret."""
    partner = _mine(session, actor, partner_id)
    if active:
        rates = session.scalar(select(PartnerRate.id).where(PartnerRate.partner_id == partner.id).limit(1))
        if rates is None or not secrets_of(session, partner.id, at=at):
            raise Conflict("not_ready", N_("Rate and secret come first, each agreed to by a second person."))
    if partner.active != active or (active and partner.refused_at is not None):
        partner.active = active
        if active:
            partner.refused_at = None
        record(session, actor, "partner_switched", f"partner:{partner.id}", at=at, site_path=partner.site.path, active=active)
    return partner


def send_again(session: Session, actor: Actor, call_id: int, *, at: datetime) -> PartnerCall:
    """Put a call that was given up back in the queue. A second tap changes nothing."""
    call = load(session, PartnerCall, call_id)
    partner = _mine(session, actor, call.partner_id)
    call = lock(session, PartnerCall, call_id)
    if call.due_at is not None:
        return call
    if call.failed_at is None:
        raise Conflict("call_answered", N_("This was answered already."))
    call.due_at, call.failed_at, call.attempts = at, None, 0
    record(session, actor, "partner_call_again", f"partner:{partner.id}", at=at, site_path=partner.site.path)
    return call


def _apply(session: Session, actor: Actor, partner: Partner, change: PartnerChange, at: datetime) -> str | None:
    wanted = change.proposal
    if change.kind is ChangeKind.RATE:
        first = max(date.fromisoformat(wanted["first"]), local_date(at, zone_of(session)))
        session.add(
            PartnerRate(
                partner_id=partner.id, ours=wanted["ours"], theirs=wanted["theirs"], valid_from=first, made_by=change.asked_by,
                approved_by=actor.user_id, made_at=at,
            )
        )  # fmt: skip
        return None
    if change.kind is ChangeKind.TERMS:
        for name in ("address", "gives", "takes", "person_daily", "total_daily"):
            setattr(partner, name, wanted[name])
        return None
    for old in session.scalars(select(PartnerSecret).where(PartnerSecret.partner_id == partner.id, PartnerSecret.ends.is_(None))):
        old.ends = at + BOTH_VALID
    secret, row = signing.new_secret(), PartnerSecret(partner_id=partner.id, begins=at)
    row.sealed = session.info["keyring"].seal(secret, identity(row))
    session.add(row)
    return secret


def _propose(
    session: Session, actor: Actor, partner: Partner, kind: ChangeKind, wanted: dict[str, Any], at: datetime
) -> PartnerChange:
    waiting = select(PartnerChange).where(PartnerChange.partner_id == partner.id, PartnerChange.kind == kind)
    for one in session.scalars(waiting.where(PartnerChange.decided_at.is_(None))):
        if one.asked_by == actor.user_id and one.proposal == wanted:
            return one  # a second tap
        raise Conflict("proposal_waits", N_("Something of this kind is proposed already. Please decide about that first."))
    change = PartnerChange(partner_id=partner.id, kind=kind, proposal=wanted, asked_by=actor.user_id, asked_at=at)
    session.add(change)
    session.flush()  # the page leads to it
    record(session, actor, "partner_change_asked", f"partner:{partner.id}", at=at, site_path=partner.site.path, kind=kind.value)
    return change


def _mine(session: Session, actor: Actor, partner_id: int) -> Partner:
    partner = load(session, Partner, partner_id)
    actor.must(P, at=partner.site.path)
    return lock(session, Partner, partner_id)


def _check_terms(session: Session, checks: Checks, address: str, person_daily: int, total_daily: int) -> None:
    if address:
        try:
            outward.must_be_callable(address, loopback=bool(session.info.get("partners_loopback")))
        except (outward.NotOutside, ValueError):
            checks.say("address", NOT_CALLABLE)
    checks.number("person_daily", person_daily, 1, LARGEST)
    checks.number("total_daily", total_daily, 1, LARGEST)
    if person_daily > total_daily:
        checks.say("total_daily", N_("All together may move at least as much as one person."))
