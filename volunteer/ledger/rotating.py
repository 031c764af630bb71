"""A new signing key takes two people: one asks and says why, another one decides. The retired key stays published.

So does revoking a key that leaked: from a moment on it is believed no more, and everybody can read so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import SYSTEM, Actor, Permission, is_county
from volunteer.accounts.humans import same_person
from volunteer.audit.recording import record
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.ledger import keys
from volunteer.ledger.models_chain import KeyRequest
from volunteer.ledger.models_keys import Loss, Purpose, SigningKey

REASON = 200
GOOD_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class RevokeDraft:
    """Which key is to be believed no more, from when on, of which kind its loss is, and what happened."""

    kid: str
    since: datetime
    why: Loss
    reason: str


def ask(session: Session, actor: Actor, purpose: Purpose, reason: str, *, at: datetime) -> KeyRequest:
    """Ask for a new key. Raises Invalid without a reason, Conflict while somebody else's request for it is open."""
    must_hold(actor, Permission.KEYS_ROTATE)
    _must_be_said(reason)
    for other in waiting(session, at=at):
        if other.purpose == purpose and other.revokes is None:
            if other.asked_by == actor.user_id:
                return other
            raise Conflict("already_asked", N_("Somebody has already asked for this key. Please decide that request."))

    asked = KeyRequest(purpose=purpose.value, reason=reason.strip(), asked_by=actor.user_id, asked_at=at)
    session.add(asked)
    session.flush()  # the log names it
    record(session, actor, "key_asked", f"key_request:{asked.id}", at=at, purpose=purpose.value)
    return asked


def ask_to_revoke(session: Session, actor: Actor, draft: RevokeDraft, *, at: datetime) -> KeyRequest:
    """Ask that a key be believed no more from a moment on. Raises Invalid, NotFound, Conflict while another asks the same.

    The moment may be made earlier by another request, never later: what was called false stays false.
    """
    must_hold(actor, Permission.KEYS_ROTATE)
    key = keys.find(session, draft.kid)
    if key is None:
        raise NotFound("key")
    _must_be_said(draft.reason)
    since = max(draft.since, key.begins)
    if since > min(at, key.ends or at):
        raise Invalid.field("since", N_("Please choose a moment while this key was signing."))
    if key.revoked_from is not None and since >= key.revoked_from:
        raise Conflict("revoked_before", N_("This key is revoked from an earlier moment already."))
    for other in waiting(session, at=at):
        if other.revokes == key.kid:
            if (other.asked_by, other.since, other.why) == (actor.user_id, since, draft.why):
                return other
            raise Conflict("already_asked", N_("Somebody has already asked for this key. Please decide that request."))

    asked = KeyRequest(purpose=key.purpose.value, reason=draft.reason.strip(), asked_by=actor.user_id, asked_at=at,
                       revokes=key.kid, since=since, why=draft.why)  # fmt: skip
    session.add(asked)
    session.flush()  # the log names it
    record(session, actor, "key_revoke_asked", f"key_request:{asked.id}", at=at, kid=key.kid, why=draft.why.value)
    return asked


def decide(session: Session, actor: Actor, request_id: int, yes: bool, *, at: datetime) -> KeyRequest:
    """Say yes or no as the second person; yes retires the key in force and makes a new one, or revokes the key asked about.

    A repeat of one's own answer changes nothing. Raises Conflict for whoever asked, and when it was answered or is too old.
    """
    must_hold(actor, Permission.KEYS_APPROVE)
    asked = lock(session, KeyRequest, request_id)
    if asked.decided_at is not None:
        if (asked.decided_by, asked.approved) == (actor.user_id, yes):
            return asked
        raise Conflict("decided", N_("Somebody else has already decided this."))
    if same_person(session, asked.asked_by, actor.user_id):
        raise Conflict("own_request", N_("A second person decides this. Please ask a colleague."))
    if at - asked.asked_at > GOOD_FOR:
        raise Conflict("too_old", N_("This request is more than a week old. Please ask again."))

    asked.decided_by, asked.decided_at, asked.approved = actor.user_id, at, yes
    if yes and asked.revokes is not None and asked.since is not None and asked.why is not None:
        revoked = lock(session, SigningKey, asked.revokes)
        since = min(asked.since, revoked.revoked_from or asked.since)
        keys.revoke(session, revoked, since, asked.why, at=at, by=asked.asked_by)
        record(session, actor, "key_revoked", f"key_request:{asked.id}", at=at, kid=revoked.kid, since=since.isoformat())
    elif yes:
        asked.kid = keys.rotate(session, Purpose(asked.purpose), at=at, by=asked.asked_by).kid
        record(session, actor, "key_changed", f"key_request:{asked.id}", at=at, purpose=asked.purpose, kid=asked.kid)
    else:
        record(session, actor, "key_refused", f"key_request:{asked.id}", at=at, purpose=asked.purpose)
    return asked


def change_alone(session: Session, purpose: Purpose, reason: str, *, at: datetime) -> SigningKey:
    """Change a key at the machine's console, for when it leaked and nobody else can be reached. The log says so for ever."""
    _must_be_said(reason)
    key = keys.rotate(session, purpose, at=at)
    record(session, SYSTEM, "key_changed_alone", f"key:{key.kid}", at=at, purpose=purpose.value, reason=reason.strip())
    return key


def waiting(session: Session, *, at: datetime) -> Sequence[KeyRequest]:
    """Return the requests that may still be decided, the oldest first."""
    still = select(KeyRequest).where(KeyRequest.decided_at.is_(None), KeyRequest.asked_at >= at - GOOD_FOR)
    return session.scalars(still.order_by(KeyRequest.id)).all()


def decided(session: Session, limit: int = 20) -> Sequence[KeyRequest]:
    """Return what was decided lately, the newest first."""
    found = select(KeyRequest).where(KeyRequest.decided_at.is_not(None))
    return session.scalars(found.order_by(KeyRequest.id.desc()).limit(limit)).all()


def _must_be_said(reason: str) -> None:
    if not 2 <= len(reason.strip()) <= REASON:
        raise Invalid.field("reason", N_("Please say why, in a few words."))


def must_hold(actor: Actor, permission: Permission) -> None:
    """Raise Forbidden for a right over less than a county: keys are the whole installation's."""
    if not any(path == "/" or is_county(path) for path in actor.scopes(permission)):
        raise Forbidden(permission.value)
