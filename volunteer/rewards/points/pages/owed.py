"""/manage/points/owed: what the place owes in points, and what it would cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.accounts.pages import door
from volunteer.audit.recording import record
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.handing_out import TYPES, csv_file
from volunteer.kernel.words import N_, named
from volunteer.places.models import Site
from volunteer.rewards.points import owing
from volunteer.rewards.points.pages import places
from volunteer.rewards.points.pages.words import points_word
from volunteer.rewards.settling.preparing import worth_at
from volunteer.web import wording
from volunteer.web.county import zone
from volunteer.web.files import handed_out
from volunteer.web.identity import current_actor, requires
from volunteer.web.locale import chosen
from volunteer.web.unit import transaction

bp = Blueprint("points_owed", __name__, url_prefix="/manage/points/owed")
SEE = Permission.POINTS_SEE
AGES = {
    "0-3": N_("up to 3 months"),
    "3-6": N_("3 to 6 months"),
    "6-12": N_("6 to 12 months"),
    "12-24": N_("1 to 2 years"),
    owing.OLDEST: N_("older"),
}
PARTS = (
    ("outstanding", N_("with people")),
    ("held", N_("kept for reserved gifts")),
    ("merchants", N_("owed to merchants")),
    ("wishes", N_("on wishes")),
    ("pools", N_("in pools of giving")),
)


@bp.get("")
@requires(SEE)
def show() -> ResponseReturnValue:
    """The sum first, then what it is made of."""
    site, at = places.asked(SEE), now()
    found, today = owing.owed(db.session(), [site.path], at=at), local_date(at, zone())
    return render_template(
        "points/owed.html",
        site=site,
        sites=places.options(SEE),
        found=found,
        parts=[(_(said), getattr(found, name)) for name, said in PARTS],
        ages=[(_(AGES[name]), points) for name, points in found.by_age],
        worth=worth_at(db.session(), site.path, today + timedelta(days=1)),
        day_words=lambda day: wording.calendar_day(day, today, chosen()),
    )


@bp.post("/export")
@requires(SEE)
@door.after_proof
def export() -> ResponseReturnValue:
    """The same figures as a sheet."""
    site, at = places.asked(SEE, request.form.get("site", "")), now()
    with transaction() as session:
        found = owing.owed(session, [site.path], at=at)
        record(session, current_actor(), "points_owed_taken", f"site:{site.id}", at=at, site_path=site.path)
        rows = _rows(found, site)
    data = csv_file([_("What"), _("Of which"), points_word()], rows)
    name = f"points-owed-{at.astimezone(zone()):%Y%m%d-%H%M}.csv"
    return handed_out(Response(data, content_type=TYPES["csv"]), name)


def _rows(found: owing.Owed, site: Site) -> list[list[Any]]:
    locale = chosen()
    rows: list[list[Any]] = [[_("In all"), named(site, locale), found.total]]
    rows += [[_("Part"), _(said), getattr(found, name)] for name, said in PARTS]
    rows += [[_("By site"), named(one, locale), points] for one, points in found.by_site]
    rows += [[_("By age"), _(AGES[name]), points] for name, points in found.by_age]
    rows += [[_("Runs out after"), day.isoformat() if day else _("never"), points] for day, points in found.due]
    year = ((N_("issued"), found.issued), (N_("used"), found.used), (N_("run out"), found.expired))
    return rows + [[_("In the last year"), _(said), points] for said, points in year]
