"""The list of the first days: what is missing stands on it, what is there does not trouble anybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from marshmallow import ValidationError

from volunteer.administration.checklist import Facts, steps_of
from volunteer.administration.schemas import FIRST_RULES, CountyForm, towns_of
from volunteer.kernel.geo import Datum, Point, to_wgs84
from volunteer.places.models import PolicyKind

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
NOTHING = Facts(stations=0, staff=0, services=0, teams=0, holidays=0, sender="console", backed_up_at=None)
EVERYTHING = Facts(stations=1, staff=1, services=1, teams=1, holidays=1, sender="gateway", backed_up_at=NOW)
FORM = {
    "name": "演示县新时代文明实践中心", "point": {"latitude": "31.16", "longitude": "120.64", "datum": "gcj02"}, "time_zone": "Asia/Shanghai",
    "person": "方静", "login_name": "fangjing", "password": "yi-ju-hen-chang-de-hua", "consent": "yes",
}  # fmt: skip


def test_a_county_that_has_just_been_opened_lacks_everything() -> None:
    assert not any(step.done for step in steps_of(NOTHING, NOW))


def test_a_county_that_has_everything_lacks_nothing() -> None:
    assert all(step.done for step in steps_of(EVERYTHING, NOW))


def test_a_backup_older_than_eight_days_is_none() -> None:
    (backup,) = (step for step in steps_of(EVERYTHING._replace(backed_up_at=NOW - timedelta(days=9)), NOW) if not step.done)
    assert backup.name == "backup"


def test_the_form_converts_the_point_of_the_centre_once() -> None:
    draft = CountyForm().load(FORM)
    assert draft.centre.point == to_wgs84((31.16, 120.64), Datum.GCJ02)
    assert draft.languages == ("zh_Hans",)
    assert draft.policies == {}


@pytest.mark.parametrize("left_out", ["name", "point", "time_zone", "person", "login_name", "password", "consent"])
def test_what_is_missing_is_said_beside_its_field(left_out: str) -> None:
    with pytest.raises(ValidationError) as caught:
        CountyForm().load({name: value for name, value in FORM.items() if name != left_out})
    assert list(caught.value.messages) == [left_out]


def test_only_rules_that_differ_from_the_defaults_are_kept() -> None:
    rules = {rule.name: str(rule.default) for rule in FIRST_RULES} | {"silent_days": "10"}
    assert CountyForm().load(FORM | {"rules": rules}).policies == {PolicyKind.CLOCKS: {"silent_days": 10}}


@pytest.mark.parametrize(("name", "value"), [("silent_days", "0"), ("silent_days", "viele"), ("rounding", "sideways")])
def test_a_rule_that_makes_no_sense_is_refused_beside_its_field(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as caught:
        CountyForm().load(FORM | {"rules": {name: value}})
    assert list(caught.value.messages) == [f"rules.{name}"]


def test_towns_are_read_one_a_line_and_none_twice() -> None:
    here = Point(31, 120)
    assert [town.name for town in towns_of("东镇\n\n 西镇 ", "01", here)] == ["东镇", "西镇"]
    assert [town.code for town in towns_of("东镇\n西镇", "01", here)] == ["01-01", "01-02"]
    with pytest.raises(ValidationError):
        towns_of("东镇\n东镇", "01", here)
    with pytest.raises(ValidationError):
        towns_of("\n".join(f"第{n}镇" for n in range(61)), "01", here)
