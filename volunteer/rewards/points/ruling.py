"""Rules of points are drafted by one person and published by another, from a coming day. What was published stays as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.humans import same_person
from volunteer.audit.recording import record
from volunteer.catalogue.models import ServiceCategory
from volunteer.kernel.checks import Checks
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import load, lock, unchanged
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.kernel.words import N_
from volunteer.ledger.lifecycle import RULES, RuleAction, RuleState
from volunteer.ledger.models import Grade
from volunteer.ledger.models_points import PointRule
from volunteer.ledger.point_rules import HEAVIEST, LONGEST, MOST, ONE, STARS, Terms
from volunteer.places.models import Site
from volunteer.rewards.points.homes import tell_staff

UNKNOWN = N_("Please choose one of these.")
COMING = N_("A new version holds from a coming day on, tomorrow at the earliest.")
ALONE = N_("You wrote this draft. A second person has to publish it.")


@dataclass(frozen=True, kw_only=True)
class RuleDraft:
    """A version as somebody writes it; weights in thousandths."""

    terms: Terms = field(default_factory=Terms)
    valid_from: date
    note: str = ""


def write_draft(session: Session, actor: Actor, site: Site, draft: RuleDraft, *, at: datetime) -> PointRule:
    """Write a draft of the rules of a site and of all below. Raises Invalid with every complaint."""
    actor.must(Permission.POINTS_MANAGE, at=site.path)
    values, note = checked(session, draft, at=at)
    rule = PointRule(
        site=site, state=RuleState.DRAFT, values=values, valid_from=draft.valid_from, note=note, made_by=actor.user_id, made_at=at
    )
    session.add(rule)
    session.flush()  # its number names it
    record(session, actor, "point_rule_drafted", rule.called, at=at, site_path=site.path)
    tell_staff(session, site.path, Permission.POINTS_APPROVE, "point_rule_waits", at=at, but=(actor.user_id,))
    return rule


def change_draft(session: Session, actor: Actor, rule_id: int, seen: int | None, draft: RuleDraft, *, at: datetime) -> PointRule:
    """Write a draft anew; whoever does is its author then. Raises Conflict once it is published or was changed meanwhile."""
    rule = _draft(session, actor, rule_id, seen, Permission.POINTS_MANAGE, RuleAction.CHANGE)
    values, note = checked(session, draft, at=at)
    if (rule.values, rule.valid_from, rule.note) == (values, draft.valid_from, note):
        return rule
    rule.values, rule.valid_from, rule.note = values, draft.valid_from, note
    rule.made_by, rule.made_at = actor.user_id, at
    record(session, actor, "point_rule_drafted", rule.called, at=at, site_path=rule.site.path)
    return rule


def drop_draft(session: Session, actor: Actor, rule_id: int, *, at: datetime) -> PointRule:
    """Put a draft away for good. Twice is no error."""
    rule = rule_of(session, actor, rule_id, Permission.POINTS_MANAGE)
    if rule.state is RuleState.DROPPED:
        return rule
    rule = _draft(session, actor, rule_id, None, Permission.POINTS_MANAGE, RuleAction.DROP)
    rule.advance(RuleAction.DROP)
    record(session, actor, "point_rule_dropped", rule.called, at=at, site_path=rule.site.path)
    return rule


def publish(session: Session, actor: Actor, rule_id: int, seen: int | None, *, at: datetime) -> PointRule:
    """Let a draft hold from its day on: said by somebody else than who wrote it. Nobody changes it afterwards.

    Raises Conflict for one's own draft, a day that is not to come, and a day that has a version already.
    """
    rule = rule_of(session, actor, rule_id, Permission.POINTS_APPROVE)
    if rule.state is RuleState.PUBLISHED and rule.published_by == actor.user_id:
        return rule
    rule = _draft(session, actor, rule_id, seen, Permission.POINTS_APPROVE, RuleAction.PUBLISH)
    if same_person(session, actor.user_id, rule.made_by):
        raise Conflict("needs_second", ALONE)
    if rule.valid_from <= local_date(at, zone_of(session)):
        raise Conflict("rule_past", COMING)
    lock(session, Site, rule.site_id)  # of two versions for one day the second is refused
    same = select(PointRule.id).where(PointRule.site_id == rule.site_id, PointRule.published_from == rule.valid_from)
    if session.scalar(same) is not None:
        raise Conflict("rule_day_taken", N_("Another version begins on this day. Please choose another day."))
    rule.advance(RuleAction.PUBLISH)
    rule.published_from = rule.valid_from
    rule.published_by, rule.published_at = actor.user_id, at
    session.flush()  # whoever counts points in this transaction reads the rules anew
    record(session, actor, "point_rule_published", rule.called, at=at, site_path=rule.site.path)
    return rule


def checked(session: Session, draft: RuleDraft, *, at: datetime) -> tuple[dict[str, object], str]:
    """Return the values of a draft as they are stored, and its note. Raises Invalid with every complaint."""
    terms, checks = draft.terms, Checks()
    checks.number("per_hour", terms.per_hour, 0, MOST)
    checks.number("holiday", terms.holiday, 0, HEAVIEST)
    for name in ("per_activity", "per_day", "per_month", "give_day", "give_month", "alone"):
        checks.number(name, getattr(terms, name), 0, MOST)
    checks.number("wish_most", terms.wish_most, 1, MOST)
    checks.number("months", terms.months, 0, LONGEST)
    known = set(session.scalars(select(ServiceCategory.code)))
    _weights(checks, "category", terms.categories, known)
    _weights(checks, "grade", terms.grades, {grade.value for grade in Grade})
    for stars, amount in terms.bonus.items():
        checks.number(f"bonus_{stars}", amount if stars in STARS else -1, 0, MOST)
    days = terms.warn_days
    if terms.months and (len(days) != 2 or not 1 <= days[1] < days[0] <= 180):
        checks.say("warn_first", N_("Two warnings: the first at most 180 days before, the second nearer to the day."))
    if draft.valid_from <= local_date(at, zone_of(session)):
        checks.say("valid_from", COMING)
    note = checks.text("note", draft.note, 200)
    checks.done()
    return terms.stored(), note


def rule_of(session: Session, actor: Actor, rule_id: int, permission: Permission) -> PointRule:
    """Return a version of the actor's places. Raises NotFound, Forbidden."""
    rule = load(session, PointRule, rule_id)
    actor.must(permission, at=rule.site.path)
    return rule


