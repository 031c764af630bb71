"""Checking a certificate: by number, by its code, without a connection; what strangers are given for it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from datetime import timedelta

import base45
import cbor2
import pypdfium2
import pytest
import zxingcpp

from tests.pages.test_certificates import county, issue, me, number_of  # noqa: F401 - fixtures
from tests.support.services import ROOT
from tests.support.visiting import register, send, signed_in
from volunteer.access import Role
from volunteer.certificates import jobs, signatures, signing
from volunteer.certificates.models import Certificate
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.serials import check_digit
from volunteer.ledger import keys
from volunteer.ledger.models_keys import Loss, Purpose
from volunteer.web.unit import transaction


def scanned(pdf):
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=200 / 72).to_pil()
    (code,) = zxingcpp.read_barcodes(page, formats=zxingcpp.barcode_formats_from_str("QRCode"))
    return code.text


def code_of(me):  # noqa: F811
    number = number_of(issue(me))
    return number, scanned(me.get(f"/me/certificates/{number}.pdf").data)


def test_the_code_on_a_real_paper_opens_its_page_and_carries_what_is_signed(app, me, county):  # noqa: F811
    number, text = code_of(me)
    address, _, fragment = text.partition("#")
    path = "/" + address.partition("://")[2].partition("/")[2]
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/verify/{number}")
    assert fragment.startswith("VH1:")
    with app.app_context():
        believed = signatures.believed(db.session(), text, at=now())
    assert (believed.claims.name, believed.claims.document, believed.claims.minutes) == ("陈晓禾", "3205*1X", 120)
    page = app.test_client().get(f"/verify/{number}").get_data(as_text=True)
    assert f'data-digest="{believed.claims.digest}"' in page
    assert believed.kid[:4] in page
    assert "陈晓禾" not in page


def test_a_paper_signed_before_the_keys_were_changed_is_signed_by_a_retired_key(app, me, county):  # noqa: F811
    number, text = code_of(me)
    with app.app_context(), transaction() as session:
        keys.rotate(session, Purpose.CERTIFICATE, at=now())
    with app.app_context():
        assert signatures.believed(db.session(), text, at=now()).retired
    assert scanned(me.get(f"/me/certificates/{number}.pdf").data) == text  # the same facts, the same bytes
    listed = app.test_client().get("/verify/keys.json").get_json()["keys"]
    assert [key["ends"] is None for key in listed] == [False, True]


def test_a_paper_whose_key_was_revoked_is_told_apart_and_signed_anew(app, me, county):  # noqa: F811
    number, text = code_of(me)
    with app.app_context(), transaction() as session:
        key = keys.find(session, signatures.believed(session, text, at=now()).kid)
        kid, begins = key.kid, key.begins
        keys.revoke(session, key, now() + timedelta(hours=1), Loss.LEAKED, at=now())
    with app.app_context():
        assert signatures.believed(db.session(), text, at=now()).revoked  # its date is from before
    with app.app_context(), transaction() as session:
        keys.revoke(session, keys.find(session, kid), begins, Loss.LEAKED, at=now())
    with app.app_context(), pytest.raises(signing.Unbelievable, match="key_revoked"):
        signatures.believed(db.session(), text, at=now())
    client = app.test_client()
    said = [(one["revoked"] is not None, one["ends"] is not None) for one in client.get("/verify/keys.json").json["keys"]]
    assert said == [(True, True), (False, False)]
    assert "已作废" in client.get("/keys").text
    assert {one["revoked_why"] for one in client.get("/keys.json").json["keys"] if one["kid"] == kid} == {"leaked"}
    page = client.get(f"/verify/{number}").text
    assert 'data-when="key_revoked"' in page
    assert "&#34;revoked&#34;" in page
    with app.app_context(), transaction() as session:
        assert jobs.sign_old(session, now()) == 1
        assert jobs.sign_old(session, now()) == 0
    again = scanned(me.get(f"/me/certificates/{number}.pdf").data)
    assert again != text
    with app.app_context():
        assert not signatures.believed(db.session(), again, at=now()).revoked


def test_the_list_of_what_no_longer_holds_is_signed_and_names_nobody(app, me, county):  # noqa: F811
    old, text = code_of(me)
    with app.app_context(), transaction() as session:
        certificate = session.query(Certificate).filter_by(number=old).one()
        certificate.volunteer.person.name = "陈小禾"
        mark = signatures.unlisted(certificate.number, certificate.digest)
    assert mark not in app.test_client().get("/verify/status.json").get_data(as_text=True)
    new = number_of(send(me, f"/me/certificates/{old}/replace"))
    send(signed_in(app, register(app, "admin", Role.DIRECTOR)), f"/verify/{new}/revoke", {"reason": "重复计时"})

    said = app.test_client().get("/verify/status.json").get_json()
    known = {key["kid"]: bytes.fromhex(key["public"]) for key in app.test_client().get("/verify/keys.json").get_json()["keys"]}
    signature = base64.urlsafe_b64decode(said["signature"] + "==")
    assert keys.holds(known[said["kid"]], signature, signatures.STATUS + said["statement"].encode())
    listed = json.loads(said["statement"])
    assert listed["replaced"] == [mark]
    assert len(listed["revoked"]) == 1
    assert old not in said["statement"]
    assert new not in said["statement"]
    page = app.test_client().get(f"/verify/{old}").get_data(as_text=True)
    assert f"/verify/{new}" in page  # by which


def test_an_address_may_be_typed_and_its_number_is_found(client):
    number = "261100583127" + check_digit("261100583127")
    for typed in (f"https://x.example/verify/{number}", f"HTTPS://X.EXAMPLE/V/{number}#VH1:ABC", f" {number[:4]} {number[4:]}"):
        assert client.get("/verify", query_string={"number": typed}).headers["Location"] == f"/verify/{number}"
    assert client.get("/verify", query_string={"number": "https://x.example/verify/1"}).status_code == 422


def test_the_page_for_later_is_one_file_that_may_ask_nobody(app, me, county):  # noqa: F811
    number_of(issue(me))
    answer = app.test_client().get("/verify/offline.html?save=1")
    text, policy = answer.get_data(as_text=True), answer.headers["Content-Security-Policy"]
    assert "attachment" in answer.headers["Content-Disposition"]
    known = json.loads(re.search(r'<script type="application/json" id="known">(.*?)</script>', text)[1])
    assert len(known["keys"]) == 1
    assert known["address"].endswith("/verify")
    assert not re.search(r"<(?:script|img|link|iframe)[^>]+(?:src|href)=", text)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy  # so default-src holds: no request to anybody
    assert policy.replace("; frame-ancestors 'none'", "") in text
    assert "no-store" in answer.headers["Cache-Control"]


def test_every_other_page_keeps_the_policy_of_the_house(client):
    assert client.get("/verify").headers["Content-Security-Policy"].startswith("default-src 'self'; script-src 'self'")


def test_a_certificate_from_before_is_signed_by_the_job(app, me, county):  # noqa: F811
    from volunteer.certificates.jobs import sign_old
    from volunteer.certificates.models_signed import SignedText

    number = number_of(issue(me))
    with app.app_context(), transaction() as session:
        signed = session.query(SignedText).one()
        copy = Certificate(
            **{
                c.name: getattr(session.query(Certificate).one(), c.name)
                for c in Certificate.__table__.columns
                if c.name not in {"id", "number"}
            },
            number="2611005831274",
        )
        session.add(copy)
        first = signed.text
    with app.app_context(), transaction() as session:
        assert sign_old(session, now()) == 1
        assert sign_old(session, now()) == 0
        assert sorted(row.certificate_id for row in session.query(SignedText)) == [1, 2]
        assert session.query(SignedText).first().text == first
    assert number


@pytest.mark.parametrize("text", ["VH1:AAAA", "https://x/V/1#VH1:%", ""])
def test_nothing_scanned_makes_the_check_stumble(app, text):
    with app.app_context(), pytest.raises(signing.Unbelievable):
        signatures.believed(db.session(), text, at=now())


def test_the_script_of_the_docs_checks_it_without_us(app, me, county, tmp_path):  # noqa: F811
    number, text = code_of(me)
    for name in ("keys", "status"):
        (tmp_path / f"{name}.json").write_bytes(app.test_client().get(f"/verify/{name}.json").data)

    def run(scanned):
        script = str(ROOT / "docs" / "check_certificate.py")
        words = [sys.executable, "-X", "utf8", script, "keys.json", scanned, "status.json"]
        return subprocess.run(words, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)

    said = run(text)
    assert said.returncode == 0, said.stderr
    assert f"number: {number}" in said.stdout
    assert "name: 陈晓禾" in said.stdout
    assert "neither revoked nor replaced" in said.stdout
    protected, _, payload, signature = cbor2.loads(base45.b45decode(signing.bare(text).removeprefix("VH1:"))).value
    richer = cbor2.dumps(cbor2.loads(payload) | {6: 60_000})
    forged = "VH1:" + str(base45.b45encode(cbor2.dumps(cbor2.CBORTag(18, [protected, {}, richer, signature]))), "ascii")
    false = run(forged)
    assert "The signature is false" in false.stderr, (forged, false.stderr)
