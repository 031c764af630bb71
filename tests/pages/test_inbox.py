"""The leader's phone: the inbox, an offer, the visit page with its one big button, the sheet of paper."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from sqlalchemy import func, select

from tests.conftest import running
from tests.support import builders as make
from tests.support.counting import counting
from tests.support.leading import HOUR, Phone
from tests.support.visiting import send, signed_in, token
from volunteer.attendance.models import Attendance, Method
from volunteer.audit.models import AuditEntry
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.ledger.models import Grade, Transfer
from volunteer.orders import serving
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import Offer, ServiceOrder, Visitor
from volunteer.orders.placing import hash_secret
from volunteer.teams.models import Team
from volunteer.web.qr import svg
from volunteer.web.unit import transaction


@pytest.fixture
def phone(app):
    return Phone(app)


def photo(colour="red"):
    data = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(data, "PNG")
    return io.BytesIO(data.getvalue()), "photo.png"


def test_a_new_offer_shows_what_how_far_when_what_to_bring_and_why(phone):
    page = phone.see("/inbox")
    for words in ("换灯管", "1.2 公里", "鲈乡二村", "36W 灯管", "40 分钟", "松陵电工服务队", "为什么派给你们", "接单", "婉拒"):
        assert words in page
    assert 'class="ring' in page


def test_nothing_private_is_seen_before_accepting(phone):
    for path in ("/inbox", "/inbox/rows", f"/inbox/offers/{phone.offer_id}"):
        page = phone.see(path)
        for private in ("李奶奶", "19900000000", "3幢201室", "王阿婆"):
            assert private not in page
    assert phone.client.get(phone.at).status_code == 404


def test_another_teams_leader_finds_nothing_here(phone):
    phone.accept()
    for path in ("", "/sheet", "/scan", "/photos/x"):
        assert phone.client.get(phone.at + path).status_code in {200, 404}
        assert phone.stranger.get(phone.at + path).status_code == 404
    assert phone.stranger.get(f"/inbox/offers/{phone.offer_id}").status_code == 404
    for verb in ("members", "set-out", "arrive", "leave", "record", "release", "nobody-home"):
        data = {"code": "1234", "reason": "x", "words": "x", "people": "1", "begins": "2030-01-01T10:00"}
        assert phone.post(f"{phone.at}/{verb}", phone.stranger, **data).status_code == 404, verb
    assert phone.post(f"/inbox/offers/{phone.offer_id}/accept", phone.stranger).status_code == 404


def test_the_inbox_asks_visitors_to_log_in_and_refuses_others(phone):
    assert phone.app.test_client().get("/inbox").status_code == 302
    member = signed_in(phone.app, phone.members[1])
    assert member.get("/inbox").status_code == 403


def test_the_fragment_is_not_sent_again_while_nothing_changed(phone):
    first = phone.client.get("/inbox/rows")
    again = phone.client.get("/inbox/rows", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code in {304, 200}  # 200 when the minute turned between the two
    phone.accept()
    later = phone.client.get("/inbox/rows", headers={"If-None-Match": first.headers["ETag"]})
    assert later.status_code == 200
    assert "请选人" in later.get_data(as_text=True)


def test_accepting_leads_to_the_visit_where_what_is_private_appears_and_the_look_is_written_down(phone):
    answer = phone.accept()
    assert answer.headers["Location"] == phone.at
    page = phone.see(phone.at)
    for words in ("李奶奶", "tel:19900000000", "3幢201室", "王阿婆", "geo:31.16,120.64"):
        assert words in page
    looks = select(func.count()).where(AuditEntry.action == "private_seen", AuditEntry.actor_id == phone.leader_id)
    assert phone.read(looks) == 1
    phone.see(phone.at)
    assert phone.read(looks) == 2


def test_the_slower_team_is_told_kindly(phone):
    phone.accept()
    theirs = phone.read(select(Offer.id).where(Offer.id != phone.offer_id))
    answer = phone.post(f"/inbox/offers/{theirs}/accept", phone.stranger)
    assert answer.status_code == 409
    assert "谢谢" in answer.get_data(as_text=True)
    assert "谢谢" in phone.see(f"/inbox/offers/{theirs}", phone.stranger)


def test_a_no_takes_a_reason_and_no_blame(phone):
    path = f"/inbox/offers/{phone.offer_id}/decline"
    refused = phone.post(path)
    assert refused.status_code == 422
    assert "field-error" in refused.get_data(as_text=True)
    assert phone.post(path, why="busy").headers["Location"] == "/inbox"
    assert "现在没有要办的事" in phone.see("/inbox")


def test_members_who_cannot_go_say_why_and_the_form_keeps_its_place(phone):
    phone.accept()
    with phone.app.app_context(), transaction() as session:
        other = phone.order(session, Status.ACCEPTED, team_id=phone.team_id)
        other.visit_begins, other.visit_ends = now() + HOUR / 2, now() + 3 * HOUR
        other.crew.append(Visitor(volunteer_id=phone.members[0]))
    refused = phone.choose()
    assert refused.status_code == 422
    page = refused.get_data(as_text=True)
    assert "那时有别的服务" in page
    assert phone.choose(phone.members[1]).status_code == 303


def test_the_big_button_changes_from_setting_out_to_the_record(phone):
    phone.accept()
    assert "定下来" in phone.see(phone.at)
    phone.choose()
    assert "出发" in phone.see(phone.at)
    phone.post(f"{phone.at}/set-out")
    assert "我到了" in phone.see(phone.at)
    assert phone.post(f"{phone.at}/arrive", code=phone.code()).status_code == 303
    assert "完成" in phone.see(phone.at)
    phone.post(f"{phone.at}/leave")
    page = phone.see(phone.at)
    assert "还剩 10 个工作日" in page
    assert "19900000000" not in page
    answer = send(
        phone.client, f"{phone.at}/record",
        {"words": "换好了灯管", "people": "2", "before": [photo()], "after": [photo("green"), photo("blue")]},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert answer.status_code == 303
    page = phone.see(phone.at)
    assert "换好了灯管" in page
    pictures = re.findall(r'src="([^"]+/photos/[^"]+)"', page)
    assert len(pictures) == 3
    with phone.client.get(pictures[0]) as picture:
        assert picture.data[:2] == b"\xff\xd8"
    assert phone.stranger.get(pictures[0]).status_code == 404


def test_a_record_with_a_bad_photo_keeps_its_words_and_moves_no_minutes(phone):
    phone.serve()
    answer = send(
        phone.client, f"{phone.at}/record",
        {"words": "写了很久的两行", "people": "2", "before": [(io.BytesIO(b"no picture"), "x.jpg")]},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert answer.status_code == 422
    assert "写了很久的两行" in answer.get_data(as_text=True)
    assert phone.read(select(func.count(Transfer.id))) == 0


def test_a_wrong_code_is_said_beside_the_field(phone):
    phone.start()
    for code in ("12", "99x9", f"{(int(phone.code()) + 1) % 10_000:04d}"):
        answer = phone.post(f"{phone.at}/arrive", code=code)
        assert answer.status_code == 422
        assert "field-error" in answer.get_data(as_text=True)
    assert phone.post(f"{phone.at}/arrive").status_code == 422
    assert phone.status() is Status.UNDER_WAY


def test_four_digits_cannot_be_guessed(sqlite):
    """After six wrong codes even the right one is refused; the roll-call still works."""
    for app in running(sqlite, throttle=True):
        phone = Phone(app)
        phone.start()
        right = phone.code()
        wrong = [code for code in (f"{n:04d}" for n in range(8)) if code != right][:6]
        for code in wrong:
            assert "这不是开始码" in phone.post(f"{phone.at}/arrive", code=code).get_data(as_text=True)
        answer = phone.post(f"{phone.at}/arrive", code=right)
        assert answer.status_code == 422
        assert "错得太多" in answer.get_data(as_text=True)
        assert phone.post(f"{phone.at}/arrive", by="roll_call").status_code == 303


def test_a_stranger_cannot_use_up_another_teams_tries(sqlite):
    for app in running(sqlite, throttle=True):
        phone = Phone(app)
        phone.start()
        for _ in range(8):
            assert phone.post(f"{phone.at}/arrive", phone.stranger, code="0000").status_code == 404
        assert phone.post(f"{phone.at}/arrive", code=phone.code()).status_code == 303


def test_a_position_on_a_shifted_map_is_converted_at_the_edge(phone):
    from volunteer.kernel.geo import Datum, Point, from_wgs84

    phone.start()
    latitude, longitude = from_wgs84(Point(31.16, 120.64), Datum.GCJ02)
    position: dict[str, object] = {"position.latitude": latitude, "position.longitude": longitude, "position.accuracy": 12}
    assert phone.post(f"{phone.at}/arrive", **position).status_code == 422
    position["position.datum"] = "gcj02"
    assert phone.post(f"{phone.at}/arrive", **position).status_code == 303
    row = phone.read(select(Attendance))
    assert (row.came_by, row.grade) == (Method.FENCE, Grade.B)


@pytest.mark.parametrize("accuracy", ["0", "-1", "nan", "1e309", "x", ""])
def test_an_impossible_accuracy_is_refused_on_the_page(phone, accuracy):
    phone.start()
    position: dict[str, object] = {"position.latitude": 31.16, "position.longitude": 120.64, "position.accuracy": accuracy}
    assert phone.post(f"{phone.at}/arrive", **position).status_code == 422


def test_a_scanned_qr_asks_for_one_tap_and_works_once(phone):
    phone.accept()
    phone.choose()
    with phone.app.app_context():
        order = db.session.get(ServiceOrder, phone.order_id)
        proof = serving.presence_proof(order, now())
    assert proof in phone.see(f"{phone.at}/scan?proof={proof}")
    assert phone.status() is Status.ACCEPTED
    assert phone.post(f"{phone.at}/arrive", qr=proof).status_code == 303
    assert phone.status() is Status.IN_SERVICE
    again = phone.post(f"{phone.at}/leave", qr=proof)
    assert again.status_code == 409
    assert f'href="{phone.at}"' in again.text  # back to the visit, not to the first page


def test_the_residents_qr_leads_to_the_scan_page(phone):
    phone.start()
    before = now()
    with phone.app.app_context(), transaction() as session:
        session.get_one(ServiceOrder, phone.order_id).secret_hash = hash_secret(f"secret-{phone.number}")
    shown = phone.app.test_client().get(f"/o/secret-{phone.number}/qr.svg")
    with phone.app.test_request_context():
        order = db.session.get(ServiceOrder, phone.order_id)
        base = phone.app.config["SETTINGS"].public_url
        addresses = [f"{base}{phone.at}/scan?proof={serving.presence_proof(order, at)}" for at in (before, now())]
        assert shown.data in {svg(address).data for address in addresses}


def test_only_some_are_here(phone):
    phone.start()
    phone.post(f"{phone.at}/arrive", code=phone.code(), listed="yes", present=[str(phone.members[1])])
    assert phone.read(select(func.count(Attendance.id))) == 1


def test_a_forgotten_check_out_is_asked_for(phone):
    phone.start()
    phone.post(f"{phone.at}/arrive", by="roll_call")
    with phone.app.app_context(), transaction() as session:
        for row in session.scalars(select(Attendance)):
            row.came_at = now() - 9 * HOUR
    assert "忘了签退" in phone.see(phone.at)


@pytest.mark.parametrize("verb", ["release", "nobody-home"])
def test_letting_go_leads_back_to_the_inbox(phone, verb):
    phone.start()
    assert phone.post(f"{phone.at}/{verb}", reason="工具坏了").headers["Location"] == "/inbox"
    assert phone.status() is Status.VERIFIED
    assert phone.client.get(phone.at).status_code == 404


def test_letting_go_without_a_word_is_asked_again(phone):
    phone.start()
    assert phone.post(f"{phone.at}/release").status_code == 422


def test_the_sheet_of_paper_carries_what_is_needed_and_the_look_is_written_down(phone):
    phone.accept()
    phone.choose()
    page = phone.see(f"{phone.at}/sheet")
    assert "199 0000 0000" in page
    assert "write-line" in page
    entry = phone.read(select(AuditEntry).where(AuditEntry.action == "private_seen").order_by(AuditEntry.id.desc()))
    assert entry.detail["on"] == "sheet"


def test_both_languages_have_every_word(phone):
    phone.client.post("/language", data={"locale": "en", "csrf_token": token(phone.client)})
    page = phone.see("/inbox")
    assert "Replace a lamp" in page
    assert "a 36 W tube" in page
    assert "Why your team" in page


@pytest.mark.parametrize("path", ["/inbox", "/inbox/rows"])
def test_the_inbox_asks_the_database_as_little_for_forty_orders_as_for_four(phone, path):
    def fill(many):
        with phone.app.app_context(), transaction() as session:
            team = session.get_one(Team, phone.team_id)
            for n in range(many):
                offered = phone.order(session, Status.OFFERED)
                make.an_offer(session, offered, team, made_at=now(), expires_at=now() + HOUR)
                taken = phone.order(session, Status.ACCEPTED, team_id=team.id, visit_begins=now() + n * 10 * HOUR)
                served = phone.order(session, Status.SERVED, team_id=team.id, served_at=now() - HOUR)
                for order in (taken, served):
                    order.crew.extend(Visitor(volunteer_id=member) for member in phone.members[:2])

    def count():
        phone.see(path)
        with phone.app.app_context():
            engine = db.engine
        with counting(engine) as seen:
            phone.see(path)
        return seen

    fill(4)
    few = count()
    fill(36)
    many = count()
    assert len(few) == len(many)
    assert len(many) <= 8, "\n".join(many)
