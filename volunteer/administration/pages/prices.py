"""Which teams are sought after today, as learned from the past weeks, and whether that would have helped."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from volunteer.access import Permission
from volunteer.administration import listing
from volunteer.administration.pages.site_choice import asked_site, site_options
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import NotFound
from volunteer.orders.candidates import centre_of
from volunteer.orders.prices import queries_prices
from volunteer.places.models import Site
from volunteer.places.policies import terms_at
from volunteer.places.terms import Matching
from volunteer.web.asked import number_asked, turning, words_asked
from volunteer.web.identity import current_actor, requires

bp = Blueprint("manage_prices", __name__, url_prefix="/manage/prices")
P = Permission.POLICIES_MANAGE
MUCH, MORE = 0.15, 0.05  # of score


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """The teams of a site with what their next place is worth today, and the nights in which it was learned."""
    site, words, unit, at = asked_site(P) or _first(), words_asked(), db.session(), now()
    centre = centre_of(site.path)
    found = queries_prices.today_of(unit, centre, at=at)
    teams = queries_prices.sought(unit, found, site.path, words=words, page=number_asked("page", 1))
    history = queries_prices.nights(unit, centre, page=number_asked("nights", 1))
    later, earlier = (
        url_for(".show", site=site.id, q=words, nights=number) if 1 <= number <= history.pages else None
        for number in (history.page - 1, history.page + 1)
    )
    return render_template(
        "administration/prices.html",
        site=site,
        words=words,
        found=found,
        share=terms_at(unit, site.path, Matching, at).learned,
        proof=queries_prices.proof_of(unit, found) if found else (0, 0.0),
        listed=teams,
        turn=turning(".show", teams.page, teams.page < teams.pages, q=words, site=site.id, nights=history.page),
        history=history,
        later=later,
        earlier=earlier,
        may_rules=current_actor().can(P, at=site.path),
        much=MUCH,
        more=MORE,
        sites=site_options(P),
    )


def _first() -> Site:
    sites = listing.managed_sites(db.session(), current_actor(), P)
    if not sites:
        raise NotFound("site")
    return sites[0]
