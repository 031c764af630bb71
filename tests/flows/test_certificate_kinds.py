"""Certificates of stars, of service for another county, of a centre's own choice of evidence; and those frozen long ago."""

from __future__ import annotations

import io
from datetime import timedelta

import pypdf
import pytest
from sqlalchemy import select

from tests.flows.test_certificates import TODAY, a_draft, serve
from tests.support.builders import NOON, a_county, a_volunteer, an_actor, an_item, an_order, staff
from volunteer.access import Role
from volunteer.certificates import issuing, queries
from volunteer.certificates.models import Standing
from volunteer.certificates.printing import sheet_of
from volunteer.certificates.render import render
from volunteer.certificates.rules import public_facts
from volunteer.certificates.signing import Kind
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.ledger import book
from volunteer.ledger.models import Grade, Unit
from volunteer.ledger.rules import issued_by, person
from volunteer.messaging.models import Message
from volunteer.orders.lifecycle import Status
from volunteer.places.models import PolicyKind, PolicyRow
from volunteer.recognition.models import StarAward

HOME = "https://wenming.example.org"


@pytest.fixture
def county(session):
    session.info["public_url"] = HOME
    return a_county(session)


@pytest.fixture
def me(session, county):
    return a_volunteer(session, county[2], "陈晓禾")


@pytest.fixture
def actor(me, county):
    return an_actor(me.person, (Role.VOLUNTEER, county[0]))


def an_award(session, me, site, *, stars=3, stands=True):
    award = StarAward(
        number=f"ST-{me.id}-{stars}", volunteer_id=me.id, stars=stars, minutes=36_120, needed=36_000, evidence=Grade.C,
        policy_version="stars:1", site=site, site_path=site.path, decided_at=NOON, decided_by=None,
        notice_from=TODAY - timedelta(days=9), notice_until=TODAY - timedelta(days=2), stands_at=NOON if stands else None,
    )  # fmt: skip
    session.add(award)
    session.flush()
    return award


def serve_abroad(session, me, there, minutes=120):
    """An order of another county, served by a team of one's own unit."""
    order = an_order(session, there, item=an_item(session, there), status=Status.CLOSED)
    day = TODAY - timedelta(days=4)
    book.move(
        session, Unit.MINUTES, minutes, source=issued_by(me.site_id, Unit.MINUTES), target=person(me.id), reason="service",
        key=f"order:{order.id}:minutes:{me.id}", about=f"order:{order.id}", day=day, grade=Grade.B, at=NOON,
    )  # fmt: skip


def text_of(pdf):
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def test_a_star_that_stands_is_certified_with_its_body_day_and_number(session, county, me, actor):
    award = an_award(session, me, county[0])
    made = issuing.issue_star(session, actor, award.number, "zh_Hans", at=NOON)
    assert (made.facts["kind"], made.facts["stars"], made.facts["award"]) == ("star", 3, award.number)
    text = text_of(sheet_of(session, made, at=NOON).pdf())
    for part in ("星级志愿者证书", "三星级志愿者", "602小时", "2026年3月4日", award.number, "★★★", "授予单位"):
        assert part in text, part
    english = issuing.issue_star(session, actor, award.number, "en", at=NOON)
    assert "Three-StarVolunteer" in text_of(sheet_of(session, english, at=NOON).pdf())


def test_the_same_star_again_is_the_same_certificate_whatever_the_day(session, county, me, actor):
    award = an_award(session, me, county[0])
    first = issuing.issue_star(session, actor, award.number, "zh_Hans", at=NOON)
    assert issuing.issue_star(session, actor, award.number, "zh_Hans", at=NOON + timedelta(days=40)) is first


def test_a_star_is_certified_once_it_stands_and_to_its_holder_alone(session, county, me, actor):
    award = an_award(session, me, county[0], stands=False)
    with pytest.raises(Conflict, match="once the award stands"):
        issuing.issue_star(session, actor, award.number, "zh_Hans", at=NOON)
    other = an_actor(a_volunteer(session, county[2], "王试").person, (Role.VOLUNTEER, county[0]))
    for number in (award.number, "no such"):
        with pytest.raises(NotFound):
            issuing.issue_star(session, other, number, "zh_Hans", at=NOON)
    with pytest.raises(Invalid):
        issuing.issue_star(session, actor, award.number, "fr", at=NOON)


def test_with_its_award_a_certificate_is_revoked(session, county, me, actor):
    award = an_award(session, me, county[0])
    made = issuing.issue_star(session, actor, award.number, "zh_Hans", at=NOON)
    award.revoked_at, award.revoked_reason = NOON + timedelta(days=3), "时长造假"
    session.flush()
    found = queries.find(session, made.number)
    assert (found.standing, found.void_reason, found.void_since) == (Standing.REVOKED, "时长造假", award.revoked_at)
    with pytest.raises(Conflict):
        issuing.issue_star(session, actor, award.number, "zh_Hans", at=NOON + timedelta(days=4))
    with pytest.raises(Conflict):
        issuing.replace(session, actor, made.number, at=NOON)


