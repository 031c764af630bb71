"""Who needs a guardian, and whether there is one. Pure.

Under 18 the guardian agrees (志愿服务条例; PIPL art. 31 wants it for the data of those under 14). Under 14 a tick in a form is
not enough: a member of staff speaks with the guardian before the child is put on anything.
"""

from __future__ import annotations

from datetime import date

from volunteer.teams.fit import ADULT, years_old

STRICT = 14


def needs_guardian(born_on: date | None, day: date) -> bool:
    """Whether somebody born then is a minor on ``day``."""
    return born_on is not None and years_old(born_on, day) < ADULT


def is_guarded(born_on: date | None, day: date, *, consented: bool, heard: bool) -> bool:
    """Whether somebody may be put on a visit on ``day`` as far as a guardian is concerned."""
    if born_on is None or not needs_guardian(born_on, day):
        return True
    return heard if years_old(born_on, day) < STRICT else consented
