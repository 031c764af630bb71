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


def columns() -> Iterator[tuple[tuple[str, str], tuple[str, str], str]]:
    """Yield every column whose type comes from a lifecycle: that type, its model, each with where it stands, and its name."""
    for path, tree in TREES.items():
        known = imported(tree)
        for model in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
            for node in model.body:
                if (
                    isinstance(node, ast.AnnAssign)
                    and isinstance(node.annotation, ast.Subscript)
                    and isinstance(node.target, ast.Name)
                ):
                    kind = node.annotation.slice.id if isinstance(node.annotation.slice, ast.Name) else ""
                    if kind.endswith(("State", "Status", "Answer")) and known.get(kind, ("", ""))[0].endswith("lifecycle"):
                        yield known[kind], (module_of(path), model.name), node.target.id


def imported(tree: ast.Module) -> dict[str, tuple[str, str]]:
    """Return what a module takes from others, by the name it has there."""
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


COLUMNS: dict[tuple[str, str], set[str]] = {}
for state, model, name in columns():
    COLUMNS.setdefault(state, set()).add(name)
    COLUMNS.setdefault(model, set()).add(name)


def set_by_hand(tree: ast.Module) -> Iterator[str]:
    """Yield every assignment to such a column, in a module that knows its states or its model, of what is not the table's."""
    handled = {name for known in imported(tree).values() for name in COLUMNS.get(known, ())}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                found = {
                    one.attr for one in ast.walk(target) if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store)
                }
                if found & handled and not from_the_table(node.value):
                    yield f"{node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"setattr", "set_value", "values"}:
            named = {one.value for one in node.args if isinstance(one, ast.Constant)} & handled
            given = [one.value for one in node.keywords if one.arg in handled]
            if (named and not any(map(from_the_table, node.args))) or not all(map(from_the_table, given)):
                yield f"{node.lineno}: {ast.unparse(node)}"


def from_the_table(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func).split(".")[-1].startswith("next")


def test_the_states_of_lifecycles_are_found() -> None:
    known = {f"{module.split('.')[-2]}.{name}" for module, name in COLUMNS}
    assert {"orders.Status", "merging.PairState", "recognition.HomeState", "batches.BatchState", "ledger.ClaimState"} <= known
    assert {"orders.OfferState", "visits.VisitorState", "visits.AbsenceState", "rulebook.ApplicationState"} <= known
    assert {"plans.RunState", "plans.LineState", "households.StandingState", "households.MoveState"} <= known
    assert {"exchange.State", "afterwards.WordsState", "teams.Answer"} <= known


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_a_status_comes_from_its_table(path: Path) -> None:
    assert list(set_by_hand(TREES[path])) == []


def test_a_status_set_by_hand_is_found() -> None:
    heads = (
        "from volunteer.recognition.lifecycle import HomeState\n",
        "from volunteer.recognition.models_homes import HomeMember\n",
    )
    wrong = ("seat.state = HomeState.LEFT", "seat.state, seat.until = state, at", "setattr(seat, 'state', state)")
    for line in (*wrong, "update(Seat).where(*left).values(state=HomeState.LEFT, until=at)"):
        assert all(list(set_by_hand(ast.parse(head + line))) for head in heads)
    for line in ("self.state = SEATS.next(self.state, action)", "update(Seat).values(state=SEATS.next(state, action), until=at)"):
        assert not any(list(set_by_hand(ast.parse(head + line))) for head in heads)
