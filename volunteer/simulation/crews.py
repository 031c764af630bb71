"""The invented teams: 420 at the demo's size, every trade in every branch, and who of the volunteers is in which."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from volunteer.simulation.county import Branch, Spot
from volunteer.simulation.skills import SKILLS, TRADES

LICENSED = frozenset(code for code, _, _, licensed in SKILLS if licensed)
SUFFIXES = (("服务队", "Team"), ("志愿队", "Volunteers"), ("小分队", "Squad"))

# of the whole county: trade, name, English
COUNTY_TEAMS: tuple[tuple[int, str, str], ...] = (
    (0, "供电“快来电”联盟", "Power-Back Alliance"), (1, "水务“听漏”服务队", "Leak Listeners"),
    (8, "县人民医院志愿服务队", "County Hospital Volunteers"), (7, "“陪你看病”陪诊队", "See-the-Doctor-with-You"),
    (11, "“银龄e家”数字助老队", "Silver Online"), (17, "公益律师团", "Pro Bono Lawyers"),
    (19, "鲈乡燕语宣讲团", "Swallow Speakers"), (23, "迷彩绿退役军人服务队", "Green Veterans"),
    (14, "鲈乡学子志愿服务队", "Students of the County"), (16, "文化馆文艺轻骑兵", "Culture House Troupe"),
    (20, "科协科普志愿队", "Science Association Volunteers"), (10, "“心灵港湾”疏导队", "Listening Ear County Team"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Crew:
    """A team to be. ``site`` is the code of its site; the first of ``skills`` is what everybody in it can do."""

    code: str
    name: str
    name_en: str
    kind: str
    site: str
    latitude: float
    longitude: float
    reach_km: float
    capacity: int
    skills: tuple[str, ...]
    size: int


def crews(seed: int, branches: list[Branch], centre: Spot, count: int, volunteers: int) -> list[Crew]:
    """Return ``count`` teams that together have about ``volunteers`` members."""
    rng = random.Random(f"teams {seed}")  # noqa: S311 - invented teams
    plans = list(_plans(rng, branches, centre, count))
    weights = [rng.uniform(0.6, 1.4) for _ in plans]
    each = volunteers / sum(weights)
    found = []
    for number, ((trade, name, name_en, spot, reach), weight) in enumerate(zip(plans, weights, strict=True), 1):
        kind, _, _, skills, _ = TRADES[trade]
        place = (round(spot.latitude + rng.gauss(0, 0.004), 5), round(spot.longitude + rng.gauss(0, 0.005), 5))
        size = max(4, round(each * weight))
        found.append(Crew(f"T{number:04d}", name, name_en, kind, spot.code, *place, reach, rng.randint(3, 6), skills, size))
    return found


def _plans(rng: random.Random, branches: list[Branch], centre: Spot, count: int) -> Iterator[tuple[int, str, str, Spot, float]]:
    """Yield trade, names, place and reach: each trade once a branch, the county's own, then in the villages."""
    made = 0
    for branch in branches:
        town = branch.spot.name.removesuffix("街道").removesuffix("镇")
        for trade, (_, middle, english, _, _) in enumerate(TRADES):
            yield (
                trade,
                f"{town}{middle}服务队",
                f"{branch.spot.name_en} {english}",
                branch.spot,
                rng.choice((8.0, 10.0, 12.0, 15.0)),
            )
            made += 1
    for trade, name, english in COUNTY_TEAMS:
        yield trade, name, english, centre, 40.0
        made += 1
    stations = [station for branch in branches for station in branch.stations]
    taken: set[tuple[str, int]] = set()
    weights = [trade[4] for trade in TRADES]
    while made < count:
        station = rng.choice(stations)
        trade = rng.choices(range(len(TRADES)), weights)[0]
        if (station.code, trade) in taken and len(taken) < len(stations) * len(TRADES):
            continue
        taken.add((station.code, trade))
        suffix, suffix_en = rng.choice(SUFFIXES)
        _, middle, english, _, _ = TRADES[trade]
        yield (
            trade,
            f"{station.name}{middle}{suffix}",
            f"{station.name_en} {english} {suffix_en}",
            station,
            rng.choice((3.0, 4.0, 6.0)),
        )
        made += 1


def skills_of(rng: random.Random, crew: Crew, place: int) -> list[tuple[str, float, int | None]]:
    """Return the skills of the member at ``place`` (the leader is 0): code, proficiency, days that a licence still holds.

    The first four can do everything that the team is for; of the others some lack the licence, and some licences ran out.
    """
    found: list[tuple[str, float, int | None]] = []
    for position, code in enumerate(crew.skills):
        sure = place < 4
        if not sure and rng.random() > (0.85 if position == 0 else 0.35):
            continue
        if code in LICENSED and not sure and rng.random() < 0.5:
            continue
        days = (rng.randint(200, 1200) if sure or rng.random() < 0.93 else -rng.randint(5, 60)) if code in LICENSED else None
        found.append((code, round(rng.uniform(0.7 if sure else 0.45, 1.0), 2), days))
    return found
