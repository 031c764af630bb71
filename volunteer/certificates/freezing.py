"""What a certificate will say: facts put together from the records, and kept under a number. Who may ask stands in issuing.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, county_of
from volunteer.audit.recording import record
from volunteer.certificates import queries, signatures
from volunteer.certificates.models import Certificate, Standing, StarPaper
from volunteer.certificates.render import refuse_unprintable
from volunteer.certificates.rules import CertificateDraft, masked_document, must_be_sound, new_number
from volunteer.certificates.signing import Kind
from volunteer.certificates.statement import FORMAT, Entry, Statement, as_facts, common_path, digest, state
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import load
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.ledger.models import Grade
from volunteer.ledger.rules import counts
from volunteer.places import queries as places
from volunteer.places.models import Site
from volunteer.places.policies import evidence_at
from volunteer.recognition.models import StarAward
from volunteer.teams.models import Volunteer

TRIES = 8
CHANGING = frozenset({"number", "issued", "format"})  # facts that differ between two certificates that say the same


def certified_grades(session: Session, volunteer: Volunteer, at: datetime) -> frozenset[Grade]:
    """Return the grades of evidence that the volunteer's centre certifies."""
    weakest = evidence_at(session, volunteer.site.path, at).certificates
    return frozenset(grade for grade in Grade if counts(grade, weakest))


def certify(
    session: Session, actor: Actor, volunteer: Volunteer, draft: CertificateDraft, *, at: datetime, handler: str = ""
) -> Certificate:
    """Freeze what a volunteer did. The same asked for again on the same day returns the certificate already made.

    Raises Invalid for a period, grades or language that cannot be and for what cannot be printed, Conflict when there is
    nothing to certify.
    """
    facts, site = facts_of(session, volunteer, draft, at=at, handler=handler)
    refuse_unprintable(facts, session.info.get("more_fonts"))
    if made := _made(session, volunteer.id, facts, {"issued"}):
        return made
    return _keep(session, actor, volunteer, site, facts, at)


def certify_star(session: Session, actor: Actor, award: StarAward, locale: str, *, at: datetime) -> Certificate:
    """Freeze an award. Asked for again, in the same language, it is the certificate already made, whatever the day."""
    facts = star_facts(award, locale, local_date(at, zone_of(session)), local_date(award.decided_at, zone_of(session)))
    refuse_unprintable(facts, session.info.get("more_fonts"))
    if made := _made(session, award.volunteer_id, facts, set()):
        return made
    certificate = _keep(session, actor, award.volunteer, award.site, facts, at)
    session.add(StarPaper(certificate=certificate, award=award))
    return certificate


def facts_of(
    session: Session, volunteer: Volunteer, draft: CertificateDraft, *, at: datetime, handler: str = ""
) -> tuple[dict[str, Any], Site]:
    """Return what a certificate would say today, without a number, and who certifies. Raises like ``certify``."""
    today = local_date(at, zone_of(session))
    must_be_sound(draft, today, certified_grades(session, volunteer, at))
    statement = _statement(session, volunteer, draft)
    site = _certifying(session, volunteer, statement)
    facts = as_facts(statement) | _common(volunteer, site, draft.kind, draft.locale, today, handler)
    if draft.kind is Kind.LENT:
        home = places.line_of(session, volunteer.site)[0]
        facts |= {"home": [home.name, home.name_en], "served": [list(pair) for pair in _counties(statement)]}
        for said, entry in zip(facts["entries"], statement.entries, strict=True):
            said["place"] = _place_in(entry)
    return facts, site


def star_facts(award: StarAward, locale: str, today: date, decided: date) -> dict[str, Any]:
    """Return what the certificate of an award says."""
    volunteer = award.volunteer
    nothing: dict[str, Any] = {"grades": [], "times": 0, "services": [], "entries": []}
    day = decided.isoformat()
    return (
        {"format": FORMAT, "first": day, "last": day, "minutes": award.minutes, "stars": award.stars, "award": award.number}
        | nothing
        | _common(volunteer, award.site, Kind.STAR, locale, today, "")
    )


def same(one: Mapping[str, Any], other: Mapping[str, Any], but: frozenset[str] = CHANGING) -> bool:
    """Return whether two certificates say the same. What was frozen before there were kinds is of the first kind."""
    plain = {"kind": Kind.SERVICE.value}
    return {name: value for name, value in (plain | {**one}).items() if name not in but} == {
        name: value for name, value in (plain | {**other}).items() if name not in but
    }


def _statement(session: Session, volunteer: Volunteer, draft: CertificateDraft) -> Statement:
    entries = [service.entry for service in queries.services_of(session, volunteer.id)]
    if draft.kind is Kind.LENT:
        home = county_of(volunteer.site.path)
        entries = [entry for entry in entries if entry.county_path not in ("", home)]
    statement = state(entries, draft.first, draft.last, (grade.value for grade in draft.grades))
    if not statement.entries and draft.kind is Kind.LENT:
        raise Conflict(
            "nothing_to_certify", N_("In this period there are no recorded services for another county. Please choose another.")
        )
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


def _counties(statement: Statement) -> list[tuple[str, str]]:
    """Return the counties that were served, the one with the most minutes first."""
    minutes: dict[tuple[str, str], int] = {}
    for entry in statement.entries:
        minutes[entry.county] = minutes.get(entry.county, 0) + entry.minutes
    return sorted(minutes, key=lambda county: (-minutes[county], county))


def _place_in(entry: Entry) -> list[str]:
    """Return the place of a service with its county, for whoever reads it at home."""
    english = ", ".join(filter(None, (entry.place[1], entry.county[1])))
    return ["\u3000".join(filter(None, (entry.county[0], entry.place[0]))), english]


def _common(volunteer: Volunteer, site: Site, kind: Kind, locale: str, today: date, handler: str) -> dict[str, Any]:
    holder = volunteer.person
    return {
        "kind": kind.value,
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
        "handler": handler,
        "contact": site.phone,
    }


def _keep(session: Session, actor: Actor, volunteer: Volunteer, site: Site, facts: dict[str, Any], at: datetime) -> Certificate:
    facts["number"] = _free_number(session, date.fromisoformat(facts["issued"]))
    certificate = Certificate(
        number=facts["number"],
        volunteer=volunteer,
        site=site,
        locale=facts["locale"],
        period_begins=date.fromisoformat(facts["first"]),
        period_ends=date.fromisoformat(facts["last"]),
        facts=facts,
        digest=digest(facts),
        issued_at=at,
        issued_by=actor.user_id,
    )
    session.add(certificate)
    session.flush()  # whoever replaces one points at its id
    signatures.sign(session, certificate, at=at)
    subject = f"certificate:{certificate.number}"
    record(session, actor, "certificate_issued", subject, at=at, site_path=site.path, kind=facts["kind"])
    return certificate


def _made(session: Session, volunteer_id: int, facts: dict[str, Any], also: set[str]) -> Certificate | None:
    """Return the valid certificate that says the same; ``also``: and has these facts in common that may change."""
    rows = session.scalars(
        select(Certificate).where(Certificate.volunteer_id == volunteer_id, Certificate.locale == facts["locale"])
    )
    found = (row for row in rows if row.standing is Standing.VALID and same(row.facts, facts, CHANGING - also))
    return next(found, None)


def _free_number(session: Session, today: date) -> str:
    for _ in range(TRIES):
        number = new_number(today)
        if session.scalar(select(Certificate.id).where(Certificate.number == number)) is None:
            return number
    raise RuntimeError("no free certificate number")
