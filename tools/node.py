"""Node from the machine or from PyPI, the front-end packages, and the bundle that is built of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tools.packages import install
from tools.paths import BIN, BUNDLE, LOCKS, NODE_MODULES, ROOT, program
from tools.steps import call, digest, is_done, mark_done, step

OLDEST_NODE = 18


def ensure_bundle(*, with_test_tools: bool) -> None:
    """Install the locked npm packages and build volunteer/static/dist, each only when something changed."""
    packages = [ROOT / "package.json", ROOT / "package-lock.json"]
    sources = [path for path in (ROOT / "frontend").rglob("*") if path.is_file()]
    sources += (ROOT / "templates").rglob("*.html")  # the bundle carries only the icons and utilities that pages name,
    sources += (ROOT / "volunteer").rglob("*.py")  # and those that the programme names
    wanted, larger = ("all", "all") if with_test_tools else ("main", "all")
    modules_done = any(is_done(NODE_MODULES / ".done", digest(packages, name)) for name in (wanted, larger))
    bundle_done = is_done(BUNDLE / ".done", digest([*packages, *sources]))
    if modules_done and bundle_done:
        return
    env = node_environment()
    if not modules_done:
        with step("Front-end packages (npm)"):
            call(["npm", "ci", "--ignore-scripts", *([] if with_test_tools else ["--omit=dev"])], env=env)
        mark_done(NODE_MODULES / ".done", digest(packages, wanted))
    with step("Front-end bundle (esbuild)"):
        call(["npm", "run", "build"], env=env)
    mark_done(BUNDLE / ".done", digest([*packages, *sources]))


def node_environment() -> dict[str, str]:
    """An environment whose PATH finds a Node that is new enough, together with its npm."""
    env = dict(os.environ)
    if machine_has_node():
        return env
    if not Path(program("npm")).exists():
        install(LOCKS / "node.txt", "Node.js from PyPI")
    return env | {"PATH": os.pathsep.join([str(BIN), env.get("PATH", os.defpath)])}


def machine_has_node() -> bool:
    """True when node (new enough) and npm are on PATH."""
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.", said)
    return version is not None and int(version[1]) >= OLDEST_NODE
