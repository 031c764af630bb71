"""Why jobs pass an order up or let it stay: msgids, so that every reader reads them in their own language."""

from __future__ import annotations

from volunteer.kernel.words import N_

NOBODY_HERE = N_("Every team nearby that could do it was asked; none was free.")
NOBODY_ABLE = N_("No team nearby can do this at that time.")
NOBODY_AT_ALL = N_("No team in the whole county is free for this. Please call around.")
OURS = frozenset({NOBODY_HERE, NOBODY_ABLE, NOBODY_AT_ALL})
