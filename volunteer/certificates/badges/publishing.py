"""Badges signed with the key of their purpose, and what others read to check them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from volunteer.certificates import signatures
from volunteer.certificates.badges import credential as badges
from volunteer.certificates.models import Certificate, Standing
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.ledger import keys
from volunteer.ledger.models_keys import Purpose

LIST_LIVES = timedelta(days=7)  # an older copy of a list is not believed


def badge_of(session: Session, certificate: Certificate, *, issuer: Sequence[str]) -> str:
    """Return a certificate as a signed credential (VC-JWT). Raises Conflict when it is no longer valid."""
    if certificate.standing is not Standing.VALID:
        raise Conflict(
            "certificate_not_valid", N_("This certificate is no longer valid. Please take the new one, or issue another.")
        )
    home = session.info["public_url"]
    vc = badges.credential(certificate.facts, home=home, issuer=issuer, issued_at=certificate.issued_at, place=certificate.id)
    return _signed(session, vc)


def status_list(session: Session, number: int, *, at: datetime) -> str:
    """Return the signed list ``number`` of what was revoked or replaced."""
    places = [certificate.id for certificate in signatures.ended(session)]
    vc = badges.status_list(session.info["public_url"], number, places, at=at, until=at + LIST_LIVES)
    return _signed(session, vc)


def did_document(session: Session) -> dict[str, Any]:
    """Return the issuer's keys, the one in force first: a program that asks for no key by name takes the first.

    One that is revoked is left out: programs know no date from which it is believed no more. A badge is fetched anew.
    """
    believed = [key for key in keys.published(session, Purpose.BADGE) if key.revoked_from is None]
    published = sorted(believed, key=lambda key: key.ends is not None)
    return badges.did_document(session.info["public_url"], [(key.kid, key.public) for key in published])


def _signed(session: Session, vc: Mapping[str, Any]) -> str:
    key = signatures.in_force(session, Purpose.BADGE)
    header = {"alg": "EdDSA", "typ": "JWT", "kid": f"{badges.did_of(session.info['public_url'])}#{key.kid}"}
    body = badges.to_be_signed(header, badges.claims(vc))
    return f"{body}.{badges.unpadded(keys.sign(session, key, body.encode()))}"
