"""Signing certificates, and what others need to check them without asking us: the keys and the list of what no longer holds."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from volunteer.certificates.models import Certificate, Standing, StarPaper
from volunteer.certificates.models_signed import SignedText
from volunteer.certificates.signing import Checked, Claims, Kind, check, signed_text
from volunteer.certificates.wording import pick
from volunteer.kernel.errors import NotFound
from volunteer.ledger import keys
from volunteer.ledger.keys import PublishedKey
from volunteer.ledger.models_keys import Purpose, SigningKey
from volunteer.recognition.models import StarAward

STATUS = b"VH1-STATUS\n"  # what a signed status list begins with: a text of this kind is never a certificate
UNLISTED = 16  # bytes of the hash that stands for a certificate in the list
STARS = re.compile(r"\*+")


def sign(session: Session, certificate: Certificate, *, at: datetime) -> SignedText:
    """Return the certificate's text under the key in force, signing it when that was not done yet."""
    key = keys.current(session, Purpose.CERTIFICATE, at=at)
    made = select(SignedText).where(SignedText.certificate_id == certificate.id, SignedText.kid == key.kid)
    if signed := session.scalar(made):
        return signed
    claims = claims_of(certificate.facts, certificate.digest, at)
    text = signed_text(claims, key.kid, lambda message: keys.sign(session, key, message))
    signed = SignedText(certificate_id=certificate.id, kid=key.kid, text=text, signed_at=claims.signed)
    session.add(signed)
    keys.current(session, Purpose.BADGE, at=at)  # there from the first certificate on: reading makes no key
    return signed


def of(session: Session, certificate_id: int) -> SignedText | None:
    """Return what a certificate's QR code carries; None as long as the job has not signed an old one."""
    rows = select(SignedText).where(SignedText.certificate_id == certificate_id).order_by(SignedText.id.desc()).limit(1)
    return session.scalar(rows)


def unsigned(session: Session, limit: int) -> Sequence[Certificate]:
    """Return certificates that no key has signed yet, or only keys that are revoked by now, the oldest first."""
    signed = select(SignedText.certificate_id).where(SignedText.kid.not_in(keys.revoked(session, Purpose.CERTIFICATE)))
    return session.scalars(select(Certificate).where(Certificate.id.not_in(signed)).order_by(Certificate.id).limit(limit)).all()


def claims_of(facts: Mapping[str, Any], digest: str, at: datetime) -> Claims:
    """Return what is signed of frozen ``facts``: what stands on the paper. The mask of a document is one star there."""
    holder = facts["holder"]
    issued = date.fromisoformat(facts["issued"])
    return Claims(
        number=facts["number"],
        name=holder["name"],
        document=STARS.sub("*", holder.get("document", "")),
        first=date.fromisoformat(facts.get("first", facts["issued"])),
        last=date.fromisoformat(facts.get("last", facts["issued"])),
        minutes=facts.get("minutes", 0),
        times=facts.get("times", 0),
        unit=pick(facts["unit"], facts["locale"]),
        issued=issued,
        digest=digest,
        signed=at.astimezone(UTC).replace(microsecond=0),
        kind=Kind(facts.get("kind", Kind.SERVICE)),
        stars=facts.get("stars", 0),
    )


def believed(session: Session, text: str, *, at: datetime) -> Checked:
    """Return what a scanned text says when one of our keys signed it. Raises signing.Unbelievable."""
    return check(text, keys.published(session, Purpose.CERTIFICATE), at=at)


def public_keys(session: Session) -> list[dict[str, Any]]:
    """Return the keys that sign certificates as plain JSON values, the oldest first."""
    return [_as_json(key) for key in keys.published(session, Purpose.CERTIFICATE)]


def status_list(session: Session, *, at: datetime) -> dict[str, str]:
    """Return what was revoked or replaced so far, signed: ``statement`` (JSON as text), ``kid`` and ``signature``.

    A certificate stands in it as a hash of its number and its digest: only who holds it finds it. Raises NotFound before
    the first certificate is signed.
    """
    key = in_force(session, Purpose.CERTIFICATE)
    said: dict[str, list[str]] = {Standing.REVOKED.value: [], Standing.REPLACED.value: []}
    for certificate in ended(session):
        said[certificate.standing.value].append(unlisted(certificate.number, certificate.digest))
    statement = json.dumps(
        {"as_of": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), **{word: sorted(of) for word, of in said.items()}}
    )
    signature = keys.sign(session, key, STATUS + statement.encode())
    return {"statement": statement, "kid": key.kid, "signature": urlsafe_b64encode(signature).decode().rstrip("=")}


def in_force(session: Session, purpose: Purpose) -> SigningKey:
    """Return the key that signs now, without making one. Raises NotFound when nothing was signed yet."""
    signs = select(SigningKey).where(SigningKey.purpose == purpose, SigningKey.ends.is_(None))
    key = session.scalar(signs.order_by(SigningKey.begins, SigningKey.kid).limit(1))
    if key is None:
        raise NotFound("key")
    return key


def ended(session: Session) -> Sequence[Certificate]:
    """Return every certificate that was revoked, by itself or with its award, or replaced."""
    awards = select(StarPaper.certificate_id).join(StarAward).where(StarAward.revoked_at.is_not(None))
    no_more = or_(Certificate.revoked_at.is_not(None), Certificate.replaced_by_id.is_not(None), Certificate.id.in_(awards))
    rows = select(Certificate).where(no_more).options(joinedload(Certificate.star).joinedload(StarPaper.award))
    return session.scalars(rows).all()


def unlisted(number: str, digest: str) -> str:
    """Return what stands for a certificate in the status list: 32 hexadecimal digits."""
    return hashlib.sha256(f"{number}:{digest}".encode()).digest()[:UNLISTED].hex()


def _as_json(key: PublishedKey) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "public": key.public.hex(),
        "begins": int(key.begins.timestamp()),
        "ends": int(key.ends.timestamp()) if key.ends else None,
        "revoked": int(key.revoked_from.timestamp()) if key.revoked_from else None,
    }
