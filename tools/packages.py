"""The virtual environment and the hash-locked packages in it: by uv if it can be had, else by pip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from tools.index import uv_environment
from tools.paths import LOCKS, ROOT, VENV, program
from tools.steps import StepFailed, call, digest, is_done, mark_done, step

PROFILES = {  # each holds all of the one before it, in the same versions
    "app": "Python packages",
    "test": "Python packages for tests",
    "check": "Python packages for checks",
}
LOCKED = ("--quiet", "--disable-pip-version-check", "--require-hashes", "-r")
NO_VENV = "Python's venv module is needed (on Debian and Ubuntu: apt install python3-venv)."


def ensure_venv() -> None:
    """Make .venv unless a working one is there."""
    if works(program("python")):
        return
    with step("Virtual environment (.venv)"):
        shutil.rmtree(VENV, ignore_errors=True)
        try:
            call([sys.executable, "-m", "venv", VENV])
        except StepFailed as failure:
            shutil.rmtree(VENV, ignore_errors=True)
            if not (uv := shutil.which("uv")):
                raise StepFailed(f"{failure}\n{NO_VENV}") from None
            call([uv, "venv", "--seed", "--python", sys.executable, VENV])


def works(python: str) -> bool:
    """True when the interpreter starts, is new enough, and lives in this very folder (a moved .venv does not)."""
    probe = "import sys; print(sys.prefix, sys.version_info >= (3, 11))"
    try:
        said = subprocess.run([python, "-I", "-c", probe], capture_output=True, text=True, check=False).stdout
    except OSError:
        return False
    return said.split() == [str(VENV), "True"]


def ensure_packages(profile: str) -> None:
    """Install the profile's lock file unless it, or a larger profile, is in place as locked."""
    names = list(PROFILES)
    if profile not in names:
        raise StepFailed(f"“{profile}” is none of {', '.join(names)}")
    if any(is_done(stamp_of(name), fingerprint(name)) for name in names[names.index(profile) :]):
        return
    install(LOCKS / f"{profile}.txt", PROFILES[profile])
    mark_done(stamp_of(profile), fingerprint(profile))


def stamp_of(profile: str) -> Path:
    return VENV / f".installed-{profile}"


def fingerprint(profile: str) -> str:
    return digest([LOCKS / f"{profile}.txt"], str(ROOT))


def install(lock: Path, title: str) -> None:
    """Install every package of a lock file, hashes checked. uv's failure is pip's turn."""
    if uv := find_uv():
        try:
            with step(f"{title} (uv)"):
                words = ("--python", program("python"), "--compile-bytecode", "--require-hashes", "-r", lock)
                call([*uv, "pip", "install", *words], env=uv_environment())
            return
        except StepFailed:
            print("  uv could not; trying pip, which is slower")
    with step(f"{title} (pip)"):
        call([program("python"), "-m", "pip", "install", *LOCKED, lock])


@cache
def find_uv() -> list[str] | None:
    """The words that start uv: from PATH, else installed into .venv by pip; None when it cannot be had.

    VOLUNTEER_NO_UV=1 says that pip shall do it.
    """
    if os.environ.get("VOLUNTEER_NO_UV"):
        return None
    if found := shutil.which("uv"):
        return [found]
    if not Path(program("uv")).exists():
        try:
            with step("uv, the quick installer"):
                call([program("python"), "-m", "pip", "install", *LOCKED, LOCKS / "uv.txt"])
        except StepFailed:
            return None
    return [program("uv")]
