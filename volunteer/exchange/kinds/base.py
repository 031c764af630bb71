"""What every kind of sheet says about itself: how its rows become acts of the packages below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.exchange import using
from volunteer.exchange.columns import Choice, Column, Draft, Sheet, Type, Values, Wrong
from volunteer.kernel.db import Base
from volunteer.kernel.geo import Datum, to_wgs84
from volunteer.kernel.words import N_
from volunteer.places.models import Site

Key = tuple[Any, ...]
DIGITS = 6  # of a degree, in which places are compared: ten centimetres
NO_PLACE = N_("There is no open place of yours with this code or name.")
TWO_PLACES = N_("Several places have this name. Please write the code.")


@dataclass(frozen=True)
class Existing:
    """Something that is there: how it is called in a record ("site:12"), and its values by column."""

    thing: str
    values: Values
    closed: bool = False
    mine: bool = True

    @property
    def id(self) -> int:
        """Its number."""
        return int(self.thing.rsplit(":", 1)[1])


class OfKind(Wrong):
    """A value that cannot be, in one column."""

    def __init__(self, column: str, message: str, **params: Any) -> None:
        super().__init__(message, **params)
        self.column = column


@dataclass
class Context:
    """What rows are compared with, read once: what is there by key, and the places that may be named."""

    session: Session
    actor: Actor
    at: datetime
    current: dict[Key, Existing] = field(default_factory=dict)
    places: Places = field(default_factory=lambda: Places())
    more: dict[str, Any] = field(default_factory=dict)


class Kind:
    """One kind of sheet. ``model`` is what its things are stored in; rows of ``own`` tables go when an unused thing goes."""

    sheet: Sheet
    permission: Permission
    model: type[Base]
    own: frozenset[str] = frozenset()
    at_once: int = 1  # rows that ``make`` takes in one go

    def context(self, session: Session, actor: Actor, drafts: Sequence[Draft] | None, at: datetime) -> Context:
        """Return what ``drafts`` are compared with; all that is there for None."""
        raise NotImplementedError

    def settle(self, values: Values, context: Context) -> Values:
        """Return the values with names turned into codes and places into WGS-84. Raises OfKind."""
        raise NotImplementedError

    def judge(self, values: Values, existing: Existing | None, context: Context) -> None:
        """Raise OfKind or Invalid for what the packages below would refuse."""

    def order(self, rows: list[Any]) -> list[Any]:
        """Return new rows in the order in which they must be made."""
        return rows

    def make(self, context: Context, rows: Sequence[tuple[int, Values]]) -> list[str]:
        """Make new things; return how each is called in a record. Raises what the verbs raise."""
        raise NotImplementedError

    def change(self, context: Context, existing: Existing, values: Values, columns: frozenset[str]) -> None:
        """Give what is there the values (of all columns); ``columns`` are those that differ."""
        raise NotImplementedError

    def after(self, context: Context) -> None:
        """Do what is to be done once, after all rows."""

    def found(self, session: Session, actor: Actor, things: Sequence[str], at: datetime) -> tuple[Context, dict[str, Existing]]:
        """Return what is there now of the things of an import."""
        context = self.context(session, actor, None, at)
        wanted = set(things)
        return context, {one.thing: one for one in context.current.values() if one.thing in wanted}

    def in_the_way(self, context: Context, thing: str) -> list[tuple[str, int]]:
        """Return what was built on a thing since it was made, as (words, how many)."""
        return using.users(context.session, self.model, int(thing.rsplit(":", 1)[1]), thing, self.own)

    def unmake(self, context: Context, thing: str) -> None:
        """Take away something unused, with its ``own`` rows."""
        using.remove(context.session, self.model, int(thing.rsplit(":", 1)[1]), self.own)

    def lists(self, session: Session, actor: Actor, at: datetime) -> Mapping[str, Sequence[str]]:
        """Return words for drop-downs that only the county knows, by column."""
        return {}

    def rows(self, session: Session, actor: Actor, at: datetime) -> Iterable[Values]:
        """Return what is there, open and of this actor's, as rows of the sheet."""
        found = self.context(session, actor, None, at).current.values()
        return (one.values for one in found if one.mine and not one.closed)


