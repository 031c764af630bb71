"""The signature in a PDF, as three programs see it that had no part in making it: PDFium, OpenSSL, pyHanko."""

from __future__ import annotations

import ctypes
import io
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdf
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

from tests.rules.test_certificate_paper import HOME, some_facts
from volunteer.certificates import authority, checking, pades, signers
from volunteer.certificates.printing import Sheet, signer_in
from volunteer.certificates.signers import NoSigner

CENTRE = "演示县新时代文明实践中心"
MADE_AT = datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def made():
    return authority.make(CENTRE, at=MADE_AT)


@pytest.fixture(scope="module")
def signer(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("authority")
    authority.save(made, folder / "centre.p12", folder / "password", folder / "root.pem")
    return signer_in(folder / "centre.p12", folder / "password")


@pytest.fixture(scope="module")
def signed(signer):
    return a_pdf(signer)


def a_pdf(signer, **facts):
    return Sheet(some_facts(**facts), HOME, None, signer).pdf()


def as_pdfium_sees_it(pdf):
    """Return the bytes that are signed, and the signature, as PDFium takes them out of the file."""
    document = pypdfium2.PdfDocument(pdf)
    assert pdfium.FPDF_GetSignatureCount(document) == 1
    one = pdfium.FPDF_GetSignatureObject(document, 0)
    spans = (ctypes.c_int * pdfium.FPDFSignatureObj_GetByteRange(one, None, 0))()
    pdfium.FPDFSignatureObj_GetByteRange(one, spans, len(spans))
    room = ctypes.create_string_buffer(pdfium.FPDFSignatureObj_GetContents(one, None, 0))
    pdfium.FPDFSignatureObj_GetContents(one, room, len(room))
    begins, size, then, rest = spans
    assert (begins, then + rest) == (0, len(pdf))  # nothing of the file but the signature itself is left out
    return pdf[:size] + pdf[then:], room.raw


def openssl_says(pdf, root_pem, folder):
    content, signature = as_pdfium_sees_it(pdf)
    for name, data in (("content", content), ("signature", signature), ("root.pem", root_pem)):
        (folder / name).write_bytes(data)
    words = ["openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-purpose", "any", "-out", "/dev/null"]
    files = ["-in", folder / "signature", "-content", folder / "content", "-CAfile", folder / "root.pem"]
    return subprocess.run([*words, *files], capture_output=True, text=True, check=False)


def test_openssl_verifies_what_pdfium_finds(signed, made, tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("the machine has no openssl")
    said = openssl_says(signed, made.root_pem, tmp_path)
    assert said.returncode == 0, said.stderr
    assert "successful" in said.stderr
    stranger = authority.make(CENTRE, at=MADE_AT)
    assert openssl_says(signed, stranger.root_pem, tmp_path).returncode != 0


def test_pyhanko_finds_it_whole_and_trusts_the_root(signed, made):
    found = checking.verdict(signed, made.root_pem)
    assert (found.sound, found.trusted) == (True, True)
    assert CENTRE in found.words
    assert checking.verdict(signed, None).trusted is False


def test_a_byte_that_was_changed_anywhere_is_noticed(signed, made):
    content, _ = as_pdfium_sees_it(signed)
    for place in (1_000, len(content) // 2, len(signed) - 40, signed.index(b"/ByteRange") + 14, signed.index(b"/M(D:") + 8):
        broken = bytearray(signed)
        broken[place] ^= 1
        assert not checking.verdict(bytes(broken), made.root_pem).sound, place
    assert not checking.verdict(signed + b"\n", made.root_pem).sound
    assert not checking.verdict(b"%PDF-1.7", made.root_pem).sound
    assert checking.verdict(a_pdf(None), made.root_pem).words == "not signed"


def test_what_is_shown_is_what_was_printed_before(signed):
    plain, page = pypdf.PdfReader(io.BytesIO(a_pdf(None))).pages[0], pypdf.PdfReader(io.BytesIO(signed)).pages[0]
    assert page.extract_text() == plain.extract_text()
    fields: Any = page
    widget = fields["/Annots"][0].get_object()
    assert widget["/Rect"][0] == widget["/Rect"][2] < 0  # no size, and outside the page: nothing to show, nothing to read aloud
    assert widget["/F"] == 132
    assert fields["/Tabs"] == "/S"


def test_pdf_a_and_pdf_ua_are_still_claimed(signed):
    root: Any = pypdf.PdfReader(io.BytesIO(signed)).trailer["/Root"]
    data = root["/Metadata"].get_data().decode()
    assert "pdfaid:part>2<" in data
    assert "pdfuaid:part>1<" in data


def test_who_signed_why_and_when(signed):
    value = pypdf.PdfReader(io.BytesIO(signed)).get_fields()["Signature1"]["/V"]
    assert value["/SubFilter"] == "/ETSI.CAdES.detached"
    assert (value["/Name"], value["/Reason"], value["/Location"]) == (CENTRE, "志愿服务记录证明", "演示县松陵街道文明实践所")
    assert value["/M"] == "D:20261120035500Z"  # the certificate is younger than the day of issue


def test_the_same_facts_and_key_give_the_same_bytes(signed, signer):
    assert a_pdf(signer) == signed
    assert a_pdf(signer, issued="2026-11-22") != signed


def test_an_rsa_key_of_a_public_authority_signs_too(tmp_path):
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A public authority's customer")])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(MADE_AT).not_valid_after(MADE_AT + timedelta(days=400))
        .add_extension(x509.KeyUsage(True, True, False, False, False, False, False, False, False), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path / "rsa.p12"
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"", key, certificate, None, NoEncryption()))
    found = checking.verdict(a_pdf(signers.read(path, None)), None)
    assert (found.sound, found.trusted) == (True, False)


def test_a_key_that_cannot_be_used_says_why_and_nothing_is_signed(made, tmp_path):
    path, password = tmp_path / "centre.p12", tmp_path / "password"
    assert signer_in(path, password) is None
    path.write_bytes(made.centre_p12)
    password.write_bytes(b"wrong")
    assert signer_in(path, password) is None
    with pytest.raises(NoSigner, match="cannot be read"):
        signers.read(path, b"wrong")
    password.write_bytes(made.password + b"\n")
    assert signer_in(path, password).name == CENTRE


def test_the_authority_never_writes_over_a_key(made, tmp_path):
    files = [tmp_path / name for name in ("centre.p12", "password", "root.pem")]
    authority.save(made, *files)
    assert [oct(path.stat().st_mode & 0o777) for path in files] == ["0o600"] * 3
    with pytest.raises(FileExistsError):
        authority.save(authority.make(CENTRE, at=MADE_AT), *files)
    assert files[0].read_bytes() == made.centre_p12


def test_the_authority_says_of_itself_that_it_is_no_public_one(made):
    root = x509.load_pem_x509_certificate(made.root_pem)
    assert "自建CA self-made" in root.subject.rfc4514_string()
    assert len(authority.make("很" * 200, at=MADE_AT).root_pem) > 0


def test_what_typst_did_not_print_is_not_signed(signer, signed):
    why = pades.Reason("", "")
    for pdf in (b"%PDF-1.7\n%%EOF", signed):
        with pytest.raises(ValueError, match="this PDF"):
            pades.sign(pdf, signer, why, at=MADE_AT)
