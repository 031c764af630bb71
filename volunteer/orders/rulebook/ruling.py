"""Rules of automatic dispatch are written, changed from a day on, switched off and closed. What was decided stays as it was."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.catalogue.models import ServiceCategory, ServiceItem
from volunteer.kernel.checks import NAMELESS, Checks
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.orders.rulebook.models_rules import DispatchRule, RuleMode
from volunteer.places.adopting import PAST
from volunteer.places.models import Site

SHORTEST, LONGEST = 5, 7 * 24 * 60  # minutes in the pool
FARTHEST, BEST = 200, 10
MOST_LISTED = 60
LAST = 99
UNKNOWN = N_("Please choose one of these.")


@dataclass(frozen=True, kw_only=True)
class RuleDraft:
    """A rule as somebody writes it. categories, items: codes. days: weekdays from Monday 0; begins, ends: local hours."""

    name: str
    mode: RuleMode = RuleMode.OFFER
    position: int = 1
    categories: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    days: tuple[int, ...] = ()
    begins: int = 0
    ends: int = 24
    km: float | None = None
    score: float | None = None
    minutes: int = 30


def write_rule(
    session: Session, actor: Actor, site: Site, draft: RuleDraft, *, valid_from: datetime, at: datetime
) -> DispatchRule:
    """Let a new rule hold at ``site`` and below from ``valid_from`` on. Raises Invalid with every complaint."""
    actor.must(Permission.POLICIES_MANAGE, at=site.path)
    rule = drafted(session, site, draft, valid_from=valid_from, at=at)
    rule.made_by = actor.user_id
    session.add(rule)
    session.flush()  # its id is its version
    record(session, actor, "rule_written", f"rule:{rule.id}", at=at, site_path=site.path)
    return rule


def change_rule(
    session: Session, actor: Actor, rule_id: int, draft: RuleDraft, *, valid_from: datetime, at: datetime
) -> DispatchRule:
    """Return the rule's next version, which holds from ``valid_from`` on; one that had not begun yet is replaced.

    Raises Conflict when another version was written since ``rule_id``, or when the rule is closed.
    """
    before = _newest(session, actor, rule_id, at)
    rule = drafted(session, before.site, draft, valid_from=valid_from, at=at)
    if _same(rule, before) and before.valid_from <= valid_from:
        return before
    return _follow(session, actor, before, rule, "rule_changed", at)


def switch_rule(session: Session, actor: Actor, rule_id: int, active: bool, *, at: datetime) -> DispatchRule:
    """Switch a rule off or on again from now on: a version of its own. Switching it twice changes nothing."""
    before = _newest(session, actor, rule_id, at)
    if before.active is active:
        return before
    rule = _copy(before, max(at, before.valid_from), at)
    rule.active = active
    return _follow(session, actor, before, rule, "rule_switched", at)


def close_rule(session: Session, actor: Actor, rule_id: int, *, at: datetime) -> DispatchRule:
    """End a rule now, for good. What it did stays, and says which rule it was. Closing it twice changes nothing."""
    rule = lock(session, DispatchRule, rule_of(session, actor, rule_id).id)
    if rule.valid_until is not None:
        return rule
    rule.valid_until = max(at, rule.valid_from)
    record(session, actor, "rule_closed", f"rule:{rule.id}", at=at, site_path=rule.site.path)
    return rule


def drafted(session: Session, site: Site, draft: RuleDraft, *, valid_from: datetime, at: datetime) -> DispatchRule:
    """Return the rule that a draft would be, not stored: for trying it out. Raises Invalid with every complaint."""
    checks = Checks()
    name = checks.text("name", draft.name, 60, missing=NAMELESS)
    checks.number("position", draft.position, 1, LAST)
    checks.number("minutes", draft.minutes, SHORTEST, LONGEST)
    checks.number("begins", draft.begins, 0, 23)
    checks.number("ends", draft.ends, 1, 24)
    if draft.ends <= draft.begins:
        checks.say("ends", N_("The end must come after the beginning."))
    if draft.km is not None:
        checks.number("km", draft.km if math.isfinite(draft.km) else -1, 0.1, FARTHEST)
    if draft.score is not None:
        checks.number("score", draft.score if math.isfinite(draft.score) else -1, 0, BEST)
    if any(not 0 <= day <= 6 for day in draft.days):
        checks.say("days", UNKNOWN)
    if len(draft.categories) > MOST_LISTED or not _known(session, ServiceCategory, draft.categories):
        checks.say("categories", UNKNOWN)
    if len(draft.items) > MOST_LISTED or not _known(session, ServiceItem, draft.items):
        checks.say("items", UNKNOWN)
    if valid_from < at:
        checks.say("valid_from", PAST)
    checks.done()
    return DispatchRule(
        site=site,
        name=name,
        mode=draft.mode,
        position=draft.position,
        active=True,
        categories=sorted(set(draft.categories)),
        items=sorted(set(draft.items)),
        days="".join(str(day) for day in sorted(set(draft.days))) if len(set(draft.days)) < 7 else "",
        begins=draft.begins,
        ends=draft.ends,
        km=draft.km,
        score=draft.score,
        minutes=draft.minutes,
        valid_from=valid_from,
        made_at=at,
    )


def live_rules(session: Session, *, at: datetime) -> Sequence[DispatchRule]:
    """Return every rule that acts at ``at`` anywhere, with its site. One query."""
    found = select(DispatchRule).join(Site).where(DispatchRule.active.is_(True), *_holding(at))
    return session.scalars(found.order_by(func.length(Site.path).desc(), DispatchRule.position, DispatchRule.id)).all()


def rules_for(rules: Sequence[DispatchRule], site_path: str) -> list[DispatchRule]:
    """Return those of ``rules`` that hold at a place, in the order in which they are asked: the nearest site's own first."""
    return [rule for rule in rules if site_path.startswith(rule.site.path)]


