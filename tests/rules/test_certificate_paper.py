"""The PDF read back: text, typeface, page, QR; the same facts the same bytes."""

from __future__ import annotations

import io
import time
from collections import namedtuple
from datetime import date, timedelta

import pylopdf_fonts_zh_cn
import pypdf
import pypdfium2
import pytest
import zxingcpp
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

from tests.rules.test_certificate_statement import FIRST, LAST, REPAIR, VISIT, an_entry
from tests.rules.test_signed_text import KEY, NOW, SECRET
from volunteer.certificates import render
from volunteer.certificates.signatures import claims_of
from volunteer.certificates.signing import check, signed_text
from volunteer.certificates.statement import as_facts, digest, state
from volunteer.kernel.errors import Invalid

HOME = "https://wenming.example.org"
Signed = namedtuple("Signed", "kid text")  # noqa: PYI024


def some_facts(entries=None, **changed):
    entries = entries or [an_entry(minutes=2890), an_entry(service=VISIT, day=LAST, minutes=4700, grade="c")]
    facts = as_facts(state(entries, FIRST, LAST, "abc"))
    facts |= {
        "locale": "zh_Hans", "number": "2611005831274", "issued": "2026-11-20",
        "holder": {"name": "陈晓禾", "document": "3205************1X", "number": "WJ-0031-8842"},
        "unit": ["演示县松陵街道文明实践所", "Songling Branch"], "in_charge": "沈明", "handler": "", "contact": "0512-00000000",
    }  # fmt: skip
    return facts | changed


def printed(facts):
    return render.render(facts, HOME)


def read(pdf):
    return pypdf.PdfReader(io.BytesIO(pdf))


def text_of(pdf):
    """All text without spaces: letter-spaced titles read back with gaps."""
    return "".join("".join(page.extract_text() for page in read(pdf).pages).split())


def test_it_says_what_the_law_wants_in_text_that_can_be_selected():
    text = text_of(printed(some_facts()))
    for part in (
        "志愿服务记录证明", "兹证明陈晓禾（证件号3205************1X，志愿者号WJ-0031-8842）", "自2025年11月20日至2026年11月19日",
        "参加志愿服务2次，累计126小时30分", "水电维修", "陪诊就医", "C队长点名", "记录单位：演示县松陵街道文明实践所",
        "负责人：沈明", "经办：本人自助打印", "联系电话：0512-00000000", "二〇二六年十一月二十日", "2611005831274",
        "服务记录明细", "鲈乡站", "换灯管",
    ):  # fmt: skip
        assert part in text, part


def test_it_says_so_in_english_too():
    text = text_of(printed(some_facts(locale="en")))
    for part in (
        "CertificateofVolunteerService", "tookpartinvolunteerservice2timesfrom20November2025to19November2026",
        "foratotalof126h30min", "Hospitalvisits", "Recordedby:SonglingBranch", "20November2026", "Newlamp", "Luxiang",
    ):  # fmt: skip
        assert part in text, part


def test_every_typeface_is_embedded_and_subset():
    fonts = {}
    for page in read(printed(some_facts())).pages:
        for font in page["/Resources"]["/Font"].values():
            below = font.get_object()["/DescendantFonts"][0].get_object()
            fonts[font.get_object()["/BaseFont"]] = "/FontFile3" in below["/FontDescriptor"]
    assert fonts
    assert all(embedded for embedded in fonts.values())
    assert all(name[7:8] == "+" and "NotoSerifSC" in name for name in fonts)  # six letters and a plus: a subset


def test_it_is_a4_on_its_side_and_small():
    pdf = printed(some_facts())
    for page in read(pdf).pages:
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (842, 595)
    assert len(pdf) < 200_000


@pytest.mark.parametrize("locale", ["zh_Hans", "en"])
def test_its_qr_code_opens_the_public_page(locale):
    page = pypdfium2.PdfDocument(printed(some_facts(locale=locale)))[0]
    picture = page.render(scale=150 / 72).to_pil()  # a poor printer
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [f"{HOME}/verify/2611005831274"]


@pytest.mark.parametrize("locale", ["zh_Hans", "en"])
def test_its_qr_code_carries_the_signed_text_and_the_paper_says_under_which_key(locale):
    facts = some_facts(locale=locale)
    text = signed_text(claims_of(facts, digest(facts), NOW), KEY.kid, SECRET.sign)
    pdf = render.render(facts, HOME, Signed(KEY.kid, text))
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=150 / 72).to_pil()
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text.startswith("HTTPS://WENMING.EXAMPLE.ORG/V/2611005831274#VH1:")
    claims = check(code.text, (KEY,), at=NOW).claims
    assert (claims.name, claims.document, claims.minutes, claims.digest) == ("陈晓禾", "3205*1X", 7590, digest(facts))
    assert f"{KEY.kid}" in text_of(pdf)
    assert digest(facts)[:16] in text_of(pdf)
    assert pdf == render.render(facts, HOME, Signed(KEY.kid, text))


def test_the_same_facts_give_the_same_bytes_whenever_they_are_printed():
    first = printed(some_facts())
    time.sleep(1.1)  # the clock of a PDF counts seconds
    assert printed(some_facts()) == first
    assert printed(some_facts(issued="2026-11-21")) != first


