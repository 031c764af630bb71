"""批量证明: nothing without a yes, one certificate each however often the job dies, a second person, a file that does not lie around."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta

import pypdf
import pytest
from sqlalchemy import func, select

from tests.flows.test_certificates import serve
from tests.support.batches import TODAY, a_draft, rows_of, say, some_volunteers, work
from tests.support.builders import NOON, a_county, a_site, a_team, a_volunteer, an_item, staff
from tests.support.counting import counting
from volunteer.access import Role
from volunteer.accounts.models import Person
from volunteer.audit.models import AuditEntry
from volunteer.certificates.batches import asking, files, queries, releasing
from volunteer.certificates.batches.lifecycle import BatchState
from volunteer.certificates.models import Certificate
from volunteer.certificates.models_batches import Answer, Outcome
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.ledger.models import Grade
from volunteer.messaging.models import Channel, Message
from volunteer.teams.models import Membership


@pytest.fixture
def county(session, tmp_path):
    session.info["certificate_folder"] = tmp_path / "certificates"
    session.info["public_url"] = "https://wenming.example.org"
    return a_county(session)


@pytest.fixture
def admin(session, county):
    return staff(session, Role.SITE_ADMIN, county[0])


@pytest.fixture
def second(session, county):
    return staff(session, Role.DIRECTOR, county[0])


@pytest.fixture
def people(session, county):
    return some_volunteers(session, county[2], 3, item=an_item(session, county[0]))


@pytest.fixture
def batch(session, county, admin, people):
    return asking.ask(session, admin, county[0].id, a_draft(people), at=NOON)


def told(session, template):
    found = select(Message.person_id).where(Message.template == template, Message.channel == Channel.IN_APP)
    return session.scalars(found).all()


def outcomes(session, batch):
    return [row.outcome for row in rows_of(session, batch)]


def made_by(session, batch, admin):
    """Everybody agrees, and the job does its work."""
    for row in rows_of(session, batch):
        say(session, row)
    asking.start(session, admin, batch.id, at=NOON)
    work(session)
    return batch


def path_of(session, batch, name):
    return files.folder_of(session.info["certificate_folder"], batch.token) / name


def test_everybody_who_is_meant_is_asked_once(session, county, batch, people):
    assert sorted(told(session, "certificate_asked")) == sorted(one.id for one in people)
    assert [row.answer for row in rows_of(session, batch)] == [Answer.OPEN] * 3


def test_a_list_may_be_untidy_and_a_team_may_be_added(session, county, admin, people):
    team = a_team(session, county[2])
    member = a_volunteer(session, county[2], "队员")
    session.add(Membership(team=team, volunteer=member, since=NOON))
    numbers = f" {people[0].number.lower()}，{people[1].number}\t{people[0].number}\n序号"
    made = asking.ask(session, admin, county[0].id, a_draft(numbers=numbers, team_id=team.id), at=NOON)
    found = {row.volunteer_id for row in rows_of(session, made)}
    assert {people[0].id, people[1].id, member.id} <= found
    assert people[2].id not in found


def test_nobody_of_another_county_is_asked(session, county, admin, people):
    stranger = a_volunteer(session, a_county(session)[2], "外县")
    with pytest.raises(Invalid) as refusal:
        asking.ask(session, admin, county[0].id, a_draft([people[0], stranger]), at=NOON)
    assert refusal.value.context["numbers"] == stranger.number


def test_a_branch_asks_its_own_volunteers_only_whoever_asks_for_it(session, county, admin, people):
    """Staff of the branch read the names: those of another branch are not theirs, even when the county asks."""
    beside = a_site(session, county[0])
    with pytest.raises(Invalid) as refusal:
        asking.ask(session, admin, beside.id, a_draft(people), at=NOON)
    assert people[0].number in refusal.value.context["numbers"]


def test_only_those_who_answer_for_the_place_ask(session, county, people):
    with pytest.raises(Forbidden):
        asking.ask(session, staff(session, Role.CLERK, county[0]), county[0].id, a_draft(people), at=NOON)
    with pytest.raises(NotFound):
        asking.ask(session, staff(session, Role.SITE_ADMIN, a_county(session)[0]), county[0].id, a_draft(people), at=NOON)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"receiver": " "}, "receiver"),
        ({"purpose": ""}, "purpose"),
        ({"numbers": "，"}, "numbers"),
        ({"first": TODAY + timedelta(days=1)}, "first"),
        ({"last": TODAY + timedelta(days=1)}, "last"),
        ({"answer_by": TODAY}, "answer_by"),
        ({"answer_by": TODAY + timedelta(days=61)}, "answer_by"),
        ({"grades": frozenset({Grade.D})}, "grades"),
        ({"locale": "fr"}, "locale"),
        ({"team_id": 10**6}, "team"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(session, county, admin, people, wrong, field):
    with pytest.raises(Invalid) as refusal:
        asking.ask(session, admin, county[0].id, a_draft(people, **wrong), at=NOON)
    assert field in refusal.value.fields


def test_only_oneself_says_yes_and_may_take_it_back(session, batch, people):
    mine, other = rows_of(session, batch)[:2]
    say(session, mine)
    say(session, mine, yes=False)
    say(session, mine, yes=False)
    assert (mine.answer, other.answer) == (Answer.NO, Answer.OPEN)
    entries = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "certificate_consent")
    assert session.scalar(entries) == 2
    with pytest.raises(NotFound):
        asking.answer(session, staff(session, Role.SITE_ADMIN, batch.site), mine.id, True, at=NOON)


def test_a_child_says_no_but_the_yes_is_the_guardians(session, county, admin):
    child = some_volunteers(session, county[2], 1)[0]
    child.person.born_on = TODAY.replace(year=TODAY.year - 13)
    batch = asking.ask(session, admin, county[0].id, a_draft([child]), at=NOON)
    assert told(session, "certificate_guardian") == [child.id]
    row = rows_of(session, batch)[0]
    with pytest.raises(Conflict, match="guardian"):
        say(session, row)
    with pytest.raises(NotFound):
        asking.hear_guardian(session, staff(session, Role.SITE_ADMIN, a_county(session)[0]), row.id, True, at=NOON)
    asking.hear_guardian(session, admin, row.id, True, at=NOON)
    assert (row.answer, row.guardian_heard_by) == (Answer.YES, admin.user_id)
    say(session, row, yes=False)
    assert row.answer is Answer.NO


def test_staff_do_not_answer_for_grown_ups(session, batch, admin):
    with pytest.raises(Conflict, match="themselves"):
        asking.hear_guardian(session, admin, rows_of(session, batch)[0].id, True, at=NOON)


def test_only_those_who_agreed_are_in_it_and_the_others_are_missing_for_a_reason(session, county, admin, people):
    idle, odd = a_volunteer(session, county[2], "闲"), a_volunteer(session, county[2], "𠮷田")
    serve(session, odd, county[2])
    batch = asking.ask(session, admin, county[0].id, a_draft([*people, idle, odd]), at=NOON)
    rows = rows_of(session, batch)
    for row in (rows[0], rows[3], rows[4]):
        say(session, row)
    say(session, rows[1], yes=False)
    asking.start(session, admin, batch.id, at=NOON)
    work(session)
    wanted = [Outcome.ISSUED, Outcome.NO_CONSENT, Outcome.NO_CONSENT, Outcome.NO_HOURS, Outcome.UNPRINTABLE]
    assert outcomes(session, batch) == wanted
    assert rows_of(session, batch)[4].note == "𠮷"
    assert told(session, "certificate_unprintable") == [admin.user_id]
    assert session.scalar(select(func.count()).select_from(Certificate)) == 1
    assert batch.state is BatchState.READY
    assert queries.progress(session, batch).missing == {
        Outcome.NO_CONSENT: 2, Outcome.NO_HOURS: 1, Outcome.UNPRINTABLE: 1,
    }  # fmt: skip
    other = asking.ask(session, admin, county[0].id, a_draft([idle]), at=NOON)
    session.flush()  # only what is read is counted
    with counting(session.get_bind().engine) as sent:
        known = queries.progress_of(session, [batch, other])
    assert len(sent) == 1
    assert [(one.asked, one.yes, one.no, one.issued) for one in known.values()] == [(5, 3, 1, 1), (1, 0, 0, 0)]


def test_it_begins_by_itself_when_the_last_day_is_over(session, batch):
    say(session, rows_of(session, batch)[0])
    assert work(session, NOON + timedelta(days=7)) == 0
    assert work(session, NOON + timedelta(days=8)) > 0
    assert (batch.state, batch.started_by) == (BatchState.READY, None)


def test_without_any_yes_there_is_nothing(session, batch, admin):
    with pytest.raises(Conflict, match="Nobody has agreed"):
        asking.start(session, admin, batch.id, at=NOON)
    work(session, NOON + timedelta(days=8))
    assert batch.state is BatchState.EMPTY


def test_the_archive_holds_each_and_a_list_and_the_other_file_all(session, batch, admin, people):
    made_by(session, batch, admin)
    with zipfile.ZipFile(path_of(session, batch, files.ARCHIVE)) as archive:
        names = archive.namelist()
        listed = list(csv.reader(io.StringIO(archive.read("list.csv").decode("utf-8-sig"))))
        papers = [pypdf.PdfReader(io.BytesIO(archive.read(name))) for name in names if name.endswith(".pdf")]
    rows = rows_of(session, batch)
    numbers = [row.certificate.number for row in rows]
    assert names == [*(f"{one.person.name}-{number}.pdf" for one, number in zip(people, numbers, strict=True)), "list.csv"]
    assert [line[4] for line in listed[1:]] == numbers
    texts = ["".join(paper.pages[0].extract_text().split()) for paper in papers]
    assert all(one.person.name in text for one, text in zip(people, texts, strict=True))
    joined = pypdf.PdfReader(path_of(session, batch, files.JOINED))
    assert len(joined.pages) == sum(len(paper.pages) for paper in papers)
    whole = ["".join(page.extract_text().split()) for page in joined.pages]
    assert all(any(number in text for text in whole) for number in numbers)
    assert rows[0].certificate.facts["handler"] == batch.asker.name
    assert not path_of(session, batch, "each").exists()


def test_a_second_person_releases_it_and_everybody_is_told(session, batch, admin, second, people):
    made_by(session, batch, admin)
    with pytest.raises(Conflict, match="second person has to"):
        releasing.take(session, second, batch.id, "zip", at=NOON)
    with pytest.raises(Conflict, match="second person"):
        releasing.release(session, admin, batch.id, at=NOON)
    releasing.release(session, second, batch.id, at=NOON)
    releasing.release(session, second, batch.id, at=NOON)
    assert sorted(told(session, "certificate_handed")) == sorted(one.id for one in people)
    path, _ = releasing.take(session, admin, batch.id, "zip", at=NOON)
    assert path.read_bytes()[:2] == b"PK"
    acts = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"batch:{batch.id}").order_by(AuditEntry.id))
    assert list(acts) == ["batch_asked", "batch_started", "batch_issued", "batch_released", "batch_taken"]


def test_who_began_it_is_no_second_person_either(session, batch, admin, second):
    for row in rows_of(session, batch):
        say(session, row)
    asking.start(session, second, batch.id, at=NOON)
    work(session)
    for one in (admin, second):
        with pytest.raises(Conflict, match="second person"):
            releasing.release(session, one, batch.id, at=NOON)


def test_another_account_of_the_same_person_is_no_second_person(session, batch, admin, second):
    made_by(session, batch, admin)
    for user in (admin.user_id, second.user_id):
        session.get_one(Person, user).phone_index = "the same"
    session.flush()
    with pytest.raises(Conflict, match="second person"):
        releasing.release(session, second, batch.id, at=NOON)


def test_nobody_elsewhere_sees_it(session, batch, admin, second):
    made_by(session, batch, admin)
    releasing.release(session, second, batch.id, at=NOON)
    elsewhere = staff(session, Role.SITE_ADMIN, a_county(session)[0])
    for ask in (
        lambda: queries.visible(session, elsewhere, batch.id),
        lambda: releasing.take(session, elsewhere, batch.id, "zip", at=NOON),
        lambda: releasing.release(session, elsewhere, batch.id, at=NOON),
        lambda: asking.drop(session, elsewhere, batch.id, at=NOON),
        lambda: releasing.take(session, admin, batch.id, "../keys", at=NOON),
    ):
        with pytest.raises(NotFound):
            ask()


def test_once_issued_a_yes_is_not_taken_back_here(session, batch, admin):
    made_by(session, batch, admin)
    with pytest.raises(Conflict, match="issued already"):
        say(session, rows_of(session, batch)[0], yes=False)


def test_files_are_gone_after_a_week(session, batch, admin, second):
    made_by(session, batch, admin)
    releasing.release(session, second, batch.id, at=NOON)
    assert releasing.forget(session, at=NOON + timedelta(days=6)) == 0
    assert releasing.forget(session, at=NOON + timedelta(days=8)) == 1
    assert batch.state is BatchState.GONE
    assert not path_of(session, batch, "").exists()
    with pytest.raises(NotFound):
        releasing.take(session, admin, batch.id, "zip", at=NOON + timedelta(days=8))


def test_a_dropped_batch_leaves_no_file(session, batch, admin):
    made_by(session, batch, admin)
    asking.drop(session, admin, batch.id, at=NOON)
    assert releasing.forget(session, at=NOON) == 0  # somebody may still be printing
    assert releasing.forget(session, at=NOON + timedelta(minutes=11)) == 1
    assert releasing.forget(session, at=NOON + timedelta(minutes=11)) == 0
    assert not path_of(session, batch, "").exists()
    assert session.scalar(select(func.count()).select_from(Certificate)) == 3


def test_whoever_dies_in_the_middle_is_taken_over_and_nothing_is_made_twice(session, county, admin, monkeypatch):
    people = some_volunteers(session, county[2], 60)
    batch = asking.ask(session, admin, county[0].id, a_draft(people), at=NOON)
    for row in rows_of(session, batch):
        say(session, row)
    asking.start(session, admin, batch.id, at=NOON)
    work(session, steps=2)
    unfinished = session.begin_nested()
    work(session, steps=1)
    unfinished.rollback()  # the third transaction never ended
    session.expire_all()
    assert sum(outcome is Outcome.ISSUED for outcome in outcomes(session, batch)) == 40
    work(session, steps=3)  # the rest is issued, and the first twenty are printed
    assert (batch.state, batch.packed) == (BatchState.PACKING, 20)

    whole = files.keep
    monkeypatch.setattr(files, "keep", lambda *given: (_ for _ in ()).throw(OSError("disk full")))
    work(session)
    assert (batch.packed, batch.state) == (20, BatchState.PACKING)
    monkeypatch.setattr(files, "keep", whole)
    assert work(session) == 0  # whoever had it in hand may still come back
    work(session, NOON + timedelta(minutes=6))
    assert (batch.state, batch.packed) == (BatchState.READY, 60)
    assert session.scalar(select(func.count()).select_from(Certificate)) == 60
    with zipfile.ZipFile(path_of(session, batch, files.ARCHIVE)) as archive:
        assert len(archive.namelist()) == 61


def test_the_same_batch_again_on_the_same_day_finds_the_same_certificates(session, county, admin, people):
    first = made_by(session, asking.ask(session, admin, county[0].id, a_draft(people), at=NOON), admin)
    again = made_by(session, asking.ask(session, admin, county[0].id, a_draft(people), at=NOON), admin)
    numbers = [[row.certificate.number for row in rows_of(session, batch)] for batch in (first, again)]
    assert numbers[0] == numbers[1]
    one, two = (path_of(session, batch, files.ARCHIVE).read_bytes() for batch in (first, again))
    assert one == two
