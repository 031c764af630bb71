"""Bring this folder to the state in which the product, its tests or its checks can start."""

from __future__ import annotations

from tools.node import ensure_bundle
from tools.packages import ensure_packages, ensure_venv
from tools.paths import BIN, TRANSLATIONS, program
from tools.steps import call, digest, is_done, mark_done, step


def set_up(profile: str = "app", *, bundle: bool = True) -> None:
    """Make .venv, install the locked packages, build the bundle, compile the translations: each if need be."""
    ensure_venv()
    ensure_packages(profile)
    if bundle:
        ensure_bundle(with_test_tools=profile != "app")
    compile_translations()


def compile_translations() -> None:
    """Compile the catalogues; the compiled files are not in the repository."""
    catalogues = sorted(TRANSLATIONS.rglob("*.po"))
    fingerprint, stamp = digest(catalogues), BIN.parent / ".translated"
    if not catalogues or (is_done(stamp, fingerprint) and all(path.with_suffix(".mo").exists() for path in catalogues)):
        return
    with step("Translations"):
        call([program("pybabel"), "-q", "compile", "-d", TRANSLATIONS])
    mark_done(stamp, fingerprint)
