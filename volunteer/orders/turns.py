"""What belongs to an order, and to one turn of service of it, goes by these names elsewhere. No I/O here."""

from __future__ import annotations

from volunteer.orders.lifecycle import Action
from volunteer.orders.models import ServiceOrder


def about(order: ServiceOrder) -> str:
    """Return the name under which other packages keep what belongs to an order."""
    return f"order:{order.id}"


def round_of(order: ServiceOrder) -> str:
    """Return the name of this turn of service: "order:88", and "order:88:2" after it was reopened once."""
    turn = 1 + sum(event.what == Action.REOPEN for event in order.events)
    return about(order) if turn == 1 else f"{about(order)}:{turn}"


def minutes_key(order: ServiceOrder, volunteer_id: int) -> str:
    """Return the key under which somebody's minutes of this turn are booked."""
    return f"{about(order)}:minutes:{volunteer_id}{round_of(order).removeprefix(about(order))}"
