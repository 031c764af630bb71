"""The invented county's places: one centre, 11 branches, 289 stations, 500 venues. Towns are real, everything below is not.

The towns' names, codes and rounded positions are public (codes of the National Bureau of Statistics, 2023; positions by hand,
0.01 degrees). Stations and venues are drawn at random inside their branch, away from water, the same for the same seed.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pypinyin import lazy_pinyin

from volunteer.simulation import shapes

COUNTY = ("演示县", "Demo County")
CENTRE = ("DEMO", "演示县新时代文明实践中心", "Demo County Civilization Practice Centre", 31.150, 120.648, "沈明")
PHONE = "0512-0000%04d"  # 0000 is nobody's exchange

# code, name, English, latitude, longitude, head of the branch, stations
BRANCHES: tuple[tuple[str, str, str, float, float, str, int], ...] = (
    ("320509001", "松陵街道", "Songling", 31.16, 120.64, "顾清", 38),
    ("320509002", "横扇街道", "Hengshan", 31.03, 120.54, "钱湘", 19),
    ("320509003", "八坼街道", "Bache", 31.08, 120.65, "陆远", 18),
    ("320509004", "江陵街道", "Jiangling", 31.14, 120.67, "吴若", 27),
    ("320509104", "平望镇", "Pingwang", 30.98, 120.64, "计平", 27),
    ("320509105", "盛泽镇", "Shengze", 30.90, 120.65, "沈绸", 40),
    ("320509107", "七都镇", "Qidu", 30.95, 120.39, "孙湖", 20),
    ("320509108", "震泽镇", "Zhenze", 30.91, 120.49, "倪蚕", 22),
    ("320509109", "桃源镇", "Taoyuan", 30.83, 120.49, "陶然", 18),
    ("320509110", "黎里镇", "Lili", 31.00, 120.71, "柳溪", 36),
    ("320509111", "同里镇", "Tongli", 31.16, 120.72, "任桥", 24),
)
OWN_STATIONS = {"320509001": ("鲈乡二村",), "320509105": ("目澜社区",), "320509110": ("汾湖村",), "320509104": ("莺湖社区",),
                "320509111": ("屯村",), "320509108": ("贯桥社区",), "320509107": ("隐读村",)}  # fmt: skip

HEADS = (
    "荷塘", "菱塘", "柳岸", "枫桥", "稻香", "芦花", "鹭汀", "白鹭", "杨柳", "梅堰", "桑园", "茶园", "竹苑", "桂花", "海棠",
    "银杏", "水杉", "香樟", "红菱", "莲花", "青禾", "金穗", "晚稻", "春柳", "秋水", "月湾", "星桥", "虹桥", "石桥", "木桥",
    "双桥", "三桥", "长桥", "东浜", "西浜", "南浜", "北浜", "东港", "西港", "南港", "北港", "东塘", "西塘", "南塘", "北塘",
    "上泽", "下泽", "前浜", "后浜", "新港", "老港", "渔家", "船坞", "渡口", "水乡", "湖滨", "湖心", "滨河", "望湖", "听涛",
    "泊舟", "归帆", "鱼跃", "鸥鹭", "蚕花", "丝韵", "织里桥", "绣湖", "染坊", "书院", "学堂", "文昌", "崇文", "尚义", "仁和",
    "永安", "永乐", "太平", "安乐", "长安", "和睦", "友谊", "团结", "勤丰", "丰乐", "庆丰", "联丰", "联合", "新联", "新民",
    "新风", "向阳", "朝阳", "红旗", "光明", "幸福", "康乐", "怡园", "静园", "馨园", "明珠", "翡翠", "玉带", "金家", "沈家",
    "陆家", "顾家", "吴家", "周家", "钱家", "孙家", "姚家", "凌家", "计家", "倪家", "盛家", "汤家", "费家", "叶家", "潘家",
)  # fmt: skip
TAILS = (
    ("社区", "Community"), ("村", "Village"), ("新村", "New Village"), ("花园社区", "Garden Community"), ("湾村", "Bay Village"),
    ("里社区", "Lane Community"),
)  # fmt: skip
VENUES = (
    ("文化礼堂", "Culture Hall", "culture"), ("农家书屋", "Village Library", "reading"),
    ("助老食堂", "Senior Canteen", "canteen"), ("健身广场", "Fitness Square", "sports"),
    ("街坊党校", "Neighbourhood School", "talks"), ("道德讲堂", "Ethics Hall", "talks"),
    ("科普驿站", "Science Stop", "science"), ("法律驿站", "Law Stop", "law"), ("睦邻客厅", "Neighbours' Parlour", "meeting"),
    ("童享空间", "Children's Room", "children"), ("便民修补点", "Repair Corner", "repair"),
    ("实践基地", "Practice Base", "base"), ("百姓戏台", "Village Stage", "culture"), ("暖心驿站", "Warm Stop", "rest"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spot:
    """A site or venue to be: its code, names and WGS-84 place."""

    code: str
    name: str
    name_en: str
    latitude: float
    longitude: float
    kind: str = ""
    head: str = ""
    phone: str = ""
    area: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch with its stations, and each station's venues."""

    spot: Spot
    stations: list[Spot] = field(default_factory=list)
    venues: dict[str, list[Spot]] = field(default_factory=dict)  # by the station's code


