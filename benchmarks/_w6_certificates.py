"""W6: a thousand certificates from frozen facts to signed PDFs, against typst alone with everything laid out for it.

Ours signs the text of the QR code (Ed25519), draws the code, words the paper, prints it and signs the PDF (PAdES). The reference
is typst with the same template and the same finished words. Both take turns, fifty by fifty.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.figure import Figures
from volunteer.certificates import authority, render, signatures, signers
from volunteer.certificates.printing import Code, Sheet
from volunteer.certificates.rules import new_number
from volunteer.certificates.signing import signed_text
from volunteer.certificates.statement import Entry, as_facts, digest, state

HOME = "https://wenming.example.org"
LAST = date(2026, 11, 19)
AT = datetime(2026, 11, 20, 4, tzinfo=UTC)
TURN = 50
Facts = dict[str, object]


def certificates(figures: Figures, *, quick: bool, url: str | None) -> None:
    """Print the time of one certificate, and of one in a file that holds them all."""
    count = 2 * TURN if quick else 1_000
    facts = [a_certificate(number) for number in range(count)]
    secret = Ed25519PrivateKey.generate()
    with tempfile.TemporaryDirectory() as folder:
        made = authority.make("演示县新时代文明实践中心", at=AT)
        path = Path(folder) / "centre.p12"
        path.write_bytes(made.centre_p12)
        signer = signers.read(path, made.password)

    def ours(one: Facts) -> tuple[bytes, Code]:
        claims = signatures.claims_of(one, digest(one), AT)
        code = Code("c5d0a1b2c3d4e5f6", signed_text(claims, "c5d0a1b2c3d4e5f6", secret.sign))
        return Sheet(one, HOME, code, signer).pdf(), code

    ours(facts[0])  # the typeface is read once
    times: dict[str, list[float]] = {"ours": [], "typst": []}
    codes: list[Code] = []
    for begins in range(0, count, TURN):
        some = facts[begins : begins + TURN]
        started = time.perf_counter()
        done = [ours(one)[1] for one in some]
        times["ours"].append((time.perf_counter() - started) / len(some))
        codes += done
        words = [render.paper(one, HOME, code) for one, code in zip(some, done, strict=True)]
        started = time.perf_counter()
        for one in words:
            render.compiled(render.PAPER, "paper", one, LAST)
        times["typst"].append((time.perf_counter() - started) / len(some))
    mine, typst = (statistics.median(times[who]) for who in ("ours", "typst"))
    what = f"typst alone; {count} PDFs with signed QR and PAdES, {sum(times['ours']) * TURN:.1f} s in all"
    figures.ratio("W6.each", mine, typst, what, at_most=1.3)

    started = time.perf_counter()
    whole = render.render_many(list(zip(facts, codes, strict=True)), HOME, "W6", "W6")
    together = (time.perf_counter() - started) / count
    figures.ratio(
        "W6.joined", together, typst, f"typst one by one; {count} in one file of {len(whole) / 1e6:.0f} MB", at_most=1.0
    )


def a_certificate(number: int) -> Facts:
    """Facts of one volunteer with a year of services; no two alike."""
    kinds = (("水电维修", "Repairs"), ("陪诊就医", "Hospital visits"), ("理发", "Haircuts"))
    entries = [
        Entry(
            day=LAST - timedelta(days=9 * n + number % 9), service=kinds[(n + number) % 3], content=("换灯管", "New lamp"),
            place=("鲈乡站", "Luxiang"), unit=("松陵街道文明实践所", "Songling Branch"), unit_path="/1/12/",
            minutes=60 + (7 * n + number) % 50, grade="abc"[(n + number) % 3],
        )
        for n in range(5 + number % 11)
    ]  # fmt: skip
    return as_facts(state(entries, LAST - timedelta(days=364), LAST, "abc")) | {
        "kind": "service", "locale": "zh_Hans", "number": new_number(LAST), "issued": "2026-11-20",
        "holder": {"name": f"陈晓{chr(0x4E00 + number)}", "document": "3205************1X", "number": f"WJ-{number:08d}"},
        "unit": ["演示县松陵街道文明实践所", "Songling Branch"], "in_charge": "沈明", "handler": "", "contact": "0512-00000000",
    }  # fmt: skip
