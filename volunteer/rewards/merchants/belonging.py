"""Whose merchant it is: who stands at which till, whose county a gift is for, and who decides about a merchant."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.accounts.models_entering import Invitation
from volunteer.kernel.db import load
from volunteer.kernel.errors import NotFound
from volunteer.rewards.merchants.lifecycle import MerchantStatus
from volunteer.rewards.merchants.models import Merchant, MerchantStaff

SERVING = frozenset({MerchantStatus.APPROVED, MerchantStatus.SUSPENDED})


def merchants_of(session: Session, actor: Actor, permission: Permission = Permission.TILL_USE) -> Sequence[Merchant]:
    """Return the merchants at whose till ``actor`` stands, the oldest first."""
    if actor.user_id is None:
        return []
    mine = (
        select(Merchant)
        .join(MerchantStaff)
        .outerjoin(Invitation, Invitation.id == MerchantStaff.invitation_id)
        .options(joinedload(Merchant.site))
        .where(MerchantStaff.ended_at.is_(None), Merchant.status.in_(sorted(SERVING)))
        .where(or_(MerchantStaff.person_id == actor.user_id, Invitation.person_id == actor.user_id))
        .order_by(Merchant.id)
    )
    return [one for one in session.scalars(mine).unique() if actor.can(permission, at=one.site_path)]


def own_merchant(session: Session, actor: Actor, merchant_id: int, permission: Permission = Permission.MERCHANT_OWN) -> Merchant:
    """Return a merchant of the actor's. Raises NotFound for anybody else's."""
    for one in merchants_of(session, actor, permission):
        if one.id == merchant_id:
            return one
    raise NotFound("merchant")


def managed(session: Session, actor: Actor, merchant_id: int) -> Merchant:
    """Return a merchant that the actor decides about. Raises NotFound, Forbidden."""
    merchant = load(session, Merchant, merchant_id)
    actor.must(Permission.MERCHANTS_MANAGE, at=merchant.site_path)
    return merchant


def county_of(path: str) -> str:
    """Return the path of the county ("/1/") that a site path lies in."""
    return "/" + path.split("/")[1] + "/"


def counties_of(actor: Actor) -> frozenset[str]:
    """Return the counties whose gifts somebody with points may have."""
    return frozenset(county_of(path) for path in actor.scopes(Permission.POINTS_OWN) if path != "/")
