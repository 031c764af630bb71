"""From frozen facts to an Open Badge 3.0 credential: plain values, as the specification words them. No I/O here.

https://www.imsglobal.org/spec/ob/v3p0 and, for the list of what was revoked, https://www.w3.org/TR/vc-bitstring-status-list/
"""

from __future__ import annotations

import gzip
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import quoteattr

from volunteer.certificates.signing import Kind
from volunteer.certificates.wording import duration, pick
from volunteer.kernel.words import ENGLISH

VC = "https://www.w3.org/ns/credentials/v2"
CONTEXT = [
    VC,
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
]
SCHEMA = {
    "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
    "type": "1EdTechJsonSchemaValidator2019",
}
LIST_BITS = 131_072  # the smallest list the specification allows, so that nobody is alone in it
MOST_STARS = 5
NAMES = {
    "service": ("志愿服务", "Volunteer service"),
    "lent": ("互派志愿服务", "Volunteer service lent to another county"),
    **{f"star-{n}": (f"{n} 星级志愿者", f"{n}-star volunteer") for n in range(1, MOST_STARS + 1)},
}
PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0" viewBox="0 0 200 200"
 role="img" aria-label={title}><openbadges:credential verify={token}/>
<circle cx="100" cy="100" r="94" fill="#B8321C"/>
<circle cx="100" cy="100" r="82" fill="none" stroke="#FAF8F4" stroke-width="3"/>
<path d="M100 150 56 106a28 28 0 0 1 40-40l4 4 4-4a28 28 0 0 1 40 40z" fill="#FAF8F4"/></svg>
"""
CRITERIA = {
    "service": (
        "每次服务都有记录：谁、何时、在哪里、做了什么，以及怎样证明人到了。时长是实际服务时间，一分钟一分钟记在只增不改的账里，不含路途。",
        "Each service was recorded: who, when, where, what, and how presence was shown. Actual time, travel not counted.",
    ),
    "star": (
        "服务时长达到这一星级的门槛，由所属单位决定授予，公示期满。",
        "The hours reached this star's threshold; the unit decided the award, and its public notice is over.",
    ),
}  # fmt: skip


def did_of(home: str) -> str:
    """Return the did:web under which the installation at ``home`` issues badges; its document is at /badges/did.json."""
    parts = urlsplit(home.rstrip("/"))
    return ":".join(["did:web", quote(parts.netloc, safe="."), *filter(None, parts.path.split("/")), "badges"])


def slug_of(facts: Mapping[str, Any]) -> str:
    """Return which achievement the ``facts`` of a certificate show."""
    kind = Kind(facts.get("kind", Kind.SERVICE))
    return f"star-{facts['stars']}" if kind is Kind.STAR else kind.value


def profile(home: str, name: Sequence[str], locale: str) -> dict[str, Any]:
    """Return the issuer as a Profile."""
    return {"id": did_of(home), "type": ["Profile"], "name": pick(name, locale), "url": f"{home.rstrip('/')}/badges/issuer"}


def achievement(home: str, slug: str, locale: str) -> dict[str, Any]:
    """Return an achievement; ``slug`` is one of NAMES. Its id is an address that says the same."""
    star = slug.startswith("star-")
    words = pick(CRITERIA["star" if star else "service"], locale)
    address = f"{home.rstrip('/')}/badges/achievements/{slug}"
    return {
        "id": address,
        "type": ["Achievement"],
        "achievementType": "Award" if star else "CommunityService",
        "name": pick(NAMES[slug], locale),
        "description": words,
        "criteria": {"id": address, "narrative": words},
        "inLanguage": "en" if locale == ENGLISH else "zh-Hans",
    }


def credential(facts: Mapping[str, Any], *, home: str, issuer: Sequence[str], issued_at: datetime, place: int) -> dict[str, Any]:
    """Return the unsigned credential of a certificate; ``place`` is its place in the lists of what was revoked."""
    locale, home = facts["locale"], home.rstrip("/")
    minutes = facts["minutes"]
    subject = {
        "type": ["AchievementSubject"],
        "identifier": [_identity(facts["holder"]["name"], "name"), _identity(facts["holder"]["number"], "studentId")],
        "achievement": achievement(home, slug_of(facts), locale) | {"creator": profile(home, issuer, locale)},
        "activityStartDate": _midnight(facts["first"]),
        "activityEndDate": _midnight(facts["last"]),
        "creditsEarned": _hours(minutes),
        "narrative": duration(minutes, locale),
    }
    return {
        "@context": CONTEXT,
        "id": f"{home}/verify/{facts['number']}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": pick(NAMES[slug_of(facts)], locale),
        "issuer": profile(home, issuer, locale),
        "validFrom": moment(issued_at),
        "credentialSubject": subject,
        "credentialSchema": [SCHEMA],
        "credentialStatus": status_entry(home, place),
    }


def status_entry(home: str, place: int) -> dict[str, Any]:
    """Return where it is said whether the certificate at ``place`` still holds."""
    address = list_address(home, place // LIST_BITS)
    return {
        "id": f"{address}#{place % LIST_BITS}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(place % LIST_BITS),
        "statusListCredential": address,
    }


def list_address(home: str, number: int) -> str:
    """Return the address of one list of what was revoked."""
    return f"{home.rstrip('/')}/badges/status/{number}"


def status_list(home: str, number: int, places: Iterable[int], *, at: datetime, until: datetime) -> dict[str, Any]:
    """Return the unsigned list ``number``; ``places`` are those that no longer hold, wherever they lie."""
    bits = bytearray(LIST_BITS // 8)
    for place in places:
        if place // LIST_BITS == number:
            index = place % LIST_BITS
            bits[index // 8] |= 0x80 >> (index % 8)
    encoded = "u" + unpadded(gzip.compress(bytes(bits), mtime=0))
    address = list_address(home, number)
    return {
        "@context": [VC],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": did_of(home),
        "validFrom": moment(at),
        "validUntil": moment(until),
        "credentialSubject": {
            "id": f"{address}#list", "type": "BitstringStatusList", "statusPurpose": "revocation", "encodedList": encoded,
        },
    }  # fmt: skip


def claims(vc: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload of a JWT: the credential itself, with the registered names beside it."""
    issuer = vc["issuer"]
    begins = datetime.fromisoformat(vc["validFrom"])
    named: dict[str, Any] = {"iss": issuer if isinstance(issuer, str) else issuer["id"], "jti": vc["id"]}
    named["nbf"] = int(begins.timestamp())
    if until := vc.get("validUntil"):
        named["exp"] = int(datetime.fromisoformat(until).timestamp())
    return {**vc, **named}


