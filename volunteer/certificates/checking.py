"""Is a PDF signed, unchanged, and by whom? Asked of pyHanko (the extra ``sign``), which had no part in making it."""

from __future__ import annotations

import io
from dataclasses import dataclass

from asn1crypto import pem, x509
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. sound: signed, and not a byte changed since. trusted: and the certificate leads to the root."""

    sound: bool
    trusted: bool
    words: str


def verdict(pdf: bytes, root_pem: bytes | None) -> Verdict:
    """Return what can be said of the first signature in ``pdf``. Raises nothing for a broken or unsigned file."""
    try:
        signatures = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        if not signatures:
            return Verdict(False, False, "not signed")
        roots = [x509.Certificate.load(pem.unarmor(root_pem)[2])] if root_pem else []
        found = validate_pdf_signature(signatures[0], ValidationContext(trust_roots=roots))
    except (PdfReadError, SignatureValidationError, ValueError, KeyError, IndexError) as error:
        return Verdict(False, False, f"broken: {error}")
    whole = found.coverage is not None and found.coverage.name == "ENTIRE_FILE"
    sound = bool(found.intact and found.valid and whole)
    who = found.signing_cert.subject.human_friendly
    if not sound:
        return Verdict(False, False, f"changed after {who} had signed it")
    trusted = bool(found.trusted)
    whose = "trusted" if trusted else "by an authority that is not known here"
    return Verdict(True, trusted, f"signed by {who}, unchanged; {whose}")
