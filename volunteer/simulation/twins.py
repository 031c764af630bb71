"""People of the demo who were registered twice: one pair to look at, one merged last week, one that is father and son."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.accounts.models import Person
from volunteer.administration.merging import finding, merging
from volunteer.administration.merging.merging import MergeDraft
from volunteer.places.models import Site
from volunteer.simulation.personas import HOME_BRANCH
from volunteer.simulation.settling import World
from volunteer.simulation.sizes import TWINS
from volunteer.simulation.stage import Stage
from volunteer.teams import joining
from volunteer.teams.models import Standing, Volunteer

DAY = timedelta(days=1)


def register_twice(session: Session, world: World) -> None:
    """Register volunteers of the home branch a second time, as a station does when somebody changes their telephone."""
    admin = Stage(session, world).persona("admin")
    branch = world.sites[HOME_BRANCH]
    found = (
        select(Volunteer)
        .join(Site, Site.id == Volunteer.site_id)
        .join(Person, Person.id == Volunteer.id)
        .where(
            Site.path.startswith(branch.path), Volunteer.standing == Standing.ACTIVE, Volunteer.id.not_in(world.people.values())
        )
        .where(Person.born_on < world.today.replace(year=world.today.year - 30, day=1))
        .order_by(Volunteer.id.desc())
        .limit(TWINS)
    )
    for number, one in enumerate(session.scalars(found).all()):
        draft = joining.JoinDraft(
            site=one.site,
            name=one.person.name,
            phone=f"1380000904{number}",
            born_on=one.person.born_on or world.today,
            consent=True,
        )
        twin = joining.register_at_counter(session, admin, draft, at=world.at - 20 * DAY)
        session.flush()  # the register is compared below
        pairs = [pair for pair in finding.suggest(session, [twin.person], at=world.at - 9 * DAY) if pair.one_id == one.id]
        if number == 1:
            reason = "本人到站说明，换过手机号"
            merging.merge(session, admin, MergeDraft(one.id, twin.id, reason, "gone"), at=world.at - 7 * DAY)
        elif number == 2 and pairs:
            merging.refuse(session, admin, pairs[0].id, "父子同名，生日是登记时抄错", at=world.at - 6 * DAY)
