"""The simulator: a draft of the rules of points over the hours of the last year, in small batches. It changes no points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, Subquery, func, select
from sqlalchemy.orm import Session, aliased

from volunteer.access import Actor, Permission
from volunteer.accounts.queries import stayed
from volunteer.catalogue.models import ServiceCategory, ServiceItem
from volunteer.kernel.clock import local_date, start_of_day, zone_of
from volunteer.kernel.db import lock
from volunteer.ledger.models import Account, Grade, Transfer, Unit
from volunteer.ledger.models_points import PointRule
from volunteer.ledger.point_rules import Terms
from volunteer.ledger.queries_rules import rule_at
from volunteer.ledger.rules import counts, issued_by, site_of
from volunteer.orders.afterwards.following import showing
from volunteer.orders.models import ServiceOrder
from volunteer.orders.models_rating import Rating
from volunteer.places.models import Holiday, Site
from volunteer.places.policies import evidence_at
from volunteer.rewards.points import trial_rules
from volunteer.rewards.points.models import PointTrial
from volunteer.rewards.points.ruling import rule_of
from volunteer.rewards.points.trial_rules import Hour

YEAR = timedelta(days=365)
BATCH = 200  # people
AT_ONCE = 2_000  # of them while somebody waits for the page; more are left to the job
KEPT = timedelta(days=90)
NONE = Terms(per_hour=0, months=0)  # where no rule holds yet


def _went() -> Subquery:
    """Accounts of entries that were merged away, beside the account of the one who stayed: caps are one person's."""
    pairs, former, now = stayed().subquery(), aliased(Account), aliased(Account)
    theirs = select(former.id.label("former"), now.id.label("now")).select_from(pairs)
    theirs = theirs.join(former, former.owner == func.concat("person:", pairs.c.from_id))
    theirs = theirs.join(now, now.owner == func.concat("person:", pairs.c.person_id))
    return theirs.where(former.unit == Unit.MINUTES, now.unit == Unit.MINUTES).subquery()


WENT = _went()
HOLDER = func.coalesce(WENT.c.now, Transfer.target_id)


def begin(session: Session, actor: Actor, rule_id: int, *, at: datetime) -> PointTrial:
    """Begin to try a draft on the hours of the last year of its places; few are counted at once, many by the job.

    The same terms again, while their trial is still being counted, are that trial.
    """
    rule = rule_of(session, actor, rule_id, Permission.POINTS_MANAGE)
    lock(session, PointRule, rule.id)  # of two taps at once the second sees the trial of the first
    going_on = latest(session, rule)
    if going_on is not None and going_on.done_at is None and going_on.values == rule.values:
        return going_on

    today = local_date(at, zone_of(session))
    trial = PointTrial(
        rule=rule, values=rule.values, asked_by=actor.user_id, asked_at=at, since=today - YEAR, until=today, total=0, sums={}
    )
    people = _hours(session, trial).with_only_columns(func.count(HOLDER.distinct()))
    trial.total = session.scalar(people) or 0
    session.add(trial)
    session.flush()  # the job finds it
    if trial.total <= AT_ONCE:
        while trial.done_at is None:
            step(session, trial, at=at)
    return trial


def step(session: Session, trial: PointTrial, *, at: datetime) -> int:
    """Count the next people of a trial and return how many; the last step writes down that it is done."""
    hours = _hours(session, trial)
    people = hours.with_only_columns(HOLDER).where(trial.after < HOLDER).group_by(HOLDER)
    batch = session.scalars(people.order_by(HOLDER).limit(BATCH)).all()
    if not batch:
        trial.done_at = at
        return 0
    sums = Counter(trial.sums)
    draft, current, off = Terms.read(trial.values), _current(session, trial), _holidays(session, trial)
    for mine in _by_person(session, trial, batch, off).values():
        before, after = (trial_rules.earned(mine, terms) for terms in (current, draft))
        was, becomes = sum(before.values()), sum(after.values())
        sums["minutes"] += sum(hour.minutes for hour in mine)
        sums["was"] += was
        sums["becomes"] += becomes
        sums["was_alive"] += trial_rules.alive(before, current, trial.until)
        sums["becomes_alive"] += trial_rules.alive(after, draft, trial.until)
        sums[f"band_{trial_rules.band(was, becomes)}"] += 1
    trial.sums = dict(sums)
    trial.after, trial.counted = batch[-1], trial.counted + len(batch)
    return len(batch)


