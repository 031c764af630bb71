"""A status changes by its table, and by nothing else: who sets it by hand is found here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path.relative_to(ROOT) for path in (ROOT / "volunteer").rglob("*.py"))
TREES = {path: ast.parse((ROOT / path).read_text(encoding="utf-8")) for path in SOURCES}


def module_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts)


def columns() -> Iterator[tuple[tuple[str, str], str]]:
    """Yield every column whose type comes from a lifecycle: where that stands and what it is called, and the column's name."""
    for tree in TREES.values():
        known = imported(tree)
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.AnnAssign)
                and isinstance(node.annotation, ast.Subscript)
                and isinstance(node.target, ast.Name)
            ):
                kind = node.annotation.slice
                if ast.unparse(node.annotation.value) == "Mapped" and isinstance(kind, ast.Name) and kind.id in known:
                    yield known[kind.id], node.target.id


def imported(tree: ast.Module) -> dict[str, tuple[str, str]]:
    """Return what a module takes from lifecycles, by the name it has there."""
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.endswith("lifecycle")
        for alias in node.names
    }


COLUMNS = dict(columns())


def set_by_hand(tree: ast.Module) -> Iterator[str]:
    """Yield every assignment to such a column outside ``advance``: the value names its state, or the module handles it."""
    names = imported(tree)
    handled = {COLUMNS[known] for known in names.values() if known in COLUMNS}
    writers = {
        inside
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "advance"
        for inside in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node not in writers:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                for one in ast.walk(target):
                    if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store) and one.attr in handled:
                        yield f"{node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"setattr", "set_value", "values"}:
            texts = [one.value for one in node.args if isinstance(one, ast.Constant)] + [one.arg for one in node.keywords]
            if handled & set(texts) and ".next(" not in ast.unparse(node):
                yield f"{node.lineno}: {ast.unparse(node)}"


def test_the_states_of_lifecycles_are_found() -> None:
    known = {f"{module.split('.')[-2]}.{name}" for module, name in COLUMNS}
    assert {"orders.Status", "merging.PairState", "recognition.HomeState", "batches.BatchState", "ledger.ClaimState"} <= known


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_a_status_is_set_by_advance_alone(path: Path) -> None:
    assert list(set_by_hand(TREES[path])) == []


def test_a_status_set_by_hand_is_found() -> None:
    head = "from volunteer.recognition.lifecycle import HomeState\n"
    for line in ("seat.state = HomeState.LEFT", "seat.state, seat.until = state, at", "setattr(seat, 'state', state)"):
        assert list(set_by_hand(ast.parse(head + line)))
    assert not list(set_by_hand(ast.parse(head + "def advance(self):\n    self.state = SEATS.next(self.state, action)")))
