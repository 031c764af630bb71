"""A school checks a certificate: its phone's camera over the real paper, on our page and on the page it keeps, with the network off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from tests.flows.test_certificates import ALL, serve
from tests.support import builders as make
from tests.support.databases import Database
from tests.support.films import film_of, filmed
from tests.support.looking import TARGETS, axe, complaints, shot
from tests.support.servers import Server, serving
from tests.support.story import PATIENCE, PHONE
from volunteer.access import Role
from volunteer.certificates import issuing, signatures
from volunteer.certificates.render import qr_of, render
from volunteer.certificates.rules import CertificateDraft
from volunteer.certificates.signing import address, signed_text
from volunteer.kernel.clock import SHANGHAI, local_date, now
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write

pytestmark = pytest.mark.browser


@dataclass
class Papers:
    """A true certificate as it was printed, and a forged one that looks the same."""

    number: str
    true: Image.Image
    forged: Image.Image
    server: Server


@pytest.fixture
def papers(sqlite: Database, keyring: Keyring) -> Iterator[Papers]:
    with serving(sqlite) as server:
        with Session(sqlite.engine, info={"keyring": keyring}) as session, write(session):
            centre, _, station = make.a_county(session)
            volunteer = make.a_volunteer(session, station, "陈晓禾")
            serve(session, volunteer, station, 90, days_ago=3 - (now() - make.NOON).days)
            today = local_date(now(), SHANGHAI)
            draft = CertificateDraft(today.replace(year=today.year - 1, day=1), today, ALL, "zh_Hans")
            actor = make.an_actor(volunteer.person, (Role.VOLUNTEER, centre))
            made = issuing.issue(session, actor, volunteer.id, draft, at=now())
            session.flush()  # its signature is read below
            signed = signatures.of(session, made.id)
            pdf = render(made.facts, server.url, signed)
            richer = signatures.claims_of(made.facts | {"minutes": 90_000}, made.digest, now())
            forged = signed_text(richer, signed.kid, lambda _: bytes(64))
            number = made.number
        paper = pypdfium2.PdfDocument(pdf)[0].render(scale=150 / 72).to_pil()
        yield Papers(number, corner_of(paper), picture_of(address(server.url, number, forged)), server)


def corner_of(paper: Image.Image) -> Image.Image:
    """What a phone shows that is held over the code in the paper's corner."""
    return paper.crop((100, paper.height - 400, 700, paper.height - 60))


def picture_of(text: str) -> Image.Image:
    rows = [list(row) for row in qr_of(text).matrix]
    small = Image.new("L", (len(rows) + 8, len(rows) + 8), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            small.putpixel((x + 4, y + 4), 0 if dark else 255)
    return small.resize((small.width * 6, small.height * 6), Image.Resampling.NEAREST)


@pytest.fixture
def offline_page(papers: Papers, browser: Browser, tmp_path: Path) -> Path:
    """The page as a school saved it."""
    page = browser.new_page(accept_downloads=True)
    page.goto(papers.server.url + "/verify")
    with page.expect_download() as download:
        page.locator("a[href='/verify/offline.html?save=1']").click()
    kept = tmp_path / "verify-certificates.html"
    download.value.save_as(kept)
    page.context.close()
    return kept


def a_page(browser: Browser, **more: object) -> Page:
    page = browser.new_context(viewport=PHONE, locale="zh-CN", **more).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE)
    return page


def test_a_school_holds_its_camera_over_the_paper(papers: Papers, offline_page: Path, browser: Browser, tmp_path: Path) -> None:
    """On our page the record and the signature say the same; on the kept page, offline, the signature holds."""
    with filmed(browser, film_of(papers.true, tmp_path / "true.y4m")) as phone:
        page = a_page(phone, permissions=["camera"])
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
        page.goto(papers.server.url + "/verify")
        page.locator("[data-scan-start]").click()
        expect(page).to_have_url(re.compile(rf"/verify/{papers.number}$"))  # and nothing behind it: the name is in no history
        expect(page.locator(".verdict-ok")).to_be_visible()
        expect(page.locator("[data-signature] [data-when=true]").first).to_be_visible()
        expect(page.locator("[data-claim=name]")).to_have_text("陈晓禾")
        expect(page.locator("[data-claim=time]")).to_have_text("1 小时 30 分")
        assert complaints(page, language="zh", elder=False) == []
        shot(page, "school-verified")
        assert not [url for url in sent if "VH1" in url]  # the text was read here and not sent
        for path in ("/verify", "/badges/issuer", "/badges/achievements/service"):
            page.goto(papers.server.url + path)
            assert complaints(page, language="zh", elder=False) == []
        page.context.close()

        page = a_page(phone, permissions=["camera"], offline=True)
        page.goto(offline_page.as_uri())
        page.locator("#watch").click()
        expect(page.locator("#result.ok")).to_contain_text("签名是真的")
        expect(page.locator("#result")).to_contain_text("陈晓禾")
        expect(page.locator("#result")).to_contain_text("1 小时 30 分")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        shot(page, "school-offline")
        page.context.close()


def test_a_forged_code_is_refused_by_both_pages(papers: Papers, offline_page: Path, browser: Browser, tmp_path: Path) -> None:
    with filmed(browser, film_of(papers.forged, tmp_path / "forged.y4m")) as phone:
        page = a_page(phone, permissions=["camera"])
        page.goto(papers.server.url + "/verify")
        page.locator("[data-scan-start]").click()
        expect(page.locator("[data-signature].signature-false")).to_contain_text("签名是假的")
        expect(page.locator("[data-claim=name]")).to_be_hidden()
        expect(page.locator(".verdict-ok")).to_have_count(0)  # no green "valid" beside a false code
        page.context.close()

        page = a_page(phone, permissions=["camera"], offline=True)
        page.goto(offline_page.as_uri())
        page.locator("#watch").click()
        expect(page.locator("#result.late")).to_contain_text("签名是假的")
        expect(page.locator("#result")).not_to_contain_text("陈晓禾")
        page.context.close()


def test_a_photo_and_a_pasted_text_do_as_well_offline(
    papers: Papers, offline_page: Path, browser: Browser, tmp_path: Path
) -> None:
    page = a_page(browser, offline=True)
    page.goto(offline_page.as_uri())
    for name, picture, verdict in (("true", papers.true, "ok"), ("forged", papers.forged, "late")):
        photo = tmp_path / f"{name}.png"
        picture.save(photo)
        page.locator("#photo").set_input_files(photo)
        expect(page.locator(f"#result.{verdict}")).to_be_visible()
    assert axe(page) == []
    assert page.evaluate(TARGETS, 44) == []
    page.locator("#text").fill("https://wenming.example.org/")
    page.locator("#typed button").click()
    expect(page.locator("#result.late")).to_contain_text("读不出来")
    page.context.close()
