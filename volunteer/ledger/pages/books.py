"""The books in public: signed checkpoints that anybody may keep, and the keys to check signatures with."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from volunteer.kernel.db import db
from volunteer.kernel.errors import NotFound
from volunteer.kernel.words import N_
from volunteer.ledger import checkpoints, keys
from volunteer.ledger.models_chain import Checkpoint
from volunteer.ledger.models_keys import Loss, Purpose
from volunteer.web.identity import open_to_all

bp = Blueprint("books", __name__)
SHOWN = 14
PURPOSES = {
    Purpose.LEDGER: N_("the books of hours and points"),
    Purpose.CERTIFICATE: N_("certificates"),
    Purpose.BADGE: N_("digital badges"),
}
LOSSES = {
    Loss.LEAKED: N_("somebody else has it, or may have it"),
    Loss.MISUSED: N_("it signed what nobody here wanted signed"),
    Loss.WEAK: N_("it was made badly"),
}


@bp.get("/books")
@open_to_all
def show() -> ResponseReturnValue:
    """The latest checkpoints, and how anybody can hold us to them."""
    rows = checkpoints.page(db.session(), before=request.args.get("before", type=int), limit=SHOWN)
    return render_template(
        "ledger/books.html",
        found=rows.rows,
        following=url_for(".show", before=rows.next_key) if rows.next_key else None,
        first=url_for(".show") if "before" in request.args else None,
        keys={key.kid: key.public.hex() for key in keys.published(db.session(), Purpose.LEDGER)},
    )


@bp.get("/books.json")
@open_to_all
def as_json() -> ResponseReturnValue:
    """The same for programs: what was signed, its signature, its key."""
    session = db.session()
    rows = checkpoints.page(session, before=request.args.get("before", type=int), limit=SHOWN)
    said = [checkpoints.exported(session, one, blocks=False) for one in rows.rows]
    following = url_for(".as_json", before=rows.next_key) if rows.next_key else None
    return jsonify({"checkpoints": said, "next": following})


@bp.get("/books/checkpoints/<int:number>.json")
@open_to_all
def one(number: int) -> ResponseReturnValue:
    """One checkpoint as it is kept elsewhere, with the blocks since the one before."""
    session = db.session()
    checkpoint = session.get(Checkpoint, number) if number < 2**31 else None
    if checkpoint is None:
        raise NotFound("checkpoint")
    return jsonify(checkpoints.exported(session, checkpoint, blocks=True))


@bp.get("/keys")
@open_to_all
def show_keys() -> ResponseReturnValue:
    """Every key that signs or signed for this county, for people."""
    return render_template("ledger/keys.html", keys=keys.published(db.session()), purposes=PURPOSES, losses=LOSSES)


@bp.get("/keys.json")
@open_to_all
def keys_as_json() -> ResponseReturnValue:
    """The same as a JSON Web Key Set (RFC 7517, RFC 8037); ``begins`` and ``ends`` are the window of a key.

    What a key signed from ``revoked_from`` on is not to be believed.
    """
    return jsonify({"keys": [_jwk(key) for key in keys.published(db.session())]})


def _jwk(key: keys.PublishedKey) -> dict[str, Any]:
    return {
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": key.kid, "purpose": key.purpose.value,
        "x": urlsafe_b64encode(key.public).decode().rstrip("="), "begins": _said(key.begins), "ends": _said(key.ends),
        "revoked_from": _said(key.revoked_from), "revoked_why": key.revoked_why and key.revoked_why.value,
    }  # fmt: skip


def _said(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
