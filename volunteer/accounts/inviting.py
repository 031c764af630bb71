"""Inviting somebody to work here: a link that opens once, bound to one role in one place, made by who may give that role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from volunteer.access import STAFF, Actor, Permission, Role
from volunteer.accounts import rules
from volunteer.accounts.granting import IN_THE_PAST, NOT_YOURS_TO_GIVE, held, sign_out_everywhere
from volunteer.accounts.models import ConsentKind, Person, RoleGrant
from volunteer.accounts.models_entering import Invitation
from volunteer.accounts.registering import NOT_MOBILE, PersonDraft, record_consent, register_person
from volunteer.accounts.tokens import hashed, link, new_token
from volunteer.audit.recording import record
from volunteer.kernel.crypto import SealBroken
from volunteer.kernel.db import load, under
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places.models import Site

LIVES = timedelta(days=7)
INVITED = STAFF | {Role.MERCHANT}
OVER = N_("This link was used already, or it is too old. Please ask for a new one.")


@dataclass(frozen=True)
class InvitationDraft:
    """Who is invited to do what, where, until when."""

    name: str
    role: Role
    site_id: int
    phone: str | None = None
    until: datetime | None = None


def invite(session: Session, actor: Actor, draft: InvitationDraft, *, at: datetime) -> tuple[Invitation, str]:
    """Return the invitation and its link, which nobody can read again later; with a phone it is also sent there."""
    site = load(session, Site, draft.site_id)
    actor.must(Permission.PEOPLE_MANAGE, at=site.path)
    if draft.role not in INVITED or not actor.may_give(draft.role, at=site.path):
        raise Invalid.field("role", NOT_YOURS_TO_GIVE)
    if site.closed_at is not None:
        raise Invalid.field("site", N_("This site is closed."))
    if draft.until is not None and draft.until <= at:
        raise Invalid.field("until", IN_THE_PAST)
    phone = rules.mobile(draft.phone) if draft.phone else None
    if draft.phone and phone is None:
        raise Invalid.field("phone", NOT_MOBILE)

    token = new_token()
    invitation = Invitation(
        token_hash=hashed(token),
        name=draft.name.strip(),
        role=draft.role,
        site_id=site.id,
        until=draft.until,
        made_by=actor.user_id,
        made_at=at,
        expires_at=at + LIVES,
    )
    if phone:
        invitation.phone_sealed = session.info["keyring"].seal(phone, _identity(invitation))
    session.add(invitation)
    session.flush()  # the id is wanted
    record(session, actor, "staff_invited", f"invitation:{invitation.id}", at=at, site_path=site.path, role=draft.role.value)
    return invitation, _send(session, invitation, token, at)


def renew(session: Session, actor: Actor, invitation_id: int, *, at: datetime) -> tuple[Invitation, str]:
    """Return the invitation with a new link; the old one opens nothing any more."""
    invitation = _open_for(session, actor, invitation_id)
    if not actor.may_give(invitation.role, at=invitation.site.path):
        raise Invalid.field("role", NOT_YOURS_TO_GIVE)
    if invitation.until is not None and invitation.until <= at:
        raise Conflict("invitation_over", N_("The role would have ended by now. Please invite anew."))
    token = new_token()
    invitation.token_hash, invitation.expires_at = hashed(token), at + LIVES
    invitation.made_by = actor.user_id  # answers for it from now on
    record(session, actor, "staff_invited", f"invitation:{invitation.id}", at=at, site_path=invitation.site.path, again=True)
    return invitation, _send(session, invitation, token, at)


def withdraw(session: Session, actor: Actor, invitation_id: int, *, at: datetime) -> Invitation:
    """Make an invitation open nothing any more. Twice is no error."""
    invitation = load(session, Invitation, invitation_id)
    actor.must(Permission.PEOPLE_MANAGE, at=invitation.site.path)
    if invitation.withdrawn_at is not None:
        return invitation
    _open_for(session, actor, invitation_id)
    invitation.withdrawn_at, invitation.phone_sealed = at, None
    record(session, actor, "invitation_withdrawn", f"invitation:{invitation.id}", at=at, site_path=invitation.site.path)
    return invitation


def behind(session: Session, token: str, *, at: datetime) -> Invitation:
    """Return the invitation that ``token`` opens. Raises NotFound for used, old, withdrawn and guessed ones alike."""
    alive = (Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None), Invitation.expires_at > at)
    invitation = session.scalar(
        select(Invitation).options(joinedload(Invitation.site)).where(Invitation.token_hash == hashed(token), *alive)
    )
    if invitation is None or (invitation.until is not None and invitation.until <= at) or invitation.site.closed_at is not None:
        raise NotFound("invitation")
    if not _inviter_still_may(session, invitation, at):
        raise NotFound("invitation")
    return invitation


def accept(session: Session, token: str, draft: PersonDraft, *, notice: str, at: datetime) -> Person:
    """Make the invited person known, with the role that was meant for them. The link is used up."""
    invitation = behind(session, token, at=at)
    if not draft.login_name or not draft.password:
        raise Invalid.field("login_name", N_("Please fill this in."))
    _use_up(session, invitation, at)
    phone = phone_of(session, invitation)
    person = register_person(session, _inviter(invitation), replace(draft, phone=phone), at=at)
    invitation.person_id, invitation.phone_sealed = person.id, None
    _give(session, invitation, person, at)
    record_consent(session, Actor(person.id, frozenset()), person, ConsentKind.REGISTER_NOTICE, notice=notice, at=at)
    return person


def accept_as(session: Session, actor: Actor, token: str, *, at: datetime) -> Invitation:
    """Somebody who has an account already takes the role on; they are logged out and come back with it."""
    invitation = behind(session, token, at=at)
    person = load(session, Person, actor.user_id)
    if person.id == invitation.made_by:
        raise Conflict("own_role", N_("Somebody else must change your own roles."))
    if person.login_name is None or person.password_hash is None:
        raise Conflict("no_password", N_("Staff log in with a password. Please log out, then open the link anew."))
    _use_up(session, invitation, at)
    invitation.person_id, invitation.phone_sealed = person.id, None
    _give(session, invitation, person, at)
    sign_out_everywhere(session, person.id, at=at)
    return invitation


def pending(session: Session, paths: Sequence[str], *, at: datetime) -> Sequence[Invitation]:
    """Return invitations under the site ``paths`` that nobody has used, newest first; also those whose time has passed."""
    found = (
        select(Invitation)
        .join(Site, Site.id == Invitation.site_id)
        .options(joinedload(Invitation.site))
        .where(Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None), Invitation.expires_at > at - 4 * LIVES)
        .where(under(paths, Site.path))
    )
    return session.scalars(found.order_by(Invitation.id.desc())).all()


def phone_of(session: Session, invitation: Invitation) -> str | None:
    """Return the phone that the invitation went to."""
    if invitation.phone_sealed is None:
        return None
    try:
        return str(session.info["keyring"].unseal(invitation.phone_sealed, _identity(invitation)))
    except SealBroken:
        return None


def forget_old(session: Session, at: datetime) -> None:
    """Wipe the phones of those who never came."""
    session.execute(update(Invitation).where(Invitation.expires_at < at - 4 * LIVES).values(phone_sealed=None))


def _send(session: Session, invitation: Invitation, token: str, at: datetime) -> str:
    address = link(session, "invited", token)
    if phone := phone_of(session, invitation):
        tell(session, Recipient(phone=phone), "staff_invited", at=at, secret={"link": address})
    return address


def _open_for(session: Session, actor: Actor, invitation_id: int) -> Invitation:
    invitation = load(session, Invitation, invitation_id)
    actor.must(Permission.PEOPLE_MANAGE, at=invitation.site.path)
    if invitation.used_at is not None or invitation.withdrawn_at is not None:
        raise Conflict("invitation_over", N_("This invitation is over."))
    return invitation


def _use_up(session: Session, invitation: Invitation, at: datetime) -> None:
    """Of two browsers that open the link at once one is let in."""
    mine = update(Invitation).where(Invitation.id == invitation.id, Invitation.used_at.is_(None)).values(used_at=at)
    if not session.execute(mine).rowcount:  # type: ignore[attr-defined]
        raise NotFound("invitation")


def _give(session: Session, invitation: Invitation, person: Person, at: datetime) -> None:
    known = any(
        grant.role is invitation.role and grant.site_id == invitation.site_id and grant.until == invitation.until
        for grant in held(session, person.id, at)
    )
    if not known:
        session.add(
            RoleGrant(
                person_id=person.id,
                role=invitation.role,
                site_id=invitation.site_id,
                since=at,
                until=invitation.until,
                granted_by=invitation.made_by,
            )
        )
    path, role = invitation.site.path, invitation.role.value
    subject = f"person:{person.id}"
    newcomer = Actor(person.id, frozenset(), name=person.name)
    record(session, newcomer, "invitation_accepted", subject, at=at, site_path=path, role=role, invitation=invitation.id)
    if invitation.made_by is not None:
        tell(session, Recipient(invitation.made_by), "invitation_accepted", at=at, about=subject)


def _inviter_still_may(session: Session, invitation: Invitation, at: datetime) -> bool:
    """Whoever lost the power to give this role lost it for the invitations on their way, too."""
    if invitation.made_by is None:
        return True
    inviter = session.get(Person, invitation.made_by)
    if inviter is None or inviter.disabled_at is not None:
        return False
    grants = frozenset((grant.role, grant.site.path) for grant in held(session, inviter.id, at))
    return Actor(inviter.id, grants).may_give(invitation.role, at=invitation.site.path)


def _inviter(invitation: Invitation) -> Actor:
    """Who the audit log names as the one who made the account known."""
    return Actor(invitation.made_by, frozenset())


def _identity(invitation: Invitation) -> str:
    return f"invitations.phone_sealed:{invitation.uid}"
