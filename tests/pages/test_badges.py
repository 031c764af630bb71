"""Open Badges: what ``openbadgeslib`` believes of ours, and what it refuses."""

from __future__ import annotations

import base64
import json
from urllib.parse import urlsplit

import pytest
from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3 import OB3Verifier

from tests.pages.test_certificates import county, issue, me, number_of  # noqa: F401 - fixtures
from tests.support.visiting import register, send, signed_in
from volunteer.access import Role
from volunteer.certificates.badges.credential import did_of
from volunteer.kernel.clock import now
from volunteer.ledger import keys
from volunteer.ledger.models_keys import Purpose
from volunteer.web.unit import transaction


def badge(me, number, form="svg"):  # noqa: F811
    answer = me.get(f"/me/certificates/{number}.badge.svg", query_string={"as": "jwt"} if form == "jwt" else {})
    assert answer.status_code == 200
    return answer.get_data()


def downloads(app):
    """What a stranger's program reads, over our own pages instead of https."""
    return lambda url: app.test_client().get(urlsplit(url).path).get_data()


def verifier(app, token):
    payload = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return OB3Verifier.for_issuer_did(payload["iss"], download=downloads(app))


def believe(app, token):
    return verifier(app, token).verify(token, check_status=True, verify_status_list=True, download=downloads(app))


@pytest.fixture
def token(app, me):  # noqa: F811
    return OB3Verifier.extract_token_from_svg(badge(me, number_of(issue(me))))


def test_an_independent_verifier_believes_the_badge_its_issuer_and_its_status(app, me, token):  # noqa: F811
    said = believe(app, token)
    assert said.achievement.achievement_type == "CommunityService"
    assert said.credits_earned == 2
    assert said.identifiers[0].identity_hash == "陈晓禾"
    subject = said.raw["credentialSubject"]
    assert subject["activityStartDate"] <= subject["activityEndDate"]
    for address in (said.achievement.id, said.issuer.url, said.id):  # every address resolves
        assert app.test_client().get(urlsplit(address).path).status_code == 200
    answer = app.test_client().get(urlsplit(said.achievement.id).path, headers={"Accept": "application/json"})
    assert answer.get_json()["id"] == said.achievement.id


def test_the_bare_credential_is_the_one_in_the_picture(me):  # noqa: F811
    number = number_of(issue(me))
    assert OB3Verifier.extract_token_from_svg(badge(me, number)) == badge(me, number, "jwt").decode()


def test_a_changed_credential_is_refused(app, token):
    head, body, signature = token.split(".")
    payload = json.loads(base64.urlsafe_b64decode(body + "=="))
    payload["credentialSubject"]["creditsEarned"] = 2000
    richer = base64.urlsafe_b64encode(json.dumps(payload, ensure_ascii=False).encode()).decode().rstrip("=")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    for forged in (f"{head}.{richer}.{signature}", f"{unsigned}.{body}.", f"{head}.{body}.{'A' * 86}"):
        with pytest.raises(LibOpenBadgesException):
            verifier(app, token).verify(forged)


def test_after_the_keys_were_changed_an_old_badge_still_holds_and_new_ones_are_signed_anew(app, me, token):  # noqa: F811
    with app.app_context(), transaction() as session:
        keys.rotate(session, Purpose.BADGE, at=now())
    assert believe(app, token).credits_earned == 2
    newer = OB3Verifier.extract_token_from_svg(badge(me, number_of(issue(me))))
    assert newer.split(".")[0] != token.split(".")[0]
    assert believe(app, newer).credits_earned == 2


def test_what_was_revoked_is_refused_by_its_status(app, me):  # noqa: F811
    number = number_of(issue(me))
    token = badge(me, number, "jwt").decode()
    believe(app, token)
    send(signed_in(app, register(app, "director", Role.DIRECTOR)), f"/verify/{number}/revoke", {"reason": "重复计时"})
    with pytest.raises(LibOpenBadgesException, match="revocation"):
        believe(app, token)
    assert me.get(f"/me/certificates/{number}.badge.svg").status_code == 409


def test_nobody_takes_the_badge_of_somebody_else(app, me):  # noqa: F811
    number = number_of(issue(me))
    other = signed_in(app, register(app, "other", Role.VOLUNTEER))
    assert other.get(f"/me/certificates/{number}.badge.svg").status_code == 404


def test_what_is_not_there_is_not_found(client):
    assert client.get("/badges/achievements/star-9").status_code == 404
    assert client.get("/badges/status/10000").status_code == 404


@pytest.mark.parametrize(
    ("home", "did"),
    [
        ("https://wenming.example.org", "did:web:wenming.example.org:badges"),
        ("https://example.org:8443/yuan/", "did:web:example.org%3A8443:yuan:badges"),
    ],
)
def test_the_issuers_name_says_where_its_keys_are(home, did):
    assert did_of(home) == did
