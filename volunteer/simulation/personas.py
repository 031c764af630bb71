"""The ten people that a visitor of the demo may be, and the password they share. The key is the log-in name."""

from __future__ import annotations

from dataclasses import dataclass

from volunteer.access import Role

PASSWORD = "yanshi-xian-2026"  # noqa: S105 - printed on the log-in page of an invented county
HOME_STATION = "鲈乡二村"
HOME_BRANCH = "320509001"
HOME_TEAM = "松陵电工服务队"


@dataclass(frozen=True, slots=True)
class Persona:
    """One of the people. ``place``: "centre", "branch" or "station", where the role holds; born: year."""

    key: str
    name: str
    title: str
    title_en: str
    role: Role
    place: str
    phone: str
    born: int


PERSONAS: tuple[Persona, ...] = (
    Persona("resident", "李阿姨", "居民李阿姨", "Resident", Role.RESIDENT, "station", "13800009001", 1944),
    Persona("clerk", "吴桂芳", "鲈乡二村站点员", "Station clerk", Role.CLERK, "station", "13800009002", 1979),
    Persona("dispatcher", "赵岚", "赵调度", "Dispatcher", Role.DISPATCHER, "centre", "13800009003", 1986),
    Persona("leader", "王建平", "王队长", "Team leader", Role.VOLUNTEER, "station", "13800009004", 1968),
    Persona("volunteer", "陈晓禾", "志愿者陈晓禾", "Volunteer", Role.VOLUNTEER, "station", "13800009005", 1995),
    Persona("director", "沈明", "沈主任", "Centre director", Role.DIRECTOR, "centre", "13800009006", 1971),
    Persona("admin", "顾清", "松陵所管理员", "Site administrator", Role.SITE_ADMIN, "branch", "13800009007", 1983),
    Persona("auditor", "严正", "审计员", "Auditor", Role.AUDITOR, "centre", "13800009008", 1980),
    Persona("merchant", "钱春燕", "文明商户", "Merchant", Role.MERCHANT, "branch", "13800009010", 1976),
    Persona("it", "方网", "县信息员", "County IT", Role.COUNTY_IT, "centre", "13800009009", 1990),
)


def persona(key: str) -> Persona:
    """Return the persona of that log-in name."""
    return next(one for one in PERSONAS if one.key == key)
