"""What may be sent about volunteers, papers and teams. What is wrong with it beyond its form, the verbs say."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, pre_load
from marshmallow.validate import Length, Range

from volunteer.kernel.geo import Datum, Point, to_wgs84
from volunteer.places.schemas import PointForm
from volunteer.teams.models_volunteers import PaperKind
from volunteer.teams.rules import spans_of

SHORT, LINE, LONG = Length(max=40), Length(max=200), Length(max=600)
MANY = Length(max=200)


class Words(Schema):
    """A reason."""

    words = fields.String(load_default="", validate=LINE)


class JoinForm(Schema):
    """Who wants to register. ``week``: ticked squares."""

    name = fields.String(required=True, validate=Length(max=60))
    document = fields.String(load_default="", validate=SHORT)
    born_on = fields.Date(required=True)
    site = fields.Integer(required=True, validate=Range(0, 2**31))
    skills = fields.List(fields.String(validate=SHORT), load_default=list, validate=MANY)
    week = fields.List(fields.String(validate=SHORT), load_default=list, validate=MANY)
    guardian_name = fields.String(load_default="", validate=Length(max=60))
    guardian_phone = fields.String(load_default="", validate=SHORT)
    guardian_consent = fields.Boolean(load_default=False)
    consent = fields.Boolean(load_default=False)

    @post_load
    def hours(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data | {"hours": spans_of(data.pop("week"))}


class CounterForm(JoinForm):
    """The same at the counter, with the phone."""

    phone = fields.String(required=True, validate=SHORT)


class ProfileForm(Schema):
    """Language, home site, skills."""

    locale = fields.String(required=True, validate=SHORT)
    speaks = fields.String(load_default="", validate=Length(max=80))
    site = fields.Integer(required=True, validate=Range(0, 2**31))
    skills = fields.List(fields.String(validate=SHORT), load_default=list, validate=MANY)


class WeekForm(Schema):
    """Ticked squares of the week."""

    week = fields.List(fields.String(validate=SHORT), load_default=list, validate=MANY)


class DaysForm(Schema):
    """Days away, or an extra day with its times."""

    first = fields.Date(required=True)
    last = fields.Date(load_default=None)
    kind = fields.String(load_default="away", validate=SHORT)
    begins = fields.Time(load_default=None)
    ends = fields.Time(load_default=None)


class UntilForm(Schema):
    """Until when; nothing ends a break."""

    until = fields.Date(load_default=None)


class WishesForm(Schema):
    """How far, when not, what gladly and what not."""

    reach_km = fields.Float(load_default=None, allow_nan=False)
    by_day = fields.Boolean(load_default=False)
    likes = fields.List(fields.String(validate=SHORT), load_default=list, validate=MANY)
    dislikes = fields.List(fields.String(validate=SHORT), load_default=list, validate=MANY)


class GuardianForm(Schema):
    """Another guardian."""

    guardian_name = fields.String(load_default="", validate=Length(max=60))
    guardian_phone = fields.String(load_default="", validate=SHORT)


class PaperForm(Schema):
    """What a paper says; its photo comes beside."""

    kind = fields.Enum(PaperKind, by_value=True, required=True)
    skill = fields.String(load_default="", validate=SHORT)
    title = fields.String(load_default="", validate=Length(max=80))
    number = fields.String(load_default="", validate=Length(max=60))
    hours = fields.Float(load_default=None, allow_nan=False, validate=Range(0, 2000))
    until = fields.Date(load_default=None)

    @post_load
    def minutes(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        hours = data.pop("hours")
        return data | {"minutes": round(hours * 60) if hours else None}


class TeamForm(Schema):
    """A team to be."""

    name = fields.String(required=True, validate=Length(max=80))
    name_en = fields.String(load_default="", validate=Length(max=120))
    kind = fields.String(required=True, validate=SHORT)
    site = fields.Integer(required=True, validate=Range(0, 2**31))
    point = fields.Nested(PointForm, load_default=None)
    reach_km = fields.Float(required=True, allow_nan=False)
    capacity = fields.Integer(required=True, validate=Range(-1000, 10**6))
    about = fields.String(load_default="", validate=LONG)
    members = fields.String(load_default="", validate=Length(max=1000))
    skills = fields.List(fields.String(validate=SHORT), load_default=list, validate=MANY)


class TeamSettingsForm(Schema):
    """What a leader changes."""

    about = fields.String(load_default="", validate=LONG)
    about_en = fields.String(load_default="", validate=Length(max=800))
    reach_km = fields.Float(required=True, allow_nan=False)
    capacity = fields.Integer(required=True, validate=Range(-1000, 10**6))
    area = fields.List(fields.Integer(validate=Range(0, 2**31)), load_default=list, validate=MANY)


class MemberForm(Schema):
    """One member, and what is to become of them."""

    member = fields.Integer(load_default=0, validate=Range(0, 2**31))
    leaves = fields.Boolean(load_default=False)
    agreed = fields.Boolean(load_default=False)
    number = fields.String(load_default="", validate=SHORT)
    words = fields.String(load_default="", validate=LINE)
    deputy = fields.Boolean(load_default=False)
    yes = fields.Boolean(load_default=False)


class WhereForm(Schema):
    """Where the device says that somebody is."""

    latitude = fields.Float(required=True, allow_nan=False, validate=Range(-90, 90))
    longitude = fields.Float(required=True, allow_nan=False, validate=Range(-180, 180))
    datum = fields.Enum(Datum, by_value=True, load_default=Datum.WGS84)

    @post_load
    def point(self, data: dict[str, Any], **_: Any) -> Point:
        return to_wgs84((data["latitude"], data["longitude"]), data["datum"])


class DutyForm(Schema):
    """On duty for some hours, at home or where the device is."""

    hours = fields.Integer(required=True, validate=Range(1, 12))
    position = fields.Nested(WhereForm, load_default=None, allow_none=True)

    @pre_load
    def without_blanks(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if name != "position" or value}
