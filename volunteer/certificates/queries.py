"""What a volunteer did, as the ledger and the attendance say; and the certificates made of it. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import county_of
from volunteer.accounts.queries import selves
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.attendance.by_hand.queries import asks_named
from volunteer.attendance.models import Attendance, Method
from volunteer.catalogue.models import ServiceItem
from volunteer.certificates.models import Certificate, StarPaper
from volunteer.certificates.rules import Week, weeks_until
from volunteer.certificates.statement import Entry
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.errors import NotFound
from volunteer.ledger import queries as ledger
from volunteer.ledger.models import Grade, Transfer, Unit
from volunteer.ledger.origins import origins
from volunteer.ledger.rules import person, person_of, site_of
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Site
from volunteer.recognition.counting import rules_at
from volunteer.recognition.models import StarAward
from volunteer.recognition.stars import Progress, progress
from volunteer.teams.models import Volunteer

OTHER = ("其他志愿服务", "Other volunteer service")


@dataclass(frozen=True, slots=True)
class Service:
    """One entry of a volunteer's hours, and where each minute came from."""

    entry: Entry
    transfer_id: int
    order_number: str | None
    came_at: datetime | None
    left_at: datetime | None
    came_by: Method | None
    left_by: Method | None
    booked_at: datetime

    @property
    def day(self) -> date:
        """The local day on which it began."""
        return self.entry.day


def services_of(session: Session, volunteer_id: int) -> list[Service]:
    """Return what stands to a volunteer's credit, the newest first. A few queries, however many services."""
    return described(session, volunteer_id, ledger.entries(session, person(volunteer_id), Unit.MINUTES))


def described(session: Session, volunteer_id: int, transfers: Sequence[Transfer]) -> list[Service]:
    """Return what these entries of a volunteer are about, the newest first."""
    first = origins(session, transfers)  # what came over from another entry of the same person, as it was booked there
    orders = _orders(session, transfers)
    sites = _sites(session, first.values())
    counties = _counties(session, orders)
    asks = asks_named(session, numbers_of(transfers, "by_hand"))
    stays = {row.about: row for row in session.scalars(select(Attendance).where(Attendance.volunteer_id == volunteer_id))}
    services = [
        _service(
            session,
            transfer,
            orders.get(transfer.about),
            counties,
            sites.get(site_of(first[transfer.id].source.owner)),
            stays.get(_turn(first[transfer.id])),
            asks.get(transfer.about),
        )
        for transfer in transfers
    ]
    return sorted(services, key=lambda service: (service.day, service.transfer_id), reverse=True)


@dataclass(frozen=True, slots=True)
class Hours:
    """A volunteer's page: minutes this year and in all, the way to the next star, a year of weeks, minutes by grade."""

    this_year: int
    total: int
    progress: Progress
    weeks: list[Week]
    grades: list[tuple[str, int]]
    years: list[int]
    services: list[Service]
    corrections: Sequence[Transfer]

    def of_year(self, year: int | None) -> list[Service]:
        """Return the services of one calendar year, of all when None."""
        return [service for service in self.services if year is None or service.day.year == year]


def hours_of(session: Session, volunteer_id: int, today: date, *, site_path: str, at: datetime) -> Hours:
    """Return what the page of a volunteer shows, as of the local day ``today`` and the stars of ``site_path`` on ``at``."""
    services = services_of(session, volunteer_id)
    entries = [service.entry for service in services]
    total = sum(entry.minutes for entry in entries)
    by_grade = {grade.value: 0 for grade in Grade}
    for entry in entries:
        by_grade[entry.grade] += entry.minutes
    rules = rules_at(session, site_path, at)
    return Hours(
        this_year=sum(entry.minutes for entry in entries if entry.day.year == today.year),
        total=total,
        progress=progress(rules.minutes({Grade(grade): minutes for grade, minutes in by_grade.items()}), rules.stars.thresholds),
        weeks=weeks_until(today, ((entry.day, entry.minutes) for entry in entries)),
        grades=[(grade, minutes) for grade, minutes in by_grade.items() if minutes],
        years=sorted({entry.day.year for entry in entries}, reverse=True),
        services=services,
        corrections=ledger.taken_back(session, person(volunteer_id), Unit.MINUTES),
    )


def oldest_day(session: Session, volunteer_id: int) -> date | None:
    """Return the local day of the first service, None when there is none."""
    return min((service.day for service in services_of(session, volunteer_id)), default=None)


