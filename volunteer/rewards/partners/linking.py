"""Somebody's account over there: linked with their consent, verified by the partner, ended by either."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from volunteer.access import Actor
from volunteer.accounts.models import Person
from volunteer.audit.recording import record
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places.models import Site
from volunteer.rewards.partners import calls
from volunteer.rewards.partners.exchanging import blind
from volunteer.rewards.partners.lifecycle import OPEN, LinkAction, LinkState
from volunteer.rewards.partners.models import CallKind, Exchange, Partner, PartnerAccount
from volunteer.rewards.partners.rules import ACCOUNT, mask

LIVING = (LinkState.ASKED, LinkState.VERIFIED)
PENDING = timedelta(days=7)  # what the partner has not confirmed by then is replaced when its person asks again


def partners_for(session: Session, actor: Actor) -> list[Partner]:
    """Return the platforms that the actor's own centre has agreed with, by name."""
    paths = [path for _, path in actor.grants]
    found = session.execute(select(Partner, Site.path).join(Site, Site.id == Partner.site_id).order_by(Partner.name))
    return [one for one, there in found if any(path.startswith(there) or there.startswith(path) for path in paths)]


def ask_link(session: Session, actor: Actor, partner_id: int, account: str, agreed: bool, *, at: datetime) -> PartnerAccount:
    """Link an account and ask the partner whether it is this person's. Raises NotFound, Invalid, Conflict.

    Only a confirmed link keeps others from linking the same account: whoever merely asked for it first blocks nobody.
    """
    partner = load(session, Partner, partner_id)
    if actor.user_id is None or partner not in partners_for(session, actor):
        raise NotFound("partner")
    account = account.strip()
    if not ACCOUNT.fullmatch(account):
        raise Invalid.field("account", N_("Please write the number of your account there."))
    if not agreed:
        raise Invalid.field("agree", N_("Without your agreement nothing is sent."))
    if not partner.active or partner.refused_at is not None:
        raise Conflict("partner_closed", N_("Nothing can be moved in this direction just now."))
    person = lock(session, Person, actor.user_id)
    index = blind(session, partner.id, account)
    mine = select(PartnerAccount).where(PartnerAccount.partner_id == partner.id, PartnerAccount.person_id == person.id)
    for other in session.scalars(mine.where(PartnerAccount.state.in_(LIVING))):
        if other.state is LinkState.ASKED and other.agreed_at + PENDING <= at:
            _end(session, other, at)
        elif other.taken == index or (other.state is LinkState.ASKED and other.account == account):
            return other  # a second tap
        else:
            raise Conflict("linked_already", N_("You have an account linked there. End that link first."))
    if _is_taken(session, partner.id, index):
        raise Invalid.field("account", N_("We cannot link this account. Please ask your station."))

    link = PartnerAccount(partner_id=partner.id, person_id=person.id, mask=mask(account), agreed_at=at)
    link.person = person
    session.add(link)
    link.account = account
    session.flush()  # the call names it
    calls.queue(session, partner.id, CallKind.VERIFY, at=at, link=link, link_id=link.uid)
    record(session, actor, "partner_linked", f"partner:{partner.id}", at=at, site_path=partner.site.path)
    return link


def end_link(session: Session, actor: Actor, link_id: int, *, at: datetime) -> PartnerAccount:
    """The person takes the consent back. Raises Conflict while points are on their way."""
    link = load(session, PartnerAccount, link_id)
    if link.person_id != actor.user_id:
        raise NotFound("partneraccount")
    link = lock(session, PartnerAccount, link_id)
    if link.state not in LIVING:
        return link
    going = select(Exchange.id).where(Exchange.link_id == link.id, or_(*(Exchange.status == one for one in sorted(OPEN))))
    if session.scalar(going.limit(1)) is not None:
        raise Conflict("points_going", N_("Points are still on their way. Please wait until they have arrived."))
    _end(session, link, at)
    record(session, actor, "partner_unlinked", f"partner:{link.partner_id}", at=at, site_path=link.partner.site.path)
    return link


def verified(session: Session, link: PartnerAccount, right: bool, *, at: datetime) -> None:
    """The partner has said whether the account is this person's. What was decided or ended before stays so.

    An account that is confirmed for somebody else already is refused: nothing is confirmed for two.
    """
    if link.state is not LinkState.ASKED:
        return
    index = blind(session, link.partner_id, link.account or "")
    right = right and bool(link.account) and not _is_taken(session, link.partner_id, index)
    link.advance(LinkAction.VERIFY if right else LinkAction.REFUSE)
    link.verified_at, link.taken = at, index if right else None
    template = "partner_verified" if right else "partner_refused"
    tell(session, Recipient(link.person_id, locale=link.person.locale), template, {"partner": link.partner.name}, at=at)


def _end(session: Session, link: PartnerAccount, at: datetime) -> None:
    link.advance(LinkAction.END)
    link.ended_at, link.taken = at, None
    calls.queue(session, link.partner_id, CallKind.UNLINK, at=at, link=link, link_id=link.uid)


def _is_taken(session: Session, partner_id: int, index: str) -> bool:
    taken = select(PartnerAccount.id).where(PartnerAccount.partner_id == partner_id, PartnerAccount.taken == index)
    return session.scalar(taken) is not None


def by_uid(session: Session, partner_id: int, uid: str) -> PartnerAccount:
    """Return a link of this partner's by the name it was told, held. Raises NotFound."""
    found = session.scalar(select(PartnerAccount.id).where(PartnerAccount.partner_id == partner_id, PartnerAccount.uid == uid))
    if found is None:
        raise NotFound("link")
    return lock(session, PartnerAccount, found)
