"""Bugs to be planted, one at a time, in the programme as it is read: a machine that finds them all may be believed.

Nothing on disk is changed. ``plant`` puts a loader before Python's own that reads one module with one text replaced.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple

ROOT = Path(__file__).parents[1]


class Bug(NamedTuple):
    """What is wrong, where, and by which text in place of which."""

    what: str
    module: str
    right: str
    wrong: str

    @property
    def file(self) -> Path:
        """The module's file."""
        return ROOT / (self.module.replace(".", "/") + ".py")


BUGS: tuple[Bug, ...] = tuple(
    Bug(**bug) for bug in tomllib.loads((ROOT / "benchmarks" / "planted.toml").read_text(encoding="utf-8"))["bug"]
)


class _Reader(SourceFileLoader):
    """Reads one module with one text replaced, and leaves no compiled file behind."""

    bug: Bug

    def get_code(self, fullname: str) -> CodeType:
        source = Path(self.path).read_text(encoding="utf-8")
        if source.count(self.bug.right) != 1:
            raise ImportError(f"{self.bug.what}: the text stands {source.count(self.bug.right)} times in {fullname}")
        return compile(source.replace(self.bug.right, self.bug.wrong), self.path, "exec")


class _Finder(MetaPathFinder):
    def __init__(self, bug: Bug) -> None:
        self.bug = bug

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != self.bug.module:
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and spec.origin is not None:
            spec.loader = _Reader(fullname, spec.origin)
            spec.loader.bug = self.bug
        return spec


def plant(bug: Bug) -> None:
    """Let this process read the programme with ``bug`` in it. Call it before anything of the programme is imported."""
    if bug.module in sys.modules:
        raise RuntimeError(f"{bug.module} was read already")
    sys.meta_path.insert(0, _Finder(bug))