def english(name: str) -> str:
    """Return a name of two or three characters in pinyin: 鲈乡 is Luxiang."""
    return "".join(lazy_pinyin(name)).capitalize()


def centre() -> Spot:
    """Return the centre, over the whole county."""
    code, name, name_en, latitude, longitude, head = CENTRE
    return Spot(code, name, name_en, latitude, longitude, head=head, phone=PHONE % 0, area=shapes.polygon(shapes.outline()))


def branches(seed: int, venues: int = 500) -> list[Branch]:
    """Return the 11 branches with 289 stations and ``venues`` venues."""
    rng = random.Random(f"places {seed}")  # noqa: S311 - an invented county
    lakes = [shapes.lake(middle, radii, turn) for _, _, middle, radii, turn in shapes.LAKES]
    names = _station_names(rng)
    found: list[Branch] = []
    areas = shapes.cells([(row[3], row[4]) for row in BRANCHES])
    for number, ((code, name, name_en, latitude, longitude, head, count), ring) in enumerate(
        zip(BRANCHES, areas, strict=True), 1
    ):
        branch = Branch(Spot(code, name, name_en, latitude, longitude, "", head, PHONE % (number * 100), shapes.polygon(ring)))
        own = list(OWN_STATIONS.get(code, ()))
        for station, place in enumerate(_scatter(rng, (latitude, longitude), ring, lakes, count), 1):
            title, title_en = _own_name(own.pop(0)) if own else next(names)
            phone = PHONE % (number * 100 + station)
            branch.stations.append(Spot(f"{code}S{station:02d}", title, title_en, *place, head="", phone=phone))
        found.append(branch)
    _add_venues(rng, found, venues)
    return found


def _add_venues(rng: random.Random, found: list[Branch], count: int) -> None:
    stations = [(branch, station) for branch in found for station in branch.stations]
    for number in range(count):
        branch, station = stations[number % len(stations)]
        kind, kind_en, sort = VENUES[(number * 5 + number // len(stations)) % len(VENUES)]
        place = (round(station.latitude + rng.gauss(0, 0.0012), 5), round(station.longitude + rng.gauss(0, 0.0014), 5))
        venue = Spot(f"V{number + 1:04d}", f"{station.name}{kind}", f"{station.name_en} {kind_en}", *place, kind=sort)
        branch.venues.setdefault(station.code, []).append(venue)


def _scatter(
    rng: random.Random, middle: shapes.Place, ring: shapes.Line, lakes: list[shapes.Line], count: int
) -> list[shapes.Place]:
    """Return places in the ring, thicker near the town, not in a lake, and not on top of each other."""
    places: list[shapes.Place] = [(round(middle[0] + 0.004, 5), round(middle[1] - 0.004, 5))]
    apart = 0.008
    while len(places) < count:
        apart *= 0.999
        spread = rng.choice((0.012, 0.03, 0.05))
        place = (round(rng.gauss(middle[0], spread), 5), round(rng.gauss(middle[1], spread / shapes.STRETCH), 5))
        if not shapes.inside(place, ring) or any(shapes.inside(place, lake) for lake in lakes):
            continue
        if all(math.dist(place, other) > apart for other in places):
            places.append(place)
    return places


def _station_names(rng: random.Random) -> Iterator[tuple[str, str]]:
    taken = {name for names in OWN_STATIONS.values() for name in names}
    pairs = [(head, tail) for head in HEADS for tail in TAILS]
    rng.shuffle(pairs)
    used: dict[str, int] = {}
    for head, (tail, tail_en) in pairs:
        if used.get(head, 0) < 3 and head + tail not in taken:
            used[head] = used.get(head, 0) + 1
            yield head + tail, f"{english(head)} {tail_en}"


def _own_name(name: str) -> tuple[str, str]:
    if name == "鲈乡二村":
        return name, "Luxiang Second Village"
    return (name, f"{english(name[:-2])} Community") if name.endswith("社区") else (name, f"{english(name[:-1])} Village")
