"""/benefits: where staff hand out; /me/benefits: what one may have, why not yet, and the code to show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import segno
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Permission
from volunteer.audit.recording import record
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db, load, under
from volunteer.kernel.errors import DomainError, Forbidden, NotFound
from volunteer.kernel.text import masked_name
from volunteer.places.models import Site
from volunteer.recognition import handing_out
from volunteer.recognition import keeping_benefits as keeping
from volunteer.recognition.benefit_rules import CLASSES, PERIODS, Holder, obstacles
from volunteer.recognition.models_benefits import Benefit, BenefitUse
from volunteer.recognition.pages.fields import day_words, number_sent
from volunteer.recognition.pages.why_words import why_words
from volunteer.teams.models import Volunteer
from volunteer.web import forms, throttle
from volunteer.web.acting import Errors, complaints, saved_once
from volunteer.web.asked import page_asked, turning
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, current_person, requires
from volunteer.web.unit import transaction

bp = Blueprint("benefit_uses", __name__)
P = Permission.BENEFITS_HAND_OUT
OWN = Permission.HOURS_SEE_OWN
PAGE = 20


@bp.get("/benefits")
@requires(P)
def show() -> ResponseReturnValue:
    """Choose a benefit, scan or type: one act. Below it what was handed out here lately."""
    return _page({}, {})


@bp.post("/benefits/look")
@requires(P)
def look() -> ResponseReturnValue:
    """What somebody who shows a code may have now; the look is written down."""
    throttle.spend(throttle.BENEFIT_CODE, str(current_person().id), now())
    at, actor = now(), current_actor()
    try:
        with transaction() as session:
            site = _site(session)
            shown = handing_out.who_shows(session, actor, request.form.get("shown", "")[:60], at=at)
            about = f"person:{shown.volunteer.id}"
            record(session, actor, "benefits_seen", about, at=at, site_path=site.path)
            seen = masked_name(shown.volunteer.person.name), _lines(session, shown.volunteer, site.path, at)
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        db.session.rollback()
        return _page(forms.typed(request.form), complaints(error)), 422
    return _page(forms.typed(request.form), {}, seen)


@bp.post("/benefits/hand-out")
@requires(P)
def hand_out() -> ResponseReturnValue:
    """Write down that it was handed out."""
    throttle.spend(throttle.BENEFIT_CODE, str(current_person().id), now())

    def act(session: Session) -> str:
        benefit_id, shown = number_sent("benefit"), request.form.get("shown", "")[:60]
        handing_out.hand_out(session, current_actor(), benefit_id, shown, _site(session).id, at=now())
        return url_for(".show", done=benefit_id)

    return saved_once("benefit-use", act, _page, _("Written down. The volunteer sees it too."))


@bp.post("/benefits/uses/<int:use_id>/take-back")
@requires(P)
def take_back(use_id: int) -> ResponseReturnValue:
    """It was a mistake."""

    def act(session: Session) -> str:
        handing_out.take_back(session, current_actor(), use_id, request.form.get("reason", ""), at=now())
        return url_for(".show")

    return saved_once(f"benefit-back-{use_id}", act, _page, _("Taken back. It may be had again."))


@bp.get("/me/benefits")
@requires(OWN)
def mine() -> ResponseReturnValue:
    """What one may have, and why not yet; what one had."""
    return _mine()


@bp.post("/me/benefits/code")
@requires(OWN)
def code() -> ResponseReturnValue:
    """Eight digits and a QR to show, for ten minutes."""
    throttle.spend(throttle.BENEFIT_CODE, str(current_person().id), now())
    with transaction() as session:
        digits = handing_out.make_code(session, current_actor(), at=now())
    return _mine(digits)


def _page(values: Mapping[str, Any], errors: Errors, seen: Any = None) -> str:
    unit, actor, page = db.session(), current_actor(), page_asked()
    sites = _sites(unit)
    if not sites:
        raise NotFound("site")
    chosen = next((site for site in sites if str(site.id) == str(values.get("site", ""))), sites[0])
    today = local_date(now(), zone())
    found = (
        select(BenefitUse)
        .where(under(actor.scopes(P), BenefitUse.site_path))
        .options(joinedload(BenefitUse.benefit), joinedload(BenefitUse.site))
        .options(joinedload(BenefitUse.volunteer).joinedload(Volunteer.person))
        .order_by(BenefitUse.used_at.desc(), BenefitUse.id.desc())
    )
    uses = unit.scalars(found.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    return render_template(
        "recognition/handing_out.html",
        sites=sites,
        site=chosen,
        groups=_grouped(keeping.given_at(unit, chosen.path, today)),
        uses=uses[:PAGE],
        page=page,
        turn=turning(".show", page, len(uses) > PAGE),
        values=values,
        errors=errors,
        seen=seen,
        done=unit.get(Benefit, request.args.get("done", 0, type=int) or 0) if request.method == "GET" else None,
        masked=masked_name,
    )


def _mine(digits: str | None = None) -> str:
    unit, at = db.session(), now()
    volunteer = load(unit, Volunteer, current_person().id)
    used = select(BenefitUse).where(BenefitUse.volunteer_id == volunteer.id).options(joinedload(BenefitUse.benefit))
    used = used.options(joinedload(BenefitUse.site)).order_by(BenefitUse.used_at.desc(), BenefitUse.id.desc()).limit(PAGE)
    lines = _lines(unit, volunteer, volunteer.site.path, at)
    return render_template(
        "recognition/my_benefits.html",
        can=[(line, left) for line, why, left in lines if not why],
        cannot=[(line, why) for line, why, _left in lines if why],
        uses=unit.scalars(used).all(),
        classes=CLASSES,
        periods=PERIODS,
        digits=digits,
        qr=segno.make(digits, error="m").svg_data_uri(scale=6, border=2) if digits else None,
        minutes=int(handing_out.LASTS.total_seconds() // 60),
        day_words=day_words,
    )


def _lines(session: Session, volunteer: Volunteer, site_path: str, at: Any) -> list[tuple[Benefit, list[str], int | None]]:
    """Every line that is given at a place: (it, why not in words, how often still in this period)."""
    today = local_date(at, zone())
    benefits = keeping.given_at(session, site_path, today)
    holder = handing_out.holder_of(session, volunteer, at=at)
    had = handing_out.used_by(session, volunteer.id, benefits, today)
    lines = []
    for line in benefits:
        own = Holder(holder.stars, holder.minutes, holder.age, had[line.id])
        whys = [why_words(why, line, own) for why in obstacles(handing_out.offer_of(line), own, today)]
        left = None if line.limit_each is None else max(line.limit_each - own.used, 0)
        lines.append((line, whys, left))
    return lines


def _grouped(benefits: Any) -> list[tuple[str, list[Benefit]]]:
    groups = [(_(words), [line for line in benefits if line.kind is kind]) for kind, (words, _icon) in CLASSES.items()]
    return [group for group in groups if group[1]]


def _sites(session: Session) -> Any:
    """The sites where the reader hands out: where the right is held."""
    paths = current_actor().scopes(P)
    return session.scalars(select(Site).where(Site.path.in_(paths), Site.closed_at.is_(None)).order_by(Site.path)).all()


def _site(session: Session) -> Site:
    """The site of the form, else the reader's first."""
    if request.form.get("site"):
        site = load(session, Site, number_sent("site"))
        current_actor().must(P, at=site.path)
        return site
    sites = _sites(session)
    if not sites:
        raise NotFound("site")
    return sites[0]  # type: ignore[no-any-return]
