"""./run check: everything that can be said about the code without running it."""

from __future__ import annotations

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from tools.paths import ROOT, program

CHECKS = {
    "mypy (types)": ("mypy",),
    "import-linter (imports go downward)": ("lint-imports",),
    "ruff check (lint)": ("ruff", "check", "."),
    "ruff format (layout)": ("ruff", "format", "--check", "."),
    "djlint (templates)": ("djlint", "templates", "--lint", "--quiet"),
    "bandit (security)": ("bandit", "--quiet", "--recursive", "--severity-level", "medium", "volunteer", "tools"),
}


def check() -> int:
    """Run every check, two at a time; show what each found. Return 0 when none found anything."""
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(run_one, CHECKS))
    return int(any(codes))


def run_one(title: str) -> int:
    """Run one check; print one line when it is content, and all it said when not."""
    name, *arguments = CHECKS[title]
    began = time.monotonic()
    done = subprocess.run(
        [program(name), *arguments], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    verdict = "found something" if done.returncode else "ok"
    said = f"\n{done.stdout}{done.stderr}".rstrip() + "\n" if done.returncode else ""
    print(f"  {title:<44}{time.monotonic() - began:6.1f} s  {verdict}{said}", flush=True)
    return done.returncode
