"""Checks a certificate's QR code without us. Needs: pip install base45 cbor2 cryptography.

Usage: python check_certificate.py keys.json 'HTTPS://…#VH1:…' [status.json]
"""

import hashlib
import json
import sys
from base64 import urlsafe_b64decode
from pathlib import Path
from urllib.parse import unquote

import base45
import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NAMES = ["number", "name", "document", "first", "last", "minutes", "times", "unit", "issued", "digest", "signed", "kind", "stars"]


def main(keys_file: str, scanned: str, status_file: str = "") -> None:
    """Print what was signed, or stop with the reason why nothing is proved."""
    keys = {key["kid"]: key for key in json.loads(Path(keys_file).read_text(encoding="utf-8"))["keys"]}
    text = unquote(scanned.partition("#")[2]) if "#" in scanned else scanned
    cose = base45.b45decode(text.removeprefix("VH1:"))
    protected, _, payload, signature = cbor2.loads(cose).value
    header = cbor2.loads(protected)
    key = keys.get(header[4].hex())
    if header[1] != -8 or key is None:  # -8: EdDSA
        sys.exit("Not signed by any of these keys.")
    verify(key, signature, cbor2.dumps(["Signature1", protected, b"", payload]))
    claims = {NAMES[label - 1]: value for label, value in cbor2.loads(payload).items()}
    if claims["signed"] < key["begins"] or (key["ends"] is not None and claims["signed"] > key["ends"]):
        sys.exit("Signed outside the time in which this key was in use.")
    claims["digest"] = claims["digest"].hex()
    for name, value in claims.items():
        sys.stdout.write(f"{name}: {value}\n")  # first, last and issued are days since 1970-01-01
    if status_file:
        listed = json.loads(Path(status_file).read_text(encoding="utf-8"))
        verify(keys[listed["kid"]], urlsafe_b64decode(listed["signature"] + "=="), b"VH1-STATUS\n" + listed["statement"].encode())
        said = json.loads(listed["statement"])
        mark = hashlib.sha256(f"{claims['number']:013d}:{claims['digest']}".encode()).digest()[:16].hex()
        standing = next((word for word in ("revoked", "replaced") if mark in said[word]), "neither revoked nor replaced")
        sys.stdout.write(f"as of {said['as_of']}: {standing}\n")


def verify(key: dict[str, str], signature: bytes, message: bytes) -> None:
    """Stop unless ``key`` signed ``message``."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key["public"])).verify(signature, message)
    except InvalidSignature:
        sys.exit("The signature is false.")


main(*sys.argv[1:])
