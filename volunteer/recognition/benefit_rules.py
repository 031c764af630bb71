"""Who may have a benefit now, and if not, every reason why. Pure: the page, the till and the verb ask the same rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from volunteer.kernel.words import N_
from volunteer.recognition.models_benefits import BenefitClass, Period

CLASSES: dict[BenefitClass, tuple[str, str]] = {  # words and icon, in the order in which they are shown
    BenefitClass.INSURANCE: (N_("Insurance"), "shield-check"),
    BenefitClass.TRANSPORT: (N_("Getting about"), "bus"),
    BenefitClass.SIGHTS: (N_("Parks and sights"), "trees"),
    BenefitClass.HEALTH: (N_("Health"), "heart-pulse"),
    BenefitClass.CULTURE: (N_("Books, films, museums"), "book-open"),
    BenefitClass.LEARNING: (N_("Learning"), "graduation-cap"),
    BenefitClass.FAMILY: (N_("Family and children"), "baby"),
    BenefitClass.EVERYDAY: (N_("Everyday help"), "house"),
    BenefitClass.SHOPS: (N_("Shops"), "store"),
    BenefitClass.HONOUR: (N_("Honour"), "award"),
}
PERIODS: dict[Period, str] = {
    Period.DAY: N_("a day"),
    Period.MONTH: N_("a month"),
    Period.YEAR: N_("a year"),
    Period.EVER: N_("in all"),
}


class Why(StrEnum):
    """Why somebody cannot have a benefit now."""

    STARS = "stars"
    MINUTES = "minutes"
    YOUNG = "young"
    OLD = "old"
    AGE_UNKNOWN = "age_unknown"
    TO_COME = "to_come"
    OVER = "over"
    CLOSED = "closed"
    OFTEN = "often"  # this person has had it as often as they may in this period
    GONE = "gone"  # all that there were are handed out


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a line of the catalogue asks for."""

    stars_least: int = 0
    minutes_least: int = 0
    age_least: int | None = None
    age_most: int | None = None
    begins: date
    ends: date | None = None
    limit_each: int | None = None
    limit_all: int | None = None
    used: int = 0
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """What is known about a volunteer: the highest star that stands, minutes of twelve months, age, uses in the period."""

    stars: int
    minutes: int
    age: int | None
    used: int = 0


def obstacles(offer: Offer, holder: Holder, today: date) -> list[Why]:
    """Return every reason why ``holder`` cannot have it today; none when they can."""
    wants_age = offer.age_least is not None or offer.age_most is not None
    checks = (
        (Why.CLOSED, offer.closed),
        (Why.TO_COME, today < offer.begins),
        (Why.OVER, offer.ends is not None and today > offer.ends),
        (Why.GONE, offer.limit_all is not None and offer.used >= offer.limit_all),
        (Why.STARS, holder.stars < offer.stars_least),
        (Why.MINUTES, holder.minutes < offer.minutes_least),
        (Why.AGE_UNKNOWN, wants_age and holder.age is None),
        (Why.YOUNG, holder.age is not None and offer.age_least is not None and holder.age < offer.age_least),
        (Why.OLD, holder.age is not None and offer.age_most is not None and holder.age > offer.age_most),
        (Why.OFTEN, offer.limit_each is not None and holder.used >= offer.limit_each),
    )
    return [why for why, holds in checks if holds]


def period_key(period: Period, day: date) -> str:
    """Return under which name the uses of ``day`` are counted: "2026-11-21", "2026-11", "2026", "ever"."""
    return {Period.DAY: day.isoformat(), Period.MONTH: f"{day:%Y-%m}", Period.YEAR: f"{day:%Y}", Period.EVER: "ever"}[period]


def year_before(today: date) -> date:
    """Return the first day of the twelve months that end with ``today``."""
    try:
        return today.replace(year=today.year - 1)
    except ValueError:  # 29 February
        return date(today.year - 1, 3, 1)
