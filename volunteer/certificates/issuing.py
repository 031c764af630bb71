"""证明: freezing facts under a number, replacing and revoking. Nothing is ever edited."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.certificates import freezing, queries
from volunteer.certificates.models import Certificate, Standing
from volunteer.certificates.rules import CertificateDraft
from volunteer.certificates.signing import Kind
from volunteer.kernel.checks import reason_of
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import LOCALES, N_
from volunteer.ledger.models import Grade
from volunteer.messaging.models import Message
from volunteer.recognition.models import AwardState, StarAward
from volunteer.teams.models import Volunteer
from volunteer.teams.telling import tell_site

REPORTED_AGAIN = timedelta(days=30)


def issue(session: Session, actor: Actor, volunteer_id: int, draft: CertificateDraft, *, at: datetime) -> Certificate:
    """Certify a volunteer's own services. The same asked for again on the same day returns the certificate already made.

    Raises NotFound for somebody else, Invalid for a period, grades or language that cannot be and for a name that
    cannot be printed, Conflict when there is nothing to certify.
    """
    return freezing.certify(session, actor, _self(session, actor, volunteer_id), draft, at=at)


def issue_star(session: Session, actor: Actor, award_number: str, locale: str, *, at: datetime) -> Certificate:
    """Certify a star award of one's own that stands. Asked for again it is the certificate already made.

    Raises NotFound for somebody else's, Conflict while it is announced, doubted, or when it was revoked.
    """
    award = session.scalar(select(StarAward).where(StarAward.number == award_number[:20]))
    if award is None or award.volunteer_id != actor.user_id or not actor.may(Permission.CERTIFICATE_ISSUE_OWN):
        raise NotFound("award")
    if locale not in LOCALES:
        raise Invalid.field("locale", N_("Please choose Chinese or English."))
    if award.state is not AwardState.STANDS:
        raise Conflict("award_open", N_("A certificate of this star can be printed once the award stands."))
    return freezing.certify_star(session, actor, award, locale, at=at)


def report_unprintable(session: Session, actor: Actor, characters: str, *, at: datetime) -> None:
    """Tell those who look after a volunteer that their name, or another word, cannot be printed; not again for a month."""
    volunteer = session.get(Volunteer, actor.user_id) if actor.user_id else None
    if volunteer is None:
        return
    number = volunteer.number
    told = select(Message.id).where(
        Message.template == "certificate_unprintable",
        Message.params["number"].as_string() == number,
        Message.created_at > at - REPORTED_AGAIN,
    )
    if session.scalar(told.limit(1)) is None:
        tell_site(session, volunteer.site.path, "certificate_unprintable", at=at, number=number, characters=characters)
        subject = f"person:{volunteer.id}"
        record(session, actor, "certificate_unprintable", subject, at=at, site_path=volunteer.site.path)


def replace(session: Session, actor: Actor, number: str, *, at: datetime) -> Certificate:
    """Issue anew, from today's records, what the certificate ``number`` certifies; the old one then says so.

    Raises NotFound for somebody else's, Conflict when it is no longer valid or nothing has changed since.
    """
    old = _held(session, queries.own(session, actor.user_id, number))
    if old.standing is not Standing.VALID:
        raise Conflict("certificate_not_valid", N_("This certificate is no longer valid, so it cannot be replaced."))
    if old.star is not None:
        raise Conflict("certificate_of_star", N_("The certificate of a star is not issued anew. Please print it again."))
    draft = _draft_of(session, old, at)
    facts, _ = freezing.facts_of(session, old.volunteer, draft, at=at, handler=old.facts["handler"])
    if freezing.same(old.facts, facts):
        raise Conflict("certificate_unchanged", N_("Nothing has changed since this certificate was issued."))
    new = freezing.certify(session, actor, old.volunteer, draft, at=at, handler=old.facts["handler"])

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
    reason = reason_of(reason)
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


def _draft_of(session: Session, old: Certificate, at: datetime) -> CertificateDraft:
    """Return what was asked for, as far as the centre still certifies it."""
    taken = freezing.certified_grades(session, old.volunteer, at)
    grades = frozenset(Grade(grade) for grade in old.facts["grades"]) & taken
    kind = Kind(old.facts.get("kind", Kind.SERVICE))
    return CertificateDraft(old.period_begins, old.period_ends, grades or taken, old.locale, kind)