class Places:
    """The sites that a sheet may name, by code and by name."""

    def __init__(self) -> None:
        self.by_code: dict[str, Site] = {}
        self.by_name: dict[str, list[str]] = {}
        self.mine: frozenset[str] = frozenset()

    @classmethod
    def of(cls, session: Session, actor: Actor, permission: Permission) -> Places:
        """Return all sites; those where the actor has the permission may be named."""
        self = cls()
        for site in session.scalars(select(Site).order_by(Site.path)):
            self.by_code[site.code] = site
            if site.closed_at is None and actor.can(permission, at=site.path):
                for name in {site.name, site.office[0], site.name_en} - {""}:
                    self.by_name.setdefault(name, []).append(site.code)
        self.mine = frozenset(code for codes in self.by_name.values() for code in codes)
        return self

    def code_of(self, word: str | None, column: str = "site") -> str:
        """Return the code of the open place called ``word``; the highest of the actor's for None. Raises OfKind."""
        if not word:
            if not self.mine:
                raise OfKind(column, NO_PLACE)
            return min((self.by_code[code] for code in self.mine), key=lambda site: (len(site.path), site.id)).code
        if word in self.mine:
            return word
        found = self.by_name.get(word, [])
        if len(found) > 1:
            raise OfKind(column, TWO_PLACES)
        if not found:
            raise OfKind(column, NO_PLACE)
        return found[0]

    def named(self, word: str | None, column: str = "site") -> Site:
        """Return the open place called ``word``. Raises OfKind."""
        return self.by_code[self.code_of(word, column)]


DATUMS = (
    Choice(Datum.WGS84, "WGS-84（GPS、天地图）", "WGS-84 (GPS)"),
    Choice(Datum.GCJ02, "GCJ-02（高德、腾讯）", "GCJ-02 (Amap, Tencent)"),
    Choice(Datum.BD09, "BD-09（百度）", "BD-09 (Baidu)"),
)


def code_column(example: str, longest: int = 20) -> Column:
    """Return the column by which machines and sheets know a row."""
    return Column(
        key="code", name="编号", name_en="Code", type=Type.CODE, required=True, longest=longest, example=example,
               also=("代码", "编码"),
        note=N_("Letters, digits, dots and dashes; the same code again means the same thing."),
    )  # fmt: skip


def name_columns(example: str, example_en: str, longest: int = 80, longest_en: int = 120) -> tuple[Column, Column]:
    """Return the two columns of names."""
    return (
        Column(key="name", name="名称", name_en="Name", required=True, longest=longest, example=example,
               also=("中文名称", "姓名")),
        Column(key="name_en", name="英文名称", name_en="English name", longest=longest_en, example=example_en, default="",
               note=N_("For readers of English; may stay empty.")),
    )  # fmt: skip


def site_column(*, required: bool = True) -> Column:
    """Return the column that names a place."""
    return Column(
        key="site", name="所属站点", name_en="Site", required=required, example="S01", also=("站点", "所属阵地", "所站", "Place"),
        note=N_("The code or the name of a centre, branch or station. Where it may be empty it means your highest place."),
    )  # fmt: skip


def point_columns(*, required: bool = True) -> tuple[Column, Column, Column]:
    """Return the columns of a place on the map."""
    return (
        Column(key="latitude", name="纬度", name_en="Latitude", type=Type.DECIMAL, required=required, least=-90, most=90,
               example="31.1601", note=N_("In degrees; in China between 3 and 54.")),
        Column(key="longitude", name="经度", name_en="Longitude", type=Type.DECIMAL, required=required, least=-180, most=180,
               example="120.6410", note=N_("In degrees; in China between 73 and 136.")),
        Column(key="datum", name="坐标系", name_en="Map system", type=Type.CHOICE, choices=DATUMS, default=None,
               example="WGS-84（GPS、天地图）", note=N_("From which map the degrees were taken. Empty means WGS-84.")),
    )  # fmt: skip


def settle_point(values: Values) -> Values:
    """Return the values with their point in WGS-84 and no datum. Raises OfKind."""
    values = dict(values)
    datum = values.pop("datum", None) or Datum.WGS84
    if values.get("latitude") is not None and values.get("longitude") is not None:
        try:
            point = to_wgs84((values["latitude"], values["longitude"]), Datum(datum))
        except ValueError:
            raise OfKind("latitude", N_("This is not a place on earth.")) from None
        values["latitude"], values["longitude"] = round(point.latitude, DIGITS), round(point.longitude, DIGITS)
    elif values.get("latitude") is not None or values.get("longitude") is not None:
        raise OfKind("latitude", N_("Latitude and longitude belong together."))
    return values


def point_of(row: Any) -> Values:
    """Return the point of a stored row as it is compared."""
    return {"latitude": round(row.latitude, DIGITS), "longitude": round(row.longitude, DIGITS)}