def certificates_of(session: Session, volunteer_id: int) -> Sequence[Certificate]:
    """Return a volunteer's certificates, the newest first."""
    return session.scalars(
        select(Certificate)
        .where(Certificate.volunteer_id.in_(selves(session, volunteer_id)))
        .options(joinedload(Certificate.replaced_by), joinedload(Certificate.star).joinedload(StarPaper.award))
        .order_by(Certificate.issued_at.desc(), Certificate.id.desc())
    ).all()


def was_lent(session: Session, volunteer_id: int) -> bool:
    """Return whether a volunteer has served residents of another county than their own."""
    volunteer = session.get(Volunteer, volunteer_id)
    home = county_of(volunteer.site.path) if volunteer else ""
    return any(service.entry.county_path not in ("", home) for service in services_of(session, volunteer_id))


def awards_of(session: Session, volunteer_id: int) -> Sequence[StarAward]:
    """Return the star awards of a volunteer that were not revoked, the latest first."""
    held = (StarAward.volunteer_id == volunteer_id, StarAward.revoked_at.is_(None))
    return session.scalars(select(StarAward).where(*held).order_by(StarAward.decided_at.desc(), StarAward.id.desc())).all()


def find(session: Session, number: str) -> Certificate | None:
    """Return the certificate with that number, with what replaced it and the unit that certifies."""
    return session.scalar(
        select(Certificate)
        .where(Certificate.number == number)
        .options(joinedload(Certificate.replaced_by), joinedload(Certificate.site))
    )


def own(session: Session, volunteer_id: int | None, number: str) -> Certificate:
    """Return the certificate with that number. Raises NotFound when there is none, or it is somebody else's."""
    found = find(session, number)
    if found is None or volunteer_id is None or found.volunteer_id not in selves(session, volunteer_id):
        raise NotFound("certificate")
    return found


def _service(
    session: Session,
    transfer: Transfer,
    order: ServiceOrder | None,
    counties: dict[str, Site],
    site: Site | None,
    stay: Attendance | None,
    ask: HoursAsk | None = None,
) -> Service:
    item = order.item if order else ask.item if ask else None
    where = order.site if order else ask.site if ask else None
    county = counties.get(county_of(order.site_path)) if order else None
    entry = Entry(
        day=transfer.day or local_date(transfer.at, zone_of(session)),
        service=(item.category.name, item.category.name_en) if item else OTHER,
        content=(item.name, item.name_en) if item else OTHER,
        place=(where.name, where.name_en) if where else ("", ""),
        unit=site.office if site else ("", ""),
        unit_path=site.path if site else "/",
        minutes=transfer.amount,
        grade=(transfer.grade or Grade.D).value,
        county=(county.name, county.name_en) if county else ("", ""),
        county_path=county.path if county else "",
    )
    return Service(
        entry=entry,
        transfer_id=transfer.id,
        order_number=order.number if order else None,
        came_at=stay.came_at if stay else None,
        left_at=stay.left_at if stay else None,
        came_by=stay.came_by if stay else None,
        left_by=stay.left_by if stay else None,
        booked_at=transfer.at,
    )


def _orders(session: Session, transfers: Iterable[Transfer]) -> dict[str, ServiceOrder]:
    """Return the orders that the transfers are about, by "order:88"."""
    found = session.scalars(
        select(ServiceOrder)
        .where(ServiceOrder.id.in_(numbers_of(transfers, "order")))
        .options(joinedload(ServiceOrder.item).joinedload(ServiceItem.category), joinedload(ServiceOrder.site))
    )
    return {f"order:{order.id}": order for order in found}


def _counties(session: Session, orders: dict[str, ServiceOrder]) -> dict[str, Site]:
    """Return the counties whose residents asked, by path."""
    paths = {county_of(order.site_path) for order in orders.values()}
    return {site.path: site for site in session.scalars(select(Site).where(Site.path.in_(paths)))} if paths else {}


def numbers_of(transfers: Iterable[Transfer], kind: str) -> set[int]:
    """Return which things of that kind ("order:88") the transfers are about, by number."""
    found = (transfer.about.partition(":") for transfer in transfers)
    return {int(number) for what, _, number in found if what == kind and number.isdecimal()}


def _sites(session: Session, transfers: Iterable[Transfer]) -> dict[int | None, Site]:
    """Return the sites that issued the transfers, by id."""
    ids = {site_of(transfer.source.owner) for transfer in transfers} - {None}
    return {site.id: site for site in session.scalars(select(Site).where(Site.id.in_(ids)))}


def _turn(transfer: Transfer) -> str:
    """Return under what name the attendance of a transfer is kept: "order:88", "order:88:2" for a second turn."""
    return transfer.about + transfer.key.removeprefix(f"{transfer.about}:minutes:{person_of(transfer.target.owner)}")
