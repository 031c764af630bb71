"""./run lock: resolve setup.cfg and package.json again and write the lock files, without any address in them."""

from __future__ import annotations

import shutil

from tools.index import uv_environment
from tools.node import node_environment
from tools.packages import ensure_venv, find_uv
from tools.paths import LOCKS, ROOT
from tools.steps import StepFailed, call, step

CHECK_LOCK = str(LOCKS / "check.txt")
LOCKED = {
    "check": ("setup.cfg", "--extra", "test", "--extra", "check"),  # the largest first: the others take its versions
    "test": ("setup.cfg", "--extra", "test", "--constraint", CHECK_LOCK),
    "app": ("setup.cfg", "--constraint", CHECK_LOCK),
    "uv": (str(LOCKS / "uv.in"),),
    "node": (str(LOCKS / "node.in"),),
}
FORM = (
    *("--universal", "--python-version", "3.11", "--generate-hashes", "--quiet"),
    *("--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate"),
)


def lock(*more: str) -> int:
    """Write every lock file. ``more`` goes to uv, for example --upgrade or --upgrade-package flask."""
    ensure_venv()
    uv = find_uv()
    if uv is None:
        raise StepFailed("Locking needs uv, and it cannot be had here.")
    env = uv_environment()
    for extra in ("UV_INDEX", "UV_FIND_LINKS"):  # a small index beside the main one may know a few platforms only
        env.pop(extra, None)
    for name, source in LOCKED.items():
        with step(f"requirements/{name}.txt"):
            target = ("--output-file", LOCKS / f"{name}.txt")
            call([*uv, "pip", "compile", *source, *FORM, *more, *target], env=env)
    shutil.rmtree(ROOT / "volunteer.egg-info", ignore_errors=True)
    with step("package-lock.json"):
        call(["npm", "install", "--package-lock-only", "--ignore-scripts"], env=node_environment())
    refuse_addresses()
    return 0


def refuse_addresses() -> None:
    """Raise StepFailed when a lock file says where a package comes from: that is the reader's own setting."""
    for path in sorted(LOCKS.glob("*.txt")):
        if "://" in path.read_text(encoding="utf-8"):
            raise StepFailed(f"{path.relative_to(ROOT)} holds an address")
    if '"resolved"' in (ROOT / "package-lock.json").read_text(encoding="utf-8"):
        raise StepFailed("package-lock.json holds an address")
