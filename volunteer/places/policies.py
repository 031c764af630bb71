"""The figures of a centre that differ from place to place and from year to year: typed, dated, with their defaults.

A policy holds for its site and everything below it, from its day until the next version; a branch may have its own.
A ranking and a count of minutes are stored with the version they came from ("hours:12"; version 0 is the defaults below).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from volunteer import matching
from volunteer.kernel.remembered import dropped_with, is_changed
from volunteer.matching import waves
from volunteer.places.models import PolicyKind, PolicyRow, Site
from volunteer.places.terms import (
    KINDS,
    Asking,
    Brake,
    ByHand,
    Cases,
    Clocks,
    Evidence,
    Hours,
    Joining,
    Matching,
    Rewards,
    Terms,
    Values,
    Visits,
    typed,
)

ABOVE = (  # asked in every request, so put together once: all versions of all kinds, for there are few
    select(func.length(Site.path), PolicyRow.kind, PolicyRow.valid_from, PolicyRow.id, PolicyRow.values)
    .join(Site, Site.id == PolicyRow.site_id)
    .where(Site.path.in_(bindparam("above", expanding=True)))
    .order_by(func.length(Site.path).desc(), PolicyRow.valid_from.desc())
)
READ = "policies read"  # what this transaction has read, in the session's info
dropped_with(READ, PolicyRow)


def policy_at(session: Session, site_path: str, kind: PolicyKind, at: datetime) -> Terms:
    """Return the policy of that kind that holds at ``site_path``: for pages that show any of them."""
    return terms_at(session, site_path, KINDS[kind], at)


def terms_at(session: Session, site_path: str, kind: type[Values], at: datetime) -> Values:
    """Return the policy that holds at ``site_path``: the nearest site's above it that has one, in its version of ``at``."""
    versions = _versions(session, site_path)
    row = next((row for row in versions if KINDS[row.kind] is kind and row.valid_from <= at), None)
    if row is None:
        return kind()
    known = {field.name for field in fields(kind)}  # a row may be older than this version of the programme
    return typed(kind, {name: value for name, value in row.values.items() if name in known} | {"version": row.id})


def clocks_at(session: Session, site_path: str, at: datetime) -> Clocks:
    """Return the clocks that hold at ``site_path``."""
    return terms_at(session, site_path, Clocks, at)


def hours_at(session: Session, site_path: str, at: datetime) -> Hours:
    """Return the rules of hours that hold at ``site_path``."""
    return terms_at(session, site_path, Hours, at)


def cases_at(session: Session, site_path: str, at: datetime) -> Cases:
    """Return the rules of complaints, praise and follow-up that hold at ``site_path``."""
    return terms_at(session, site_path, Cases, at)


def visits_at(session: Session, site_path: str, at: datetime) -> Visits:
    """Return the rules of visits that hold at ``site_path``."""
    return terms_at(session, site_path, Visits, at)


def joining_at(session: Session, site_path: str, at: datetime) -> Joining:
    """Return the rules of registering that hold at ``site_path``."""
    return terms_at(session, site_path, Joining, at)


def evidence_at(session: Session, site_path: str, at: datetime) -> Evidence:
    """Return which evidence earns points, stars and certificates at ``site_path``."""
    return terms_at(session, site_path, Evidence, at)


def by_hand_at(session: Session, site_path: str, at: datetime) -> ByHand:
    """Return how much may be written in afterwards at ``site_path``."""
    return terms_at(session, site_path, ByHand, at)


def rewards_at(session: Session, site_path: str, at: datetime) -> Rewards:
    """Return the rules of gifts for points that hold at ``site_path``."""
    return terms_at(session, site_path, Rewards, at)


def asking_at(session: Session, site_path: str, at: datetime) -> waves.Terms:
    """Return the rules of asking teams that hold at ``site_path``, as the matcher wants them."""
    return waves.Terms(**asdict(terms_at(session, site_path, Asking, at)))


def brake_at(session: Session, site_path: str, at: datetime) -> Brake:
    """Return from how much open work on a team gets nothing new at ``site_path``."""
    return terms_at(session, site_path, Brake, at)


def matching_at(session: Session, site_path: str, at: datetime, mean: float | None = None) -> matching.Policy:
    """Return the rules of matching that hold at ``site_path``, as the matcher wants them.

    ``mean``: the mean of the centre's ratings, for a policy that shrinks ratings towards it; None when that is not known.
    """
    return as_policy(terms_at(session, site_path, Matching, at), mean)


def as_policy(terms: Matching, mean: float | None = None) -> matching.Policy:
    """Return figures of matching as the matcher wants them; ``mean`` as in ``matching_at``."""
    values = asdict(terms)
    values.pop("learned")  # a price is laid over the roster, see orders/prices/pricing.py
    values["prior"] = terms.prior or mean or matching.Policy().prior
    weights = matching.Weights(**{field.name: values.pop(field.name) for field in fields(matching.Weights)})
    return matching.Policy(weights=weights, **values)


def _versions(session: Session, site_path: str) -> Sequence[Row[Any]]:
    """Every version that may hold at a place, the nearest site's first, then the latest: read once in a transaction."""
    read: dict[str, Sequence[Row[Any]]] = session.info.get(READ, {})
    found = read.get(site_path)
    if found is None or is_changed(session, PolicyRow):  # what was only just adopted is written before the question is asked
        found = session.execute(ABOVE, {"above": _above(site_path)}).all()
        session.info.setdefault(READ, {})[site_path] = found
    return found


def _above(site_path: str) -> list[str]:
    """``/1/12/`` → ``/1/``, ``/1/12/``."""
    parts = site_path.strip("/").split("/")
    return ["/" + "/".join(parts[: n + 1]) + "/" for n in range(len(parts))]
