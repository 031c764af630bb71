"""Every kind of sheet, in the order in which a county needs them."""

from __future__ import annotations

from volunteer.exchange.kinds.base import Kind
from volunteer.exchange.kinds.grids import Grids
from volunteer.exchange.kinds.holidays import Holidays
from volunteer.exchange.kinds.questions import Questions
from volunteer.exchange.kinds.services import Services
from volunteer.exchange.kinds.sites import Sites
from volunteer.exchange.kinds.skills import Skills
from volunteer.exchange.kinds.teams import Teams
from volunteer.exchange.kinds.venues import Venues
from volunteer.exchange.kinds.volunteers import Volunteers
from volunteer.kernel.errors import NotFound

KINDS: tuple[Kind, ...] = (
    Sites(), Grids(), Venues(), Holidays(), Skills(), Services(), Questions(), Teams(), Volunteers(),
)  # fmt: skip
BY_NAME = {kind.sheet.name: kind for kind in KINDS}


def kind_called(name: str) -> Kind:
    """Return the kind of that name. Raises NotFound."""
    if name not in BY_NAME:
        raise NotFound("page")
    return BY_NAME[name]
