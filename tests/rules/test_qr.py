"""QR codes made many at a time: a scanner reads them, and where segno keeps to the standard they are its codes, module for module."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import segno
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from segno.consts import MODE_ALPHANUMERIC, MODE_BYTE

from volunteer.certificates import qr

HEAD = "HTTPS://WENMING.EXAMPLE.ORG/V/2611005831274"


def scanned(code):
    rows = np.pad(1 - code.matrix, 4, constant_values=1) * 255
    return [one.text for one in zxingcpp.read_barcodes(np.kron(rows, np.ones((3, 3))).astype(np.uint8))]


@pytest.mark.parametrize("level", ["q", "m"])
@pytest.mark.parametrize("length", [1, 2, 3, 17, 60, 133, 268, 435, 436, 700])
def test_segno_makes_the_same(length, level):
    text = "".join(qr.ALPHABET[(37 * place * place + length) % 45] for place in range(length))
    parts = [qr.Part(HEAD), qr.Part("#"), qr.Part(text)]
    modes: Any = [(part.text, MODE_ALPHANUMERIC if part.mode == qr.CAPITALS else MODE_BYTE) for part in parts]
    theirs = segno.make_qr(modes, error=level, boost_error=False, mask=qr.MASK)
    ours = qr.code_of(parts, level)
    assert (ours.version, ours.error) == (theirs.version, theirs.error)
    bits = sum(len(part.bits(ours.version)) for part in parts)
    if (bits + 4) % 8:  # segno adds a word of zeros where none is needed
        assert (ours.matrix == np.array([list(row) for row in theirs.matrix])).all()
    assert scanned(ours) == [HEAD + "#" + text]


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=200))
def test_a_scanner_reads_anything(text):
    assert scanned(qr.code_of([qr.Part(text)], "q")) == [text]


def test_what_is_too_long_is_no_code():
    assert qr.code_of([qr.Part("a" * 500)], "q", finest=16) is None
    assert qr.code_of([qr.Part("a" * 3000)], "m") is None


def test_a_quarter_may_be_hidden():
    code = qr.code_of([qr.Part(HEAD), qr.Part("#"), qr.Part("VH1:" + "7K9" * 130)], "q")
    size = len(code.matrix)
    code.matrix[size // 2 : size // 2 + size // 3, size // 3 : size // 3 + size // 3] = 1
    assert scanned(code)[0].startswith(HEAD)


def test_the_picture_says_the_same_as_the_modules():
    code = qr.code_of([qr.Part(HEAD)], "q")
    picture = qr.svg(code, "#000")
    runs = picture.split('d="')[1].split('"')[0].split("M")[1:]
    drawn = np.zeros_like(code.matrix)
    for run in runs:
        place, length = run.split("h")
        column, row = place.split()
        drawn[int(row.removesuffix(".5")), int(column) : int(column) + int(length)] = 1
    assert (drawn == code.matrix).all()
