"""The form of a version of the rules: weights are typed as 1.5 and kept as 1500; every complaint stands beside its field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from volunteer.catalogue.models import ServiceCategory
from volunteer.kernel.checks import A_NUMBER
from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_
from volunteer.ledger.models import Grade
from volunteer.ledger.point_rules import ONE, STARS, Terms
from volunteer.rewards.points.pages.words import weight
from volunteer.rewards.points.ruling import RuleDraft, slim

NUMBERS = ("per_hour", "per_activity", "per_day", "per_month", "months", "give_day", "give_month", "alone", "wish_most")
FINE = N_("At most three digits after the point.")
NO_DAY = N_("Please choose a day.")


def values_of(terms: Terms, valid_from: date, note: str, categories: Sequence[ServiceCategory]) -> dict[str, Any]:
    """Return what the form shows for a version."""
    values: dict[str, Any] = {name: getattr(terms, name) for name in NUMBERS}
    values |= {f"category_{one.code}": weight(terms.categories.get(one.code, ONE)) for one in categories}
    values |= {f"grade_{grade.value}": weight(terms.grades.get(grade.value, ONE)) for grade in Grade}
    values |= {f"bonus_{stars}": terms.bonus.get(stars, 0) for stars in STARS}
    first, second = (*terms.warn_days, 60, 14)[:2]
    return values | {
        "holiday": weight(terms.holiday), "warn_first": first, "warn_second": second, "valid_from": valid_from.isoformat(),
        "note": note,
    }  # fmt: skip


def read(form: Mapping[str, str], categories: Sequence[ServiceCategory]) -> RuleDraft:
    """Return the draft that was typed. Raises Invalid with everything that is no number or no day."""
    wrong: dict[str, list[str]] = {}
    values: dict[str, Any] = {name: _number(form, name, wrong) for name in NUMBERS}
    values["categories"] = {one.code: _weight(form, f"category_{one.code}", wrong) for one in categories}
    values["grades"] = {grade.value: _weight(form, f"grade_{grade.value}", wrong) for grade in Grade}
    values["bonus"] = {stars: _number(form, f"bonus_{stars}", wrong) for stars in STARS}
    values["holiday"] = _weight(form, "holiday", wrong)
    values["warn_days"] = (_number(form, "warn_first", wrong), _number(form, "warn_second", wrong))
    try:
        valid_from = date.fromisoformat(form.get("valid_from", "").strip())
    except ValueError:
        wrong["valid_from"] = [NO_DAY]
        valid_from = date.max
    if wrong:
        raise Invalid("rule_form", N_("Please check the fields that are marked."), wrong)
    return RuleDraft(terms=slim(Terms(**values)), valid_from=valid_from, note=form.get("note", "")[:400])


def _number(form: Mapping[str, str], name: str, wrong: dict[str, list[str]]) -> int:
    typed = form.get(name, "").strip() or "0"
    if not (typed.isascii() and typed.isdigit() and len(typed) < 8):
        wrong[name] = [A_NUMBER]
        return 0
    return int(typed)


def _weight(form: Mapping[str, str], name: str, wrong: dict[str, list[str]]) -> int:
    typed = form.get(name, "").strip() or "1"
    try:
        number = Decimal(typed) * ONE if len(typed) < 10 else Decimal("nan")
    except ArithmeticError:  # no number, or one beyond any
        number = Decimal("nan")
    if not number.is_finite() or not 0 <= number <= ONE * 1000:
        wrong[name] = [A_NUMBER]
        return ONE
    if number != int(number):
        wrong[name] = [FINE]
    return int(number)
