"""A rule of dispatch as one sentence, and what a trial of it says, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from flask_babel import gettext as _

from volunteer.kernel.words import ENGLISH, N_
from volunteer.orders.rulebook.models_rules import DispatchRule
from volunteer.orders.rulebook.rules import RuleMode
from volunteer.web import filters, wording
from volunteer.web.locale import chosen

MONDAY = date(2026, 3, 2)
MODES = {
    RuleMode.OFFER: (N_("Offer it to the best team"), N_("The machine asks, the team says yes or no.")),
    RuleMode.POOL: (N_("Open pool"), N_("Any team that fits may take it; the first one has it.")),
    RuleMode.CHOOSE: (N_("Apply, then choose"), N_("Teams say that they would like to; a dispatcher chooses.")),
}


def sentence(rule: DispatchRule, names: Mapping[str, str]) -> str:
    """Return what the rule does in one sentence. names: of categories ("category:care") and services ("item:haircut")."""
    what = [names.get(f"category:{code}", code) for code in rule.categories]
    what += [names.get(f"item:{code}", code) for code in rule.items]
    parts = [(", " if chosen() == ENGLISH else "、").join(what) if what else _("Every service"), when(rule)]
    if rule.km is not None:
        parts.append(_("teams within %(km)s", km=filters.km(rule.km * 1000)))
    if rule.score is not None:
        parts.append(_("a match of %(score)s or better", score=f"{rule.score:g}"))
    said = (", " if chosen() == ENGLISH else "，").join(parts)
    minutes = filters.hours(rule.minutes)
    does = {
        RuleMode.OFFER: _("offered to the best team by itself"),
        RuleMode.POOL: _("into the open pool for %(time)s", time=minutes),
        RuleMode.CHOOSE: _("teams may apply for %(time)s, then a dispatcher chooses", time=minutes),
    }
    return str(_("%(which)s: %(does)s.", which=said, does=does[RuleMode(rule.mode)]))


def when(rule: DispatchRule) -> str:
    """Return in which hours of the week the rule acts."""
    days = [int(day) for day in rule.days]
    hours = "" if (rule.begins, rule.ends) == (0, 24) else f"{rule.begins}:00–{rule.ends}:00"
    if not days:
        return _("daily %(hours)s", hours=hours) if hours else _("at any time")
    return f"{_days(days)} {hours}".strip()


def day_names() -> list[tuple[int, str]]:
    """Return the weekdays with their names, from Monday 0."""
    return [(day, _day(day)) for day in range(7)]


def _days(days: list[int]) -> str:
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return str(_("%(first)s to %(last)s", first=_day(days[0]), last=_day(days[-1])))
    return (", " if chosen() == ENGLISH else "、").join(_day(day) for day in days)


def _day(day: int) -> str:
    return wording.weekday(MONDAY + timedelta(days=day), chosen())