def rules_at(session: Session, site: Site, *, at: datetime, closed: bool = False) -> Sequence[DispatchRule]:
    """Return the newest version of every rule of a site and of the sites above it, or of its closed ones; the nearest first."""
    newest = select(func.max(DispatchRule.id)).group_by(DispatchRule.line)
    over = DispatchRule.valid_until <= at
    here = Site.id.in_([int(part) for part in site.path.strip("/").split("/")])
    found = (
        select(DispatchRule)
        .join(Site)
        .where(DispatchRule.id.in_(newest), here, over if closed else or_(DispatchRule.valid_until.is_(None), ~over))
        .order_by(func.length(Site.path).desc(), DispatchRule.position, DispatchRule.id)
    )
    return session.scalars(found).all()


def rule_of(session: Session, actor: Actor, rule_id: int) -> DispatchRule:
    """Return a version of a rule of the actor's places. Raises NotFound or Forbidden elsewhere."""
    rule = load(session, DispatchRule, rule_id)
    actor.must(Permission.POLICIES_MANAGE, at=rule.site.path)
    return rule


def versions_of(session: Session, rule: DispatchRule) -> Sequence[DispatchRule]:
    """Return every version of a rule, the latest first."""
    found = select(DispatchRule).where(DispatchRule.line == rule.line)
    return session.scalars(found.order_by(DispatchRule.id.desc())).all()


def _newest(session: Session, actor: Actor, rule_id: int, at: datetime) -> DispatchRule:
    """The rule to be changed, held; Conflict when somebody else was faster or it is over."""
    rule = rule_of(session, actor, rule_id)
    first = session.scalars(select(DispatchRule.id).where(DispatchRule.line == rule.line).order_by(DispatchRule.id)).first()
    lock(session, DispatchRule, first)  # of two who change it at once the second sees the first one's
    latest = session.scalar(select(func.max(DispatchRule.id)).where(DispatchRule.line == rule.line))
    if latest != rule.id:
        raise Conflict("rule_changed", N_("Somebody has changed this rule meanwhile. Please look at it again."))
    rule = lock(session, DispatchRule, rule.id)
    if rule.valid_until is not None and rule.valid_until <= at:
        raise Conflict("rule_closed", N_("This rule is closed. Please write a new one."))
    return rule


def _follow(session: Session, actor: Actor, before: DispatchRule, rule: DispatchRule, act: str, at: datetime) -> DispatchRule:
    rule.line, rule.made_by = before.line, actor.user_id
    earlier = select(DispatchRule).where(DispatchRule.line == before.line)
    for row in session.scalars(earlier):
        if row.valid_until is None or row.valid_until > rule.valid_from:
            row.valid_until = max(rule.valid_from, row.valid_from)  # one that had not begun never does
    session.add(rule)
    session.flush()  # its id is its version
    record(session, actor, act, f"rule:{rule.id}", at=at, site_path=rule.site.path)
    return rule


COPIED = ("name", "mode", "position", "active", "categories", "items", "days", "begins", "ends", "km", "score", "minutes")


def _copy(rule: DispatchRule, valid_from: datetime, at: datetime) -> DispatchRule:
    return DispatchRule(site=rule.site, valid_from=valid_from, made_at=at, **{name: getattr(rule, name) for name in COPIED})


def _same(one: DispatchRule, other: DispatchRule) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in COPIED)


def _holding(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return DispatchRule.valid_from <= at, or_(DispatchRule.valid_until.is_(None), DispatchRule.valid_until > at)


def _known(session: Session, kind: type[ServiceCategory | ServiceItem], codes: Sequence[str]) -> bool:
    wanted = set(codes)
    return not wanted or wanted <= set(session.scalars(select(kind.code).where(kind.code.in_(wanted))))
