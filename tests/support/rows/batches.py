"""Certificates for a school or a unit, and one's own yes or no; the certificate of a star."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import select

from tests.support import builders as make
from tests.support.everybody import County
from tests.support.rows import IN, Row, Values
from volunteer.certificates.batches.lifecycle import BatchState
from volunteer.certificates.models import Certificate
from volunteer.certificates.models_batches import Answer, Batch, BatchPerson, Outcome
from volunteer.kernel.clock import now
from volunteer.ledger.models import Grade
from volunteer.places.models import Site
from volunteer.recognition.models import StarAward
from volunteer.teams.models import Volunteer
from volunteer.web.unit import transaction


def a_batch(county: County, state: BatchState, answer: Answer, *, asked_by: str = "it", **more: object) -> Values:
    """A batch of the branch with the volunteer in it, who said ``answer``."""
    with county.app.app_context(), transaction() as session:
        station = session.get_one(Site, county.station)
        branch = session.get_one(Site, station.parent_id)
        holder = session.get_one(Volunteer, county.ids["volunteer"])
        at = now()
        day = at.date()
        batch = Batch(
            site=branch, site_path=branch.path, receiver="演示县第一中学", purpose="综合素质评价", first=day - timedelta(days=30),
            last=day, grades=["a", "b", "c"], locale="zh_Hans", state=state, asked_at=at, asked_by=county.ids[asked_by],
            answer_by=day + timedelta(days=7), token=secrets.token_urlsafe(24), **more,
        )  # fmt: skip
        certificate = session.scalars(select(Certificate).where(Certificate.volunteer_id == holder.id).limit(1)).first()
        issued = state is BatchState.READY and certificate is not None
        row = BatchPerson(
            batch=batch, volunteer=holder, answer=answer, notice="2026-11", certificate=certificate if issued else None,
            outcome=Outcome.ISSUED if issued else Outcome.WAITING,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return {"batch_id": batch.id, "row_id": row.id, "branch": branch.id, "volunteer_number": holder.number}


def asking(county: County, values: Values) -> Values:
    return a_batch(county, BatchState.ASKING, Answer.YES)


def open_question(county: County, values: Values) -> Values:
    return a_batch(county, BatchState.ASKING, Answer.OPEN)


def a_child(county: County, values: Values) -> Values:
    """A child of the station is asked, too."""
    made = open_question(county, values)
    with county.app.app_context(), transaction() as session:
        child = make.a_volunteer(session, session.get_one(Site, county.station), "孩子")
        child.person.born_on = now().date() - timedelta(days=12 * 366)
        row = BatchPerson(batch_id=made["batch_id"], volunteer=child, notice="2026-11")
        session.add(row)
        session.flush()
        return made | {"row_id": row.id}


def an_award(county: County, values: Values) -> Values:
    """The volunteer's star that stands."""
    with county.app.app_context(), transaction() as session:
        holder = county.ids["volunteer"]
        held = select(StarAward).where(StarAward.volunteer_id == holder, StarAward.revoked_at.is_(None), StarAward.stars == 2)
        award = session.scalars(held).first()
        if award is None:
            station, day = session.get_one(Site, county.station), now().date()
            award = StarAward(
                number=f"X-{secrets.token_hex(4)}", volunteer_id=holder, stars=2, minutes=18_000, needed=18_000, evidence=Grade.C,
                policy_version="stars:0",
                site=station, site_path=station.path, decided_at=now(), decided_by=county.ids["director"], notice_from=day,
                notice_until=day, stands_at=now(),
            )  # fmt: skip
            session.add(award)
        return {"award": award.number}


def ready(county: County, values: Values) -> Values:
    return a_batch(county, BatchState.READY, Answer.YES, expires_at=now() + timedelta(days=1))


def released(county: County, values: Values) -> Values:
    made = ready(county, values)
    with county.app.app_context(), transaction() as session:
        batch = session.get_one(Batch, made["batch_id"])
        batch.released_at, batch.released_by = now(), county.ids["director"]
        folder = session.info["certificate_folder"] / batch.token
        folder.mkdir(parents=True)
        (folder / "certificates.zip").write_bytes(b"PK")
    return made


def whom(values: Values) -> Values:
    today = now().date()
    return {
        "site": str(values["branch"]), "receiver": "演示县第一中学", "purpose": "综合素质评价",
        "numbers": values["volunteer_number"], "first": (today - timedelta(days=9)).isoformat(),
        "last": (today - timedelta(days=1)).isoformat(), "answer_by": (today + timedelta(days=7)).isoformat(), "grades": ["a"],
        "locale": "zh_Hans", "once": secrets.token_urlsafe(16),
    }  # fmt: skip


def batch(extra=asking, **more) -> Row:
    return Row("admin director", extra=extra, **more)


ROWS: dict[str, Row] = {
    "GET /manage/certificates": Row("admin director", IN, hides=True, extra=asking),
    "GET /manage/certificates/new": Row("admin director", IN),
    "POST /manage/certificates": batch(data=whom),
    "POST /manage/certificates/list": Row("admin director", 422, but={"admin": 422, "director": 422}),
    "GET /manage/certificates/<int:batch_id>": batch(),
    "GET /manage/certificates/<int:batch_id>/live": batch(),
    "POST /manage/certificates/<int:batch_id>/start": batch(),
    "POST /manage/certificates/<int:batch_id>/drop": batch(),
    "POST /manage/certificates/<int:batch_id>/release": batch(ready),
    "POST /manage/certificates/<int:batch_id>/file": batch(released, data=lambda _: {"kind": "zip"}),
    "POST /manage/certificates/<int:batch_id>/people/<int:row_id>/guardian": batch(a_child, data=lambda _: {"answer": "yes"}),
    "POST /me/certificate/asked/<int:row_id>": Row("volunteer", extra=open_question, data=lambda _: {"answer": "yes"}),
    "POST /me/certificate/star": Row(
        "volunteer", extra=an_award, data=lambda values: {"award": values["award"], "locale": "zh_Hans"}
    ),
}
