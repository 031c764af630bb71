"""What a sheet would do to the county: each row new, changed or the same, compared with what is there. Reads only."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from volunteer.access import Actor
from volunteer.exchange.columns import Checked, Draft, Fault, Sheet, Values, Wrong, same
from volunteer.exchange.kinds.base import Context, Existing, Kind, OfKind
from volunteer.exchange.models import What
from volunteer.kernel.errors import DomainError, Invalid
from volunteer.kernel.words import N_

MOST_FAULTS = 2_000
CLOSED = N_("This is closed. Please open it again by its page first.")
NOT_YOURS = N_("This code belongs to somebody else's place.")


@dataclass(frozen=True)
class Change:
    """What one row does. ``values`` are whole; ``columns`` are those that differ from ``existing``."""

    row: int
    what: What
    values: Values
    existing: Existing | None = None
    columns: frozenset[str] = frozenset()


@dataclass
class Plan:
    """What the whole sheet does."""

    context: Context
    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def count(self, what: What) -> int:
        """Return how many rows do that."""
        return sum(1 for change in self.changes if change.what is what)

    @property
    def digest(self) -> str:
        """A hash of what it does: the same sheet against the same county gives the same."""
        lines = [(one.row, one.what, one.existing and one.existing.thing, sorted(one.columns)) for one in self.changes]
        return hashlib.sha256(json.dumps(lines).encode()).hexdigest()


def plan(session: Session, actor: Actor, kind: Kind, checked: Checked, *, at: datetime) -> Plan:
    """Return what the checked rows would do, with whatever the packages below would refuse as faults."""
    context = kind.context(session, actor, checked.drafts, at)
    made = Plan(context, faults=list(checked.faults))
    wrong = {fault.row for fault in checked.faults}
    seen: dict[tuple[Any, ...], int] = {}
    for draft in checked.drafts:
        if draft.row in wrong:
            continue
        if len(made.faults) >= MOST_FAULTS:
            break
        try:
            made.changes.append(_change(kind, draft, context, seen))
        except (Wrong, DomainError) as error:
            made.faults += faults_of(kind.sheet, draft.row, error)
    made.faults.sort(key=lambda fault: fault.row)
    return made


def faults_of(sheet: Sheet, row: int, error: Wrong | DomainError) -> list[Fault]:
    """Return the faults of one row that a refusal says."""
    keys = {column.key for column in sheet.columns}
    if isinstance(error, OfKind):
        return [Fault(row, error.column, error.message, error.params)]
    if isinstance(error, Wrong):
        return [Fault(row, "", error.message, error.params)]
    if isinstance(error, Invalid) and error.fields:
        return [
            Fault(row, name if name in keys else "", words, error.context)
            for name, listed in error.fields.items()
            for words in listed
        ]
    return [Fault(row, "", error.message, error.context)]


def _change(kind: Kind, draft: Draft, context: Context, seen: dict[tuple[Any, ...], int]) -> Change:
    sheet = kind.sheet
    values = kind.settle(draft.values, context)
    key = tuple(values.get(name) for name in sheet.key)
    if key in seen:
        raise OfKind(sheet.key[0], N_("This is the same as in row %(other)s."), other=seen[key])
    seen[key] = draft.row
    existing = context.current.get(key)
    if existing is None:
        whole = {column.key: column.default for column in sheet.columns if column.key != "datum"} | values
        kind.judge(whole, None, context)
        return Change(draft.row, What.NEW, whole)
    if not existing.mine:
        raise OfKind(sheet.key[-1], NOT_YOURS)
    if existing.closed:
        raise OfKind(sheet.key[-1], CLOSED)
    given = {name: value for name, value in values.items() if not (_is_empty(value) and sheet.column(name).kept)}
    whole = existing.values | given
    columns = frozenset(name for name in given if not same(given[name], existing.values.get(name)))
    if not columns:
        return Change(draft.row, What.SAME, whole, existing)
    kind.judge(whole, existing, context)
    return Change(draft.row, What.CHANGED, whole, existing, columns)


def _is_empty(value: Any) -> bool:
    return value in (None, "", ())
