"""Saying something: a complaint, praise or suggestion about anything, and the follow-up that a low rating opens."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts import rules as account_rules
from volunteer.accounts.models import ConsentKind, Person
from volunteer.accounts.registering import NOT_MOBILE, record_consent, resident_of
from volunteer.feedback import telling
from volunteer.feedback.lifecycle import CaseStatus
from volunteer.feedback.models import Case, CaseChannel, CaseKind, CasePhoto
from volunteer.feedback.rules import due_by
from volunteer.kernel import serials
from volunteer.kernel.clock import end_of_day, local_date, zone_of
from volunteer.kernel.db import load
from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_
from volunteer.media.models import Photo
from volunteer.places.models import Holiday, Site
from volunteer.places.policies import cases_at
from volunteer.places.queries import branch_over
from volunteer.teams.models import Team

MOST_WORDS = 2_000
LONGEST_NAME = 30
MOST_PHOTOS = 3
NUMBER_LETTER = "F"  # before the figures, so that nobody takes it for an order's number
SPOKEN = (CaseKind.COMPLAINT, CaseKind.PRAISE, CaseKind.SUGGESTION)
TOO_LONG = N_("This is too long. Please keep it shorter.")
TOO_MANY_PHOTOS = N_("At most three photos, please.")


@dataclass(frozen=True, kw_only=True)
class CaseDraft:
    """What somebody says. Without ``wants_answer`` no name is asked for, and none is kept.

    ``about``: "order:88", "team:3", "site:5" or "" with ``label`` for people; ``notice`` is the version of the notice that was
    agreed to, "" when it was not.
    """

    kind: CaseKind
    words: str
    site_id: int | None = None
    about: str = ""
    label: str = ""
    team_id: int | None = None
    wants_answer: bool = True
    name: str = ""
    phone: str = ""
    notice: str = ""
    quotable: bool = False
    channel: CaseChannel = CaseChannel.WEB
    photos: tuple[Photo, ...] = field(default=())
    locale: str = "zh_Hans"
    stars: int | None = None


def speak(session: Session, actor: Actor, draft: CaseDraft, *, at: datetime, person: Person | None = None) -> Case:
    """Write down what somebody says and tell the staff of the place. Returns the case; ``secret`` and ``code`` can be read.

    Open to everybody on the web; by phone or at the counter whoever handles cases there writes it down. ``person``: known
    already, as the owner of the order that it is about. Raises Invalid with every complaint at once.
    """
    wrong = complaints(draft, known=person is not None)
    site = session.get(Site, draft.site_id) if draft.site_id is not None else None
    if site is None or site.closed_at is not None:
        wrong["site"] = [N_("Please choose your village or neighbourhood.")]
    team = session.get(Team, draft.team_id) if draft.team_id is not None else None
    if draft.team_id is not None and team is None:
        wrong["team"] = [N_("Please choose one of these.")]
    if wrong or site is None:
        raise Invalid("case_invalid", N_("Please check the fields that are marked."), wrong)
    if draft.channel is not CaseChannel.WEB:
        actor.must(Permission.CASES_HANDLE, at=site.path)

    if not draft.wants_answer:
        person = None
    elif person is None:
        person = _speaker(session, actor, draft, at)
    case = open_case(session, actor, draft, site=site, person=person, at=at)
    if person is not None:
        about = telling.about(case)
        record_consent(session, actor, person, ConsentKind.CASE_NOTICE, notice=draft.notice, at=at, about=about)
        telling.tell_person(session, case, "case_opened", at=at, with_code=True, by=_stamp(session, case))
    telling.tell_staff(session, case, "case_arrived", at=at)
    return case


def open_case(session: Session, actor: Actor, draft: CaseDraft, *, site: Site, person: Person | None, at: datetime) -> Case:
    """Write the case itself: checked by whoever calls, and told to nobody yet."""
    desk = branch_over(session, site)
    secret = serials.token()
    today = local_date(at, zone_of(session))
    number = serials.order_number(today, serials.take(session, f"cases:{today:%y%m}"))
    case = Case(
        number=f"{NUMBER_LETTER}{number}",
        secret_hash=hash_secret(secret),
        kind=draft.kind,
        status=CaseStatus.OPEN,
        channel=draft.channel,
        about=draft.about,
        label=draft.label,
        team_id=draft.team_id,
        stars=draft.stars,
        person=person,
        written_by=actor.user_id if draft.channel in (CaseChannel.PHONE, CaseChannel.COUNTER) else None,
        wants_answer=draft.wants_answer,
        quotable=draft.quotable and draft.kind is CaseKind.PRAISE,
        site=site,
        site_path=site.path,
        desk=desk,
        desk_path=desk.path,
        opened_at=at,
        due_at=promised(session, site.path, draft.kind, at),
    )
    if person is None:
        case.wrapped_key = session.info["keyring"].new_data_key(case.uid)
    session.add(case)
    case.secret, case.code = secret, serials.digits(6)
    case.words = draft.words.strip()
    if person is not None:
        case.contact = draft.name.strip()
        case.phone = account_rules.mobile(draft.phone) if draft.phone else person.phone
    case.photos.extend(CasePhoto(photo=photo) for photo in draft.photos)
    case.write_down("open", actor, at)
    session.flush()  # consents and messages name the case's id
    return case


def promised(session: Session, site_path: str, kind: CaseKind, at: datetime) -> datetime:
    """Return until when a case is answered: the end of the last of the centre's working days."""
    terms, zone = cases_at(session, site_path, at), zone_of(session)
    days = terms.follow_up_days if kind is CaseKind.FOLLOW_UP else terms.answer_days
    today = local_date(at, zone)
    centre = int(site_path.strip("/").split("/")[0])
    calendar = select(Holiday.day, Holiday.works).where(Holiday.site_id == centre, Holiday.day > today)
    return end_of_day(due_by(today, days, dict(session.execute(calendar).tuples().all())), zone)


