"""From an empty database to a county: its centre, its first administrator, its zone, languages and first rules.

Whoever opens it proves with a one-time token that they can read the console of the machine: nobody else may be first.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy.orm import Session

from volunteer.access import SYSTEM, Role
from volunteer.accounts.models import ConsentKind, Person, RoleGrant
from volunteer.accounts.registering import PersonDraft, record_consent, register_person
from volunteer.administration.starting import begin_lists
from volunteer.audit.recording import record
from volunteer.kernel.errors import Conflict, Forbidden, Invalid
from volunteer.kernel.words import LOCALES, N_
from volunteer.places import queries as places
from volunteer.places.adopting import adopt_policy
from volunteer.places.founding import SiteDraft, found_site
from volunteer.places.models import Mark, PolicyKind, Site
from volunteer.places.queries import COUNTY

TOKEN = "opening"  # noqa: S105 - the mark under which the hash of the one-time token waits
TOKEN_LIVES = timedelta(hours=24)
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # read from a console and typed: nothing that looks like something else
TOKEN_LENGTH = 16
ALREADY_OPEN = N_("This county is set up already.")


@dataclass(frozen=True, kw_only=True)
class CountyDraft:
    """What the first page asks. ``towns`` are founded with it; ``policies`` is what differs from the defaults."""

    centre: SiteDraft
    time_zone: str
    languages: tuple[str, ...]
    name: str
    login_name: str
    password: str
    phone: str | None = None
    towns: tuple[SiteDraft, ...] = ()
    policies: Mapping[PolicyKind, Mapping[str, Any]] = field(default_factory=dict)


def is_open(session: Session) -> bool:
    """Return whether this database is a county already."""
    return places.centre(session) is not None


def new_token(session: Session, *, at: datetime) -> str:
    """Return a fresh one-time token; an earlier one is worth nothing any more. Raises Conflict when the county is open."""
    if is_open(session):
        raise Conflict("county_open", ALREADY_OPEN)
    token = "".join(secrets.choice(LETTERS) for _ in range(TOKEN_LENGTH))
    session.merge(Mark(name=TOKEN, value={"hash": _hash(token), "until": (at + TOKEN_LIVES).isoformat()}))
    return "-".join(token[start : start + 4] for start in range(0, TOKEN_LENGTH, 4))


def token_fits(session: Session, token: str, *, at: datetime) -> bool:
    """Return whether ``token`` is the one that the console printed last, and still young enough."""
    waiting = places.mark(session, TOKEN) or {}
    fits = hmac.compare_digest(str(waiting.get("hash", "")), _hash(token))
    return fits and bool(waiting) and datetime.fromisoformat(waiting["until"]) > at


def open_county(session: Session, token: str, draft: CountyDraft, *, notice: str, at: datetime) -> Person:
    """Found the county and return its first administrator, who holds it as administrator and as county IT.

    Raises Forbidden for a wrong token, Conflict when somebody was faster, Invalid with every complaint.
    """
    if is_open(session):
        raise Conflict("county_open", ALREADY_OPEN)
    if not token_fits(session, token, at=at):
        raise Forbidden("opening")
    if draft.time_zone not in available_timezones():
        raise Invalid.field("time_zone", N_("Please choose one of these."))
    if not draft.languages or not set(draft.languages) <= set(LOCALES):
        raise Invalid.field("languages", N_("Please choose one of these."))

    session.info["zone"] = ZoneInfo(draft.time_zone)
    session.add(Mark(name=COUNTY, value={"time_zone": draft.time_zone, "languages": list(draft.languages)}))
    centre = found_site(session, SYSTEM, draft.centre, at=at)
    for town in draft.towns:
        found_site(session, SYSTEM, town, centre, at=at)
    begin_lists(session, at=at)
    _adopt(session, centre, draft.policies, at)
    person = _first(session, centre, draft, notice, at)
    session.delete(session.get_one(Mark, TOKEN))
    record(session, SYSTEM, "county_opened", f"person:{person.id}", at=at, site_path=centre.path, zone=draft.time_zone)
    return person


def _adopt(session: Session, centre: Site, policies: Mapping[PolicyKind, Mapping[str, Any]], at: datetime) -> None:
    for kind, values in policies.items():
        if values:
            adopt_policy(session, SYSTEM, centre, kind, values, valid_from=at, at=at)


def _first(session: Session, centre: Site, draft: CountyDraft, notice: str, at: datetime) -> Person:
    about = PersonDraft(
        name=draft.name, login_name=draft.login_name, password=draft.password, phone=draft.phone, locale=draft.languages[0]
    )
    person = register_person(session, SYSTEM, about, at=at, role=Role.SITE_ADMIN, site=centre)
    session.add(RoleGrant(person_id=person.id, role=Role.COUNTY_IT, site_id=centre.id, since=at))
    record_consent(session, SYSTEM, person, ConsentKind.REGISTER_NOTICE, notice=notice, at=at)
    return person


def _hash(token: str) -> str:
    """Letters and figures alone count, so a token may be typed with or without its dashes, in any case."""
    plain = "".join(sign for sign in token.upper() if sign.isalnum())
    return hashlib.sha256(f"opening:{plain}".encode()).hexdigest()