def go_on(session: Session, at: datetime) -> int:
    """Go on with the oldest trial that is not done; return how many people were counted."""
    trial = session.scalars(select(PointTrial).where(PointTrial.done_at.is_(None)).order_by(PointTrial.id).limit(1)).first()
    return max(step(session, trial, at=at), 1) if trial is not None else 0


def latest(session: Session, rule: PointRule) -> PointTrial | None:
    """Return the latest trial of a version."""
    found = select(PointTrial).where(PointTrial.rule_id == rule.id).order_by(PointTrial.id.desc()).limit(1)
    return session.scalars(found).first()


def _hours(session: Session, trial: PointTrial) -> Select[Any]:
    """The bookings of minutes of the trial's places and days that stand, beside whoever holds them now."""
    path = trial.rule.site.path
    sites = session.scalars(select(Site.id).where(Site.path.startswith(path))).all()
    mine = (Account.owner.in_([issued_by(number, Unit.MINUTES) for number in sites]), Account.unit == Unit.MINUTES)
    issuing = session.scalars(select(Account.id).where(*mine)).all()
    again = aliased(Transfer)
    return (
        select(Transfer)
        .outerjoin(WENT, WENT.c.former == Transfer.target_id)
        .where(
            Transfer.source_id.in_(issuing),
            Transfer.unit == Unit.MINUTES,
            Transfer.day > trial.since,
            Transfer.day <= trial.until,
            ~select(again.id).where(again.reverses_id == Transfer.id).exists(),
        )
    )


def _by_person(session: Session, trial: PointTrial, batch: Sequence[int], off: set[date]) -> dict[int, list[Hour]]:
    source = aliased(Account)
    wanted = (HOLDER, Transfer.amount, Transfer.grade, Transfer.day, Transfer.about, source.owner)
    rows = session.execute(
        _hours(session, trial).join(source, source.id == Transfer.source_id).with_only_columns(*wanted).where(HOLDER.in_(batch))
    ).all()
    kinds, stars = _orders(session, [row.about for row in rows])
    noon = start_of_day(trial.until, zone_of(session)) + timedelta(hours=12)
    weakest: dict[int | None, str] = {}
    found: dict[int, list[Hour]] = {number: [] for number in batch}
    for target, minutes, grade, day, about, owner in rows:
        site_id = site_of(owner)
        if site_id not in weakest:
            site = session.get(Site, site_id)
            weakest[site_id] = evidence_at(session, site.path if site else trial.rule.site.path, noon).points
        if counts(grade, weakest[site_id]):
            kind = kinds.get(about, "")
            found[target].append(Hour(minutes, kind, Grade(grade), day in off, day, about, stars.get(about, 0)))
    return found


def _orders(session: Session, abouts: Sequence[str]) -> tuple[dict[str, str], dict[str, int]]:
    """Which class each order was of, and the stars of ratings that show."""
    numbers = {int(about[6:]) for about in abouts if about.startswith("order:") and about[6:].isdecimal()}
    item = (
        select(ServiceOrder.id, ServiceCategory.code)
        .join(ServiceItem, ServiceItem.id == ServiceOrder.item_id)
        .join(ServiceCategory, ServiceCategory.id == ServiceItem.category_id)
        .where(ServiceOrder.id.in_(numbers))
    )
    rated = select(Rating.order_id, Rating.stars).where(Rating.order_id.in_(numbers), showing())
    return (
        {f"order:{number}": code for number, code in session.execute(item)},
        {f"order:{number}": stars for number, stars in session.execute(rated)},
    )


def _current(session: Session, trial: PointTrial) -> Terms:
    rule = rule_at(session, trial.rule.site.path, trial.until)
    return rule.terms if rule else NONE


def _holidays(session: Session, trial: PointTrial) -> set[date]:
    centre = int(trial.rule.site.path.strip("/").split("/")[0])
    days = select(Holiday.day).where(Holiday.site_id == centre, Holiday.works.is_(False), Holiday.day > trial.since)
    return set(session.scalars(days))
