"""What a partner may ask of us: one address for each partner, one signed message for each act. docs/api.md says it all.

The signature covers id, time and body, so the body says what is asked; nothing that counts stands in address or headers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn

import structlog
from flask import Blueprint, Response, request
from flask_babel import gettext as _
from marshmallow import RAISE, Schema, ValidationError, fields
from marshmallow.validate import Length, OneOf, Range
from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.kernel import signing
from volunteer.kernel.clock import now
from volunteer.kernel.db import db, insert_into
from volunteer.kernel.errors import DomainError, Invalid, NotFound
from volunteer.rewards.partners import calls, exchanging, linking, reconciling
from volunteer.rewards.partners.lifecycle import Sender, Status
from volunteer.rewards.partners.models import CallKind, Exchange, Partner, PartnerAnswer, PartnerSeen
from volunteer.rewards.partners.rules import LARGEST, Doubled, strict_json
from volunteer.web import csrf, errors, forms
from volunteer.web.identity import open_to_all
from volunteer.web.unit import transaction

bp = Blueprint("partners_api", __name__)
csrf.protect.exempt(bp)
log = structlog.get_logger("volunteer.partners")
Said = tuple[int, dict[str, Any]]
Act = Callable[[Session, Partner, dict[str, Any], datetime], Said]
FINAL = {CallKind.CONFIRM: Status.CONFIRMED, CallKind.CANCEL: Status.CANCELLED}


class Whole(fields.Integer):
    """A whole number of JSON: neither text nor true."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid", input=value)
        return value


class Points(Schema):
    """Both amounts, so that nothing has to be worked out again."""

    centre = Whole(required=True, validate=Range(1, LARGEST))
    partner = Whole(required=True, validate=Range(1, LARGEST))


class Reserve(Schema):
    """transfer.reserve"""

    id = fields.String(required=True, validate=Length(8, 64))
    sender = fields.String(required=True, validate=OneOf(["partner"]))
    account = fields.String(required=True, validate=Length(4, 64))
    points = fields.Nested(Points, required=True)
    day = fields.Date(required=True)
    expires_at = fields.AwareDateTime()


class One(Schema):
    """transfer.confirm, transfer.cancel"""

    id = fields.String(required=True, validate=Length(8, 64))
    sender = fields.String(required=True, validate=OneOf(["partner"]))


class State(One):
    """transfer.state: of a transfer of either side"""

    sender = fields.String(required=True, validate=OneOf(["partner", "centre"]))


class Day(Schema):
    """transfers.day"""

    day = fields.Date(required=True)
    sender = fields.String(required=True, validate=OneOf(["partner", "centre"]))
    after = fields.String(load_default="", validate=Length(0, 64))


class Verified(Schema):
    """account.verified"""

    link_id = fields.String(required=True, validate=Length(32, 32))
    state = fields.String(required=True, validate=OneOf(["verified", "refused"]))


@bp.post("/api/partners/v1/<code>")
@open_to_all
def receive(code: str) -> Response:
    """Check who says it, then do it once."""
    if (request.content_length or 0) > signing.LONGEST_BODY:
        return _no(413, "too_large", _("That is too large."))
    body = request.stream.read(signing.LONGEST_BODY + 1)
    if len(body) > signing.LONGEST_BODY:
        return _no(413, "too_large", _("That is too large."))
    at = now()
    partner_id, name = _signed_by(code, body, at)
    if partner_id is None:
        return _no(401, "not_signed", _("The signature is missing, wrong or too old."))
    try:
        message = strict_json(body)
    except (Doubled, ValueError, RecursionError):
        return _no(400, "unreadable", _("This is no JSON object that can be read in one way only."))
    if not _fresh(body, at):
        return _no(409, "replayed", _("This very message came before. Sign each try anew."))
    try:
        return _answer(*_done(partner_id, name, message, body, at))
    except DomainError as error:
        log.info("partner_refused", partner=code, code=error.code)
        return errors.refused(error)


def _signed_by(code: str, body: bytes, at: datetime) -> tuple[int | None, str]:
    """Return the partner who signed and the id of the message. An unknown code takes as long as a wrong signature."""
    unit = db.session()
    partner_id = unit.scalar(select(Partner.id).where(Partner.code == code[:30]))
    held = calls.secrets_of(unit, partner_id, at=at) if partner_id is not None else []
    try:
        name = signing.check(held or [signing.new_secret()], {key.lower(): value for key, value in request.headers}, body, at=at)
    except signing.NotSigned as error:
        log.warning("partner_not_signed", partner=code[:30], why=str(error))
        return None, ""
    return partner_id, name


def _fresh(body: bytes, at: datetime) -> bool:
    """Write the message down, for good, before anything is done: the very same one is not accepted again."""
    parts = (request.headers.get(signing.ID, ""), request.headers.get(signing.TIMESTAMP, ""))
    digest = hashlib.sha256("\0".join(parts).encode() + b"\0" + body).hexdigest()
    with transaction() as session:
        statement = (
            insert_into(session, PartnerSeen).values(digest=digest, at=at).on_conflict_do_nothing(index_elements=["digest"])
        )
        return session.scalar(statement.returning(PartnerSeen.digest)) is not None


