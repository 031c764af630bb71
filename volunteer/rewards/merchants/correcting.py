"""What a shop corrects about itself: where it is, who answers for it, the phone. Name and licence are the site's to change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.access import Actor
from volunteer.accounts import rules as people_rules
from volunteer.accounts.registering import NOT_MOBILE
from volunteer.audit.recording import record
from volunteer.kernel.checks import Checks
from volunteer.kernel.db import lock
from volunteer.kernel.geo import Point, geodesic_metres
from volunteer.kernel.words import N_
from volunteer.rewards.merchants.belonging import own_merchant
from volunteer.rewards.merchants.models import Merchant

FARTHEST = 50_000.0  # metres from the site that looks after it


@dataclass(frozen=True, kw_only=True)
class DetailsDraft:
    """What a shop says about itself; without a ``point`` it stays where it was."""

    address: str
    contact: str
    phone: str
    words: str = ""
    point: Point | None = None


def correct(session: Session, actor: Actor, merchant_id: int, draft: DetailsDraft, *, at: datetime) -> Merchant:
    """The shop says where it is and how it is reached. Raises Invalid with every complaint at once."""
    merchant = own_merchant(session, actor, lock(session, Merchant, merchant_id).id)
    checks = Checks()
    address = checks.text("address", draft.address, 120, missing=N_("Please write where the shop is."))
    contact = checks.text("contact", draft.contact, 40, missing=N_("Please write who answers for the shop."))
    words = checks.text("words", draft.words, 400)
    phone = people_rules.mobile(draft.phone)
    if phone is None:
        checks.say("phone", NOT_MOBILE)
    site = Point(merchant.site.latitude, merchant.site.longitude)
    if draft.point is not None and geodesic_metres(site, draft.point) > FARTHEST:
        checks.say("point", N_("This is far from the site that looks after the shop. Please set the pin again."))
    checks.done()

    merchant.address, merchant.words, merchant.contact, merchant.phone = address, words, contact, phone
    if draft.point is not None:
        merchant.latitude, merchant.longitude = draft.point
    record(session, actor, "merchant_corrected", f"merchant:{merchant.id}", at=at, site_path=merchant.site_path)
    return merchant
