"""What the law wants of records: written within ten working days, kept for ten years, never removed. On both databases."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.flows.test_by_hand import HOUR, YESTERDAY, Missing
from tests.flows.test_serving import RECORD, Visit
from tests.support import builders as make
from tests.support.builders import NOON
from volunteer.attendance.by_hand.deciding import credit_by_hand
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.attendance.contests.contesting import contest
from volunteer.attendance.contests.models_contests import HoursContest
from volunteer.attendance.jobs import forget_marks, forget_proofs
from volunteer.attendance.models import Attendance
from volunteer.audit.models import AuditEntry
from volunteer.kernel.db import write
from volunteer.ledger.models import Transfer, Unit
from volunteer.ledger.models import TransferKey as Key
from volunteer.orders import serving
from volunteer.orders.jobs import drop_stray_photos
from volunteer.places.explaining import CLOCKS
from volunteer.places.terms import Clocks

ROOT = Path(__file__).parents[2] / "volunteer"
KEPT = (Transfer, Key, Attendance, HoursAsk, HoursContest, AuditEntry)
NAMES = {kind.__name__ for kind in KEPT} | {"TransferKey", "Link", "Account", "Certificate"}
TABLES = re.compile(r"(?i)(delete\s+from|truncate)\s+(ledger_|attendances|hours_asks|hours_contests|audit_entries|certificates)")
TEN_YEARS = timedelta(days=3653)


def removed(path: Path) -> set[str]:
    """What a module removes: the argument of ``delete(…)``, by name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "delete":
            found |= {one.id for argument in node.args for one in ast.walk(argument) if isinstance(one, ast.Name)}
    return found


def test_no_statement_anywhere_removes_a_record_of_service():
    deleting = {path.relative_to(ROOT).as_posix(): removed(path) for path in ROOT.rglob("*.py")}
    assert any(deleting.values())
    assert {path: names & NAMES for path, names in deleting.items() if names & NAMES} == {}
    assert [path for path in ROOT.rglob("*.py") if TABLES.search(path.read_text(encoding="utf-8"))] == []


def test_the_sweeping_jobs_leave_ten_years_old_records_alone(session):
    missing = Missing(session)
    ask = credit_by_hand(session, missing.admin, missing.ask().id, at=NOON)
    transfer = session.scalars(select(Transfer).where(Transfer.about == ask.about, Transfer.unit == Unit.MINUTES)).one()
    contest(session, missing.me, transfer.id, "不对", at=NOON)
    session.flush()
    counts = [session.scalar(select(func.count()).select_from(kind)) for kind in KEPT]
    for sweep in (forget_proofs, forget_marks, drop_stray_photos):
        sweep(session, NOON + TEN_YEARS)
    assert [session.scalar(select(func.count()).select_from(kind)) for kind in KEPT] == counts
    assert all(counts)


def test_no_centre_may_give_more_than_ten_working_days_for_a_record():
    assert (Clocks().record_days, CLOCKS["record_days"].most) == (10, 10)


@pytest.mark.parametrize(("days", "late"), [(14, False), (15, True)])  # ten working days from a Wednesday are two weeks
def test_a_record_after_ten_working_days_is_taken_and_says_that_it_is_late(session, days, late):
    visit = Visit(session)
    visit.serve()
    visit.do(serving.finish, RECORD, at=NOON + timedelta(days=days))
    session.flush()
    assert bool(session.scalar(select(AuditEntry.id).where(AuditEntry.action == "record_late"))) is late


def test_two_services_of_one_person_written_down_at_once_count_their_common_time_once(database, keyring, at_once):
    """Two approvals for overlapping hours on PostgreSQL would each see nothing of the other, were the volunteer not held."""
    with Session(database.engine, info={"keyring": keyring}, expire_on_commit=False) as session, write(session):
        missing = Missing(session)
        ids = [missing.ask(began_at=YESTERDAY + n * HOUR / 4, ended_at=YESTERDAY + n * HOUR / 4 + HOUR).id for n in range(4)]
        admins = [make.staff(session, make.Role.SITE_ADMIN, missing.branch, f"站长{n}") for n in range(4)]
        member = missing.member.id
    pairs = zip(ids, admins, strict=True)
    assert at_once([lambda s, a=a, who=who: credit_by_hand(s, who, a, at=NOON) for a, who in pairs]).total() == 4
    with Session(database.engine) as session:
        rows = session.scalars(select(Attendance).where(Attendance.volunteer_id == member)).all()
        assert sum(row.minutes or 0 for row in rows) == 105  # from the first beginning to the last end