def to_be_signed(header: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    """Return the first two parts of a compact JWS."""
    return ".".join(unpadded(json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode()) for part in (header, payload))


def jwk(public: bytes) -> dict[str, str]:
    """Return a public Ed25519 key as RFC 8037 writes it."""
    return {"kty": "OKP", "crv": "Ed25519", "x": unpadded(public)}


def did_document(home: str, keys: Iterable[tuple[str, bytes]]) -> dict[str, Any]:
    """Return the document of the issuer's DID with its keys (name, public half), retired ones among them."""
    did = did_of(home)
    methods = [
        {"id": f"{did}#{kid}", "type": "JsonWebKey", "controller": did, "publicKeyJwk": jwk(public)} for kid, public in keys
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def baked(token: str, title: str) -> str:
    """Return a picture of the badge that carries the credential, as the specification bakes it into SVG."""
    return PICTURE.format(title=quoteattr(title), token=quoteattr(token))


def moment(at: datetime) -> str:
    """Return a moment in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def unpadded(data: bytes) -> str:
    """Return ``data`` in base64url without padding."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def _identity(value: str, kind: str) -> dict[str, Any]:
    """Return who it is about. In clear: the holder gives the file to whom they like, as they do the paper."""
    return {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": kind}


def _midnight(day: str) -> str:
    return f"{date.fromisoformat(day).isoformat()}T00:00:00Z"


def _hours(minutes: int) -> int | float:
    return minutes // 60 if minutes % 60 == 0 else round(minutes / 60, 2)
