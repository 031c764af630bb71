"""Where each minute came from: place and time, how it was shown, who recorded and approved it, what it counts for. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from volunteer.accounts.queries import names_of
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.attendance.by_hand.queries import asks_named
from volunteer.attendance.contests.models_contests import HoursContest
from volunteer.attendance.uses import Uses, uses_of
from volunteer.certificates.queries import Service, described, numbers_of
from volunteer.kernel.errors import NotFound
from volunteer.ledger import book
from volunteer.ledger.models import Account, Transfer, Unit
from volunteer.ledger.origins import origins, standing_of
from volunteer.ledger.rules import person
from volunteer.orders.models import OrderEvent

RECORDED = "record"  # the line of an order's diary that books its minutes


@dataclass(frozen=True, slots=True)
class Origin:
    """One entry with everything that is known about it. ``back``: the entry that took it back, if one did."""

    service: Service
    transfer: Transfer
    uses: Uses
    points: int
    recorded_by: str
    approved_by: str
    ask: HoursAsk | None
    contests: Sequence[HoursContest]
    back: Transfer | None


def received(session: Session, volunteer_id: int, *, limit: int | None = None, offset: int = 0) -> Sequence[Transfer]:
    """Return every entry that ever brought a volunteer minutes, also what was taken back, the newest first; or some of them."""
    found = select(Transfer).where(*_received(volunteer_id)).options(joinedload(Transfer.source))
    return session.scalars(found.order_by(Transfer.day.desc(), Transfer.id.desc()).limit(limit).offset(offset)).all()


def how_many(session: Session, volunteer_id: int) -> int:
    """Return how many entries ``received`` returns."""
    return session.scalar(select(func.count()).select_from(Transfer).where(*_received(volunteer_id))) or 0


def _received(volunteer_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    account = select(Account.id).where(Account.owner == person(volunteer_id), Account.unit == Unit.MINUTES).scalar_subquery()
    return Transfer.target_id == account, Transfer.reverses_id.is_(None)


def origins_of(session: Session, volunteer_id: int, transfers: Sequence[Transfer]) -> list[Origin]:
    """Return where these entries of a volunteer came from, in their order. A few queries, however many entries."""
    services = {one.transfer_id: one for one in described(session, volunteer_id, transfers)}
    asks = asks_named(session, numbers_of(transfers, "by_hand"))
    first = origins(session, transfers)  # what came over from another entry of the same person, as it was booked there
    points = _points(session, list(first.values()))
    backs = _backs(session, transfers)
    events = _recorded(session, transfers)
    said: dict[int, list[HoursContest]] = {}
    shown = {first[one.id].id: one.id for one in transfers} | {one.id: one.id for one in transfers}
    for row in session.scalars(select(HoursContest).where(HoursContest.transfer_id.in_(shown)).order_by(HoursContest.id.desc())):
        said.setdefault(shown[row.transfer_id], []).append(row)
    names = names_of(session, {one for ask in asks.values() for one in (ask.asked_by, ask.decided_by) if one is not None})
    found = []
    for transfer in transfers:
        service, ask = services[transfer.id], asks.get(transfer.about)
        found.append(
            Origin(
                service=service,
                transfer=transfer,
                uses=uses_of(session, transfer.grade, service.entry.unit_path, service.day),
                points=points.get(first[transfer.id].id, 0),
                recorded_by=names.get(ask.asked_by, "") if ask else events.get(transfer.about, ""),
                approved_by=names.get(ask.decided_by or 0, "") if ask else "",
                ask=ask,
                contests=said.get(transfer.id, []),
                back=backs.get(transfer.id),
            )
        )
    return found


def origin_of(session: Session, volunteer_id: int | None, transfer_id: int) -> Origin:
    """Return where one entry of a volunteer came from. Raises NotFound when it is not theirs."""
    transfer = session.get(Transfer, transfer_id) if 0 < transfer_id < 2**31 else None
    transfer = standing_of(session, transfer) if transfer is not None else None
    mine = transfer is not None and volunteer_id is not None and transfer.target.owner == person(volunteer_id)
    if transfer is None or not mine or transfer.unit is not Unit.MINUTES or transfer.reverses_id is not None:
        raise NotFound("transfer")
    return origins_of(session, int(volunteer_id or 0), [transfer])[0]


def contests_of(session: Session, volunteer_id: int, limit: int = 50) -> Sequence[HoursContest]:
    """Return what a volunteer objected to, the newest first."""
    found = select(HoursContest).where(HoursContest.volunteer_id == volunteer_id).options(joinedload(HoursContest.transfer))
    return session.scalars(found.order_by(HoursContest.id.desc()).limit(limit)).all()


def _points(session: Session, transfers: Sequence[Transfer]) -> dict[int, int]:
    """Return the points that each entry brought and that were not taken back, by its number."""
    keys = {f"points:{one.id}{more}": one.id for one in transfers for more in ("", ":rating")}
    rows = session.execute(select(Transfer.id, Transfer.key, Transfer.amount).where(Transfer.key.in_(keys))).tuples().all()
    undone = set(session.scalars(select(Transfer.reverses_id).where(Transfer.reverses_id.in_([one for one, _, _ in rows]))))
    total: dict[int, int] = {}
    for number, key, amount in rows:
        if number not in undone:
            total[keys[key]] = total.get(keys[key], 0) + amount
    return total


def _backs(session: Session, transfers: Sequence[Transfer]) -> dict[int, Transfer]:
    ids = [one.id for one in transfers]
    found = session.scalars(select(Transfer).where(Transfer.reverses_id.in_(ids), Transfer.reason == book.REVERSAL))
    return {row.reverses_id: row for row in found if row.reverses_id is not None}


def _recorded(session: Session, transfers: Sequence[Transfer]) -> dict[str, str]:
    """Return who wrote the records of the orders, by "order:88"; the last one where an order was opened again."""
    orders = numbers_of(transfers, "order")
    found = select(OrderEvent.order_id, OrderEvent.actor_name).where(OrderEvent.order_id.in_(orders), OrderEvent.what == RECORDED)
    return {f"order:{order}": name for order, name in session.execute(found.order_by(OrderEvent.id)).tuples()}