def test_service_for_another_county_names_both(session, county, me, actor):
    serve(session, me, county[2], 60)
    there = a_county(session)
    there[0].name, there[0].name_en = "邻县新时代文明实践中心", "Neighbour Centre"
    serve_abroad(session, me, there[2])
    made = issuing.issue(session, actor, me.id, a_draft(kind=Kind.LENT), at=NOON)
    assert (made.facts["minutes"], made.facts["times"]) == (120, 1)
    assert made.facts["served"] == [["邻县新时代文明实践中心", "Neighbour Centre"]]
    assert made.site_id == county[2].id  # who recorded certifies
    text = text_of(sheet_of(session, made, at=NOON).pdf())
    for part in ("志愿服务互派证明", county[0].name, "邻县新时代文明实践中心参加志愿服务1次", "累计2小时"):
        assert part in text, part
    english = issuing.issue(session, actor, me.id, a_draft(kind=Kind.LENT, locale="en"), at=NOON)
    assert "waslenttoNeighbourCentre" in text_of(sheet_of(session, english, at=NOON).pdf())
    assert public_facts(made.facts)["served"] == made.facts["served"]
    everything = issuing.issue(session, actor, me.id, a_draft(), at=NOON)
    assert everything.facts["minutes"] == 180


def test_who_never_served_elsewhere_has_nothing_of_that_kind(session, county, me, actor):
    serve(session, me, county[2])
    assert not queries.was_lent(session, me.id)
    with pytest.raises(Conflict, match="another county"):
        issuing.issue(session, actor, me.id, a_draft(kind=Kind.LENT), at=NOON)


def test_a_star_is_not_asked_for_as_a_period(session, county, me, actor):
    serve(session, me, county[2])
    with pytest.raises(Invalid) as refusal:
        issuing.issue(session, actor, me.id, a_draft(kind=Kind.STAR), at=NOON)
    assert "kind" in refusal.value.fields


def test_which_evidence_is_certified_is_the_centres_dated_choice(session, county, me, actor):
    serve(session, me, county[2], 60, grade=Grade.A)
    serve(session, me, county[2], 30, grade=Grade.C)
    with pytest.raises(Invalid) as refusal:
        issuing.issue(session, actor, me.id, a_draft(grades=frozenset(Grade)), at=NOON)
    assert "grades" in refusal.value.fields  # D never, unless the centre says so
    both = issuing.issue(session, actor, me.id, a_draft(), at=NOON)
    strict = PolicyRow(site=county[0], kind=PolicyKind.EVIDENCE, values={"certificates": "b"}, valid_from=NOON, made_at=NOON)
    session.add(strict)
    session.flush()
    with pytest.raises(Invalid):
        issuing.issue(session, actor, me.id, a_draft(), at=NOON)
    assert both.facts["minutes"] == 90  # what was certified stays
    new = issuing.replace(session, actor, both.number, at=NOON)
    assert (new.facts["grades"], new.facts["minutes"]) == (["a", "b"], 60)


def test_what_cannot_be_printed_is_reported_to_the_centre_once(session, county, me, actor):
    admin = staff(session, Role.SITE_ADMIN, county[0])
    for _ in range(2):
        issuing.report_unprintable(session, actor, "𠮷", at=NOON)
    told = session.scalars(select(Message).where(Message.template == "certificate_unprintable")).all()
    assert [(one.person_id, one.params) for one in told] == [(admin.user_id, {"number": me.number, "characters": "𠮷"})]


FORMAT_1 = {
    "contact": "0512-00000000", "digest": "", "entries": [
        {"content": ["换灯管", "New lamp"], "day": "2025-11-20", "grade": "a", "minutes": 90, "place": ["鲈乡站", "Luxiang"],
         "service": ["水电维修", "Repairs"], "unit": ["松陵街道文明实践所", "Songling Branch"]}],
    "first": "2025-11-20", "format": 1, "grades": ["a", "d"], "handler": "",
    "holder": {"document": "3205************1X", "name": "陈晓禾", "number": "WJ-0031-8842"}, "in_charge": "沈明",
    "issued": "2026-01-05", "last": "2026-01-04", "locale": "zh_Hans", "minutes": 90, "number": "2601005831274",
    "services": [{"grades": [["a", 90]], "minutes": 90, "service": ["水电维修", "Repairs"], "times": 1}], "times": 1,
    "unit": ["松陵街道文明实践所", "Songling Branch"],
}  # fmt: skip


@pytest.mark.parametrize("locale", ["zh_Hans", "en"])
def test_a_paper_of_the_first_format_is_printed_for_ever(locale):
    facts = FORMAT_1 | {"locale": locale}
    first = render(facts, HOME)
    assert render(facts, HOME) == first
    text = text_of(first)
    assert "2601005831274" in text
    assert ("志愿服务记录证明" if locale == "zh_Hans" else "CertificateofVolunteerService") in text
    assert ("事后补录" if locale == "zh_Hans" else "enteredlater") in text