def complaints(draft: CaseDraft, *, known: bool = False) -> dict[str, list[str]]:
    """Return what is wrong with a draft that can be seen without looking anything up, by field."""
    asked = draft.wants_answer and not known
    checks = (
        ("kind", draft.kind in SPOKEN, N_("Please choose one of these.")),
        ("words", bool(draft.words.strip()), N_("Please tell us in a few words.")),
        ("words", len(draft.words) <= MOST_WORDS, TOO_LONG),
        ("name", not asked or bool(draft.name.strip()), N_("Please tell us your name.")),
        ("name", len(draft.name) <= LONGEST_NAME, TOO_LONG),
        ("phone", not asked or account_rules.mobile(draft.phone) is not None, NOT_MOBILE),
        ("photos", len(draft.photos) <= MOST_PHOTOS, TOO_MANY_PHOTOS),
        ("consent", not draft.wants_answer or bool(draft.notice), N_("We need your consent to keep this. Please tick the box.")),
    )
    return {name: [words] for name, right, words in checks if not right}


def hash_secret(token: str) -> str:
    """Return what is stored of a secret link's token, and looked up by."""
    return hashlib.sha256(token.encode()).hexdigest()


def _speaker(session: Session, actor: Actor, draft: CaseDraft, at: datetime) -> Person:
    """Who speaks: the signed-in person when it is their own name and phone, else whoever has these."""
    own = load(session, Person, actor.user_id) if actor.user_id is not None and draft.channel is CaseChannel.WEB else None
    if own is not None and own.name == draft.name.strip() and own.phone == account_rules.mobile(draft.phone):
        return own
    person = resident_of(session, actor, draft.name, draft.phone, at=at)
    if person.registered_at == at:
        person.locale = draft.locale
    return person


def _stamp(session: Session, case: Case) -> str:
    return f"{case.due_at.astimezone(zone_of(session)):%m-%d}" if case.due_at else ""
