"""文明商户 from the application to the till: apply, approved or refused, paired with a site, its people, on hold and back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission, Role
from volunteer.accounts import granting, inviting
from volunteer.accounts import rules as people_rules
from volunteer.accounts.holders import holders_above
from volunteer.accounts.inviting import InvitationDraft
from volunteer.accounts.models import RoleGrant
from volunteer.accounts.registering import NOT_MOBILE
from volunteer.audit.recording import record
from volunteer.kernel.checks import Checks, reason_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places.models import Site
from volunteer.rewards.merchants.belonging import SERVING, managed, own_merchant, staff_of
from volunteer.rewards.merchants.lifecycle import MerchantAction, MerchantStatus
from volunteer.rewards.merchants.models import Merchant, MerchantStaff

LICENCE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")  # GB 32100-2015, 统一社会信用代码
MINUTES = 24 * 60
MOST_WAITING = 200  # applications of one site that nobody has looked at


@dataclass(frozen=True, kw_only=True)
class MerchantDraft:
    """What a shop says about itself."""

    name: str
    name_en: str = ""
    licence: str = ""
    address: str
    words: str = ""
    contact: str
    phone: str
    site_id: int


@dataclass(frozen=True, kw_only=True)
class HoursDraft:
    """When a shop is open: minutes after midnight, and the days on which it is not."""

    opens: int
    closes: int
    closed_days: tuple[str, ...] = ()


def apply(session: Session, draft: MerchantDraft, *, at: datetime) -> Merchant:
    """Write an application down; those who decide at the site are told. Needs no account."""
    site = load(session, Site, draft.site_id)
    checks = Checks()
    if site.closed_at is not None:
        checks.say("site", N_("This site is closed."))
    name = checks.text("name", draft.name, 80, missing=N_("Please write the shop's name."))
    name_en = checks.text("name_en", draft.name_en, 120)
    address = checks.text("address", draft.address, 160, missing=N_("Please write where the shop is."))
    contact = checks.text("contact", draft.contact, 40, missing=N_("Please write who answers for the shop."))
    words = checks.text("words", draft.words, 400)
    phone = people_rules.mobile(draft.phone)
    if phone is None:
        checks.say("phone", NOT_MOBILE)
    licence = "".join(draft.licence.split()).upper()
    if licence and not LICENCE.fullmatch(licence):
        checks.say("licence", N_("A licence number has 18 letters and digits. You may leave it out."))
    checks.done()
    waiting = (Merchant.site_id == site.id, Merchant.status == MerchantStatus.APPLIED)
    if (session.scalar(select(func.count()).where(*waiting)) or 0) >= MOST_WAITING:
        raise Conflict("too_many_waiting", N_("Too many shops are waiting for an answer here. Please ring the station."))

    merchant = Merchant(
        name=name, name_en=name_en, licence=licence, address=address, words=words, site_id=site.id, site_path=site.path,
        latitude=site.latitude, longitude=site.longitude, closed_days=[], applied_at=at,
    )  # fmt: skip
    merchant.wrapped_key = session.info["keyring"].new_data_key(merchant.uid)
    session.add(merchant)
    merchant.contact, merchant.phone = contact, phone
    session.flush()  # those who are told are told its number
    _tell_site(session, site, merchant, at)
    return merchant


def approve(session: Session, actor: Actor, merchant_id: int, site_id: int, *, at: datetime) -> Merchant:
    """Let a shop in, paired with a site that looks after it. Twice is no error."""
    merchant = _held(session, actor, merchant_id)
    site = load(session, Site, site_id)
    actor.must(Permission.MERCHANTS_MANAGE, at=site.path)
    if site.closed_at is not None:
        raise Invalid.field("site", N_("This site is closed."))
    if merchant.status is MerchantStatus.APPROVED and merchant.site_id == site.id:
        return merchant
    merchant.advance(MerchantAction.APPROVE)
    merchant.site_id, merchant.site_path = site.id, site.path
    merchant.latitude, merchant.longitude = site.latitude, site.longitude
    _decide(session, actor, merchant, "merchant_approved", "", at)
    return merchant


def refuse(session: Session, actor: Actor, merchant_id: int, reason: str, *, at: datetime) -> Merchant:
    """Say no, with a reason that the shop is told."""
    words = reason_of(reason)
    merchant = _held(session, actor, merchant_id)
    if merchant.status is MerchantStatus.REFUSED:
        return merchant
    merchant.advance(MerchantAction.REFUSE)
    _decide(session, actor, merchant, "merchant_refused", words, at)
    if merchant.phone:
        tell(session, Recipient(phone=merchant.phone), "merchant_refused", {"reason": words}, at=at)
    return merchant


def suspend(session: Session, actor: Actor, merchant_id: int, reason: str, *, at: datetime) -> Merchant:
    """Take a shop's gifts out of the shop for now; what is reserved may still be fetched."""
    words = reason_of(reason)
    merchant = _held(session, actor, merchant_id)
    if merchant.status is MerchantStatus.SUSPENDED:
        return merchant
    merchant.advance(MerchantAction.SUSPEND)
    _decide(session, actor, merchant, "merchant_suspended", words, at)
    _tell_till(session, merchant, "merchant_suspended", {"reason": words}, at)
    return merchant


