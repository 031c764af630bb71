"""Where an entry that came over from another entry of the same person was first booked.

A merge posts every entry once more, from the account that goes to the one that stays, with its day, evidence and rules.
Its key ("merge:3:88") names the merge and the entry that it carries on.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, joinedload

from volunteer.ledger.models import Transfer

MERGE = "merge"


def key_of(merge_id: int, transfer_id: int) -> str:
    """Return under which key a merge carries an entry over."""
    return f"{MERGE}:{merge_id}:{transfer_id}"


def carried_from(transfer: Transfer) -> int | None:
    """Return the number of the entry that ``transfer`` carries over, None for one that stands for itself."""
    kind, _, rest = transfer.key.partition(":")
    number = rest.partition(":")[2]
    return int(number) if transfer.reason == MERGE and kind == MERGE and number.isdecimal() else None


def origins(session: Session, transfers: Iterable[Transfer]) -> dict[int, Transfer]:
    """Return for the number of each of ``transfers`` the entry as it was first booked; itself for most."""
    found = {transfer.id: transfer for transfer in transfers}
    while wanted := {one: before for one, row in found.items() if (before := carried_from(row)) is not None}:
        rows = select(Transfer).where(Transfer.id.in_(set(wanted.values()))).options(joinedload(Transfer.source))
        earlier = {row.id: row for row in session.scalars(rows)}
        found |= {one: earlier[before] for one, before in wanted.items()}
    return found


def line_of(session: Session, transfer: Transfer) -> list[Transfer]:
    """Return ``transfer`` and every entry that it carries on, the latest first."""
    line = [transfer]
    while (before := carried_from(line[-1])) is not None:
        line.append(session.get_one(Transfer, before))
    return line


def standing_of(session: Session, transfer: Transfer) -> Transfer:
    """Return the entry under which ``transfer`` stands now: itself, or of a merged person the one that carries it on."""
    again = aliased(Transfer)
    undone = select(again.id).where(again.reverses_id == Transfer.id).exists()
    carried = (Transfer.reason == MERGE, Transfer.unit == transfer.unit, Transfer.key.like(f"{MERGE}:%:{transfer.id}"), ~undone)
    later = session.scalar(select(Transfer).where(Transfer.source_id == transfer.target_id, *carried))
    return transfer if later is None else standing_of(session, later)
