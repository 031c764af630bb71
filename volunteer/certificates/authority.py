"""A county's own certificate authority, for a centre that has no certificate from a public one. It says so in its names.

Readers do not know it: whoever wants the green tick imports its root once. All the same the signature proves that nothing
was changed.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ROOT_YEARS, CENTRE_YEARS = 20, 5
DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
LABEL = "自建CA self-made"  # stands first, so that no long name hides it
LONGEST = 64  # bytes of a name in a certificate
SLACK = timedelta(minutes=5)  # clocks differ


@dataclass(frozen=True)
class Made:
    """What the authority consists of: its root for everybody, and the centre's key under a password."""

    root_pem: bytes
    centre_p12: bytes
    password: bytes


def make(centre: str, *, at: datetime) -> Made:
    """Return a new authority and the key that ``centre`` signs with. The root's own key is thrown away: it signs nothing else."""
    begins = at - SLACK
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = _name(f"{LABEL} {centre}", centre)
    root = (
        _builder(root_name, root_name, root_key.public_key(), begins, ROOT_YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        _builder(_name(centre, centre), root_name, key.public_key(), begins, CENTRE_YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    password = secrets.token_urlsafe(24).encode()
    packed = pkcs12.serialize_key_and_certificates(b"centre", key, leaf, [root], BestAvailableEncryption(password))
    return Made(root.public_bytes(Encoding.PEM), packed, password)


def save(made: Made, key_file: Path, password_file: Path, root_file: Path) -> None:
    """Write the three files where nobody else can read them; what is there already stays. Raises FileExistsError."""
    for path in (key_file, password_file, root_file):
        if path.exists():
            raise FileExistsError(path)
    for path, data in ((password_file, made.password), (root_file, made.root_pem), (key_file, made.centre_p12)):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)


def _name(common: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _cut(organisation)),
            x509.NameAttribute(NameOID.COMMON_NAME, _cut(common)),
        ]
    )


def _cut(words: str) -> str:
    return words.encode()[:LONGEST].decode(errors="ignore")


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, begins: datetime, years: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=365 * years))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
