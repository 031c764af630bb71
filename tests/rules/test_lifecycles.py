"""Every table of legal moves: what is in it leads on, and everything else is refused in words, never in silence."""

from __future__ import annotations

import importlib
from enum import StrEnum
from pathlib import Path
from typing import cast

import pytest

from volunteer.kernel.errors import Conflict
from volunteer.kernel.lifecycle import Lifecycle

ROOT = Path(__file__).resolve().parents[2]


def tables():
    for path in sorted((ROOT / "volunteer").rglob("lifecycle.py")):
        inside = vars(importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)))
        for name, value in inside.items():
            for one in value.values() if isinstance(value, dict) else [value]:
                if isinstance(one, Lifecycle):
                    yield f"{path.parent.name} {name}", one


def pairs():
    for name, lifecycle in tables():
        states, acts = (list(cast("type[StrEnum]", type(one))) for one in next(iter(lifecycle.table)))
        for state in states:
            for act in acts:
                sentence = f"{name}: {state.value} may {'' if (state, act) in lifecycle.table else 'not '}{act.value}"
                yield pytest.param(lifecycle, state, act, id=sentence)


@pytest.mark.parametrize(("lifecycle", "state", "act"), [one for one in pairs() if " may not " not in one.id])
def test_what_is_in_the_table_leads_on(lifecycle, state, act):
    assert lifecycle.allows(state, act)
    assert lifecycle.next(state, act) is lifecycle.table[state, act]


@pytest.mark.parametrize(("lifecycle", "state", "act"), [one for one in pairs() if " may not " in one.id])
def test_whatever_is_not_in_the_table_is_refused_in_words(lifecycle, state, act):
    assert not lifecycle.allows(state, act)
    with pytest.raises(Conflict) as refused:
        lifecycle.next(state, act)
    assert refused.value.code == lifecycle.code
    assert refused.value.message in {lifecycle.words, lifecycle.said.get(state)}
    assert refused.value.context == {"status": state.value, "action": act.value}


@pytest.mark.parametrize(("name", "lifecycle"), list(tables()))
def test_no_state_is_cut_off_and_no_act_leads_nowhere(name, lifecycle):
    states, acts = (list(cast("type[StrEnum]", type(one))) for one in next(iter(lifecycle.table)))
    in_use = {state for (before, _), after in lifecycle.table.items() for state in (before, after)}
    if not name.startswith("partners TRANSFERS"):  # each side has states and acts of its own
        assert in_use == {*states}
        assert {act for _, act in lifecycle.table} | ({act for act in acts if act in in_use}) == {*acts}
