"""Where rights over an order come from: the place it is at and, once it was handed to another county, that county's desk.

A county sees and does exactly what was handed to it: the path of the order's site stays the other county's.
"""

from __future__ import annotations

from volunteer.access import Actor, Permission
from volunteer.orders.models import ServiceOrder


def can(actor: Actor, permission: Permission, order: ServiceOrder) -> bool:
    """Return whether ``actor`` may do this to the order, by its place or by the desk that it was handed to."""
    return actor.can(permission, at=order.site_path) or (order.is_away and actor.can(permission, at=order.desk_path))


def must(actor: Actor, permission: Permission, order: ServiceOrder) -> None:
    """Raise NotFound or Forbidden as the permission says for the order's place, unless it was handed to this actor's county."""
    if not (order.is_away and actor.can(permission, at=order.desk_path)):
        actor.must(permission, at=order.site_path)
