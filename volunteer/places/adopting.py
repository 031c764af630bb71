"""A centre adopts new figures: a new dated version, the old ones stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.places import policies
from volunteer.places.models import PolicyKind, PolicyRow, Site


def adopt_policy(
    session: Session, actor: Actor, site: Site, kind: PolicyKind, values: Mapping[str, Any], *, valid_from: datetime, at: datetime
) -> PolicyRow:
    """Let ``values`` hold at ``site`` and below from ``valid_from`` on; what is not named keeps its default.

    Raises Invalid for values that cannot be, Conflict for another version of the same moment.
    """
    actor.must(Permission.POLICIES_MANAGE, at=site.path)
    policies.typed(policies.KINDS[kind], values)
    same = select(PolicyRow).where(PolicyRow.site_id == site.id, PolicyRow.kind == kind, PolicyRow.valid_from == valid_from)
    if row := session.scalar(same):
        if row.values == dict(values):
            return row
        raise Conflict("policy_dated_twice", N_("There is a version from that moment already."))

    row = PolicyRow(site_id=site.id, kind=kind, valid_from=valid_from, values=dict(values), made_by=actor.user_id, made_at=at)
    session.add(row)
    record(session, actor, "policy_adopted", f"site:{site.id}", at=at, site_path=site.path, kind=kind.value)
    return row
