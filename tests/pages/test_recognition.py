"""Pages of stars, benefits and households: ticked and awarded, shown by consent alone, handed out by a code, joined by a link."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.support import builders as make
from tests.support.recognising import book_minutes, review_all
from tests.support.visiting import TOKEN, signed_in
from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.recognition.lifecycle import HomeState
from volunteer.recognition.models import Eligibility, StarAward
from volunteer.recognition.models_benefits import BenefitUse
from volunteer.recognition.models_homes import HomeMember
from volunteer.web.unit import transaction


class Town:
    """A county with an administrator, a clerk, two volunteers whose hours reach a star, and a browser for each."""

    def __init__(self, app) -> None:
        with app.app_context(), transaction() as session:
            centre, _, station = make.a_county(session)
            who = {"admin": make.staff(session, Role.SITE_ADMIN, centre).user_id}
            who["clerk"] = make.staff(session, Role.CLERK, station).user_id
            for name in ("王显名", "李隐名"):
                volunteer = make.a_volunteer(session, station, name)
                session.add(RoleGrant(person_id=volunteer.id, role=Role.VOLUNTEER, site_id=station.id, since=make.LONG_AGO))
                book_minutes(session, volunteer, 6_000, at=now())
                who[name] = volunteer.id
            review_all(session, now())
            self.centre, self.station = centre.id, station.id
        self.app, self.who = app, who
        self.browsers = {name: signed_in(app, person) for name, person in who.items()}

    def get(self, who: str, path: str) -> str:
        answer = self.browsers[who].get(path)
        assert answer.status_code == 200, answer.status_code
        return answer.get_data(as_text=True)

    def post(self, who: str, path: str, form: str, **data):
        """Post the fields of the form that ``form`` shows."""
        page = self.get(who, form)
        once = re.search(r'name="once" value="([^"]+)"', page)
        return self.browsers[who].post(path, data={"csrf_token": TOKEN.search(page)[1], "once": once[1] if once else ""} | data)


@pytest.fixture
def town(app) -> Town:
    return Town(app)


def test_the_ticked_are_awarded_and_hang_in_public_named_only_as_they_wish(town):
    assert town.post("王显名", "/me/stars/naming", "/me/stars", wish="yes").status_code == 303
    with town.app.app_context():
        ids = [str(one) for one in db.session.scalars(select(Eligibility.id))]
    nobody = town.post("admin", "/manage/stars/award", "/manage/stars", site=str(town.centre))
    assert nobody.status_code == 422
    assert "请至少勾选一位" in nobody.get_data(as_text=True)
    assert town.post("admin", "/manage/stars/award", "/manage/stars", site=str(town.centre), chosen=ids).status_code == 303
    notice = town.app.test_client().get("/stars/notice").get_data(as_text=True)
    assert "王显名" in notice
    assert "李隐名" not in notice
    assert len(re.findall(r"X\d{4}-\d{4}", notice)) == 2
    town.post("王显名", "/me/stars/naming", "/me/stars", wish="no")
    assert "王显名" not in town.app.test_client().get("/stars/notice").get_data(as_text=True)
    assert "公示中" in town.get("王显名", "/me/stars")


def test_an_objection_is_read_by_those_who_award_and_by_nobody_else(town):
    with town.app.app_context():
        chosen = str(db.session.scalars(select(Eligibility.id)).first())
    town.post("admin", "/manage/stars/award", "/manage/stars", site=str(town.centre), chosen=chosen)
    with town.app.app_context():
        number = db.session.scalars(select(StarAward.number)).one()
    page = f"/manage/stars/awards/{number}"
    assert town.post("admin", f"{page}/object", page, reason="金丝雀异议").status_code == 303
    assert "金丝雀异议" in town.get("admin", page)
    assert "金丝雀异议" not in town.app.test_client().get("/stars/notice").get_data(as_text=True)
    assert "金丝雀异议" not in town.get("王显名", "/me/stars") + town.get("李隐名", "/me/stars")
    refused = town.post("admin", f"{page}/revoke", page, reason=" ")
    assert refused.status_code == 422


def test_other_thresholds_say_for_how_many_people_before_they_hold(town):
    hours = {"one": "200", "two": "300", "three": "600", "four": "1000", "five": "1500", "notice_days": "7"}
    form = {"site": str(town.centre), "valid_from": "2099-01-01"}
    seen = town.post("admin", "/manage/stars/levels/preview", "/manage/stars/levels", **form, **hours).get_data(as_text=True)
    assert "-2</td>" in seen
    wrong = town.post("admin", "/manage/stars/levels", "/manage/stars/levels", **form, **hours | {"two": "100"})
    assert wrong.status_code == 422
    assert "每一星都要比前一星多" in wrong.get_data(as_text=True)
    assert town.post("admin", "/manage/stars/levels", "/manage/stars/levels", **form, **hours).status_code == 303
    assert "2099" in town.get("admin", "/manage/stars/levels")


def test_a_benefit_is_written_shown_handed_out_by_a_code_and_taken_back(town):
    line = {"code": "B1", "kind": "shops", "name": "免费理发", "first_day": "2026-01-01", "limit_each": "1", "period": "month"}
    form = line | {"site": str(town.centre)}
    wrong = town.post("admin", "/manage/benefits/new", "/manage/benefits/new", **form | {"last_day": "2025-01-01"})
    assert wrong.status_code == 422
    assert "结束日期早于开始日期" in wrong.get_data(as_text=True)
    assert town.post("admin", "/manage/benefits/new", "/manage/benefits/new", **form).status_code == 303
    shown = town.post("王显名", "/me/benefits/code", "/me/benefits").get_data(as_text=True)
    assert "data:image/svg+xml" in shown
    code = "".join(re.findall(r'class="digit">(\d)<', shown))
    with town.app.app_context():
        benefit = str(re.search(r'<option value="(\d+)"[^>]*>免费理发', town.get("clerk", "/benefits"))[1])
    looked = town.post("clerk", "/benefits/look", "/benefits", shown=code).get_data(as_text=True)
    assert "王*名" in looked
    assert "王显名" not in looked
    assert town.post("clerk", "/benefits/hand-out", "/benefits", shown=code, benefit=benefit).status_code == 303
    late = town.post("clerk", "/benefits/hand-out", "/benefits", shown="00000000", benefit=benefit)
    assert late.status_code == 422
    assert "次数已用完" in town.get("王显名", "/me/benefits")
    with town.app.app_context():
        use = db.session.scalars(select(BenefitUse.id)).one()
    assert town.post("clerk", f"/benefits/uses/{use}/take-back", "/benefits", reason="点错了").status_code == 303
    assert "点错了" in town.get("clerk", "/benefits")


def test_a_household_is_begun_and_joined_by_a_link_that_is_shown_once(town):
    assert town.post("王显名", "/me/home", "/me/home", name="王家", site=str(town.station)).status_code == 303
    made = town.post("王显名", "/me/home/link", "/me/home").get_data(as_text=True)
    token = re.search(r"/home/([\w-]{20,})", made)[1]
    assert token not in town.get("王显名", "/me/home")
    assert "王*名" in town.get("李隐名", f"/home/{token}")
    assert town.post("李隐名", f"/home/{token}", f"/home/{token}").status_code == 303
    assert "王家" in town.get("李隐名", "/me/home")
    assert town.browsers["李隐名"].get("/home/nobody-gave-this-one-out").status_code == 404
    with town.app.app_context():
        assert len(db.session.scalars(select(HomeMember).where(HomeMember.state == HomeState.MEMBER)).all()) == 2
    assert "王家" not in town.get("admin", "/homes")
