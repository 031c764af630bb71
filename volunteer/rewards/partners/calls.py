"""Our calls to a partner: queued in the transaction that decided them, sent by a job outside any, and written down."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from volunteer.kernel import outward, signing
from volunteer.kernel.db import lock
from volunteer.rewards.partners.models import CallKind, Exchange, Partner, PartnerAccount, PartnerCall, PartnerSecret
from volunteer.rewards.partners.rules import Doubled, strict_json, wait_before

BATCH = 10
GONE = 410
DEFINITE = frozenset({400, 403, 404, 409, 413, 422})  # the other side has understood and says no


@dataclass(frozen=True, slots=True)
class Parcel:
    """One call ready to go."""

    call_id: int
    address: str
    headers: dict[str, str]
    body: bytes
    loopback: bool

    def go(self) -> outward.Answer:
        """Send it and wait for the answer; touches no database."""
        return outward.post(self.address, self.headers, self.body, loopback=self.loopback)


def queue(
    session: Session,
    partner_id: int,
    kind: CallKind,
    *,
    at: datetime,
    exchange: Exchange | None = None,
    link: PartnerAccount | None = None,
    **data: Any,
) -> PartnerCall:
    """Leave a call to the job."""
    call = PartnerCall(partner_id=partner_id, kind=kind, data=data, made_at=at, due_at=at)
    call.exchange_id = exchange.id if exchange is not None else None
    call.link_id = link.id if link is not None else None
    session.add(call)
    return call


def drop(session: Session, exchange_id: int, *kinds: CallKind) -> None:
    """Nothing more is to be said in this way about a transfer."""
    waiting = update(PartnerCall).where(PartnerCall.exchange_id == exchange_id, PartnerCall.kind.in_(kinds))
    session.execute(waiting.where(PartnerCall.due_at.is_not(None)).values(due_at=None))


def secrets_of(session: Session, partner_id: int, *, at: datetime) -> list[str]:
    """Return the secrets that hold now, the newest first."""
    found = select(PartnerSecret).where(PartnerSecret.partner_id == partner_id, PartnerSecret.begins <= at)
    keyring = session.info["keyring"]
    rows = session.scalars(found.order_by(PartnerSecret.begins.desc(), PartnerSecret.id.desc()))
    return [keyring.unseal(row.sealed, identity(row)) for row in rows if row.ends is None or row.ends > at]


def identity(secret: PartnerSecret) -> str:
    """Return what a sealed secret is bound to."""
    return f"partner_secrets.sealed:{secret.uid}"


def claim(session: Session, *, at: datetime) -> list[Parcel]:
    """Take up to ten due calls. Whoever dies after this leaves them due again at the time of their next try."""
    due = (
        select(PartnerCall)
        .join(Partner, Partner.id == PartnerCall.partner_id)
        .where(PartnerCall.due_at <= at, Partner.refused_at.is_(None), Partner.address != "")
        .order_by(PartnerCall.due_at, PartnerCall.id)
        .limit(BATCH)
    )
    parcels = []
    for call in session.scalars(due.with_for_update(skip_locked=True, of=PartnerCall)):
        call.attempts += 1
        later = wait_before(call.attempts, secrets.randbelow(1001) / 1000)
        call.due_at = at + later if later is not None else None
        if later is None:
            call.failed_at = at  # unless this last try is answered
        if (parcel := _wrap(session, call, at)) is not None:
            parcels.append(parcel)
    return parcels


def _wrap(session: Session, call: PartnerCall, at: datetime) -> Parcel | None:
    partner = session.get_one(Partner, call.partner_id)
    data = dict(call.data)
    link = _link(session, call)
    if call.kind in {CallKind.RESERVE, CallKind.VERIFY}:
        account = link.account if link is not None else None
        if account is None:  # the person is forgotten: there is nobody to move points for
            call.due_at, call.failed_at, call.error = None, at, "forgotten"
            return None
        data["account"] = account
    held = secrets_of(session, partner.id, at=at)
    if not held:
        call.error = "no secret"
        return None
    body = json.dumps(
        {"type": call.kind.value, "timestamp": call.made_at.isoformat(), "data": data}, separators=(",", ":")
    ).encode()
    name = f"msg_{call.uid}"
    headers = signing.headers(held, name, at, body) | {"Idempotency-Key": name}
    return Parcel(call.id, partner.address, headers, body, bool(session.info.get("partners_loopback")))


def _link(session: Session, call: PartnerCall) -> PartnerAccount | None:
    if call.link_id is not None:
        return session.get(PartnerAccount, call.link_id)
    return session.get_one(Exchange, call.exchange_id).link if call.exchange_id is not None else None


def held(session: Session, call_id: int) -> tuple[PartnerCall, Exchange | None]:
    """Return a call and its transfer, both held: the transfer first, as every verb does."""
    exchange_id = session.scalar(select(PartnerCall.exchange_id).where(PartnerCall.id == call_id))
    exchange = lock(session, Exchange, exchange_id) if exchange_id is not None else None
    return lock(session, PartnerCall, call_id), exchange


def read(answer: outward.Answer) -> dict[str, Any] | None:
    """Return the object that was answered; None when it cannot be read."""
    try:
        return strict_json(answer.body)
    except (Doubled, ValueError, RecursionError):
        return None
