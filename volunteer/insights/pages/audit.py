"""The auditor's pages: who did and who looked, to read and to take away; and for everybody: who looked at my data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.accounts.pages import door
from volunteer.audit.models import AuditEntry
from volunteer.audit.recording import record
from volunteer.insights import looking, sheets, wording
from volunteer.kernel.clock import now, start_of_day
from volunteer.kernel.db import db
from volunteer.kernel.errors import NotFound
from volunteer.kernel.handing_out import TYPES
from volunteer.kernel.words import ENGLISH
from volunteer.messaging.templates import PLACE, TEMPLATES
from volunteer.places import queries as places
from volunteer.places.models import Site
from volunteer.web.county import zone
from volunteer.web.files import handed_out
from volunteer.web.identity import current_actor, requires
from volunteer.web.locale import chosen
from volunteer.web.throttle import Limit, spend
from volunteer.web.unit import transaction

bp = Blueprint("audit", __name__)
EXPORT = Limit("audit-export", 20, 60)
FILTERS = ("q", "whose", "action", "site", "success", "begins", "ends")
NAMES = ("at", "actor_id", "actor", "act", "subject", "place", "succeeded", "detail")


@bp.app_context_processor
def _words() -> dict[str, Callable[[str], str]]:
    return {"audit_word": _act, "subject_word": _subject, "template_word": _template}


def _act(action: str) -> str:
    return _(wording.act_word(action))


def _subject(subject: str) -> str:
    words, number = wording.subject_word(subject)
    return _(words, id=number)


def _template(name: str) -> str:
    words = TEMPLATES.get(name)
    return PLACE.sub("…", words.en if chosen() == ENGLISH else words.zh) if words else name


@bp.get("/audit")
@requires(Permission.AUDIT_SEE)
def show() -> ResponseReturnValue:
    """Who did and who looked."""
    paths, session = current_actor().scopes(Permission.AUDIT_SEE), db.session()
    page = looking.entries(session, paths, _wanted(request.args), before=request.args.get("before", type=int))
    here: dict[str, Any] = _given(request.args)
    return render_template(
        "insights/audit.html",
        entries=page.rows,
        following=url_for(".show", **here, before=page.next_key) if page.next_key else None,
        first=url_for(".show", **here) if "before" in request.args else None,
        here_filter=here,
        actions=looking.actions(session),
        sites=[site for path in paths for site in places.open_sites(session, under=path)],
        site_of=_sites(page.rows),
        failed=looking.FAILED,
        most=looking.SHEET,
    )


@bp.post("/audit.csv", defaults={"kind": "csv"})
@bp.post("/audit.xlsx", defaults={"kind": "xlsx"})
@bp.post("/audit.jsonl", defaults={"kind": "jsonl"})
@requires(Permission.AUDIT_SEE)
@door.after_proof
def download(kind: str) -> ResponseReturnValue:
    """The filtered lines as a file; taking them away is itself a line of the log."""
    actor, at = current_actor(), now()
    paths, wanted = actor.scopes(Permission.AUDIT_SEE), _wanted(request.form)
    spend(EXPORT, str(actor.user_id), at)
    with transaction() as session:
        found = list(looking.all_of(session, paths, wanted))
        where = wanted.site.path if wanted.site else paths[0]
        given = sorted(_given(request.form))
        record(session, actor, "audit_exported", f"file:{kind}", at=at, site_path=where, rows=len(found), filters=given)
        sites = _sites(found)
        lines = [_line(entry, sites, words=kind != "jsonl") for entry in found]
    head = [_("When"), _("Number of the person"), _("Who"), _("Did what"), _("To what"), _("Place"), _("Succeeded"), _("Details")]
    data = sheets.table(head, NAMES, lines, kind, title=_("Audit log"))
    name = f"audit-{at.astimezone(zone()):%Y%m%d-%H%M}.{kind}"
    return handed_out(Response(data, mimetype=TYPES[kind]), name)


@bp.get("/me/looks")
@requires(Permission.ACCOUNT_OWN)
def mine() -> ResponseReturnValue:
    """Who looked at my data."""
    person_id = current_actor().user_id or 0
    page = looking.looks_at(db.session(), person_id, before=request.args.get("before", type=int))
    return render_template(
        "insights/looks.html",
        found=page.rows,
        following=url_for(".mine", before=page.next_key) if page.next_key else None,
        first=url_for(".mine") if "before" in request.args else None,
    )


def _line(entry: AuditEntry, sites: Mapping[str, Site], *, words: bool) -> list[Any]:
    site, fine = sites.get(entry.site_path), entry.action not in looking.FAILED
    detail = " · ".join(f"{name}: {value}" for name, value in sorted((entry.detail or {}).items()) if value not in (None, ""))
    if not words:
        who = (entry.actor_id, entry.actor_name)
        return [entry.at.isoformat(), *who, entry.action, entry.subject, entry.site_path, fine, entry.detail]
    place = (site.name_en or site.name if chosen() == ENGLISH else site.name) if site else ""
    return [
        sheets.local(entry.at, zone()), entry.actor_id, entry.actor_name, _act(entry.action), _subject(entry.subject), place,
        _("yes") if fine else _("no"), detail,
    ]  # fmt: skip


def _sites(found: Any) -> dict[str, Site]:
    paths = {entry.site_path for entry in found} - {looking.NOWHERE}
    rows = db.session().scalars(db.select(Site).where(Site.path.in_(paths)))
    return {site.path: site for site in rows}


def _given(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name in FILTERS if (value := values.get(name))}


def _wanted(values: Mapping[str, str]) -> looking.AuditFilter:
    return looking.AuditFilter(
        words=_clean(values.get("q", "")),
        whose=_clean(values.get("whose", "")),
        action=_clean(values.get("action", "")),
        site=_site(values.get("site", "")),
        success=values.get("success", "") if values.get("success") in {"yes", "no"} else "",
        begins=_day(values.get("begins", "")),
        ends=_day(values.get("ends", ""), after=True),
    )


def _clean(text: str) -> str:
    return "".join(sign for sign in text[:60] if sign.isprintable()).strip()


def _site(text: str) -> Site | None:
    if not text:
        return None
    site = db.session().get(Site, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else None
    if site is None or not current_actor().can(Permission.AUDIT_SEE, at=site.path):
        raise NotFound("site")
    return site


def _day(text: str, *, after: bool = False) -> datetime | None:
    """Read a local day from the address; its first moment, or the first moment after it."""
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
        return start_of_day(day + timedelta(days=1) if after else day, zone())
    except (ValueError, OverflowError):
        abort(400)
