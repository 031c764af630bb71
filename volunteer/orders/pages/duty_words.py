"""Who on duty is near an order and can do it: how many, how far, and a shortened name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.kernel.text import masked_name
from volunteer.orders.candidates import centre_of
from volunteer.orders.models import ServiceOrder
from volunteer.teams.queries_duty import nearest_on_duty, who
from volunteer.web import filters

NEARBY = 10_000.0  # metres
LOOKED_AT, NAMED = 20, 5


@dataclass(frozen=True)
class OnDuty:
    """People on duty near an order: a sentence, and the nearest few as (shortened name, distance, until when)."""

    words: str
    nearest: list[tuple[str, str, str]]


def on_duty(session: Session, order: ServiceOrder, *, at: datetime) -> OnDuty | None:
    """Return who on duty could do it; None when nobody near is on duty."""
    if order.item is None:
        return None
    skills = [skill.id for skill in order.item.skills]
    point = (order.latitude, order.longitude)
    near = nearest_on_duty(session, point, skills, at=at, k=LOOKED_AT, most=NEARBY, start=NEARBY)
    found = who(session, near, centre_of(order.site_path)) if near else []
    if not found:
        return None
    count = _("%(n)s or more", n=LOOKED_AT) if len(near) == LOOKED_AT else str(len(found))
    words = _("On duty within 10 km and able to do it: %(count)s.", count=count)
    named = [
        (masked_name(name), filters.km(one.metres), _("until %(when)s", when=filters.moment(until)))
        for one, name, until in found[:NAMED]
    ]
    return OnDuty(words, named)
