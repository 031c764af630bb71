"""The catalogue: a line is written, changed, closed and opened again; never deleted. What was handed out stays as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.kernel.checks import NAMELESS, Checks
from volunteer.kernel.db import load, unchanged, under
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.kernel.words import N_
from volunteer.places.models import Site
from volunteer.places.rules import CLOSED_SITE
from volunteer.recognition.models_benefits import Benefit, BenefitClass, Period

P = Permission.BENEFITS_MANAGE


@dataclass(frozen=True, kw_only=True)
class BenefitDraft:
    """A line of the catalogue as somebody writes it."""

    code: str
    kind: BenefitClass
    name: str
    name_en: str = ""
    words: str = ""
    words_en: str = ""
    giver: str = ""
    stars_least: int = 0
    minutes_least: int = 0
    age_least: int | None = None
    age_most: int | None = None
    begins: date
    ends: date | None = None
    limit_each: int | None = None
    period: Period = Period.YEAR
    limit_all: int | None = None


def write_benefit(session: Session, actor: Actor, site: Site, draft: BenefitDraft, *, at: datetime) -> Benefit:
    """Return the new line of the site's catalogue; it may be handed out at the site and below. Raises Invalid, Conflict."""
    actor.must(P, at=site.path)
    values = _sound(draft)
    if site.closed_at is not None:
        raise Conflict("site_closed", CLOSED_SITE)
    if session.scalar(select(Benefit.id).where(Benefit.site_id == site.id, Benefit.code == values["code"])) is not None:
        raise Conflict("benefit_code_taken", N_("There is a benefit with this code already."))
    benefit = Benefit(site=site, used=0, **values)
    session.add(benefit)
    session.flush()  # the audit log names its id
    record(session, actor, "benefit_written", f"benefit:{benefit.id}", at=at, site_path=site.path)
    return benefit


def edit_benefit(
    session: Session, actor: Actor, benefit_id: int, draft: BenefitDraft, *, seen: int | None, at: datetime
) -> Benefit:
    """Change a line; its code stays. Raises Conflict when somebody else was faster."""
    actor.must(P, at=load(session, Benefit, benefit_id).site.path)
    benefit = unchanged(session, Benefit, benefit_id, seen)
    values = _sound(draft)
    changed = [name for name, value in values.items() if name != "code" and getattr(benefit, name) != value]
    for name in changed:
        setattr(benefit, name, values[name])
    if changed:
        about = f"benefit:{benefit.id}"
        record(session, actor, "benefit_edited", about, at=at, site_path=benefit.site.path, fields=changed)
    return benefit


def close_benefit(session: Session, actor: Actor, benefit_id: int, *, at: datetime) -> Benefit:
    """Stop giving it; what was handed out stays. Twice changes nothing."""
    benefit = _mine(session, actor, benefit_id)
    if benefit.closed_at is None:
        benefit.closed_at = at
        record(session, actor, "benefit_closed", f"benefit:{benefit.id}", at=at, site_path=benefit.site.path)
    return benefit


def open_benefit(session: Session, actor: Actor, benefit_id: int, *, at: datetime) -> Benefit:
    """Give it again."""
    benefit = _mine(session, actor, benefit_id)
    if benefit.closed_at is not None:
        benefit.closed_at = None
        record(session, actor, "benefit_opened", f"benefit:{benefit.id}", at=at, site_path=benefit.site.path)
    return benefit


def catalogue_of(session: Session, actor: Actor, *, closed: bool) -> Sequence[Benefit]:
    """Return the lines that the actor keeps, by class and code."""
    is_closed = Benefit.closed_at.is_not(None) if closed else Benefit.closed_at.is_(None)
    found = select(Benefit).join(Site, Site.id == Benefit.site_id).where(under(actor.scopes(P), Site.path), is_closed)
    return session.scalars(found.options(joinedload(Benefit.site)).order_by(Benefit.kind, Benefit.code, Benefit.id)).all()


def given_at(session: Session, site_path: str, today: date) -> Sequence[Benefit]:
    """Return what is given at a site now: its own lines and those of the sites above, by class and code."""
    parts = site_path.strip("/").split("/")
    above = ["/" + "/".join(parts[: length + 1]) + "/" for length in range(len(parts))]
    found = select(Benefit).join(Site, Site.id == Benefit.site_id).where(Site.path.in_(above), Benefit.closed_at.is_(None))
    found = found.where((Benefit.ends.is_(None)) | (Benefit.ends >= today)).options(joinedload(Benefit.site))
    return session.scalars(found.order_by(Benefit.kind, Benefit.code, Benefit.id)).all()


def benefit_called(session: Session, actor: Actor, benefit_id: int) -> Benefit:
    """Return a line of the actor's catalogue. Raises NotFound."""
    benefit = load(session, Benefit, benefit_id)
    actor.must(P, at=benefit.site.path)
    return benefit


def _mine(session: Session, actor: Actor, benefit_id: int) -> Benefit:
    if session.get(Benefit, benefit_id) is None:
        raise NotFound("benefit")
    actor.must(P, at=load(session, Benefit, benefit_id).site.path)
    return unchanged(session, Benefit, benefit_id, None)


def _sound(draft: BenefitDraft) -> dict[str, Any]:
    checks, values = Checks(), asdict(draft)
    values["code"] = checks.code("code", draft.code, 30)
    values["name"] = checks.text("name", draft.name, 60, missing=NAMELESS)
    for name, longest in (("name_en", 120), ("words", 300), ("words_en", 400), ("giver", 80)):
        values[name] = checks.text(name, values[name], longest)
    checks.number("stars_least", draft.stars_least, 0, 5)
    checks.number("minutes_least", draft.minutes_least, 0, 600_000)
    for name, most in (("age_least", 120), ("age_most", 120), ("limit_each", 1_000), ("limit_all", 10_000_000)):
        if values[name] is not None:
            checks.number(name, values[name], 0 if name.startswith("age") else 1, most)
    if draft.ends is not None and draft.ends < draft.begins:
        checks.say("ends", N_("It ends before it begins."))
    if draft.age_least is not None and draft.age_most is not None and draft.age_most < draft.age_least:
        checks.say("age_most", N_("This is below the least age."))
    checks.done()
    return values
