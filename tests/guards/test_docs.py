"""What the documents point at exists: files, functions, tests; and the security page answers every check."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted(path.relative_to(ROOT) for path in [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("README*.md")])
FOLDERS = ("volunteer", "tests", "templates", "frontend", "tools", "benchmarks", "migrations", "docs", "requirements")
FILES = [
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
    if "__pycache__" not in path.parts
]
TESTS = set(
    re.findall(
        r"^ *def (test_\w+)", "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("*.py")), re.MULTILINE
    )
)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
PATH = re.compile(
    r"[\w./-]+\.(?:py|html|md|toml|css|js|mjs|typ|png|svg|txt|in|cfg|mako)|(?:{})/[\w./-]*".format("|".join(FOLDERS))
)
IN_FILE = re.compile(r"([\w./-]+\.py): (\w+)")
CHECKS = 48


def resolved(name: str) -> list[str]:
    """The files that ``name`` may mean: written from the root, or by its end (``orders/placing.py``, ``jobs.py``)."""
    name = name.removeprefix("./").rstrip("/")
    return [path for path in FILES if path == name or path.endswith(f"/{name}")]


@pytest.mark.parametrize("doc", DOCS, ids=str)
def test_every_file_that_a_document_names_exists(doc: Path) -> None:
    text = (ROOT / doc).read_text(encoding="utf-8")
    named = {path for code in CODE.findall(text) for path in re.split(r"[\s,:→]+", code) if PATH.fullmatch(path)}
    assert sorted(path for path in named if not resolved(path)) == []
    linked = set(LINK.findall(text))
    assert sorted(link for link in linked if not (ROOT / doc.parent / link).exists()) == []


@pytest.mark.parametrize("doc", DOCS, ids=str)
def test_every_function_that_a_document_names_stands_in_its_file(doc: Path) -> None:
    for name, function in IN_FILE.findall((ROOT / doc).read_text(encoding="utf-8")):
        texts = [(ROOT / path).read_text(encoding="utf-8") for path in resolved(name)]
        assert any(re.search(rf"\b(def|class) {function}\b", text) for text in texts), f"{name}: {function}"


@pytest.mark.parametrize("doc", DOCS, ids=str)
def test_every_test_that_a_document_names_exists(doc: Path) -> None:
    named = {code for code in CODE.findall((ROOT / doc).read_text(encoding="utf-8")) if re.fullmatch(r"test_\w+", code)}
    assert sorted(named - TESTS) == []


def test_the_security_page_answers_every_check_with_a_test_or_a_reason() -> None:
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    rows = {int(row[0]): row[1] for row in re.findall(r"^\| (\d+) \| (.*)$", text, re.MULTILINE)}
    assert sorted(rows) == list(range(1, CHECKS + 1))
    silent = [number for number, row in rows.items() if not re.search(r"`(tests/|test_|\./run)|Not yet: |not yet", row)]
    assert silent == []
