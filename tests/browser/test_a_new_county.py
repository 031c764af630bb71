"""From an empty database to a county that people live in: by pages and sheets alone, in real browsers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.databases import Database
from tests.support.four_steps import Story
from tests.support.hands import Finger, tick
from tests.support.looking import complaints
from tests.support.servers import Server, serving
from tests.support.story import DESK, PHONE, Somebody, somebody
from tests.support.visiting import PASSWORD
from volunteer.kernel.clock import now
from volunteer.kernel.crypto import Keyring
from volunteer.messaging.models import Message
from volunteer.messaging.outbox import identity

pytestmark = pytest.mark.browser
STORY = "new-county"
ADMINISTRATOR = {"name": "方静", "login": "fangjing", "password": "yi-ju-hen-chang-de-hua"}


STATIONS = """编号,名称,英文名称,上级,纬度,经度
S11,鲈乡二村,Luxiang Second Village,松陵街道,31.161,120.641
S12,梅石社区,Meishi,松陵街道,31.165,120.645
S13,西塘社区,Xitang,松陵街道,31.155,120.635
S21,桥北村,Qiaobei,盛泽镇,30.905,120.655
S22,大谢村,Daxie,盛泽镇,30.915,120.665
S23,坛丘村,Tanqiu,盛泽镇,30.925,120.645
"""
TEAMS = """编号,名称,英文名称,类别,所属阵地,服务半径（公里）,同时可接单数
T1,松陵电工服务队,Songling Electricians,扶贫帮困,松陵街道,8,3
T2,盛泽邻里服务队,Shengze Neighbours,卫生环保,盛泽镇,8,3
"""
VOLUNTEERS = """姓名,手机号,所属阵地,技能,每周可服务时间,团队,队内角色
王队长,13800000021,松陵街道,换灯,每天 0:00-24:00,T1,队长
陈晓禾,13800000022,松陵街道,换灯,每天 0:00-24:00,T1,队员
周队长,13800000023,盛泽镇,换灯,每天 0:00-24:00,T2,队长
钱小满,13800000024,盛泽镇,,周末 8:00-18:00,T2,队员
"""


@pytest.fixture
def empty(sqlite: Database) -> Iterator[Server]:
    """The product over an empty database; those who administrate need a second factor, as in a real county."""
    with serving(sqlite, second_factor_roles="site_admin,director,auditor,county_it") as server:
        yield server


def test_an_empty_database_becomes_a_county_by_pages_and_sheets_alone(browser: Browser, empty: Server, tmp_path: Path) -> None:
    admin = somebody(browser, empty, "admin", STORY, "zh", DESK)
    open_the_county(admin, empty)
    sheets = Sheets(admin, tmp_path)
    sheets.bring("sites", STATIONS, 6)
    write_the_menu(admin)
    keep_the_calendar(admin)
    sheets.bring("teams", TEAMS, 2)
    sheets.bring("volunteers", VOLUNTEERS, 4)
    somebody_joins(browser, empty)
    clerk = invited(browser, empty, admin, "clerk", "吴桂芳", "鲈乡二村")
    dispatcher = invited(browser, empty, admin, "dispatcher", "赵岚", "松陵街道")
    assert clerk.page.url.endswith("/desk")
    the_four_steps(browser, empty, dispatcher)
    admin.go("/manage")
    expect(admin.page.locator(".todo-item[data-done]")).to_have_count(5)  # no sender, no backup: these two are the machine's
    assert empty.flask("county", "backup").count("read back and right")
    admin.go("/manage")
    expect(admin.page.locator(".todo-item[data-done]")).to_have_count(6)
    good(admin, "90-almost-everything")
    assert "The books are right" in empty.flask("ledger", "verify")


def open_the_county(admin: Somebody, server: Server) -> None:
    """The first page asks for the token of the console, then for the county; the second factor comes before anything else."""
    page = admin.go("/")
    page.wait_for_url(re.compile("/setup$"))
    good(admin, "1-token")
    page.locator("input[name=token]").fill("AAAA-BBBB-CCCC-DDDD")
    press(page, "继续")
    expect(page.locator("main")).to_contain_text("不是控制台上显示的口令")
    token = re.search(r"Token: (\S+)", server.flask("county", "token"))
    assert token
    page.locator("input[name=token]").fill(token[1].lower())
    press(page, "继续")

    page.locator("input[name=name]").fill("演示县新时代文明实践中心")
    page.locator("input[name='point.latitude']").fill("31.16")
    page.locator("input[name='point.longitude']").fill("120.64")
    page.locator("textarea[name=towns]").fill("松陵街道\n盛泽镇")
    good(admin, "2-county")
    press(page, "下一步")
    expect(page.locator("select[name=time_zone]")).to_have_value("Asia/Shanghai")
    good(admin, "3-languages")
    press(page, "下一步")
    page.locator("input[name='rules.max_per_day']").fill("600")
    good(admin, "4-rules")
    press(page, "下一步")
    page.locator("input[name=person]").fill(ADMINISTRATOR["name"])
    page.locator("input[name=login_name]").fill(ADMINISTRATOR["login"])
    page.locator("input[name=password]").fill(ADMINISTRATOR["password"])
    tick(page.locator("input[name=consent]"))
    good(admin, "5-you")
    press(page, "开通")

    page.wait_for_url(re.compile("/me/second-factor"))
    press(page, "开始设置")
    secret = page.locator("[data-copy]").get_attribute("data-copy") or ""
    page.locator("input[name=code]").fill(pyotp.TOTP(secret).now())
    page.locator("form[action$='/confirm'] button").click()
    expect(page.locator("main")).to_contain_text("恢复码")
    good(admin, "6-recovery-codes")
    admin.go("/manage")
    expect(page.locator(".todo-item")).to_have_count(7)
    good(admin, "7-first-days")


class Sheets:
    """Bringing rows in: upload, look at the preview, say yes."""

    def __init__(self, admin: Somebody, folder: Path) -> None:
        self.admin, self.folder = admin, folder

    def bring(self, kind: str, text: str, rows: int) -> None:
        file = self.folder / f"{kind}.csv"
        file.write_text(text, encoding="gb18030" if kind == "teams" else "utf-8-sig")  # as old and new Excel save it
        page = self.admin.go(f"/manage/sheets/{kind}")
        page.locator("input[name=sheet]").set_input_files(file)
        press(page, "看预览")
        expect(page.locator("form[action$='/apply'] button")).to_contain_text(str(rows))
        good(self.admin, f"20-{kind}-preview", typed=True)
        page.locator("form[action$='/apply'] button").click()
        expect(page.locator("form[action$='/undo']")).to_have_count(1)


def write_the_menu(admin: Somebody) -> None:
    """A skill, a service that takes it, and the question that it asks."""
    page = admin.go("/manage/skills/new")
    page.locator("input[name=name]").fill("换灯")
    page.locator("input[name=code]").fill("lamp")
    send(page, "code")
    page = admin.go("/manage/services/new")
    page.locator("select[name=site]").select_option(index=1)
    page.locator("input[name=name]").fill("换灯管")
    page.locator("input[name=code]").fill("lamp")
    page.locator("select[name=category]").select_option("repair")
    for name, value in (("minutes", "60"), ("people", "1"), ("reply_minutes", "240")):
        page.locator(f"input[name={name}]").fill(value)
    tick(page.locator("input[name=risk][value=low]"))
    tick(page.locator("input[name=skills][value=lamp]"))
    good(admin, "30-service")
    send(page, "minutes")
    page.wait_for_url(re.compile(r"/manage/services/\d+"))
    page.locator("a[href$='/questions/new']").click()
    page.locator("input[name=name]").fill("家里有梯子吗？")
    page.locator("input[name=code]").fill("ladder")
    tick(page.locator("input[name=kind][value=yes_no]"))
    send(page, "kind")
    expect(page.locator("main")).to_contain_text("家里有梯子吗？")


def keep_the_calendar(admin: Somebody) -> None:
    """One holiday that is still to come."""
    page = admin.go("/manage/holidays")
    page.locator("input[name=day]").fill(f"{now().year + 1}-01-01")
    tick(page.locator("input[name=works][value=false]"))
    page.locator("input[name=name]").fill("元旦")
    send(page, "day")
    expect(page.locator("main")).to_contain_text("元旦")


def invited(browser: Browser, server: Server, admin: Somebody, role: str, name: str, site: str) -> Somebody:
    """A link made by the administrator and taken up by the colleague; both see it at once."""
    page = admin.go("/manage/people/invite")
    page.locator("input[name=name]").fill(name)
    tick(page.locator(f"input[name=role][value={role}]"))
    option = page.locator("select[name=site] option", has_text=site).first
    page.locator("select[name=site]").select_option(option.get_attribute("value"))
    good(admin, f"40-invite-{role}")
    send(page, "role")
    link = page.locator(".link-text").inner_text()
    colleague = somebody(browser, server, role, STORY, "zh", DESK)
    page = colleague.go(link.removeprefix(server.url))
    page.locator("input[name=login_name]").fill(f"{role}-new")
    page.locator("input[name=new]").fill(PASSWORD)
    page.locator("input[name=again]").fill(PASSWORD)
    tick(page.locator("input[name=agree]"))
    good(colleague, f"41-invited-{role}")
    send(page, "agree")
    page.wait_for_url(lambda url: "/invited/" not in url)
    return colleague


def somebody_joins(browser: Browser, server: Server) -> None:
    """A neighbour registers by phone, asks a team to take her, and its leader says yes."""
    neighbour = somebody(browser, server, "neighbour", STORY, "zh", PHONE)
    page = neighbour.go("/join")
    page.locator("input[name=phone]").fill("13800000025")
    send(page, "phone")
    page.locator("input[name=code]").fill(code_sent(server, "13800000025"))
    send(page, "code")
    page.locator("input[name=name]").fill("林小雨")
    page.locator("input[name=born_on]").fill("1990-05-01")
    option = page.locator("select[name=site] option", has_text="鲈乡二村").first
    page.locator("select[name=site]").select_option(option.get_attribute("value"))
    tick(page.locator("input[name=skills]").first)
    tick(page.locator("input[name=consent]"))
    good(neighbour, "50-join")
    send(page, "consent")
    page.wait_for_url(re.compile("/me/profile"))
    good(neighbour, "51-joined")
    page = neighbour.go("/teams/T1")
    good(neighbour, "52-team")
    page.locator("form[action$='/teams/T1/ask'] button[type=submit]").click()
    leader = somebody(browser, server, "leader", STORY, "zh", PHONE)
    by_phone(leader, "13800000021")
    page = leader.go("/teams/T1/lead")
    expect(page.locator("main")).to_contain_text("林小雨")
    good(leader, "53-asks")
    page.locator("form[action*='/lead/asks/'] button[value=yes], form[action*='/lead/asks/'] .btn-main").first.click()
    expect(page.locator("form[action*='/lead/asks/']")).to_have_count(0)


def the_four_steps(browser: Browser, server: Server, dispatcher: Somebody) -> None:
    """Order, dispatch, accept, serve, rate; hours, certificate, check: in the county that was just set up."""
    story = Story(browser, server, "zh", Finger(), f"{STORY}-steps")
    resident = story.person("resident")
    number, _ = story.order(resident)
    secret = re.sub(r"\?.*", "", resident.page.url).removeprefix(server.url)
    story.dispatch(dispatcher, number)
    leader = story.person("leader")
    by_phone(leader, "13800000021")
    story.serve(leader, resident, secret)
    story.rate(resident, secret)
    volunteer = story.person("volunteer")
    by_phone(volunteer, "13800000022")
    story.check(story.person("stranger"), story.certificate(volunteer))


def by_phone(person: Somebody, phone: str) -> None:
    """Log in with the code that is sent to a phone."""
    page = person.go("/login/code")
    page.locator("input[name=phone]").fill(phone)
    page.locator("form[action$='/send'] button").click()
    page.locator("input[name=code]").fill(code_sent(person.server, phone))
    page.locator("form:has(input[name=code]) button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/login" not in url)


def code_sent(server: Server, phone: str) -> str:
    """The newest code on its way to ``phone``, as the gateway would read it."""
    keyring = Keyring.open(Path(server.env["VOLUNTEER_KEYS_FILE"]), create=False)
    with Session(server.database.engine) as session:
        for message in session.scalars(select(Message).where(Message.sealed.is_not(None)).order_by(Message.id.desc())):
            private = json.loads(keyring.unseal(message.sealed, identity(message)))
            if private["phone"] == phone and "code" in private["secret"]:
                return str(private["secret"]["code"])
    raise AssertionError(f"no code for {phone}")


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=False).last.click()


def send(page: Page, field: str) -> None:
    """Press the main button of the form that has this field."""
    page.locator(f"form[method=post]:has([name={field}]:not([type=hidden])) .btn-main").first.click()


def good(person: Somebody, name: str, *, typed: bool = False) -> None:
    """Keep a picture, and complain about a page that is not for everybody. ``typed``: it shows what people wrote, in any language."""
    person.shot(name)
    found = complaints(person.page, language="zh", elder=False)
    assert [one for one in found if not (typed and one.startswith("untranslated"))] == []
