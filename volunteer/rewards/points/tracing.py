"""流水: where each of somebody's points came from and went, and how it was worked out. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from volunteer.catalogue.models import ServiceItem
from volunteer.ledger import ageing, points, queries_rules
from volunteer.ledger.models import Account, Grade, Transfer, Unit
from volunteer.ledger.point_rules import ONE, Terms, points_for, rule_of
from volunteer.ledger.rules import person
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Site
from volunteer.rewards.merchants.models import Gift, Redemption
from volunteer.rewards.points.models import SmallWish

AT_ONCE = 1_000  # movements that are read together


@dataclass(frozen=True, slots=True)
class Sum:
    """How points of a service were worked out: minutes, points an hour, the weights in thousandths, and what caps took."""

    minutes: int
    per_hour: int
    kind: int
    grade: int
    holiday: int
    capped: int


@dataclass(frozen=True, slots=True)
class Line:
    """One movement as its owner sees it: above zero it came in."""

    transfer: Transfer
    points: int
    thing: ServiceItem | Gift | SmallWish | None
    sum: Sum | None


def movements(session: Session, person_id: int, *, limit: int, before: int | None = None) -> list[Line]:
    """Return the movements of somebody's points, the newest first; ``before``: older than this transfer."""
    account = session.scalar(select(Account.id).where(Account.owner == person(person_id), Account.unit == Unit.POINTS))
    found = select(Transfer).where(or_(Transfer.source_id == account, Transfer.target_id == account))
    if before is not None:
        found = found.where(Transfer.id < before)
    found = found.options(joinedload(Transfer.source), joinedload(Transfer.target))
    rows = session.scalars(found.order_by(Transfer.id.desc()).limit(limit)).all() if account is not None else []
    things = _things(session, rows)
    minutes = _minutes(session, rows)
    return [
        Line(
            row, row.amount if row.target_id == account else -row.amount, things.get(row.about),
            _sum(session, row, minutes.get(row.id), things.get(row.about)),
        )
        for row in rows
    ]  # fmt: skip


def every_movement(session: Session, person_id: int) -> Iterator[Line]:
    """Yield all of them, the newest first, however many there are."""
    before = None
    while some := movements(session, person_id, limit=AT_ONCE, before=before):
        yield from some
        before = some[-1].transfer.id


def _things(session: Session, rows: Sequence[Transfer]) -> dict[str, ServiceItem | Gift | SmallWish]:
    numbers: dict[str, set[int]] = {"order": set(), "redemption": set(), "wish": set()}
    for row in rows:
        kind, _, number = row.about.partition(":")
        if kind in numbers and number.isdecimal():
            numbers[kind].add(int(number))
    item = select(ServiceOrder.id, ServiceItem).join(ServiceItem, ServiceItem.id == ServiceOrder.item_id)
    gift = select(Redemption.id, Gift).join(Gift, Gift.id == Redemption.gift_id)
    found: dict[str, ServiceItem | Gift | SmallWish] = {}
    for order_id, one in session.execute(item.where(ServiceOrder.id.in_(numbers["order"]))).tuples():
        found[f"order:{order_id}"] = one
    for redemption_id, given in session.execute(gift.where(Redemption.id.in_(numbers["redemption"]))).tuples():
        found[f"redemption:{redemption_id}"] = given
    for wish in session.scalars(select(SmallWish).where(SmallWish.id.in_(numbers["wish"]))):
        found[wish.account] = wish
    return found


def _minutes(session: Session, rows: Sequence[Transfer]) -> dict[int, Transfer]:
    """The minutes that points were given for, by the number of the points' transfer: their key names them."""
    named = {row.id: row.key.removeprefix("points:") for row in rows if row.reason == points.SERVICE}
    numbers = {number: int(text) for number, text in named.items() if text.isdecimal()}
    found = {one.id: one for one in session.scalars(select(Transfer).where(Transfer.id.in_(numbers.values())))}
    return {number: found[of] for number, of in numbers.items() if of in found}


def _sum(session: Session, row: Transfer, minutes: Transfer | None, thing: object) -> Sum | None:
    rule = queries_rules.published(session).get(rule_of(row.policy_version) or 0)
    if minutes is None or rule is None:
        return None
    terms: Terms = rule.terms
    kind = thing.category.code if isinstance(thing, ServiceItem) else ""
    off = terms.holiday != ONE and row.day is not None and points.is_day_off(session, _path(session, rule), row.day)
    full = points_for(minutes.amount, kind, Grade(row.grade) if row.grade else None, off, terms)
    weights = terms.categories.get(kind, ONE), terms.grades.get(row.grade or "", ONE), terms.holiday if off else ONE
    return Sum(minutes.amount, terms.per_hour, *weights, capped=max(full - row.amount, 0))


def _path(session: Session, rule: queries_rules.Held) -> str:
    site = session.get(Site, rule.site_id)
    return site.path if site else "/"


def ending(session: Session, person_id: int) -> list[tuple[date | None, int]]:
    """Return the days on which points run out with how many, the first in front; None: those that never do."""
    sums: dict[date | None, int] = {}
    for lot in ageing.lots_of(session, person(person_id)):
        sums[lot.runs_out] = sums.get(lot.runs_out, 0) + lot.points
    return list(sums.items())
