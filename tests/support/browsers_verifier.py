"""The verifier of the browser, run by Node over many texts at once."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Sequence
from typing import Any

from tests.support.services import ROOT
from tools.node import node_environment


def said_by_the_browser(texts: Iterable[str], keys: Sequence[dict[str, Any]], at: float) -> list[dict[str, Any]]:
    """Return what it says of each text: {"claims", "kid", "retired"}, or {"fault"}."""
    lines = [json.dumps({"keys": list(keys), "at": at}), *(json.dumps(text) for text in texts)]
    done = subprocess.run(
        ["node", "tests/support/check_signed.mjs"],
        cwd=ROOT, env=node_environment(), input="\n".join(lines), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]
