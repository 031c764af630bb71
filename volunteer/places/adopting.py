"""A centre adopts new figures: a new dated version, the old ones stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.kernel.checks import Checks
from volunteer.kernel.db import load
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.places import terms
from volunteer.places.explaining import FIGURES
from volunteer.places.models import PolicyKind, PolicyRow, Site, SiteLevel

PAST = N_("The past stays as it was. Please choose today or a later day.")
COUNTY_WIDE = N_("A star means the same everywhere in a county: only the centre sets it.")
STARS = ("one", "two", "three", "four", "five")
WEIGHTS = ("skill", "near", "rated", "continuity")


def adopt_policy(
    session: Session, actor: Actor, site: Site, kind: PolicyKind, values: Mapping[str, Any], *, valid_from: datetime, at: datetime
) -> PolicyRow:
    """Let ``values`` hold at ``site`` and below from ``valid_from`` on; what is not named keeps its default.

    Raises Invalid for values that cannot be or a day that has passed, Conflict for another version of the same moment.
    """
    actor.must(Permission.POLICIES_MANAGE, at=site.path)
    terms.typed(terms.KINDS[kind], values)
    check_ranges(kind, values)
    if kind is PolicyKind.STARS and site.level is not SiteLevel.CENTRE:
        raise Invalid.field("site", COUNTY_WIDE)
    same = select(PolicyRow).where(PolicyRow.site_id == site.id, PolicyRow.kind == kind, PolicyRow.valid_from == valid_from)
    if row := session.scalar(same):
        if row.values == dict(values):
            return row
        raise Conflict("policy_dated_twice", N_("There is a version from that moment already."))
    if valid_from < at:
        raise Invalid.field("valid_from", PAST)

    row = PolicyRow(site_id=site.id, kind=kind, valid_from=valid_from, values=dict(values), made_by=actor.user_id, made_at=at)
    session.add(row)
    record(session, actor, "policy_adopted", f"site:{site.id}", at=at, site_path=site.path, kind=kind.value)
    return row


def take_back_policy(session: Session, actor: Actor, row_id: int, *, at: datetime) -> None:
    """Take back a version whose day is still to come: nothing was decided by it yet. Raises Conflict once it has begun."""
    row = load(session, PolicyRow, row_id)
    actor.must(Permission.POLICIES_MANAGE, at=row.site.path)
    if row.valid_from <= at:
        raise Conflict("policy_began", N_("This version holds already. Please make a new one instead."))
    what = {"kind": row.kind.value, "valid_from": row.valid_from.isoformat()}
    record(session, actor, "policy_taken_back", f"site:{row.site_id}", at=at, site_path=row.site.path, **what)
    session.delete(row)


def versions(session: Session, site: Site, kind: PolicyKind) -> Sequence[PolicyRow]:
    """Return every version that ``site`` itself adopted, the latest day first."""
    found = select(PolicyRow).where(PolicyRow.site_id == site.id, PolicyRow.kind == kind)
    return session.scalars(found.order_by(PolicyRow.valid_from.desc(), PolicyRow.id.desc())).all()


def check_ranges(kind: PolicyKind, values: Mapping[str, Any]) -> None:
    """Raise Invalid for figures that no centre can want; what was stored before is not asked again."""
    checks = Checks()
    for name, value in values.items():
        figure = FIGURES[kind].get(name)
        if figure is None:
            checks.say(name, N_("There is no such rule."))
        elif not isinstance(value, str):
            checks.number(name, value, figure.least, figure.most)
    defaults = terms.KINDS[kind]()
    if kind is PolicyKind.MATCHING and not any(values.get(name, getattr(defaults, name)) for name in WEIGHTS):
        checks.say("skill", N_("At least one weight must be more than 0."))
    if kind is PolicyKind.STARS:
        _rising(checks, [(name, values.get(name, getattr(defaults, name))) for name in STARS])
    checks.done()


def _rising(checks: Checks, figures: Sequence[tuple[str, int]]) -> None:
    for (_, before), (name, value) in pairwise(figures):
        if value <= before:
            checks.say(name, N_("Each star needs more than the one before."))
