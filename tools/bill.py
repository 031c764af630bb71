"""./run bill: what the product is made of, as a CycloneDX bill of materials, out of the lock files alone.

Needs the packages for tests: it is started by the virtual environment's Python.
"""

from __future__ import annotations

import json
import re
import sys
from base64 import b64decode
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from tools.paths import LOCKS, ROOT, VAR
from tools.steps import digest

PINNED = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
PYTHON, NODE = LOCKS / "app.txt", ROOT / "package-lock.json"
FILE = VAR / "bill.cdx.json"
FROM = "node_modules/"


def bill() -> Bom:
    """Return the bill: the same for the same lock files, but for the moment at which it was drawn."""
    about = ConfigParser()
    about.read(ROOT / "setup.cfg", encoding="utf-8")
    name, version = about["metadata"]["name"], about["metadata"]["version"]
    root = Component(name=name, version=version, type=ComponentType.APPLICATION, bom_ref=name)
    made = Bom(serial_number=uuid5(NAMESPACE_URL, digest([PYTHON, NODE], version)), components=[*of_python(), *of_node()])
    made.metadata.component = root
    asked = {plain(words) for words in about["options"]["install_requires"].split("\n") if words}
    asked |= set(json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"])
    made.register_dependency(root, [one for one in made.components if called(one) in asked])
    return made


def plain(requirement: str) -> str:
    """``Flask-Babel>=4,<5`` → ``flask-babel``."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement.strip(), maxsplit=1)[0]).lower()


def called(one: Component) -> str:
    """Return the name under which a package is asked for."""
    return f"{one.group}/{one.name}" if one.group else one.name


def of_python() -> Iterator[Component]:
    """Every Python package that the application is installed with, and the hash of each file that may stand for it."""
    for block in re.split(r"\n(?=\S)", PYTHON.read_text(encoding="utf-8")):
        if found := PINNED.match(block):
            name, version = found.groups()
            hashes = [HashType(alg=HashAlgorithm.SHA_256, content=one) for one in HASH.findall(block)]
            yield _component(PackageURL("pypi", None, name, version), hashes)


def of_node() -> Iterator[Component]:
    """Every package of the browser's bundle; what builds and tests it alone is marked as not a part of it."""
    packages: dict[str, dict[str, Any]] = json.loads(NODE.read_text(encoding="utf-8"))["packages"]
    for path, one in packages.items():
        if not path.startswith(FROM):
            continue
        group, _, name = path.rsplit(FROM, 1)[1].rpartition("/")
        algorithm, _, sum_ = one["integrity"].partition("-")
        hashes = [HashType(alg=HashAlgorithm(algorithm.upper().replace("SHA", "SHA-")), content=b64decode(sum_).hex())]
        scope = ComponentScope.EXCLUDED if one.get("dev") else ComponentScope.OPTIONAL if one.get("optional") else None
        component = _component(PackageURL("npm", group or None, name, one["version"]), hashes)
        component.scope = scope or ComponentScope.REQUIRED
        if said := one.get("license"):
            component.licenses.add(LicenseExpression(said))
        yield component


def _component(which: PackageURL, hashes: list[HashType]) -> Component:
    return Component(
        type=ComponentType.LIBRARY,
        group=which.namespace,
        name=which.name,
        version=which.version,
        purl=which,
        bom_ref=str(which),
        hashes=hashes,
    )


def main(file: str = "") -> int:
    """Write the bill and say how long it is."""
    target = Path(file) if file else FILE
    target.parent.mkdir(parents=True, exist_ok=True)
    made = bill()
    target.write_text(JsonV1Dot6(made).output_as_string(indent=1), encoding="utf-8")
    print(f"{target}: {len(made.components)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