def _done(partner_id: int, name: str, message: dict[str, Any], body: bytes, at: datetime) -> Said:
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in ACTS:
        raise Invalid.field("type", errors.HTTP_WORDS[400])
    schema, act, changes = ACTS[kind]
    data = _load(schema, message.get("data"))
    if changes and not request.headers.get("Idempotency-Key"):
        return 400, _problem(400, "key_missing", _("Idempotency-Key is missing."))
    if changes and request.headers["Idempotency-Key"] != name:
        return 400, _problem(400, "key_unsigned", _("Idempotency-Key must be the webhook-id, which is signed."))
    with transaction() as session:
        partner = session.get_one(Partner, partner_id)
        if not changes:
            return act(session, partner, data, at)
        if (earlier := _claim(session, partner_id, name, body, at)) is not None:
            return earlier
        status, said = act(session, partner, data, at)
        row = session.get_one(PartnerAnswer, (partner_id, name))
        row.code, row.body = status, json.dumps(said)
        return status, said


def _claim(session: Session, partner_id: int, name: str, body: bytes, at: datetime) -> Said | None:
    """Return None when this message is ours to do, else what it was answered the first time."""
    fingerprint = hashlib.sha256(body).hexdigest()
    values = {"partner_id": partner_id, "call": name, "fingerprint": fingerprint, "at": at}
    mine = insert_into(session, PartnerAnswer).values(**values).on_conflict_do_nothing(index_elements=["partner_id", "call"])
    if session.scalar(mine.returning(PartnerAnswer.call)) is not None:
        return None
    earlier = session.get_one(PartnerAnswer, (partner_id, name), populate_existing=True)
    if earlier.fingerprint != fingerprint:
        return 422, _problem(422, "key_reused", _("This id was used before with other content."))
    if earlier.code is None:
        return 409, _problem(409, "still_at_work", _("This was sent already and is being worked on."))
    said: dict[str, Any] = json.loads(earlier.body or "{}")
    return earlier.code, said


def _reserve(session: Session, partner: Partner, data: dict[str, Any], at: datetime) -> Said:
    points = data["points"]
    made = exchanging.reserve(
        session, partner, data["id"], data["account"], points["centre"], points["partner"], data["day"], at=at
    )  # fmt: skip
    return 201, facts_of(made)


def _end(kind: CallKind) -> Act:
    verb = exchanging.confirm if kind is CallKind.CONFIRM else exchanging.cancel

    def act(session: Session, partner: Partner, data: dict[str, Any], at: datetime) -> Said:
        made = verb(session, _found(session, partner, data), at=at)
        if made.status is FINAL[kind]:
            return 200, facts_of(made)
        return 409, _problem(409, f"transfer_{made.status.value}", _("This transfer stands otherwise."), transfer=facts_of(made))

    return act


def _state(session: Session, partner: Partner, data: dict[str, Any], at: datetime) -> Said:
    return 200, facts_of(_found(session, partner, data))


def _day(session: Session, partner: Partner, data: dict[str, Any], at: datetime) -> Said:
    listed, more = reconciling.day_list(session, partner.id, Sender(data["sender"]), data["day"], data["after"])
    return 200, {"transfers": [reconciling.as_facts(one) for one in listed], "more": more}


def _verified(session: Session, partner: Partner, data: dict[str, Any], at: datetime) -> Said:
    link = linking.by_uid(session, partner.id, data["link_id"])
    linking.verified(session, link, data["state"] == "verified", at=at)
    return 200, {"link_id": link.uid, "state": link.state.value}


ACTS: dict[str, tuple[type[Schema], Act, bool]] = {
    CallKind.RESERVE.value: (Reserve, _reserve, True),
    CallKind.CONFIRM.value: (One, _end(CallKind.CONFIRM), True),
    CallKind.CANCEL.value: (One, _end(CallKind.CANCEL), True),
    CallKind.STATE.value: (State, _state, False),
    CallKind.DAY.value: (Day, _day, False),
    CallKind.VERIFIED.value: (Verified, _verified, True),
}


def facts_of(made: Exchange) -> dict[str, Any]:
    """Return a transfer as it is told to the partner."""
    facts = reconciling.as_facts(reconciling.as_entry(made))
    return facts | {"day": made.day.isoformat(), "expires_at": made.expires_at.isoformat()}


def _found(session: Session, partner: Partner, data: dict[str, Any]) -> Exchange:
    made = exchanging.by_wire(session, partner.id, Sender(data["sender"]), data["id"])
    if made is None:
        raise NotFound("transfer")
    return made


def _load(schema: type[Schema], data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        _not_right("data")
    try:
        loaded: dict[str, Any] = schema().load(data, unknown=RAISE)
    except ValidationError as error:
        raise forms.invalid(error) from None
    return loaded


def _not_right(name: str) -> NoReturn:
    raise Invalid.field(name, forms.NOT_RIGHT)


def _problem(status: int, code: str, words: str, **more: Any) -> dict[str, Any]:
    return {"type": "about:blank", "title": words, "status": status, "code": code, **more}


def _no(status: int, code: str, words: str) -> Response:
    return _answer(status, _problem(status, code, words))


def _answer(status: int, said: dict[str, Any]) -> Response:
    kind = "application/json" if status < 400 else "application/problem+json"
    return Response(json.dumps(said, ensure_ascii=False), status=status, content_type=kind)
