"""The county's own authority, made once; from then on PDFs are signed, and the command that checks them says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.rules.test_certificate_paper import HOME, some_facts
from volunteer.certificates.printing import Sheet, signer_in
from volunteer.kernel.clock import now


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """Where the keys of this test's installation lie."""
    before, here = app.config["SETTINGS"], tmp_path / "authority"
    app.config["SETTINGS"] = replace(before, pdf_key_file=here / "centre.p12", pdf_password_file=here / "password")
    yield here
    app.config["SETTINGS"] = before


def test_the_authority_is_made_once_and_signs_what_the_check_believes(app, folder, tmp_path):
    def run(*words):
        with app.app_context():
            return app.test_cli_runner().invoke(args=["certificates", *words])

    made = run("authority")
    assert made.exit_code == 0, made.output
    assert {path.name for path in folder.iterdir()} == {"centre.p12", "password", "root.pem"}
    assert "nothing was changed" in run("authority").output

    signer = signer_in(folder / "centre.p12", folder / "password")
    pdf = Sheet(some_facts(issued=now().date().isoformat()), HOME, None, signer).pdf()
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(pdf)
    bad.write_bytes(pdf.replace(b"2026", b"2036", 1) if b"2026" in pdf else pdf[:-30] + b"x" + pdf[-29:])
    assert "unchanged; trusted" in run("check", str(good)).output
    refused = run("check", str(bad))
    assert refused.exit_code == 1
