"""The only writers of the ledger: move an amount once, and take a move back.

A refused move leaves nothing behind, even when the caller goes on in the same transaction.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import cast

from sqlalchemy import BigInteger, Connection, Table, bindparam, insert, or_, select, text, true, update
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.util import identity_key

from volunteer.kernel.db import Base, insert_into
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.ledger.models import Account, Grade, Transfer, TransferKey, Unit
from volunteer.ledger.rules import floor_of, must_be_amount

REVERSAL = "reversal"
ACCOUNTS, ENTRIES, KEYS = (cast("Table", kind.__table__) for kind in (Account, Transfer, TransferKey))
MORE = (
    update(ACCOUNTS)
    .where(ACCOUNTS.c.owner == bindparam("its_owner"), ACCOUNTS.c.unit == bindparam("its_unit"))
    .values(balance=ACCOUNTS.c.balance + bindparam("change", type_=BigInteger))
    .returning(ACCOUNTS.c.id)
)
LESS = MORE.where(or_(ACCOUNTS.c.floor.is_(None), ACCOUNTS.c.balance + bindparam("change", type_=BigInteger) >= ACCOUNTS.c.floor))
COLUMNS = tuple(column.name for column in ENTRIES.c if column.name != "id")
SAID = tuple(name for name in COLUMNS if name not in {"source_id", "target_id"})
ENTER = insert(ENTRIES).values({name: bindparam(name) for name in COLUMNS}).returning(ENTRIES.c.id)
CLAIM = text("INSERT INTO ledger_keys (key) VALUES (:key) ON CONFLICT DO NOTHING RETURNING key")  # text: compiled but once
AT_ONCE = text("""
    WITH held AS (
        SELECT id, owner, balance, floor FROM ledger_accounts
        WHERE unit = :unit AND owner IN (:source, :target)
            AND (SELECT count(*) FROM ledger_accounts WHERE unit = :unit AND owner IN (:source, :target)) = 2
        ORDER BY owner = :last FOR NO KEY UPDATE
    ), pair AS (
        SELECT s.id AS source_id, t.id AS target_id FROM held AS s, held AS t
        WHERE s.owner = :source AND t.owner = :target AND (s.floor IS NULL OR s.balance - :amount >= s.floor)
    ), claimed AS (
        INSERT INTO ledger_keys (key) SELECT :key FROM pair ON CONFLICT DO NOTHING RETURNING key
    ), changed AS (
        UPDATE ledger_accounts SET balance = balance + CASE owner WHEN :source THEN -:amount ELSE :amount END
        WHERE id = ANY (ARRAY(SELECT id FROM held)) AND EXISTS (SELECT FROM claimed)
    )
    INSERT INTO ledger_transfers
        (source_id, target_id, unit, amount, reason, key, about, day, grade, policy_version, reverses_id, note, at)
    SELECT source_id, target_id, :unit, :amount, :reason, :key, :about, :day, :grade, :policy_version, :reverses_id, :note, :at
    FROM pair, claimed RETURNING id, source_id, target_id
