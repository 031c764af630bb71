"""Proofs that leave the house: a short script of the standard library and one package checks them, and nothing of ours."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from datetime import timedelta

import pytest

from tests.flows.test_chain import MIDNIGHT, NOON, post
from tests.support.services import ROOT
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.ledger import chaining, checkpoints, keys, proving
from volunteer.ledger.models_keys import Purpose

SCRIPT = ROOT / "docs/check_proof.py"


def run(tmp_path, proof, *more):
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(proof, ensure_ascii=False), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-I", SCRIPT, file, *more], capture_output=True, text=True, check=False, cwd=tmp_path, env={}
    )


@pytest.fixture
def books(session, monkeypatch):
    """Eleven entries in blocks of three, signed, then one more that is not."""
    monkeypatch.setattr(chaining, "BATCH", 3)
    made = [post(session, number) for number in range(1, 12)]
    while chaining.seal(session, at=NOON):
        pass
    checkpoints.sign(session, day=NOON.date(), at=MIDNIGHT)
    late = post(session, 12)
    return made, late


def test_the_script_is_short_and_stands_alone():
    lines = SCRIPT.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 60
    assert not any("volunteer" in line for line in lines)


def test_every_entry_is_proved_to_a_stranger(session, books, tmp_path):
    made, _ = books
    for transfer in (made[0], made[5], made[10]):
        proof = proving.prove(session, transfer.id)
        done = run(tmp_path, proof)
        assert done.returncode == 0, done.stderr
        assert f'"id":{transfer.id}' in done.stdout
        assert "2026-11-20" in done.stdout
        assert run(tmp_path, proof, "--key", proof["public_key"]).returncode == 0


def test_the_published_keys_decide_whose_signature_counts(session, books, tmp_path, sqlite):
    made, _ = books
    proof = proving.prove(session, made[3].id)
    from volunteer.ledger.pages.books import _jwk

    published = tmp_path / "keys.json"
    published.write_text(json.dumps({"keys": [_jwk(key) for key in keys.published(session)]}))
    assert run(tmp_path, proof, "--keys", str(published)).returncode == 0
    other = keys.make(session, Purpose.LEDGER, at=NOON)
    assert run(tmp_path, proof, "--key", other.public.hex()).returncode == 1
    published.write_text('{"keys": []}')
    assert run(tmp_path, proof, "--keys", str(published)).returncode == 1


def turned(digits):
    """Return hexadecimal digits of which the last two are others, whatever they were."""
    return digits[:-2] + ("00" if digits[-2:] != "00" else "01")


def spoilt(proof):
    """Yield the proof with one thing changed, and what that is."""
    for name in ("transfer", "checkpoint"):
        for old, new in (
            ('"amount":14', '"amount":140'),
            ("person:4", "person:3"),
            ('"links":11', '"links":12'),
            ("2026-11-20", "2026-11-21"),
        ):
            if old in proof[name]:
                yield f"{name} {old}", {**proof, name: proof[name].replace(old, new)}
    for tree in ("in_block", "in_books"):
        for what, change in (
            ("index", lambda way: {**way, "index": way["index"] + 1}),
            ("size", lambda way: {**way, "size": way["size"] + 1}),
            ("path cut", lambda way: {**way, "path": way["path"][:-1]}),
            ("path longer", lambda way: {**way, "path": [*way["path"], "00" * 32]}),
            ("path turned", lambda way: {**way, "path": way["path"][::-1]}),
            ("path other", lambda way: {**way, "path": [turned(way["path"][0]), *way["path"][1:]]}),
        ):
            yield f"{tree} {what}", {**proof, tree: change(copy.deepcopy(proof[tree]))}
    yield "signature", {**proof, "signature": turned(proof["signature"])}
    yield "key", {**proof, "public_key": turned(proof["public_key"])}
    yield "nothing", {}


def test_no_changed_proof_is_believed(session, books, tmp_path):
    made, _ = books
    proof = proving.prove(session, made[3].id)
    assert run(tmp_path, proof).returncode == 0
    tried = 0
    for what, wrong in spoilt(proof):
        done = run(tmp_path, wrong)
        assert (done.returncode, done.stderr[:5]) == (1, "WRONG"), what
        tried += 1
    assert tried >= 19


def test_another_key_of_the_same_county_signs_no_books_of_its_own(session, books, tmp_path):
    """Somebody who can sign with a key of their own only convinces whoever trusts the key in the file."""
    made, _ = books
    proof = proving.prove(session, made[3].id)
    mine = keys.make(session, Purpose.BADGE, at=NOON)
    said = json.loads(proof["checkpoint"]) | {"kid": mine.kid}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    forged = {
        **proof,
        "checkpoint": text,
        "signature": keys.sign(session, mine, text.encode()).hex(),
        "public_key": mine.public.hex(),
    }
    assert run(tmp_path, forged).returncode == 0
    assert run(tmp_path, forged, "--key", proof["public_key"]).returncode == 1


def test_what_is_not_signed_yet_or_not_there_is_said(session, books):
    _, late = books
    with pytest.raises(Conflict, match="no signed checkpoint"):
        proving.prove(session, late.id)
    with pytest.raises(NotFound):
        proving.prove(session, 10**6)
    checkpoints.sign(session, day=NOON.date() + timedelta(days=1), at=MIDNIGHT + timedelta(days=1))
    assert json.loads(proving.prove(session, late.id)["checkpoint"])["number"] == 2
