"""Whose merchant it is: who stands at which till, whose county a gift is for, and who decides about a merchant."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission, county_of
from volunteer.accounts.humans import is_among
from volunteer.accounts.models_entering import Invitation
from volunteer.kernel.db import load
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.kernel.words import N_
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


def must_not_be_theirs(session: Session, actor: Actor, merchant_id: int) -> None:
    """Raise Conflict when whoever decides stands, or stood, at this merchant's till."""
    if is_among(session, actor.user_id, staff_of(session, merchant_id)):
        raise Conflict("own_shop", N_("Nobody decides about their own shop. Please ask a colleague."))


def staff_of(session: Session, merchant_id: int, *, ever: bool = True) -> set[int]:
    """Return the people at a merchant's till, those who have left too unless ``ever`` is False."""
    found = select(MerchantStaff.person_id, Invitation.person_id).outerjoin(
        Invitation, Invitation.id == MerchantStaff.invitation_id
    )
    found = found.where(MerchantStaff.merchant_id == merchant_id)
    if not ever:
        found = found.where(MerchantStaff.ended_at.is_(None))
    return {number for row in session.execute(found) for number in row if number is not None}


def shops_of(session: Session, people: Collection[int]) -> set[int]:
    """Return the merchants at whose till any of ``people`` stands, or stood: nobody of them decides there."""
    found = select(MerchantStaff.merchant_id).outerjoin(Invitation, Invitation.id == MerchantStaff.invitation_id)
    return set(session.scalars(found.where(or_(MerchantStaff.person_id.in_(people), Invitation.person_id.in_(people)))))


def counties_of(actor: Actor) -> frozenset[str]:
    """Return the counties whose gifts somebody with points may have."""
    return frozenset(county_of(path) for path in actor.scopes(Permission.POINTS_OWN) if path != "/")
