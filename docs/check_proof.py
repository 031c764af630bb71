"""Check a proof that an entry stands in a county's signed books: python check_proof.py PROOF.json [--key HEX | --keys keys.json]

Needs Python and the package "cryptography", nothing of ours. Without --key or --keys: compare the key with the published ones.
"""

import hashlib
import json
import sys
from base64 import urlsafe_b64decode
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def must(holds, words):
    if not holds:
        raise ValueError(words)


def climb(leaf, index, size, path):
    """Return the root of the Merkle tree in which ``leaf`` stands (RFC 9162, 2.1.3.2)."""
    must(0 <= index < size, "no such place in the tree")
    last = size - 1
    for beside in map(bytes.fromhex, path):
        must(last > 0, "the path is too long")
        if index & 1 or index == last:
            leaf = hashlib.sha256(b"\x01" + beside + leaf).digest()
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            leaf = hashlib.sha256(b"\x01" + leaf + beside).digest()
        index, last = index >> 1, last >> 1
    must(last == 0, "the path is too short")
    return leaf


def check(proof, option="", value=""):
    """Return what a right proof says; raise something for any other."""
    said, public, signed, since = json.loads(proof["checkpoint"]), proof["public_key"], proof["checkpoint"].encode(), ""
    block = climb(hashlib.sha256(b"\x00" + proof["transfer"].encode()).digest(), **proof["in_block"])
    root = climb(hashlib.sha256(b"\x00" + block + proof["in_block"]["size"].to_bytes(8, "big")).digest(), **proof["in_books"])
    must((root.hex(), proof["in_books"]["size"]) == (said["root"], said["block"]), "these are not the books that were signed")
    if option == "--keys":
        one = next(k for k in json.loads(Path(value).read_bytes())["keys"] if [k["kid"], k["purpose"]] == [said["kid"], "ledger"])
        value, since = urlsafe_b64decode(one["x"] + "=").hex(), one.get("revoked_from") or ""
    must(not since or said["at"] < since, f"its key is revoked from {since} on")
    must(option == "" or (option in {"--key", "--keys"} and value == public), "it is signed by another key")
    must(hashlib.sha256(bytes.fromhex(public)).hexdigest()[:16] == said["kid"], "it names another key")
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(proof["signature"]), signed)
    but = since and f"\nBUT its key is revoked from {since} on, and who has it writes any date: ask for a new proof"
    return f"RIGHT: {proof['transfer']}\nstands in the books of {said['day']}, signed by key {said['kid']} = {public}{but}"


if __name__ == "__main__":
    try:
        sys.stdout.write(check(json.loads(Path(sys.argv[1]).read_text("utf-8")), *sys.argv[2:4]) + "\n")
    except IndexError:
        sys.exit(__doc__)
    except Exception as why:
        sys.exit(f"WRONG: {why!r}")