def readable(session: Session, actor: Actor, rule_id: int) -> PointRule:
    """Return a version that whoever sees points may read: of their own places, or of a site above, where it holds for them."""
    rule = load(session, PointRule, rule_id)
    path = rule.site.path
    if any(path.startswith(scope) or scope.startswith(path) for scope in actor.scopes(Permission.POINTS_SEE)):
        return rule
    raise NotFound("pointrule")


def versions_at(session: Session, site: Site) -> Sequence[PointRule]:
    """Return every version and draft of a site and of the sites above it, the latest first."""
    above = [int(part) for part in site.path.strip("/").split("/")]
    found = select(PointRule).where(PointRule.site_id.in_(above), PointRule.state != RuleState.DROPPED)
    return session.scalars(found.order_by(PointRule.valid_from.desc(), PointRule.id.desc()).limit(100)).all()


def _weights(checks: Checks, field: str, weights: Mapping[str, int], known: set[str]) -> None:
    for code, weight in weights.items():
        if code not in known:
            checks.say(f"{field}_{code}"[:60], UNKNOWN)
        else:
            checks.number(f"{field}_{code}", weight, 0, HEAVIEST)


def _draft(
    session: Session, actor: Actor, rule_id: int, seen: int | None, permission: Permission, action: RuleAction
) -> PointRule:
    rule = unchanged(session, PointRule, rule_of(session, actor, rule_id, permission).id, seen)
    RULES.next(rule.state, action)
    return rule


def slim(terms: Terms) -> Terms:
    """Return terms without weights that change nothing."""
    kept = {
        name: {code: weight for code, weight in getattr(terms, name).items() if weight != ONE}
        for name in ("categories", "grades")
    }
    values = terms.stored() | kept | {"bonus": {stars: amount for stars, amount in terms.bonus.items() if amount}}
    return Terms.read(values)
