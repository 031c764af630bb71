"""Whoever signs PDFs for the centre: a key with its certificates, read from a file, and the CMS that they make (RFC 5652, 5035).

The few structures are written down here byte by byte: a general library of ASN.1 takes longer than typst takes to print.
Without a file certificates are printed unsigned.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.oid import NameOID

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
SMALLEST_RSA = 2048
SEQUENCE, SET, INTEGER, OCTETS = 0x30, 0x31, 0x02, 0x04
CONTEXT = 0xA0  # [0], constructed
DATA, SIGNED_DATA = "06092a864886f70d010701", "06092a864886f70d010702"  # object identifiers, in DER
CONTENT_TYPE, MESSAGE_DIGEST = "06092a864886f70d010903", "06092a864886f70d010904"
SIGNING_CERTIFICATE_V2 = "060b2a864886f70d010910022f"
SHA256 = "300d06096086480165030402010500"  # algorithms
RSA_SHA256, ECDSA_SHA256 = "300d06092a864886f70d01010b0500", "300a06082a8648ce3d040302"


class NoSigner(Exception):
    """The key cannot be used; the message says why, for whoever runs the machine."""


@dataclass(frozen=True)
class Signer:
    """A key, its certificate, and those above it."""

    key: Key
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...] = ()

    @cached_property
    def name(self) -> str:
        """Whom the certificate names."""
        found = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(found[0].value) if found else self.certificate.subject.rfc4514_string()

    @property
    def begins(self) -> datetime:
        """From when the certificate holds."""
        return self.certificate.not_valid_before_utc

    @property
    def ends(self) -> datetime:
        """Until when."""
        return self.certificate.not_valid_after_utc

    @cached_property
    def chain_bytes(self) -> bytes:
        """Every certificate in DER, one behind the other."""
        return b"".join(one.public_bytes(Encoding.DER) for one in (self.certificate, *self.above))

    @cached_property
    def fingerprint(self) -> bytes:
        """SHA-256 of the certificate."""
        return self.certificate.fingerprint(hashes.SHA256())

    @property
    def signature_size(self) -> int:
        """At most so many bytes long is a signature."""
        return (self.key.key_size + 7) // 8 * (1 if isinstance(self.key, rsa.RSAPrivateKey) else 3)

    def sign_digest(self, digest: bytes) -> bytes:
        """Return a detached CMS SignedData over the SHA-256 ``digest``, in DER. Equal digests give equal bytes.

        Which certificate it is stands inside what is signed, as PAdES wants: none can be put in its place.
        """
        hashed = _attribute(MESSAGE_DIGEST, _der(OCTETS, digest))
        attributes = b"".join(sorted((_attribute(CONTENT_TYPE, bytes.fromhex(DATA)), hashed, self._which)))  # DER sorts a SET
        info = _der(
            SEQUENCE,
            _whole(1),
            self._who,
            bytes.fromhex(SHA256),
            _der(CONTEXT, attributes),
            bytes.fromhex(RSA_SHA256 if isinstance(self.key, rsa.RSAPrivateKey) else ECDSA_SHA256),
            _der(OCTETS, self._raw(_der(SET, attributes))),
        )
        signed = _der(
            SEQUENCE,
            _whole(1),
            _der(SET, bytes.fromhex(SHA256)),
            _der(SEQUENCE, bytes.fromhex(DATA)),
            _der(CONTEXT, self._sorted_chain),
            _der(SET, info),
        )
        return _der(SEQUENCE, bytes.fromhex(SIGNED_DATA), _der(CONTEXT, signed))

    def _raw(self, data: bytes) -> bytes:
        digest = hashlib.sha256(data).digest()
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))
        return self.key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256()), deterministic_signing=True))  # RFC 6979

    @cached_property
    def _sorted_chain(self) -> bytes:
        return b"".join(sorted(one.public_bytes(Encoding.DER) for one in (self.certificate, *self.above)))

    @cached_property
    def _who(self) -> bytes:
        return _der(SEQUENCE, self.certificate.issuer.public_bytes(), _whole(self.certificate.serial_number))

    @cached_property
    def _which(self) -> bytes:
        one = _der(SEQUENCE, _der(OCTETS, self.fingerprint))
        return _attribute(SIGNING_CERTIFICATE_V2, _der(SEQUENCE, _der(SEQUENCE, one)))


def read(path: Path, password: bytes | None) -> Signer:
    """Return the signer in the PKCS#12 file at ``path``. Raises NoSigner, saying why, for one that cannot be used."""
    try:
        key, certificate, above = pkcs12.load_key_and_certificates(path.read_bytes(), password)
    except (OSError, ValueError) as error:
        raise NoSigner(f"{path} cannot be read: {error}") from None
    if key is None or certificate is None:
        raise NoSigner(f"{path} must hold a private key and its certificate")
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) or (
        isinstance(key, rsa.RSAPrivateKey) and key.key_size < SMALLEST_RSA
    ):
        raise NoSigner(f"{path} must hold an RSA key of {SMALLEST_RSA} bits or more, or one on an elliptic curve")
    return Signer(key, certificate, tuple(above))


def holds(signer: Signer, at: datetime) -> bool:
    """Return whether the certificate of ``signer`` holds at ``at``."""
    return signer.begins <= at.astimezone(UTC) <= signer.ends


def _attribute(kind: str, value: bytes) -> bytes:
    return _der(SEQUENCE, bytes.fromhex(kind), _der(SET, value))


def _whole(number: int) -> bytes:
    return _der(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _der(tag: int, *parts: bytes) -> bytes:
    """Return one value in DER: tag, length, content."""
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content
