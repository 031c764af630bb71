"""What pages show of partners: what was agreed, what waits for a second person, what is open, what differs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.kernel.db import load, under
from volunteer.places.models import Site
from volunteer.rewards.partners.lifecycle import OPEN, LinkState
from volunteer.rewards.partners.models import (
    Exchange,
    Partner,
    PartnerAccount,
    PartnerCall,
    PartnerChange,
    PartnerDifference,
    PartnerRate,
    PartnerSecret,
)

P = Permission.PARTNERS_MANAGE
SIZE = 20


def partners_managed(session: Session, actor: Actor) -> Sequence[Partner]:
    """Return the partners of the actor's places, by name."""
    found = select(Partner).join(Site).where(under(actor.scopes(P), Site.path)).order_by(Partner.name, Partner.id)
    return session.scalars(found).all()


def partner_of(session: Session, actor: Actor, partner_id: int) -> Partner:
    """Return one partner. Raises NotFound or Forbidden."""
    partner = load(session, Partner, partner_id)
    actor.must(P, at=partner.site.path)
    return partner


def counts_of(session: Session, partner_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return how many proposals and differences wait for a person, by partner."""
    changes = select(PartnerChange.partner_id, func.count()).where(PartnerChange.decided_at.is_(None))
    differences = select(PartnerDifference.partner_id, func.count()).where(PartnerDifference.decided_at.is_(None))
    waiting = {number: count for number, count in session.execute(changes.group_by(PartnerChange.partner_id))}  # noqa: C416
    found = {number: count for number, count in session.execute(differences.group_by(PartnerDifference.partner_id))}  # noqa: C416
    return {one: (waiting.get(one, 0), found.get(one, 0)) for one in partner_ids}


def changes_of(session: Session, partner_id: int) -> Sequence[PartnerChange]:
    """Return what is proposed and waits."""
    found = select(PartnerChange).where(PartnerChange.partner_id == partner_id, PartnerChange.decided_at.is_(None))
    return session.scalars(found.order_by(PartnerChange.id)).all()


def rates_of(session: Session, partner_id: int, limit: int = 10) -> Sequence[PartnerRate]:
    """Return the rates, the newest first."""
    found = select(PartnerRate).where(PartnerRate.partner_id == partner_id)
    return session.scalars(found.order_by(PartnerRate.valid_from.desc(), PartnerRate.id.desc()).limit(limit)).all()


def secrets_held(session: Session, partner_id: int, at: datetime) -> Sequence[PartnerSecret]:
    """Return the secrets that hold, never what they are."""
    found = select(PartnerSecret).where(PartnerSecret.partner_id == partner_id).order_by(PartnerSecret.id.desc())
    return [one for one in session.scalars(found) if one.ends is None or one.ends > at]


def differences_of(session: Session, partner_id: int, limit: int = 50) -> Sequence[PartnerDifference]:
    """Return what differs and nobody has looked into, the oldest first."""
    mine = (PartnerDifference.partner_id == partner_id, PartnerDifference.decided_at.is_(None))
    return session.scalars(select(PartnerDifference).where(*mine).order_by(PartnerDifference.id).limit(limit)).all()


def failed_calls(session: Session, partner_id: int, limit: int = 20) -> Sequence[PartnerCall]:
    """Return calls that were given up, the newest first."""
    mine = (PartnerCall.partner_id == partner_id, PartnerCall.failed_at.is_not(None), PartnerCall.due_at.is_(None))
    return session.scalars(select(PartnerCall).where(*mine).order_by(PartnerCall.id.desc()).limit(limit)).all()


def exchanges_of(session: Session, partner_id: int, *, only_open: bool, page: int) -> tuple[Sequence[Exchange], int]:
    """Return one page of the transfers with a partner, the newest first, and how many pages there are."""
    found = select(Exchange).where(Exchange.partner_id == partner_id).options(joinedload(Exchange.link))
    if only_open:
        found = found.where(Exchange.status.in_(sorted(OPEN)))
    return _page(session, found, page)


def links_of(session: Session, actor: Actor) -> Sequence[PartnerAccount]:
    """Return the actor's own accounts over there that are asked for or verified."""
    mine = (PartnerAccount.person_id == actor.user_id, PartnerAccount.state.in_((LinkState.ASKED, LinkState.VERIFIED)))
    return session.scalars(select(PartnerAccount).where(*mine).options(joinedload(PartnerAccount.partner))).all()


def exchanges_by(session: Session, actor: Actor, page: int) -> tuple[Sequence[Exchange], int]:
    """Return one page of the actor's own transfers, the newest first, and how many pages there are."""
    mine = select(Exchange).where(Exchange.person_id == actor.user_id).options(joinedload(Exchange.partner))
    return _page(session, mine, page)


def _page(session: Session, found: Select[tuple[Exchange]], page: int) -> tuple[Sequence[Exchange], int]:
    count = session.scalar(select(func.count()).select_from(found.options().order_by(None).subquery())) or 0
    pages = max(1, -(-count // SIZE))
    here = min(max(page, 1), pages)
    return session.scalars(found.order_by(Exchange.id.desc()).limit(SIZE).offset((here - 1) * SIZE)).all(), pages
