"""/me/stars: how far one is, what one was awarded, and whether one may be named; /stars/notice: what hangs in public."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.recognition import naming, queries
from volunteer.recognition.counting import graded_minutes, rules_at
from volunteer.recognition.models import AwardState, StarStanding
from volunteer.recognition.pages.fields import day_words
from volunteer.recognition.queries import PAGE
from volunteer.recognition.stars import progress
from volunteer.teams.ages import needs_guardian
from volunteer.teams.models import Volunteer
from volunteer.web.asked import page_asked, turning
from volunteer.web.county import zone
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, current_person, open_to_all, requires
from volunteer.web.unit import transaction

bp = Blueprint("my_stars", __name__)


@bp.get("/me/stars")
@requires(Permission.HOURS_SEE_OWN)
def show() -> ResponseReturnValue:
    """The way to the next star, the awards, and the tick for being named."""
    unit, at, person = db.session(), now(), current_person()
    volunteer = unit.get(Volunteer, person.id)
    if volunteer is None:
        raise NotFound("volunteer")
    rules = rules_at(unit, volunteer.site.path, at)
    by_grade = graded_minutes(unit, [person.id])[person.id]
    minutes, standing = rules.minutes(by_grade), unit.get(StarStanding, person.id)
    return render_template(
        "recognition/my_stars.html",
        rules=rules,
        minutes=minutes,
        uncounted=sum(by_grade.values()) - minutes,
        progress=progress(minutes, rules.stars.thresholds),
        proposed=queries.proposed_for(unit, person.id),
        awards=queries.awards_of(unit, person.id),
        states=AwardState,
        named_since=standing.named_since if standing else None,
        is_minor=needs_guardian(person.born_on, local_date(at, zone())),
        day_words=day_words,
    )


@bp.post("/me/stars/naming")
@requires(Permission.HOURS_SEE_OWN)
def name_me() -> ResponseReturnValue:
    """Yes or no to being named in public notices."""
    wish = request.form.get("wish") == "yes"
    try:
        with transaction() as session:
            naming.name_me(session, current_actor(), wish, at=now())
    except Conflict as error:
        flash(explain(error), "late")
        return redirect(url_for(".show"), code=303)
    flash(_("Your name may stand in public notices.") if wish else _("Your name is in no public notice any more."))
    return redirect(url_for(".show"), code=303)


@bp.get("/stars/notice")
@open_to_all
def notice() -> ResponseReturnValue:
    """公示: the awards that hang today, by day and number; a name only of who agreed."""
    unit, page, today = db.session(), page_asked(), local_date(now(), zone())
    rows = queries.on_notice(unit, today, page)
    return render_template(
        "recognition/notice.html",
        rows=rows[:PAGE],
        count=queries.notice_count(unit, today),
        page=page,
        turn=turning(".notice", page, len(rows) > PAGE),
        day_words=day_words,
        is_named=lambda made: made.public and not needs_guardian(made.volunteer.person.born_on, today),
    )
