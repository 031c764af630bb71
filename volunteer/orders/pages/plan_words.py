"""Why a plan chose a team that is not the first for the order alone, in plain words: on the plan's page and with the offer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

SOUGHT = 0.005  # a place that is worth less to the others is not spoken of


def not_the_first(name: str, uses: int, *, wished: bool) -> str:
    """Return why the team that would come first for this order alone does not go."""
    if wished:
        return _("You chose this team. %(team)s would come first.", team=name)
    if uses:
        return _("%(team)s would come first for this order alone; as it is, it goes to %(n)s others.", team=name, n=uses)
    return _("%(team)s would come first for this order alone.", team=name)


def sought_after(place: float) -> str:
    """Return what one more place of the team would be worth to the other orders; nothing when that is next to nothing."""
    if place < SOUGHT:
        return ""
    return _("Other orders want this team too: its last place is worth %(points)s points.", points=round(100 * place))


def kept(note: Mapping[str, Any] | None, team_id: int, names: Mapping[int, str]) -> list[str]:
    """Return what an offer kept of the plan that it came from, as sentences; none for other offers.

    Without a name for the first team nobody is named: what a team reads about itself says nothing about others.
    """
    if not note:
        return []
    first, said = note.get("first"), []
    if first and first != team_id:
        if note.get("wished"):
            said.append(_("The dispatcher chose this team instead of the one that the plan had."))
        elif first in names:
            said.append(not_the_first(names[first], note.get("uses", 0), wished=False))
        else:
            said.append(_("Another team would come first for this order alone; others needed that one more."))
    if words := sought_after(note.get("place", 0.0)):
        said.append(words)
    return said
