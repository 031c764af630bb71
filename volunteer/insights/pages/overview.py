"""The director's overview: what needs eyes now, what was asked and met, and the rows behind every figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.accounts.pages import door
from volunteer.audit.recording import record
from volunteer.insights import counting, figures, periods, rows, sheets, supply, week
from volunteer.insights.figures import Fate, Stage
from volunteer.insights.periods import Period, Span
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import NotFound
from volunteer.kernel.handing_out import TYPES
from volunteer.kernel.words import N_
from volunteer.orders import queries as orders
from volunteer.places.models import Site
from volunteer.teams.ratings import ENOUGH
from volunteer.web.asked import whole
from volunteer.web.county import zone
from volunteer.web.files import handed_out
from volunteer.web.identity import current_actor, requires
from volunteer.web.locale import chosen
from volunteer.web.throttle import Limit, spend
from volunteer.web.unit import transaction

bp = Blueprint("overview", __name__)
EXPORT = Limit("export", 30, 60)
SPANS = {Span.WEEK: N_("Week"), Span.MONTH: N_("Month"), Span.QUARTER: N_("Quarter")}
FATES = {
    Fate.MET: N_("Met"),
    Fate.OPEN: N_("In time"),
    Fate.LATE: N_("Late"),
    Fate.UNMET: N_("No team"),
    Fate.REFUSED: N_("Refused"),
    Fate.WITHDRAWN: N_("Taken back"),
}
STAGES = {
    Stage.VERIFIED: N_("Ordered → verified"),
    Stage.DISPATCHED: N_("Verified → offered"),
    Stage.ACCEPTED: N_("Offered → accepted"),
    Stage.SERVED: N_("Accepted → served"),
    Stage.RATED: N_("Served → rated"),
}


@dataclass(frozen=True)
class Look:
    """What the reader looks at: one site of their own and a period."""

    site: Site
    period: Period
    today: date
    roots: list[Site]

    def url(self, endpoint: str = ".show", **more: Any) -> str:
        """Return the address of a page about the same place and period."""
        base = {"site": self.site.id, "span": self.period.span.value, "day": self.period.first.isoformat()}
        return url_for(endpoint, **(base | more))


def look() -> Look:
    """Read place and period from the address. Raises NotFound for a place that is not the reader's."""
    actor, session = current_actor(), db.session()
    roots = [session.get_one(Site, int(path.strip("/").split("/")[-1])) for path in actor.scopes(Permission.OVERVIEW_SEE)]
    wanted = request.args.get("site", type=int)
    site = session.get(Site, wanted) if wanted is not None else roots[0]
    if site is None or not actor.can(Permission.OVERVIEW_SEE, at=site.path):
        raise NotFound("site")
    today = local_date(now(), zone())
    period = periods.read_period(request.args.get("span", ""), request.args.get("day", ""), today)
    return Look(site, period, today, roots)


@bp.get("/overview")
@requires(Permission.OVERVIEW_SEE)
def show() -> ResponseReturnValue:
    """Everything about one place in one period."""
    here, session, at = look(), db.session(), now()
    below = counting.children_of(session, here.site)
    counts = counting.count(session, here.site, below, here.period, zone(), at=at)
    idle = supply.idle_counts(session, here.site, zone(), at=at)
    return render_template(
        "insights/overview.html",
        look=here,
        trail=_trail(here),
        spans=SPANS,
        counts=counts,
        fates=FATES,
        stages=STAGES,
        meanings=figures.MEANINGS,
        enough=ENOUGH,
        concerns=week.concerns(session, [here.site.path], at=at),
        idle_teams=idle[0],
        idle_volunteers=idle[1],
        gaps=supply.gaps(session, here.site, here.period, zone(), at=at),
        may_open=current_actor().may(Permission.ORDER_SEE),
    )


