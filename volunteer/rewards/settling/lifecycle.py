"""A merchant's statement from the first of the month to the money, as one table. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class StatementStatus(StrEnum):
    """Where a statement stands."""

    PREPARED = "prepared"  # the merchant is asked
    DISPUTED = "disputed"  # the merchant says that a line is wrong; the site answers
    ACCEPTED = "accepted"
    APPROVED_ONCE = "approved_once"
    APPROVED = "approved"
    PAID = "paid"
    WITHDRAWN = "withdrawn"  # taken back before it was paid; its lines wait for another one


class StatementAction(StrEnum):
    """What moves a statement."""

    ACCEPT = "accept"
    DISPUTE = "dispute"
    ANSWER = "answer"
    APPROVE = "approve"
    PAY = "pay"
    WITHDRAW = "withdraw"


S, A = StatementStatus, StatementAction

TRANSITIONS: dict[tuple[StatementStatus, StatementAction], StatementStatus] = {
    (S.PREPARED, A.ACCEPT): S.ACCEPTED,
    (S.PREPARED, A.DISPUTE): S.DISPUTED,
    (S.DISPUTED, A.ANSWER): S.PREPARED,
    (S.ACCEPTED, A.APPROVE): S.APPROVED_ONCE,
    (S.APPROVED_ONCE, A.APPROVE): S.APPROVED,
    (S.APPROVED, A.PAY): S.PAID,
    (S.PREPARED, A.WITHDRAW): S.WITHDRAWN,
    (S.DISPUTED, A.WITHDRAW): S.WITHDRAWN,
    (S.ACCEPTED, A.WITHDRAW): S.WITHDRAWN,
    (S.APPROVED_ONCE, A.WITHDRAW): S.WITHDRAWN,
    (S.APPROVED, A.WITHDRAW): S.WITHDRAWN,
}
ENDED = frozenset({S.PAID, S.WITHDRAWN})
STATEMENTS = Lifecycle(TRANSITIONS, "statement_moved_on", N_("This statement has moved on. Look at where it stands now."))
next_status = STATEMENTS.next
