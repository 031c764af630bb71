"""Reading the audit log: by who did it, whose data, act, place, success and day; and who looked at mine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.support import builders
from tests.support.builders import NOON
from volunteer.access import NOBODY, Role
from volunteer.audit.recording import record
from volunteer.insights import looking
from volunteer.insights.looking import AuditFilter


@pytest.fixture
def log(session: Session) -> dict[str, Any]:
    """A clerk looks at an order of Grandma Li's and at a volunteer's hours; somebody fails to log in; another county."""
    centre, branch, station = builders.a_county(session)
    grandma = builders.a_person(session, "李奶奶")
    order = builders.an_order(session, station, resident=grandma)
    volunteer = builders.a_volunteer(session, station, "陆晓岚")
    clerk = builders.staff(session, Role.CLERK, station, "赵敏")
    record(session, clerk, "private_seen", f"order:{order.id}", at=NOON, site_path=station.path, fields=["phone"])
    record(session, clerk, "hours_seen", f"person:{volunteer.id}", at=NOON + timedelta(days=1), site_path=branch.path)
    record(session, NOBODY, "sign_in_failed", "person:unknown", at=NOON, how="password")
    record(session, clerk, "private_seen", "order:909", at=NOON, site_path=builders.a_site(session).path)
    session.flush()
    return {
        "centre": centre, "branch": branch, "station": station, "order": order, "volunteer": volunteer, "clerk": clerk, "grandma": grandma
    }  # fmt: skip


def acts(session: Session, log: dict[str, Any], **wanted: Any) -> list[str]:
    page = looking.entries(session, (log["centre"].path,), AuditFilter(**wanted))
    assert [entry.id for entry in page.rows] == [
        entry.id for entry in looking.all_of(session, (log["centre"].path,), AuditFilter(**wanted))
    ]
    return sorted(entry.action for entry in page.rows)


def test_an_auditor_sees_their_own_county_and_what_lies_under_no_site(session: Session, log: dict[str, Any]) -> None:
    assert acts(session, log) == ["hours_seen", "private_seen", "sign_in_failed"]


def test_by_who_did_it_and_by_whose_data(session: Session, log: dict[str, Any]) -> None:
    assert acts(session, log, words="赵") == ["hours_seen", "private_seen"]
    assert acts(session, log, words=str(log["clerk"].user_id)) == ["hours_seen", "private_seen"]
    assert acts(session, log, whose=log["volunteer"].number.lower()) == ["hours_seen"]
    assert acts(session, log, whose="陆晓岚") == ["hours_seen"]
    assert acts(session, log, whose=log["order"].number) == ["private_seen"]
    assert acts(session, log, whose="李奶奶") == ["private_seen"]
    assert acts(session, log, whose=f"person:{log['grandma'].id}") == ["private_seen"]
    assert acts(session, log, whose="nobody such") == []


def test_by_act_place_success_and_day(session: Session, log: dict[str, Any]) -> None:
    assert acts(session, log, action="hours_seen") == ["hours_seen"]
    assert acts(session, log, site=log["station"]) == ["private_seen"]
    assert acts(session, log, success="no") == ["sign_in_failed"]
    assert acts(session, log, success="yes") == ["hours_seen", "private_seen"]
    assert acts(session, log, begins=NOON + timedelta(hours=1)) == ["hours_seen"]
    assert acts(session, log, ends=NOON + timedelta(hours=1)) == ["private_seen", "sign_in_failed"]


def test_pages_follow_each_other_without_losing_a_line(session: Session, log: dict[str, Any]) -> None:
    for _ in range(looking.SIZE + 9):
        record(session, log["clerk"], "order_opened", f"order:{log['order'].id}", at=NOON, site_path=log["station"].path)
    session.flush()
    paths, wanted = (log["centre"].path,), AuditFilter()
    first = looking.entries(session, paths, wanted)
    second = looking.entries(session, paths, wanted, before=first.next_key)
    ids = [entry.id for entry in [*first.rows, *second.rows]]
    assert len(first.rows) == looking.SIZE
    assert ids == sorted(set(ids), reverse=True)
    assert len(ids) == looking.SIZE + 12
    assert second.next_key is None


def test_a_person_sees_who_looked_at_them_and_at_their_orders_but_not_their_own_looks(
    session: Session, log: dict[str, Any]
) -> None:
    grandma, volunteer = log["grandma"], log["volunteer"]
    own = builders.an_actor(grandma, (Role.RESIDENT, log["station"]))
    record(session, own, "private_seen", f"order:{log['order'].id}", at=NOON)
    record(session, log["clerk"], "order_opened", f"order:{log['order'].id}", at=NOON)  # no look at private data
    session.flush()
    assert [row.AuditEntry.action for row in looking.looks_at(session, grandma.id).rows] == ["private_seen"]
    assert looking.looks_at(session, grandma.id).rows[0].site == log["station"].name
    assert [row.AuditEntry.action for row in looking.looks_at(session, volunteer.id).rows] == ["hours_seen"]
    assert looking.looks_at(session, log["clerk"].user_id).rows == []
