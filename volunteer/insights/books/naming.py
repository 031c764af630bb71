"""Whose an account in the books is, in the reader's words: of many at once, a query for each kind and none for each line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from volunteer.accounts.models import Person
from volunteer.insights.books import whose
from volunteer.kernel.db import BEYOND
from volunteer.kernel.words import N_
from volunteer.ledger.models_points import PointClaim
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Site
from volunteer.rewards.merchants.models import Gift, Merchant, Redemption
from volunteer.rewards.partners.models import Exchange, Partner
from volunteer.rewards.points.models import SmallWish
from volunteer.teams.models import Volunteer

PIECE = 500
KINDS = {
    "person": N_("personal account"),
    "site:minutes-issued": N_("hours issued"),
    "site:points-issued": N_("%(word)s issued"),
    "site:points-expired": N_("%(word)s that ran out"),
    "site:points-pool": N_("pool of giving"),
    "merchant": N_("owed to the shop"),
    "merchant:settled": N_("paid to the shop"),
    "redemption": N_("reserved gift"),
    "partner:points-issued": N_("came from the partner"),
    "partner:points-out": N_("went to the partner"),
    "exchange": N_("on the way to the partner"),
    "wish": N_("small wish"),
    "claim": N_("spent before the minutes were taken back"),
    "order": N_("request"),
    "by_hand": N_("hours written in afterwards"),
    "statement": N_("settlement of a shop"),
}


@dataclass(frozen=True)
class Named:
    """An owner in words: ``what`` is a msgid (with ``word`` for the points) or nothing, the name may be in both languages.

    ``number`` is what people are called by who may not be named; whoever is no volunteer here has neither.
    """

    owner: str
    what: str
    name: str = ""
    name_en: str = ""
    number: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there are words for it."""
        return bool(self.what)


def in_words(session: Session, paths: Iterable[str], owners: Iterable[str]) -> dict[str, Named]:
    """Return each owner in words; people of places outside ``paths`` by their number alone."""
    ids: dict[str, set[int]] = {}
    wanted = {owner: _split(owner) for owner in owners}
    for kind, number, _end in wanted.values():
        ids.setdefault(kind, set()).add(number)
    asked = _asked(tuple(paths))
    known = {kind: dict(_read(session, asked[kind], some)) for kind, some in ids.items() if kind in asked}
    return {
        owner: Named(owner, KINDS.get(f"{kind}:{end}" if end else kind, ""), *known.get(kind, {}).get(number, ()))
        for owner, (kind, number, end) in wanted.items()
    }


def _split(owner: str) -> tuple[str, int, str]:
    kind, _, rest = owner.partition(":")
    number, _, end = rest.partition(":")
    return kind, int(number) if number.isdecimal() and len(number) < len(str(BEYOND)) else 0, end


def _read(session: Session, found: Select[Any], ids: set[int]) -> Iterator[tuple[int, tuple[str, str, str]]]:
    key = found.selected_columns[0]
    numbers = sorted(ids)
    for start in range(0, len(numbers), PIECE):
        for number, name, name_en, code in session.execute(found.where(key.in_(numbers[start : start + PIECE]))):
            yield number, (name, name_en, code)


def _asked(paths: tuple[str, ...]) -> dict[str, Select[Any]]:
    """Return for each kind the query of its rows' id, name, English name and number."""
    none = literal("")
    seen = case((Person.id.in_(union_all(*whose.people_at(paths))), Person.name), else_=none)
    number = func.coalesce(Volunteer.number, "")
    people = select(Person.id, seen, none, number).outerjoin(Volunteer, Volunteer.id == Person.id)
    claims = select(PointClaim.id, seen, none, number).join(Person, Person.id == PointClaim.person_id)
    return {
        "person": people,
        "claim": claims.outerjoin(Volunteer, Volunteer.id == Person.id),
        "site": select(Site.id, Site.name, Site.name_en, none),
        "merchant": select(Merchant.id, Merchant.name, Merchant.name_en, none),
        "redemption": select(Redemption.id, Gift.name, Gift.name_en, none).join(Gift, Gift.id == Redemption.gift_id),
        "partner": select(Partner.id, Partner.name, Partner.name_en, none),
        "exchange": select(Exchange.id, Partner.name, Partner.name_en, none).join(Partner, Partner.id == Exchange.partner_id),
        "wish": select(SmallWish.id, SmallWish.title, SmallWish.title_en, none),
        "order": select(ServiceOrder.id, none, none, ServiceOrder.number),
    }
