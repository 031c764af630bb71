"""``flask demo``: filled once, kept afterwards, and it says who may be whom."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask

from volunteer.kernel.db import db
from volunteer.places.models import Mark, Site, SiteLevel
from volunteer.simulation import personas
from volunteer.web.unit import transaction


@pytest.fixture
def cli(app: Flask) -> Callable[..., Result]:
    def run(*words: str) -> Result:
        with app.app_context():
            return app.test_cli_runner().invoke(args=["demo", *words])

    return run


def test_a_filled_county_is_kept_and_names_its_people(app, cli):
    with app.app_context(), transaction() as session:
        session.add(Mark(name="demo", value={"certificate": "2611000000001"}))
    assert "stays as it is" in cli("fill").output
    said = cli("logins").output
    assert all(one.key in said for one in personas.PERSONAS)
    assert "/verify/2611000000001" in said


def test_an_empty_database_has_nobody_to_be(cli):
    result = cli("logins")
    assert result.exit_code == 1
    assert "not the demo county" in result.output


def test_a_county_in_use_is_never_filled(app, cli):
    with app.app_context(), transaction() as session:
        session.add(Site(path="/1/", level=SiteLevel.CENTRE, code="C", name="真中心", latitude=31.0, longitude=120.0))
    result = cli("fill")
    assert result.exit_code == 1
    assert "not empty" in result.output
    with app.app_context():
        assert db.session.get(Mark, "demo") is None