def test_one_page_sums_up_and_the_following_spell_out():
    entries = [
        an_entry(day=FIRST + timedelta(days=n), service=(f"第{n % 12}类", ""), unit=(f"第{n % 2}所", "")) for n in range(60)
    ]
    reader = read(printed(some_facts(entries)))
    pages = ["".join(page.extract_text().split()) for page in reader.pages]
    assert len(pages) > 2
    assert "合计60" in pages[0]
    assert "其他5类" in pages[0]
    assert "1/" not in pages[0]
    assert "60" in pages[-1]
    assert "第1所" in pages[1]  # several units recorded: each line says which
    assert all("编号2611005831274" in page for page in pages[1:])


@pytest.mark.parametrize("locale", ["zh_Hans", "en"])
def test_the_fullest_first_page_still_holds_its_foot(locale):
    long = ("新时代文明实践陪伴就医与取药服务", "Company on the way to hospital and the pharmacy")
    entries = [
        an_entry(service=(f"{long[0]}{n}", f"{long[1]} {n}"), grade="abcd"[m], minutes=6000 + 59 * m)
        for n in range(9)
        for m in range(4)
    ]
    facts = some_facts(
        entries, locale=locale, unit=["演示县盛泽镇兴桥社区新时代文明实践站", "Xingqiao Civilization Practice Station"]
    )
    facts["holder"] |= {"name": "买买提·艾力·阿卜杜热合曼"}
    first = "".join(read(printed(facts)).pages[0].extract_text().split())
    assert "2611005831274" in first
    assert ("二〇二六年十一月二十日" if locale == "zh_Hans" else "20November2026") in first


def test_one_service_is_once():
    text = text_of(printed(some_facts([an_entry(service=REPAIR)], locale="en")))
    assert "volunteerserviceoncefrom" in text


def test_a_name_without_document_or_number_leaves_no_empty_brackets():
    holder = {"name": "陈晓禾", "document": "", "number": ""}
    text = text_of(printed(some_facts(holder=holder)))
    assert "兹证明陈晓禾自2025年" in text


@pytest.mark.parametrize("where", ["holder", "unit", "entry"])
def test_a_character_that_the_typeface_lacks_is_named_and_not_printed_as_a_box(where):
    rare = "𠮷"
    facts = some_facts([an_entry(place=(rare, ""))]) if where == "entry" else some_facts()
    if where == "holder":
        facts["holder"] |= {"name": f"{rare}田"}
    if where == "unit":
        facts["unit"] = [f"{rare}所", ""]
    with pytest.raises(Invalid) as refusal:
        printed(facts)
    assert refusal.value.context["characters"] == rare


@pytest.mark.parametrize("name", ["欧阳娜娜", "买买提·艾力", "䶮㛃", "Zoë Müller", "Nguyễn Ánh"])
def test_usual_names_can_be_printed(name):
    render.refuse_unprintable(some_facts(holder={"name": name, "document": "", "number": ""}))


def test_an_unknown_typeface_is_an_error_and_not_a_substitute(monkeypatch, tmp_path):
    paper = tmp_path / "paper.typ"
    paper.write_text('#set text(font: "No Such Song")\n#json(bytes(sys.inputs.paper)).number', encoding="utf-8")
    monkeypatch.setattr(render, "PAPER", paper)
    monkeypatch.setattr(render, "STANDARDS", [])
    with pytest.raises(RuntimeError, match="unknown font family"):
        printed(some_facts())


def test_the_file_carries_its_title_language_and_day():
    reader = read(printed(some_facts()))
    assert reader.metadata.title == "志愿服务记录证明 2611005831274"
    assert reader.metadata.creation_date.date() == date(2026, 11, 20)
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"
    assert "/StructTreeRoot" in reader.trailer["/Root"]  # tagged: it can be read aloud


@pytest.fixture
def rare(tmp_path):
    """A folder with a typeface that has one rare character, drawn like a common one, and nothing else."""
    font = TTFont(pylopdf_fonts_zh_cn.sans_path())
    subsetter = subset.Subsetter(subset.Options(drop_tables=["GSUB", "GPOS", "vhea", "vmtx", "VORG", "BASE"]))
    subsetter.populate(unicodes=[ord("吉")])
    subsetter.subset(font)
    (glyph,) = {name for table in font["cmap"].tables for name in table.cmap.values()}
    wide = CmapSubtable.newSubtable(12)
    wide.platformID, wide.platEncID, wide.format, wide.reserved, wide.length, wide.language = 3, 10, 12, 0, 0, 0
    wide.cmap = {ord("𠮷"): glyph}
    font["cmap"].tables = [wide]
    for name in font["name"].names:
        name.string = "Rare"
    font.save(tmp_path / "rare.otf")
    font.close()
    return tmp_path


def test_another_typeface_helps_with_a_rare_name(rare):
    facts = some_facts(holder={"name": "𠮷田", "document": "", "number": "1"})
    with pytest.raises(Invalid):
        render.render(facts, HOME)
    pdf = render.render(facts, HOME, more_fonts=rare)
    assert "𠮷田" in text_of(pdf)
    assert render.render(facts, HOME, more_fonts=rare) == pdf
    plain = some_facts()
    assert render.render(plain, HOME, more_fonts=rare) == render.render(plain, HOME)  # nothing else looks different
