"""From frozen facts to a PDF. The same facts give the same bytes, whoever prints them and whenever."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from string import Formatter
from typing import Any, Protocol

import typst

from volunteer.certificates import qr, typefaces, wording
from volunteer.certificates.signing import address
from volunteer.certificates.statement import digest
from volunteer.certificates.wording import duration, in_fours, pick, spread
from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_

TEMPLATES = Path(__file__).parents[2] / "templates" / "certificates"
PAPER, PAPERS = TEMPLATES / "certificate.typ", TEMPLATES / "certificates.typ"
STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]  # keeps for decades; reads aloud
HEAVY = frozenset({"name", "times", "time", "star", "home", "served"})
WHOLE = frozenset({"first", "last"})  # not broken over two lines
INK = "#1F2A30"
FINEST = 16  # version of a QR code that a phone still reads from paper
CLASSES = 8  # rows of the table on the first page; the rest is summed up in one


class Signed(Protocol):
    """The text that a certificate's QR code carries, and the name of the key that signed it."""

    @property
    def kid(self) -> str: ...
    @property
    def text(self) -> str: ...


def render(facts: dict[str, Any], public_url: str, signed: Signed | None = None, *, more_fonts: Path | None = None) -> bytes:
    """Return the certificate of ``facts`` as a PDF, A4 landscape, with a QR code that opens its page at ``public_url``.

    With ``signed`` the code carries the signed text, too, and the paper says under which key and of what digest.

    Raises Invalid when a name holds a character that no typeface has: a box in place of a name is no proof. ``more_fonts``
    is a folder with typefaces for rare characters, which the paper's own lacks.
    """
    refuse_unprintable(facts, more_fonts)
    day = date.fromisoformat(facts["issued"])
    return compiled(PAPER, "paper", paper(facts, public_url, signed, more_fonts), day, more_fonts)


def render_many(
    sheets: Sequence[tuple[dict[str, Any], Signed | None]],
    public_url: str,
    title: str,
    author: str,
    more_fonts: Path | None = None,
) -> bytes:
    """Return many certificates in one PDF for the printer; it is as old as the youngest of them. Raises like ``render``."""
    for facts, _ in sheets:
        refuse_unprintable(facts, more_fonts)
    day = max(date.fromisoformat(facts["issued"]) for facts, _ in sheets)
    papers = [paper(facts, public_url, signed, more_fonts) for facts, signed in sheets]
    words = {"title": title, "author": author, "date": [day.year, day.month, day.day], "papers": papers}
    return compiled(PAPERS, "batch", words, day, more_fonts)


def compiled(template: Path, name: str, words: dict[str, Any], day: date, more_fonts: Path | None = None) -> bytes:
    """Return what typst prints of ``words``, which it finds under ``name``. It claims to be made on ``day``."""
    pdf, warnings = typst.compile_with_warnings(
        template,
        format="pdf",
        font_paths=typefaces.fonts(more_fonts),
        ignore_system_fonts=True,
        sys_inputs={name: json.dumps(words, ensure_ascii=False)},
        pdf_standards=STANDARDS,
        timestamp=datetime.combine(day, time(), tzinfo=UTC),
    )
    if warnings:  # "unknown font family" would print in whatever the machine has
        raise RuntimeError("; ".join(warning.message for warning in warnings))
    return pdf


def refuse_unprintable(facts: dict[str, Any], more_fonts: Path | None = None) -> None:
    """Raise Invalid, naming the characters, when something on the paper could not be printed."""
    known = typefaces.characters(more_fonts)
    missing = sorted({character for text in _texts(facts) for character in text if ord(character) not in known})
    if missing:
        raise Invalid(
            "certificate_unprintable",
            N_("The certificate's typeface lacks these characters: %(characters)s. Tell the centre, they will help."),
            characters=" ".join(missing),
        )


def paper(facts: dict[str, Any], public_url: str, signed: Signed | None = None, more_fonts: Path | None = None) -> dict[str, Any]:
    """Return everything the page says, as words in the locale of ``facts``.

    The address is no fact: when the centre moves to another, a certificate printed again leads to the new one.
    """
    locale: str = facts["locale"]
    words = words_of(facts)
    issued = date.fromisoformat(facts["issued"])
    holder, total = facts["holder"], duration(facts["minutes"], locale)
    number = in_fours(facts["number"])
    home = public_url.rstrip("/")
    url = f"{home}/verify/{facts['number']}"
    return {
        **{name: words[name] for name in ("lang", "region", "title", "subtitle", "head", "seal", "details", "entry_head")},
        "fonts": typefaces.families(more_fonts),
        "number": facts["number"],
        "number_label": words["number"],
        "number_grouped": number,
        "date": [issued.year, issued.month, issued.day],
        "unit": pick(facts["unit"], locale),
        "stars": facts.get("stars", 0),
        "award": words["award"].format(facts["award"]) if "award" in facts else "",
        "description": words["description"].format(
            name=holder["name"], times=facts["times"], time=total, star=wording.star(facts.get("stars", 0), locale)
        ),
        "sentence": _sentence(facts, locale),
        "services": _services(facts, locale),
        "total": {"name": words["total"], "times": str(facts["times"]), "time": total, "note": words["total_note"]},
        "legend_label": words["legend"],
        "legend": [{"grade": grade.upper(), "words": words["grades"][grade]} for grade in facts["grades"]],
        "check": [line.format(site=f"{home.partition('://')[2]}/verify") for line in (*words["check"], *words["free"])],
        "signature": words["signature"].format(kid=wording.in_fours(signed.kid), digest=short_digest(facts)) if signed else "",
        "qr": qr.svg(qr_of(address(home, facts["number"], signed.text) if signed else url), INK),
        "qr_alt": words["qr_alt"].format(url=url),
        "signed": _signed(facts, locale),
        "entries": _entries(facts, locale),
        "wide": [0, 0, 2, 3, 3, 0, 0],
        "footer": words["footer"].format(name=holder["name"], number=number),
    }


