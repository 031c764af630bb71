"""Rules of automatic dispatch of a site: the list, the form, trying one out on last month's orders, switching and closing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.administration import listing
from volunteer.administration.pages import rule_words
from volunteer.administration.pages.grids import number_of
from volunteer.administration.pages.saving import saved
from volunteer.administration.pages.site_choice import asked_site, site_options
from volunteer.administration.schemas_rules import RuleForm, Written
from volunteer.catalogue import queries as catalogue
from volunteer.kernel.clock import local_date, now, start_of_day
from volunteer.kernel.db import db, load
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.orders.pages import pool_words
from volunteer.orders.rulebook import replaying, ruling
from volunteer.orders.rulebook.models_rules import DispatchRule, Handling, RuleMode
from volunteer.places.models import Site
from volunteer.web import filters, forms
from volunteer.web.acting import Errors, acted, again
from volunteer.web.asked import number_asked
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, requires

bp = Blueprint("manage_rules", __name__, url_prefix="/manage/rules")
P = Permission.POLICIES_MANAGE
MONTH = timedelta(days=30)
EXAMPLES = 8


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """The rules that hold at a site, in the order in which they are asked; or those that are closed."""
    site, shut, at = asked_site(P) or _first(), number_asked("closed") == 1, now()
    rules = ruling.rules_at(db.session(), site, at=at, closed=shut)
    names = _names(site)
    return render_template(
        "administration/rules.html",
        site=site,
        shut=shut,
        rules=[(rule, rule_words.sentence(rule, names)) for rule in rules],
        done=_done([rule.line for rule in rules], at),
        modes=rule_words.MODES,
        mine=[rule.id for rule in rules if current_actor().can(P, at=rule.site.path)],
        at=at,
        sites=site_options(P),
    )


@bp.get("/new")
@requires(P)
def new() -> ResponseReturnValue:
    """An empty form."""
    site = asked_site(P) or _first()
    values = {"site": site.id, "mode": "offer", "position": 1, "begins": 0, "ends": 24, "minutes": 30}
    return _form(None, site, values | _today(), {})


@bp.post("/new")
@requires(P)
def write() -> ResponseReturnValue:
    """Write it down."""

    def act(session: Session, form: Written) -> str:
        site, at = load(session, Site, form.site), now()
        ruling.write_rule(session, current_actor(), site, form.draft, valid_from=_begin(form, at), at=at)
        return url_for(".show", site=site.id)

    return saved(RuleForm(), act, lambda _v, errors: _form(None, _asked(), request.form, errors), _("The rule is written down."))


@bp.post("/try")
@requires(P)
def try_draft() -> ResponseReturnValue:
    """What the rule in the form would have done last month; nothing is stored."""
    number, at = number_of("rule"), now()
    rule = ruling.rule_of(db.session(), current_actor(), number) if number else None
    try:
        form: Written = forms.load_form(RuleForm(), request.form)
        site = rule.site if rule else load(db.session(), Site, form.site)
        current_actor().must(P, at=site.path)
        draft = ruling.drafted(db.session(), site, form.draft, valid_from=_begin(form, at), at=at)
    except (Invalid, Conflict) as error:
        return again(error, lambda _v, errors: _form(rule, rule.site if rule else _asked(), request.form, errors))
    return _form(rule, site, request.form, {}, tried=draft)


@bp.get("/<int:rule_id>")
@requires(P)
def rule(rule_id: int) -> ResponseReturnValue:
    """One rule: its form for the next version, and every version so far."""
    found = ruling.rule_of(db.session(), current_actor(), rule_id)
    newest = ruling.versions_of(db.session(), found)[0]
    if newest.id != found.id:
        return redirect(url_for(".rule", rule_id=newest.id))
    return _form(found, found.site, _values(found) | _today(), {})


@bp.post("/<int:rule_id>")
@requires(P)
def change(rule_id: int) -> ResponseReturnValue:
    """Write the next version down."""
    found = ruling.rule_of(db.session(), current_actor(), rule_id)

    def act(session: Session, form: Written) -> str:
        at = now()
        made = ruling.change_rule(session, current_actor(), rule_id, form.draft, valid_from=_begin(form, at), at=at)
        return url_for(".rule", rule_id=made.id)

    return saved(
        RuleForm(), act, lambda _v, errors: _form(found, found.site, request.form, errors), _("The new version is written down.")
    )


@bp.get("/<int:rule_id>/try")
@requires(P)
def try_rule(rule_id: int) -> ResponseReturnValue:
    """What this rule would have done last month."""
    found = ruling.rule_of(db.session(), current_actor(), rule_id)
    return _form(found, found.site, _values(found) | _today(), {}, tried=found)


@bp.post("/<int:rule_id>/switch")
@requires(P)
def switch(rule_id: int) -> ResponseReturnValue:
    """Switch it off, or on again."""
    found, active = ruling.rule_of(db.session(), current_actor(), rule_id), request.form.get("active") == "yes"
    return acted(
        lambda session: ruling.switch_rule(session, current_actor(), rule_id, active, at=now()),
        url_for(".show", site=found.site_id),
        _("It acts again.") if active else _("It is switched off. Orders stay with the dispatchers."),
    )


@bp.post("/<int:rule_id>/close")
@requires(P)
def close(rule_id: int) -> ResponseReturnValue:
    """End it for good."""
    found = ruling.rule_of(db.session(), current_actor(), rule_id)
    there = url_for(".show", site=found.site_id)
    return acted(lambda session: ruling.close_rule(session, current_actor(), rule_id, at=now()), there, _("The rule is closed."))


def _first() -> Site:
    sites = listing.managed_sites(db.session(), current_actor(), P)
    if not sites:
        raise NotFound("site")
    return sites[0]


def _asked() -> Site:
    site = db.session.get(Site, number_of("site")) or _first()
    current_actor().must(P, at=site.path)
    return site


def _today() -> dict[str, str]:
    return {"valid_from": local_date(now(), zone()).isoformat()}


def _begin(form: Written, at: datetime) -> datetime:
    """When it begins: at once when the day is today, else with the first moment of the day."""
    try:
        return at if form.valid_from == local_date(at, zone()) else start_of_day(form.valid_from, zone())
    except OverflowError:
        raise Invalid.field("valid_from", forms.A_DATE) from None


def _values(found: DispatchRule) -> dict[str, Any]:
    names = ("name", "position", "categories", "items", "begins", "ends", "minutes")
    numbers = {name: f"{value:g}" for name in ("km", "score") if (value := getattr(found, name)) is not None}
    more = {"mode": found.mode.value, "days": list(found.days), "site": found.site_id}
    return {name: getattr(found, name) for name in names} | numbers | more


def _names(site: Site) -> dict[str, str]:
    """The names of what a rule may be about, by kind and code."""
    sections = catalogue.menu(db.session(), site.path)
    names = {f"category:{one.code}": filters.named(one) for one in catalogue.categories(db.session())}
    return names | {f"item:{item.code}": filters.named(item) for section in sections for item in section.items}


def _done(lines: Sequence[str], at: datetime) -> dict[str, int]:
    """How many orders each rule took in the last thirty days, whatever its version."""
    counts = (
        select(DispatchRule.line, func.count())
        .join(Handling, Handling.rule_id == DispatchRule.id)
        .where(DispatchRule.line.in_(lines), Handling.at > at - MONTH)
        .group_by(DispatchRule.line)
    )
    return dict(db.session.execute(counts).tuples().all())


def _form(
    found: DispatchRule | None, site: Site, values: Mapping[str, Any], errors: Errors, tried: DispatchRule | None = None
) -> str:
    unit, at = db.session(), now()
    names, shown = _names(site), tried or found
    trial = replaying.try_rule(unit, site.path, tried.terms, at=at) if tried is not None else None
    return render_template(
        "administration/rule.html",
        rule=found,
        site=site,
        values=values,
        errors=errors,
        sites=site_options(P),
        categories=[(code.removeprefix("category:"), name) for code, name in names.items() if code.startswith("category:")],
        items=[(code.removeprefix("item:"), name) for code, name in names.items() if code.startswith("item:")],
        modes=[(mode.value, _(label), _(hint)) for mode, (label, hint) in rule_words.MODES.items()],
        days=rule_words.day_names(),
        hours=[(hour, f"{hour}:00") for hour in range(25)],
        sentence=rule_words.sentence(shown, names) if shown else "",
        versions=[(row, rule_words.sentence(row, names)) for row in ruling.versions_of(unit, found)] if found else [],
        tried=tried,
        trial=trial,
        misses=[(_(pool_words.MISSES[miss]), count) for miss, count in trial.left.most_common()] if trial else [],
        pool=RuleMode(tried.mode) is not RuleMode.OFFER if tried else False,
        examples=trial.taken[:: max(1, len(trial.taken) // EXAMPLES)][:EXAMPLES] if trial else [],
        at=at,
    )
