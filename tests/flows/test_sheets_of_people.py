"""Sheets of skills, services, questions, teams and volunteers: through the verbs, sealed, undone again."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.sheets import bring, faults, look
from volunteer.access import Role
from volunteer.accounts.models import Consent, Person, RoleGrant
from volunteer.catalogue.models import Question, ServiceCategory, ServiceItem, Skill
from volunteer.exchange import undoing, writing
from volunteer.exchange.kinds import kind_called
from volunteer.exchange.models import ImportRow
from volunteer.teams.models import Availability, MemberRole, Membership, Team, TeamClass, TeamSkill, Volunteer, VolunteerSkill

TEAM_HEADER = ["编号", "名称", "类别", "所属阵地", "服务半径", "接单数"]
HEADER = ["姓名", "手机号", "身份证号", "所属阵地", "技能", "每周可服务时间", "团队", "队内角色"]
DOCUMENT = "320525198801011234"  # its last sign does not fit
GOOD = "320525198801011238"


def good(body: str) -> str:
    from volunteer.accounts.documents import check_character

    return body + check_character(body)


@pytest.fixture
def centre(session):
    return make.a_site(session)


@pytest.fixture
def admin(session, centre):
    return make.staff(session, Role.SITE_ADMIN, centre)


@pytest.fixture
def team(session, centre, admin):
    session.add(TeamClass(code="repair", name="水电维修"))
    bring(session, admin, "skills", [["编号", "名称", "需要证件"], ["electric", "电工", "是"], ["hair", "理发", ""]], at=NOON)
    bring(session, admin, "teams", [TEAM_HEADER, ["T9", "电工队", "水电维修", centre.code, 5, 3]], at=NOON)
    return session.scalar(select(Team).where(Team.code == "T9"))


def back(name, session, admin):
    kind = kind_called(name)
    return writing.csv_of(kind.sheet, list(kind.rows(session, admin, NOON)), "zh_Hans")


def two(centre):
    return [
        HEADER,
        [
            "张试",
            "13800000001",
            good("32052519880101123"),
            centre.code,
            "电工、hair",
            "周一 9:00-11:30; 周末 14:00-18:00",
            "T9",
            "队长",
        ],
        ["李试", "１３８００００００02", "", centre.name, "理发", "", "电工队", ""],
    ]


def test_the_menu_comes_in_with_its_questions_and_goes_again(session, admin, centre):
    session.add(ServiceCategory(code="repair", name="水电维修", icon="wrench", position=1))
    skills = bring(session, admin, "skills", [["编号", "名称"], ["electric", "电工"]], at=NOON)
    header = ["编号", "名称", "分类", "时长", "所需技能", "风险"]
    services = bring(session, admin, "services", [header, ["lamp9", "换灯", "水电维修", "40", "电工", "高"]], at=NOON)
    asked = [["服务编号", "编号", "答法", "问题", "选项"], ["lamp9", "where", "选择", "哪里？", "a=灯=Lamp; b=开关"]]
    questions = bring(session, admin, "questions", asked, at=NOON)
    item = session.scalar(select(ServiceItem).where(ServiceItem.code == "lamp9"))
    assert (item.risk.value, [skill.code for skill in item.skills], item.asked[0].choices[1]["name"]) == (
        "high",
        ["electric"],
        "开关",
    )
    for name in ("skills", "services", "questions"):
        row, plan = look(session, admin, name, back(name, session, admin), at=NOON)
        assert (plan.faults, row.news, row.changes) == ([], 0, 0)
    with pytest.raises(undoing.InTheWay) as refused, session.begin_nested():
        undoing.undo(session, admin, services.id, at=NOON)
    assert refused.value.obstacles[0].things == (("questions", 1),)
    for row in (questions, services, skills):
        undoing.undo(session, admin, row.id, at=NOON)
    assert [session.scalar(select(func.count()).select_from(kind)) for kind in (Question, ServiceItem, Skill)] == [0, 0, 0]


def test_a_question_of_a_service_that_was_ordered_stays(session, admin, centre):
    item = make.an_item(session, centre)
    asked = [["服务编号", "编号", "答法", "问题"], [item.code, "floor", "数字", "几楼？"]]
    done = bring(session, admin, "questions", asked, at=NOON)
    make.an_order(session, centre, item=item)
    with pytest.raises(undoing.InTheWay) as refused:
        undoing.undo(session, admin, done.id, at=NOON)
    assert ("orders", 1) in refused.value.obstacles[0].things


def test_volunteers_come_in_sealed_with_a_grant_a_consent_and_their_team(session, admin, centre, team):
    done = bring(session, admin, "volunteers", two(centre), at=NOON)
    zhang = session.scalar(select(Person).where(Person.name == "张试"))
    assert (zhang.phone, zhang.document[-1], zhang.born_on) == ("13800000001", good("32052519880101123")[-1], date(1988, 1, 1))
    assert b"13800000001" not in (zhang.phone_sealed or b"")
    grants = session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == zhang.id)).all()
    roles = dict(
        session.execute(select(Person.name, Membership.role).join(Membership, Membership.volunteer_id == Person.id)).all()
    )
    assert (grants, roles) == ([Role.VOLUNTEER], {"张试": MemberRole.LEADER, "李试": MemberRole.MEMBER})
    assert session.scalar(select(func.count()).select_from(Availability)) == 3
    assert session.scalar(select(func.count()).select_from(TeamSkill).where(TeamSkill.team_id == team.id)) == 1  # no licence yet
    kept = session.scalars(select(ImportRow).where(ImportRow.import_id == done.id)).all()
    assert not any("张试" in str(row.after) or "138" in str(row.after) or row.label for row in kept)


def test_volunteers_who_did_nothing_yet_are_undone_without_a_trace(session, admin, centre, team):
    before = [session.scalar(select(func.count()).select_from(kind)) for kind in (Person, Consent, RoleGrant)]
    done = bring(session, admin, "volunteers", two(centre), at=NOON)
    undoing.undo(session, admin, done.id, at=NOON)
    assert [session.scalar(select(func.count()).select_from(kind)) for kind in (Person, Consent, RoleGrant)] == before
    for kind in (Volunteer, VolunteerSkill, Availability, Membership, TeamSkill):
        assert session.scalar(select(func.count()).select_from(kind)) == 0


def test_a_volunteer_who_served_stays_and_is_named_by_row(session, admin, centre, team):
    from volunteer.orders.models import Visitor

    done = bring(session, admin, "volunteers", two(centre), at=NOON)
    order = make.an_order(session, centre)
    order.crew.append(Visitor(volunteer_id=session.scalar(select(Person.id).where(Person.name == "李试"))))
    session.flush()  # the visit is there
    with pytest.raises(undoing.InTheWay) as refused:
        undoing.undo(session, admin, done.id, at=NOON)
    assert [one.row for one in refused.value.obstacles] == [3]


def test_a_resident_who_registers_stays_a_resident_when_it_is_undone(session, admin, centre, team):
    person = make.a_person(session, "李试", "13800000002")
    done = bring(session, admin, "volunteers", two(centre), at=NOON)
    assert session.get(Volunteer, person.id) is not None
    undoing.undo(session, admin, done.id, at=NOON)
    assert session.get(Volunteer, person.id) is None
    assert session.get(Person, person.id).phone == "13800000002"


def test_volunteers_go_out_without_identity_numbers_and_come_back_the_same(session, admin, centre, team):
    bring(session, admin, "volunteers", two(centre), at=NOON)
    sheet = back("volunteers", session, admin)
    assert "13800000001" in sheet.decode()
    assert good("32052519880101123") not in sheet.decode()
    row, plan = look(session, admin, "volunteers", sheet, at=NOON)
    assert (plan.faults, row.news, row.changes, row.sames) == ([], 0, 0, 2)


def test_somebody_known_joins_another_team_by_sheet_and_leaves_it_when_undone(session, admin, centre, team):
    bring(session, admin, "volunteers", two(centre), at=NOON)
    bring(session, admin, "teams", [TEAM_HEADER, ["T8", "二队", "repair", centre.code, 5, 3]], at=NOON)
    rows = [["姓名", "手机号", "所属阵地", "团队"], ["李试", "13800000002", centre.code, "T8"]]
    done = bring(session, admin, "volunteers", rows, at=NOON)
    inside = select(Team.code).join(Membership, Membership.team_id == Team.id).join(Person, Person.id == Membership.volunteer_id)
    present = inside.where(Person.name == "李试", Membership.until.is_(None)).order_by(Team.code)
    assert (done.changes, session.scalars(present).all()) == (1, ["T8", "T9"])
    undoing.undo(session, admin, done.id, at=NOON)
    assert session.scalars(present).all() == ["T9"]


def test_reach_and_capacity_of_a_team_are_changed_and_restored(session, admin, centre, team):
    done = bring(session, admin, "teams", [TEAM_HEADER, ["T9", "电工队", "repair", centre.code, 9, 3]], at=NOON)
    assert (done.changes, team.reach_km) == (1, 9)
    undoing.undo(session, admin, done.id, at=NOON)
    assert team.reach_km == 5


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (["张试", "1.38E+10", "", "C", "", "", "", ""], "phone", "Excel cut"),
        (["张试", "1380000000", "", "C", "", "", "", ""], "phone", "11 digits"),
        (["张试", "13800000001", "320525198801010000", "C", "", "", "", ""], "document", "Excel cut"),
        (["张试", "13800000001", DOCUMENT, "C", "", "", "", ""], "document", "last sign"),
        (["张试", "13800000001", good("32052520150101123"), "C", "", "", "", ""], "born_on", "Under 18"),
        (["张试", "13800000001", "", "C", "飞行", "", "", ""], "skills", "no open skill"),
        (["张试", "13800000001", "", "C", "", "随时", "", ""], "hours", "times like"),
        (["张试", "13800000001", "", "C", "", "", "没有队", ""], "teams", "no open team"),
        (["张试", "13800000001", "", "没有", "", "", "", ""], "site", "no open place"),
        (["张试", "13800000001", "", "C", "", "", "T9", "团长"], "role", "choose one"),
    ],
)
def test_a_wrong_volunteer_is_named_by_row_and_column(session, admin, centre, team, row, column, words):
    row = [centre.code if cell == "C" else cell for cell in row]
    said = faults(session, admin, "volunteers", [HEADER, row], at=NOON)
    assert [(number, where) for number, where, _ in said] == [(2, column)]
    assert words in said[0][2]


def test_one_identity_number_is_one_person_and_one_team_has_one_leader(session, admin, centre, team):
    number = good("32052519880101123")
    rows = [
        HEADER,
        ["张试", "13800000001", number, centre.code, "", "", "T9", "队长"],
        ["王试", "13800000003", number, centre.code, "", "", "", ""],
        ["李试", "13800000002", "", centre.code, "", "", "T9", "队长"],
        ["李试", "13800000002", "", centre.code, "", "", "", ""],
    ]
    said = {(row, column) for row, column, _ in faults(session, admin, "volunteers", rows, at=NOON)}
    assert said == {(3, "document"), (4, "role"), (5, "phone")}