@bp.get("/overview/orders")
@requires(Permission.OVERVIEW_SEE)
def listed() -> ResponseReturnValue:
    """The orders behind a figure."""
    here, session, at = look(), db.session(), now()
    wanted = _wanted(here)
    page = rows.page(session, wanted, zone(), at=at, before=request.args.get("before", type=int))
    filters = _filters()
    return render_template(
        "insights/orders.html",
        look=here,
        wanted=wanted,
        found=page.rows,
        count=rows.how_many(session, wanted, zone(), at=at),
        following=here.url(".listed", **filters, before=page.next_key) if page.next_key else None,
        first=here.url(".listed", **filters) if "before" in request.args else None,
        filters=filters,
        fates=FATES,
        stages=STAGES,
        meanings=figures.MEANINGS,
        may_open=current_actor().may(Permission.ORDER_SEE),
        most=rows.SHEET,
    )


@bp.post("/overview/orders.csv", defaults={"kind": "csv"})
@bp.post("/overview/orders.xlsx", defaults={"kind": "xlsx"})
@requires(Permission.OVERVIEW_SEE)
@door.after_proof
def download(kind: str) -> ResponseReturnValue:
    """The same orders as a sheet; that it was taken away is written down."""
    here, at, actor = look(), now(), current_actor()
    wanted = _wanted(here)
    spend(EXPORT, str(actor.user_id), at)
    with transaction() as session:
        found = rows.all_of(session, wanted, zone(), at=at)
        record(session, actor, "orders_exported", f"site:{wanted.site.id}", at=at, site_path=wanted.site.path, rows=len(found))
        data = sheets.orders(found, kind, words=(FATES, STAGES), zone=zone(), locale=chosen())
    name = f"orders-{wanted.period.first.isoformat()}.{kind}"
    return handed_out(Response(data, mimetype=TYPES[kind]), name)


@bp.get("/overview/idle/teams", defaults={"kind": "teams"})
@bp.get("/overview/idle/volunteers", defaults={"kind": "volunteers"})
@requires(Permission.OVERVIEW_SEE)
def idle(kind: str) -> ResponseReturnValue:
    """Who could help and was not asked."""
    here, session, at = look(), db.session(), now()
    after = request.args.get("after", 0, type=int)
    page = (
        supply.idle_teams(session, here.site, at=at, after=after)
        if kind == "teams"
        else supply.idle_volunteers(session, here.site, zone(), at=at, after=after)
    )
    return render_template(
        "insights/idle.html",
        look=here,
        kind=kind,
        found=page.rows,
        meaning=figures.MEANINGS[f"idle_{kind}"],
        may_see_asking=current_actor().may(Permission.ASKING_SEE),
        following=here.url(".idle", kind=kind, after=page.next_key) if page.next_key else None,
        first=here.url(".idle", kind=kind) if after else None,
    )


@bp.get("/overview/orders/<number>")
@requires(Permission.ORDER_SEE)
def order(number: str) -> ResponseReturnValue:
    """One order's story, without anything private."""
    found = orders.order_for(db.session(), current_actor(), number)
    return render_template("insights/order.html", order=found)


@bp.app_template_filter("span_words")
def span_words(seconds: float | None) -> str:
    """A length of time in words, rounded to what matters: 40 min, 5 h, 3 days."""
    if seconds is None:
        return "–"
    minutes = round(seconds / 60)
    if minutes < 90:
        return _("%(n)s min", n=minutes)
    if minutes < 48 * 60:
        return _("%(n)s h", n=f"{minutes / 60:.1f}".removesuffix(".0"))
    return _("%(n)s days", n=f"{minutes / 1440:.1f}".removesuffix(".0"))


def _trail(here: Look) -> list[Site]:
    """Return the sites above, down from where the reader's rights begin."""
    session, above = db.session(), []
    site = here.site.parent
    while site is not None and current_actor().can(Permission.OVERVIEW_SEE, at=site.path):
        above.append(site)
        site = session.get(Site, site.parent_id) if site.parent_id else None
    return above[::-1]


def _filters() -> dict[str, str]:
    known = ("fate", "item", "stage", "rated", "own")
    return {name: value for name in known if (value := request.args.get(name))}


def _wanted(here: Look) -> rows.Wanted:
    given = _filters()
    fate, stage, item = given.get("fate", ""), given.get("stage", ""), given.get("item", "")
    return rows.Wanted(
        here.period,
        here.site,
        own="own" in given,
        fate=Fate(fate) if fate in set(Fate) else None,
        item=whole(item),
        stage=Stage(stage) if stage in set(Stage) else None,
        rated="rated" in given,
    )
