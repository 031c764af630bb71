"""Above a form with mistakes stands what it kept: nobody is told that a password or a photo is still there."""

from __future__ import annotations

import re

import pytest

from volunteer.settings import ROOT

TEMPLATES = ROOT / "templates"
SUMMARY = re.compile(r"\{\{ (?:error_summary|complaints)\(errors([^}]*?)\) \}\}")
SECRET = re.compile(r'type="password"|autocomplete="one-time-code"')
PHOTOS = re.compile(r'photos(_input)?\("')
KEPT = frozenset({"orders/new.html", "feedback/speak.html"})  # photos of a request or a complaint are still there
WORDS = {path: path.read_text(encoding="utf-8") for path in sorted(TEMPLATES.rglob("*.html")) if path.parent.name != "parts"}
PAGES = [path for path, words in WORDS.items() if SUMMARY.search(words)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_a_form_with_a_password_a_code_or_a_photo_says_that_they_are_not_kept(path):
    page = WORDS[path]
    if SECRET.search(page):
        assert all('again="secrets"' in one for one in SUMMARY.findall(page))
    if path.relative_to(TEMPLATES).as_posix() not in KEPT and ('type="file"' in page or PHOTOS.search(page)):
        assert all('again="files"' in one for one in SUMMARY.findall(page))
