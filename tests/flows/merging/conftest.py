"""Two entries of one person, and somebody who may make them one."""

from __future__ import annotations

import pytest

from tests.support.builders import a_county, a_volunteer, staff
from volunteer.access import Role


@pytest.fixture
def county(session):
    return a_county(session)


@pytest.fixture
def admin(session, county):
    return staff(session, Role.SITE_ADMIN, county[0])


@pytest.fixture
def kept(session, county):
    return a_volunteer(session, county[2], "王建平", skills=("electric",))


@pytest.fixture
def gone(session, county):
    return a_volunteer(session, county[2], "王建萍", skills=("electric", "first_aid"))
