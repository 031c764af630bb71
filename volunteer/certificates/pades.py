"""A PAdES signature (ETSI EN 319 142-1, level B-B) on a PDF of ours: what was printed stays as it is, the signature follows it.

Written for the PDFs that typst makes and for speed: a general signer reads and writes the whole file again and takes longer than
typst. What comes out is checked in the tests by OpenSSL, PDFium and pyHanko, none of which has a part in making it. Equal PDF,
key and time give equal bytes. PDF/A and PDF/UA stay: the field has no size and lies outside the page, so there is nothing to
show and nothing to read aloud.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from volunteer.certificates.signers import Signer

ROOM = 512  # bytes beside the certificates for everything else in the signature; an RSA key's own length comes on top
WIDTH = 10  # digits of a number in /ByteRange
FIELD = "Signature1"
WIDGET_FLAGS = 132  # print, locked
SIGNATURES_EXIST_APPEND_ONLY = 3


@dataclass(frozen=True, slots=True)
class Reason:
    """What the reader shows beside the name."""

    reason: str
    place: str


def sign(pdf: bytes, signer: Signer, why: Reason, *, at: datetime) -> bytes:
    """Return ``pdf`` with the signature of ``signer`` appended; ``at`` is the time that the signature claims.

    Raises ValueError when the PDF is not built as typst builds it.
    """
    table = _Table(pdf)
    root_number, page_number = table.root, table.first_page
    signature, field = table.size, table.size + 1
    room = 2 * (len(signer.chain_bytes) + signer.signature_size + ROOM)

    form = b"/AcroForm<</Fields[%d 0 R]/SigFlags %d>>>>" % (field, SIGNATURES_EXIST_APPEND_ONLY)
    root = _extended(table.object(root_number), b"/AcroForm", form)
    page = _extended(table.object(page_number), b"/Annots", b"/Annots[%d 0 R]>>" % field)
    widget = (
        b"<</Type/Annot/Subtype/Widget/FT/Sig/T%s/TU%s/F %d/Rect[-9 -9 -9 -9]/P %d 0 R/V %d 0 R>>"
        % (_text(FIELD), _text(why.reason), WIDGET_FLAGS, page_number, signature)
    )  # fmt: skip
    holder = (
        b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:%s)/Name%s/Reason%s/Location%s"
        b"/ByteRange[0 %s]/Contents<%s>>>"
        % (
            f"{at.astimezone(UTC):%Y%m%d%H%M%SZ}".encode(), _text(signer.name), _text(why.reason), _text(why.place),
            b" ".join([b" " * WIDTH] * 3), b"0" * room,
        )
    )  # fmt: skip

    out = bytearray(pdf)
    offsets = {}
    for number, body in ((root_number, root), (page_number, page), (signature, holder), (field, widget)):
        out += b"" if out.endswith(b"\n") else b"\n"
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += _cross_references(offsets)
    out += table.trailer(size=field + 1, identity=hashlib.sha256(pdf + signer.fingerprint).hexdigest()[:32])
    out += b"startxref\n%d\n%%%%EOF\n" % start

    begins = out.index(b"/Contents<", offsets[signature]) + len(b"/Contents")
    ends = begins + room + 2
    numbers = b" ".join(str(number).rjust(WIDTH).encode() for number in (begins, ends, len(out) - ends))
    slot = out.index(b"/ByteRange[0 ", offsets[signature]) + len(b"/ByteRange[0 ")
    out[slot : slot + len(numbers)] = numbers
    digest = hashlib.sha256(memoryview(out)[:begins])
    digest.update(memoryview(out)[ends:])
    cms = signer.sign_digest(digest.digest()).hex().encode()
    if len(cms) > room:
        raise ValueError("the signature is larger than its room")
    out[begins + 1 : begins + 1 + len(cms)] = cms
    return bytes(out)


class _Table:
    """Where the objects of a PDF lie: one classic table, as typst writes it."""

    def __init__(self, pdf: bytes) -> None:
        self.pdf = pdf
        tail = pdf[-200:]
        found = re.search(rb"trailer\n<<(.*)>>\nstartxref\n(\d+)\n%%EOF\s*$", tail, re.DOTALL)
        if found is None:
            raise ValueError("this PDF has no plain trailer")
        self.words, self.start = found[1], int(found[2])
        head = re.compile(rb"xref\n0 (\d+)\n").match(pdf, self.start)
        if head is None:
            raise ValueError("this PDF has no plain table")
        self.size, self.rows = int(head[1]), head.end()

    @property
    def root(self) -> int:
        return _number(rb"/Root (\d+) 0 R", self.words)

    @property
    def first_page(self) -> int:
        number = _number(rb"/Pages (\d+) 0 R", self.object(self.root))
        while b"/Type/Pages" in (body := self.object(number)):
            number = _number(rb"/Kids\[(\d+) 0 R", body)
        return number

    def object(self, number: int) -> bytes:
        row = self.pdf[self.rows + 20 * number : self.rows + 20 * number + 10]
        begins = int(row)
        head = b"%d 0 obj\n" % number
        if not self.pdf.startswith(head, begins):
            raise ValueError("this PDF's table is wrong")
        return self.pdf[begins + len(head) : self.pdf.index(b"\nendobj", begins)]

    def trailer(self, *, size: int, identity: str) -> bytes:
        first = re.search(rb"/ID\[(\([^)]*\)|<[^>]*>)", self.words)
        info = re.search(rb"/Info \d+ 0 R", self.words)
        if first is None:
            raise ValueError("this PDF has no identity")
        ids = first[1] + b"<%s>" % identity.encode()
        known = b"/Root %d 0 R%s" % (self.root, info[0] if info else b"")
        return b"trailer\n<</Size %d%s/Prev %d/ID[%s]>>\n" % (size, known, self.start, ids)


def _number(pattern: bytes, text: bytes) -> int:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"this PDF lacks {pattern!r}")
    return int(found[1])


def _extended(body: bytes, without: bytes, end: bytes) -> bytes:
    """Return the dictionary ``body`` with ``end`` in place of its closing brackets."""
    if not body.endswith(b">>") or without in body:
        raise ValueError("this PDF is signed, or has forms or notes of its own")
    return body[:-2] + end


def _text(words: str) -> bytes:
    """Return a PDF string of any characters."""
    return b"<FEFF%s>" % words.encode("utf-16-be").hex().encode()


def _cross_references(offsets: dict[int, int]) -> bytes:
    out = bytearray(b"xref\n")
    for first, group in _runs(sorted(offsets)):
        out += b"%d %d\n" % (first, len(group))
        for number in group:
            out += b"%010d 00000 n\r\n" % offsets[number]
    return bytes(out)


def _runs(numbers: Iterable[int]) -> list[tuple[int, list[int]]]:
    """Return numbers that follow one another in groups, each with its first."""
    runs: list[tuple[int, list[int]]] = []
    for number in numbers:
        if runs and runs[-1][1][-1] + 1 == number:
            runs[-1][1].append(number)
        else:
            runs.append((number, [number]))
    return runs
