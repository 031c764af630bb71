"""Asking several teams at once, worded: who is proposed, how likely one says yes, and what an offer kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.matching.waves import Why
from volunteer.orders.candidates import SHOWN, Look, asked_in_round
from volunteer.orders.waves import asking
from volunteer.web import filters


@dataclass(frozen=True)
class Several:
    """What is proposed for a wave: the preselected teams, each team's chance, and sentences about the others."""

    chosen: frozenset[int]
    together: str
    chances: Mapping[int, float]
    notes: list[str]


def several(session: Session, found: Look, *, at: datetime) -> Several:
    """Return the cheapest set that reaches the chance wanted for urgent orders; nothing is asked here."""
    following = asking.next_wave(session, found, at=at, without=asked_in_round(found.order), among=SHOWN, sure=True)
    wave, names = following.wave, found.directory.cards
    notes = [
        _("%(team)s was asked often enough already and is left in peace.", team=filters.named(names[team_id]))
        for team_id in sorted(wave.passed_over)[:3]
        if team_id in names
    ]
    notes += [
        _("%(team)s was not asked for %(days)s days and comes first.", team=filters.named(names[team_id]), days=round(days))
        for team_id, why in wave.why.items()
        if why is Why.FORGOTTEN and (days := following.unasked_days[team_id])
    ]
    if until := asking.quiet_until(session, found.order, at):
        notes.append(_("It is late: who is asked now has until well after %(when)s to answer.", when=filters.moment(until)))
    return Several(frozenset(wave.team_ids), together(wave.together) if wave.team_ids else "", following.chances, notes)


def together(chance: float) -> str:
    """Return how likely it is that one says yes."""
    return _("Together: one says yes with a chance of %(percent)s %%.", percent=min(99, round(100 * chance)))


def kept(note: Mapping[str, Any] | None) -> list[str]:
    """Return what an offer kept of why it was made together with others, as sentences; none for offers without."""
    if not note:
        return []
    said = [
        _("%(n)s were asked together; that one says yes had a chance of %(percent)s %%.",
          n=note["at_once"], percent=min(99, round(100 * note["together"])))
        if note["at_once"] > 1
        else _("That this team says yes had a chance of %(percent)s %%.", percent=min(99, round(100 * note["chance"])))
    ]  # fmt: skip
    if note["why"] == Why.FORGOTTEN:
        said.append(_("It had not been asked for %(days)s days, and comes first then.", days=round(note["unasked_days"])))
    if note["why"] == Why.LAST_RESORT:
        said.append(_("It had been asked often already, but it is urgent and there were too few others."))
    if note.get("passed_over"):
        said.append(_("%(n)s others had been asked often enough and were left in peace.", n=note["passed_over"]))
    return said
