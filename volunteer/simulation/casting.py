"""Who orders what in the sixty days: the personas' own orders first, then everybody else's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import time

from volunteer.kernel.geo import Point
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import OrderChannel, WhenKind
from volunteer.simulation.menu import menu
from volunteer.simulation.personas import HOME_BRANCH, HOME_STATION
from volunteer.simulation.plots import DAYS, Household, Plot, Writer
from volunteer.simulation.settling import Place
from volunteer.simulation.voices import voices


def resident_household(stations: Sequence[Place], phone: str, name: str) -> Household:
    """Return the household of the resident persona."""
    place = next(one for one in stations if one.name == HOME_STATION)
    point = Point(round(place.point.latitude + 0.0008, 5), round(place.point.longitude - 0.0006, 5))
    return Household(name, phone, place, "3幢2单元201室", point)


def write(writer: Writer, orders: dict[Status, int], resident: Household) -> Iterator[Plot]:
    """Yield every plot: the personas' own first, then the county's, until each status has its number."""
    left = dict(orders)
    for plot in (*_own(writer, resident), *_home_past(writer, resident)):
        left[plot.status] -= 1
        yield plot
    for status, count in left.items():
        for index in range(count):
            yield _any(writer, status, index)


def _any(writer: Writer, status: Status, index: int) -> Plot:
    rng = writer.rng
    match status:
        case Status.CLOSED:
            days = DAYS - index * (DAYS - 2) // writer_span(index)
            twist = {7: "release", 19: "nobody_home", 31: "reopen", 43: "escalate"}.get(index % 60, "")
            far_back = max(days, 16) if twist == "reopen" else days
            return writer.finished(status, far_back, twist=twist)
        case Status.REJECTED | Status.WITHDRAWN:
            return writer.finished(status, rng.randint(3, DAYS), declines=0, twist=rng.choice(("placed", "verified", "offered")))
        case Status.UNMET:
            return writer.finished(status, rng.randint(3, 40), declines=0)
        case Status.PLACED if index % 3 == 0:
            return writer.open(
                status, item=writer.some_item(), words=rng.choice(voices().wishes["free"]), when=WhenKind.FLEXIBLE, twist="free"
            )
        case Status.VERIFIED:
            twist = ("", "", "recall", "escalate")[index % 4]
            return writer.open(status, ago=rng.uniform(5, 150), twist=twist, declines=0)
        case Status.OFFERED:
            return writer.open(status, ago=rng.uniform(3, 75), declines=0, urgent=False)
        case Status.UNDER_WAY | Status.IN_SERVICE:
            return writer.open(status, ago=rng.uniform(4, 18), declines=0)
        case Status.SERVED:
            return writer.open(status, ago=rng.uniform(60, 5 * 1440), written=rng.random() < 0.4)
        case _:
            return writer.open(status)


def writer_span(index: int) -> int:
    """Return how many closed orders the sixty days are spread over: the demo's number, again and again."""
    return max(1, 200 + index // 200 * 200)


def _own(writer: Writer, resident: Household) -> Iterator[Plot]:
    """What each persona finds on their first page."""
    item = menu().item
    lamp, socket, tripping, tap = (item(code) for code in ("lamp", "socket", "tripping", "appliance"))
    web, window, flexible = OrderChannel.WEB, WhenKind.WINDOW, WhenKind.FLEXIBLE

    def neighbour() -> Household:
        return writer.household(HOME_STATION)

    # the resident: one accepted for tomorrow, one to rate, one just placed, one looking for a team
    yield writer.open(
        Status.ACCEPTED, item=lamp, words="厨房灯管不亮了，做饭看不清", home_of=resident, home=True, channel=web, when=window,
        begins=writer.local(1, time(9, 0)), declines=0, urgent=False,
    )  # fmt: skip
    yield writer.open(
        Status.SERVED, item=item("pressure"), words="头有点晕，想量个血压", home_of=resident, channel=web, when=flexible,
        ago=20 * 60, declines=0, written=True,
    )  # fmt: skip
    yield writer.open(
        Status.PLACED,
        item=item("health_app"),
        words="医院不让窗口挂号了，学学手机挂",
        home_of=resident,
        channel=web,
        when=flexible,
        ago=25,
    )
    # the team leader: fresh offers, today's visits, records to write
    for words, service, ago in (
        ("插座冒过火花，已经断电了", socket, 12),
        ("一开空调就跳闸", tripping, 31),
        ("电风扇转不动，有嗡嗡声", tap, 48),
    ):
        yield writer.open(
            Status.OFFERED, item=service, words=words, home_of=neighbour(), home=True, ago=ago, declines=0, urgent=False,
            when=WhenKind.SOON if service is socket else flexible,
        )  # fmt: skip
    for words, clock, chosen in (
        ("楼梯口灯泡坏了，晚上不敢下楼", time(9, 0), True),
        ("床头插座松了，插头老掉", time(14, 0), True),
        ("洗衣机不脱水，衣服拧不干", time(16, 30), False),
    ):
        service = {"床": socket, "洗": tap}.get(words[0], lamp)
        yield writer.open(
            Status.ACCEPTED, item=service, words=words, home_of=neighbour(), home=True, begins=writer.local(0, clock),
            chosen=chosen, when=flexible, declines=0, urgent=False,
        )  # fmt: skip
    yield writer.open(
        Status.ACCEPTED, item=item("wiring"), words="老房子四十年了，想请人看看电线", home_of=neighbour(), home=True, day=3,
        when=flexible, declines=0, urgent=False,
    )  # fmt: skip
    for words, ago in (
        ("客厅的灯一闪一闪，眼睛花", 26 * 60),
        ("卫生间吸顶灯不亮，怕摔", 50 * 60),
        ("冰箱不冷了，药要冷藏", 74 * 60),
    ):
        service = tap if words[0] == "冰" else lamp
        yield writer.open(
            Status.SERVED, item=service, words=words, home_of=neighbour(), home=True, ago=ago, when=flexible,
            written=False, declines=0, urgent=False,
        )  # fmt: skip
    # the clerk: walk-ins and callers of her own village wait to be verified
    for code, ago in (("escort", 200), ("drain", 55), ("haircut", 18), ("meals", 9)):
        yield writer.open(Status.PLACED, item=item(code), home_of=neighbour(), ago=ago, channel=web, when=flexible)
    # what everybody sees first on the board: somebody waits longer than was promised
    yield writer.open(
        Status.VERIFIED, item=socket, words="厨房插座没电，电饭煲用不了", home_of=neighbour(), ago=72, declines=0, urgent=True
    )


def _home_past(writer: Writer, resident: Household) -> Iterator[Plot]:
    """The home team's past: two visits a week, most in its own village, some at the resident's."""
    item, rng = menu().item, writer.rng
    codes = ("lamp", "socket", "tripping", "appliance", "wiring", "lamp", "appliance")
    for number in range(24):
        household = resident if number in (5, 16) else writer.household(HOME_STATION if number % 2 else None)
        if household.place.branch != HOME_BRANCH:
            household = writer.household(HOME_STATION)
        yield writer.finished(
            Status.CLOSED, max(4, 58 - number * 2 - rng.randint(0, 1)), item=item(codes[number % len(codes)]), home_of=household,
            home=True, declines=0, when=WhenKind.FLEXIBLE,
        )  # fmt: skip
