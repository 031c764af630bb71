"""The page that checks certificates without a connection: built by the bundler, completed with what is known today."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

BUILT = Path(__file__).parents[1] / "static" / "dist" / "offline.html"
PLACE = '<script type="application/json" id="known">null</script>'
INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


def page_with(known: dict[str, Any]) -> tuple[str, str]:
    """Return the page with ``known`` (issuer, keys, list) in it, and the policy under which a browser may run it."""
    text, policy = _built(BUILT.stat().st_mtime_ns)
    said = json.dumps(known, ensure_ascii=False).replace("<", "\\u003c")  # so that no value ends the element
    return text.replace(PLACE, PLACE.replace("null", said)), policy


def policy_of(page: str) -> str:
    """Return the strictest policy that ``page`` can live with: its own script and style by their hashes, no request at all."""
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for kind, inner in INLINE.findall(page):
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        hashes[kind].append(f"'sha256-{digest}'")
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(hashes['script'])}",
            f"style-src {' '.join(hashes['style'])}",
            "img-src data: blob:",
            "media-src blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


@lru_cache(maxsize=1)
def _built(_changed: int) -> tuple[str, str]:
    page = BUILT.read_text(encoding="utf-8")
    policy = policy_of(page)
    inside = policy.replace("; frame-ancestors 'none'", "")  # a meta element may not say this one
    return page.replace("<!--policy-->", f'<meta http-equiv="Content-Security-Policy" content="{inside}">'), policy
