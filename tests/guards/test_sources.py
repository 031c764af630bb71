"""What a reviewer of any file must remember, remembered here."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path.relative_to(ROOT) for path in (ROOT / "volunteer").rglob("*.py"))
TESTS = sorted(path.relative_to(ROOT) for part in ("tests", "tools", "benchmarks") for path in (ROOT / part).rglob("*.py"))
STYLES = sorted(path.relative_to(ROOT) for kind in ("*.css", "*.js") for path in (ROOT / "frontend").rglob(kind))
HTTP = re.compile(r"^(from|import) (flask|werkzeug|volunteer\.web)\b(?!\.models)", re.MULTILINE)
EDGE = {"pages.py", "api.py", "commands.py", "app.py", "cli.py", "scheduler.py"}
RULES = {
    "lifecycle.py",
    "rules.py",
    "tariff.py",
    "score.py",
    "assign.py",
    "stars.py",
    "statement.py",
    "evidence.py",
    "fit.py",
    "wording.py",
}
PURE = re.compile(r"^(from|import) (sqlalchemy|flask|volunteer\.kernel\.db)\b", re.MULTILINE)
FOR_OTHERS = {  # called by nothing of ours, and yet kept: for whom
    "balance_as_of": "the books asked in a shell; the statements are tested against it",
    "climb": "what whoever checks a proof does; docs/check_proof.py says the same without us",
    "from_wgs84": "the way back of to_wgs84: the two are tested against each other",
    "mark_read": "the messages' column, until a page shows what is new",
    "week_of": "boards of the tests and of the benchmarks",
}
MACHINE = re.compile(
    r"((?<!\w)/home/\w+/|/root/|/work/|\bissue #?\d|\bsession \d|registry\.npmjs|pypi\.org/simple|files\.pythonhosted)",
    re.IGNORECASE,
)


def is_edge(path: Path) -> bool:
    return path.name in EDGE or "pages" in path.parts or path.parts[1] == "web"


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=str)
def test_a_module_has_a_docstring_and_fits_on_a_few_screens(path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not text.strip() or text.startswith('"""')
    assert len(text.splitlines()) <= 400


@pytest.mark.parametrize("path", STYLES, ids=str)
def test_a_style_sheet_and_a_script_fit_on_a_few_screens(path: Path) -> None:
    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=str)
def test_a_file_says_what_it_holds(path: Path) -> None:
    assert path.stem not in {"common", "util", "utils", "helpers", "misc"}


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_every_public_thing_says_what_it_is(path: Path) -> None:
    silent = []
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node):
            is_view = is_edge(path) and isinstance(node, ast.FunctionDef) and node.decorator_list
            is_overload = any(isinstance(mark, ast.Name) and mark.id == "overload" for mark in node.decorator_list)
            if not is_view and not is_overload:
                silent.append(node.name)
    assert silent == []


def test_nothing_stands_that_nothing_calls() -> None:
    """A name of the programme that is written once, where it is defined, is called by nothing but perhaps a test."""
    texts = [(ROOT / path).read_text(encoding="utf-8") for path in SOURCES]
    callers = [ROOT / "wsgi.py", ROOT / "migrations/env.py", *(ROOT / "templates").rglob("*.html")]
    written = Counter(re.findall(r"\w+", "\n".join([*texts, *(path.read_text(encoding="utf-8") for path in callers)])))
    defined = [node for text in texts for node in ast.parse(text).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    uncalled = {node.name for node in defined if written[node.name] == 1 and not node.decorator_list}
    assert uncalled - set(FOR_OTHERS) == set()


@pytest.mark.parametrize("path", [path for path in SOURCES if not is_edge(path)], ids=str)
def test_only_the_edge_speaks_http(path: Path) -> None:
    assert not HTTP.search((ROOT / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name != "db.py"], ids=str)
def test_nobody_commits_below_the_edge(path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not re.search(r"\.commit\(", text)


@pytest.mark.parametrize("path", [path for path in SOURCES if not is_edge(path) and path.name != "clock.py"], ids=str)
def test_nobody_below_the_edge_asks_what_time_it_is(path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not re.search(r"datetime\.now\(|date\.today\(|time\.time\(|clock import .*\bnow\b|clock\.now\(", text)


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name in RULES or path.parts[1] == "matching"], ids=str)
def test_rules_know_no_database_clock_or_request(path: Path) -> None:
    assert not PURE.search((ROOT / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_every_flush_says_why(path: Path) -> None:
    for line in (ROOT / path).read_text(encoding="utf-8").splitlines():
        if ".flush()" in line and "file.flush" not in line:
            assert "#" in line, line


def test_nothing_names_a_machine_a_registry_or_how_it_was_made() -> None:
    here = Path(__file__).resolve()
    texts = [*SOURCES, *TESTS, *(path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*.md"))]
    texts += [Path(name) for name in ("README.md", "README.zh-CN.md", "CHANGES.md", "setup.cfg", "run")]
    found = [path for path in texts if (ROOT / path) != here and MACHINE.search((ROOT / path).read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize("path", [path for path in SOURCES if path.parts[1:] != ("web", "errors.py")], ids=str)
def test_only_one_place_puts_a_refusal_into_words(path: Path) -> None:
    """``explain`` fills in its names and numbers; a page that translates the message itself shows "%(name)s"."""
    assert not re.search(r"\b_\(\w+\.message\)", (ROOT / path).read_text(encoding="utf-8"))


def test_status_has_one_writer() -> None:
    """Only ServiceOrder.advance assigns an order's status, and only the book makes transfers."""
    status = re.compile(r"\border\.status\s*=[^=]|\.values\([^)]*status=")
    transfers = re.compile(r"\bTransfer\(|insert\(Transfer\)")
    for path in SOURCES:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert not status.search(text), path
        if path.parts[-2:] not in {("ledger", "book.py"), ("ledger", "models.py")}:
            assert not transfers.search(text), path


def test_every_file_to_keep_goes_through_the_one_door() -> None:
    """Only web/files.py makes a download, and it wants a fresh proof; what needs none is public, empty or its reader's own."""
    own_way = re.compile(r"Content-Disposition|as_attachment|download_name")
    texts = {path.as_posix(): (ROOT / path).read_text(encoding="utf-8") for path in SOURCES}
    assert [path for path, text in texts.items() if own_way.search(text)] == ["volunteer/web/files.py"]
    assert [path for path, text in texts.items() if "proof=False" in text and path != "volunteer/web/files.py"] == [
        "volunteer/certificates/pages/badges.py",
        "volunteer/certificates/pages/verify.py",
        "volunteer/exchange/pages/sheets.py",
    ]
