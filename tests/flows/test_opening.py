"""Opening a county: once, by whoever can read the console, whole or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.builders import NOON as NOW
from volunteer.access import Role
from volunteer.accounts.models import Person, RoleGrant
from volunteer.administration.opening import CountyDraft, is_open, new_token, open_county, token_fits
from volunteer.kernel.errors import Conflict, Forbidden, Invalid
from volunteer.kernel.geo import Point
from volunteer.places.founding import SiteDraft
from volunteer.places.models import Mark, PolicyKind, Site, SiteLevel
from volunteer.places.policies import clocks_at
from volunteer.places.queries import layout

HERE = Point(31.16, 120.64)


def draft(**more: object) -> CountyDraft:
    values = {
        "centre": SiteDraft(code="01", name="演示县新时代文明实践中心", point=HERE),
        "towns": (SiteDraft(code="01-01", name="东镇", point=HERE),),
        "time_zone": "Asia/Urumqi",
        "languages": ("zh_Hans", "en"),
        "name": "方静",
        "login_name": "fangjing",
        "password": "yi-ju-hen-chang-de-hua",
        "policies": {PolicyKind.CLOCKS: {"silent_days": 10}},
    } | more
    return CountyDraft(**values)  # type: ignore[arg-type]


def test_the_token_opens_the_county_with_everything_that_was_asked(session: Session) -> None:
    person = open_county(session, new_token(session, at=NOW), draft(), notice="1", at=NOW)
    session.flush()
    centre = session.scalars(select(Site).where(Site.level == SiteLevel.CENTRE)).one()
    assert [site.name for site in session.scalars(select(Site).where(Site.parent_id == centre.id))] == ["东镇"]
    assert set(session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == person.id))) == {
        Role.SITE_ADMIN,
        Role.COUNTY_IT,
    }
    assert clocks_at(session, centre.path, NOW).silent_days == 10
    assert layout(session) == ("演示县新时代文明实践中心", "", False, "Asia/Urumqi", ("zh_Hans", "en"))


def test_a_county_opens_once(session: Session) -> None:
    token = new_token(session, at=NOW)
    open_county(session, token, draft(), notice="1", at=NOW)
    with pytest.raises(Conflict):
        open_county(session, token, draft(login_name="zweite"), notice="1", at=NOW)
    with pytest.raises(Conflict):
        new_token(session, at=NOW)
    assert session.get(Mark, "opening") is None


@pytest.mark.parametrize("late", [timedelta(0), timedelta(hours=25)])
def test_a_wrong_token_or_one_of_yesterday_opens_nothing(session: Session, late: timedelta) -> None:
    token = new_token(session, at=NOW) if late else "AAAA-BBBB-CCCC-DDDD"
    with pytest.raises(Forbidden):
        open_county(session, token, draft(), notice="1", at=NOW + late)
    assert not is_open(session)


def test_a_new_token_makes_the_one_before_worthless_and_is_stored_as_a_hash(session: Session) -> None:
    first, second = new_token(session, at=NOW), new_token(session, at=NOW)
    session.flush()
    assert not token_fits(session, first, at=NOW)
    assert token_fits(session, second.lower().replace("-", " "), at=NOW)
    assert second.replace("-", "") not in str(session.get_one(Mark, "opening").value)
    assert not token_fits(session, "", at=NOW)


@pytest.mark.parametrize(
    ("more", "field"),
    [({"time_zone": "Mars/Base"}, "time_zone"), ({"languages": ()}, "languages"), ({"password": "123"}, "password")],
)
def test_what_cannot_be_opens_nothing(session: Session, more: dict[str, object], field: str) -> None:
    token = new_token(session, at=NOW)
    session.commit()
    with pytest.raises(Invalid) as caught:
        open_county(session, token, draft(**more), notice="1", at=NOW)
    assert field in caught.value.fields
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Person)) == 0
    assert not is_open(session)
