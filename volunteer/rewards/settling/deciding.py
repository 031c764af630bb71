"""What merchant and site say to a statement: accepted or disputed, approved by two, paid. Each act holds the statement first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.humans import is_among
from volunteer.audit.recording import record
from volunteer.kernel.checks import reason_of
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.ledger import book
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import merchant as owed_to
from volunteer.ledger.rules import settled_for
from volunteer.rewards.merchants.belonging import must_not_be_theirs, own_merchant
from volunteer.rewards.settling.lifecycle import StatementAction, StatementStatus
from volunteer.rewards.settling.models import Statement
from volunteer.rewards.settling.preparing import SETTLE, tell_merchant
from volunteer.rewards.settling.rules import SILENCE, Line, Worth, digest, total

P = Permission.SETTLEMENTS_HANDLE


def accept(session: Session, actor: Actor, statement_id: int, seen: str, *, at: datetime) -> Statement:
    """The merchant agrees to exactly what was ``seen`` (its digest). A second tap changes nothing.

    Raises NotFound for another's shop, Conflict when it has changed since, or moved on.
    """
    statement = _own(session, actor, statement_id)
    if statement.accepted_by == actor.user_id and statement.accepted_digest == statement.digest == seen:
        return statement
    if seen != statement.digest:
        raise Conflict("statement_changed", N_("The statement has changed since you opened it. Please look at it again."))
    statement.advance(StatementAction.ACCEPT)
    _accepted(statement, actor.user_id, at)
    _note(session, actor, "statement_accepted", statement, at)
    return statement


def dispute(session: Session, actor: Actor, statement_id: int, lines: Collection[int], words: str, *, at: datetime) -> Statement:
    """The merchant says which lines are wrong, and why. Nobody approves before the site has answered."""
    statement = _own(session, actor, statement_id)
    named = [line for line in statement.lines if line.id in lines and line.counted is not None]
    if not named:
        raise Invalid.field("lines", N_("Please mark the lines that are wrong."))
    said = reason_of(words, "words")
    if statement.status is StatementStatus.DISPUTED and all(
        line.disputed_by == actor.user_id and line.words == said for line in named
    ):
        return statement  # a second tap
    statement.advance(StatementAction.DISPUTE)
    for line in named:
        line.disputed_by, line.disputed_at, line.words, line.answer = actor.user_id, at, said, ""
    _note(session, actor, "statement_disputed", statement, at, lines=len(named))
    return statement


def answer(
    session: Session, actor: Actor, statement_id: int, left_out: Collection[int], words: str, *, at: datetime
) -> Statement:
    """The site answers: disputed lines stay, or are left out and wait for another month. The statement is frozen anew.

    Raises Conflict when nothing would be left to pay.
    """
    statement = _held(session, actor, statement_id)
    if (
        statement.status is StatementStatus.PREPARED
        and statement.lines
        and any(line.answer == words.strip() for line in statement.lines)
    ):
        return statement  # a second tap
    said = reason_of(words, "words")
    statement.advance(StatementAction.ANSWER)
    for line in statement.lines:
        if line.disputed_at is not None and not line.answer:
            line.answer = said
            if line.id in left_out:
                line.left_out, line.counted = True, None
    kept = [Line(line.transfer_id, line.points) for line in statement.lines if line.counted is not None]
    if total(kept) <= 0:
        raise Conflict("nothing_left", N_("Nothing would be left to pay. Take the statement back instead."))
    worth = Worth(statement.worth_points, statement.worth_fen)
    statement.points, statement.fen = total(kept), worth.of(total(kept))
    statement.digest = digest(statement.merchant_id, statement.month, worth, kept)
    _note(session, actor, "statement_answered", statement, at, left_out=len(left_out))
    tell_merchant(session, statement, "statement_answered", at)
    return statement


def approve(session: Session, actor: Actor, statement_id: int, seen: str, *, at: datetime) -> Statement:
    """One of the two who must agree. Raises Conflict for the same person twice, and while the merchant may still answer."""
    statement = _held(session, actor, statement_id)
    if is_among(session, actor.user_id, (statement.first_by, statement.second_by)):
        if statement.status is StatementStatus.APPROVED_ONCE:
            raise Conflict("needs_second", N_("You have said yes already. A second person must say it, too."))
        return statement
    if seen != statement.digest:
        raise Conflict("statement_changed", N_("The statement has changed since you opened it. Please look at it again."))
    if statement.status is StatementStatus.PREPARED and at >= statement.made_at + SILENCE:
        statement.advance(StatementAction.ACCEPT)
        _accepted(statement, None, at)
        statement.silent = True
    statement.advance(StatementAction.APPROVE)
    if statement.first_by is None:
        statement.first_by, statement.first_at = actor.user_id, at
    else:
        statement.second_by, statement.second_at = actor.user_id, at
    _note(session, actor, "statement_approved", statement, at)
    return statement


def pay(session: Session, actor: Actor, statement_id: int, paid_on: date, reference: str, *, at: datetime) -> Statement:
    """Write down that the money went out, and book it. A second tap books nothing more.

    Raises Conflict when something was taken back since, so that the books hold less than the statement.
    """
    statement = _held(session, actor, statement_id)
    if statement.status is StatementStatus.PAID:
        return statement
    if not 2 <= len(reference.strip()) <= 60:
        raise Invalid.field("reference", N_("Please write the number of the transfer."))
    if paid_on > local_date(at, zone_of(session)) or paid_on < statement.month:
        raise Invalid.field("paid_on", N_("Please write the day on which it was paid."))
    statement.advance(StatementAction.PAY)
    owed, settled = owed_to(statement.merchant_id), settled_for(statement.merchant_id)
    try:
        book.move(
            session, Unit.POINTS, statement.points, source=owed, target=settled, reason=SETTLE,
            key=f"statement:{statement.id}:pay", about=f"statement:{statement.id}", at=at,
        )  # fmt: skip
    except Conflict as error:
        if error.code != "balance_too_low":
            raise
        raise Conflict("less_owed", N_("Something was taken back since. Take this statement back and prepare it anew.")) from None
    statement.paid_by, statement.paid_at, statement.paid_on, statement.reference = actor.user_id, at, paid_on, reference.strip()
    _note(session, actor, "statement_paid", statement, at)
    tell_merchant(session, statement, "statement_paid", at)
    return statement


def withdraw(session: Session, actor: Actor, statement_id: int, words: str, *, at: datetime) -> Statement:
    """Take a statement back that was not paid: its lines wait for another one."""
    statement = _held(session, actor, statement_id)
    if statement.status is StatementStatus.WITHDRAWN:
        return statement
    statement.note = reason_of(words, "note")
    statement.advance(StatementAction.WITHDRAW)
    statement.stands = None
    for line in statement.lines:
        line.counted = None
    _note(session, actor, "statement_withdrawn", statement, at)
    return statement


def _own(session: Session, actor: Actor, statement_id: int) -> Statement:
    statement = lock(session, Statement, statement_id)
    own_merchant(session, actor, statement.merchant_id)
    return statement


def _held(session: Session, actor: Actor, statement_id: int) -> Statement:
    statement = lock(session, Statement, statement_id)
    actor.must(P, at=statement.site_path)
    must_not_be_theirs(session, actor, statement.merchant_id)
    return statement


def _accepted(statement: Statement, by: int | None, at: datetime) -> None:
    statement.accepted_by, statement.accepted_at, statement.accepted_digest = by, at, statement.digest


def _note(session: Session, actor: Actor, act: str, statement: Statement, at: datetime, **more: int) -> None:
    record(
        session, actor, act, f"statement:{statement.id}", at=at, site_path=statement.site_path, points=statement.points, **more
    )
