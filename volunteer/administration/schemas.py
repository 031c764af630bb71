"""What the set-up page may send, and the draft it loads to."""

from __future__ import annotations

from typing import Any, NamedTuple

from marshmallow import Schema, ValidationError, fields, post_load
from marshmallow.validate import Length, OneOf

from volunteer.administration.opening import CountyDraft
from volunteer.kernel.geo import Point
from volunteer.kernel.words import LOCALES, N_
from volunteer.places.explaining import FIGURES, ROUNDING, Figure
from volunteer.places.founding import SiteDraft
from volunteer.places.models import PolicyKind
from volunteer.places.schemas import PointForm
from volunteer.places.terms import KINDS

MOST_TOWNS = 60
NO_POINT = N_("Please write where the centre is: both numbers, in degrees.")
TOO_MANY_TOWNS = N_("Please write at most %(most)s towns here; the others come in a sheet.")
TOWN_TWICE = N_("A town stands here twice.")
NOT_AGREED = N_("Please read the notice and agree.")


class FirstRule(NamedTuple):
    """A figure that the set-up page asks for, with what it is when nothing is changed."""

    kind: PolicyKind
    name: str
    figure: Figure
    default: Any

    @property
    def field(self) -> str:
        """The name of its field."""
        return f"rules.{self.name}"


FIRST_RULES = tuple(
    FirstRule(kind, name, FIGURES[kind][name], getattr(KINDS[kind](), name))
    for kind, name in (
        (PolicyKind.CLOCKS, "reply_minutes"),
        (PolicyKind.CLOCKS, "offer_minutes"),
        (PolicyKind.CLOCKS, "silent_days"),
        (PolicyKind.CLOCKS, "reopen_days"),
        (PolicyKind.MATCHING, "reach_km"),
        (PolicyKind.HOURS, "round_to"),
        (PolicyKind.HOURS, "rounding"),
        (PolicyKind.HOURS, "max_per_day"),
    )
)


class CountyForm(Schema):
    """The county, its first administrator and its first rules. Loads to a CountyDraft."""

    name = fields.String(required=True, validate=Length(min=1, max=80))
    name_en = fields.String(load_default="", validate=Length(max=120))
    code = fields.String(load_default="01", validate=Length(max=20))
    point = fields.Nested(PointForm, load_default=None)
    towns = fields.String(load_default="", validate=Length(max=4000))
    time_zone = fields.String(required=True)
    language = fields.String(load_default=LOCALES[0], validate=OneOf(LOCALES))
    both = fields.Boolean(load_default=False)
    person = fields.String(required=True, validate=Length(min=1, max=30))
    login_name = fields.String(required=True, validate=Length(min=3, max=40))
    password = fields.String(required=True, validate=Length(min=8, max=128))
    phone = fields.String(load_default=None, validate=Length(max=20))
    rules = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True), load_default=dict)
    consent = fields.Boolean(load_default=False)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> CountyDraft:
        """Put the pieces together; what is missing is said beside its field."""
        if data["point"] is None:
            raise ValidationError(NO_POINT, "point")
        if not data["consent"]:
            raise ValidationError(NOT_AGREED, "consent")
        languages = (data["language"], *(one for one in LOCALES if data["both"] and one != data["language"]))
        return CountyDraft(
            centre=SiteDraft(code=data["code"], name=data["name"], name_en=data["name_en"], point=data["point"]),
            towns=towns_of(data["towns"], data["code"], data["point"]),
            time_zone=data["time_zone"],
            languages=languages,
            name=data["person"],
            login_name=data["login_name"],
            password=data["password"],
            phone=data["phone"],
            policies=rules_of(data["rules"]),
        )


def towns_of(text: str, code: str, point: Point) -> tuple[SiteDraft, ...]:
    """Read one town a line. Each stands at the centre's own point until somebody puts it right. Raises ValidationError."""
    names = [line.strip() for line in text.splitlines() if line.strip()]
    if len(names) > MOST_TOWNS:
        raise ValidationError(TOO_MANY_TOWNS % {"most": MOST_TOWNS}, "towns")
    if len(set(names)) < len(names):
        raise ValidationError(TOWN_TWICE, "towns")
    return tuple(SiteDraft(code=f"{code}-{number:02d}", name=name, point=point) for number, name in enumerate(names, 1))


def rules_of(typed: dict[str, str | None]) -> dict[PolicyKind, dict[str, Any]]:
    """Read the first rules; only what differs from its default is kept. Raises ValidationError beside the field."""
    found: dict[PolicyKind, dict[str, Any]] = {}
    for rule in FIRST_RULES:
        text = (typed.get(rule.name) or "").strip()
        value = _read(rule, text) if text else rule.default
        if value != rule.default:
            found.setdefault(rule.kind, {})[rule.name] = value
    return found


def _read(rule: FirstRule, text: str) -> Any:
    if isinstance(rule.default, str):
        if text not in ROUNDING:
            raise ValidationError(N_("Please choose one of these."), rule.field)
        return text
    try:
        value = type(rule.default)(text)
    except ValueError:
        raise ValidationError(N_("Please write a number."), rule.field) from None
    if not rule.figure.least <= value <= rule.figure.most:
        raise ValidationError(N_("Please choose a number that makes sense here."), rule.field)
    return value
