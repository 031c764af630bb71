"""The invented people: names from a poem book, phones that nobody has, identity numbers of a place that does not exist."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

SURNAMES = (
    "沈陆顾吴周钱孙姚计倪盛汤费叶潘王陈李张朱徐金许蒋杨俞翁屠钮严柳任庞凌史施范蔡梅"
    "邱殷唐夏秦尤殳宋程郁莫杜诸冯方谢高魏韦阮管戚曹苗喻黄萧何"
)
FIRST = "听望晓若知清云思雨书景念安予向秋春南北临羡怀逐眠采揽问观寄初"
SECOND = "荷舟溪禾桥岚汀菱塘渔帆柳苇鹭竹梅兰松桂月星川湖澜渚烟霁晴禾桑茶麦"
TITLES = ("奶奶", "爷爷", "阿姨", "叔叔", "伯伯", "大妈", "女士", "先生", "阿婆", "老师")
REGION = "990000"  # no such place: GB/T 2260 ends at 82, abroad is 91
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643, ISO 7064 MOD 11-2
CHECK = "10X98765432"

Span = tuple[int, int, int]  # weekday, from minute, to minute

PATTERNS: dict[str, tuple[Span, ...]] = {
    "retired": (*((day, 480, 690) for day in range(5)), *((day, 780, 1020) for day in range(5)), (5, 480, 720)),
    "working": (*((day, 1080, 1230) for day in range(5)), (5, 480, 720), (6, 480, 720)),
    "student": ((5, 480, 1020), (6, 480, 1020), (4, 960, 1140)),
    "often": tuple((day, 480, 1200) for day in range(7)),
}


@dataclass(frozen=True, slots=True)
class Enrolee:
    """Somebody who will register as a volunteer. ``life`` names the pattern of their week."""

    name: str
    phone: str
    document: str
    born_on: date
    life: str
    insured_days: int | None  # from the day of filling; None was never insured
    registered_days: int  # before the day of filling

    @property
    def hours(self) -> tuple[Span, ...]:
        """When they are willing to serve."""
        return PATTERNS[self.life]


def check_character(body: str) -> str:
    """Return the 18th character of an identity number: ISO 7064 MOD 11-2 over the first 17 digits."""
    return CHECK[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, body, strict=True)) % 11]


def identity_number(born_on: date, order: int) -> str:
    """Return a number with a right check character, of a region that does not exist."""
    body = f"{REGION}{born_on:%Y%m%d}{order % 1000:03d}"
    return body + check_character(body)


def volunteer_phone(number: int) -> str:
    """Return the phone of the n-th volunteer: 199 00 and six digits."""
    return f"19900{number % 1_000_000:06d}"


def resident_phone(number: int) -> str:
    """Return the phone of the n-th resident: 1380000 and four digits."""
    return f"1380000{number % 10_000:04d}"


def full_name(rng: random.Random) -> str:
    """Return an invented name."""
    return rng.choice(SURNAMES) + rng.choice(FIRST) + (rng.choice(SECOND) if rng.random() < 0.9 else "")


def resident_name(rng: random.Random) -> str:
    """Return how an older neighbour is called: 陆奶奶."""
    return rng.choice(SURNAMES) + rng.choice(TITLES)


def enrolees(seed: int, today: date) -> Iterator[Enrolee]:
    """Yield volunteers without end, the same for the same seed and day."""
    rng = random.Random(f"people {seed}")  # noqa: S311 - invented people
    number = 0
    while True:
        number += 1
        life = rng.choices(("retired", "working", "student", "often"), (50, 27, 10, 13))[0]
        years = {"retired": (56, 74), "working": (24, 55), "student": (16, 22), "often": (28, 68)}[life]
        born_on = today - timedelta(days=rng.randint(years[0] * 366, years[1] * 365))
        insured = rng.choices((rng.randint(60, 330), -rng.randint(1, 90), None), (86, 9, 5))[0]
        yield Enrolee(
            name=full_name(rng),
            phone=volunteer_phone(number),
            document=identity_number(born_on, number),
            born_on=born_on,
            life=life,
            insured_days=insured,
            registered_days=rng.randint(70, 900),
        )
