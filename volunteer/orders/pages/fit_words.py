"""Why somebody cannot go, in words that a leader can read out: 电工证10月31日到期."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask_babel import gettext as _

from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.clock import local_date, now
from volunteer.orders.pages.task_words import joined
from volunteer.teams import fit
from volunteer.teams.fit import Obstacle, Reason
from volunteer.web import filters, wording
from volunteer.web.county import zone
from volunteer.web.locale import chosen


def reasons_words(reasons: Iterable[Reason], item: ServiceItem | None) -> str:
    """Return every reason in one line."""
    return joined(reason_words(reason, item) for reason in reasons)


def reason_words(reason: Reason, item: ServiceItem | None) -> str:
    """Return one reason with its facts."""
    facts, kind = reason.facts, reason.obstacle
    if kind in {Obstacle.OVERLAP, Obstacle.TRAVEL}:
        times = {"begins": filters.moment(facts["begins"]), "ends": filters.clock(facts["ends"])}
        if kind is Obstacle.OVERLAP:
            return _("on another visit then (%(begins)s–%(ends)s)", **times)
        return _("cannot get there in time from another visit (%(begins)s–%(ends)s)", **times)
    skill = _skill(item, facts.get("skill", ""))
    if kind is Obstacle.NO_SKILL and skill:
        return _("cannot do this: %(skill)s", skill=skill)
    day = _day(facts["until"]) if "until" in facts else ""
    if kind is Obstacle.NO_LICENCE and skill:
        return (
            _("licence for %(skill)s ran out on %(day)s", skill=skill, day=day)
            if day
            else _("no licence for %(skill)s", skill=skill)
        )
    if kind is Obstacle.NOT_INSURED:
        return _("accident insurance ran out on %(day)s", day=day) if day else _("no accident insurance for risky work")
    if kind is Obstacle.PAUSED and day:
        return _("taking a break until %(day)s", day=day)
    if kind is Obstacle.AWAY and day:
        return _("away until %(day)s", day=day)
    if kind is Obstacle.TOO_FAR and "km" in facts:
        return _("would rather not go so far (%(distance)s)", distance=filters.km(facts["km"] * 1000))
    return _(fit.WORDS[kind])


def _skill(item: ServiceItem | None, code: str) -> str:
    return next((filters.named(skill) for skill in (item.skills if item else []) if skill.code == code), "")


def _day(day: date) -> str:
    return wording.calendar_day(day, local_date(now(), zone()), chosen())