def short_digest(facts: dict[str, Any]) -> str:
    """Return the first 16 digits of the digest of ``facts`` in groups of four, to be compared by eye."""
    return wording.in_fours(digest(facts)[:16])


def words_of(facts: dict[str, Any]) -> Mapping[str, Any]:
    """Return the vocabulary of the paper of ``facts``; those of format 1 had no kinds."""
    return wording.words(facts["locale"], facts.get("kind", "service"))


def _sentence(facts: dict[str, Any], locale: str) -> list[dict[str, Any]]:
    """Return the certifying sentence in pieces, every second one heavy."""
    words, holder = words_of(facts), facts["holder"]
    known = [text.format(holder[name]) for name, text in words["known"].items() if holder[name]]
    values = {
        "name": holder["name"],
        "known": words["brackets"].format(words["comma"].join(known)) if known else "",
        "first": wording.day(date.fromisoformat(facts["first"]), locale),
        "last": wording.day(date.fromisoformat(facts["last"]), locale),
        "times": wording.times(facts["times"], locale),
        "time": duration(facts["minutes"], locale),
        "star": wording.star(facts.get("stars", 0), locale),
        "home": pick(facts.get("home", ("", "")), locale),
        "served": wording.listed([pick(county, locale) for county in facts.get("served", ())] or [""], locale),
    }
    pieces: list[dict[str, Any]] = []
    for literal, name, _, _ in Formatter().parse(words["sentence"]):
        pieces.append({"words": literal, "heavy": False, "whole": False})
        if name:
            pieces.append({"words": values[name], "heavy": name in HEAVY, "whole": name in WHOLE})
    return [piece for piece in pieces if piece["words"]]


def _services(facts: dict[str, Any], locale: str) -> list[dict[str, Any]]:
    """Return the rows of the first page's table; what does not fit is one row, spelt out on the following pages."""
    lines = facts["services"]
    kept = lines if len(lines) <= CLASSES else lines[: CLASSES - 1]
    rows = [_service(pick(line["service"], locale), line["times"], line["minutes"], line["grades"], locale) for line in kept]
    if rest := lines[len(kept) :]:
        grades: dict[str, int] = {}
        for grade, minutes in (pair for line in rest for pair in line["grades"]):
            grades[grade] = grades.get(grade, 0) + minutes
        name = wording.words(locale)["other"].format(count=len(rest))
        times, minutes = sum(line["times"] for line in rest), sum(line["minutes"] for line in rest)
        rows.append(_service(name, times, minutes, sorted(grades.items()), locale))
    return rows


def _service(name: str, times: int, minutes: int, grades: Sequence[Sequence[Any]], locale: str) -> dict[str, Any]:
    ways = wording.words(locale)["grades"]
    how = [
        {"grade": grade.upper(), "words": ways[grade] if len(grades) == 1 else duration(part, locale)} for grade, part in grades
    ]
    return {"name": name, "times": str(times), "time": duration(minutes, locale), "how": how}


def _signed(facts: dict[str, Any], locale: str) -> list[str]:
    words = words_of(facts)
    people = [words["in_charge"] + spread(facts["in_charge"])] if facts["in_charge"] else []
    people.append(words["handler"] + (spread(facts["handler"]) or words["oneself"]))
    lines = [words["unit"] + pick(facts["unit"], locale), "\u3000\u3000".join(people)]
    lines.append(words["contact"] + facts["contact"] if facts["contact"] else "")
    lines.append(wording.signed_day(date.fromisoformat(facts["issued"]), locale))
    return [line for line in lines if line]


def _entries(facts: dict[str, Any], locale: str) -> list[dict[str, Any]]:
    ways = wording.words(locale)["grades"]
    units = {tuple(entry["unit"]) for entry in facts["entries"]}
    return [
        {
            "number": str(number),
            "day": entry["day"],
            "service": pick(entry["service"], locale),
            "content": pick(entry["content"], locale),
            "place": pick(entry["place"], locale),
            "time": duration(entry["minutes"], locale),
            "how": {"grade": entry["grade"].upper(), "words": ways[entry["grade"]]},
            "unit": pick(entry["unit"], locale) if len(units) > 1 else "",
        }
        for number, entry in enumerate(facts["entries"], 1)
    ]


def qr_of(address: str) -> qr.Code:
    """Return the QR code of ``address``, level Q: a quarter of it may be under a fold or a stain.

    What is written in capitals takes less room, so the parts before and behind ``#`` are packed apart. Where a long name
    would make the code too fine for a phone, level M has to do. Raises ValueError for what no code can hold.
    """
    parts = [qr.Part(text) for text in address.partition("#") if text]
    code = qr.code_of(parts, "q", finest=FINEST) or qr.code_of(parts, "m")
    if code is None:
        raise ValueError("too long for a QR code")
    return code


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in ``value``, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
