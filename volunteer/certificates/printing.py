"""One certificate as it is handed out: printed with what its QR code carries, signed with the centre's key where there is one."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from volunteer.certificates import pades, signatures, signers
from volunteer.certificates.models import Certificate
from volunteer.certificates.render import render, words_of
from volunteer.certificates.signers import NoSigner, Signer
from volunteer.certificates.wording import pick

log = logging.getLogger(__name__)


class Code(NamedTuple):
    """What a QR code carries, and under which key."""

    kid: str
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that a PDF is made of: no database is needed to print it. Equal sheets give equal bytes."""

    facts: dict[str, Any]
    public_url: str
    code: Code | None
    signer: Signer | None
    more_fonts: Path | None = None

    def pdf(self) -> bytes:
        """Return the PDF. The signature claims the day of issue; of a later key, the moment from which that holds."""
        plain = render(self.facts, self.public_url, self.code, more_fonts=self.more_fonts)
        if self.signer is None:
            return plain
        issued = datetime.combine(date.fromisoformat(self.facts["issued"]), time(), tzinfo=UTC)
        why = pades.Reason(words_of(self.facts)["title"], pick(self.facts["unit"], self.facts["locale"]))
        return pades.sign(plain, self.signer, why, at=max(issued, self.signer.begins))


def sheet_of(session: Session, certificate: Certificate, *, at: datetime) -> Sheet:
    """Return what is printed of a certificate at ``at``. The session lends the public address and the centre's signer."""
    signed = signatures.of(session, certificate.id)
    code = Code(signed.kid, signed.text) if signed else None
    return Sheet(certificate.facts, session.info["public_url"], code, signer_at(session, at), session.info.get("more_fonts"))


def signer_at(session: Session, at: datetime) -> Signer | None:
    """Return the centre's signer if its certificate holds at ``at``."""
    signer: Signer | None = session.info.get("pdf_signer")
    return signer if signer is not None and signers.holds(signer, at) else None


def signer_in(key_file: Path, password_file: Path) -> Signer | None:
    """Return the signer in these files; None, and a warning in the log, when they are there and cannot be used."""
    if not key_file.is_file():
        return None
    try:
        password = password_file.read_bytes().strip() if password_file.is_file() else None
        return signers.read(key_file, password)
    except (NoSigner, OSError) as error:
        log.warning("PDFs are not signed: %s", error)
        return None
