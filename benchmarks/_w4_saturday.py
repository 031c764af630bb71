"""W4: a Saturday morning. Four client processes check teams in at their doors, over HTTP, on both databases."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import Session

from benchmarks._databases import postgresql, sqlite
from benchmarks.figure import Figures
from tests.support import builders as make
from tests.support.databases import Database, migrate
from tests.support.servers import serving
from tests.support.services import ROOT, Missing
from tests.support.settings import settings_for
from tests.support.tills import Phone, phones
from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.attendance.models import Attendance
from volunteer.kernel.clock import now
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder, Visitor

CLIENTS, LEADERS = 4, 40
SECONDS, QUICK_SECONDS = 60, 6
FASTEST = 160  # check-ins a second that there are visits for
LEAST = {"sqlite": 50, "postgresql": 100}  # a second
SLOWEST = 0.5  # seconds, of 99 in 100


def saturday(figures: Figures, *, quick: bool, url: str | None) -> None:
    """Print how many check-ins a second were answered, how long the slow ones took, and what was lost or doubled."""
    with sqlite() as database:
        _morning(figures, database, QUICK_SECONDS if quick else SECONDS)
    try:
        with postgresql(url) as database:
            _morning(figures, database, QUICK_SECONDS if quick else SECONDS)
    except Missing as error:
        print(f"W4 on PostgreSQL: {error}")


def _morning(figures: Figures, database: Database, seconds: int) -> None:
    migrate(database.url)
    keyring = Keyring.open(settings_for(database.url).keys_file, create=True)
    visits = _teams_at_their_doors(database, keyring, FASTEST * seconds // LEADERS)
    with serving(database, workers=2, throttle=False) as server, tempfile.TemporaryDirectory() as folder:
        files = _share(phones(server.url, database, keyring, list(visits)), visits, Path(folder))
        where = urlsplit(server.url)
        clients = [
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks._w4_client", str(where.hostname), str(where.port), str(file), str(seconds)],
                cwd=ROOT, stdout=subprocess.PIPE, text=True,
            )
            for file in files
        ]  # fmt: skip
        said = [json.loads(client.communicate()[0]) for client in clients]
    _tell(figures, database, said, seconds)


def _tell(figures: Figures, database: Database, said: list[dict[str, Any]], seconds: int) -> None:
    took = sorted(one for client in said for one in client["took"])
    done = [number for client in said for number in client["acknowledged"]]
    answers: Counter[str] = Counter()
    for client in said:
        answers.update(client["answers"])
    name, least = f"W4.{database.kind}", LEAST[database.kind]
    rate = len(done) / seconds
    figures.share(f"{name}.rate", rate / least, f"{least} a second ({rate:.0f} were answered; {dict(answers)})", at_least=1.0)
    slow = took[int(len(took) * 0.99)] if took else SLOWEST * 10
    figures.value(f"{name}.p99", round(slow * 1000), "ms", "of 99 in 100", at_most=SLOWEST * 1000)
    with Session(database.engine) as session:
        about = literal("order:") + cast(ServiceOrder.id, String)
        there = Counter(session.scalars(select(ServiceOrder.number).join(Attendance, Attendance.about == about)))
    figures.value(f"{name}.lost", sum(number not in there for number in done), "count", "acknowledged and not there", at_most=0)
    figures.value(f"{name}.doubled", sum(count - 1 for count in there.values()), "count", "there twice", at_most=0)


def _teams_at_their_doors(database: Database, keyring: Keyring, each: int) -> dict[int, list[str]]:
    """Make leaders with so many accepted visits each; return the numbers of the visits by the leader's person."""
    found: dict[int, list[str]] = {}
    with Session(database.engine, info={"keyring": keyring}) as session, write(session):
        centre, _, station = make.a_county(session)
        item, at = make.an_item(session, centre), now()
        resident = make.a_person(session, "李奶奶")
        for _ in range(LEADERS):
            team = make.a_team(session, station, members=1)
            person = make.leader_of(session, team).user_id or 0
            session.add(RoleGrant(person_id=person, role=Role.VOLUNTEER, site_id=station.id, since=make.LONG_AGO))
            for _ in range(each):
                order = make.an_order(
                    session, station, item=item, status=Status.ACCEPTED, resident=resident, team=team, placed_at=at,
                    visit_begins=at, visit_ends=at + timedelta(hours=1), due_at=at + timedelta(hours=1),
                )  # fmt: skip
                order.crew.append(Visitor(volunteer_id=person))
                found.setdefault(person, []).append(order.number)
    return found


def _share(crowd: list[Phone], visits: dict[int, list[str]], folder: Path) -> list[Path]:
    """Give each client its leaders: cookie, form token, numbers of visits."""
    shares: list[list[object]] = [[] for _ in range(CLIENTS)]
    for place, (phone, numbers) in enumerate(zip(crowd, visits.values(), strict=True)):
        phone.get(f"/inbox/visits/{numbers[0]}")
        shares[place % CLIENTS].append([phone.cookie, phone.token, numbers])
    files = [folder / f"{number}.json" for number in range(CLIENTS)]
    for file, share in zip(files, shares, strict=True):
        file.write_text(json.dumps(share), encoding="utf-8")
    return files