def resume(session: Session, actor: Actor, merchant_id: int, *, at: datetime) -> Merchant:
    """Let a shop go on."""
    merchant = _held(session, actor, merchant_id)
    if merchant.status is MerchantStatus.APPROVED:
        return merchant
    merchant.advance(MerchantAction.RESUME)
    _decide(session, actor, merchant, "merchant_resumed", "", at)
    _tell_till(session, merchant, "merchant_resumed", {}, at)
    return merchant


def invite(session: Session, actor: Actor, merchant_id: int, name: str, *, at: datetime) -> tuple[MerchantStaff, str]:
    """Invite somebody to the till; return their row and the link, which nobody can read again later."""
    merchant = _held(session, actor, merchant_id)
    if merchant.status not in SERVING:
        raise Conflict("merchant_not_in", N_("Approve the shop first."))
    called = Checks()
    tidy = called.text("name", name, 30, missing=N_("Please write a name."))
    called.done()
    alone = not any(one.ended_at is None for one in merchant.staff)
    draft = InvitationDraft(tidy, Role.MERCHANT, merchant.site_id, phone=merchant.phone if alone else None)
    invitation, link = inviting.invite(session, actor, draft, at=at)
    staff = MerchantStaff(merchant_id=merchant.id, invitation_id=invitation.id, since=at)
    session.add(staff)
    return staff, link


def dismiss(session: Session, actor: Actor, staff_id: int, *, at: datetime) -> MerchantStaff:
    """Somebody no longer stands at this till; without another till the role ends, too."""
    staff = load(session, MerchantStaff, staff_id)
    merchant = managed(session, actor, staff.merchant_id)
    if staff.ended_at is not None:
        return staff
    staff.ended_at = at
    record(session, actor, "merchant_staff_ended", f"merchant:{merchant.id}", at=at, site_path=merchant.site_path)
    invitation = staff.invitation
    if invitation is not None and invitation.used_at is None:
        inviting.withdraw(session, actor, invitation.id, at=at)
        return staff
    person_id = staff.person_id or (invitation.person_id if invitation else None)
    held = (RoleGrant.person_id == person_id, RoleGrant.role == Role.MERCHANT, RoleGrant.site_id == merchant.site_id)
    if person_id is not None and not _other_till(session, person_id, merchant):
        for grant in session.scalars(select(RoleGrant).where(*held)).all():
            granting.revoke_role(session, actor, grant.id, at=at)
    return staff


def set_hours(session: Session, actor: Actor, merchant_id: int, draft: HoursDraft, *, at: datetime) -> Merchant:
    """The shop says when it is open."""
    merchant = own_merchant(session, actor, merchant_id)
    checks = Checks()
    for name, minute in (("opens", draft.opens), ("closes", draft.closes)):
        if not 0 <= minute <= MINUTES:
            checks.say(name, N_("Please write a time of day."))
    if draft.opens == draft.closes:
        checks.say("closes", N_("The shop must be open for a while."))
    checks.done()
    merchant.opens, merchant.closes = draft.opens, draft.closes
    merchant.closed_days = sorted(set(draft.closed_days) & set("0123456"))
    record(session, actor, "merchant_hours", f"merchant:{merchant.id}", at=at, site_path=merchant.site_path)
    return merchant


def _held(session: Session, actor: Actor, merchant_id: int) -> Merchant:
    merchant = lock(session, Merchant, merchant_id)
    actor.must(Permission.MERCHANTS_MANAGE, at=merchant.site_path)
    return merchant


def _decide(session: Session, actor: Actor, merchant: Merchant, act: str, reason: str, at: datetime) -> None:
    merchant.decided_at, merchant.decided_by, merchant.reason = at, actor.user_id, reason
    record(session, actor, act, f"merchant:{merchant.id}", at=at, site_path=merchant.site_path)


def _other_till(session: Session, person_id: int, merchant: Merchant) -> bool:
    there = (Merchant.site_id == merchant.site_id, Merchant.id != merchant.id, MerchantStaff.ended_at.is_(None))
    found = select(MerchantStaff.id).join(Merchant).where(*there, MerchantStaff.person_id == person_id)
    return session.scalars(found.limit(1)).first() is not None


def _tell_till(session: Session, merchant: Merchant, template: str, params: dict[str, str], at: datetime) -> None:
    for person_id in sorted(staff_of(session, merchant.id, ever=False)):
        tell(session, Recipient(person_id), template, dict(params), at=at, about=f"merchant:{merchant.id}")


def _tell_site(session: Session, site: Site, merchant: Merchant, at: datetime) -> None:
    for person in holders_above(session, (Role.SITE_ADMIN,), site.path, at=at):
        tell(session, Recipient(person.id, locale=person.locale), "merchant_waits", at=at, about=f"merchant:{merchant.id}")
