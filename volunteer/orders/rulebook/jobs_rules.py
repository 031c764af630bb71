"""Rules that act by themselves: verified orders are taken by a centre's rules, and leave the pool when their time is over."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.kernel.crypto import SealBroken
from volunteer.kernel.errors import DomainError
from volunteer.orders.rulebook import automatic
from volunteer.orders.rulebook.models_rules import Handled, Handling
from volunteer.orders.rulebook.rules import Miss
from volunteer.orders.rulebook.ruling import live_rules, rules_for
from volunteer.orders.waves.asking import quiet_until

log = logging.getLogger(__name__)


def apply_rules(session: Session, at: datetime) -> int:
    """Let the rules look at verified orders that nobody has in hand. Returns how many were looked at.

    An order that no rule takes is looked at again after some minutes: teams get free, hours begin. In the quiet hours only
    urgent ones are taken: nobody is woken up, and nothing runs out in the pool while all sleep.
    """
    rules = live_rules(session, at=at)
    orders = automatic.next_orders(session, rules, at) if rules else []
    asked = automatic.asked_now(session) if orders else Counter()
    for order in orders:
        try:
            with session.begin_nested():
                if quiet_until(session, order, at):
                    automatic.leave(session, order, {str(one.id): Miss.QUIET for one in rules_for(rules, order.site_path)}, at)
                else:
                    automatic.dispatch_by_rule(session, order, rules, asked, at)
        except (DomainError, SealBroken, ValueError):  # ValueError: the matcher cannot read its place or window
            log.exception("no rule can look at order %s", order.number)
            session.add(Handling(order_id=order.id, kind=Handled.LEFT, at=at, misses={}))  # so that the next one is looked at
    return len(orders)


def end_pools(session: Session, at: datetime) -> int:
    """Take orders out of the pool whose time is over, or that went another way. Returns how many."""
    found = automatic.over(session, at)
    for handling in found:
        automatic.end_of_pool(session, handling, at)
    return len(found)
