"""证明: freezing facts under a number, replacing and revoking. Nothing is ever edited."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.certificates import queries
from volunteer.certificates.models import Certificate, Standing
from volunteer.certificates.render import refuse_unprintable
from volunteer.certificates.rules import CertificateDraft, masked_document, must_be_sound, new_number
from volunteer.certificates.statement import Statement, as_facts, common_path, digest, state
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import load
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.ledger.models import Grade
from volunteer.places import queries as places
from volunteer.places.models import Site
from volunteer.teams.models import Volunteer

TRIES = 8
CHANGING = frozenset({"number", "issued"})  # facts that differ between two certificates that say the same
REASON = 200


def issue(session: Session, actor: Actor, volunteer_id: int, draft: CertificateDraft, *, at: datetime) -> Certificate:
    """Certify a volunteer's own services. The same asked for again on the same day returns the certificate already made.

    Raises NotFound for somebody else, Invalid for a period, grades or language that cannot be and for a name that
    cannot be printed, Conflict when there is nothing to certify.
    """
    volunteer = _self(session, actor, volunteer_id)
    today = local_date(at, zone_of(session))
    must_be_sound(draft, today)
    statement = _statement(session, volunteer.id, draft)
    site = _certifying(session, volunteer, statement)
    facts = _facts(volunteer, site, statement, draft.locale, today)
    refuse_unprintable(facts)
    if made := _made_today(session, volunteer.id, facts):
        return made

    facts["number"] = _free_number(session, today)
    certificate = Certificate(
        number=facts["number"],
        volunteer=volunteer,
        site=site,
        locale=draft.locale,
        period_begins=draft.first,
        period_ends=draft.last,
        facts=facts,
        digest=digest(facts),
        issued_at=at,
        issued_by=actor.user_id,
    )
    session.add(certificate)
    session.flush()  # whoever replaces one points at its id
    record(session, actor, "certificate_issued", f"certificate:{certificate.number}", at=at, site_path=site.path)
    return certificate


def replace(session: Session, actor: Actor, number: str, *, at: datetime) -> Certificate:
    """Issue anew, from today's records, what the certificate ``number`` certifies; the old one then says so.

    Raises NotFound for somebody else's, Conflict when it is no longer valid or nothing has changed since.
    """
    old = _held(session, queries.own(session, actor.user_id, number))
    if old.standing is not Standing.VALID:
        raise Conflict("certificate_not_valid", N_("This certificate is no longer valid, so it cannot be replaced."))
    grades = frozenset(Grade(grade) for grade in old.facts["grades"])
    draft = CertificateDraft(old.period_begins, old.period_ends, grades, old.locale)
    if _same(old.facts, _preview(session, actor, old.volunteer_id, draft, at)):
        raise Conflict("certificate_unchanged", N_("Nothing has changed since this certificate was issued."))
    new = issue(session, actor, old.volunteer_id, draft, at=at)

    old.replaced_by, old.replaced_by_id = new, new.id
    record(session, actor, "certificate_replaced", f"certificate:{number}", at=at, site_path=new.site.path, by=new.number)
    return new


def revoke(session: Session, actor: Actor, number: str, reason: str, *, at: datetime) -> Certificate:
    """Declare a certificate void, with the reason that its public page shows. A repeated act changes nothing.

    Raises NotFound outside the actor's sites, Invalid without a reason.
    """
    certificate = queries.find(session, number)
    if certificate is None:
        raise NotFound("certificate")
    actor.must(Permission.CERTIFICATE_REVOKE, at=_held(session, certificate).site.path)
    if not 2 <= len(reason.strip()) <= REASON:
        raise Invalid.field("reason", N_("Please say why, in a few words."))
    if certificate.standing is Standing.REVOKED:
        return certificate

    certificate.revoked_at = at
    certificate.revoked_reason = reason.strip()
    record(session, actor, "certificate_revoked", f"certificate:{number}", at=at, site_path=certificate.site.path)
    return certificate


def _held(session: Session, certificate: Certificate) -> Certificate:
    """Return ``certificate`` as it stands now, and keep others from replacing or revoking it meanwhile."""
    session.refresh(certificate, ["replaced_by_id", "revoked_at"], with_for_update=True)
    return certificate


def _self(session: Session, actor: Actor, volunteer_id: int) -> Volunteer:
    volunteer = session.get(Volunteer, volunteer_id)
    if volunteer is None or actor.user_id != volunteer_id or not actor.may(Permission.CERTIFICATE_ISSUE_OWN):
        raise NotFound("volunteer")
    return volunteer


def _statement(session: Session, volunteer_id: int, draft: CertificateDraft) -> Statement:
    entries = [service.entry for service in queries.services_of(session, volunteer_id)]
    statement = state(entries, draft.first, draft.last, (grade.value for grade in draft.grades))
    if not statement.entries:
        raise Conflict("nothing_to_certify", N_("There are no recorded hours in this period. Please choose another."))
    return statement


def _certifying(session: Session, volunteer: Volunteer, statement: Statement) -> Site:
    """Return the unit that recorded; where several did, the nearest above them all."""
    path = common_path(entry.unit_path for entry in statement.entries)
    last = path.strip("/").rpartition("/")[2]
    if last:
        return load(session, Site, int(last))
    return places.line_of(session, volunteer.site)[0]


def _facts(volunteer: Volunteer, site: Site, statement: Statement, locale: str, today: date) -> dict[str, Any]:
    holder = volunteer.person
    return as_facts(statement) | {
        "number": "",
        "issued": today.isoformat(),
        "locale": locale,
        "holder": {
            "name": holder.name,
            "document": masked_document(holder.document or ""),
            "number": volunteer.number,
        },
        "unit": list(site.office),
        "in_charge": site.head,
        "handler": "",
        "contact": site.phone,
    }


def _preview(session: Session, actor: Actor, volunteer_id: int, draft: CertificateDraft, at: datetime) -> dict[str, Any]:
    volunteer = _self(session, actor, volunteer_id)
    statement = _statement(session, volunteer_id, draft)
    return _facts(
        volunteer, _certifying(session, volunteer, statement), statement, draft.locale, local_date(at, zone_of(session))
    )


def _made_today(session: Session, volunteer_id: int, facts: dict[str, Any]) -> Certificate | None:
    rows = session.scalars(select(Certificate).where(Certificate.volunteer_id == volunteer_id))
    same_day = (row for row in rows if row.facts["issued"] == facts["issued"] and row.standing is Standing.VALID)
    return next((row for row in same_day if _same(row.facts, facts)), None)


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return {key: one[key] for key in one if key not in CHANGING} == {key: other[key] for key in other if key not in CHANGING}


def _free_number(session: Session, today: date) -> str:
    for _ in range(TRIES):
        number = new_number(today)
        if session.scalar(select(Certificate.id).where(Certificate.number == number)) is None:
            return number
    raise RuntimeError("no free certificate number")
