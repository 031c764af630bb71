"""Above a form with mistakes stands what it kept: nobody is told that a password or a photo is still there."""

from __future__ import annotations

import re

import pytest

from volunteer.settings import ROOT

TEMPLATES = ROOT / "templates"
SUMMARY = re.compile(r"\{\{ error_summary\(errors([^}]*?)\) \}\}")
SECRET = re.compile(r'type="password"|autocomplete="one-time-code"')
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if SUMMARY.search(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_a_page_with_a_password_or_a_code_says_that_they_are_not_kept(path):
    page = path.read_text(encoding="utf-8")
    if SECRET.search(page):
        assert all('again="secrets"' in one for one in SUMMARY.findall(page))
    if 'type="file"' in page:
        assert all('again="files"' in one for one in SUMMARY.findall(page))
