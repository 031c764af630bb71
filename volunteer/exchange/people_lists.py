"""A school's or unit's list of names and numbers, as a sheet: which volunteers it means, and what is wrong with it by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from volunteer.access import Actor, Permission
from volunteer.accounts.models import Person
from volunteer.certificates.batches.asking import ASKABLE
from volunteer.certificates.batches.rules import MOST
from volunteer.exchange import reading
from volunteer.exchange.checking import check
from volunteer.exchange.columns import Checked, Column, Draft, Fault, Sheet, Type
from volunteer.kernel.db import under
from volunteer.kernel.text import BETWEEN, folded_name, search_text
from volunteer.kernel.words import N_
from volunteer.places.models import Site
from volunteer.teams.models import Volunteer

NUMBER = Column(
    key="number", name="志愿者号", name_en="Volunteer number", type=Type.CODE, longest=20,
    also=("编号", "志愿者编号", "志愿者证号", "号码", "Number"),
)  # fmt: skip
NAME = Column(
    key="name", name="姓名", name_en="Name", longest=60, also=("名字", "学生姓名", "志愿者姓名", "志愿者"),
)  # fmt: skip
BOTH = Sheet(name="people", title=N_("A list of volunteers"), columns=(NUMBER, NAME), key=("number",), most=MOST)
KINDS = (BOTH, replace(BOTH, columns=(NUMBER,)), replace(BOTH, columns=(NAME,), key=("name",)))
NOBODY_SO_NUMBERED = N_("Nobody of your places has this number. Please check it, or take the row out.")
NOBODY_SO_CALLED = N_("Nobody of your places has this name. Please check it, or write the number.")
SEVERAL = N_("Several volunteers of your places have this name: %(numbers)s. Please write the number.")
ANOTHER = N_("The person with this number has another name. Please check both.")
NEITHER = N_("Please write a number or a name.")
SHOWN = 5  # numbers of people with one name
TWICE = N_("This is the same person as in row %(other)s.")


@dataclass(frozen=True)
class Read:
    """What a list says: the numbers of those it means, in its order; or its faults, and then nobody."""

    numbers: Sequence[str]
    faults: Sequence[Fault]


def read(session: Session, actor: Actor, data: bytes) -> Read:
    """Return whom a sheet (CSV or XLSX) means among the volunteers of the actor's places. Nothing is changed."""
    scopes = actor.scopes(Permission.CERTIFICATES_FOR_OTHERS)
    checked = _checked(data)
    if checked.faults:
        return Read((), checked.faults)
    found = _people(session, scopes, checked.drafts)
    by_number = {number.upper(): (number, name) for number, name in found}
    by_name: dict[str, list[str]] = {}
    for number, name in found:
        by_name.setdefault(folded_name(name), []).append(number)
    rows: dict[str, int] = {}
    faults: list[Fault] = []
    for draft in checked.drafts:
        number, fault = _meant(draft, by_number, by_name)
        if fault is None and number in rows:
            fault = Fault(draft.row, "", TWICE, {"other": rows[number]})
        if fault is not None:
            faults.append(fault)
        else:
            rows[number] = draft.row
    return Read(() if faults else tuple(rows), faults)


def column_called(key: str) -> Column | None:
    """Return the column of that key, None for a fault of a whole row."""
    return next((column for column in BOTH.columns if column.key == key), None)


def _checked(data: bytes) -> Checked:
    """The sheet with both columns, or with one of them."""
    try:
        table = reading.read_table(data, MOST)
    except reading.Unreadable as problem:
        return Checked(faults=[Fault(problem.row, "", problem.message, problem.params)])
    tried = [check(sheet, table) for sheet in KINDS]
    return next((checked for checked in tried if checked.columns), tried[0])


def _people(session: Session, scopes: Iterable[str], drafts: Sequence[Draft]) -> Sequence[tuple[str, str]]:
    """Number and name of everybody of these places who is named in one way or the other."""
    numbers = {str(draft.values.get("number") or "").upper() for draft in drafts} - {""}
    names = {str(draft.values.get("name") or "") for draft in drafts} - {""}
    folded = {folded_name(name) for name in names}
    searched = {folded_name(search_text(name)) for name in names | folded}
    found = (
        select(Volunteer.number, Person.name)
        .join(Person, Person.id == Volunteer.id)
        .join(Site, Site.id == Volunteer.site_id)
        .where(under(scopes, Site.path), Volunteer.standing.in_(ASKABLE))
        .order_by(Volunteer.id)
    )
    by_number = session.execute(found.where(Volunteer.number.in_(numbers))).tuples().all() if numbers else ()
    so_called = or_(_bare(Person.name).in_(folded), _bare(Person.search).in_(searched))
    by_name = session.execute(found.where(so_called)).tuples().all() if names else ()
    return list(dict.fromkeys((*by_number, *by_name)))


def _meant(draft: Draft, by_number: dict[str, tuple[str, str]], by_name: dict[str, list[str]]) -> tuple[str, Fault | None]:
    number, name = str(draft.values.get("number") or "").upper(), str(draft.values.get("name") or "")
    if number:
        if number not in by_number:
            return "", Fault(draft.row, "number", NOBODY_SO_NUMBERED)
        there, called = by_number[number]
        return there, Fault(draft.row, "name", ANOTHER) if name and folded_name(name) != folded_name(called) else None
    if not name:
        return "", Fault(draft.row, "", NEITHER)
    numbers = by_name.get(folded_name(name), [])
    if len(numbers) > 1:
        shown = ", ".join(numbers[:SHOWN]) + (" …" if len(numbers) > SHOWN else "")
        return "", Fault(draft.row, "name", SEVERAL, {"numbers": shown})
    return (numbers[0], None) if numbers else ("", Fault(draft.row, "name", NOBODY_SO_CALLED))


def _bare(column: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """What stands in a column without what stands between the parts of names."""
    bare: ColumnElement[str] = func.lower(column)
    for sign in f"{BETWEEN}\u3000\u00a0\uff65\uff0e":
        bare = func.replace(bare, sign, "")
    return bare
