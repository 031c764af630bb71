"""Two books brought to agreement: what hangs is asked about, each day's lists are compared, and differences wait for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.kernel.checks import reason_of
from volunteer.kernel.db import insert_into, load, lock
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.rewards.partners import calls
from volunteer.rewards.partners.lifecycle import Sender
from volunteer.rewards.partners.models import CallKind, Exchange, Partner, PartnerCall, PartnerDifference
from volunteer.rewards.partners.rules import WIRE, Difference, Entry, compare

PAGE = 100
HANGS = timedelta(hours=1)
SIDES = (Sender.CENTRE, Sender.PARTNER)


def day_list(session: Session, partner_id: int, sender: Sender, day: date, after: str) -> tuple[list[Entry], bool]:
    """Return one page of a day's transfers in the order of their ids, and whether there are more."""
    mine = (Exchange.partner_id == partner_id, Exchange.sender == sender, Exchange.day == day, Exchange.wire > after)
    rows = session.scalars(select(Exchange).where(*mine).order_by(Exchange.wire).limit(PAGE + 1)).all()
    return [as_entry(row) for row in rows[:PAGE]], len(rows) > PAGE


def as_entry(row: Exchange) -> Entry:
    """Return a transfer as it stands in a list."""
    return Entry(row.sender.value, row.wire, row.status.value, row.ours, row.theirs)


def as_facts(entry: Entry) -> dict[str, Any]:
    """Return an entry as it travels."""
    points = {"centre": entry.ours, "partner": entry.theirs}
    return {"id": entry.wire, "sender": entry.sender, "status": entry.status, "points": points}


def ask_state(session: Session, exchange: Exchange, *, at: datetime) -> None:
    """Ask the partner how a transfer stands over there."""
    calls.queue(
        session, exchange.partner_id, CallKind.STATE, at=at, exchange=exchange, id=exchange.wire, sender=exchange.sender.value
    )


def ask_day(session: Session, partner: Partner, day: date, *, at: datetime) -> None:
    """Ask for both lists of a day, from their beginnings."""
    for sender in SIDES:
        calls.queue(session, partner.id, CallKind.DAY, at=at, day=day.isoformat(), sender=sender.value, after="")


def read_day(session: Session, call: PartnerCall, said: dict[str, Any], *, at: datetime) -> bool:
    """Compare one page of the partner's list with our own; ask for the next. False when it cannot be read."""
    theirs = _entries(said.get("transfers"), str(call.data["sender"]), str(call.data["after"]))
    more = said.get("more")
    if theirs is None or not isinstance(more, bool) or (more and not theirs):
        return False
    day, sender, after = date.fromisoformat(call.data["day"]), Sender(call.data["sender"]), str(call.data["after"])
    mine = select(Exchange).where(Exchange.partner_id == call.partner_id, Exchange.sender == sender, Exchange.day == day)
    mine = mine.where(Exchange.wire > after)
    if more:
        mine = mine.where(Exchange.wire <= theirs[-1].wire)
    ours = [as_entry(row) for row in session.scalars(mine.limit(100 * PAGE))]
    for kind, (_, wire), here, there in compare(ours, theirs):
        _note(session, call.partner_id, sender.value, wire, kind, day, here, there, at)
    if more:
        calls.queue(
            session, call.partner_id, CallKind.DAY, at=at, day=day.isoformat(), sender=sender.value, after=theirs[-1].wire
        )
    return True


def differs(session: Session, exchange: Exchange, status: str | None, *, at: datetime) -> None:
    """Write down that a transfer stands otherwise over there; None: it is not known there."""
    here = as_entry(exchange)
    there = None if status is None else Entry(here.sender, here.wire, status, here.ours, here.theirs)
    kind = Difference.ONLY_OURS if there is None else Difference.STATUS
    _note(session, exchange.partner_id, here.sender, here.wire, kind, exchange.day, here, there, at)


def decide(session: Session, actor: Actor, difference_id: int, note: str, *, at: datetime) -> PartnerDifference:
    """A person has looked and writes down what it was. A second tap changes nothing. Raises Invalid without words."""
    found = load(session, PartnerDifference, difference_id)
    actor.must(Permission.PARTNERS_MANAGE, at=found.partner.site.path)
    found = lock(session, PartnerDifference, difference_id)
    if found.decided_at is not None:
        if found.decided_by == actor.user_id:
            return found
        raise Conflict("decided", N_("Somebody has decided about this already."))
    note = reason_of(note, "note")
    found.decided_by, found.decided_at, found.note = actor.user_id, at, note.strip()
    record(session, actor, "partner_difference_decided", f"partner:{found.partner_id}", at=at, site_path=found.partner.site.path)
    return found


def _note(
    session: Session,
    partner_id: int,
    sender: str,
    wire: str,
    kind: Difference,
    day: date,
    here: Entry | None,
    there: Entry | None,
    at: datetime,
) -> None:
    values = {
        "partner_id": partner_id, "sender": sender, "wire": wire, "kind": kind, "day": day, "found_at": at, "note": "",
        "here": as_facts(here) if here else {}, "there": as_facts(there) if there else {},
    }  # fmt: skip
    once = ["partner_id", "sender", "wire", "kind"]
    session.execute(insert_into(session, PartnerDifference).values(**values).on_conflict_do_nothing(index_elements=once))


def _entries(said: Any, sender: str, after: str) -> Sequence[Entry] | None:
    """The partner's list, if it is one: in the order of ids, beyond where we had got to."""
    if not isinstance(said, list) or len(said) > 2 * PAGE:
        return None
    found: list[Entry] = []
    for one in said:
        points = one.get("points") if isinstance(one, dict) else None
        if not isinstance(points, dict):
            return None
        wire, status, ours, theirs = one.get("id"), one.get("status"), points.get("centre"), points.get("partner")
        if not isinstance(wire, str) or not WIRE.fullmatch(wire) or not isinstance(status, str) or len(status) > 20:
            return None
        if type(ours) is not int or type(theirs) is not int or wire <= (found[-1].wire if found else after):
            return None
        found.append(Entry(sender, wire, status, ours, theirs))
    return found