""").bindparams(*(bindparam(name, type_=ENTRIES.c[name].type) for name in SAID))


def move(
    session: Session,
    unit: Unit,
    amount: int,
    *,
    source: str,
    target: str,
    reason: str,
    key: str,
    at: datetime,
    about: str = "",
    day: date | None = None,
    grade: Grade | None = None,
    policy_version: str = "",
    note: str = "",
) -> Transfer:
    """Move ``amount`` of ``unit`` from ``source`` to ``target``, once.

    ``about`` names what it was for ("order:88"), ``day`` is the local day of the service, ``grade`` its evidence,
    ``policy_version`` the rules it was counted by. The same ``key`` with the same content returns the transfer already
    made. Raises Conflict for the same key with other content and for a balance that is too low, Invalid for an amount
    that is not a whole number above zero.
    """
    must_be_amount(amount)
    if source == target:
        raise Invalid("one_account", N_("Something can only be moved between two accounts."))
    posting = Transfer(
        unit=unit, amount=amount, reason=reason, key=key, about=about, day=day, grade=grade,
        policy_version=policy_version, note=note, at=at, reverses_id=None,
    )  # fmt: skip
    return _post(session, posting, source, target)


def reverse(session: Session, transfer: Transfer, *, note: str, at: datetime) -> Transfer:
    """Take ``transfer`` back by a second one the other way, with ``note`` saying why (冲正). Doing it twice is harmless.

    Raises Invalid without a note, Conflict for a reversal and when the receiver no longer has the amount.
    """
    if not note.strip():
        raise Invalid.field("note", N_("Please say why this is taken back."))
    if transfer.reverses_id is not None:
        raise Conflict("reversal_of_reversal", N_("This entry is itself a correction."), transfer=transfer.id)
    source, target = transfer.target.owner, transfer.source.owner
    posting = Transfer(
        unit=transfer.unit, amount=transfer.amount, reason=REVERSAL, key=f"reverse:{transfer.id}", about=transfer.about,
        day=transfer.day, grade=transfer.grade, policy_version=transfer.policy_version, reverses_id=transfer.id,
        note=note.strip(), at=at,
    )  # fmt: skip
    return _already(session, posting, source, target) or _post(session, posting, source, target)


def _post(session: Session, posting: Transfer, source: str, target: str) -> Transfer:
    session.flush()  # what the caller has written comes first
    return _post_straight(session, posting, source, target) or _post_carefully(session, posting, source, target)


def _post_straight(session: Session, posting: Transfer, source: str, target: str) -> Transfer | None:
    """Post where both accounts are open, the amount is there and the key is new; else leave all as it was, and return None."""
    connection = session.connection()
    post = _at_once if connection.dialect.name == "postgresql" else _step_by_step
    done = post(connection, posting, source, target)
    if done is None:
        return None
    posting.id, posting.source_id, posting.target_id = done
    gone = session.identity_map.get(identity_key(Transfer, posting.id))
    if gone is not None:  # of an entry that was rolled back: SQLite gives its number to the next one
        session.expunge(gone)
    make_transient_to_detached(posting)  # it is stored, only not by the session
    session.add(posting)
    return posting


def _at_once(connection: Connection, posting: Transfer, source: str, target: str) -> tuple[int, int, int] | None:
    """One statement: on a server each costs a way there and back, while others wait for the accounts."""
    said = {name: getattr(posting, name) for name in SAID}
    done = connection.execute(AT_ONCE, said | {"source": source, "target": target, "last": max(source, target, key=_turn)})
    row = done.one_or_none()
    return None if row is None else (row.id, row.source_id, row.target_id)


def _step_by_step(connection: Connection, posting: Transfer, source: str, target: str) -> tuple[int, int, int] | None:
    """Four plain statements; when one of them does nothing, what was changed is changed back."""
    changes = {source: -posting.amount, target: posting.amount}
    accounts: dict[str, int] = {}
    for owner in sorted(changes, key=_turn):
        mine = {"its_owner": owner, "its_unit": posting.unit, "change": changes[owner]}
        done = connection.scalar(MORE if changes[owner] > 0 else LESS, mine)
        if done is None:
            break
        accounts[owner] = done
    if len(accounts) == 2 and connection.scalar(CLAIM, {"key": posting.key}) is not None:
        row = {"source_id": accounts[source], "target_id": accounts[target]}
        entered = connection.scalar(ENTER, {name: getattr(posting, name) for name in SAID} | row) or 0
        return entered, accounts[source], accounts[target]
    for owner in accounts:
        connection.execute(MORE, {"its_owner": owner, "its_unit": posting.unit, "change": -changes[owner]})
    return None


def _post_carefully(session: Session, posting: Transfer, source: str, target: str) -> Transfer:
    """Open what is missing, or find what was in the way. Locks as the straight way does, the accounts and then the key."""
    with session.begin_nested():  # a refusal below undoes its own first half
        accounts = {owner: _hold(session, posting.unit, owner) for owner in sorted((source, target), key=_turn)}
        if not _insert_once(session, TransferKey, key=posting.key):  # somebody else was faster with this key
            made = _already(session, posting, source, target)
            if made is None:
                raise Conflict("key_taken", N_("This was already booked differently."), key=posting.key)
            return made
        for owner, change in ((source, -posting.amount), (target, posting.amount)):
            _change_balance(session, posting.unit, owner, accounts[owner], change)
        posting.source_id, posting.target_id = accounts[source], accounts[target]
        session.add(posting)
        session.flush()  # the number of the transfer is asked for by whoever posted it
    return posting


def _turn(owner: str) -> tuple[bool, str]:
    """In which order accounts are locked: the issuing one first, so that many moves of one site do not wait in a ring."""
    return floor_of(owner) is not None, owner


def _already(session: Session, posting: Transfer, source: str, target: str) -> Transfer | None:
    """Return the transfer made under the key of ``posting``, None when there is none. Raises Conflict when it differs."""
    made = session.scalar(select(Transfer).where(Transfer.key == posting.key))
    if made is None:
        return None
    before = (made.unit, made.amount, made.reason, made.about, made.grade, made.source.owner, made.target.owner)
    if before != (posting.unit, posting.amount, posting.reason, posting.about, posting.grade, source, target):
        raise Conflict("key_taken", N_("This was already booked differently."), key=posting.key)
    return made


def _hold(session: Session, unit: Unit, owner: str) -> int:
    """Return the id of the account of ``owner``, opened when new, and held until the transaction ends."""
    find = select(Account.id).where(Account.owner == owner, Account.unit == unit).with_for_update(key_share=True)
    number = session.scalar(find)
    if number is None:
        _insert_once(session, Account, owner=owner, unit=unit, balance=0, floor=floor_of(owner))
        number = session.scalars(find).one()
    return number


def _change_balance(session: Session, unit: Unit, owner: str, account_id: int, change: int) -> None:
    """Add ``change`` to the account of ``owner``. Raises Conflict below its floor."""
    allowed = true() if change > 0 else or_(Account.floor.is_(None), Account.balance + change >= Account.floor)
    statement = update(Account).where(Account.id == account_id, allowed).values(balance=Account.balance + change)
    statement = statement.execution_options(synchronize_session=False)  # balances are only ever read as columns
    if session.scalar(statement.returning(Account.id)) is None:
        raise Conflict("balance_too_low", N_("The balance is too low."), unit=unit.value, owner=owner)


def _insert_once(session: Session, kind: type[Base], **values: object) -> bool:
    """Insert unless it is there already; return whether it was new. Waits for another writer of the same row."""
    key = next(iter(kind.__mapper__.primary_key))
    return session.scalar(insert_into(session, kind).values(**values).on_conflict_do_nothing().returning(key)) is not None
