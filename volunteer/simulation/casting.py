"""Who orders what in the sixty days: the personas' own orders first, then everybody else's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import time
from typing import Any

from volunteer.kernel.geo import Point
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import OrderChannel, WhenKind
from volunteer.simulation.menu import menu
from volunteer.simulation.personas import HOME_STATION
from volunteer.simulation.plots import DAYS, SLOTS, Household, Plot, Writer
from volunteer.simulation.settling import Place
from volunteer.simulation.voices import voices

SPREAD = 212  # closed orders over the sixty days, at the demo's size
HOME_PAST = 24
FAR_BACK = {"reopen": 20, "nobody_home": 8, "lapse": 5, "release": 5, "forgot": 5}  # days that a course takes
HERS = frozenset({5, 16})  # of these, at the resident persona's
COURSE = {3: "lapse", 7: "release", 11: "forgot", 15: "nobody_home", 21: "reopen", 27: "lapse", 33: "escalate", 37: "nudge"}


def resident_household(stations: Sequence[Place], phone: str, name: str) -> Household:
    """Return the household of the resident persona."""
    place = next(one for one in stations if one.name == HOME_STATION)
    point = Point(round(place.point.latitude + 0.0008, 5), round(place.point.longitude - 0.0006, 5))
    return Household(name, phone, place, "3幢2单元201室", point)


def write(writer: Writer, orders: dict[Status, int], resident: Household) -> Iterator[Plot]:
    """Yield every plot: the personas' own first, then the county's, until each status has its number."""
    left = dict(orders)
    for plot in (*_own(writer, resident), *_home_past(writer, resident), *_displeased(writer)):
        left[plot.status] -= 1
        yield plot
    for status, count in left.items():
        for index in range(count):
            yield _any(writer, status, index)


def _any(writer: Writer, status: Status, index: int) -> Plot:
    """One of the county's orders, number ``index`` of those that end at ``status``."""
    rng = writer.rng
    match status:
        case Status.CLOSED:
            twist = COURSE.get(index % 40, "")
            days = DAYS - index % SPREAD * (DAYS - 3) // SPREAD
            fixed: dict[str, Any] = {"stars": 5, "declines": 0} if twist == "reopen" else {}
            return writer.finished(status, max(days, FAR_BACK.get(twist, 0)), twist=twist, **fixed)
        case Status.REJECTED | Status.WITHDRAWN:
            return writer.finished(status, rng.randint(3, DAYS), declines=0, twist=("placed", "verified", "offered")[index % 3])
        case Status.UNMET:
            return writer.finished(status, rng.randint(3, 28))
        case Status.PLACED:
            free = index % 3 == 0
            fixed = {"twist": "free", "words": rng.choice(voices().wishes["free"]), "when": WhenKind.FLEXIBLE} if free else {}
            return writer.waiting(status, rng.uniform(6, 240), **fixed)
        case Status.VERIFIED:
            return writer.waiting(status, rng.uniform(9, 150), twist=("", "nudge", "recall", "escalate")[index % 4])
        case Status.OFFERED:
            return writer.waiting(status, rng.uniform(3, 75), urgent=False)
        case Status.ACCEPTED:
            return writer.accepted(writer.local(rng.choice((0, 0, 1, 1, 2, 3, 4, 5)), rng.choice(SLOTS)))
        case Status.UNDER_WAY | Status.IN_SERVICE:
            return writer.going_on(status, rng.uniform(4, 18))
        case _:
            return writer.served(writer.local(-rng.randint(1, 5), rng.choice(SLOTS)), written=index % 2 == 0)


def _own(writer: Writer, resident: Household) -> Iterator[Plot]:
    """What each persona finds on their first page."""
    item, local = menu().item, writer.local
    lamp, socket, tripping, machine = (item(code) for code in ("lamp", "socket", "tripping", "appliance"))
    calm: dict[str, Any] = {"when": WhenKind.FLEXIBLE, "urgent": False, "declines": 0, "channel": OrderChannel.WEB}

    def neighbour() -> Household:
        return writer.household(HOME_STATION)

    # the resident: one accepted for tomorrow, one to rate, one just placed
    hers = calm | {"home_of": resident}
    tomorrow = hers | {"when": WhenKind.WINDOW, "words": "厨房灯管不亮了，做饭看不清", "home": True}
    yield writer.accepted(local(1, time(9, 0)), item=lamp, **tomorrow)
    yield writer.served(local(-1, time(9, 30)), item=item("pressure"), words="头有点晕，想量个血压", **hers)
    yield writer.waiting(Status.PLACED, 25, item=item("health_app"), words="医院不让窗口挂号了，学学手机挂", **hers)

    # the team leader: fresh offers, visits today and later, records to write
    ours = calm | {"home": True}
    for words, service, ago in (
        ("插座冒过火花，已经断电了", socket, 12),
        ("一开空调就跳闸", tripping, 31),
        ("电风扇转不动，有嗡嗡声", machine, 48),
    ):
        yield writer.waiting(Status.OFFERED, ago, item=service, words=words, home_of=neighbour(), **ours)
    for words, service, begins, chosen in (
        ("楼梯口灯泡坏了，晚上不敢下楼", lamp, local(0, time(9, 0)), True),
        ("床头插座松了，插头老掉", socket, local(0, time(14, 0)), True),
        ("洗衣机不脱水，衣服拧不干", machine, local(0, time(16, 30)), False),
        ("老房子四十年了，想请人看看电线", item("wiring"), local(3, time(10, 0)), True),
    ):
        when = {} if chosen else {"when": WhenKind.WINDOW}  # so that it says when members are wanted
        yield writer.accepted(begins, item=service, words=words, chosen=chosen, home_of=neighbour(), **(ours | when))
    for words, service, days in (
        ("客厅的灯一闪一闪，眼睛花", lamp, -1),
        ("卫生间吸顶灯不亮，怕摔", lamp, -2),
        ("冰箱不冷了，药要冷藏", machine, -3),
    ):
        yield writer.served(local(days, time(14, 0)), item=service, words=words, home_of=neighbour(), written=False, **ours)

    # the clerk: neighbours of her own village wait to be verified
    for code, ago in (("escort", 200), ("drain", 55), ("haircut", 18), ("meals", 9)):
        yield writer.waiting(Status.PLACED, ago, item=item(code), home_of=neighbour(), **calm)
    # the dispatcher: somebody waits longer than was promised
    late = calm | {"urgent": True, "twist": "nudge"}
    yield writer.waiting(Status.VERIFIED, 72, item=socket, words="厨房插座没电，电饭煲用不了", home_of=neighbour(), **late)


def _displeased(writer: Writer) -> Iterator[Plot]:
    """What the director should look at: somebody was not pleased lately."""
    for days, code, stars in ((6, "tripping", 1), (9, "escort", 2), (13, "tap", 2)):
        yield writer.finished(Status.CLOSED, days, item=menu().item(code), stars=stars, declines=0)


def _home_past(writer: Writer, resident: Household) -> Iterator[Plot]:
    """The home team's past: three visits a week, most in its own village, some at the resident's."""
    item, rng = menu().item, writer.rng
    codes = ("lamp", "socket", "tripping", "appliance", "wiring", "lamp", "appliance")
    for number in range(HOME_PAST):
        household = resident if number in HERS else writer.household(HOME_STATION)
        yield writer.finished(
            Status.CLOSED, max(4, 58 - number * 2 - rng.randint(0, 1)), item=item(codes[number % len(codes)]), home_of=household,
            home=True, declines=0, when=WhenKind.FLEXIBLE,
        )  # fmt: skip
