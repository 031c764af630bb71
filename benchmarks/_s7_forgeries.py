"""S7: forged certificates, shown to the programme's verifier and to the browser's. None may be believed."""

from __future__ import annotations

from benchmarks.figure import Figures
from tests.support.browsers_verifier import said_by_the_browser
from tests.support.forging import NOW, Forger
from volunteer.certificates.signing import Unbelievable, check

MANY, QUICK = 100_000, 5_000
BROWSERS = 20_000


def forgeries(figures: Figures, *, quick: bool, url: str | None) -> None:
    """Count forged texts that were believed, and true ones that were not. No database is needed."""
    forger = Forger(seed=7)
    keys = [key.as_json() for key in forger.keys]
    refused_truth = sum(not _believed(forger, text) for text in forger.true)
    figures.value("S7.true_refused", refused_truth, "count", f"of {len(forger.true)} true ones", at_most=0)

    count = QUICK if quick else MANY
    accepted = sum(_believed(forger, text) for text in forger.forgeries(count))
    figures.value("S7.accepted", accepted, "count", f"of {count} forged, {len(forger.kinds)} kinds", at_most=0)

    count = min(count, BROWSERS)
    texts = list(forger.forgeries(count))
    answers = said_by_the_browser(texts, keys, NOW.timestamp())
    accepted = sum("fault" not in answer for answer in answers) + abs(len(answers) - count)
    figures.value("S7.accepted_in_the_browser", accepted, "count", f"of {count} forged", at_most=0)


def _believed(forger: Forger, text: str) -> bool:
    try:
        check(text, forger.keys, at=NOW)
    except Unbelievable:
        return False
    return True
